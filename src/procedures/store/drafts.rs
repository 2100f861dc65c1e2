//! Rows and queries of proposed sites.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::{Window, rows_after};
use crate::platform::text::Word;
use crate::schema::{injection_drafts, procedures};
use crate::visits::VisitId;

use super::super::draft::{Draft, DraftId, DraftStatus};
use super::super::injection::InjectionId;
use super::super::procedure::{Procedure, ProcedureId};
use super::super::procedure_status::ProcedureStatus;
use super::super::syringe::SolutionId;
use super::procedures::find_procedure;
use tautband_rules::kind::{Approach, Side};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = injection_drafts, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct DraftRow {
    id: DraftId,
    position: i16,
    point_id: Option<PointId>,
    muscle_code: String,
    side: Word<Side>,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    volume_ml: ExactDecimal,
    needle_gauge: Option<i16>,
    needle_length_mm: Option<i16>,
    approach: Option<Word<Approach>>,
    source: String,
    source_solution_id: Option<SolutionId>,
    status: DraftStatus,
    injection_id: Option<InjectionId>,
    settled_by: Option<Uuid>,
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<&Draft> for DraftRow {
    fn from(draft: &Draft) -> Self {
        Self {
            id: draft.id,
            position: draft.position,
            point_id: draft.point_id,
            muscle_code: draft.muscle_code.clone(),
            side: Word(draft.side),
            view: draft.view,
            x: draft.x.into(),
            y: draft.y.into(),
            volume_ml: draft.volume_ml.into(),
            needle_gauge: draft.needle_gauge,
            needle_length_mm: draft.needle_length_mm,
            approach: draft.approach.map(Word),
            source: draft.source.clone(),
            source_solution_id: draft.source_solution_id,
            status: draft.status,
            injection_id: draft.injection_id,
            settled_by: draft.settled.map(|(by, _)| by),
            settled_at: draft.settled.map(|(_, at)| at),
            created_at: draft.created_at,
        }
    }
}

impl DraftRow {
    fn draft(self) -> Stored<Draft> {
        let row = self;
        let settled = match (row.settled_by, row.settled_at) {
            (None, None) => None,
            (Some(by), Some(at)) => Some((by, at)),
            _ => return Err(InconsistentRow::new("injection_drafts", "settled_by", row.id).into()),
        };
        Ok(Draft {
            id: row.id,
            position: row.position,
            point_id: row.point_id,
            muscle_code: row.muscle_code,
            side: row.side.0,
            view: row.view,
            x: row.x.0,
            y: row.y.0,
            volume_ml: row.volume_ml.0,
            needle_gauge: row.needle_gauge,
            needle_length_mm: row.needle_length_mm,
            approach: row.approach.map(|word| word.0),
            source: row.source,
            source_solution_id: row.source_solution_id,
            status: row.status,
            injection_id: row.injection_id,
            settled,
            created_at: row.created_at,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = injection_drafts, treat_none_as_default_value = false)]
struct NewDraftRow {
    practice_id: Uuid,
    procedure_id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
    #[diesel(embed)]
    draft: DraftRow,
}

pub(in super::super) async fn insert_drafts(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    drafts: &[Draft],
) -> Stored<()> {
    let rows: Vec<NewDraftRow> = drafts
        .iter()
        .map(|draft| NewDraftRow {
            practice_id: transaction.practice_id(),
            procedure_id: procedure.id,
            visit_id: procedure.visit_id,
            patient_id: procedure.patient_id,
            draft: draft.into(),
        })
        .collect();
    diesel::insert_into(injection_drafts::table)
        .values(rows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes how a draft was settled.
pub(in super::super) async fn record_draft(
    transaction: &OpenTransaction<'_>,
    draft: &Draft,
) -> Stored<()> {
    diesel::update(injection_drafts::table)
        .filter(injection_drafts::practice_id.eq(transaction.practice_id()))
        .filter(injection_drafts::id.eq(draft.id))
        .set((
            injection_drafts::status.eq(draft.status),
            injection_drafts::injection_id.eq(draft.injection_id),
            injection_drafts::settled_by.eq(draft.settled.map(|(by, _)| by)),
            injection_drafts::settled_at.eq(draft.settled.map(|(_, at)| at)),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A draft of this procedure. The caller holds the lock on the procedure.
pub(in super::super) async fn find_draft(
    transaction: &OpenTransaction<'_>,
    procedure_id: ProcedureId,
    id: DraftId,
) -> Stored<Option<Draft>> {
    let row: Option<DraftRow> = injection_drafts::table
        .filter(injection_drafts::practice_id.eq(transaction.practice_id()))
        .filter(injection_drafts::procedure_id.eq(procedure_id))
        .filter(injection_drafts::id.eq(id))
        .select(DraftRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    row.map(DraftRow::draft).transpose()
}

/// Whether a draft is neither confirmed nor dismissed.
pub(in super::super) async fn has_open_drafts(
    transaction: &OpenTransaction<'_>,
    procedure_id: ProcedureId,
) -> Stored<bool> {
    let open = injection_drafts::table
        .filter(injection_drafts::practice_id.eq(transaction.practice_id()))
        .filter(injection_drafts::procedure_id.eq(procedure_id))
        .filter(injection_drafts::status.eq(DraftStatus::Open));
    let any = diesel::select(diesel::dsl::exists(open));
    Ok(any.get_result(&mut transaction.connection()).await?)
}

/// Dismisses every draft of a procedure that is open.
pub(in super::super) async fn dismiss_open_drafts(
    transaction: &OpenTransaction<'_>,
    procedure_id: ProcedureId,
) -> Stored<()> {
    let by = transaction.principal().user_id;
    diesel::update(injection_drafts::table)
        .filter(injection_drafts::practice_id.eq(transaction.practice_id()))
        .filter(injection_drafts::procedure_id.eq(procedure_id))
        .filter(injection_drafts::status.eq(DraftStatus::Open))
        .set((
            injection_drafts::status.eq(DraftStatus::Dismissed),
            injection_drafts::settled_by.eq(by),
            injection_drafts::settled_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The drafts of a procedure from the place of the window on.
pub(in super::super) async fn drafts_of(
    transaction: &OpenTransaction<'_>,
    procedure_id: ProcedureId,
    window: &Window<(i16, Uuid)>,
) -> Stored<Vec<Draft>> {
    let mut query = injection_drafts::table
        .filter(injection_drafts::practice_id.eq(transaction.practice_id()))
        .filter(injection_drafts::procedure_id.eq(procedure_id))
        .order((injection_drafts::position, injection_drafts::id))
        .limit(window.probe())
        .select(DraftRow::as_select())
        .into_boxed();
    rows_after!(
        query,
        window,
        injection_drafts::position,
        injection_drafts::id
    );
    let rows: Vec<DraftRow> = query.load(&mut transaction.connection()).await?;
    rows.into_iter().map(DraftRow::draft).collect()
}

/// The patient's last completed procedure of the same kind.
pub(in super::super) async fn last_completed(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Stored<Option<Procedure>> {
    let last: Option<ProcedureId> = procedures::table
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::patient_id.eq_any(records_of(transaction, procedure.patient_id)))
        .filter(procedures::id.ne(procedure.id))
        .filter(procedures::kind.eq(Word(procedure.kind)))
        .filter(procedures::status.eq(ProcedureStatus::Completed))
        .filter(procedures::voided_at.is_null())
        .order((procedures::completed_at.desc(), procedures::id.desc()))
        .select(procedures::id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    match last {
        Some(id) => find_procedure(transaction, id).await,
        None => Ok(None),
    }
}
