//! The users of a practice over HTTP.

use actix_web::{get, patch};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::{Permit, Role};
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;

use super::store::UserRow;
use super::{
    ChangeUser, NameKey, ReadUsers, UserChanges, UserError, UserFilter, change, list, read,
};

/// Adds the operations on users.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_users)
        .service(get_user)
        .service(change_user);
}

/// A user of the practice.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeUser)]
struct UserBody {
    id: Uuid,
    display_name: String,
    email: String,
    role: Role,
    /// The provider this user is.
    provider_id: Option<Uuid>,
    /// Whether the user may not sign in here.
    disabled: bool,
    /// When they joined the practice.
    created_at: DateTime<Utc>,
    version: Version,
    /// When they last changed here.
    updated_at: DateTime<Utc>,
}

impl From<UserRow> for UserBody {
    fn from(user: UserRow) -> Self {
        Self {
            disabled: user.is_disabled(),
            id: user.id,
            display_name: user.display_name,
            email: user.email,
            role: user.role,
            provider_id: user.provider_id,
            created_at: user.created_at,
            version: user.version,
            updated_at: user.updated_at,
        }
    }
}

/// Which users.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListUsersQuery {
    /// Those of this role; all of them when it is left out.
    #[param(inline, nullable = false)]
    role: Option<Role>,
    /// Those that joined or changed then or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// The changes; a field that is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeUserBody {
    /// Among the roles of staff.
    #[schema(nullable = false)]
    role: Option<Role>,
    /// Whether the user may not sign in here.
    #[schema(nullable = false)]
    disabled: Option<bool>,
}

fn answer(user: UserRow) -> Result<Answer, Problem> {
    let version = user.version;
    Ok(Answer::ok(&UserBody::from(user))?.version(version))
}

/// Lists the users of the practice by name.
#[utoipa::path(
    operation_id = "listUsers", tag = "users", context_path = "/api/v1",
    params(ListUsersQuery),
    responses((status = 200, description = "Users.", body = Page<UserBody>))
)]
#[get("/users")]
async fn list_users(
    permit: Permit<ReadUsers>,
    query: Query<ListUsersQuery>,
) -> Result<Answer, Problem> {
    let window: Window<NameKey> = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = UserFilter {
        role: query.role,
        updated_since: query.updated_since.map(|since| since.0),
    };
    permit
        .transaction(async |transaction| {
            let users = list(transaction, filter, &window).await?;
            let key = |user: &UserRow| (user.display_name.clone(), user.id);
            Answer::ok(&Page::of(users, window.size, key, UserBody::from))
        })
        .await
}

/// Reads a user of the practice.
#[utoipa::path(
    operation_id = "getUser", tag = "users", context_path = "/api/v1",
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = 200, description = "The user.", body = UserBody))
)]
#[get("/users/{user_id}")]
async fn get_user(permit: Permit<ReadUsers>, id: PathId<Uuid>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Changes what a user is in the practice, or keeps them out. Their sessions end at once.
#[utoipa::path(
    operation_id = "changeUser", tag = "users", context_path = "/api/v1",
    params(("user_id" = Uuid, Path, description = "The user."), IfMatch),
    request_body = ChangeUserBody,
    responses(
        (status = 200, description = "As they are now.", body = UserBody),
        Refused<UserError>
    )
)]
#[patch("/users/{user_id}")]
async fn change_user(
    permit: Permit<ChangeUser>,
    id: PathId<Uuid>,
    if_match: IfMatch,
    body: Json<ChangeUserBody>,
) -> Result<Answer, Problem> {
    let changes = UserChanges {
        role: body.role,
        disabled: body.disabled,
    };
    permit
        .transaction(async |transaction| {
            answer(change(transaction, id.0, &if_match, &changes).await?)
        })
        .await
}
