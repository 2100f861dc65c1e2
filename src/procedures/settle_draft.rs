//! Confirming a proposed site with what was really done, or dismissing it.

use rust_decimal::Decimal;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{FieldError, Refusal};

use super::draft::{Draft, DraftId, DraftStatus, chart_side};
use super::draft_error::DraftError;
use super::inject::{Inject, InjectError, RecordedSite, Target, record_site};
use super::inject_batch::{BatchError, record_line};
use super::injection::{Injection, NeedleUse};
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{Held, hold};
use super::store;
use super::syringe::SolutionId;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::kind::Approach;

action!(
    /// Confirming or dismissing a proposed site.
    SettleDraft, "procedures.settle_draft", record, [Provider, Assistant]
);

impl May<Inject> for SettleDraft {}

/// What was really done at a draft; what is left out is as the draft says.
pub(super) struct Confirmation {
    pub(super) solution_id: Option<SolutionId>,
    pub(super) volume_ml: Option<Decimal>,
    pub(super) needle_gauge: Option<i16>,
    pub(super) needle_length_mm: Option<i16>,
    pub(super) approach: Option<Approach>,
    pub(super) x: Option<Decimal>,
    pub(super) y: Option<Decimal>,
    pub(super) passes: Option<i16>,
    pub(super) aspirated: bool,
    pub(super) twitch_elicited: bool,
    pub(super) pain_nrs_before: Option<i16>,
    pub(super) pain_nrs_after: Option<i16>,
    pub(super) is_caution_acknowledged: bool,
    pub(super) findings: Vec<SiteFinding>,
}

/// Turns a draft into a needle site with what was really done.
pub(super) async fn confirm_draft(
    transaction: &Transaction<'_, SettleDraft>,
    id: ProcedureId,
    draft_id: DraftId,
    done: &Confirmation,
) -> Result<(Injection, Procedure), DraftError> {
    let held = hold(transaction, id).await?;
    let mut draft = open_draft(transaction, id, draft_id).await?;
    let site =
        confirmed(&draft, done).map_err(|error| DraftError::Inject(InjectError::Invalid(error)))?;
    let (injection, procedure) = record_site(transaction, held, &site).await?;
    draft.status = DraftStatus::Confirmed;
    draft.injection_id = Some(injection.id);
    settle(transaction, draft).await?;
    Ok((injection, procedure))
}

/// A draft of a list, and what was really done there.
pub(super) struct ConfirmedLine {
    pub(super) draft_id: DraftId,
    pub(super) done: Confirmation,
}

/// Turns these drafts into needle sites: all of them, or none.
pub(super) async fn confirm_drafts(
    transaction: &Transaction<'_, SettleDraft>,
    id: ProcedureId,
    lines: &[ConfirmedLine],
) -> Result<(Vec<(DraftId, Injection)>, Procedure), BatchError> {
    let mut held = hold(transaction, id).await?;
    let mut injections = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let at = format!("/drafts/{index}");
        match confirm_line(transaction, &held, line).await? {
            Ok((injection, procedure)) => {
                injections.push((line.draft_id, injection));
                held.procedure = procedure;
            }
            Err(refused) => problems.push(refused.problem().at_line(&at)),
        }
    }
    if problems.is_empty() {
        Ok((injections, held.procedure))
    } else {
        Err(BatchError::Lines(problems))
    }
}

