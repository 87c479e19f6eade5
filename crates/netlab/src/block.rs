//! What a firewall in the middle does not let through.

use std::fmt;

use crate::packet::{End, Packet, TCP, UDP};

/// Traffic to block: of one host with everybody, or with one other; of one protocol; at all ports, or at one.
///
/// ```
/// # use visavis_netlab::Block;
/// Block::udp("alice");                            // alice can't use UDP at all
/// Block::udp("alice").with("server").port(3478);  // alice can't reach STUN on the server
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Block {
    pub(crate) protocol: Protocol,
    pub(crate) host: String,
    pub(crate) peer: Option<String>,
    pub(crate) port: Option<u16>,
}

/// A protocol that can be blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

impl Block {
    /// All UDP to and from a host.
    pub fn udp(host: impl Into<String>) -> Self {
        Self::new(Protocol::Udp, host.into())
    }

    /// All TCP to and from a host.
    pub fn tcp(host: impl Into<String>) -> Self {
        Self::new(Protocol::Tcp, host.into())
    }

    /// Only what goes between the host and this other one.
    pub fn with(mut self, peer: impl Into<String>) -> Self {
        self.peer = Some(peer.into());
        self
    }

    /// Only what comes from this port or goes to it, at either end, as it is seen between translators.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    fn new(protocol: Protocol, host: String) -> Self {
        Self {
            protocol,
            host,
            peer: None,
            port: None,
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        if let Some(peer) = &self.peer {
            write!(f, " {peer}")?;
        }
        f.write_str(match self.protocol {
            Protocol::Tcp => " tcp",
            Protocol::Udp => " udp",
        })?;
        match self.port {
            Some(port) => write!(f, " {port}"),
            None => Ok(()),
        }
    }
}

/// A [`Block`] whose hosts have been found: their places in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// UDP or TCP.
    pub(crate) protocol: Protocol,
    /// One end.
    pub(crate) host: usize,
    /// The other; `None` for anybody.
    pub(crate) peer: Option<usize>,
    /// At either end; `None` for all.
    pub(crate) port: Option<u16>,
}

impl Rule {
    /// Whether the packet between these hosts is stopped.
    pub(crate) fn stops(&self, from: usize, to: usize, packet: &Packet) -> bool {
        let ends = match self.peer {
            Some(peer) => (from, to) == (self.host, peer) || (from, to) == (peer, self.host),
            None => from == self.host || to == self.host,
        };
        let protocol = match self.protocol {
            Protocol::Tcp => TCP,
            Protocol::Udp => UDP,
        };
        let port = self.port.is_none_or(|port| {
            [End::Source, End::Destination]
                .map(|end| packet.port(end))
                .contains(&Some(port))
        });
        ends && port && packet.protocol() == protocol
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::tests as build;

    const ALICE: usize = 0;
    const BOB: usize = 1;
    const SERVER: usize = 2;

    fn packet(protocol: u8, from: u16, to: u16) -> Packet {
        let at = |port| format!("10.99.0.1:{port}").parse().unwrap();
        build::packet(protocol, at(from), at(to), b"")
    }

    fn rule() -> Rule {
        Rule {
            protocol: Protocol::Udp,
            host: ALICE,
            peer: None,
            port: None,
        }
    }

    #[test]
    fn without_a_peer_everybody_is_meant() {
        let packet = packet(UDP, 1, 2);
        assert!(rule().stops(ALICE, BOB, &packet));
        assert!(rule().stops(SERVER, ALICE, &packet));
        assert!(!rule().stops(SERVER, BOB, &packet));
    }

    #[test]
    fn with_a_peer_both_directions_of_one_pair_are_meant() {
        let packet = packet(UDP, 1, 2);
        let rule = Rule {
            peer: Some(BOB),
            ..rule()
        };
        assert!(rule.stops(ALICE, BOB, &packet));
        assert!(rule.stops(BOB, ALICE, &packet));
        assert!(!rule.stops(ALICE, SERVER, &packet));
    }

    #[test]
    fn one_protocol_is_meant() {
        assert!(!rule().stops(ALICE, BOB, &packet(TCP, 1, 2)));
    }

    #[test]
    fn a_port_may_be_at_either_end() {
        let rule = Rule {
            port: Some(3478),
            ..rule()
        };
        assert!(rule.stops(ALICE, SERVER, &packet(UDP, 5000, 3478)));
        assert!(rule.stops(SERVER, ALICE, &packet(UDP, 3478, 5000)));
        assert!(!rule.stops(ALICE, SERVER, &packet(UDP, 5000, 8080)));
    }
}
