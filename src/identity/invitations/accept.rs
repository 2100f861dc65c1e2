//! Accepting an invitation: the public door through which people join a practice.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::identity::begin_session::hash_of;
use crate::identity::password::PasswordHasher;
use crate::identity::password_rules::{Owner, weakness};
use crate::identity::sign_in::{SignInError, WRONG_CREDENTIALS};
use crate::identity::store::{self as identity_store, NewUser};
use crate::identity::throttle::{self, Guesser};
use crate::platform::access::Role;
use crate::platform::database::{Connection, Database, Door};
use crate::platform::id;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::ALREADY_A_MEMBER;
use super::store::{self, OpenInvitation};

/// The person who joins, and their credentials.
pub(super) struct AcceptInvitation {
    pub(super) token: String,
    pub(super) display_name: String,
    pub(super) password: SecretString,
    pub(super) guesser: Guesser,
}

/// Somebody who has joined.
pub(super) struct Joined {
    pub(super) user_id: Uuid,
    pub(super) email: String,
    pub(super) role: Role,
    pub(super) practice_id: Uuid,
    pub(super) practice_slug: String,
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum AcceptError {
    #[error("no open invitation")]
    NotFound,
    #[error("belongs to the practice")]
    AlreadyMember,
    #[error("{0}")]
    Weak(&'static str),
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl Refusal for AcceptError {
    const TYPES: &'static [&'static ProblemType] =
        &[&problem::NOT_FOUND, &ALREADY_A_MEMBER, &WRONG_CREDENTIALS];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::AlreadyMember => Problem::new(&ALREADY_A_MEMBER),
            Self::Weak(weakness) => Problem::field("/password", weakness),
            Self::SignIn(refused) => refused.problem(),
        }
    }
}

/// Joins the practice the token invites to.
pub(super) async fn accept(
    database: &Database,
    passwords: &PasswordHasher,
    command: &AcceptInvitation,
) -> Result<Joined, Problem> {
    let now = database.now();
    let hash = hash_of(&command.token);
    let open = database
        .through(Door::Invitation, async |connection| {
            Ok(store::find_open(connection, &hash, now).await?)
        })
        .await?;
    let open = open.ok_or(AcceptError::NotFound)?;
    // No connection is held while a password is being hashed.
    let account = if let Some(account) = &open.account {
        prove(database, passwords, &open, command).await?;
        Account::Known(account.id)
    } else {
        let owner = Owner {
            email: &open.email,
            display_name: &command.display_name,
            practice_name: &open.practice_name,
            has_second_factor: false,
        };
        if let Some(weakness) = weakness(command.password.expose_secret(), &owner) {
            return Err(AcceptError::Weak(weakness).into());
        }
        Account::New(passwords.hash(command.password.clone()).await?)
    };
    let user_id = database
        .through(Door::Invitation, async |connection| {
            if !store::use_up(connection, &hash, now).await? {
                return Err(AcceptError::NotFound.into());
            }
            join(connection, &open, &account, (&command.display_name, now)).await
        })
        .await?;
    Ok(Joined {
        user_id,
        email: open.email,
        role: open.role,
        practice_id: open.practice_id,
        practice_slug: open.practice_slug,
    })
}

enum Account {
    Known(Uuid),
    /// With this password, hashed.
    New(String),
}

/// The address signs in elsewhere: the person who joins must know its password. Guesses are slowed as at
/// signing in, and counted together with those.
async fn prove(
    database: &Database,
    passwords: &PasswordHasher,
    open: &OpenInvitation,
    command: &AcceptInvitation,
) -> Result<(), Problem> {
    let now = database.now();
    let approach = database
        .through(Door::Invitation, async |connection| {
            let guesser = &command.guesser;
            let approach = throttle::approach(connection, &open.email, guesser).await?;
            throttle::count(connection, &approach.buckets, now).await?;
            Ok(approach)
        })
        .await?;
    let account = open.account.as_ref();
    let hash = account.map(|account| account.password_hash.clone());
    let is_usable = account.is_some_and(|account| account.disabled_at.is_none());
    let password = command.password.clone();
    if !passwords.matches(password, hash, approach.lane).await? || !is_usable {
        return Err(AcceptError::SignIn(SignInError::Wrong).into());
    }
    database
        .through(Door::Invitation, async |connection| {
            Ok(throttle::settle(connection, &approach.buckets).await?)
        })
        .await
}

async fn join(
    connection: &Connection,
    open: &OpenInvitation,
    account: &Account,
    (display_name, now): (&str, DateTime<Utc>),
) -> Result<Uuid, Problem> {
    let user_id = match account {
        Account::Known(id) => *id,
        Account::New(password_hash) => {
            let user = NewUser {
                id: id::fresh(now),
                email: &open.email,
                display_name,
                password_hash: password_hash.clone(),
                created_at: now,
                updated_at: now,
            };
            let inserted = identity_store::insert_user(connection, &user).await;
            // Somebody made an account of this address meanwhile: asked again, it is proven.
            inserted.map_err(|error| {
                if error.breaks("users_email_unique") {
                    Problem::new(&problem::BUSY)
                } else {
                    error.into()
                }
            })?;
            user.id
        }
    };
    // The token came by mail, and nobody else has seen it.
    identity_store::prove_mailbox(connection, user_id, now).await?;
    let practice_id = open.practice_id;
    let role = (open.role, None);
    identity_store::insert_membership(connection, practice_id, user_id, role, now)
        .await
        .map_err(|error| {
            if error.breaks("memberships_pkey") {
                AcceptError::AlreadyMember.into()
            } else {
                Problem::from(error)
            }
        })?;
    Ok(user_id)
}

/// Somebody new whom the provider of the practice has told who they are.
pub(in crate::identity) struct Newcomer {
    pub(in crate::identity) display_name: Option<String>,
    /// Of a password that nobody knows.
    pub(in crate::identity) password_hash: String,
}

/// Why an identity of the provider did not join.
#[derive(Debug)]
pub(in crate::identity) enum NotJoined {
    NoInvitation,
    HasAccount,
}

/// Joins with an identity of the practice's provider in place of a password. An address that signs in
/// already is proved by its password alone, see [`accept`].
pub(in crate::identity) async fn join_without_password(
    connection: &Connection,
    (practice_id, token_hash): (Uuid, &[u8]),
    newcomer: &Newcomer,
    now: DateTime<Utc>,
) -> Result<Result<Uuid, NotJoined>, Problem> {
    let open = store::find_open(connection, token_hash, now).await?;
    let Some(open) = open.filter(|open| open.practice_id == practice_id) else {
        return Ok(Err(NotJoined::NoInvitation));
    };
    if open.account.is_some() {
        return Ok(Err(NotJoined::HasAccount));
    }
    if !store::use_up(connection, token_hash, now).await? {
        return Ok(Err(NotJoined::NoInvitation));
    }
    let account = Account::New(newcomer.password_hash.clone());
    let display_name = newcomer.display_name.as_deref().unwrap_or(&open.email);
    let display_name: String = display_name.chars().take(200).collect();
    Ok(Ok(
        join(connection, &open, &account, (&display_name, now)).await?
    ))
}
