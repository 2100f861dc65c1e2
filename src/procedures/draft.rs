//! Drafts: sites that a template or the last session proposes.
//!
//! A draft is no record of a needle. It counts for no dose and no code until somebody confirms it
//! with what was really done; then it becomes a needle site like any other, judged by the same
//! rules. Who does not want one dismisses it. A procedure is not completed while one is open, so
//! that no site is taken for done, or forgotten.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::findings::{self, Muscle, PointId, View};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal, SEALED};
use crate::platform::text::text_enum;

use super::inject::{InjectError, RecordedSite, Target, record_site};
use super::procedure::{
    Injection, InjectionId, NeedleUse, Procedure, ProcedureId, ProcedureStatus, SolutionId,
};
use super::read::{HoldRefused, ReadProcedureError, WRONG_STATUS, hold, read_procedure};
use super::store;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::kind::Approach;
use tautband_rules::kind::Side;
use tautband_rules::template::{Template, templates};

action!(
    /// Proposing sites.
    ProposeSites, "procedures.propose", record, [Provider, Assistant]
);
action!(
    /// Reading proposed sites.
    ReadDrafts, "procedures.read_drafts", record, [Provider, Assistant]
);
action!(
    /// Confirming or dismissing a proposed site.
    SettleDraft, "procedures.settle_draft", record, [Provider, Assistant]
);

id! {
    /// Names a draft.
    pub(crate) struct DraftId
}

text_enum! {
    /// Where a draft stands.
    pub(crate) enum DraftStatus {
        Open = "open",
        Confirmed = "confirmed",
        Dismissed = "dismissed",
    }
}

text_enum! {
    /// Where drafts come from.
    pub(crate) enum DraftSource {
        Template = "template",
        LastTime = "last_time",
    }
}

/// A site that is proposed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) id: DraftId,
    pub(super) position: i16,
    pub(super) point_id: Option<PointId>,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) view: View,
    pub(super) x: Decimal,
    pub(super) y: Decimal,
    pub(super) volume_ml: Decimal,
    pub(super) needle_gauge: Option<i16>,
    pub(super) needle_length_mm: Option<i16>,
    pub(super) approach: Option<Approach>,
    /// The code of the template, or `last_time`.
    pub(super) source: String,
    /// What was injected there last time.
    pub(super) source_solution_id: Option<SolutionId>,
    pub(super) status: DraftStatus,
    pub(super) injection_id: Option<InjectionId>,
    pub(super) settled: Option<(Uuid, DateTime<Utc>)>,
    pub(super) created_at: DateTime<Utc>,
}

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

/// Why nothing was proposed, confirmed or dismissed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DraftError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Inject(#[from] InjectError),
    #[error("no such draft of this procedure")]
    NotFound,
    #[error("the draft is {0}")]
    Settled(DraftStatus),
    #[error("there are drafts already")]
    Exist,
    #[error("there is nothing to propose")]
    NothingToPropose,
    #[error("names what is not there")]
    Invalid(FieldError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static DRAFT_SETTLED: ProblemType =
    ProblemType::new("draft-settled", 409, "The draft was confirmed or dismissed");
static DRAFTS_EXIST: ProblemType =
    ProblemType::new("drafts-exist", 409, "There are open drafts already");
static NOTHING_TO_PROPOSE: ProblemType = ProblemType::new(
    "nothing-to-propose",
    409,
    "This patient had no procedure of this kind before",
);

impl Refusal for DraftError {
    const TYPES: &'static [&'static ProblemType] = &[
        &SEALED,
        &WRONG_STATUS,
        &DRAFT_SETTLED,
        &DRAFTS_EXIST,
        &NOTHING_TO_PROPOSE,
        &super::inject::SOLUTION_EXHAUSTED,
        &super::inject::SOLUTION_BEYOND_USE,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Inject(refused) => refused.problem(),
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Settled(status) => Problem::new(&DRAFT_SETTLED).member("current_status", status),
            Self::Exist => Problem::new(&DRAFTS_EXIST),
            Self::NothingToPropose => Problem::new(&NOTHING_TO_PROPOSE),
            Self::Invalid(error) => Problem::invalid(vec![error]),
            Self::Database(error) => error.into(),
        }
    }
}

