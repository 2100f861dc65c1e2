//! The patients: who they are, what they live with, and how they answer to treatment.
//!
//! Names, addresses and numbers are made up: telephone numbers are of the range 555-01xx that is
//! kept for fiction, and e-mail addresses end in `.example`. The first two may sign in.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::decimal::ExactDecimal;

use super::clinic::Clinic;
use super::dice::Dice;
use super::present::{FUTURE_DAYS, PAST_DAYS, Present, day_from};
use super::rows::{AllergyRow, ConditionRow, MedicationRow, PatientRow, Rows};

/// The addresses of the two patients.
pub(super) const PATIENT_EMAILS: [&str; 2] =
    ["patient@demo.example", "second-patient@demo.example"];

/// How many there are.
pub(super) const COUNT: usize = 200;

/// What is done for a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    Injections,
    Needling,
    Toxin,
    Medicines,
}

/// How a patient answers to needles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Response {
    Good,
    Partial,
    None,
}

/// A patient as the story needs them.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Person {
    pub(super) id: Uuid,
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
    pub(super) email: String,
    pub(super) provider: usize,
    pub(super) care: Care,
    pub(super) response: Response,
    /// Whether the story has their very first visit.
    pub(super) is_new: bool,
    /// The day of their first appointment in the story, counted from today.
    pub(super) first_day: i32,
    pub(super) registered_at: DateTime<Utc>,
    pub(super) keeps_diary: bool,
    /// Headache days in a hundred before treatment.
    pub(super) headache_percent: i32,
    /// Tenths of a kilogram; some were never weighed.
    pub(super) weight: Option<i32>,
    pub(super) is_female: bool,
    /// Has an account of their own.
    pub(super) may_sign_in: bool,
    birth_date: NaiveDate,
}

const FEMALE: &[&str] = &[
    "Amelia",
    "Beatriz",
    "Chiara",
    "Daniela",
    "Eleni",
    "Farah",
    "Grace",
    "Hannah",
    "Ingrid",
    "Jia",
    "Keiko",
    "Leila",
    "Marisol",
    "Nadia",
    "Olivia",
    "Priya",
    "Quinn",
    "Rebecca",
    "Siobhan",
    "Thandi",
    "Ursula",
    "Valentina",
    "Wanda",
    "Ximena",
    "Yasmin",
    "Zoë",
    "Anna",
    "Clara",
    "Denise",
    "Esther",
];
const MALE: &[&str] = &[
    "Adrian", "Bruno", "Carlos", "Dmitri", "Edward", "Felix", "Gustavo", "Hassan", "Ivan", "Jonas",
    "Kofi", "Liam", "Mateo", "Nikhil", "Oscar", "Pavel", "Rafael", "Samuel", "Tariq", "Victor",
];
const FAMILY: &[&str] = &[
    "Abbott",
    "Acosta",
    "Andersson",
    "Baptiste",
    "Bauer",
    "Bianchi",
    "Castillo",
    "Chen",
    "Cohen",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fernández",
    "Fischer",
    "Garcia",
    "Greene",
    "Haddad",
    "Hughes",
    "Ibrahim",
    "Ito",
    "Jansen",
    "Johnson",
    "Kaplan",
    "Kim",
    "Kovács",
    "Kowalski",
    "Larsen",
    "Lopez",
    "Marchetti",
    "Meyer",
    "Moreau",
    "Müller",
    "Nakamura",
    "Nguyen",
    "Novak",
    "O'Brien",
    "Ortiz",
    "Papadopoulos",
    "Park",
    "Patel",
    "Petrov",
    "Quigley",
    "Ramirez",
    "Rossi",
    "Santos",
    "Schneider",
    "Silva",
    "Singh",
    "Suzuki",
    "Thompson",
    "Torres",
    "Ueda",
    "Vargas",
    "Walker",
    "Wójcik",
    "Young",
    "Zhang",
    "Zimmermann",
];

/// Makes up all patients.
pub(super) fn make_up(clinic: &Clinic, present: Present, dice: &mut Dice) -> Vec<Person> {
    (0..COUNT)
        .map(|index| person(clinic, present, index, &mut dice.apart()))
        .collect()
}

/// The account's address for who may sign in, a made-up one for everybody else.
fn email(index: usize, given_name: &str, family_name: &str) -> String {
    if let Some(address) = PATIENT_EMAILS.get(index) {
        return (*address).to_owned();
    }
    let plain: String = deunicode::deunicode(&format!("{given_name}.{family_name}"))
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
        .collect();
    format!("{plain}.{index}@demo.example")
}

