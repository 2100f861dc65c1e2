//! Calendar feeds: schedules at secret addresses, for calendar programs.
//!
//! Staff make a feed of a provider's schedule; patients make one of their own visits and
//! follow-ups. The address contains a token of 256 random bits; only its hash is stored. The token
//! is as good as a password, and calendar programs pass addresses on. A feed therefore shows time,
//! location and provider, never a reason, and a provider's feed names no patient. A feed ends when
//! it is revoked, when its owner is disabled or loses the role, and when a patient's record is no
//! longer linked to the owner.

mod calendar;
mod read;
mod routes;
mod store;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

pub(crate) use routes::{configure, configure_root};

id! {
    /// Names a calendar feed.
    pub(crate) struct CalendarFeedId
}

action!(
    /// Making, seeing and ending one's own calendar feeds.
    ManageFeeds, "calendar_feeds.manage", practice, [Admin, FrontDesk, Provider, Assistant, Patient], done_by People
);

/// The provider or patient whose calendar it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Provider(Uuid),
    Patient(Uuid),
}

/// A calendar feed, without its token.
struct CalendarFeed {
    id: CalendarFeedId,
    subject: Subject,
    created_at: DateTime<Utc>,
}

/// Why there is no such feed.
#[derive(Debug, thiserror::Error)]
enum FeedError {
    #[error("no such feed")]
    NotFound,
    #[error("neither a provider nor a patient")]
    NoSubject,
    #[error("a provider and a patient")]
    TwoSubjects,
    #[error("no such provider")]
    NoSuchProvider,
    #[error("no such patient")]
    NoSuchPatient,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for FeedError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::TwoSubjects => Problem::invalid(vec![
                FieldError::new("/patient_id", "must be left out beside a provider_id"),
                FieldError::new("/provider_id", "must be left out beside a patient_id"),
            ]),
            Self::NoSubject => Problem::invalid(vec![
                FieldError::new("/patient_id", "is required where there is no provider_id"),
                FieldError::new("/provider_id", "is required where there is no patient_id"),
            ]),
            Self::NoSuchProvider => {
                Problem::field("/provider_id", "is no provider whose schedule you can see")
            }
            Self::NoSuchPatient => Problem::field("/patient_id", "is no record of yours"),
            Self::Database(error) => error.into(),
        }
    }
}

/// Makes a feed. Its token is returned only here.
async fn make(
    transaction: &Transaction<'_, impl May<ManageFeeds>>,
    provider_id: Option<Uuid>,
    patient_id: Option<Uuid>,
) -> Result<(CalendarFeed, String), FeedError> {
    let principal = transaction.principal();
    let is_patient = principal.role == Role::Patient;
    let subject = match (provider_id, patient_id) {
        (Some(id), None) => Subject::Provider(id),
        (None, Some(id)) => Subject::Patient(id),
        (None, None) => return Err(FeedError::NoSubject),
        (Some(_), Some(_)) => return Err(FeedError::TwoSubjects),
    };
    match subject {
        Subject::Patient(id) if !is_patient || !principal.patient_ids.contains(&id) => {
            return Err(FeedError::NoSuchPatient);
        }
        Subject::Provider(id) if is_patient || !store::provider_exists(transaction, id).await? => {
            return Err(FeedError::NoSuchProvider);
        }
        Subject::Patient(_) | Subject::Provider(_) => {}
    }
    let feed = CalendarFeed {
        id: CalendarFeedId::fresh(transaction.now()),
        subject,
        created_at: transaction.now(),
    };
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    let token = URL_SAFE_NO_PAD.encode(secret);
    store::insert(transaction, &feed, &hash_of(&token)).await?;
    transaction.touch_record("calendar_feed", feed.id);
    Ok((feed, token))
}

/// The caller's feeds, the newest first.
async fn list(
    transaction: &Transaction<'_, impl May<ManageFeeds>>,
    window: &Window<Uuid>,
) -> Stored<Vec<CalendarFeed>> {
    store::list(transaction, window).await
}

/// Revokes a feed of the caller.
async fn revoke(
    transaction: &Transaction<'_, impl May<ManageFeeds>>,
    id: CalendarFeedId,
) -> Result<(), FeedError> {
    if store::revoke(transaction, id).await? {
        transaction.touch_record("calendar_feed", id);
        Ok(())
    } else {
        Err(FeedError::NotFound)
    }
}

/// The hash of a token; only this is stored.
fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
