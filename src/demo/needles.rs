//! Procedures: the solutions, the injections, and the pain before and after.
//!
//! Doses stay well within the limits, since the demo's clinicians are careful ones; everybody who
//! gets an anaesthetic has a weight it was checked against.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::findings::CHART_VERSION;
use crate::platform::decimal::ExactDecimal;

use super::anatomy::{Spot, toxin_sites};
use super::clinic::{Clinic, Provider};
use super::dice::Dice;
use super::exam::{Found, Point};
use super::people::{Care, Person, Response, diagnosis};
use super::present::minutes;
use super::rows::{ComponentRow, InjectionRow, MovementRow, ProcedureRow, Rows, SolutionRow};
use super::stock::Stock;

/// Where a procedure belongs.
pub(super) struct Table<'a> {
    pub(super) clinic: &'a Clinic,
    pub(super) person: &'a Person,
    pub(super) provider: &'a Provider,
    pub(super) visit_id: Uuid,
    pub(super) began_at: DateTime<Utc>,
    /// Still going on.
    pub(super) is_under_way: bool,
}

/// Drug, concentration in ten-thousandths, its unit, and the volume.
type Part = (&'static str, i64, &'static str, Decimal);

const LIDOCAINE: (&str, i64, &str) = ("lidocaine", 10_000, "percent");
const BUPIVACAINE: (&str, i64, &str) = ("bupivacaine", 2_500, "percent");
const TRIAMCINOLONE: (&str, i64, &str) = ("triamcinolone_acetonide", 400_000, "mg_per_ml");
const CYANOCOBALAMIN: (&str, i64, &str) = ("cyanocobalamin", 10_000_000, "mcg_per_ml");
const TOXIN: (&str, i64, &str) = ("onabotulinumtoxin_a", 500_000, "units_per_ml");