fn person(clinic: &Clinic, present: Present, index: usize, dice: &mut Dice) -> Person {
    // The two with an account have had injections for weeks, and more are planned.
    let may_sign_in = index < 2;
    let is_female = if may_sign_in {
        index == 0
    } else {
        dice.chance(72)
    };
    let given_name = *dice.pick(if is_female { FEMALE } else { MALE });
    let family_name = *dice.pick(FAMILY);
    let care = care(may_sign_in, dice);
    let response = response(index, dice);
    let is_new = may_sign_in || dice.chance(55);
    let first_day = if may_sign_in {
        -dice.between(66, 72)
    } else if dice.chance(82) {
        -dice.between(30, PAST_DAYS)
    } else {
        dice.between(-25, FUTURE_DAYS - 1)
    };
    let before_first = if is_new {
        dice.between(4, 20)
    } else {
        dice.between(60, 400)
    };
    let registered_on = day_from(present.today, first_day.min(0) - before_first);
    let registered_at =
        registered_on.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(16);
    let birth_date = birth_date(present.today, dice);
    let usual = if is_female { 680 } else { 820 };
    // Every patient who gets an anaesthetic has a weight, because the dose is checked against it.
    let gets_no_dose = matches!(care, Care::Medicines | Care::Needling) || first_day > -3;
    let is_weighed = !gets_no_dose || dice.chance(75);
    Person {
        id: dice.id(registered_at),
        given_name,
        family_name,
        email: email(index, given_name, family_name),
        provider: if may_sign_in {
            0
        } else {
            index % clinic.providers.len().max(1)
        },
        care,
        response,
        is_new,
        first_day,
        registered_at,
        keeps_diary: may_sign_in || dice.chance(if care == Care::Medicines { 35 } else { 70 }),
        headache_percent: if care == Care::Toxin {
            dice.between(58, 80)
        } else {
            dice.between(32, 62)
        },
        weight: is_weighed.then(|| usual + dice.between(-150, 230)),
        is_female,
        may_sign_in,
        birth_date,
    }
}

fn care(may_sign_in: bool, dice: &mut Dice) -> Care {
    match dice.between(1, 100) {
        _ if may_sign_in => Care::Injections,
        ..=60 => Care::Injections,
        61..=72 => Care::Needling,
        73..=84 => Care::Toxin,
        _ => Care::Medicines,
    }
}

fn response(index: usize, dice: &mut Dice) -> Response {
    match dice.between(1, 100) {
        _ if index == 0 => Response::Good,
        _ if index == 1 => Response::Partial,
        ..=58 => Response::Good,
        59..=80 => Response::Partial,
        _ => Response::None,
    }
}

fn birth_date(today: NaiveDate, dice: &mut Dice) -> NaiveDate {
    let year = today.year() - dice.between(19, 78);
    let month = u32::try_from(dice.between(1, 12)).unwrap_or(1);
    let day = u32::try_from(dice.between(1, 28)).unwrap_or(1);
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or(today)
}

/// Their records, with what is known of them that bears on a needle.
pub(super) fn record(clinic: &Clinic, people: &[Person], dice: &mut Dice, rows: &mut Rows) {
    for (index, person) in people.iter().enumerate() {
        let mut dice = dice.apart();
        rows.patients
            .push(patient_row(clinic, index, person, &mut dice));
        record_conditions(clinic, person, &mut dice, rows);
        record_medications(clinic, person, &mut dice, rows);
        record_allergies(clinic, person, &mut dice, rows);
    }
}

fn patient_row(clinic: &Clinic, index: usize, person: &Person, dice: &mut Dice) -> PatientRow {
    let is_in_new_york = person.provider < 2;
    let (area, town) = if is_in_new_york {
        (212, "New York, NY 10000")
    } else {
        (602, "Phoenix, AZ 85000")
    };
    let line = 100 + index % 100;
    let name = format!("{} {}", person.given_name, person.family_name);
    let plain = deunicode::deunicode(&name).to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    PatientRow {
        practice_id: clinic.practice_id,
        id: person.id,
        record_number: format!("P-DEMO{index:04}"),
        given_name: person.given_name.to_owned(),
        family_name: person.family_name.to_owned(),
        search_name: words.join(" "),
        birth_date: person.birth_date,
        sex_at_birth: if person.is_female { "female" } else { "male" },
        phone: format!("({area}) 555-0{line}"),
        phone_digits: format!("{area}5550{line}"),
        email: person.email.clone(),
        address: format!(
            "{} {} Street, {town}",
            dice.between(1, 400),
            dice.pick(STREETS)
        ),
        preferred_language: if dice.chance(85) { "en" } else { "es" },
        weight_kg: person.weight.map(tenths),
        // Some were weighed too long ago for a dose to be checked against it.
        weight_measured_at: person.weight.map(|_| person.registered_at),
        version: 1,
        created_at: person.registered_at,
        updated_at: person.registered_at,
    }
}

