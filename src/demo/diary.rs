//! Headache diaries and questionnaires: what patients write, before needles and after.
//!
//! A diary begins up to four weeks before the first session, so that there is something to compare
//! with. How likely a headache is on a day follows from the curve in [`super::course`].

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::json;

use crate::platform::decimal::ExactDecimal;

use super::clinic::Clinic;
use super::course::relief;
use super::dice::Dice;
use super::people::{Person, tenths};
use super::present::{PAST_DAYS, Present, day_from};
use super::rows::{AssessmentRow, DiaryRow, Rows};

/// Writes the diary of a patient who had these sessions.
pub(super) fn write(
    clinic: &Clinic,
    person: &Person,
    sessions: &[DateTime<Utc>],
    present: Present,
    (dice, rows): (&mut Dice, &mut Rows),
) {
    if !person.keeps_diary {
        return;
    }
    let earliest = day_from(present.today, -PAST_DAYS);
    let known_since = person.registered_at.date_naive();
    let before_needles = sessions.first().map(|at| day_from(at.date_naive(), -28));
    let begins = before_needles
        .unwrap_or(known_since)
        .max(known_since)
        .max(earliest);
    let mut date = begins;
    while date < present.today {
        // A patient forgets a day now and then.
        if dice.chance(93) {
            rows.diary_entries
                .push(entry(clinic, person, sessions, date, dice));
        }
        date = day_from(date, 1);
    }
}

fn entry(
    clinic: &Clinic,
    person: &Person,
    sessions: &[DateTime<Utc>],
    date: NaiveDate,
    dice: &mut Dice,
) -> DiaryRow {
    let evening = date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(25);
    let relieved = relief(person.response, sessions, evening);
    let headache = dice.chance(person.headache_percent * (100 - relieved) / 100);
    let migraine = headache && dice.chance(48 - relieved / 5);
    let mut row = DiaryRow {
        practice_id: clinic.practice_id,
        id: dice.id(evening),
        patient_id: person.id,
        entry_date: date,
        headache,
        migraine,
        features: Vec::new(),
        peak_pain_nrs: headache.then_some(0),
        duration_minutes: None,
        medications: json!([]),
        triggers: Vec::new(),
        sleep_hours: Some(tenths(5 * dice.between(9, 17))),
        stress_nrs: Some(dice.small(1, 8)),
        version: 1,
        created_at: evening,
        updated_at: evening,
    };
    if headache {
        describe(&mut row, relieved, dice);
    }
    row
}

fn describe(row: &mut DiaryRow, relieved: i32, dice: &mut Dice) {
    let eased = i16::try_from(relieved / 35).unwrap_or(0);
    let pain = if row.migraine {
        dice.small(5, 9)
    } else {
        dice.small(2, 5)
    };
    row.peak_pain_nrs = Some((pain - eased).max(1));
    row.duration_minutes = Some(
        15 * if row.migraine {
            dice.between(16, 64)
        } else {
            dice.between(3, 24)
        },
    );
    row.features = if row.migraine {
        let mut features = vec![
            "unilateral",
            "pulsating",
            "moderate_or_severe",
            "photophobia",
            "phonophobia",
        ];
        if dice.chance(50) {
            features.push("nausea_or_vomiting");
        }
        features
    } else if dice.chance(40) {
        vec!["aggravated_by_activity"]
    } else {
        Vec::new()
    };
    row.medications = match (row.migraine, dice.between(1, 100)) {
        (true, ..=70) => json!([{"name": "sumatriptan", "class": "triptan", "doses": 1}]),
        (false, ..=35) => json!([{"name": "ibuprofen", "class": "simple_analgesic", "doses": 1}]),
        _ => json!([]),
    };
    let triggers = [
        "musculoskeletal_neck",
        "stress",
        "sleep",
        "environmental",
        "dietary",
    ];
    if dice.chance(60) {
        row.triggers.push(*dice.pick::<&str>(&triggers));
    }
}

/// A questionnaire on how much headaches weigh, answered on this day.
pub(super) fn assess(
    clinic: &Clinic,
    person: &Person,
    sessions: &[DateTime<Utc>],
    at: DateTime<Utc>,
    (dice, rows): (&mut Dice, &mut Rows),
) {
    let relieved = relief(person.response, sessions, at);
    let score = (66 + dice.between(-3, 3) - relieved * 24 / 100).clamp(36, 78);
    let band = match score {
        ..=49 => "little_or_none",
        50..=55 => "some",
        56..=59 => "substantial",
        _ => "severe",
    };
    rows.assessments.push(AssessmentRow {
        practice_id: clinic.practice_id,
        id: dice.id(at),
        patient_id: person.id,
        instrument: "hit_6",
        taken_on: at.date_naive(),
        score: ExactDecimal(Decimal::from(score)),
        band: Some(band),
        scale_id: "hit6_36_78",
        entered_by: clinic.front_desk,
        created_at: at,
    });
}
