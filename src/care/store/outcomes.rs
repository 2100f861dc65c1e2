//! What is read for the outcomes of a patient, in one exchange.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::care::diary::Medicine;
use crate::care::diary_periods::DayMark;
use crate::care::follow_up_status::Stage;
use crate::care::instrument::Instrument;
use crate::care::outcomes::{Findings, PastProcedure, PastScore, ReportedRelief};
use crate::care::relief::{PointInjection, PointPain};
use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::local_time::local_date;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::{ConstantSql, constant_sql};
use crate::platform::text::Word;
use crate::practice::TimeZone;
use crate::procedures::ProcedureKind;
use crate::schema::{
    assessments, diary_entries, follow_ups, injections, locations, palpations, procedures,
    solution_components, visits,
};

use super::protocols::read_json;

/// Everything the outcomes are made of. Patients see what belongs to signed visits: the policies of
/// the tables leave out the rest.
pub(crate) async fn findings(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    earliest: NaiveDate,
) -> Stored<Findings> {
    let (days, procedures, mut scores, tender, told, injections, found, recipes) = pipelined!(
        days(transaction, patient_id, earliest),
        past_procedures(transaction, patient_id),
        past_scores(transaction, patient_id),
        tenderness(transaction, patient_id),
        told_relief(transaction, patient_id),
        point_injections(transaction, patient_id),
        point_pains(transaction, patient_id),
        recipes(transaction, patient_id),
    )?;
    scores.extend(tender);
    scores.sort_by_key(|score| score.taken_on);
    Ok(Findings {
        days,
        procedures,
        scores,
        told,
        injections,
        found,
        recipes,
    })
}

async fn days(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    earliest: NaiveDate,
) -> Stored<Vec<DayMark>> {
    use diary_entries::dsl;
    type Row = (NaiveDate, bool, bool, Option<i16>, serde_json::Value, bool);
    let rows: Vec<Row> = dsl::diary_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::entry_date.ge(earliest))
        // Merged records may each have an entry on a day; the latest one counts.
        .distinct_on(dsl::entry_date)
        .order((dsl::entry_date, dsl::updated_at.desc()))
        .select((
            dsl::entry_date,
            dsl::headache,
            dsl::migraine,
            dsl::peak_pain_nrs,
            dsl::medications,
            dsl::import_source.is_not_null(),
        ))
        .load(&mut transaction.connection())
        .await?;
    let days = rows.into_iter().map(
        |(date, headache, migraine, peak_pain_nrs, medicines, is_retrospective)| {
            let medicines: Vec<Medicine> = read_json(medicines)?;
            let classes: BTreeSet<_> = medicines.iter().map(|medicine| medicine.class).collect();
            Ok(DayMark {
                date,
                is_retrospective,
                headache,
                migraine,
                peak_pain_nrs,
                classes,
            })
        },
    );
    Ok(days.collect::<QueryResult<Vec<DayMark>>>()?)
}

/// Completed, or stopped after a needle went in, and not entered in error.
const WAS_DONE: &str = "(procedures.voided_at IS NULL AND (procedures.completed_at IS NOT NULL \
    OR procedures.stopped_at IS NOT NULL AND EXISTS (SELECT FROM injections i \
    WHERE i.practice_id = procedures.practice_id AND i.procedure_id = procedures.id \
    AND i.voided_at IS NULL)))";

const fn ended_at() -> ConstantSql<Timestamptz, 0> {
    constant_sql(
        [],
        [],
        "coalesce(procedures.completed_at, procedures.stopped_at)",
    )
}