/// Proposes the sites of a template, or of the patient's last procedure of this kind.
pub(super) async fn propose_sites(
    transaction: &Transaction<'_, ProposeSites>,
    id: ProcedureId,
    (from, template_code): (DraftSource, Option<&str>),
) -> Result<Vec<Draft>, DraftError> {
    let held = hold(transaction, id).await?;
    held.require_status(&[ProcedureStatus::Planned, ProcedureStatus::InProgress])?;
    if store::has_open_drafts(transaction, id).await? {
        return Err(DraftError::Exist);
    }
    let procedure = &held.procedure;
    let drafts = match from {
        DraftSource::Template => {
            let code = template_code.or(procedure.template_code.as_deref());
            let template = code.and_then(|code| templates().of_kind(code, procedure.kind));
            let template = template.ok_or_else(|| {
                let detail = "names no template of this kind";
                DraftError::Invalid(FieldError::new("/template_code", detail))
            })?;
            let codes: Vec<&str> = template.places().map(|(muscle, _)| muscle).collect();
            let muscles = findings::muscles(transaction, &codes).await?;
            of_template(template, &muscles, transaction.now())
        }
        DraftSource::LastTime => {
            let last = store::last_completed(transaction, procedure).await?;
            let last = last.ok_or(DraftError::NothingToPropose)?;
            of_last_time(&last, transaction.now())
        }
    };
    store::insert_drafts(transaction, procedure, &drafts).await?;
    Ok(drafts)
}

fn of_template(template: &Template, muscles: &[Muscle], now: DateTime<Utc>) -> Vec<Draft> {
    let draft = |(position, (code, on)): (i16, (&str, Side))| {
        let muscle = muscles.iter().find(|muscle| muscle.code == code)?;
        let point = muscle.anatomy.usual_place(chart_side(on));
        Some(Draft {
            id: DraftId::fresh(now),
            position,
            point_id: None,
            muscle_code: code.to_owned(),
            side: on,
            view: point.view(),
            x: point.x(),
            y: point.y(),
            volume_ml: template.volume_ml,
            needle_gauge: Some(template.needle_gauge),
            needle_length_mm: Some(template.needle_length_mm),
            approach: Some(template.approach),
            source: template.code.clone(),
            source_solution_id: None,
            status: DraftStatus::Open,
            injection_id: None,
            settled: None,
            created_at: now,
        })
    };
    (1..).zip(template.places()).filter_map(draft).collect()
}

fn of_last_time(last: &Procedure, now: DateTime<Utc>) -> Vec<Draft> {
    let draft = |(position, site): (i16, &Injection)| Draft {
        id: DraftId::fresh(now),
        position,
        point_id: site.place.point_id,
        muscle_code: site.place.muscle_code.clone(),
        side: site.place.side,
        view: site.place.view,
        x: site.place.x,
        y: site.place.y,
        volume_ml: site.volume_ml,
        needle_gauge: Some(site.needle.gauge),
        needle_length_mm: Some(site.needle.length_mm),
        approach: Some(site.needle.approach),
        source: DraftSource::LastTime.as_str().to_owned(),
        source_solution_id: site.solution_id,
        status: DraftStatus::Open,
        injection_id: None,
        settled: None,
        created_at: now,
    };
    (1..).zip(&last.injections).map(draft).collect()
}

/// The drafts of a procedure, in the order they are proposed.
pub(super) async fn read_drafts(
    transaction: &Transaction<'_, ReadDrafts>,
    id: ProcedureId,
    window: &Window<(i16, Uuid)>,
) -> Result<Vec<Draft>, ReadProcedureError> {
    read_procedure(transaction, id).await?;
    Ok(store::drafts_of(transaction, id, window).await?)
}

/// Turns a draft into a needle site with what was really done.
pub(super) async fn confirm_draft(
    transaction: &Transaction<'_, SettleDraft>,
    (id, draft_id): (ProcedureId, DraftId),
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

/// Takes a draft off the list; nothing was done there.
pub(super) async fn dismiss_draft(
    transaction: &Transaction<'_, SettleDraft>,
    (id, draft_id): (ProcedureId, DraftId),
) -> Result<Draft, DraftError> {
    let held = hold(transaction, id).await?;
    held.require_status(&[ProcedureStatus::Planned, ProcedureStatus::InProgress])?;
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
    })
}

/// The same side as the chart spells it.
const fn chart_side(side: Side) -> findings::Side {
    match side {
        Side::Left => findings::Side::Left,
        Side::Right => findings::Side::Right,
        Side::Midline => findings::Side::Midline,
    }
}
