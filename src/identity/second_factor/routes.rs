//! The second factor over HTTP.

use actix_web::{HttpResponse, delete, post, web};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identity::password::PasswordHasher;
use crate::identity::routes::TokensBody;
use crate::identity::sessions::OwnAccount;
use crate::identity::throttle::Guesser;
use crate::platform::access::Permit;
use crate::platform::database::Database;
use crate::platform::idempotency;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::token::AccessTokens;

use super::SecondFactorError;
use super::challenge::{Answer, answer_challenge};
use super::enrol::{Removal, activate, enrol, remove};
use super::verify::verify;

/// Adds the operations on the second factor.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services
        .service(log_in_with_second_factor)
        .service(enrol_second_factor)
        .service(activate_second_factor)
        .service(verify_second_factor)
        .service(remove_second_factor);
}

/// The second step of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondStepBody {
    /// From the answer to the password.
    #[schema(min_length = 1, max_length = 200)]
    mfa_token: String,
    /// Six digits of the app, or a recovery code.
    #[schema(min_length = 6, max_length = 40, example = "492039")]
    code: String,
}

/// Gives the second factor of a sign-in.
///
/// A code is good once. Wrong codes are counted over all sign-ins; after five further ones have to wait.
#[utoipa::path(
    operation_id = "logInWithSecondFactor", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = SecondStepBody,
    responses((status = 200, description = "Signed in.", body = TokensBody), Refused<SecondFactorError>)
)]
#[post("/auth/login/mfa")]
async fn log_in_with_second_factor(
    database: web::Data<Database>,
    tokens: web::Data<AccessTokens>,
    guesser: Guesser,
    body: Json<SecondStepBody>,
) -> Result<idempotency::Answer, Problem> {
    let body = body.into_inner();
    let answer = Answer {
        token: body.mfa_token,
        code: body.code,
        guesser,
    };
    let signed_in = answer_challenge(&database, &tokens, &answer).await?;
    TokensBody::answer(signed_in)
}

/// What an authenticator app needs to know.
#[derive(Serialize, ToSchema)]
struct EnrolmentBody {
    /// In base 32, to be typed into the app.
    secret: String,
    /// The same for a picture that the app reads.
    #[schema(example = "otpauth://totp/Tautband:ana@clinic.example?secret=…&issuer=Tautband")]
    otpauth_url: String,
}

/// Begins to set up a second factor. Nothing asks for it before a code has activated it.
#[utoipa::path(
    operation_id = "enrolSecondFactor", tag = "signing in", context_path = "/api/v1",
    responses((status = 200, description = "For the app.", body = EnrolmentBody), Refused<SecondFactorError>)
)]
#[post("/auth/mfa/enroll")]
async fn enrol_second_factor(
    permit: Permit<OwnAccount>,
    database: web::Data<Database>,
) -> Result<idempotency::Answer, Problem> {
    let enrolment = enrol(&permit, &database).await?;
    idempotency::Answer::ok(&EnrolmentBody {
        secret: enrolment.secret,
        otpauth_url: enrolment.url,
    })
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    /// Six digits of the app, or a recovery code where the factor is set up already.
    #[schema(min_length = 6, max_length = 40, example = "492039")]
    code: String,
}

/// For the day the app is lost.
#[derive(Serialize, ToSchema)]
struct RecoveryCodesBody {
    /// Each is good once, in place of a code of the app. They are shown here and never again.
    recovery_codes: Vec<String>,
}

/// Activates the second factor with a code of the app. All other sessions of the account end.
#[utoipa::path(
    operation_id = "activateSecondFactor", tag = "signing in", context_path = "/api/v1",
    request_body = CodeBody,
    responses(
        (status = 200, description = "Signing in asks for it from now on.", body = RecoveryCodesBody),
        Refused<SecondFactorError>
    )
)]
#[post("/auth/mfa/activate")]
async fn activate_second_factor(
    permit: Permit<OwnAccount>,
    database: web::Data<Database>,
    body: Json<CodeBody>,
) -> Result<idempotency::Answer, Problem> {
    let recovery_codes = activate(&permit, &database, &body.code).await?;
    idempotency::Answer::ok(&RecoveryCodesBody { recovery_codes })
}

/// Gives the second factor again in this session, where `/problems/step-up-required` asks for it.
#[utoipa::path(
    operation_id = "verifySecondFactor", tag = "signing in", context_path = "/api/v1",
    request_body = CodeBody,
    responses(
        (status = 204, description = "What it was asked for is open for 15 minutes."),
        Refused<SecondFactorError>
    )
)]
#[post("/auth/mfa/verify")]
async fn verify_second_factor(
    permit: Permit<OwnAccount>,
    database: web::Data<Database>,
    body: Json<CodeBody>,
) -> Result<HttpResponse, Problem> {
    verify(&permit, &database, &body.code).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The proof that the factor may be taken away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemovalBody {
    /// It must have 15 characters, for it stands alone from now on.
    #[schema(min_length = 1, max_length = 256, value_type = String)]
    current_password: SecretString,
    #[schema(min_length = 6, max_length = 40, example = "492039")]
    code: String,
}

/// Takes the second factor away, unless the practice requires it. All other sessions of the account end.
#[utoipa::path(
    operation_id = "removeSecondFactor", tag = "signing in", context_path = "/api/v1",
    request_body = RemovalBody,
    responses((status = 204, description = "Taken away."), Refused<SecondFactorError>)
)]
#[delete("/auth/mfa")]
async fn remove_second_factor(
    permit: Permit<OwnAccount>,
    database: web::Data<Database>,
    passwords: web::Data<PasswordHasher>,
    body: Json<RemovalBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let removal = Removal {
        current_password: body.current_password,
        code: body.code,
    };
    remove(&permit, &database, &passwords, &removal).await?;
    Ok(HttpResponse::NoContent().finish())
}
