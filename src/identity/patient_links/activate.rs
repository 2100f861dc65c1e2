//! Using a one-time code: an account, new or one's own, reaches the record from then on.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::identity::password::{self, PasswordHasher};
use crate::identity::sign_in::WRONG_CREDENTIALS;
use crate::identity::{store as accounts, throttle};
use crate::platform::access::Role;
use crate::platform::database::{Database, DatabaseError, Door};
use crate::platform::id;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::code::Code;
use super::store::{self, CodeRow};

/// So many wrong tries use a code up.
const MOST_FAILURES: i32 = 5;

/// The content of a request for an account.
pub(super) struct Activate {
    pub(super) code: Code,
    pub(super) birth_date: NaiveDate,
    /// In lower case.
    pub(super) email: String,
    /// A new one, or that of the account with this address.
    pub(super) password: SecretString,
}

/// The record that is reached from now on, and where to sign in.
pub(super) struct Activated {
    pub(super) user_id: Uuid,
    pub(super) patient_id: Uuid,
    pub(super) practice: String,
}

/// Why no account was linked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ActivateError {
    #[error("no such code with this birth date")]
    Refused,
    #[error("not the password of the account with this address")]
    WrongPassword,
    #[error("the account is that of a member of staff")]
    Staff,
    #[error("{0}")]
    Weak(&'static str),
    #[error("too many failures")]
    TooMany { wait: TimeDelta },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static ACTIVATION_REFUSED: ProblemType = ProblemType::new(
    "activation-refused",
    422,
    "Code and birth date do not go together, or the code is no longer good",
);
static ACCOUNT_OF_STAFF: ProblemType = ProblemType::new(
    "account-of-staff",
    409,
    "The account with this address works in this practice; use another address",
);

impl Refusal for ActivateError {
    const TYPES: &'static [&'static ProblemType] =
        &[&ACTIVATION_REFUSED, &WRONG_CREDENTIALS, &ACCOUNT_OF_STAFF];

    fn problem(self) -> Problem {
        match self {
            Self::Refused => Problem::new(&ACTIVATION_REFUSED),
            Self::WrongPassword => Problem::new(&WRONG_CREDENTIALS)
                .detail("There is an account with this address: give its password."),
            Self::Staff => Problem::new(&ACCOUNT_OF_STAFF),
            Self::Weak(weakness) => Problem::field("/password", weakness),
            Self::TooMany { wait } => Problem::new(&problem::TOO_MANY)
                .header(actix_web::http::header::RETRY_AFTER, wait.num_seconds() + 1),
            Self::Database(error) => error.into(),
        }
    }
}

/// The account an address has, or is to get.
enum Account {
    Known { user_id: Uuid, hash: Option<String> },
    New,
}

/// Links the account with the address, or a new one, to the record the code is for.
pub(super) async fn activate(
    database: &Database,
    passwords: &PasswordHasher,
    command: &Activate,
) -> Result<Activated, Problem> {
    let account = prove(database, command).await??;
    let password = command.password.clone();
    let account = match account {
        Account::Known { user_id, hash } => {
            if !passwords.matches(password, hash).await? {
                count_wrong_password(database, command).await?;
                return Err(ActivateError::WrongPassword.into());
            }
            Ok(user_id)
        }
        // Hashed while no connection is held.
        Account::New => Err(passwords.hash(password).await?),
    };
    let linked = database
        .through(Door::Activation, async |connection| {
            Ok(link(connection, command, &account, database.now()).await?)
        })
        .await?;
    Ok(linked)
}

