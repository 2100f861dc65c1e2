//! Beginning a sign-in: where the person is to go.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;

use crate::identity::begin_session::hash_of;
use crate::identity::set_up::secret;
use crate::platform::database::{Database, Door};
use crate::platform::outbound::Outbound;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::provider::ProviderError;
use super::store::{self, SignInRow};

/// So long the person has at the provider.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

pub(super) static PROVIDER_SILENT: ProblemType = ProblemType::new(
    "provider-silent",
    503,
    "The practice's OpenID provider does not answer; sign in with a password, or try again later",
);

/// Who wants to sign in, and with what they join when they are new.
pub(super) struct Start {
    pub(super) practice: String,
    pub(super) invitation_token: Option<String>,
}

/// Where the person goes, and what finishes the sign-in.
pub(super) struct Started {
    pub(super) authorization_url: String,
    pub(super) sign_in_token: String,
    pub(super) expires_in: i64,
}

/// Why no sign-in begins.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error("no provider of this practice")]
    NoProvider,
    #[error("the provider does not answer")]
    Silent,
}

impl Refusal for StartError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::NOT_FOUND, &PROVIDER_SILENT];

    fn problem(self) -> Problem {
        match self {
            Self::NoProvider => Problem::new(&problem::NOT_FOUND),
            Self::Silent => Problem::new(&PROVIDER_SILENT),
        }
    }
}

impl From<ProviderError> for StartError {
    fn from(_: ProviderError) -> Self {
        Self::Silent
    }
}

/// Asks the provider where to send the person, and keeps what must come back.
pub(super) async fn start(
    database: &Database,
    outbound: &Outbound,
    command: &Start,
) -> Result<Started, Problem> {
    let found = database
        .through(Door::SignIn, async |connection| {
            Ok(store::provider_of(connection, &command.practice).await?)
        })
        .await?;
    let (practice_id, provider) = found.ok_or(StartError::NoProvider)?;
    // No connection is held while the provider is asked.
    let departure = provider.depart(outbound).await.map_err(StartError::from)?;
    let now = database.now();
    let token = URL_SAFE_NO_PAD.encode(secret());
    let row = SignInRow {
        token_hash: hash_of(&token),
        state_hash: hash_of(&departure.state),
        practice_id,
        issuer: provider.issuer,
        nonce: departure.nonce,
        verifier: departure.verifier,
        invitation_hash: command.invitation_token.as_deref().map(hash_of),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    database
        .through(Door::SignIn, async |connection| {
            Ok(store::insert_sign_in(connection, &row).await?)
        })
        .await?;
    Ok(Started {
        authorization_url: departure.authorization_url,
        sign_in_token: token,
        expires_in: LIFETIME.num_seconds(),
    })
}
