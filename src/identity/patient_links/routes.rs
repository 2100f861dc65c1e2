//! Using a one-time code over HTTP.

use actix_web::{post, web};
use chrono::NaiveDate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identity::email_address::EmailAddress;
use crate::identity::password::PasswordHasher;
use crate::identity::throttle::Guesser;
use crate::platform::database::Database;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};

use super::activate::{Activate, ActivateError, activate};
use super::code::Code;

/// Adds the public door for one-time codes.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services.service(activate_account);
}

/// The content of a request for an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActivateBody {
    /// As the practice gave it; hyphens and capitals do not matter.
    #[schema(min_length = 12, max_length = 20, example = "7K3M-9QWX-2B4D")]
    code: String,
    /// That of the patient.
    birth_date: NaiveDate,
    /// Address to sign in with.
    #[schema(min_length = 3, max_length = 254, format = Email)]
    email: String,
    /// At least 15 characters; that of the account where the address has one already.
    #[schema(min_length = 1, max_length = 256, value_type = String)]
    password: SecretString,
}

/// The record that the account reaches now.
#[derive(Serialize, ToSchema)]
struct ActivatedBody {
    user_id: Uuid,
    patient_id: Uuid,
    /// Slug of the practice, to sign in with.
    practice: String,
}

/// Uses a one-time code, and makes or extends the account that is to reach the record.
///
/// The answer is the same for a wrong code and a wrong birth date. Sign in afterwards. An address
/// that has an account already needs the password of that account.
#[utoipa::path(
    operation_id = "activateAccount", tag = "signing in", context_path = "/api/v1", security(()),
    request_body = ActivateBody,
    responses((status = 200, description = "Linked.", body = ActivatedBody), Refused<ActivateError>)
)]
#[post("/auth/activate")]
async fn activate_account(
    database: web::Data<Database>,
    passwords: web::Data<PasswordHasher>,
    guesser: Guesser,
    body: Json<ActivateBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    let command = Activate {
        code: Code::read(&body.code),
        birth_date: body.birth_date,
        email: EmailAddress::of_field("/email", &body.email)?,
        password: body.password,
        guesser,
    };
    let activated = activate(&database, &passwords, &command).await?;
    Answer::ok(&ActivatedBody {
        user_id: activated.user_id,
        patient_id: activated.patient_id,
        practice: activated.practice,
    })
}