/// Finds the account after code and birth date proved right. A refusal is an answer of the
/// transaction here and no error of it, because the failure must be counted.
async fn prove(
    database: &Database,
    command: &Activate,
) -> Result<Result<Account, ActivateError>, Problem> {
    let now = database.now();
    let by_code = command.code.throttle_subject();
    let by_address = Sha256::digest(&command.email);
    database
        .through(Door::Activation, async |connection| {
            let mut wait = TimeDelta::zero();
            for subject in [by_code.as_slice(), by_address.as_slice()] {
                if let Some((count, at)) = accounts::failures(connection, subject).await? {
                    wait = wait.max(throttle::wait(count, at, now));
                }
            }
            if wait > TimeDelta::zero() {
                return Ok(Err(ActivateError::TooMany { wait }));
            }
            if proven(connection, command, now).await?.is_none() {
                count_failure(connection, command, now).await?;
                return Ok(Err(ActivateError::Refused));
            }
            let account = store::account(connection, &command.email).await?;
            let Some((user_id, hash, may_sign_in)) = account else {
                let chosen = command.password.expose_secret();
                return Ok(match password::weakness(chosen, &command.email) {
                    Some(weakness) => Err(ActivateError::Weak(weakness)),
                    None => Ok(Account::New),
                });
            };
            let hash = may_sign_in.then_some(hash);
            Ok(Ok(Account::Known { user_id, hash }))
        })
        .await
}

/// The code, when it can be used and the birth date goes with it.
async fn proven(
    connection: &AsyncPgConnection,
    command: &Activate,
    now: DateTime<Utc>,
) -> Result<Option<CodeRow>, DatabaseError> {
    let usable = store::usable(connection, &command.code, (now, MOST_FAILURES)).await?;
    let given = command.code.proof(command.birth_date);
    let proven = usable.filter(|(_, proof)| *proof == given);
    Ok(proven.map(|(row, _)| row))
}

async fn count_failure(
    connection: &AsyncPgConnection,
    command: &Activate,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    store::count_failure(connection, &command.code).await?;
    let subject = command.code.throttle_subject();
    accounts::record_failure(connection, &subject, now, throttle::MEMORY).await
}

/// Counted for the account as at sign-in, and for the code too: a code must not become a door at
/// which addresses and passwords are tried out.
async fn count_wrong_password(database: &Database, command: &Activate) -> Result<(), Problem> {
    let now = database.now();
    let by_address = Sha256::digest(&command.email);
    database
        .through(Door::Activation, async |connection| {
            count_failure(connection, command, now).await?;
            let memory = throttle::MEMORY;
            Ok(accounts::record_failure(connection, &by_address, now, memory).await?)
        })
        .await
}

/// Uses the code up for a known account (`Ok`) or a new one with this hash (`Err`).
async fn link(
    connection: &AsyncPgConnection,
    command: &Activate,
    account: &Result<Uuid, String>,
    now: DateTime<Utc>,
) -> Result<Activated, ActivateError> {
    let row = proven(connection, command, now).await?;
    let row = row.ok_or(ActivateError::Refused)?;
    let (practice_id, patient_id) = (row.practice_id, row.patient_id);
    let user_id = match account {
        Ok(user_id) => *user_id,
        Err(hash) => new_account(connection, command, (&row, hash), now).await?,
    };
    match store::role_in(connection, practice_id, user_id).await? {
        Some((Role::Patient, true)) => {}
        Some((Role::Patient, false)) => return Err(ActivateError::WrongPassword),
        Some(_) => return Err(ActivateError::Staff),
        None => {
            let role = (Role::Patient, None);
            accounts::insert_membership(connection, practice_id, user_id, role, now).await?;
        }
    }
    store::link(connection, user_id, row, now).await?;
    accounts::forget_failures(connection, &command.code.throttle_subject()).await?;
    Ok(Activated {
        user_id,
        patient_id,
        practice: store::slug(connection, practice_id).await?,
    })
}

async fn new_account(
    connection: &AsyncPgConnection,
    command: &Activate,
    (row, hash): (&CodeRow, &str),
    now: DateTime<Utc>,
) -> Result<Uuid, ActivateError> {
    let user_id = id::fresh(now);
    let user = accounts::NewUser {
        id: user_id,
        email: command.email.clone(),
        display_name: row.holder_name(),
        password_hash: hash.to_owned(),
        created_at: now,
        updated_at: now,
    };
    accounts::insert_user(connection, &user)
        .await
        .map_err(|error| {
            // Someone else took the address while the password was being hashed.
            if error.breaks("users_email_unique") {
                ActivateError::WrongPassword
            } else {
                error.into()
            }
        })?;
    Ok(user_id)
}
