//! Palpation over the visits: a patient's lasting points, and how each has fared.
//!
//! How sore a point is at a visit follows from what it was at first and from the needles it had
//! since. The signs follow from the soreness; what they amount to, and the course, are worked out
//! by the rules of [`crate::findings`], so that the demo shows what the service would have said.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::findings::{
    CHART_VERSION, Classification, Finding, Observation, PalpationFindings, Presence, course,
};
use crate::platform::decimal::ExactDecimal;

use super::anatomy::{MUSCLES, Spot};
use super::clinic::Clinic;
use super::course::relief;
use super::dice::Dice;
use super::people::{Care, Person, Response};
use super::rows::{PalpationRow, PointRow, Rows};

/// A lasting point.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) id: Uuid,
    pub(super) spot: Spot,
    refers_to: &'static [&'static str],
    /// How sore it was at first, in hundredths.
    first_soreness: i32,
    response: Response,
    pub(super) needled: Vec<DateTime<Utc>>,
    seen: Vec<Observation>,
}

/// What one palpation found, as far as the needles care.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) is_trigger_point: bool,
    pub(super) pain: i16,
}

impl Point {
    fn soreness(&self, at: DateTime<Utc>, dice: &mut Dice) -> i32 {
        // Points answer more than headaches do: what was needled well can be gone.
        let relieved = (relief(self.response, &self.needled, at) * 5 / 4).min(95);
        (self.first_soreness * (100 - relieved) / 100 + dice.between(-6, 6)).clamp(0, 100)
    }

    fn referred_zones(&self, referred_pain: Finding) -> Vec<&'static str> {
        if referred_pain.is_shown() {
            self.refers_to.to_vec()
        } else {
            Vec::new()
        }
    }
}

/// Finds the points a patient comes with.
pub(super) fn first_points(
    person: &Person,
    visit_at: DateTime<Utc>,
    dice: &mut Dice,
) -> Vec<Point> {
    let count = match person.care {
        Care::Injections | Care::Needling => dice.between(3, 6),
        Care::Toxin | Care::Medicines => dice.between(1, 3),
    };
    let mut points: Vec<Point> = Vec::new();
    for _ in 0..count {
        let point = new_point(person, visit_at, dice);
        let is_known = points.iter().any(|known| {
            (known.spot.muscle, known.spot.side) == (point.spot.muscle, point.spot.side)
        });
        if !is_known {
            points.push(point);
        }
    }
    points
}

fn new_point(person: &Person, visit_at: DateTime<Utc>, dice: &mut Dice) -> Point {
    let muscle = *dice.pick(MUSCLES);
    let first_soreness = if person.care == Care::Medicines {
        dice.between(35, 60)
    } else {
        dice.between(50, 92)
    };
    // Now and then one point does not answer though the others do.
    let response = if dice.chance(12) {
        Response::None
    } else {
        person.response
    };
    Point {
        id: dice.id(visit_at),
        spot: muscle.somewhere(dice),
        refers_to: muscle.refers_to,
        first_soreness,
        response,
        needled: Vec::new(),
        seen: Vec::new(),
    }
}

/// Palpates a point at a visit and writes down what was found.
pub(super) fn palpate(
    clinic: &Clinic,
    point: &mut Point,
    (visit_id, patient_id): (Uuid, Uuid),
    at: DateTime<Utc>,
    (dice, rows): (&mut Dice, &mut Rows),
) -> Found {
    let soreness = point.soreness(at, dice);
    let findings = signs(soreness, dice);
    let classified = findings.classify();
    let presence = Presence::of(classified.classification, findings.hypersensitive_spot);
    let how_it_fares = course(&point.seen, presence);
    if point.seen.is_empty() {
        rows.trigger_points
            .push(point_row(clinic, point, (visit_id, patient_id), at));
    }
    point.seen.push(Observation {
        observed_at: at,
        presence,
    });
    let pain = i16::try_from((soreness + 5) / 10).unwrap_or(0);
    let threshold = 420 - 3 * soreness + dice.between(-20, 20);
    rows.palpations.push(PalpationRow {
        practice_id: clinic.practice_id,
        id: dice.id(at),
        visit_id,
        patient_id,
        point_id: point.id,
        muscle_code: point.spot.muscle,
        side: point.spot.side,
        view: point.spot.view,
        x: point.spot.x,
        y: point.spot.y,
        chart_version: CHART_VERSION,
        taut_band: findings.taut_band.as_str(),
        hypersensitive_spot: findings.hypersensitive_spot.as_str(),
        referred_pain: findings.referred_pain.as_str(),
        pain_recognised: findings.pain_recognised.as_str(),
        local_twitch: findings.local_twitch.as_str(),
        jump_sign: findings.jump_sign.as_str(),
        palpable_nodule: findings.palpable_nodule.as_str(),
        tenderness_grade: pain / 3,
        pressure_threshold_kpa: Some(ExactDecimal(Decimal::from(threshold.max(60)))),
        pain_nrs: Some(pain),
        referred_zones: point.referred_zones(findings.referred_pain),
        depth_mm: Some(dice.small(6, 18)),
        classification: classified.classification.as_str(),
        activity: classified.activity.as_str(),
        course: how_it_fares.as_str(),
        version: 1,
        created_at: at,
        updated_at: at,
    });
    Found {
        is_trigger_point: is_trigger_point(classified.classification),
        pain,
    }
}

const fn is_trigger_point(classification: Classification) -> bool {
    matches!(
        classification,
        Classification::Definite | Classification::Probable
    )
}

/// The signs at so much soreness.
fn signs(soreness: i32, dice: &mut Dice) -> PalpationFindings {
    let shown = |is_there: bool| if is_there { Finding::Yes } else { Finding::No };
    PalpationFindings {
        taut_band: shown(soreness >= 30),
        hypersensitive_spot: shown(soreness >= 15),
        referred_pain: shown(soreness >= 55),
        pain_recognised: shown(soreness >= 50),
        local_twitch: if dice.chance(20) {
            Finding::NotAssessed
        } else {
            shown(soreness >= 62)
        },
        jump_sign: shown(soreness >= 78),
        palpable_nodule: shown(soreness >= 30),
        ..PalpationFindings::NOT_ASSESSED
    }
}

fn point_row(
    clinic: &Clinic,
    point: &Point,
    (first_visit_id, patient_id): (Uuid, Uuid),
    created_at: DateTime<Utc>,
) -> PointRow {
    PointRow {
        practice_id: clinic.practice_id,
        id: point.id,
        patient_id,
        muscle_code: point.spot.muscle,
        side: point.spot.side,
        view: point.spot.view,
        x: point.spot.x,
        y: point.spot.y,
        chart_version: CHART_VERSION,
        first_visit_id,
        created_at,
    }
}
