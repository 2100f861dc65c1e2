//! Recording, reading and correcting palpations over HTTP.

use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::findings::chart::{Side, View};
use crate::findings::correct::{PalpationOfVisit, amend};
use crate::findings::palpate::{Palpate, PalpateError, palpate};
use crate::findings::palpation::{Palpation, PalpationId};
use crate::findings::propose_points::{NextPlace, propose_points};
use crate::findings::read::{Read, of_visit, palpation};
use crate::findings::void_palpation::void_palpation;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, PathIds, Query};
use crate::visits::VisitId;

use super::sent_palpation::{RecordPalpationBody, UpdatePalpationBody};
use super::shown_palpation::PalpationBody;

/// Adds the operations on palpations.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(record_palpation)
        .service(list_visit_palpations)
        .service(get_palpation)
        .service(update_palpation)
        .service(void_trigger_point)
        .service(list_point_proposals);
}

/// Records what was felt at a point. Muscle, side, view and coordinates must agree.
///
/// Without `same_as` it is a new point, and the response proposes earlier points that it may be.
#[utoipa::path(
    operation_id = "recordPalpation", tag = "findings", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), Once),
    request_body = RecordPalpationBody,
    responses((status = 201, description = "The recorded palpation.", body = PalpationBody), Refused<PalpateError>)
)]
#[post("/visits/{visit_id}/trigger-points")]
async fn record_palpation(
    permit: Permit<Palpate>,
    id: PathId<VisitId>,
    once: Once,
    body: Json<RecordPalpationBody>,
) -> Result<Answer, Problem> {
    body.command()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let palpated = palpate(transaction, id.0, body.command()?).await?;
            let palpation = &palpated.palpation;
            let version = palpation.version;
            let location = format!("/api/v1/visits/{}/trigger-points/{}", id.0, palpation.id);
            Ok(Answer::created(&PalpationBody::from(palpated), location)?.version(version))
        })
        .await
}

/// The parameters of a list that has no filter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    pub(super) cursor: Option<Cursor>,
}

/// Lists what was felt at one visit, in the order in which it was recorded.
#[utoipa::path(
    operation_id = "listVisitTriggerPoints", tag = "findings", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), PageQuery),
    responses((status = 200, description = "A page of palpations.", body = Page<PalpationBody>))
)]
#[get("/visits/{visit_id}/trigger-points")]
async fn list_visit_palpations(
    permit: Permit<Read>,
    id: PathId<VisitId>,
    query: Query<PageQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let palpations = of_visit(transaction, id.0, &window).await?;
            let key = |palpation: &Palpation| palpation.id.uuid();
            Answer::ok(&Page::of(palpations, window.size, key, PalpationBody::from))
        })
        .await
}

/// Reads what was felt at one point at one visit.
#[utoipa::path(
    operation_id = "getPalpation", tag = "findings", context_path = "/api/v1",
    params(
        ("visit_id" = VisitId, Path, description = "The visit."),
        ("palpation_id" = PalpationId, Path, description = "The palpation."),
    ),
    responses((status = 200, description = "The palpation.", body = PalpationBody))
)]
#[get("/visits/{visit_id}/trigger-points/{palpation_id}")]
async fn get_palpation(
    permit: Permit<Read>,
    PathIds(visit_id, id): PathIds<VisitId, PalpationId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let found = palpation(transaction, visit_id, id).await?;
            let version = found.version;
            Ok(Answer::ok(&PalpationBody::from(found))?.version(version))
        })
        .await
}

