//! How the server of the database proves who it is: `sslmode` and `sslrootcert`, as libpq reads them.
//!
//! * `verify-full`: its certificate is signed by an authority that is trusted, and is for the name
//!   that the address uses. The only mode in which nobody can step in between.
//! * `verify-ca`: signed by a trusted authority, whatever its name.
//! * `require`: encrypted, with whoever answers; with `sslrootcert` it is `verify-ca`, as in libpq.
//! * `prefer`, when the address says nothing: encrypted if the server offers it.
//! * `disable`: not encrypted.
//!
//! `sslrootcert` names a file of certificates of authorities in PEM. Without it `verify-full` trusts
//! the public authorities that browsers trust. Through a Unix socket nothing is encrypted.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;

/// Tells a server of Postgres 17 what will be spoken.
const PROTOCOL: &[u8] = b"postgresql";

/// What the address says about encryption.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TlsSettings {
    pub(super) mode: Option<String>,
    pub(super) root_certificates: Option<String>,
}

/// What is asked of the certificate of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// Whether the connection is encrypted, and how.
pub(super) struct Encryption {
    pub(super) mode: SslMode,
    pub(super) config: ClientConfig,
}

impl TlsSettings {
    /// Reads the certificates and prepares.
    pub(super) fn prepare(&self) -> anyhow::Result<Encryption> {
        let mode = self.mode.as_deref().unwrap_or("prefer");
        let root_file = self.root_certificates.as_deref();
        let (mode, proof) = match (mode, root_file) {
            ("disable", _) => (SslMode::Disable, Proof::Nothing),
            ("prefer", _) => (SslMode::Prefer, Proof::Nothing),
            ("require", None) => (SslMode::Require, Proof::Nothing),
            ("require", Some("system")) | ("verify-full", _) => {
                (SslMode::Require, Proof::AuthorityAndName)
            }
            ("verify-ca", None | Some("system")) => bail!(
                "sslmode=verify-ca needs sslrootcert with the file of your authority: anybody gets a certificate \
                 from a public one"
            ),
            ("require" | "verify-ca", Some(_)) => (SslMode::Require, Proof::Authority),
            (other, _) => {
                bail!("sslmode={other}: must be disable, prefer, require, verify-ca or verify-full")
            }
        };
        let provider = Arc::new(ring::default_provider());
        let roots = match (proof, root_file) {
            (Proof::Nothing, _) => RootCertStore::empty(),
            (_, None | Some("system")) => public_authorities(),
            (_, Some(file)) => authorities_in(Path::new(file))?,
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let mut config = if proof == Proof::AuthorityAndName {
            builder.with_root_certificates(roots).with_no_client_auth()
        } else {
            let authorities = (proof == Proof::Authority).then_some(roots);
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyName {
                    provider,
                    authorities,
                }))
                .with_no_client_auth()
        };
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Encryption { mode, config })
    }
}

fn public_authorities() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

fn authorities_in(file: &Path) -> anyhow::Result<RootCertStore> {
    let unreadable = || format!("sslrootcert: {} cannot be read", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).with_context(unreadable)? {
        let certificate = certificate.with_context(unreadable)?;
        roots.add(certificate).with_context(unreadable)?;
    }
    anyhow::ensure!(
        !roots.is_empty(),
        "sslrootcert: {} holds no certificate in PEM",
        file.display()
    );
    Ok(roots)
}

/// Takes a certificate whatever name it is for.
#[derive(Debug)]
struct AnyName {
    provider: Arc<CryptoProvider>,
    /// Who must have signed it; `None` takes any.
    authorities: Option<RootCertStore>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(authorities) = &self.authorities {
            verify_server_cert_signed_by_trust_anchor(
                &ParsedCertificate::try_from(end_entity)?,
                authorities,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// Whether the server did not prove who it is. Waiting does not help then.
pub(super) fn is_unproven(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if error.is::<Error>()
            || inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<Error>)
        {
            return true;
        }
        next = error.source();
    }
    false
}
