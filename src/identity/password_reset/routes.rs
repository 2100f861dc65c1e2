//! A forgotten password over HTTP.

use actix_web::{HttpResponse, post, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::identity::password::PasswordHasher;
use crate::platform::database::Database;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};

use super::ask::ask_for_reset;
use super::reset::{ResetError, reset_password};

/// Adds the operations on forgotten passwords.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services
        .service(forgot_password)
        .service(reset_forgotten_password);
}

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForgotPasswordBody {
    #[schema(min_length = 1, max_length = 254, example = "ana@clinic.example")]
    email: String,
}

/// Asks for a mail with a code for a new password.
///
/// The answer and its time are the same whether the address has an account or not.
#[utoipa::path(
    operation_id = "forgotPassword", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = ForgotPasswordBody,
    responses((status = 202, description = "If there is such an account, a mail is on its way."))
)]
#[post("/auth/password/forgot")]
async fn forgot_password(
    database: web::Data<Database>,
    body: Json<ForgotPasswordBody>,
) -> Result<HttpResponse, Problem> {
    ask_for_reset(&database, &body.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// A code and the password to come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPasswordBody {
    /// From the mail.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
    /// At least 15 characters, or 12 beside a second factor; a few words make a good one.
    #[schema(min_length = 1, max_length = 256, value_type = String)]
    new_password: SecretString,
}

/// Chooses another password with the code of a mail. All sessions of the account end; sign in afterwards.
#[utoipa::path(
    operation_id = "resetPassword", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = ResetPasswordBody,
    responses((status = 204, description = "Changed."), Refused<ResetError>)
)]
#[post("/auth/password/reset")]
async fn reset_forgotten_password(
    database: web::Data<Database>,
    passwords: web::Data<PasswordHasher>,
    body: Json<ResetPasswordBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    reset_password(&database, &passwords, &body.token, body.new_password).await?;
    Ok(HttpResponse::NoContent().finish())
}
