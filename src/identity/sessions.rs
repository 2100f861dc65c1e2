//! One's own sessions: seeing them, ending them, and the password that guards them.

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::platform::access::{Permit, action};
use crate::platform::database::{Database, DatabaseError, Door, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::password::{Lane, PasswordHasher};
use super::password_rules::{Owner, weakness};
use super::second_factor::has_second_factor;
use super::store::{self, SessionRow};
use super::throttle::{self, Bucket};

action!(
    /// Seeing one's own sessions.
    ListSessions, "sessions.list", account, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Ending one of one's own sessions.
    EndSession, "sessions.end", account, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Changing one's own password.
    ChangePassword, "password.change", account, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);

action!(
    /// Setting up and giving one's own second factor.
    OwnAccount, "account.change", account, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);

/// Why a session or password stays as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    #[error("no such session")]
    NotFound,
    #[error("not the current password")]
    WrongPassword,
    #[error("{0}")]
    Weak(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for SessionError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::WrongPassword => {
                Problem::field("/current_password", "is not the current password")
            }
            Self::Weak(weakness) => Problem::field("/new_password", weakness),
            Self::Database(error) => error.into(),
        }
    }
}

/// A page of the caller's sessions, newest first.
pub(super) async fn list(
    transaction: &Transaction<'_, ListSessions>,
    window: &Window<Uuid>,
) -> Result<Vec<SessionRow>, SessionError> {
    let user_id = transaction.principal().user_id;
    let place = (window.after, window.probe());
    let connection = transaction.connection();
    Ok(store::live_sessions(connection, user_id, transaction.now(), place).await?)
}

/// Ends a session of the caller.
pub(super) async fn end(
    transaction: &Transaction<'_, EndSession>,
    session_id: Uuid,
) -> Result<(), SessionError> {
    let user_id = transaction.principal().user_id;
    let now = transaction.now();
    let ended = store::revoke_session(transaction.connection(), session_id, user_id, now).await?;
    if ended {
        Ok(())
    } else {
        Err(SessionError::NotFound)
    }
}

/// A password and the one that takes its place.
pub(super) struct ChangedPassword<'a> {
    pub(super) hasher: &'a PasswordHasher,
    pub(super) current: SecretString,
    pub(super) new: SecretString,
}

/// Changes the caller's password and ends all their other sessions.
pub(super) async fn change_password(
    permit: &Permit<ChangePassword>,
    database: &Database,
    changed: ChangedPassword<'_>,
) -> Result<(), Problem> {
    let principal = permit.principal();
    let member = permit
        .transaction(async |transaction| {
            let connection = transaction.connection();
            let (practice_id, user_id) = (principal.practice_id, principal.user_id);
            let member = store::member(connection, practice_id, user_id).await?;
            member.ok_or_else(|| Problem::new(&problem::NOT_SIGNED_IN))
        })
        .await?;
    let has_second_factor = database
        .through(Door::Password, async |connection| {
            Ok(has_second_factor(connection, principal.user_id).await?)
        })
        .await?;
    // What is refused anyway is no guess.
    let owner = Owner {
        email: &member.email,
        display_name: &member.display_name,
        practice_name: &member.practice_name,
        has_second_factor,
    };
    if let Some(weakness) = weakness(changed.new.expose_secret(), &owner) {
        return Err(SessionError::Weak(weakness).into());
    }
    // Whoever has taken over a session guesses no faster than one who signs in.
    let buckets = [Bucket::of(&format!("password {}", principal.user_id))];
    let hash = database
        .through(Door::Password, async |connection| {
            throttle::count(connection, &buckets, database.now()).await?;
            Ok(store::password_hash(connection, &member.email).await?)
        })
        .await?;
    let lane = Lane::KnownDevice;
    if !changed.hasher.matches(changed.current, hash, lane).await? {
        return Err(SessionError::WrongPassword.into());
    }
    let hash = changed.hasher.hash(changed.new).await?;
    let now = database.now();
    database
        .through(Door::Password, async |connection| {
            throttle::settle(connection, &buckets).await?;
            store::change_password(connection, principal.user_id, &hash, now).await?;
            let kept = principal.session_id;
            Ok(store::revoke_other_sessions(connection, principal.user_id, kept, now).await?)
        })
        .await
}
