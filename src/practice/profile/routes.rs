//! The practice over HTTP.

use actix_web::{get, patch};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::{Permit, Role, StepUp};
use crate::platform::blank::trimmed;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::practice::time_zone::TimeZone;

use super::{Change, Profile, ProfileChanges, ProfileError, Read, change, read};

/// Adds the operations on the practice as a whole.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services.service(get_practice).service(change_practice);
}

/// The practice.
#[derive(Serialize, ToSchema)]
struct PracticeBody {
    id: Uuid,
    /// Names the practice at sign-in; it never changes.
    slug: String,
    name: String,
    #[schema(inline)]
    time_zone: TimeZone,
    /// For how long an offer of the waitlist stands.
    waitlist_offer_minutes: i32,
    /// How long before its start a time is offered at the latest.
    waitlist_notice_minutes: i32,
    /// As many appointments still to come as an account of a patient may have booked for one patient.
    most_booked_ahead: i32,
    /// Roles that reach nothing but their own account without a second factor.
    second_factor_roles: Vec<Role>,
    /// Acts before which the second factor is asked for again, when it was given more than 15 minutes ago.
    step_up_for: Vec<StepUp>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Profile> for PracticeBody {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.id,
            slug: profile.slug,
            name: profile.name,
            time_zone: profile.time_zone,
            waitlist_offer_minutes: profile.waitlist.offer_minutes,
            waitlist_notice_minutes: profile.waitlist.notice_minutes,
            most_booked_ahead: profile.most_booked_ahead,
            second_factor_roles: profile.sign_in.second_factor_roles,
            step_up_for: profile.sign_in.step_up_for,
            version: profile.version,
            updated_at: profile.updated_at,
        }
    }
}

/// What is to be changed; a field left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePracticeBody {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    /// IANA name; for everything not tied to one location.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, nullable = false, example = "America/New_York")]
    time_zone: Option<TimeZone>,
    /// For how long an offer of the waitlist stands; never past the start of what is offered.
    #[schema(minimum = 5, maximum = 1440, nullable = false)]
    waitlist_offer_minutes: Option<i32>,
    /// How long before its start a time is offered at the latest.
    #[schema(minimum = 5, maximum = 10080, nullable = false)]
    waitlist_notice_minutes: Option<i32>,
    /// As many appointments still to come as an account of a patient may have booked for one patient;
    /// staff book more. What is booked already stays.
    #[schema(minimum = 1, maximum = 100, nullable = false)]
    most_booked_ahead: Option<i32>,
    /// Roles that reach nothing but their own account without a second factor, in place of those of now.
    #[schema(max_items = 6, nullable = false)]
    second_factor_roles: Option<Vec<Role>>,
    /// Acts before which the second factor is asked for again, in place of those of now.
    #[schema(max_items = 3, nullable = false)]
    step_up_for: Option<Vec<StepUp>>,
}

impl ChangePracticeBody {
    fn changes(&self) -> Result<ProfileChanges, Problem> {
        let mut errors = Vec::new();
        let name = self
            .name
            .as_deref()
            .map(|text| trimmed(text, "/name", &mut errors));
        if errors.is_empty() {
            Ok(ProfileChanges {
                name,
                time_zone: self.time_zone,
                waitlist_offer_minutes: self.waitlist_offer_minutes,
                waitlist_notice_minutes: self.waitlist_notice_minutes,
                most_booked_ahead: self.most_booked_ahead,
                second_factor_roles: self.second_factor_roles.clone(),
                step_up_for: self.step_up_for.clone(),
            })
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// Reads what the practice is called and where it is.
#[utoipa::path(
    operation_id = "getPractice", tag = "practice", context_path = "/api/v1",
    responses((status = 200, description = "The practice.", body = PracticeBody))
)]
#[get("/practice")]
async fn get_practice(permit: Permit<Read>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let profile = read(transaction).await?;
            let version = profile.version;
            Ok(Answer::ok(&PracticeBody::from(profile))?.version(version))
        })
        .await
}

/// Renames the practice, moves it to another zone, or changes how long its waitlist waits and how much
/// patients book ahead.
///
/// What has been offered already stands as long as it did.
#[utoipa::path(
    operation_id = "changePractice", tag = "practice", context_path = "/api/v1",
    params(IfMatch),
    request_body = ChangePracticeBody,
    responses((status = 200, description = "As it is now.", body = PracticeBody), Refused<ProfileError>)
)]
#[patch("/practice")]
async fn change_practice(
    permit: Permit<Change>,
    if_match: IfMatch,
    body: Json<ChangePracticeBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes()?;
    permit
        .transaction(async |transaction| {
            let profile = change(transaction, &if_match, &changes).await?;
            let version = profile.version;
            Ok(Answer::ok(&PracticeBody::from(profile))?.version(version))
        })
        .await
}