impl Table<'_> {
    /// Performs a procedure and returns its id; `None` when no point needs a needle.
    pub(super) fn perform(
        &self,
        points: &mut [(Point, Found)],
        stock: &mut Stock,
        (dice, rows): (&mut Dice, &mut Rows),
    ) -> Option<Uuid> {
        let id = dice.id(self.began_at);
        let (kind, indication) = match self.person.care {
            Care::Toxin => ("botulinum_toxin", "G43.709"),
            Care::Needling => ("dry_needling", "M79.18"),
            Care::Injections | Care::Medicines => ("trigger_point_injection", "M79.18"),
        };
        let wanted = points
            .iter()
            .filter(|(_, found)| found.is_trigger_point)
            .count();
        if wanted == 0 && self.person.care != Care::Toxin {
            return None;
        }
        let mut row = self.prepared(id, kind, indication, dice);
        if self.is_under_way {
            rows.procedures.push(row);
            return None;
        }
        let total = match self.person.care {
            Care::Toxin => {
                self.inject_toxin(id, stock, (dice, rows))?;
                Vec::new()
            }
            Care::Needling => {
                self.needle_points(id, (None, Decimal::ZERO), points, (dice, rows));
                Vec::new()
            }
            Care::Injections | Care::Medicines => {
                let each = *dice.pick(&[5_i64, 8, 10]);
                let (label, parts) = recipe(wanted, each, dice);
                let solution_id = self.draw_up(id, label, &parts, stock, (dice, rows))?;
                let volume = Decimal::new(each, 1);
                self.needle_points(id, (Some(solution_id), volume), points, (dice, rows));
                parts
            }
        };
        row.status = "completed";
        let completed_at = self.began_at + minutes(25);
        row.completed_at = Some(completed_at);
        row.safety = Some(assessment(self.person, &total, completed_at));
        row.version = 6;
        row.updated_at = completed_at;
        rows.procedures.push(row);
        Some(id)
    }

    /// Injects the fixed sites of the toxin; `None` when the stock does not suffice.
    fn inject_toxin(
        &self,
        procedure_id: Uuid,
        stock: &mut Stock,
        (dice, rows): (&mut Dice, &mut Rows),
    ) -> Option<()> {
        let parts = [part(TOXIN, 32)];
        let solution_id =
            self.draw_up(procedure_id, "Toxin 50 U/mL", &parts, stock, (dice, rows))?;
        let filled = (Some(solution_id), Decimal::new(1, 1));
        for (order, spot) in (0..).zip(toxin_sites()) {
            let at = self.began_at + minutes(8) + chrono::TimeDelta::seconds(order * 20);
            rows.injections
                .push(self.injection(procedure_id, (&spot, None), filled, at, dice));
        }
        Some(())
    }

    fn prepared(
        &self,
        id: Uuid,
        kind: &'static str,
        indication: &'static str,
        dice: &mut Dice,
    ) -> ProcedureRow {
        let person = self.person;
        let (headache, _) = diagnosis(person);
        let mut indication_codes = vec![indication];
        if headache != indication {
            indication_codes.push(headache);
        }
        ProcedureRow {
            practice_id: self.clinic.practice_id,
            id,
            visit_id: self.visit_id,
            patient_id: person.id,
            provider_id: self.provider.id,
            kind,
            status: "in_progress",
            indication_codes,
            template_code: None,
            consent_given_by: Some(format!("{} {}", person.given_name, person.family_name)),
            consent_method: Some(if dice.chance(80) {
                "written"
            } else {
                "electronic"
            }),
            consent_text_version: Some("2026-01"),
            consent_at: Some(self.began_at + minutes(1)),
            time_out_patient: Some(true),
            time_out_procedure: Some(true),
            time_out_site: Some(true),
            time_out_allergies: Some(true),
            time_out_anticoagulants: Some(true),
            time_out_by: Some(self.provider.user_id),
            time_out_at: Some(self.began_at + minutes(2)),
            started_at: Some(self.began_at + minutes(3)),
            completed_at: None,
            safety: None,
            version: 4,
            created_at: self.began_at,
            updated_at: self.began_at + minutes(3),
        }
    }

    fn draw_up(
        &self,
        procedure_id: Uuid,
        label: &'static str,
        parts: &[Part],
        stock: &mut Stock,
        (dice, rows): (&mut Dice, &mut Rows),
    ) -> Option<Uuid> {
        let id = dice.id(self.began_at + minutes(4));
        let mut volume_ml = Decimal::ZERO;
        for (position, (drug_code, concentration, concentration_unit, volume)) in (1..).zip(parts) {
            let place = (*drug_code, self.provider.location_id);
            let lot_id = stock.draw(place, *volume, self.began_at)?;
            volume_ml += volume;
            rows.solution_components.push(ComponentRow {
                practice_id: self.clinic.practice_id,
                id: dice.id(self.began_at + minutes(4)),
                solution_id: id,
                visit_id: self.visit_id,
                patient_id: self.person.id,
                position,
                drug_code,
                concentration: ExactDecimal(Decimal::new(*concentration, 4)),
                concentration_unit,
                volume_ml: ExactDecimal(*volume),
                lot_id,
            });
            rows.stock_movements.push(MovementRow {
                practice_id: self.clinic.practice_id,
                id: dice.id(self.began_at + minutes(25)),
                lot_id,
                change_ml: ExactDecimal(-*volume),
                cause: "drawn",
                procedure_id: Some(procedure_id),
                note: None,
                moved_by: self.provider.user_id,
                moved_at: self.began_at + minutes(25),
            });
        }
        rows.solutions.push(SolutionRow {
            practice_id: self.clinic.practice_id,
            id,
            procedure_id,
            visit_id: self.visit_id,
            patient_id: self.person.id,
            label,
            volume_ml: ExactDecimal(volume_ml),
            prepared_at: self.began_at + minutes(4),
            prepared_by: self.provider.user_id,
            created_at: self.began_at + minutes(4),
        });
        Some(id)
    }

    fn needle_points(
        &self,
        procedure_id: Uuid,
        filled: (Option<Uuid>, Decimal),
        points: &mut [(Point, Found)],
        (dice, rows): (&mut Dice, &mut Rows),
    ) {
        let mut at = self.began_at + minutes(8);
        for (point, found) in points
            .iter_mut()
            .filter(|(_, found)| found.is_trigger_point)
        {
            let place = (&point.spot, Some((point.id, found.pain)));
            rows.injections
                .push(self.injection(procedure_id, place, filled, at, dice));
            point.needled.push(at);
            at += minutes(2);
        }
    }

    fn injection(
        &self,
        procedure_id: Uuid,
        (spot, point): (&Spot, Option<(Uuid, i16)>),
        (solution_id, volume): (Option<Uuid>, Decimal),
        at: DateTime<Utc>,
        dice: &mut Dice,
    ) -> InjectionRow {
        let is_toxin = point.is_none();
        let before = point.map(|(_, pain)| pain);
        let eased = match self.person.response {
            Response::Good => dice.small(4, 6),
            Response::Partial => dice.small(2, 4),
            Response::None => dice.small(0, 2),
        };
        let pincer = ["trapezius_upper", "scm_sternal"].contains(&spot.muscle);
        InjectionRow {
            practice_id: self.clinic.practice_id,
            id: dice.id(at),
            procedure_id,
            visit_id: self.visit_id,
            patient_id: self.person.id,
            point_id: point.map(|(id, _)| id),
            muscle_code: spot.muscle,
            side: spot.side,
            view: spot.view,
            x: spot.x,
            y: spot.y,
            chart_version: CHART_VERSION,
            solution_id,
            volume_ml: ExactDecimal(volume),
            needle_gauge: if is_toxin { 30 } else { *dice.pick(&[25, 27]) },
            needle_length_mm: if is_toxin { 13 } else { *dice.pick(&[25, 38]) },
            approach: if pincer && !is_toxin {
                "pincer"
            } else if dice.chance(50) {
                "perpendicular"
            } else {
                "tangential"
            },
            passes: Some(if is_toxin { 1 } else { dice.small(2, 6) }),
            aspirated: solution_id.is_some(),
            twitch_elicited: !is_toxin && dice.chance(65),
            pain_nrs_before: before,
            pain_nrs_after: before.map(|pain| (pain - eased).max(0)),
            injected_at: at,
            created_at: at,
        }
    }
}

