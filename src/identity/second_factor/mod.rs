//! The second factor: an authenticator app, and codes on paper for the day it is lost.
//!
//! A person enrols an app by its secret and proves with a code that it works; only then does signing in
//! ask for it. The code of one half minute is good once, so that who looks over a shoulder has nothing. Ten
//! recovery codes are shown once, stored as hashes, and each is good once. Guesses at codes are counted
//! as guesses at passwords are, and a new sign-in does not begin the count anew.
//!
//! A practice can require the factor of some roles: who has none then reaches their own account alone,
//! where it is set up. It can also ask for the factor again before signing, exports and changes of
//! who may do what.

mod challenge;
mod enrol;
mod recovery_code;
mod routes;
mod store;
mod verify;

pub(super) use challenge::{Challenge, open_challenge};
pub(super) use routes::configure;
pub(super) use store::has_second_factor;

use totp_rs::{Builder, Secret, Totp};

use crate::platform::problem::{Problem, ProblemType, Refusal};

/// The app of one account. Six digits, every 30 seconds, SHA-1: what all apps know.
fn app(secret: &[u8], email: &str) -> Totp {
    Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_account_name(email)
        .with_issuer(Some("Tautband"))
        .build_noncompliant()
}

/// Why a code was not taken, or the factor stays as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecondFactorError {
    #[error("wrong code")]
    WrongCode,
    #[error("no sign-in waits for this code")]
    Refused,
    #[error("there is a factor")]
    Active,
    #[error("there is no factor")]
    None,
    #[error("the practice requires it")]
    Required,
    #[error("not the current password")]
    WrongPassword,
    #[error("{0}")]
    Weak(&'static str),
}

static WRONG_CODE: ProblemType = ProblemType::new(
    "wrong-code",
    401,
    "This code is wrong, was used before, or its time is over",
);
static ACTIVE: ProblemType = ProblemType::new(
    "second-factor-active",
    409,
    "A second factor is set up; take it away before another one is",
);
static NOT_SET_UP: ProblemType = ProblemType::new(
    "second-factor-not-set-up",
    409,
    "No second factor is set up",
);
static REQUIRED: ProblemType = ProblemType::new(
    "second-factor-needed",
    409,
    "The practice requires a second factor of this role",
);

impl Refusal for SecondFactorError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_CODE, &ACTIVE, &NOT_SET_UP, &REQUIRED];

    fn problem(self) -> Problem {
        match self {
            Self::WrongCode => {
                Problem::field("/code", "is wrong, was used before, or its time is over")
            }
            Self::Refused => Problem::new(&WRONG_CODE),
            Self::Active => Problem::new(&ACTIVE),
            Self::None => Problem::new(&NOT_SET_UP),
            Self::Required => Problem::new(&REQUIRED),
            Self::WrongPassword => {
                Problem::field("/current_password", "is not the current password")
            }
            Self::Weak(weakness) => Problem::field("/current_password", weakness),
        }
    }
}
