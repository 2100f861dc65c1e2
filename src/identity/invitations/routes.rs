//! Invitations over HTTP.

use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::identity::email_address::EmailAddress;
use crate::identity::password::PasswordHasher;
use crate::identity::throttle::Guesser;
use crate::platform::access::{Permit, Role};
use crate::platform::database::Database;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};

use super::accept::{AcceptError, AcceptInvitation, accept};
use super::{
    Invitation, InvitationId, Invite, InviteError, InviteSomebody, ReadInvitations,
    RevokeInvitation, invite, list, read, revoke,
};

/// Adds the operations on invitations.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services
        .service(accept_invitation)
        .service(invite_somebody)
        .service(list_invitations)
        .service(get_invitation)
        .service(revoke_invitation);
}

/// Somebody who is to join.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InviteBody {
    /// The address they are to sign in with.
    #[schema(
        pattern = r"^[^@\s]+@[^@\s]+$",
        max_length = 254,
        example = "new@clinic.example"
    )]
    email: String,
    /// Anything but `patient`.
    role: Role,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
struct InvitationBody {
    id: InvitationId,
    email: String,
    role: Role,
    created_at: DateTime<Utc>,
    /// It can be accepted until then.
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back, or a newer one took its place.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<Invitation> for InvitationBody {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            accepted_at: invitation.accepted_at,
            revoked_at: invitation.revoked_at,
        }
    }
}

/// Invites a person to join the practice.
///
/// What they join with goes to their mailbox and is in no answer, so that nobody makes an account of the
/// address of somebody else. This takes no `Idempotency-Key`: a second invitation of an address takes the place
/// of the first.
#[utoipa::path(
    operation_id = "inviteSomebody", tag = "users", context_path = "/api/v1",
    request_body = InviteBody,
    responses(
        (status = 201, description = "Invited.", body = InvitationBody),
        Refused<InviteError>
    )
)]
#[post("/invitations")]
async fn invite_somebody(
    permit: Permit<Invite>,
    body: Json<InviteBody>,
) -> Result<Answer, Problem> {
    let command = InviteSomebody {
        email: EmailAddress::of_field("/email", &body.email)?,
        role: body.role,
    };
    permit
        .transaction(async |transaction| {
            let invitation = invite(transaction, &command).await?;
            let location = format!("/api/v1/invitations/{}", invitation.id);
            Answer::created(&InvitationBody::from(invitation), location)
        })
        .await
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListInvitationsQuery {
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Lists invitations, the newest first.
#[utoipa::path(
    operation_id = "listInvitations", tag = "users", context_path = "/api/v1",
    params(ListInvitationsQuery),
    responses((status = 200, description = "Invitations.", body = Page<InvitationBody>))
)]
#[get("/invitations")]
async fn list_invitations(
    permit: Permit<ReadInvitations>,
    query: Query<ListInvitationsQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let found = list(transaction, &window).await?;
            let key = |invitation: &Invitation| invitation.id.uuid();
            Answer::ok(&Page::of(found, window.size, key, InvitationBody::from))
        })
        .await
}

/// Reads an invitation.
#[utoipa::path(
    operation_id = "getInvitation", tag = "users", context_path = "/api/v1",
    params(("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 200, description = "The invitation.", body = InvitationBody))
)]
#[get("/invitations/{invitation_id}")]
async fn get_invitation(
    permit: Permit<ReadInvitations>,
    id: PathId<InvitationId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let invitation = read(transaction, id.0).await?;
            Answer::ok(&InvitationBody::from(invitation))
        })
        .await
}

/// Takes an open invitation back.
#[utoipa::path(
    operation_id = "revokeInvitation", tag = "users", context_path = "/api/v1",
    params(("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 204, description = "It can no longer be accepted."))
)]
#[delete("/invitations/{invitation_id}")]
async fn revoke_invitation(
    permit: Permit<RevokeInvitation>,
    id: PathId<InvitationId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(revoke(transaction, id.0).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The credentials of a person who joins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// From the mail.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
    /// Name as shown to others; an account that is there already keeps the one it has.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    display_name: String,
    /// At least 15 characters; the current one of an account that is there already.
    #[schema(min_length = 1, max_length = 256, value_type = String)]
    password: SecretString,
}

/// Somebody who has joined.
#[derive(Serialize, ToSchema)]
struct JoinedBody {
    user_id: Uuid,
    /// The address to sign in with.
    email: String,
    role: Role,
    practice_id: Uuid,
    /// The slug of the practice.
    practice: String,
}

/// Joins a practice with the code of the mail that invites to it; sign in afterwards.
#[utoipa::path(
    operation_id = "acceptInvitation", tag = "users", context_path = "/api/v1", security(()),
    request_body = AcceptBody,
    responses((status = 201, description = "Joined.", body = JoinedBody), Refused<AcceptError>)
)]
#[post("/invitations/accept")]
async fn accept_invitation(
    database: web::Data<Database>,
    passwords: web::Data<PasswordHasher>,
    guesser: Guesser,
    body: Json<AcceptBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    let command = AcceptInvitation {
        token: body.token,
        display_name: body.display_name.trim().to_owned(),
        password: body.password,
        guesser,
    };
    let joined = accept(&database, &passwords, &command).await?;
    Answer::made(&JoinedBody {
        user_id: joined.user_id,
        email: joined.email,
        role: joined.role,
        practice_id: joined.practice_id,
        practice: joined.practice_slug,
    })
}
