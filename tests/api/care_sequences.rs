//! Random lives of follow-ups: whatever happens, and in whatever order, each step of a protocol is
//! there once and stands where the last thing that happened to it left it.
//!
//! `TAUTBAND_SEQUENCES` says how many lives are tried; a few unless it is set.

use serde_json::{Value, json};

use crate::harness::*;

/// A small generator of its own, so that a failing life can be told by its number and lived again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

/// What one follow-up is expected to be.
struct Expected {
    path: String,
    step: String,
    /// Where it stands by its window alone.
    by_window: String,
    closed: Option<&'static str>,
    /// The appointment made for it and where that stands.
    appointment: Option<(String, &'static str)>,
}

impl Expected {
    fn status(&self) -> &str {
        match (self.closed, &self.appointment) {
            (Some(closed), _) => closed,
            (None, Some((_, "booked"))) => "booked",
            (None, Some((_, "completed"))) => "done",
            (None, _) => &self.by_window,
        }
    }

    fn is_bookable(&self) -> bool {
        !matches!(self.status(), "booked" | "done" | "cancelled")
    }
}

/// Half-hours of Ada's that nobody has taken: a new one each time.
struct Slots(u64);

impl Slots {
    fn next(&mut self) -> Value {
        let (day, place) = (self.0 / 16, self.0 % 16);
        self.0 += 1;
        let monday: chrono::NaiveDate = "2026-03-30".parse().unwrap();
        let date = monday + chrono::Days::new(day / 5 * 7 + day % 5);
        let minutes = (if place < 8 { 8 * 60 } else { 13 * 60 - 240 }) + place * 30;
        let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(
            u32::try_from(minutes * 60).unwrap(),
            0,
        );
        let local = date.and_time(time.unwrap());
        let instant = local
            .and_local_timezone(chrono_tz::America::New_York)
            .unwrap();
        json!({ "starts_at": instant.to_rfc3339(), "provider_id": ADA, "location_id": MAIN_STREET })
    }
}

struct Life<'a> {
    clinic: &'a Clinic,
    ada: &'a Client,
    dice: Dice,
    slots: &'a mut Slots,
    procedure: String,
    steps: Vec<Expected>,
    plan: &'a str,
    admin: &'a Client,
}

