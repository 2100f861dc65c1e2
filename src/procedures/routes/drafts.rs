//! Proposed sites over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, PathIds, Query};
use crate::rule_sets::shown;

use super::super::draft::{Draft, DraftId, DraftSource, DraftStatus};
use super::super::draft_error::DraftError;
use super::super::inject_batch::BatchError;
use super::super::injection::{Injection, InjectionId};
use super::super::procedure::ProcedureId;
use super::super::propose_sites::{ProposeSites, propose_sites};
use super::super::read::ReadProcedureError;
use super::super::read_drafts::{ReadDrafts, read_drafts};
use super::super::settle_draft::{
    Confirmation, ConfirmedLine, SettleDraft, confirm_draft, confirm_drafts, dismiss_draft,
};
use super::super::syringe::SolutionId;
use super::needle_bodies::InjectionBody;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::kind::Approach;
use tautband_rules::kind::Side;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list)
        .service(propose)
        .service(confirm)
        .service(confirm_many)
        .service(dismiss);
}

/// A site that is proposed; it counts for nothing until it is confirmed.
#[derive(Serialize, ToSchema)]
#[schema(as = InjectionDraft)]
struct DraftBody {
    id: DraftId,
    procedure_id: ProcedureId,
    status: DraftStatus,
    /// The recorded trigger point, if it is one.
    point_id: Option<PointId>,
    muscle_code: String,
    #[schema(value_type = shown::Side)]
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    /// 0 for a dry needle.
    volume_ml: ExactDecimal,
    needle_gauge: Option<i16>,
    needle_length_mm: Option<i16>,
    #[schema(value_type = Option<shown::Approach>)]
    approach: Option<Approach>,
    /// The code of the template, or `last_time`.
    source: String,
    /// What was injected there last time.
    source_solution_id: Option<SolutionId>,
    /// The needle site it became.
    injection_id: Option<InjectionId>,
    settled_by: Option<Uuid>,
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl DraftBody {
    fn new(draft: Draft, procedure_id: ProcedureId) -> Self {
        Self {
            id: draft.id,
            procedure_id,
            status: draft.status,
            point_id: draft.point_id,
            muscle_code: draft.muscle_code,
            side: draft.side,
            view: draft.view,
            x: draft.x.into(),
            y: draft.y.into(),
            volume_ml: draft.volume_ml.into(),
            needle_gauge: draft.needle_gauge,
            needle_length_mm: draft.needle_length_mm,
            approach: draft.approach,
            source: draft.source,
            source_solution_id: draft.source_solution_id,
            injection_id: draft.injection_id,
            settled_by: draft.settled.map(|(by, _)| by),
            settled_at: draft.settled.map(|(_, at)| at),
            created_at: draft.created_at,
        }
    }
}

/// Lists the proposed sites of a procedure, in the order they are proposed.
#[utoipa::path(
    operation_id = "listInjectionDrafts", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), PageParameters),
    responses((status = 200, description = "The drafts.", body = Page<DraftBody>), Refused<ReadProcedureError>)
)]
#[get("/procedures/{procedure_id}/drafts")]
async fn list(
    permit: Permit<ReadDrafts>,
    id: PathId<ProcedureId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window: Window<(i16, Uuid)> = query.window()?;
    permit
        .transaction(async |transaction| {
            let drafts = read_drafts(transaction, id.0, &window).await?;
            let key = |draft: &Draft| (draft.position, draft.id.uuid());
            let body = |draft| DraftBody::new(draft, id.0);
            Answer::ok(&Page::of(drafts, window.size, key, body))
        })
        .await
}

/// Where the proposal comes from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProposeSitesBody {
    from: DraftSource,
    /// Goes with `template`; that of the procedure when left out.
    #[schema(
        pattern = "^[a-z0-9_]+$",
        min_length = 1,
        max_length = 60,
        example = "preempt"
    )]
    template_code: Option<String>,
}

/// Drafts just made.
#[derive(Serialize, ToSchema)]
struct ProposedSitesBody {
    items: Vec<DraftBody>,
}

