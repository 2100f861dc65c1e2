//! What a report counts: three statements, however many periods it has.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::care::practice_report::{Counted, Division, Measure};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;

#[derive(QueryableByName)]
struct CountedRow {
    /// From 1.
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    division: Division,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = BigInt)]
    patients: i64,
    #[diesel(sql_type = BigInt)]
    cases: i64,
    #[diesel(sql_type = BigInt)]
    reached: i64,
    #[diesel(sql_type = Nullable<Numeric>)]
    mean_relief: Option<ExactDecimal>,
}

/// Cancelled follow-ups are not counted.
const FOLLOW_UP_RETENTION: &str = "\
WITH spans AS (SELECT * FROM unnest($2, $3) WITH ORDINALITY AS span (starts_at, ends_at, number)), \
owed AS ( \
    SELECT spans.number, f.patient_id, f.kind, \
           f.status = 'done' AS done \
    FROM spans \
    JOIN follow_ups f ON f.practice_id = $1 AND f.due_by > spans.starts_at \
        AND f.due_by <= spans.ends_at AND f.status <> 'cancelled') \
SELECT number, CASE WHEN grouping(kind) = 0 THEN 'kind' ELSE 'all' END AS division, \
       coalesce(kind, 'all') AS key, coalesce(kind, 'all') AS label, \
       count(DISTINCT patient_id) AS patients, count(*) AS cases, \
       count(*) FILTER (WHERE done) AS reached, NULL::numeric AS mean_relief \
FROM owed GROUP BY GROUPING SETS ((number, kind), (number))";

const NO_SHOW_RATE: &str = "\
WITH spans AS (SELECT * FROM unnest($2, $3) WITH ORDINALITY AS span (starts_at, ends_at, number)), \
attended AS ( \
    SELECT spans.number, a.patient_id, a.provider_id, p.name, a.status = 'no_show' AS missed \
    FROM spans \
    JOIN appointments a ON a.practice_id = $1 AND a.starts_at >= spans.starts_at \
        AND a.starts_at < spans.ends_at AND a.status IN ('completed', 'no_show') \
    JOIN providers p ON p.practice_id = $1 AND p.id = a.provider_id) \
SELECT number, CASE WHEN grouping(provider_id) = 0 THEN 'provider' ELSE 'all' END AS division, \
       coalesce(provider_id::text, 'all') AS key, \
       CASE WHEN grouping(provider_id) = 0 THEN max(name) ELSE 'all' END AS label, \
       count(DISTINCT patient_id) AS patients, count(*) AS cases, \
       count(*) FILTER (WHERE missed) AS reached, NULL::numeric AS mean_relief \
FROM attended GROUP BY GROUPING SETS ((number, provider_id), (number))";

/// A recipe is what a solution is made of, whatever the amounts; a dry needle has none.
const RESPONSE: &str = "\
WITH spans AS (SELECT * FROM unnest($2, $3) WITH ORDINALITY AS span (starts_at, ends_at, number)), \
treated AS ( \
    SELECT spans.number, i.patient_id, i.muscle_code, m.name AS muscle, p.provider_id, \
           v.name AS provider, coalesce(r.recipe, 'dry_needle') AS recipe, \
           100.0 * (i.pain_nrs_before - i.pain_nrs_after) / i.pain_nrs_before AS relief \
    FROM spans \
    JOIN injections i ON i.practice_id = $1 AND i.injected_at >= spans.starts_at \
        AND i.injected_at < spans.ends_at AND i.voided_at IS NULL AND i.pain_nrs_before > 0 AND i.pain_nrs_after IS NOT NULL \
    JOIN procedures p ON p.practice_id = $1 AND p.id = i.procedure_id \
        AND coalesce(p.completed_at, p.stopped_at) IS NOT NULL \
    JOIN providers v ON v.practice_id = $1 AND v.id = p.provider_id \
    JOIN muscles m ON m.code = i.muscle_code \
    LEFT JOIN LATERAL ( \
        SELECT string_agg(DISTINCT c.drug_code, ' + ' ORDER BY c.drug_code) AS recipe \
        FROM solution_components c \
        WHERE c.practice_id = $1 AND c.solution_id = i.solution_id) r ON true) \
SELECT number, \
       CASE WHEN grouping(muscle_code) = 0 THEN 'muscle' WHEN grouping(recipe) = 0 THEN 'recipe' \
            WHEN grouping(provider_id) = 0 THEN 'provider' ELSE 'all' END AS division, \
       coalesce(muscle_code, recipe, provider_id::text, 'all') AS key, \
       CASE WHEN grouping(muscle_code) = 0 THEN max(muscle) WHEN grouping(recipe) = 0 THEN recipe \
            WHEN grouping(provider_id) = 0 THEN max(provider) ELSE 'all' END AS label, \
       count(DISTINCT patient_id) AS patients, count(*) AS cases, \
       count(*) FILTER (WHERE relief >= 50) AS reached, round(avg(relief), 4) AS mean_relief \
FROM treated GROUP BY GROUPING SETS ((number, muscle_code), (number, recipe), (number, provider_id), (number))";

/// Counts everything in each of the spans.
pub(crate) async fn count(
    transaction: &OpenTransaction<'_>,
    spans: &[(DateTime<Utc>, DateTime<Utc>)],
) -> Stored<Vec<Counted>> {
    let (starts, ends): (Vec<_>, Vec<_>) = spans.iter().copied().unzip();
    let counted = async |measure: Measure, statement: &'static str| {
        let rows: Vec<CountedRow> = prepared(
            diesel::sql_query(statement)
                .bind::<SqlUuid, _>(transaction.practice_id())
                .bind::<Array<Timestamptz>, _>(&starts)
                .bind::<Array<Timestamptz>, _>(&ends),
        )
        .load(&mut transaction.connection())
        .await?;
        Stored::Ok(rows.into_iter().map(move |row| row.counted(measure)))
    };
    let (owed, attended, treated) = pipelined!(
        counted(Measure::FollowUpRetention, FOLLOW_UP_RETENTION),
        counted(Measure::NoShowRate, NO_SHOW_RATE),
        counted(Measure::Response, RESPONSE),
    )?;
    Ok(owed.chain(attended).chain(treated).collect())
}

impl CountedRow {
    fn counted(self, measure: Measure) -> Counted {
        Counted {
            period: usize::try_from(self.number - 1).unwrap_or(usize::MAX),
            measure,
            division: self.division,
            key: self.key,
            label: self.label,
            patients: self.patients,
            cases: self.cases,
            reached: self.reached,
            mean_relief: self.mean_relief.map(|mean| mean.0),
        }
    }
}
