//! The people who treat patients. With one who is not active nothing new is booked.
//!
//! A provider who signs in is also a user. In the United States a provider has an NPI: ten digits
//! whose last one checks the others by the Luhn rule, computed as if `80840` stood before them.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::affected::AffectedCause;
use super::listing::NameKey;
use super::schedules::{Affected, HoursBefore, appointments_outside, lock_to_change};

static PROVIDER_TAKEN: ProblemType = ProblemType::new(
    "provider-taken",
    409,
    "Another provider has this number or is this user",
);

id! {
    /// Names a provider.
    pub(crate) struct ProviderId
}

action!(
    /// Reading the providers of the practice.
    Read, "providers.read", practice, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Adding a provider.
    Add, "providers.add", practice, [Admin]
);
action!(
    /// Changing a provider, and learning which appointments are booked with one who leaves.
    Change, "providers.change", record, [Admin]
);

/// A person who treats patients.
struct Provider {
    id: ProviderId,
    details: ProviderDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of a provider.
#[derive(Clone)]
struct ProviderDetails {
    user_id: Option<Uuid>,
    name: String,
    credentials: Option<String>,
    npi: Option<String>,
    active: bool,
}

/// A provider as they are now.
struct ProviderChanged {
    provider: Provider,
    /// Booked with them and still to come, when they left just now.
    appointments_outside: Vec<Uuid>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct ProviderChanges {
    user_id: Option<Option<Uuid>>,
    name: Option<String>,
    credentials: Option<Option<String>>,
    npi: Option<Option<String>>,
    active: Option<bool>,
}

/// Why a provider was not read, added or changed.
#[derive(Debug, thiserror::Error)]
enum ProviderError {
    #[error("no such provider")]
    NotFound,
    #[error("another provider has this NPI")]
    NpiTaken,
    #[error("another provider is this user")]
    UserTaken,
    #[error("no user of this practice in the role provider")]
    NoSuchUser,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for ProviderError {
    fn from(error: DatabaseError) -> Self {
        match error.constraint() {
            Some("providers_npi_unique") => Self::NpiTaken,
            Some("providers_user_unique") => Self::UserTaken,
            _ => Self::Database(error),
        }
    }
}

impl Refusal for ProviderError {
    const TYPES: &'static [&'static ProblemType] = &[&PROVIDER_TAKEN];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NpiTaken => taken("/npi", "is the number of another provider"),
            Self::UserTaken => taken("/user_id", "is another provider"),
            Self::NoSuchUser => Problem::field(
                "/user_id",
                "names no user of the practice in the role provider",
            ),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn read(
    transaction: &Transaction<'_, Read>,
    id: ProviderId,
) -> Result<Provider, ProviderError> {
    store::find(transaction, id)
        .await?
        .ok_or(ProviderError::NotFound)
}

async fn list(
    transaction: &Transaction<'_, Read>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<NameKey>,
) -> Stored<Vec<Provider>> {
    store::list(transaction, updated_since, window).await
}

async fn add(
    transaction: &Transaction<'_, Add>,
    details: &ProviderDetails,
) -> Result<Provider, ProviderError> {
    let now = transaction.now();
    let added = Provider {
        id: ProviderId::fresh(now),
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &added).await?;
    link_user(transaction, &added, None).await?;
    Ok(added)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    id: ProviderId,
    if_match: &IfMatch,
    changes: &ProviderChanges,
) -> Result<ProviderChanged, ProviderError> {
    let affected = Affected {
        provider_id: Some(id),
        location_id: None,
        range: None,
    };
    let mut before = None;
    if changes.active.is_some() {
        lock_to_change(transaction, id).await?;
        before = Some(HoursBefore::read(transaction, affected).await?);
    }
    let mut provider = store::lock(transaction, id)
        .await?
        .ok_or(ProviderError::NotFound)?;
    if_match.require(provider.version)?;
    let user_before = provider.details.user_id;
    let details = &mut provider.details;
    if let Some(name) = &changes.name {
        details.name.clone_from(name);
    }
    if let Some(credentials) = &changes.credentials {
        details.credentials.clone_from(credentials);
    }
    if let Some(npi) = &changes.npi {
        details.npi.clone_from(npi);
    }
    details.user_id = changes.user_id.unwrap_or(details.user_id);
    let was_active = details.active;
    details.active = changes.active.unwrap_or(was_active);
    let has_left = was_active && !details.active;
    provider.version = provider.version.next();
    provider.updated_at = transaction.now();
    store::update(transaction, &provider).await?;
    link_user(transaction, &provider, user_before).await?;
    if let Some(before) = before {
        before.open_what_is_new(transaction).await?;
    }
    let mut outside = Vec::new();
    if has_left {
        outside = appointments_outside(transaction, affected, AffectedCause::Provider).await?;
    } else {
        transaction.touch_all("appointment", std::iter::empty());
    }
    Ok(ProviderChanged {
        provider,
        appointments_outside: outside,
    })
}

/// Tells the user's membership which provider they are, from their next sign-in on.
async fn link_user(
    transaction: &OpenTransaction<'_>,
    provider: &Provider,
    user_before: Option<Uuid>,
) -> Result<(), ProviderError> {
    let user_now = provider.details.user_id;
    if user_now == user_before {
        return Ok(());
    }
    if let Some(user_id) = user_before {
        store::unlink_user(transaction, user_id, provider.id).await?;
    }
    match user_now {
        Some(user_id) if !store::link_user(transaction, user_id, provider.id).await? => {
            Err(ProviderError::NoSuchUser)
        }
        _ => Ok(()),
    }
}

fn taken(pointer: &str, detail: &str) -> Problem {
    Problem::new(&PROVIDER_TAKEN).errors(vec![FieldError::new(pointer, detail)])
}

/// Whether ten digits are a National Provider Identifier: the Luhn sum over them and the prefix
/// that marks them as health identifiers of the United States ends in zero.
fn is_npi(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|sign| sign.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 10) else {
        return false;
    };
    let doubled = |digit: u32| (digit * 2) / 10 + (digit * 2) % 10;
    let sum: u32 = NPI_PREFIX
        .iter()
        .chain(&digits)
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 1 {
                doubled(*digit)
            } else {
                *digit
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

const NPI_PREFIX: [u32; 5] = [8, 0, 8, 4, 0];

#[cfg(test)]
mod tests {
    use super::is_npi;

    #[test]
    fn an_npi_with_one_wrong_digit_is_refused() {
        for right in ["1234567893", "1245319599"] {
            assert!(is_npi(right), "{right}");
            for place in 0..10 {
                for digit in '0'..='9' {
                    let mut signs: Vec<char> = right.chars().collect();
                    signs[place] = digit;
                    let text: String = signs.into_iter().collect();
                    assert_eq!(is_npi(&text), text == right, "{text}");
                }
            }
        }
    }

    #[test]
    fn an_npi_has_ten_digits() {
        for wrong in [
            "",
            "123456789",
            "12345678930",
            "123456789a",
            "\u{661}234567893",
        ] {
            assert!(!is_npi(wrong), "{wrong}");
        }
    }
}
