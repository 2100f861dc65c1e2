//! An admin names the provider of the practice.

use openidconnect::url::{Host, Url};

use crate::platform::access::{Permit, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::outbound::Outbound;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::provider::{NamedProvider, Provider};
use super::store::{self, ProviderRow};

action!(
    /// Seeing which OpenID provider the practice has.
    ReadProvider, "identity_provider.read", practice, [Admin, Auditor]
);
action!(
    /// Naming the OpenID provider of the practice.
    ConfigureProvider, "identity_provider.configure", practice, [Admin], step_up RoleChanges
);

/// Why the provider stays as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigureError {
    #[error("none is named")]
    NotFound,
    #[error("{1}")]
    Field(&'static str, String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ConfigureError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::NOT_FOUND];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Field(pointer, words) => Problem::field(pointer, words),
            Self::Database(error) => error.into(),
        }
    }
}

/// Asks the provider whether it is one, and keeps the settings.
pub(super) async fn name_provider(
    permit: &Permit<ConfigureProvider>,
    outbound: &Outbound,
    named: &NamedProvider,
) -> Result<ProviderRow, Problem> {
    if !is_page_of_a_client(&named.redirect_uri) {
        let words = "must begin with https://, or with http://localhost on your own machine, without a fragment";
        return Err(ConfigureError::Field("/redirect_uri", words.to_owned()).into());
    }
    if let Err(refused) = outbound.check(&named.issuer) {
        return Err(ConfigureError::Field("/issuer", refused.to_string()).into());
    }
    // Nobody whose session has ended makes the service ask somewhere.
    permit.transaction(async |_| Ok(())).await?;
    let provider = Provider {
        issuer: named.issuer.clone(),
        client_id: named.client_id.clone(),
        client_secret: None,
        redirect_uri: named.redirect_uri.clone(),
        second_factor_values: Vec::new(),
    };
    if provider.discover(outbound).await.is_err() {
        let words = "did not answer as an OpenID provider of exactly this address; look at \
                     /.well-known/openid-configuration below it";
        return Err(ConfigureError::Field("/issuer", words.to_owned()).into());
    }
    permit
        .transaction(async |transaction| keep(transaction, named).await)
        .await
}

async fn keep(
    transaction: &Transaction<'_, ConfigureProvider>,
    named: &NamedProvider,
) -> Result<ProviderRow, Problem> {
    store::put_provider(transaction, named, transaction.now()).await?;
    transaction.touch_record("identity_provider", transaction.practice_id());
    let kept = store::read_provider(transaction).await?;
    Ok(kept.ok_or(ConfigureError::NotFound)?)
}

/// The provider that is named.
pub(super) async fn read(
    transaction: &Transaction<'_, ReadProvider>,
) -> Result<ProviderRow, ConfigureError> {
    let found = store::read_provider(transaction).await?;
    found.ok_or(ConfigureError::NotFound)
}

/// Forgets the provider; who is linked signs in with a password.
pub(super) async fn forget(
    transaction: &Transaction<'_, ConfigureProvider>,
) -> Result<(), ConfigureError> {
    if !store::delete_provider(transaction).await? {
        return Err(ConfigureError::NotFound);
    }
    transaction.touch_record("identity_provider", transaction.practice_id());
    Ok(())
}

fn is_page_of_a_client(address: &str) -> bool {
    let Ok(url) = address.parse::<Url>() else {
        return false;
    };
    let is_own_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let is_fit = url.scheme() == "https" || (url.scheme() == "http" && is_own_machine);
    is_fit && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
}
