//! The whole story: the appointments, visits and procedures of all patients, and their results.
//!
//! Pure: the same seed and the same instant make the same rows. Visits of the past are signed a
//! while after the patient has left; one that is under way is still open.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::platform::local_time::local_date;

use super::attendance;
use super::calendar::{self, Appointment, Purpose, Status};
use super::clinic::{self, Clinic, Provider, ZONE};
use super::course::relief;
use super::diary;
use super::dice::Dice;
use super::exam::{self, Found, Point};
use super::follow_ups::{self, Session};
use super::needles::Table;
use super::people::{self, Care, Person, diagnosis, tenths};
use super::present::{Present, day_from, minutes};
use super::rows::{PlanRow, PlanVersionRow, Rows, Signature, VisitRow};
use super::stock::Stock;

const SEED: u64 = 2026;

/// Everything that is loaded, and the people of it.
pub(super) struct Story {
    pub(super) practice_id: Uuid,
    pub(super) clinic: Clinic,
    pub(super) people: Vec<Person>,
    pub(super) rows: Rows,
}

/// Computes the story as it stands at `now`.
pub(super) fn tell(now: DateTime<Utc>) -> Story {
    let mut dice = Dice::new(SEED);
    let mut rows = Rows::default();
    let present = Present {
        now,
        today: local_date(ZONE, now),
    };
    let opened_at = now - TimeDelta::days(520);
    let practice_id = dice.id(opened_at);
    let front_desk = dice.id(opened_at);
    let founded = (opened_at, present.today);
    let clinic = clinic::found(
        practice_id,
        founded,
        front_desk,
        &mut dice.apart(),
        &mut rows,
    );
    let people = people::make_up(&clinic, present, &mut dice.apart());
    people::record(&clinic, &people, &mut dice.apart(), &mut rows);
    let appointments = calendar::book(&clinic, &people, present, &mut dice.apart());
    let mut stock = Stock::receive(&clinic, present, &mut dice.apart(), &mut rows);
    for (index, person) in people.iter().enumerate() {
        let theirs: Vec<&Appointment> = appointments
            .iter()
            .filter(|one| one.person == index)
            .collect();
        let Some(provider) = clinic.providers.get(person.provider) else {
            continue;
        };
        let mut teller = Teller {
            clinic: &clinic,
            present,
            person,
            provider,
            dice: dice.apart(),
            points: Vec::new(),
            sessions: Vec::new(),
        };
        teller.tell(&theirs, &mut stock, &mut rows);
    }
    stock.count(&mut rows);
    Story {
        practice_id,
        clinic,
        people,
        rows,
    }
}

struct Teller<'a> {
    clinic: &'a Clinic,
    present: Present,
    person: &'a Person,
    provider: &'a Provider,
    dice: Dice,
    points: Vec<Point>,
    /// When needles were completed.
    sessions: Vec<DateTime<Utc>>,
}

