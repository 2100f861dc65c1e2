//! Single sign-on over HTTP.

use actix_web::{HttpResponse, delete, get, post, put, web};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identity::password::PasswordHasher;
use crate::identity::routes::LogInAnswer;
use crate::identity::sessions::EndSession;
use crate::identity::throttle::Guesser;
use crate::platform::access::Permit;
use crate::platform::database::Database;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::outbound::Outbound;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::token::AccessTokens;

use super::finish::{Desk, Finish, FinishError, finish};
use super::link::{self, LinkError, LinkIdentity, ReadIdentity, part};
use super::logout;
use super::name_provider::{
    self, ConfigureError, ConfigureProvider, ReadProvider, forget, name_provider,
};
use super::provider::NamedProvider;
use super::start::{Start, StartError, start};
use super::store::{LinkRow, ProviderRow};

/// Adds the operations on single sign-on.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services
        .service(start_sign_in)
        .service(finish_sign_in)
        .service(log_out_everywhere)
        .service(get_identity_provider)
        .service(put_identity_provider)
        .service(delete_identity_provider)
        .service(get_identity)
        .service(link_identity)
        .service(part_identity);
}

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartSignInBody {
    /// Slug of the practice.
    #[schema(min_length = 1, max_length = 63, example = "riverside")]
    practice: String,
    /// From the mail of an invitation, for who joins in this way.
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    invitation_token: Option<String>,
}

/// Where the person goes, and what finishes the sign-in.
#[derive(Serialize, ToSchema)]
struct StartedBody {
    /// Send the browser there.
    authorization_url: String,
    /// Keep it where nobody else reads it, and send it along at the end.
    sign_in_token: String,
    /// Seconds in which the person can come back.
    expires_in: i64,
}

/// Begins a sign-in at the practice's OpenID provider.
///
/// Send the browser to `authorization_url`. The provider sends it back to the page that the practice has named,
/// with `code` and `state`; hand them on to `/auth/sso/finish` together with `sign_in_token`.
#[utoipa::path(
    operation_id = "startSingleSignOn", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = StartSignInBody,
    responses((status = 200, description = "Begun.", body = StartedBody), Refused<StartError>)
)]
#[post("/auth/sso/start")]
async fn start_sign_in(
    database: web::Data<Database>,
    outbound: web::Data<Outbound>,
    body: Json<StartSignInBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    let command = Start {
        practice: body.practice,
        invitation_token: body.invitation_token,
    };
    let started = start(&database, &outbound, &command).await?;
    Answer::ok(&StartedBody {
        authorization_url: started.authorization_url,
        sign_in_token: started.sign_in_token,
        expires_in: started.expires_in,
    })
}

/// What came back from the provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FinishSignInBody {
    #[schema(min_length = 1, max_length = 200)]
    sign_in_token: String,
    #[schema(min_length = 1, max_length = 200)]
    state: String,
    #[schema(min_length = 1, max_length = 4000)]
    code: String,
    /// `iss` of the address, where the provider adds it.
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    iss: Option<String>,
}

/// Finishes a sign-in at the practice's OpenID provider.
///
/// One try uses the sign-in up. The identity must be linked with a user, by an admin or by an invitation; an
/// e-mail address that is equal links nobody. The problem says the `subject` that an admin can link.
#[utoipa::path(
    operation_id = "finishSingleSignOn", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = FinishSignInBody,
    responses(
        (status = 200, description = "Signed in, or asked for the second factor.", body = LogInAnswer),
        Refused<FinishError>
    )
)]
#[post("/auth/sso/finish")]
async fn finish_sign_in(
    database: web::Data<Database>,
    outbound: web::Data<Outbound>,
    tokens: web::Data<AccessTokens>,
    passwords: web::Data<PasswordHasher>,
    guesser: Guesser,
    body: Json<FinishSignInBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    let desk = Desk {
        database: &database,
        outbound: &outbound,
        tokens: &tokens,
        passwords: &passwords,
    };
    let command = Finish {
        sign_in_token: body.sign_in_token,
        state: body.state,
        code: body.code,
        issuer: body.iss,
        guesser,
    };
    LogInAnswer::answer(finish(&desk, &command).await?)
}

/// Where to go to sign out at the provider.
#[derive(Serialize, ToSchema)]
struct LoggedOutBody {
    /// Send the browser there; empty where the provider has no such place.
    end_session_url: Option<String>,
}

/// Signs out, and says where to sign out at the provider.
#[utoipa::path(
    operation_id = "logOutOfSingleSignOn", tag = "signing in", context_path = "/api/v1",
    responses((status = 200, description = "Signed out here.", body = LoggedOutBody))
)]
#[post("/auth/sso/logout")]
async fn log_out_everywhere(
    permit: Permit<EndSession>,
    database: web::Data<Database>,
    outbound: web::Data<Outbound>,
) -> Result<Answer, Problem> {
    let end_session_url = logout::log_out(&permit, &database, &outbound).await?;
    Answer::ok(&LoggedOutBody { end_session_url })
}

