//! Signing in and out over HTTP.

mod guesser;

use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::{Permit, Role};
use crate::platform::database::{Database, Door};
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::token::AccessTokens;

use super::begin_session::{SignedIn, expires_in};
use super::me::{ReadMe, me};
use super::password::PasswordHasher;
use super::refresh::{RefreshError, refresh};
use super::second_factor::Challenge;
use super::sessions::{ChangePassword, EndSession, ListSessions, SessionError};
use super::sign_in::{Credentials, Entry, SignInError, sign_in};
use super::throttle::Guesser;
use guesser::device_cookie;

use super::{
    invitations, password_reset, patient_links, second_factor, service_accounts, sessions,
    single_sign_on, store, users,
};

/// Adds the operations below `/api/v1`.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(log_in)
        .service(refresh_tokens)
        .service(log_out)
        .service(list_sessions)
        .service(end_session)
        .service(change_password)
        .service(get_me);
    users::configure(services);
    invitations::configure(services);
    patient_links::configure(services);
    second_factor::configure(services);
    password_reset::configure(services);
    single_sign_on::configure(services);
    service_accounts::configure(services);
}

/// Adds the operations at the root.
pub(crate) fn configure_root(services: &mut Operations<'_>) {
    services
        .service(get_key_set)
        .service(get_live)
        .service(get_ready);
}

/// The credentials of a person who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogInBody {
    #[schema(min_length = 1, max_length = 254)]
    email: String,
    #[schema(min_length = 1, max_length = 256, value_type = String)]
    password: SecretString,
    /// Slug of the practice; needed only by who belongs to several.
    #[schema(min_length = 1, max_length = 63)]
    practice: Option<String>,
}

/// Tokens, and who they are for.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensBody {
    /// Goes into `Authorization: Bearer`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token must be replaced.
    expires_in: i64,
    /// Good for one refresh.
    refresh_token: String,
    user: UserBody,
}

/// The user who signed in.
#[derive(Serialize, ToSchema)]
struct UserBody {
    id: Uuid,
    display_name: String,
    role: Role,
    practice_id: Uuid,
    patient_ids: Vec<Uuid>,
}

impl From<SignedIn> for TokensBody {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token,
            token_type: "Bearer",
            expires_in: expires_in(),
            refresh_token: signed_in.refresh_token,
            user: UserBody {
                id: signed_in.member.user_id,
                display_name: signed_in.member.display_name,
                role: signed_in.member.role,
                practice_id: signed_in.member.practice_id,
                patient_ids: signed_in.principal.patient_ids,
            },
        }
    }
}

impl TokensBody {
    /// The answer to who has signed in, with the cookie for a device that is new.
    pub(super) fn answer(signed_in: SignedIn) -> Result<Answer, Problem> {
        let cookie = signed_in.device_token.as_deref().and_then(device_cookie);
        Ok(Answer::ok(&Self::from(signed_in))?.cookie(cookie))
    }
}

/// The password was right, and the second factor is still to come.
#[derive(Serialize, ToSchema)]
pub(super) struct SecondFactorNeededBody {
    /// Always true.
    mfa_required: bool,
    /// For `/auth/login/mfa`, and for nothing else.
    mfa_token: String,
    /// Seconds in which the code can be given.
    expires_in: i64,
}

impl From<Challenge> for SecondFactorNeededBody {
    fn from(challenge: Challenge) -> Self {
        Self {
            mfa_required: true,
            mfa_token: challenge.token,
            expires_in: challenge.expires_in,
        }
    }
}

/// Tokens, or the question for the second factor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum LogInAnswer {
    Tokens(TokensBody),
    SecondFactorNeeded(SecondFactorNeededBody),
}

impl LogInAnswer {
    /// The answer to who has signed in or is asked for the second factor.
    pub(super) fn answer(entry: Entry) -> Result<Answer, Problem> {
        match entry {
            Entry::SignedIn(signed_in) => {
                let cookie = signed_in.device_token.as_deref().and_then(device_cookie);
                let tokens = Self::Tokens((*signed_in).into());
                Ok(Answer::ok(&tokens)?.cookie(cookie))
            }
            Entry::Challenged(challenge) => Answer::ok(&Self::SecondFactorNeeded(challenge.into())),
        }
    }
}