async fn past_procedures(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<PastProcedure>> {
    let query = procedures::table
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(constant_sql::<Bool, 0>([], [], WAS_DONE))
        .order((ended_at(), procedures::id))
        .select((procedures::id, procedures::kind, ended_at()));
    let rows: Vec<(Uuid, Word<ProcedureKind>, DateTime<Utc>)> =
        query.load(&mut transaction.connection()).await?;
    let past = rows
        .into_iter()
        .map(|(id, Word(kind), completed_at)| PastProcedure {
            id,
            kind,
            completed_at,
        });
    Ok(past.collect())
}

async fn past_scores(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<PastScore>> {
    use assessments::dsl;
    type Row = (Instrument, NaiveDate, ExactDecimal, Option<String>);
    let rows: Vec<Row> = dsl::assessments
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .order((dsl::taken_on, dsl::id))
        .select((dsl::instrument, dsl::taken_on, dsl::score, dsl::band))
        .load(&mut transaction.connection())
        .await?;
    let scores = rows
        .into_iter()
        .map(|(instrument, taken_on, score, band)| PastScore {
            instrument,
            taken_on,
            score: score.0,
            band,
        });
    Ok(scores.collect())
}

/// The total tenderness scores that were found at visits, beside those that were entered.
async fn tenderness(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<PastScore>> {
    let query = visits::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(visits::practice_id)
                .and(locations::id.eq(visits::location_id))),
        )
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(visits::tenderness_scores.is_not_null())
        .filter(visits::discarded_at.is_null())
        .filter(visits::retracted_at.is_null())
        .order((visits::started_at, visits::id))
        .select((
            visits::started_at,
            locations::time_zone,
            visits::tenderness_scores.assume_not_null(),
        ));
    let rows: Vec<(DateTime<Utc>, TimeZone, Vec<Option<i16>>)> =
        query.load(&mut transaction.connection()).await?;
    let scores = rows.into_iter().map(|(started_at, zone, sites)| PastScore {
        instrument: Instrument::Tts,
        taken_on: local_date(zone.0, started_at),
        score: sites.into_iter().flatten().map(Decimal::from).sum(),
        band: None,
    });
    Ok(scores.collect())
}

async fn told_relief(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<ReportedRelief>> {
    use follow_ups::dsl;
    let rows: Vec<(Option<Uuid>, DateTime<Utc>, i16)> = dsl::follow_ups
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::status.eq(Stage::Done))
        .filter(dsl::relief_percent.is_not_null())
        .filter(dsl::closed_at.is_not_null())
        .order((dsl::closed_at, dsl::id))
        .select((
            dsl::procedure_id,
            dsl::closed_at.assume_not_null(),
            dsl::relief_percent.assume_not_null(),
        ))
        .load(&mut transaction.connection())
        .await?;
    let told = rows
        .into_iter()
        .map(|(procedure_id, told_at, percent)| ReportedRelief {
            procedure_id,
            told_at,
            percent,
        });
    Ok(told.collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = injections, check_for_backend(diesel::pg::Pg))]
struct InjectionRow {
    procedure_id: Uuid,
    point_id: Option<Uuid>,
    muscle_code: String,
    side: String,
    solution_id: Option<Uuid>,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
    injected_at: DateTime<Utc>,
}

async fn point_injections(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<PointInjection>> {
    let query = injections::table
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(injections::voided_at.is_null())
        .order((injections::injected_at, injections::id))
        .select(InjectionRow::as_select());
    let rows = query
        .load::<InjectionRow>(&mut transaction.connection())
        .await?;
    let past = rows.into_iter().map(|row| PointInjection {
        procedure_id: row.procedure_id,
        point_id: row.point_id,
        muscle_code: row.muscle_code,
        side: row.side,
        solution_id: row.solution_id,
        pain_nrs_before: row.pain_nrs_before,
        pain_nrs_after: row.pain_nrs_after,
        injected_at: row.injected_at,
    });
    Ok(past.collect())
}

async fn point_pains(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<PointPain>> {
    let felt_at = || sql::<Timestamptz>("coalesce(palpations.palpated_at, palpations.created_at)");
    let query = palpations::table
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(palpations::pain_nrs.is_not_null())
        .filter(palpations::voided_at.is_null())
        .order((felt_at(), palpations::id))
        .select((
            palpations::point_id,
            palpations::pain_nrs.assume_not_null(),
            felt_at(),
        ));
    let rows: Vec<(Uuid, i16, DateTime<Utc>)> = query.load(&mut transaction.connection()).await?;
    let pains = rows
        .into_iter()
        .map(|(point_id, pain_nrs, found_at)| PointPain {
            point_id,
            pain_nrs,
            found_at,
        });
    Ok(pains.collect())
}

async fn recipes(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<BTreeMap<Uuid, Vec<String>>> {
    use solution_components::dsl;
    let rows: Vec<(Uuid, String)> = dsl::solution_components
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .order((dsl::solution_id, dsl::position))
        .select((dsl::solution_id, dsl::drug_code))
        .load(&mut transaction.connection())
        .await?;
    let mut recipes: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (solution_id, drug_code) in rows {
        recipes.entry(solution_id).or_default().push(drug_code);
    }
    Ok(recipes)
}
