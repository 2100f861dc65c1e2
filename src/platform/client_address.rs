//! Who a request comes from, as far as the network can tell.
//!
//! Behind a proxy every request comes from the proxy. A proxy that is trusted by name says in
//! `X-Forwarded-For` who it speaks for; what anybody else writes there is not believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// Machines of one network are counted together: whoever has one address there has others.
const NETWORK_BITS_V4: u8 = 24;
const NETWORK_BITS_V6: u8 = 56;

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Believes the proxies in these networks.
    pub(crate) fn new(networks: &[IpNet]) -> Self {
        Self(networks.to_vec())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client. The header is read from its end, for each proxy adds whom it
    /// heard; the first that is no trusted proxy is the client.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer?.to_canonical();
        let lines = headers.get_all("x-forwarded-for");
        let said: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        for hop in said.iter().flat_map(|line| line.split(',')).rev() {
            if !self.trusts(client) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_unreadable) => break,
            }
        }
        Some(client)
    }
}

/// The network of a client, without the part of the address that names one machine.
pub(crate) fn network_of(address: Option<IpAddr>) -> String {
    match address {
        None => "unknown".to_owned(),
        Some(address) if address.is_loopback() => address.to_string(),
        Some(IpAddr::V4(address)) => {
            let bits = u32::from(address) >> (32 - u32::from(NETWORK_BITS_V4));
            let network = Ipv4Addr::from(bits << (32 - u32::from(NETWORK_BITS_V4)));
            format!("{network}/{NETWORK_BITS_V4}")
        }
        Some(IpAddr::V6(address)) => {
            let bits = u128::from(address) >> (128 - u32::from(NETWORK_BITS_V6));
            let network = Ipv6Addr::from(bits << (128 - u32::from(NETWORK_BITS_V6)));
            format!("{network}/{NETWORK_BITS_V6}")
        }
    }
}

/// The client of a request; the edge puts it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = TrustedProxies::new(&["10.0.0.0/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let name = HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let client = trusted.client(Some(peer.parse().unwrap()), &headers);
        client.unwrap().to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_it_speaks_for() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        let invented = ["192.0.2.66, 198.51.100.1, 10.0.0.2"];
        assert_eq!(client("10.0.0.1", &invented), "198.51.100.1");
        let lines = ["192.0.2.66", "198.51.100.1"];
        assert_eq!(client("10.0.0.1", &lines), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn machines_of_one_network_are_one() {
        let network = |text: &str| network_of(Some(text.parse().unwrap()));
        assert_eq!(network("203.0.113.9"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2ff::9"), "2001:db8:1:200::/56");
        assert_eq!(network("127.0.0.1"), "127.0.0.1");
    }
}
