//! Requests to addresses that somebody of a practice has set, and that must not reach what is inside.
//!
//! Whoever sets an address could otherwise make the service ask what only the service reaches: a
//! database, the metadata of a cloud, a neighbour. So the name is resolved once, every address it has
//! must be public, and the connection goes to one of these addresses. Redirects are not followed, and
//! answers have an end. The operator can name networks of their own in which providers may be.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use openidconnect::url::{Host, Url};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer, in bytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// IPv4 networks that are not public: this host, private, shared, link-local, documentation, tests, multicast,
/// reserved.
const NOT_PUBLIC: [&str; 15] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// IPv6 outside this network is not public.
const PUBLIC_V6: &str = "2000::/3";
/// Inside it these are not: Teredo and others, documentation, 6to4.
const NOT_PUBLIC_V6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/// Why a request was not made or has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    #[error("the address must begin with https://, name a host, and hold no user and no fragment")]
    Unusable,
    #[error("the address leads to a network that is not public")]
    NotPublic,
    #[error("there is no answer")]
    NoAnswer(#[source] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
}

/// Makes the requests.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    client: reqwest::Client,
    networks: Networks,
}

/// The networks that may be reached beside the public ones.
#[derive(Debug, Clone)]
struct Networks(Arc<[IpNet]>);

impl Outbound {
    /// Prepares; `own_networks` may be reached although they are not public.
    pub(crate) fn new(own_networks: &[IpNet]) -> anyhow::Result<Self> {
        let networks = Networks(own_networks.into());
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        // Every other client of the process asks for it as well. It may be there already.
        drop(ring::default_provider().install_default());
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(networks.clone()))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { client, networks })
    }

    /// Refuses an address that no request may go to, as far as that can be seen without resolving its name.
    pub(crate) fn check(&self, url: &str) -> Result<(), OutboundError> {
        let url: Url = url.parse().map_err(|_unreadable| OutboundError::Unusable)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        if !is_plain || url.fragment().is_some() {
            return Err(OutboundError::Unusable);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(OutboundError::Unusable),
        };
        if address.is_some_and(|address| !self.networks.may_reach(address)) {
            return Err(OutboundError::NotPublic);
        }
        match url.scheme() {
            "https" => Ok(()),
            // Without TLS nothing leaves the operator's own networks.
            "http" if address.is_some_and(|address| self.networks.holds(address)) => Ok(()),
            _ => Err(OutboundError::Unusable),
        }
    }

    /// Makes a request.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        self.check(&request.uri().to_string())?;
        let request = reqwest::Request::try_from(request).map_err(OutboundError::NoAnswer)?;
        let sent = self.client.execute(request).await;
        let mut answer = sent.map_err(OutboundError::NoAnswer)?;
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        response.headers_mut().clone_from(answer.headers());
        while let Some(piece) = answer.chunk().await.map_err(OutboundError::NoAnswer)? {
            if response.body().len().saturating_add(piece.len()) > LONGEST_ANSWER {
                return Err(OutboundError::TooLong);
            }
            response.body_mut().extend_from_slice(&piece);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Networks {
    fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    fn may_reach(&self, address: IpAddr) -> bool {
        is_public(address) || self.holds(address)
    }
}

impl Resolve for Networks {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if found
                .iter()
                .any(|address| !networks.may_reach(address.ip()))
            {
                return Err(OutboundError::NotPublic.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether anybody on the Internet could reach the address as well.
fn is_public(address: IpAddr) -> bool {
    let is_in = |networks: &[&str], address: IpAddr| {
        let mut networks = networks
            .iter()
            .filter_map(|text| text.parse::<IpNet>().ok());
        networks.any(|network| network.contains(&address))
    };
    match address.to_canonical() {
        IpAddr::V4(_) => !is_in(&NOT_PUBLIC, address.to_canonical()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => false,
        IpAddr::V6(_) => is_in(&[PUBLIC_V6], address) && !is_in(&NOT_PUBLIC_V6, address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_inside_is_refused_however_it_is_written() {
        let outbound = Outbound::new(&[]).unwrap();
        for inside in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0.0.0.0/",
            "https://0/",
            "https://10.1.2.3/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://172.31.255.255/",
            "https://192.168.0.1:8443/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a00:1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001::1]/",
            "https://[ff02::1]/",
        ] {
            let refused = outbound.check(inside);
            assert!(matches!(refused, Err(OutboundError::NotPublic)), "{inside}");
        }
        for unusable in [
            "http://login.clinic.example/",
            "http://8.8.8.8/",
            "ftp://login.clinic.example/",
            "https://user:secret@login.clinic.example/",
            "https://login.clinic.example/#fragment",
            "login.clinic.example",
            "file:///etc/passwd",
        ] {
            let refused = outbound.check(unusable);
            assert!(
                matches!(refused, Err(OutboundError::Unusable)),
                "{unusable}"
            );
        }
        for public in [
            "https://login.clinic.example/realms/a",
            "https://8.8.8.8/",
            "https://[2606:4700::1]/",
        ] {
            outbound.check(public).unwrap();
        }
    }

    #[test]
    fn the_operator_names_networks_of_their_own() {
        let outbound = Outbound::new(&["10.1.0.0/16".parse().unwrap()]).unwrap();
        outbound.check("https://10.1.2.3/").unwrap();
        outbound.check("http://10.1.2.3:8080/").unwrap();
        outbound.check("https://[::ffff:10.1.2.3]/").unwrap();
        assert!(outbound.check("https://10.2.2.3/").is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let outbound = Outbound::new(&[]).unwrap();
        let mut request = HttpRequest::new(Vec::new());
        *request.uri_mut() = format!("https://localhost:{port}/").parse().unwrap();
        outbound.check(&request.uri().to_string()).unwrap();
        outbound.send(request).await.unwrap_err();
        let came = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
        assert!(came.is_err(), "somebody connected");
    }
}