/// Signs in.
///
/// The answer and its timing are the same whether the account exists or not. After five guesses from one
/// network further ones have to wait. The answer to a first sign-in on a device sets a cookie; who sends it
/// back the next time does not wait for the guesses of others.
#[utoipa::path(
    operation_id = "logIn", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = LogInBody,
    responses(
        (status = 200, description = "Signed in, or asked for the second factor.", body = LogInAnswer),
        Refused<SignInError>
    )
)]
#[post("/auth/login")]
async fn log_in(
    database: web::Data<Database>,
    tokens: web::Data<AccessTokens>,
    passwords: web::Data<PasswordHasher>,
    guesser: Guesser,
    body: Json<LogInBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    let credentials = Credentials {
        email: body.email,
        password: body.password,
        practice: body.practice,
        guesser,
    };
    LogInAnswer::answer(sign_in(&database, &tokens, &passwords, &credentials).await?)
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    #[schema(min_length = 1, max_length = 200)]
    refresh_token: String,
}

/// Trades a refresh token for the next pair.
///
/// A token is good once. If the answer was lost, the same client may ask again for ten seconds and gets the
/// same refresh token; a used token that comes back otherwise ends the whole session.
#[utoipa::path(
    operation_id = "refreshTokens", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = RefreshBody,
    responses((status = 200, description = "The next pair.", body = TokensBody), Refused<RefreshError>)
)]
#[post("/auth/refresh")]
async fn refresh_tokens(
    database: web::Data<Database>,
    tokens: web::Data<AccessTokens>,
    guesser: Guesser,
    body: Json<RefreshBody>,
) -> Result<Answer, Problem> {
    let signed_in = refresh(&database, &tokens, &body.refresh_token, &guesser).await?;
    Answer::ok(&TokensBody::from(signed_in))
}