/// The OpenID provider to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutIdentityProviderBody {
    /// As the provider writes it, such as `https://login.clinic.example/realms/clinic`.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^https?://",
        example = "https://login.clinic.example/realms/clinic"
    )]
    issuer: String,
    #[schema(min_length = 1, max_length = 200, example = "tautband")]
    client_id: String,
    /// Left out, the one that is there stays; it is never shown.
    #[schema(min_length = 1, max_length = 500, nullable = false, value_type = Option<String>)]
    client_secret: Option<SecretString>,
    /// The page of your client that people are sent back to, exactly as the provider knows it.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^https?://",
        example = "https://clinic.example/signed-in"
    )]
    redirect_uri: String,
    /// Values of `amr` or `acr` that count as a second factor, such as `mfa`; none, and only our own counts.
    #[serde(default)]
    #[schema(max_items = 20)]
    second_factor_values: Vec<SecondFactorValue>,
    /// Whether people can sign in with it.
    enabled: bool,
}

/// A value of `amr` or `acr`.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, min_length = 1, max_length = 200)]
struct SecondFactorValue(String);

/// The OpenID provider of the practice; its secret is never shown.
#[derive(Serialize, ToSchema)]
struct IdentityProviderBody {
    issuer: String,
    client_id: String,
    redirect_uri: String,
    second_factor_values: Vec<String>,
    enabled: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<ProviderRow> for IdentityProviderBody {
    fn from(row: ProviderRow) -> Self {
        Self {
            issuer: row.issuer,
            client_id: row.client_id,
            redirect_uri: row.redirect_uri,
            second_factor_values: row.second_factor_values.into_iter().flatten().collect(),
            enabled: row.is_enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Reads which OpenID provider the practice has.
#[utoipa::path(
    operation_id = "getIdentityProvider", tag = "users", context_path = "/api/v1",
    responses(
        (status = 200, description = "The provider.", body = IdentityProviderBody),
        Refused<ConfigureError>
    )
)]
#[get("/practice/identity-provider")]
async fn get_identity_provider(permit: Permit<ReadProvider>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            Answer::ok(&IdentityProviderBody::from(
                name_provider::read(transaction).await?,
            ))
        })
        .await
}

/// Names the OpenID provider of the practice. It is asked for its description first.
#[utoipa::path(
    operation_id = "putIdentityProvider", tag = "users", context_path = "/api/v1",
    request_body = PutIdentityProviderBody,
    responses(
        (status = 200, description = "Named.", body = IdentityProviderBody),
        Refused<ConfigureError>
    )
)]
#[put("/practice/identity-provider")]
async fn put_identity_provider(
    permit: Permit<ConfigureProvider>,
    outbound: web::Data<Outbound>,
    body: Json<PutIdentityProviderBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    let values = body.second_factor_values.into_iter();
    let named = NamedProvider {
        issuer: body.issuer,
        client_id: body.client_id,
        client_secret: body.client_secret,
        redirect_uri: body.redirect_uri,
        second_factor_values: values.map(|value| value.0).collect(),
        is_enabled: body.enabled,
    };
    let kept = name_provider(&permit, &outbound, &named).await?;
    Answer::ok(&IdentityProviderBody::from(kept))
}

/// Forgets the OpenID provider; everybody signs in with a password again.
#[utoipa::path(
    operation_id = "deleteIdentityProvider", tag = "users", context_path = "/api/v1",
    responses((status = 204, description = "Forgotten."), Refused<ConfigureError>)
)]
#[delete("/practice/identity-provider")]
async fn delete_identity_provider(
    permit: Permit<ConfigureProvider>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(forget(transaction).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who a user is at the provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkIdentityBody {
    /// `sub` of the provider. Who signs in without being linked is told theirs.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = "^[ -~]+$",
        example = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    )]
    subject: String,
}

/// With which identity a user signs in.
#[derive(Serialize, ToSchema)]
struct IdentityBody {
    issuer: String,
    subject: String,
    linked_at: DateTime<Utc>,
    /// The admin who linked it; empty when it came by an invitation.
    linked_by: Option<Uuid>,
}

impl From<LinkRow> for IdentityBody {
    fn from(row: LinkRow) -> Self {
        Self {
            issuer: row.issuer,
            subject: row.subject,
            linked_at: row.linked_at,
            linked_by: row.linked_by,
        }
    }
}

/// Reads with which identity a user signs in.
#[utoipa::path(
    operation_id = "getIdentity", tag = "users", context_path = "/api/v1",
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = 200, description = "The identity.", body = IdentityBody), Refused<LinkError>)
)]
#[get("/users/{user_id}/identity")]
async fn get_identity(permit: Permit<ReadIdentity>, id: PathId<Uuid>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            Answer::ok(&IdentityBody::from(link::read(transaction, id.0).await?))
        })
        .await
}

/// Links a user with an identity at the practice's OpenID provider, in place of an earlier one.
#[utoipa::path(
    operation_id = "linkIdentity", tag = "users", context_path = "/api/v1",
    params(("user_id" = Uuid, Path, description = "The user.")),
    request_body = LinkIdentityBody,
    responses((status = 200, description = "Linked.", body = IdentityBody), Refused<LinkError>)
)]
#[put("/users/{user_id}/identity")]
async fn link_identity(
    permit: Permit<LinkIdentity>,
    id: PathId<Uuid>,
    body: Json<LinkIdentityBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let linked = link::link(transaction, id.0, &body.subject).await?;
            Answer::ok(&IdentityBody::from(linked))
        })
        .await
}

/// Parts a user from their identity; they sign in with a password.
#[utoipa::path(
    operation_id = "partIdentity", tag = "users", context_path = "/api/v1",
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = 204, description = "Parted."), Refused<LinkError>)
)]
#[delete("/users/{user_id}/identity")]
async fn part_identity(
    permit: Permit<LinkIdentity>,
    id: PathId<Uuid>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(part(transaction, id.0).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
