//! What is clinically known of a patient, in one statement.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Date, Jsonb, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::prepared::prepared;

use super::allergies::{AllergenClass, KnownAllergy};
use super::medications::{KnownMedication, MedicationClass};
use super::{PatientFacts, SexAtBirth, Weight};

/// Of every record of the person in the practice ($1), as of today ($3); `{patient}` says which is
/// one of the records. The records are found first, in a part of their own: joined in, the planner
/// would begin with every patient the policies let through.
const CLINICAL_FACTS: &str = "
WITH asked AS MATERIALIZED (
    SELECT patients.person_id FROM patients
    WHERE patients.practice_id = $1 AND patients.id = {patient}
), person AS MATERIALIZED (
    SELECT patients.id FROM patients
    WHERE patients.practice_id = $1 AND patients.person_id = (SELECT person_id FROM asked)
)
SELECT patients.birth_date, patients.sex_at_birth, patients.weight_kg,
    patients.weight_measured_at,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'substance', a.substance, 'class', a.allergen_class) ORDER BY a.id), '[]')
        FROM allergies a
        WHERE a.practice_id = $1 AND a.patient_id = ANY (ARRAY(SELECT id FROM person))
            AND a.ended_at IS NULL) AS allergies,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', m.name, 'class', m.medication_class, 'atc_code', m.atc_code,
            'last_taken_at', m.last_taken_at, 'ended_at', m.ended_at) ORDER BY m.id), '[]')
        FROM medications m
        WHERE m.practice_id = $1
            AND m.patient_id = ANY (ARRAY(SELECT id FROM person))) AS medications,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code,
            'is_active', c.resolved_on IS NULL OR c.resolved_on > $3) ORDER BY c.id), '[]')
        FROM conditions c
        WHERE c.practice_id = $1
            AND c.patient_id = ANY (ARRAY(SELECT id FROM person))) AS conditions
FROM patients
WHERE patients.practice_id = $1 AND patients.id = (SELECT person_id FROM asked)
";

#[derive(QueryableByName)]
struct FactsRow {
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    sex_at_birth: Option<SexAtBirth>,
    #[diesel(sql_type = Nullable<Numeric>)]
    weight_kg: Option<ExactDecimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    weight_measured_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Jsonb)]
    allergies: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    medications: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    conditions: serde_json::Value,
}

#[derive(Deserialize)]
struct AllergyRow {
    substance: String,
    class: Option<AllergenClass>,
}

#[derive(Deserialize)]
struct MedicationRow {
    name: String,
    class: Option<MedicationClass>,
    atc_code: Option<String>,
    last_taken_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct ConditionRow {
    code: String,
    is_active: bool,
}

fn rows<T: DeserializeOwned>(list: serde_json::Value) -> Stored<Vec<T>> {
    serde_json::from_value(list)
        .map_err(|error| DatabaseError::from(DieselError::DeserializationError(Box::new(error))))
}

impl FactsRow {
    fn facts(self) -> Stored<PatientFacts> {
        let allergies = rows(self.allergies)?
            .into_iter()
            .map(|row: AllergyRow| KnownAllergy {
                substance: row.substance,
                class: row.class,
            });
        let medications = rows(self.medications)?;
        let medications = medications
            .into_iter()
            .map(|row: MedicationRow| KnownMedication {
                name: row.name,
                class: row.class,
                atc_code: row.atc_code,
                // What was stopped was last taken then at the latest.
                last_taken_at: row.last_taken_at.or(row.ended_at),
                is_active: row.ended_at.is_none(),
            });
        let conditions: Vec<ConditionRow> = rows(self.conditions)?;
        let active = conditions.iter().filter(|row| row.is_active);
        Ok(PatientFacts {
            birth_date: self.birth_date,
            sex_at_birth: self.sex_at_birth,
            weight: self
                .weight_kg
                .zip(self.weight_measured_at)
                .map(|(kg, measured_at)| Weight {
                    kg: kg.0,
                    measured_at,
                }),
            allergies: allergies.collect(),
            medications: medications.collect(),
            active_conditions: active.map(|row| row.code.clone()).collect(),
            conditions: conditions.into_iter().map(|row| row.code).collect(),
        })
    }
}

pub(super) async fn clinical_facts(
    transaction: &OpenTransaction<'_>,
    (patient, of): (&'static str, Uuid),
) -> Stored<Option<PatientFacts>> {
    let query = diesel::sql_query(CLINICAL_FACTS.replace("{patient}", patient))
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<SqlUuid, _>(of)
        .bind::<Date, _>(transaction.now().date_naive());
    let row: Option<FactsRow> = prepared(query)
        .get_result(&mut transaction.connection())
        .await
        .optional()?;
    row.map(FactsRow::facts).transpose()
}