/// Confirms one draft, or returns why not. A failure of the database ends the whole list.
async fn confirm_line(
    transaction: &Transaction<'_, SettleDraft>,
    held: &Held,
    line: &ConfirmedLine,
) -> Result<Result<(Injection, Procedure), DraftError>, DatabaseError> {
    let mut draft = match open_draft(transaction, held.procedure.id, line.draft_id).await {
        Err(DraftError::Database(error)) => return Err(error),
        Err(DraftError::NotFound) => {
            let error = FieldError::new("/id", "names no draft of this procedure");
            return Ok(Err(DraftError::Invalid(error)));
        }
        Err(refused) => return Ok(Err(refused)),
        Ok(draft) => draft,
    };
    let site = match confirmed(&draft, &line.done) {
        Err(errors) => return Ok(Err(InjectError::Invalid(errors).into())),
        Ok(site) => site,
    };
    let (injection, procedure) = match record_line(transaction, held, &site).await? {
        Err(refused) => return Ok(Err(refused.into())),
        Ok(recorded) => recorded,
    };
    draft.status = DraftStatus::Confirmed;
    draft.injection_id = Some(injection.id);
    match settle(transaction, draft).await {
        Err(DraftError::Database(error)) => Err(error),
        Err(refused) => Ok(Err(refused)),
        Ok(_) => Ok(Ok((injection, procedure))),
    }
}

/// Takes a draft off the list; nothing was done there.
pub(super) async fn dismiss_draft(
    transaction: &Transaction<'_, SettleDraft>,
    id: ProcedureId,
    draft_id: DraftId,
) -> Result<Draft, DraftError> {
    let held = hold(transaction, id).await?;
    held.require(Act::Dismiss)?;
    let mut draft = open_draft(transaction, id, draft_id).await?;
    draft.status = DraftStatus::Dismissed;
    settle(transaction, draft).await
}

async fn open_draft(
    transaction: &Transaction<'_, SettleDraft>,
    id: ProcedureId,
    draft_id: DraftId,
) -> Result<Draft, DraftError> {
    let draft = store::find_draft(transaction, id, draft_id).await?;
    let draft = draft.ok_or(DraftError::NotFound)?;
    match draft.status {
        DraftStatus::Open => Ok(draft),
        status => Err(DraftError::Settled(status)),
    }
}

async fn settle(
    transaction: &Transaction<'_, SettleDraft>,
    mut draft: Draft,
) -> Result<Draft, DraftError> {
    draft.settled = Some((transaction.principal().user_id, transaction.now()));
    store::record_draft(transaction, &draft).await?;
    Ok(draft)
}

/// The needle site a draft becomes; a needle that neither of them names is asked for.
fn confirmed(draft: &Draft, done: &Confirmation) -> Result<RecordedSite, Vec<FieldError>> {
    let missing = |pointer: &str| FieldError::new(pointer, "is required: the draft has none");
    let gauge = done.needle_gauge.or(draft.needle_gauge);
    let length_mm = done.needle_length_mm.or(draft.needle_length_mm);
    let approach = done.approach.or(draft.approach);
    let (Some(gauge), Some(length_mm), Some(approach)) = (gauge, length_mm, approach) else {
        let absent = [
            ("/needle_gauge", gauge.is_none()),
            ("/needle_length_mm", length_mm.is_none()),
            ("/approach", approach.is_none()),
        ];
        let absent = absent.into_iter().filter(|(_, is_absent)| *is_absent);
        return Err(absent.map(|(pointer, _)| missing(pointer)).collect());
    };
    let is_moved = done.x.is_some() || done.y.is_some();
    let target = match draft.point_id.filter(|_| !is_moved) {
        Some(point_id) => Target::Point(point_id),
        None => Target::Place {
            muscle_code: draft.muscle_code.clone(),
            side: chart_side(draft.side),
            view: draft.view,
            x: done.x.unwrap_or(draft.x),
            y: done.y.unwrap_or(draft.y),
        },
    };
    Ok(RecordedSite {
        target,
        solution_id: done.solution_id,
        volume_ml: done.volume_ml.unwrap_or(draft.volume_ml),
        needle: NeedleUse {
            gauge,
            length_mm,
            approach,
            passes: done.passes,
            aspirated: done.aspirated,
            twitch_elicited: done.twitch_elicited,
            pain_nrs_before: done.pain_nrs_before,
            pain_nrs_after: done.pain_nrs_after,
        },
        is_caution_acknowledged: done.is_caution_acknowledged,
        findings: done.findings.clone(),
        injected_at: None,
    })
}