/// Proposes the sites of a template, or those of the patient's last procedure of this kind.
///
/// Nothing is recorded as done: each draft is confirmed, or dismissed, on its own.
#[utoipa::path(
    operation_id = "proposeSites", tag = "procedures", context_path = "/api/v1",
    request_body = ProposeSitesBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Proposed.", body = ProposedSitesBody), Refused<DraftError>)
)]
#[post("/procedures/{procedure_id}/drafts")]
async fn propose(
    permit: Permit<ProposeSites>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<ProposeSitesBody>,
) -> Result<Answer, Problem> {
    if body.from == DraftSource::LastTime && body.template_code.is_some() {
        return Err(Problem::field(
            "/template_code",
            "does not go with last_time",
        ));
    }
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let template = body.template_code.as_deref();
            let drafts = propose_sites(transaction, id.0, body.from, template).await?;
            let items = drafts.into_iter().map(|draft| DraftBody::new(draft, id.0));
            Answer::made(&ProposedSitesBody {
                items: items.collect(),
            })
        })
        .await
}

/// What was really done at a draft; what is left out is as the draft says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmDraftBody {
    /// What was injected; left out for a dry needle.
    solution_id: Option<SolutionId>,
    /// 0 to 5 with at most three decimals.
    volume_ml: Option<ExactDecimal>,
    #[schema(minimum = 18, maximum = 34)]
    needle_gauge: Option<i16>,
    #[schema(minimum = 4, maximum = 100)]
    needle_length_mm: Option<i16>,
    #[schema(value_type = Option<shown::Approach>)]
    approach: Option<Approach>,
    /// Across the view, where it was another place.
    x: Option<ExactDecimal>,
    /// Down the view, where it was another place.
    y: Option<ExactDecimal>,
    #[schema(minimum = 0, maximum = 20)]
    passes: Option<i16>,
    aspirated: bool,
    twitch_elicited: bool,
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs_before: Option<i16>,
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs_after: Option<i16>,
    /// Depth and direction were confirmed over lung, dura or vertebral artery.
    caution_acknowledged: Option<bool>,
    /// What was seen there that speaks against a needle.
    #[schema(max_items = 5)]
    #[schema(value_type = Option<Vec<shown::SiteFinding>>)]
    site_findings: Option<Vec<SiteFinding>>,
}

impl ConfirmDraftBody {
    fn confirmation(&self) -> Result<Confirmation, Problem> {
        let volume_ml = self.volume_ml.map(|volume| volume.0.normalize());
        let range = Decimal::ZERO..=Decimal::from(5);
        if volume_ml.is_some_and(|volume| !range.contains(&volume) || volume.scale() > 3) {
            let detail = "must be 0 to 5 with at most three decimals";
            return Err(Problem::field("/volume_ml", detail));
        }
        Ok(Confirmation {
            solution_id: self.solution_id,
            volume_ml,
            needle_gauge: self.needle_gauge,
            needle_length_mm: self.needle_length_mm,
            approach: self.approach,
            x: self.x.map(|x| x.0),
            y: self.y.map(|y| y.0),
            passes: self.passes,
            aspirated: self.aspirated,
            twitch_elicited: self.twitch_elicited,
            pain_nrs_before: self.pain_nrs_before,
            pain_nrs_after: self.pain_nrs_after,
            is_caution_acknowledged: self.caution_acknowledged.unwrap_or(false),
            findings: self.site_findings.clone().unwrap_or_default(),
        })
    }
}

/// The site a draft became, and the version of its procedure now.
#[derive(Serialize, ToSchema)]
struct ConfirmedDraftBody {
    #[serde(flatten)]
    injection: InjectionBody,
    draft_id: DraftId,
    procedure_version: Version,
}

/// Confirms a draft with what was really done: it becomes a needle site.
#[utoipa::path(
    operation_id = "confirmDraft", tag = "procedures", context_path = "/api/v1",
    request_body = ConfirmDraftBody,
    params(
        ("procedure_id" = ProcedureId, Path, description = "The procedure."),
        ("draft_id" = DraftId, Path, description = "The draft."), Once
    ),
    responses((status = 201, description = "Recorded.", body = ConfirmedDraftBody), Refused<DraftError>)
)]
#[post("/procedures/{procedure_id}/drafts/{draft_id}/confirm")]
async fn confirm(
    permit: Permit<SettleDraft>,
    ids: PathIds<ProcedureId, DraftId>,
    once: Once,
    body: Json<ConfirmDraftBody>,
) -> Result<Answer, Problem> {
    let done = body.confirmation()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let (injection, procedure) = confirm_draft(transaction, ids.0, ids.1, &done).await?;
            Answer::made(&ConfirmedDraftBody {
                injection: InjectionBody::new(&injection, procedure.id),
                draft_id: ids.1,
                procedure_version: procedure.version,
            })
        })
        .await
}