impl Teller<'_> {
    fn tell(&mut self, appointments: &[&Appointment], stock: &mut Stock, rows: &mut Rows) {
        for (position, appointment) in appointments.iter().enumerate() {
            let who = (self.person, self.provider);
            attendance::record(
                self.clinic,
                who,
                appointment,
                self.present,
                (&mut self.dice, rows),
            );
            if !matches!(appointment.status, Status::Completed | Status::InProgress) {
                continue;
            }
            let later = appointments.iter().skip(position + 1);
            let review = later.copied().find(|one| {
                one.stands() && one.starts_at > appointment.starts_at + TimeDelta::days(10)
            });
            self.visit(appointment, review, stock, rows);
        }
        let sessions = self.sessions.clone();
        let diary = (&mut self.dice, &mut *rows);
        diary::write(self.clinic, self.person, &sessions, self.present, diary);
        if self.person.care != Care::Medicines && !self.points.is_empty() && self.dice.chance(70) {
            self.agree_plan(rows);
        }
    }

    fn visit(
        &mut self,
        appointment: &Appointment,
        review: Option<&Appointment>,
        stock: &mut Stock,
        rows: &mut Rows,
    ) {
        let started_at = appointment.starts_at;
        let visit_id = self.dice.id(started_at);
        let found = self.examine(visit_id, started_at + minutes(4), rows);
        let sore = found
            .iter()
            .filter(|(_, found)| found.is_trigger_point)
            .count();
        let row = self.note(appointment, visit_id, (sore, found.len()));
        if let (Some(weight_kg), Some(patient)) = (
            row.weight_kg,
            rows.patients
                .iter_mut()
                .find(|patient| patient.id == self.person.id),
        ) {
            (patient.weight_kg, patient.weight_measured_at) = (Some(weight_kg), row.vitals_at);
            patient.version += 1;
            patient.updated_at = row.vitals_at.unwrap_or(started_at);
        }
        rows.visits.push(row);
        if appointment.purpose == Purpose::Needles {
            self.needle(appointment, (visit_id, found, review), stock, rows);
        } else {
            self.points = found.into_iter().map(|(point, _)| point).collect();
            if self.person.keeps_diary {
                let asked = (&mut self.dice, &mut *rows);
                diary::assess(self.clinic, self.person, &self.sessions, started_at, asked);
            }
        }
        let signed_at = appointment.ends_at() + minutes(self.dice.between(5, 40));
        if signed_at <= self.present.now && appointment.status == Status::Completed {
            let signed_by = self.provider.user_id;
            rows.signatures.push(Signature {
                visit_id,
                signed_at,
                signed_by,
            });
        }
    }

    fn examine(
        &mut self,
        visit_id: Uuid,
        at: DateTime<Utc>,
        rows: &mut Rows,
    ) -> Vec<(Point, Found)> {
        let mut points = std::mem::take(&mut self.points);
        if points.is_empty() {
            points = exam::first_points(self.person, at, &mut self.dice);
        }
        let whose = (visit_id, self.person.id);
        points
            .into_iter()
            .map(|mut point| {
                let found =
                    exam::palpate(self.clinic, &mut point, whose, at, (&mut self.dice, rows));
                (point, found)
            })
            .collect()
    }

    fn needle(
        &mut self,
        appointment: &Appointment,
        (visit_id, mut found, review): (Uuid, Vec<(Point, Found)>, Option<&Appointment>),
        stock: &mut Stock,
        rows: &mut Rows,
    ) {
        let table = Table {
            clinic: self.clinic,
            person: self.person,
            provider: self.provider,
            visit_id,
            began_at: appointment.starts_at + minutes(10),
            is_under_way: appointment.status == Status::InProgress,
        };
        let performed = table.perform(&mut found, stock, (&mut self.dice, rows));
        self.points = found.into_iter().map(|(point, _)| point).collect();
        let Some(procedure_id) = performed else {
            return;
        };
        let done_at = table.began_at + minutes(25);
        self.sessions.push(done_at);
        let session = Session {
            person: self.person,
            provider: self.provider,
            procedure_id,
            done_at,
            review,
        };
        follow_ups::record(self.clinic, &session, self.present, (&mut self.dice, rows));
    }

    fn note(
        &mut self,
        appointment: &Appointment,
        id: Uuid,
        (sore, looked_at): (usize, usize),
    ) -> VisitRow {
        let at = appointment.starts_at;
        let (code, text) = diagnosis(self.person);
        let mut diagnoses = vec![json!({"code": code, "text": text})];
        if sore > 0 {
            diagnoses.push(json!({"code": "M79.18", "text": "Myalgia, other site"}));
        }
        let is_weighed = self.person.weight.is_some()
            && (appointment.purpose == Purpose::Needles || self.dice.chance(60));
        let has_vitals = self.dice.chance(90);
        let is_over = appointment.status == Status::Completed;
        let words = self.words(appointment.purpose, at, (sore, looked_at));
        let [subjective, objective, assessment, plan] = words;
        let weight = self
            .person
            .weight
            .map(|weight| tenths(weight + self.dice.between(-8, 8)));
        let dice = &mut self.dice;
        VisitRow {
            practice_id: self.clinic.practice_id,
            id,
            patient_id: self.person.id,
            provider_id: self.provider.id,
            location_id: self.provider.location_id,
            appointment_id: Some(appointment.id),
            started_at: at,
            chief_complaint: Some("Headache and a tight neck"),
            subjective: Some(subjective),
            objective: Some(objective),
            assessment: is_over.then_some(assessment),
            plan: is_over.then_some(plan),
            diagnoses: json!(diagnoses),
            weight_kg: weight.filter(|_| is_weighed),
            systolic_mmhg: has_vitals.then(|| dice.between(104, 142)),
            diastolic_mmhg: has_vitals.then(|| dice.between(62, 90)),
            heart_rate_bpm: has_vitals.then(|| dice.between(56, 92)),
            vitals_at: (has_vitals || is_weighed).then(|| at + minutes(2)),
            version: if is_over { 3 } else { 2 },
            created_at: at,
            updated_at: at + minutes(12),
        }
    }

    fn words(
        &self,
        purpose: Purpose,
        at: DateTime<Utc>,
        (sore, looked_at): (usize, usize),
    ) -> [String; 4] {
        let before = self.person.headache_percent * 28 / 100;
        let relieved = relief(self.person.response, &self.sessions, at);
        let now = before * (100 - relieved) / 100;
        let subjective = if self.sessions.is_empty() {
            format!("Headaches on about {before} of 28 days, with pain from the neck.")
        } else {
            format!("Headaches on about {now} of 28 days, before treatment {before}.")
        };
        let objective = format!("{sore} of {looked_at} points palpated are trigger points today.");
        let assessment = match (self.sessions.is_empty(), relieved) {
            (true, _) => "Headache with myofascial trigger points in neck and shoulders.",
            (false, 50..) => "Good response to treatment.",
            (false, 20..) => "Partial response to treatment.",
            (false, _) => "Little response so far; other causes to be looked for.",
        };
        let plan = match purpose {
            Purpose::Intake => "Diary, stretching and posture; treatment of the points found.",
            Purpose::Needles => "Stretch daily, rest the area for a day; call if anything worries.",
            Purpose::Review => "Go on with the exercises; next step by the diary.",
        };
        [
            subjective,
            objective,
            assessment.to_owned(),
            plan.to_owned(),
        ]
    }

    fn agree_plan(&mut self, rows: &mut Rows) {
        let Some(visit) = rows
            .visits
            .iter()
            .rev()
            .find(|visit| visit.patient_id == self.person.id)
        else {
            return;
        };
        let at = visit.started_at + minutes(15);
        let at = at.min(self.present.now);
        let plan_id = self.dice.id(at);
        let target = (self.person.headache_percent * 28 / 200).to_string();
        let review_on = day_from(at.date_naive(), 84);
        let content = json!({
            "title": "Fewer headaches from the neck",
            "summary": "Treating trigger points, and what keeps them from coming back.",
            "goals": [{
                "text": format!("Not more than {target} headache days a month"),
                "measure": "headache days per 28", "target": target, "target_on": review_on,
                "status": "accepted",
            }],
            "activities": [
                {"therapy_code": "stretching", "frequency": "twice a day, 5 minutes", "done_by": "patient",
                 "status": "in_progress", "instructions": "Neck and shoulders, slowly, without pain.",
                 "adherence": null, "review_on": review_on},
                {"therapy_code": if self.person.care == Care::Needling { "dry_needling" } else { "tpi" },
                 "frequency": "every 6 weeks while it helps", "done_by": "provider",
                 "status": "in_progress", "instructions": null, "adherence": null, "review_on": review_on},
                {"therapy_code": "ergonomic_adjustment", "frequency": "once", "done_by": "patient",
                 "status": "not_started", "instructions": "Screen at the height of the eyes.",
                 "adherence": null, "review_on": null},
            ],
            "review_on": review_on,
        });
        let patient_id = self.person.id;
        let practice_id = self.clinic.practice_id;
        rows.treatment_plans.push(PlanRow {
            practice_id,
            id: plan_id,
            patient_id,
            status: "active",
            version: 1,
            created_at: at,
            updated_at: at,
        });
        rows.treatment_plan_versions.push(PlanVersionRow {
            practice_id,
            plan_id,
            version: 1,
            patient_id,
            status: "active",
            content,
            written_by: self.provider.user_id,
            written_at: at,
        });
    }
}
