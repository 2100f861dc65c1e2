//! Using a one-time code: an account, new or one's own, reaches the record from then on.

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::identity::email_address::EmailAddress;
use crate::identity::password::{Lane, PasswordHasher};
use crate::identity::password_rules::{Owner, weakness};
use crate::identity::send_mails::announce_account;
use crate::identity::sign_in::WRONG_CREDENTIALS;
use crate::identity::store as accounts;
use crate::identity::throttle::{self, Bucket, Guesser};
use crate::platform::access::Role;
use crate::platform::database::{Database, DatabaseError, Door};
use crate::platform::id;
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::code::Code;
use super::store::{self, CodeRow};

/// So many wrong tries use a code up.
const MOST_FAILURES: i32 = 5;

/// The content of a request for an account.
pub(super) struct Activate {
    pub(super) code: Code,
    pub(super) birth_date: NaiveDate,
    pub(super) email: EmailAddress,
    /// A new one, or that of the account with this address.
    pub(super) password: SecretString,
    pub(super) guesser: Guesser,
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
    let (buckets, lane) = count(database, command).await?;
    let account = prove(database, command, &buckets).await??;
    let password = command.password.clone();
    let account = match account {
        Account::Known { user_id, hash } => {
            if !passwords.matches(password, hash, lane).await? {
                count_failure(database, command).await?;
                return Err(ActivateError::WrongPassword.into());
            }
            Ok(user_id)
        }
        // Hashed while no connection is held.
        Account::New => Err(passwords.hash(password).await?),
    };
    let linked = database
        .through(Door::Activation, async |connection| {
            let linked = link(connection, command, &account, database.now()).await?;
            throttle::settle(connection, &buckets).await?;
            Ok(linked)
        })
        .await?;
    Ok(linked)
}

/// Counts the try before anything is looked at: for the code, which must not become a door at which
/// addresses and passwords are tried out, and for the account as at sign-in.
async fn count(database: &Database, command: &Activate) -> Result<(Vec<Bucket>, Lane), Problem> {
    let now = database.now();
    database
        .through(Door::Activation, async |connection| {
            let account = command.email.as_str();
            let approach = throttle::approach(connection, account, &command.guesser).await?;
            let mut buckets = vec![command.code.bucket()];
            buckets.extend(approach.buckets);
            throttle::count(connection, &buckets, now).await?;
            Ok((buckets, approach.lane))
        })
        .await
}

/// Finds the account after code and birth date proved right. A refusal is an answer of the
/// transaction here and no error of it, because the failure must be counted.
async fn prove(
    database: &Database,
    command: &Activate,
    buckets: &[Bucket],
) -> Result<Result<Account, ActivateError>, Problem> {
    let now = database.now();
    database
        .through(Door::Activation, async |connection| {
            let Some(row) = proven(connection, command, now).await? else {
                store::count_failure(connection, &command.code).await?;
                return Ok(Err(ActivateError::Refused));
            };
            let account = store::account(connection, command.email.as_str()).await?;
            let Some((user_id, hash, may_sign_in)) = account else {
                let practice_name = accounts::practice_name(connection, row.practice_id).await?;
                let owner = Owner {
                    email: command.email.as_str(),
                    display_name: row.holder_name(),
                    practice_name: &practice_name,
                    has_second_factor: false,
                };
                let chosen = command.password.expose_secret();
                let Some(weakness) = weakness(chosen, &owner) else {
                    return Ok(Ok(Account::New));
                };
                // The code was right, and another password can be tried at once.
                throttle::settle(connection, buckets).await?;
                return Ok(Err(ActivateError::Weak(weakness)));
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

/// A few wrong tries use the code up.
async fn count_failure(database: &Database, command: &Activate) -> Result<(), Problem> {
    database
        .through(Door::Activation, async |connection| {
            Ok(store::count_failure(connection, &command.code).await?)
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
        email: command.email.as_str(),
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
    let practice_name = accounts::practice_name(connection, row.practice_id).await?;
    announce_account(connection, command.email.as_str(), &practice_name, now).await?;
    Ok(user_id)
}
