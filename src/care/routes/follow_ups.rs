//! Follow-ups over HTTP.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::care::book_follow_up::{
    BookFollowUp, BookFollowUpError, FollowUpAppointment, book_follow_up,
};
use crate::care::create_follow_up::{
    CreateFollowUp, CreateFollowUpError, NewFollowUp, create_follow_up,
};
use crate::care::due_window::DueWindow;
use crate::care::follow_up::{FollowUpId, FollowUpKind};
use crate::care::follow_up_status::FollowUpStatus;
use crate::care::list_follow_ups::{
    ListFollowUps, ReadFollowUp, ReadFollowUpError, ReadOwnFollowUps, list_follow_ups,
    read_follow_up,
};
use crate::care::listed_follow_up::{FollowUpFilter, FollowUpKey, ListedFollowUp};
use crate::patients::PatientId;
use crate::platform::access::{May, Permit};
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};
use crate::procedures::ProcedureId;
use crate::scheduling::OverrideBody;

use super::follow_up_body::{FollowUpBody, Viewer};

/// Adds the operations on follow-ups.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_work)
        .service(list_own)
        .service(get_follow_up)
        .service(ask_for_follow_up)
        .service(book_appointment);
}

/// Which follow-ups are wanted; a follow-up must match every parameter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListFollowUpsQuery {
    /// The status at present.
    #[param(inline, nullable = false)]
    status: Option<FollowUpStatus>,
    #[param(inline, nullable = false)]
    kind: Option<FollowUpKind>,
    /// Whether it was raised by a red flag, so that it comes before all others.
    #[param(nullable = false)]
    urgent: Option<bool>,
    /// Windows that are still open after this.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Windows that open before this.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    patient_id: Option<Uuid>,
    /// Only what changed at this instant or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

impl ListFollowUpsQuery {
    fn filter(&self) -> FollowUpFilter {
        FollowUpFilter {
            status: self.status,
            kind: self.kind,
            urgent: self.urgent,
            from: self.from.map(|instant| instant.0),
            to: self.to.map(|instant| instant.0),
            patient_ids: self.patient_id.map(|id| vec![id]),
            procedure_id: None,
            updated_since: self.updated_since.map(|instant| instant.0),
        }
    }
}

async fn page(
    transaction: &Transaction<'_, impl May<ListFollowUps>>,
    filter: &FollowUpFilter,
    window: &Window<FollowUpKey>,
) -> Result<Answer, Problem> {
    let listed = async { Ok(list_follow_ups(transaction, filter, window).await?) };
    let (listed, viewer) = pipelined!(listed, Viewer::of(transaction))?;
    let key = |listed: &ListedFollowUp| -> FollowUpKey {
        (listed.follow_up.window.due_by, listed.follow_up.id.uuid())
    };
    Answer::ok(&Page::of(listed, window.size, key, |listed| {
        viewer.body(listed)
    }))
}

/// The work list of follow-ups, by the end of their windows.
///
/// The front desk sees which patients to call and why, and not what they said.
#[utoipa::path(
    operation_id = "listFollowUps", tag = "care", context_path = "/api/v1",
    params(ListFollowUpsQuery),
    responses((status = 200, description = "Follow-ups that fit.", body = Page<FollowUpBody>))
)]
#[get("/follow-ups")]
async fn list_work(
    permit: Permit<ListFollowUps>,
    query: Query<ListFollowUpsQuery>,
) -> Result<Answer, Problem> {
    let window = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = query.filter();
    permit
        .transaction(async |transaction| page(transaction, &filter, &window).await)
        .await
}

/// Which of the own follow-ups are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListOwnFollowUpsQuery {
    /// The status at present.
    #[param(inline, nullable = false)]
    status: Option<FollowUpStatus>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// The follow-ups of the patients that the account may see: the patient, and those they act for.