fn part((drug, concentration, unit): (&'static str, i64, &'static str), tenths: i64) -> Part {
    (drug, concentration, unit, Decimal::new(tenths, 1))
}

/// What is drawn up for so many points of so many tenths of a millilitre each.
fn recipe(points: usize, each: i64, dice: &mut Dice) -> (&'static str, Vec<Part>) {
    let total = i64::try_from(points).unwrap_or(1) * each + 5;
    let plain = ("Lidocaine 1 %", vec![part(LIDOCAINE, total)]);
    if total < 20 {
        return plain;
    }
    match dice.between(1, 100) {
        ..=55 => plain,
        56..=82 => (
            "Lidocaine 1 % with bupivacaine 0.25 %",
            vec![
                part(LIDOCAINE, total - total / 2),
                part(BUPIVACAINE, total / 2),
            ],
        ),
        83..=92 => (
            "Lidocaine 1 % with vitamin B12",
            vec![part(LIDOCAINE, total - 5), part(CYANOCOBALAMIN, 5)],
        ),
        _ => (
            "Lidocaine 1 % with triamcinolone",
            vec![part(LIDOCAINE, total - 5), part(TRIAMCINOLONE, 5)],
        ),
    }
}

/// The share of the anaesthetic limit that was used, as the service would have written it down.
fn assessment(person: &Person, parts: &[Part], assessed_at: DateTime<Utc>) -> serde_json::Value {
    let weight = Decimal::new(i64::from(person.weight.unwrap_or(700)), 1);
    let mut share = Decimal::ZERO;
    for (drug, _, _, volume) in parts {
        // Milligrams per millilitre, then the limit per kilogram and in all.
        let (strength, per_kg, most) = match *drug {
            "lidocaine" => (Decimal::TEN, Decimal::new(45, 1), Decimal::from(300)),
            "bupivacaine" => (Decimal::new(25, 1), Decimal::TWO, Decimal::from(175)),
            _ => continue,
        };
        share += strength * volume / (per_kg * weight).min(most);
    }
    let mut checks = Vec::new();
    if !share.is_zero() {
        let share = share.round_dp(4).normalize().to_string();
        checks.push(json!({
            "code": "local_anaesthetic_dose", "status": "ok", "limit": "1", "actual": share,
            "fraction": share, "unit": "share_of_maximum", "rule_version": "2026-12",
            "explanation": "Local anaesthetics together, as a share of the most for this weight.",
            "override_policy": "by_provider", "overridden": false, "needs_acknowledgement": false,
            "acknowledged_by": null, "acknowledged_at": null,
        }));
    }
    json!({
        "status": "ok", "checks": checks, "may_complete": true, "rule_version": "2026-12",
        "observation_minutes": 15, "assessed_at": assessed_at,
    })
}
