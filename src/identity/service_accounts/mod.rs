//! Service accounts: programs that work in a practice.
//!
//! A service account has scopes in place of a role, and keys in place of a password and a session. An admin makes
//! both. A key is shown once and stored as a hash; it ends within a year. An account has two keys at most, so that
//! a new one can be handed out before the old one is taken back. Requests may be limited to some networks. What an
//! admin changes here works on the very next request.
//!
//! A program never decides who gets in: it makes no account, no invitation and no key, and changes no rule by which
//! others are judged. What it may do at all is in `platform::access`.

mod account;
mod change;
mod keys;
mod routes;
mod store;

use std::collections::HashMap;

use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};

pub(super) use routes::configure;

/// What the service accounts of the practice are called.
pub(crate) async fn names_of_service_accounts(
    transaction: &OpenTransaction<'_>,
) -> Stored<HashMap<Uuid, String>> {
    store::names(transaction).await
}