/// One draft, and what was really done there; what is left out is as the draft says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmDraftsLine)]
struct ConfirmLineBody {
    /// The draft.
    id: DraftId,
    /// What was injected; left out for a dry needle.
    solution_id: Option<SolutionId>,
    /// 0 to 5 with at most three decimals.
    volume_ml: Option<ExactDecimal>,
    #[schema(minimum = 18, maximum = 34)]
    needle_gauge: Option<i16>,
    #[schema(minimum = 4, maximum = 100)]
    needle_length_mm: Option<i16>,
    #[schema(value_type = Option<shown::Approach>)]
    approach: Option<Approach>,
    /// Across the view, where it was another place.
    x: Option<ExactDecimal>,
    /// Down the view, where it was another place.
    y: Option<ExactDecimal>,
    #[schema(minimum = 0, maximum = 20)]
    passes: Option<i16>,
    aspirated: bool,
    twitch_elicited: bool,
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs_before: Option<i16>,
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs_after: Option<i16>,
    /// Depth and direction were confirmed over lung, dura or vertebral artery.
    caution_acknowledged: Option<bool>,
    /// What was seen there that speaks against a needle.
    #[schema(max_items = 5)]
    #[schema(value_type = Option<Vec<shown::SiteFinding>>)]
    site_findings: Option<Vec<SiteFinding>>,
}

impl ConfirmLineBody {
    fn done(&self) -> ConfirmDraftBody {
        ConfirmDraftBody {
            solution_id: self.solution_id,
            volume_ml: self.volume_ml,
            needle_gauge: self.needle_gauge,
            needle_length_mm: self.needle_length_mm,
            approach: self.approach,
            x: self.x,
            y: self.y,
            passes: self.passes,
            aspirated: self.aspirated,
            twitch_elicited: self.twitch_elicited,
            pain_nrs_before: self.pain_nrs_before,
            pain_nrs_after: self.pain_nrs_after,
            caution_acknowledged: self.caution_acknowledged,
            site_findings: self.site_findings.clone(),
        }
    }
}

/// The drafts to be confirmed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmDraftsBody {
    #[schema(min_items = 1, max_items = 60)]
    drafts: Vec<ConfirmLineBody>,
}

/// The sites that the drafts became, and the version of their procedure now.
#[derive(Serialize, ToSchema)]
struct ConfirmedDraftsBody {
    injections: Vec<ConfirmedDraftBody>,
    procedure_version: Version,
}

/// Confirms many drafts with what was really done: all of them, or none. A faulty line is named by its
/// place, such as `/drafts/3/volume_ml`.
#[utoipa::path(
    operation_id = "confirmDrafts", tag = "procedures", context_path = "/api/v1",
    request_body = ConfirmDraftsBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Recorded.", body = ConfirmedDraftsBody), Refused<BatchError>)
)]
#[post("/procedures/{procedure_id}/drafts/confirm")]
async fn confirm_many(
    permit: Permit<SettleDraft>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<ConfirmDraftsBody>,
) -> Result<Answer, Problem> {
    let mut lines = Vec::new();
    let mut faulty = Vec::new();
    for (index, line) in body.drafts.iter().enumerate() {
        match line.done().confirmation() {
            Ok(done) => lines.push(ConfirmedLine {
                draft_id: line.id,
                done,
            }),
            Err(problem) => faulty.push(problem.at_line(&format!("/drafts/{index}"))),
        }
    }
    if !faulty.is_empty() {
        return Err(Problem::of_lines(faulty));
    }
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let (confirmed, procedure) = confirm_drafts(transaction, id.0, &lines).await?;
            let site = |(draft_id, injection): (DraftId, Injection)| ConfirmedDraftBody {
                injection: InjectionBody::new(&injection, procedure.id),
                draft_id,
                procedure_version: procedure.version,
            };
            Answer::made(&ConfirmedDraftsBody {
                injections: confirmed.into_iter().map(site).collect(),
                procedure_version: procedure.version,
            })
        })
        .await
}

/// Dismisses a draft: nothing was done there.
#[utoipa::path(
    operation_id = "dismissDraft", tag = "procedures", context_path = "/api/v1",
    params(
        ("procedure_id" = ProcedureId, Path, description = "The procedure."),
        ("draft_id" = DraftId, Path, description = "The draft.")
    ),
    responses((status = 200, description = "As it is now.", body = DraftBody), Refused<DraftError>)
)]
#[post("/procedures/{procedure_id}/drafts/{draft_id}/dismiss")]
async fn dismiss(
    permit: Permit<SettleDraft>,
    ids: PathIds<ProcedureId, DraftId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let draft = dismiss_draft(transaction, ids.0, ids.1).await?;
            Answer::ok(&DraftBody::new(draft, ids.0))
        })
        .await
}