const STREETS: &[&str] = &["Sample", "Specimen", "Placeholder", "Fictional", "Example"];

/// A number with one decimal place.
pub(super) fn tenths(count: i32) -> ExactDecimal {
    ExactDecimal(Decimal::new(i64::from(count), 1))
}

fn record_conditions(clinic: &Clinic, person: &Person, dice: &mut Dice, rows: &mut Rows) {
    let (code, text) = diagnosis(person);
    let mut found = vec![(code, text)];
    if person.care != Care::Medicines {
        found.push(("M79.18", "Myalgia, other site"));
    }
    if dice.chance(30) {
        found.push(("M54.2", "Neck pain"));
    }
    if dice.chance(10) {
        found.push(("I10", "High blood pressure"));
    }
    if dice.chance(6) {
        found.push(("E11.9", "Type 2 diabetes"));
    }
    for (code, text) in found {
        let years = dice.between(1, 12);
        rows.conditions.push(ConditionRow {
            practice_id: clinic.practice_id,
            id: dice.id(person.registered_at),
            patient_id: person.id,
            code,
            text,
            onset_on: Some(day_from(person.registered_at.date_naive(), -365 * years)),
            version: 1,
            created_at: person.registered_at,
            updated_at: person.registered_at,
        });
    }
}

/// What a patient comes for, by the code of ICD-10-CM and in words of our own.
pub(super) const fn diagnosis(person: &Person) -> (&'static str, &'static str) {
    match person.care {
        Care::Toxin => ("G43.709", "Chronic migraine"),
        Care::Injections if person.headache_percent > 50 => ("G43.709", "Chronic migraine"),
        Care::Injections | Care::Medicines => ("G43.009", "Migraine without aura"),
        Care::Needling => ("G44.219", "Tension-type headache, episodic"),
    }
}

fn record_medications(clinic: &Clinic, person: &Person, dice: &mut Dice, rows: &mut Rows) {
    let mut taken: Vec<(&str, Option<&str>, &str)> =
        vec![("Sumatriptan", Some("other"), "50 mg as needed")];
    if dice.chance(45) {
        taken.push(("Ibuprofen", Some("other"), "400 mg as needed"));
    }
    if dice.chance(18) {
        taken.push(("Amitriptyline", Some("tca"), "25 mg at night"));
    }
    if dice.chance(14) {
        taken.push(("Propranolol", Some("other"), "40 mg twice a day"));
    }
    if dice.chance(4) {
        taken.push(("Apixaban", Some("anticoagulant"), "5 mg twice a day"));
    } else if dice.chance(5) {
        taken.push(("Clopidogrel", Some("antiplatelet"), "75 mg daily"));
    }
    for (name, medication_class, dose) in taken {
        rows.medications.push(MedicationRow {
            practice_id: clinic.practice_id,
            id: dice.id(person.registered_at),
            patient_id: person.id,
            name,
            medication_class,
            dose: Some(dose),
            last_taken_at: None,
            version: 1,
            created_at: person.registered_at,
            updated_at: person.registered_at,
        });
    }
}

fn record_allergies(clinic: &Clinic, person: &Person, dice: &mut Dice, rows: &mut Rows) {
    let (substance, allergen_class, reaction, severity) = match dice.between(1, 100) {
        ..=8 => ("Penicillin", None, "Rash", "moderate"),
        9..=11 => ("Latex", Some("latex"), "Itching", "mild"),
        12..=14 => ("Adhesive tape", None, "Redness", "mild"),
        // Lidocaine is an amide, so a patient who gets injections cannot be allergic to it.
        15..=18 if !matches!(person.care, Care::Injections) => {
            ("Lidocaine", Some("la_amide"), "Hives", "moderate")
        }
        _ => return,
    };
    rows.allergies.push(AllergyRow {
        practice_id: clinic.practice_id,
        id: dice.id(person.registered_at),
        patient_id: person.id,
        substance,
        allergen_class,
        reaction: Some(reaction),
        severity,
        version: 1,
        created_at: person.registered_at,
        updated_at: person.registered_at,
    });
}