impl Life<'_> {
    async fn happens(&mut self) {
        let index =
            usize::try_from(self.dice.below(u64::try_from(self.steps.len()).unwrap())).unwrap();
        match self.dice.below(10) {
            0..=2 => self.book(index).await,
            3 => self.appointment_is_moved(index).await,
            4 => self.appointment_is_cancelled(index).await,
            5 => self.appointment_ends(index).await,
            6 => self.is_done(index).await,
            7 => self.is_cancelled(index).await,
            8 => self.plans_change().await,
            _ => {
                let path = format!("/procedures/{}/complete", self.procedure);
                self.ada.act_now(&path, Value::Null).await.expect(409);
            }
        }
    }

    async fn book(&mut self, index: usize) {
        let slot = self.slots.next();
        let step = &mut self.steps[index];
        let reply = self.ada.act_now(&format!("{}/book", step.path), slot).await;
        if step.is_bookable() {
            let booked = reply.ok();
            let id = booked["appointment_id"].as_str().unwrap().to_owned();
            step.appointment = Some((id, "booked"));
        } else {
            reply.expect(409);
        }
    }

    async fn appointment_is_moved(&mut self, index: usize) {
        let slot = self.slots.next();
        if let Some((id, "booked")) = &self.steps[index].appointment {
            let path = format!("/appointments/{id}/reschedule");
            let to = json!({ "starts_at": slot["starts_at"] });
            self.ada.act_now(&path, to).await.ok();
        }
    }

    async fn appointment_is_cancelled(&mut self, index: usize) {
        if let Some((id, state @ "booked")) = &mut self.steps[index].appointment {
            let path = format!("/appointments/{id}/cancel");
            let why = json!({ "reason_code": "illness" });
            self.ada.act_now(&path, why).await.ok();
            *state = "cancelled";
        }
    }

    /// The patient comes or does not; set past the service, whose clock stands before the day.
    async fn appointment_ends(&mut self, index: usize) {
        let ending = ["completed", "no_show"][usize::try_from(self.dice.below(2)).unwrap()];
        if let Some((id, state @ "booked")) = &mut self.steps[index].appointment {
            let sql = format!("UPDATE appointments SET status = '{ending}' WHERE id = '{id}'");
            self.clinic.sql(&sql).await;
            *state = ending;
        }
    }

    async fn is_done(&mut self, index: usize) {
        let step = &mut self.steps[index];
        let body = json!({ "outcome": "Better", "relief_percent": 40, "adverse_symptoms": [] });
        let reply = self
            .ada
            .act_now(&format!("{}/complete", step.path), body)
            .await;
        if step.closed.is_none() {
            reply.ok();
            step.closed = Some("done");
        } else {
            reply.expect(409);
        }
    }

    async fn is_cancelled(&mut self, index: usize) {
        let step = &mut self.steps[index];
        let body = json!({ "reason": "Moved away" });
        let reply = self
            .ada
            .act_now(&format!("{}/cancel", step.path), body)
            .await;
        if matches!(step.status(), "done" | "cancelled") {
            reply.expect(409);
        } else {
            reply.ok();
            step.closed = Some("cancelled");
        }
    }

    async fn plans_change(&mut self) {
        let plan = json!({ "status": "active", "title": "Changed", "goals": [], "activities": [] });
        self.ada.put(self.plan, "*", plan).await.ok();
        let days = self.dice.below(20) + 1;
        let protocol = json!({ "procedure_kind": "dry_needling", "name": "Changed", "steps": [
            { "code": "first_call", "kind": "call", "unit": "hours", "from": 1, "to": 2, "reason": "a" },
            { "code": "look", "kind": "visit", "unit": "days", "from": days, "to": days + 7, "reason": "b" },
        ] });
        self.admin
            .post("/follow-up-protocols", protocol)
            .await
            .created();
    }

    async fn is_as_expected(&self, number: u64) {
        for step in &self.steps {
            let seen = self.ada.get(&step.path).await.ok();
            assert_eq!(
                seen["status"],
                step.status(),
                "life {number}, {}",
                step.step
            );
            assert_eq!(seen["protocol_step"], step.step, "life {number}");
        }
        let count = self
            .clinic
            .ask(&format!(
                "SELECT coalesce(string_agg(protocol_step, ',' ORDER BY protocol_step), '') \
                 FROM follow_ups WHERE procedure_id = '{}'",
                self.procedure
            ))
            .await;
        let mut steps: Vec<&str> = self.steps.iter().map(|step| step.step.as_str()).collect();
        steps.sort_unstable();
        assert_eq!(count, steps.join(","), "life {number}");
    }
}

fn expected(one: &Value) -> Expected {
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    Expected {
        path: format!("/follow-ups/{}", text("id")),
        step: text("protocol_step"),
        by_window: text("status"),
        closed: None,
        appointment: None,
    }
}

#[actix_web::test]
async fn each_step_of_a_protocol_is_there_once_whatever_happens() {
    let lives: u64 = std::env::var("TAUTBAND_SEQUENCES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(12);
    let clinic = Clinic::open().await;
    let (ada, admin) = (clinic.provider().await, clinic.admin().await);
    let plan = json!({ "status": "active", "title": "First", "goals": [], "activities": [] });
    let plan = ada
        .post(&format!("/patients/{ANA}/treatment-plans"), plan)
        .await
        .created();
    let plan = format!("/treatment-plans/{}", plan["id"].as_str().unwrap());
    let mut slots = Slots(0);
    for number in 0..lives {
        let done = crate::care::completed(&ada).await;
        let mut life = Life {
            clinic: &clinic,
            ada: &ada,
            admin: &admin,
            dice: Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1)),
            slots: &mut slots,
            procedure: done["id"].as_str().unwrap().to_owned(),
            steps: done["follow_ups"]
                .as_array()
                .unwrap()
                .iter()
                .map(expected)
                .collect(),
            plan: &plan,
        };
        for _ in 0..8 {
            life.happens().await;
        }
        life.is_as_expected(number).await;
    }
}