/// Signs out: ends the session of this token at once.
#[utoipa::path(
    operation_id = "logOut", tag = "signing in", context_path = "/api/v1",
    responses((status = 204, description = "Signed out."))
)]
#[post("/auth/logout")]
async fn log_out(permit: Permit<EndSession>) -> Result<HttpResponse, Problem> {
    let session_id = permit.principal().session_id;
    permit
        .transaction(async |transaction| Ok(sessions::end(transaction, session_id).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A sign-in that has not ended.
#[derive(Serialize, ToSchema)]
struct SessionBody {
    id: Uuid,
    /// Whether it is the one that asks.
    current: bool,
    /// User agent given at sign-in.
    client: Option<String>,
    /// Network of the sign-in, without the part that names one machine.
    #[schema(example = "203.0.113.0/24")]
    network: String,
    created_at: DateTime<Utc>,
    refreshed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
}

/// Lists one's own sessions that have not ended, newest first.
#[utoipa::path(
    operation_id = "listSessions", tag = "signing in", context_path = "/api/v1", params(PageQuery),
    responses((status = 200, description = "Sessions.", body = Page<SessionBody>))
)]
#[get("/auth/sessions")]
async fn list_sessions(
    permit: Permit<ListSessions>,
    query: Query<PageQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    let current = permit.principal().session_id;
    let body = |row: store::SessionRow| SessionBody {
        id: row.id,
        current: row.id == current,
        client: row.client,
        network: row.network,
        created_at: row.created_at,
        refreshed_at: row.refreshed_at,
        expires_at: row.expires_at,
    };
    permit
        .transaction(async |transaction| {
            let rows = sessions::list(transaction, &window).await?;
            Answer::ok(&Page::of(rows, window.size, |row| row.id, body))
        })
        .await
}

/// Ends one of one's own sessions at once.
#[utoipa::path(
    operation_id = "endSession", tag = "signing in", context_path = "/api/v1",
    params(("session_id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended."), Refused<SessionError>)
)]
#[delete("/auth/sessions/{session_id}")]
async fn end_session(
    permit: Permit<EndSession>,
    id: PathId<Uuid>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(sessions::end(transaction, id.0).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A password and the one that replaces it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePasswordBody {
    #[schema(min_length = 1, max_length = 256, value_type = String)]
    current_password: SecretString,
    /// At least 15 characters, or 12 beside a second factor; a few words make a good one.
    #[schema(min_length = 12, max_length = 256, value_type = String)]
    new_password: SecretString,
}

/// Changes one's password and ends all one's other sessions.
#[utoipa::path(
    operation_id = "changePassword", tag = "signing in", context_path = "/api/v1",
    request_body = ChangePasswordBody,
    responses((status = 204, description = "Changed."), Refused<SessionError>)
)]
#[post("/auth/password")]
async fn change_password(
    permit: Permit<ChangePassword>,
    database: web::Data<Database>,
    passwords: web::Data<PasswordHasher>,
    body: Json<ChangePasswordBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let passwords = sessions::ChangedPassword {
        hasher: &passwords,
        current: body.current_password,
        new: body.new_password,
    };
    sessions::change_password(&permit, &database, passwords).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller.
#[derive(Serialize, ToSchema)]
struct MeBody {
    id: Uuid,
    display_name: String,
    email: String,
    role: Role,
    practice: MyPracticeBody,
    /// The provider the caller is.
    provider_id: Option<Uuid>,
    /// The patient records the caller may reach as a patient.
    patient_ids: Vec<Uuid>,
}

/// The practice the caller is signed in to.
#[derive(Serialize, ToSchema)]
struct MyPracticeBody {
    id: Uuid,
    slug: String,
    name: String,
    time_zone: String,
}

/// Says who the caller is.
#[utoipa::path(
    operation_id = "getMe", tag = "signing in", context_path = "/api/v1",
    responses((status = 200, description = "The caller.", body = MeBody))
)]
#[get("/me")]
async fn get_me(permit: Permit<ReadMe>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let member = me(transaction).await?;
            Answer::ok(&MeBody {
                id: member.user_id,
                display_name: member.display_name,
                email: member.email,
                role: member.role,
                practice: MyPracticeBody {
                    id: member.practice_id,
                    slug: member.slug,
                    name: member.practice_name,
                    time_zone: member.time_zone,
                },
                provider_id: member.provider_id,
                patient_ids: transaction.principal().patient_ids.clone(),
            })
        })
        .await
}

/// Publishes the keys that access tokens are signed with.
#[utoipa::path(
    operation_id = "getKeySet", tag = "around it", security(()),
    responses((status = 200, description = "A JSON Web Key Set.", body = serde_json::Value))
)]
#[get("/.well-known/jwks.json")]
async fn get_key_set(tokens: web::Data<AccessTokens>) -> Result<Answer, Problem> {
    Answer::ok(&tokens.key_set())
}

/// How the service is.
#[derive(Serialize, ToSchema)]
struct HealthBody {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Says that the process is alive.
#[utoipa::path(
    operation_id = "getLive", tag = "around it", security(()),
    responses((status = 200, description = "Alive.", body = HealthBody))
)]
#[get("/health/live")]
async fn get_live() -> Result<Answer, Problem> {
    Answer::ok(&HealthBody { status: "ok" })
}

/// Says that requests can be served: the database answers and takes writes.
#[utoipa::path(
    operation_id = "getReady", tag = "around it", security(()),
    responses((status = 200, description = "Ready.", body = HealthBody))
)]
#[get("/health/ready")]
async fn get_ready(database: web::Data<Database>) -> Result<Answer, Problem> {
    database
        .through(Door::Readiness, async |connection| {
            if store::takes_writes(connection).await? {
                Ok(())
            } else {
                Err(Problem::new(&problem::BUSY))
            }
        })
        .await?;
    Answer::ok(&HealthBody { status: "ok" })
}
