//! Addresses of TURN servers (RFC 7065).

use super::Protocol;

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) protocol: Protocol,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Address {
    /// Reads an address that was checked with the configuration.
    pub(super) fn read(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (protocol, usual_port) = match (scheme, query) {
            ("turn", "transport=tcp") => (Protocol::Tcp, 3478),
            ("turn", _) => (Protocol::Udp, 3478),
            ("turns", "transport=udp") => (Protocol::Dtls, 5349),
            ("turns", _) => (Protocol::Tls, 5349),
            _ => return None,
        };
        // An IPv6 address has colons of its own, and brackets around it.
        let (host, port) = match place.strip_prefix('[') {
            Some(literal) => literal.split_once(']')?,
            None => place.split_at(place.find(':').unwrap_or(place.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok()?,
            None => usual_port,
        };
        Some(Self {
            protocol,
            host: host.to_owned(),
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_protocol_a_host_and_a_port() {
        for (url, protocol, host, port) in [
            ("turn:h.test", Protocol::Udp, "h.test", 3478),
            ("turn:h.test:80?transport=udp", Protocol::Udp, "h.test", 80),
            ("turn:[::1]:80?transport=tcp", Protocol::Tcp, "::1", 80),
            ("turns:[::1]", Protocol::Tls, "::1", 5349),
            ("turns:h.test?transport=udp", Protocol::Dtls, "h.test", 5349),
        ] {
            let host = host.to_owned();
            let address = Address { protocol, host, port };
            assert_eq!(Address::read(url), Some(address), "{url}");
        }
        assert_eq!(Address::read("stun:h.test"), None);
    }
}