#[utoipa::path(
    operation_id = "listOwnFollowUps", tag = "care", context_path = "/api/v1",
    params(ListOwnFollowUpsQuery),
    responses((status = 200, description = "The follow-ups.", body = Page<FollowUpBody>))
)]
#[get("/me/follow-ups")]
async fn list_own(
    permit: Permit<ReadOwnFollowUps>,
    query: Query<ListOwnFollowUpsQuery>,
) -> Result<Answer, Problem> {
    let window = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let filter = FollowUpFilter {
                status: query.status,
                patient_ids: Some(transaction.principal().patient_ids.clone()),
                ..FollowUpFilter::default()
            };
            page(transaction, &filter, &window).await
        })
        .await
}

/// Reads one follow-up.
#[utoipa::path(
    operation_id = "getFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up.")),
    responses((status = 200, description = "The follow-up.", body = FollowUpBody), Refused<ReadFollowUpError>)
)]
#[get("/follow-ups/{follow_up_id}")]
async fn get_follow_up(
    permit: Permit<ReadFollowUp>,
    id: PathId<FollowUpId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let listed = async { Ok(read_follow_up(transaction, id.0).await?) };
            let (listed, viewer) = pipelined!(listed, Viewer::of(transaction))?;
            viewer.answer(listed)
        })
        .await
}

/// A follow-up to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateFollowUpBody {
    kind: FollowUpKind,
    /// When it can be done.
    due_from: Timestamp,
    /// When it is overdue.
    due_by: Timestamp,
    /// The reason, in words the patient may read.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// The procedure it follows.
    #[schema(value_type = Option<Uuid>)]
    procedure_id: Option<ProcedureId>,
}

/// Adds a follow-up beside those of the protocols.
#[utoipa::path(
    operation_id = "createFollowUp", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = CreateFollowUpBody,
    responses((status = 201, description = "On the list.", body = FollowUpBody), Refused<CreateFollowUpError>)
)]
#[post("/patients/{patient_id}/follow-ups")]
async fn ask_for_follow_up(
    permit: Permit<CreateFollowUp>,
    patient_id: PathId<PatientId>,
    once: Once,
    body: Json<CreateFollowUpBody>,
) -> Result<Answer, Problem> {
    let command = NewFollowUp {
        kind: body.kind,
        reason: body.reason.clone(),
        window: DueWindow {
            due_from: body.due_from.0,
            due_by: body.due_by.0,
        },
        procedure_id: body.procedure_id,
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let listed = create_follow_up(transaction, patient_id.0, &command).await?;
            let (id, version) = (listed.follow_up.id, listed.follow_up.version);
            let body = Viewer::of(transaction).await?.body(listed);
            Ok(Answer::created(&body, format!("/api/v1/follow-ups/{id}"))?.version(version))
        })
        .await
}

/// The time, the location and the provider that are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookFollowUpBody {
    starts_at: Timestamp,
    provider_id: ProviderId,
    location_id: LocationId,
    /// Without it: the type called follow-up, else the shortest that is not for new patients.
    appointment_type_id: Option<AppointmentTypeId>,
    /// Lets staff book outside hours, grid and lead time, and before a review; never a taken time.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

/// Books the appointment of a follow-up, by the rules of every booking.
#[utoipa::path(
    operation_id = "bookFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up."), Once, IfMatch),
    request_body = BookFollowUpBody,
    responses((status = 200, description = "Booked.", body = FollowUpBody), Refused<BookFollowUpError>)
)]
#[post("/follow-ups/{follow_up_id}/book")]
async fn book_appointment(
    permit: Permit<BookFollowUp>,
    id: PathId<FollowUpId>,
    once: Once,
    if_match: IfMatch,
    body: Json<BookFollowUpBody>,
) -> Result<Answer, Problem> {
    let wanted = FollowUpAppointment {
        starts_at: body.starts_at.0,
        provider_id: body.provider_id,
        location_id: body.location_id,
        appointment_type_id: body.appointment_type_id,
        override_reason: OverrideBody::reason_of(body.overriding.as_ref())?,
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let listed = book_follow_up(transaction, id.0, &if_match, &wanted).await?;
            Viewer::of(transaction).await?.answer(listed)
        })
        .await
}
