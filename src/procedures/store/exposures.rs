//! Who received a lot.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::page::{Window, rows_after};
use crate::platform::text::Word;
use crate::schema::{injections, patients, procedures, solution_components, solutions, visits};
use crate::stock::{LotId, ProcedureId};
use crate::visits::VisitId;

use super::super::exposure::{ExposedSite, Exposure};
use super::super::injection::InjectionId;
use super::super::procedure_status::ProcedureStatus;
use super::super::syringe::SolutionId;
use tautband_rules::kind::Side;

#[derive(Queryable)]
struct ExposureRow {
    id: Uuid,
    solution_id: SolutionId,
    patient_id: PatientId,
    given_name: String,
    family_name: String,
    visit_id: VisitId,
    procedure_id: ProcedureId,
    procedure_status: ProcedureStatus,
    drawn_ml: ExactDecimal,
    drawn_at: DateTime<Utc>,
    is_retracted: bool,
}

#[derive(Queryable)]
struct ExposedSiteRow {
    id: InjectionId,
    solution_id: Option<SolutionId>,
    muscle_code: String,
    side: Word<Side>,
    volume_ml: ExactDecimal,
    injected_at: DateTime<Utc>,
}

/// Every time a lot was drawn from, with the sites that received some of them.
pub(in super::super) async fn exposures(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    window: &Window<Uuid>,
) -> Stored<Vec<Exposure>> {
    let drawn = drawn_from(transaction, id, window).await?;
    let solution_ids: Vec<SolutionId> = drawn.iter().map(|row| row.solution_id).collect();
    let mut sites: BTreeMap<SolutionId, Vec<ExposedSite>> = BTreeMap::new();
    for row in sites_of(transaction, &solution_ids).await? {
        let Some(solution_id) = row.solution_id else {
            continue;
        };
        sites.entry(solution_id).or_default().push(ExposedSite {
            injection_id: row.id,
            muscle_code: row.muscle_code,
            side: row.side.0,
            volume_ml: row.volume_ml.0,
            injected_at: row.injected_at,
        });
    }
    let exposure = |row: ExposureRow| Exposure {
        id: row.id,
        sites: sites.get(&row.solution_id).cloned().unwrap_or_default(),
        solution_id: row.solution_id,
        patient_id: row.patient_id,
        patient_name: Some(format!("{} {}", row.given_name, row.family_name)),
        visit_id: row.visit_id,
        procedure_id: row.procedure_id,
        procedure_status: row.procedure_status,
        drawn_ml: row.drawn_ml.0,
        drawn_at: row.drawn_at,
        is_retracted: row.is_retracted,
    };
    Ok(drawn.into_iter().map(exposure).collect())
}

async fn drawn_from(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    window: &Window<Uuid>,
) -> Stored<Vec<ExposureRow>> {
    let mut query = solution_components::table
        .inner_join(
            solutions::table.on(solutions::practice_id
                .eq(solution_components::practice_id)
                .and(solutions::id.eq(solution_components::solution_id))),
        )
        .inner_join(
            procedures::table.on(procedures::practice_id
                .eq(solutions::practice_id)
                .and(procedures::id.eq(solutions::procedure_id))),
        )
        .inner_join(
            visits::table.on(visits::practice_id
                .eq(solutions::practice_id)
                .and(visits::id.eq(solutions::visit_id))),
        )
        .inner_join(
            patients::table.on(patients::practice_id
                .eq(solution_components::practice_id)
                .and(patients::id.eq(solution_components::patient_id))),
        )
        .filter(solution_components::practice_id.eq(transaction.practice_id()))
        .filter(solution_components::lot_id.eq(id))
        // What was in a retracted visit went into somebody all the same.
        .filter(
            solutions::voided_at
                .is_null()
                .or(solutions::voided_at.eq(visits::retracted_at).assume_not_null()),
        )
        .order(solution_components::id)
        .limit(window.probe())
        .select((
            solution_components::id,
            solutions::id,
            patients::id,
            patients::given_name,
            patients::family_name,
            solutions::visit_id,
            solutions::procedure_id,
            procedures::status,
            solution_components::volume_ml,
            solutions::prepared_at,
            visits::retracted_at.is_not_null(),
        ))
        .into_boxed();
    rows_after!(query, window, solution_components::id);
    Ok(query.load(&mut transaction.connection()).await?)
}

async fn sites_of(
    transaction: &OpenTransaction<'_>,
    solution_ids: &[SolutionId],
) -> Stored<Vec<ExposedSiteRow>> {
    let rows = injections::table
        .inner_join(
            visits::table.on(visits::practice_id
                .eq(injections::practice_id)
                .and(visits::id.eq(injections::visit_id))),
        )
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::solution_id.eq_any(solution_ids))
        .filter(
            injections::voided_at.is_null().or(injections::voided_at
                .eq(visits::retracted_at)
                .assume_not_null()),
        )
        .order(injections::id)
        .select((
            injections::id,
            injections::solution_id,
            injections::muscle_code,
            injections::side,
            injections::volume_ml,
            injections::injected_at,
        ))
        .load(&mut transaction.connection())
        .await?;
    Ok(rows)
}
