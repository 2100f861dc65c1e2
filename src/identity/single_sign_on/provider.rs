//! The OpenID provider of a practice, and how it is talked to.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};

use crate::platform::outbound::Outbound;

/// What a practice has said about its provider.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    /// The page of the client that the provider sends people back to.
    pub(super) redirect_uri: String,
    /// Values of `amr` or `acr` that stand for a second factor.
    pub(super) second_factor_values: Vec<String>,
}

/// The settings that an admin has named; without a secret the one that is there stays.
pub(super) struct NamedProvider {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) redirect_uri: String,
    pub(super) second_factor_values: Vec<String>,
    pub(super) is_enabled: bool,
}

/// Our signature algorithms: those with a public key. With a shared secret the client could sign for itself.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Where a person is sent, and what must come back.
pub(super) struct Departure {
    pub(super) authorization_url: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// What a person came back with, and what was kept for it.
pub(super) struct Return<'a> {
    pub(super) code: &'a str,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// Whom the provider says it is.
pub(super) struct Identity {
    pub(super) subject: String,
    pub(super) display_name: Option<String>,
    /// The provider asked for a second factor, by what the practice takes for one.
    pub(super) has_second_factor: bool,
}

/// Why the provider's answer is no proof. Its words stay in the log, without what they are about.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderError {
    #[error("the provider did not answer as an OpenID provider")]
    Silent,
    #[error("the provider's answer does not prove anything")]
    Refused,
}

impl Provider {
    /// Asks the provider for its own description. It must name the same issuer.
    pub(super) async fn discover(
        &self,
        outbound: &Outbound,
    ) -> Result<ProviderMetadataWithLogout, ProviderError> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|_bad| ProviderError::Silent)?;
        let found = ProviderMetadataWithLogout::discover_async(issuer, outbound).await;
        found.map_err(|error| {
            tracing::warn!(%error, "an OpenID provider was not found");
            ProviderError::Silent
        })
    }

    fn secret(&self) -> Option<ClientSecret> {
        let secret = self.client_secret.as_ref();
        secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()))
    }

    fn redirect_url(&self) -> Result<RedirectUrl, ProviderError> {
        RedirectUrl::new(self.redirect_uri.clone()).map_err(|_bad| ProviderError::Silent)
    }

    /// Says where to send the person.
    pub(super) async fn depart(&self, outbound: &Outbound) -> Result<Departure, ProviderError> {
        let metadata = self.discover(outbound).await?;
        let id = ClientId::new(self.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, self.secret())
            .set_redirect_uri(self.redirect_url()?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure {
            authorization_url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Exchanges the code and checks what the provider says.
    pub(super) async fn receive(
        &self,
        outbound: &Outbound,
        back: Return<'_>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Identity, ProviderError> {
        let metadata = self.discover(outbound).await?;
        let id = ClientId::new(self.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, self.secret())
            .set_redirect_uri(self.redirect_url()?);
        let refused = |what: &'static str| {
            move |error: &dyn std::error::Error| {
                tracing::warn!(%error, "{what}");
                ProviderError::Refused
            }
        };
        let request = client
            .exchange_code(AuthorizationCode::new(back.code.to_owned()))
            .map_err(|error| refused("an OpenID provider names no address for codes")(&error))?;
        let tokens = request
            .set_pkce_verifier(PkceCodeVerifier::new(back.verifier))
            .request_async(outbound)
            .await
            .map_err(|error| refused("an OpenID provider did not take a code")(&error))?;
        let id_token = tokens.id_token().ok_or(ProviderError::Refused)?;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now);
        let claims = id_token
            .claims(&verifier, &Nonce::new(back.nonce))
            .map_err(|error| refused("an ID token was refused")(&error))?;
        Ok(Identity {
            subject: claims.subject().to_string(),
            display_name: display_name(claims),
            has_second_factor: self.counts_as_second_factor(claims),
        })
    }

    fn counts_as_second_factor(&self, claims: &CoreIdTokenClaims) -> bool {
        let counts = |value: &str| {
            self.second_factor_values
                .iter()
                .any(|counted| counted == value)
        };
        let class = claims.auth_context_ref();
        let mut methods = claims.auth_method_refs().into_iter().flatten();
        class.is_some_and(|class| counts(class)) || methods.any(|method| counts(method))
    }
}

fn display_name(claims: &CoreIdTokenClaims) -> Option<String> {
    let name = claims.name()?.get(None)?.trim();
    let is_usable = (1..=200).contains(&name.chars().count());
    is_usable.then(|| name.to_owned())
}
