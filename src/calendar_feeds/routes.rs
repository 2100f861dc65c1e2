//! Calendar feeds over HTTP, and the calendars themselves at the root.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::database::Database;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};

use super::read::read;
use super::{CalendarFeed, CalendarFeedId, FeedError, ManageFeeds, Subject, list, make, revoke};

/// Adds the operations below `/api/v1`.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(make_calendar_feed)
        .service(list_calendar_feeds)
        .service(revoke_calendar_feed);
}

/// Adds the operation at the root.
pub(crate) fn configure_root(services: &mut Operations<'_>) {
    services.service(get_calendar);
}

/// A provider, or a record of the caller's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeCalendarFeedBody {
    /// For staff: the schedule of this provider.
    provider_id: Option<Uuid>,
    /// For patients: the visits and follow-ups of this record of theirs.
    patient_id: Option<Uuid>,
}

/// A calendar feed.
#[derive(Serialize, ToSchema)]
struct CalendarFeedBody {
    id: CalendarFeedId,
    provider_id: Option<Uuid>,
    patient_id: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl From<CalendarFeed> for CalendarFeedBody {
    fn from(feed: CalendarFeed) -> Self {
        let (provider_id, patient_id) = match feed.subject {
            Subject::Provider(id) => (Some(id), None),
            Subject::Patient(id) => (None, Some(id)),
        };
        Self {
            id: feed.id,
            provider_id,
            patient_id,
            created_at: feed.created_at,
        }
    }
}

/// A calendar feed that was just made.
#[derive(Serialize, ToSchema)]
struct NewCalendarFeedBody {
    #[serde(flatten)]
    feed: CalendarFeedBody,
    /// The path of the calendar on this service. It is secret and shown only here.
    #[schema(example = "/calendar/dGhpcyBpcyBub3QgYSB0b2tlbg.ics")]
    path: String,
}

/// Makes a calendar feed: a provider's schedule for staff, the caller's own visits and follow-ups
/// for patients.
///
/// Only the hash of the secret is stored, so this operation takes no `Idempotency-Key`. The
/// calendar shows time, location and provider, never a reason.
#[utoipa::path(
    operation_id = "makeCalendarFeed", tag = "calendar feeds", context_path = "/api/v1",
    request_body = MakeCalendarFeedBody,
    responses(
        (status = 201, description = "Made.", body = NewCalendarFeedBody),
        Refused<FeedError>
    )
)]
#[post("/calendar-feeds")]
async fn make_calendar_feed(
    permit: Permit<ManageFeeds>,
    body: Json<MakeCalendarFeedBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let (feed, token) = make(transaction, body.provider_id, body.patient_id).await?;
            let path = format!("/calendar/{token}.ics");
            let feed = feed.into();
            Answer::made(&NewCalendarFeedBody { feed, path })
        })
        .await
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListCalendarFeedsQuery {
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Lists the caller's calendar feeds, the newest first.
#[utoipa::path(
    operation_id = "listCalendarFeeds", tag = "calendar feeds", context_path = "/api/v1",
    params(ListCalendarFeedsQuery),
    responses((status = 200, description = "Calendar feeds.", body = Page<CalendarFeedBody>))
)]
#[get("/calendar-feeds")]
async fn list_calendar_feeds(
    permit: Permit<ManageFeeds>,
    query: Query<ListCalendarFeedsQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let feeds = list(transaction, &window).await?;
            let key = |feed: &CalendarFeed| feed.id.uuid();
            Answer::ok(&Page::of(feeds, window.size, key, CalendarFeedBody::from))
        })
        .await
}

/// Revokes a calendar feed of the caller at once.
#[utoipa::path(
    operation_id = "revokeCalendarFeed", tag = "calendar feeds", context_path = "/api/v1",
    params(("calendar_feed_id" = CalendarFeedId, Path, description = "The feed.")),
    responses((status = 204, description = "There is nothing at its address any more."))
)]
#[delete("/calendar-feeds/{calendar_feed_id}")]
async fn revoke_calendar_feed(
    permit: Permit<ManageFeeds>,
    id: PathId<CalendarFeedId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(revoke(transaction, id.0).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reads a calendar at its secret address.
#[utoipa::path(
    operation_id = "getCalendar", tag = "calendar feeds", security(()),
    params(("token" = String, Path, description = "The secret of the feed.")),
    responses(
        (status = 200, description = "A calendar (RFC 5545).", body = String, content_type = "text/calendar"),
        (status = 304, description = "Nothing has changed.")
    )
)]
#[get("/calendar/{token}.ics")]
async fn get_calendar(
    database: web::Data<Database>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let token = request.match_info().get("token").unwrap_or_default();
    let calendar = read(&database, token).await?;
    let digest = Sha256::digest(&calendar);
    let etag = URL_SAFE_NO_PAD.encode(digest);
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((header::ETAG, format!("\"{etag}\"")))
        // Clients may store it but must revalidate it: a feed can end at any moment.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(calendar))
}