/// Corrects a palpation of an open visit: what was felt, where, and at which point.
///
/// Classification and course are derived again.
#[utoipa::path(
    operation_id = "updatePalpation", tag = "findings", context_path = "/api/v1",
    params(
        ("visit_id" = VisitId, Path, description = "The visit."),
        ("palpation_id" = PalpationId, Path, description = "The palpation."),
        IfMatch,
    ),
    request_body = UpdatePalpationBody,
    responses(
        (status = 200, description = "The corrected palpation.", body = PalpationBody),
        Refused<PalpateError>,
    )
)]
#[patch("/visits/{visit_id}/trigger-points/{palpation_id}")]
async fn update_palpation(
    permit: Permit<Palpate>,
    PathIds(visit_id, id): PathIds<VisitId, PalpationId>,
    if_match: IfMatch,
    body: Json<UpdatePalpationBody>,
) -> Result<Answer, Problem> {
    let (place, change) = (body.place()?, body.change()?);
    permit
        .transaction(async |transaction| {
            let palpation = PalpationOfVisit { visit_id, id };
            let amended = amend(transaction, palpation, &if_match, &place, &change).await?;
            let version = amended.version;
            Ok(Answer::ok(&PalpationBody::from(amended))?.version(version))
        })
        .await
}

/// Why it was entered in error.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoidPalpationBody {
    #[schema(min_length = 1, max_length = 1000, example = "Clicked by mistake")]
    reason: String,
}

/// Marks a palpation of an open visit as entered in error. It stays and counts nowhere.
#[utoipa::path(
    operation_id = "voidPalpation", tag = "findings", context_path = "/api/v1",
    params(
        ("visit_id" = VisitId, Path, description = "The visit."),
        ("palpation_id" = PalpationId, Path, description = "The palpation."),
        IfMatch,
    ),
    request_body = VoidPalpationBody,
    responses(
        (status = 200, description = "The marked palpation.", body = PalpationBody),
        Refused<PalpateError>,
    )
)]
#[post("/visits/{visit_id}/trigger-points/{palpation_id}/void")]
async fn void_trigger_point(
    permit: Permit<Palpate>,
    PathIds(visit_id, id): PathIds<VisitId, PalpationId>,
    if_match: IfMatch,
    body: Json<VoidPalpationBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let palpation = PalpationOfVisit { visit_id, id };
            let reason = body.reason.clone();
            let voided = void_palpation(transaction, palpation, &if_match, reason).await?;
            let version = voided.version;
            Ok(Answer::ok(&PalpationBody::from(voided))?.version(version))
        })
        .await
}

/// Where the next palpation would be.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PointProposalsQuery {
    /// The code in the muscle catalogue.
    #[param(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "trapezius_upper")]
    muscle_code: String,
    #[param(example = "left")]
    side: Side,
    #[param(example = "HN_POST")]
    view: View,
    /// Across the view from the viewer's left, 0 to 1.
    #[param(example = "0.27")]
    x: ExactDecimal,
    /// Down the view, 0 to 1.
    #[param(example = "0.70")]
    y: ExactDecimal,
}

/// The last palpation of each point that could be meant.
#[derive(Serialize, ToSchema)]
struct PointProposalsBody {
    /// The nearest first.
    items: Vec<PalpationBody>,
}

/// Lists the earlier points that the next palpation could be, before anything is recorded.
///
/// Send the `point_id` of the one that you recognise as `same_as`.
#[utoipa::path(
    operation_id = "listPointProposals", tag = "findings", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), PointProposalsQuery),
    responses(
        (status = 200, description = "The points.", body = PointProposalsBody),
        Refused<PalpateError>,
    )
)]
#[get("/visits/{visit_id}/point-proposals")]
async fn list_point_proposals(
    permit: Permit<Palpate>,
    id: PathId<VisitId>,
    query: Query<PointProposalsQuery>,
) -> Result<Answer, Problem> {
    let next = NextPlace {
        muscle_code: query.muscle_code.clone(),
        side: query.side,
        view: query.view,
        x: query.x.0,
        y: query.y.0,
    };
    permit
        .transaction(async |transaction| {
            let proposed = propose_points(transaction, id.0, &next).await?;
            Answer::ok(&PointProposalsBody {
                items: proposed.into_iter().map(PalpationBody::from).collect(),
            })
        })
        .await
}
