//! Translation of addresses and ports, as home routers and companies do it (RFC 4787).
//!
//! Pure: it knows no clock. Mappings last until the host's address changes, or until there are more of them
//! than ports; then the oldest go.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddrV4};

use crate::packet::{End, Packet};

/// The first port that a translator gives away. The last is the last there is.
const FIRST_PORT: u16 = 20_000;

/// How the translator in front of a host behaves. Both kinds let a packet in only from an address and port
/// that the host has sent to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nat {
    /// One public port for each port of the host, for all destinations: STUN works through it.
    Cone,
    /// Another public port for each destination: an address that STUN finds is not valid for others.
    Symmetric,
}

/// A translator: the host's address is `inner`, and everybody else sees `outer`.
#[derive(Debug)]
pub(crate) struct Translator {
    kind: Nat,
    inner: Ipv4Addr,
    outer: Ipv4Addr,
    ports: HashMap<Flow, u16>,
    mappings: HashMap<(u8, u16), Mapping>,
    next_port: u16,
}

/// What shares a public port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Flow {
    protocol: u8,
    port: u16,
    /// Only a symmetric translator tells destinations apart.
    to: Option<SocketAddrV4>,
}

/// What belongs to a public port.
#[derive(Debug)]
struct Mapping {
    flow: Flow,
    /// Who has been sent to, and so may answer.
    admitted: HashSet<SocketAddrV4>,
}

impl Translator {
    pub(crate) fn new(kind: Nat, inner: Ipv4Addr, outer: Ipv4Addr) -> Self {
        Self {
            kind,
            inner,
            outer,
            ports: HashMap::new(),
            mappings: HashMap::new(),
            next_port: FIRST_PORT,
        }
    }

    /// Forgets everything, because the addresses have changed.
    pub(crate) fn readdress(&mut self, inner: Ipv4Addr, outer: Ipv4Addr) {
        *self = Self::new(self.kind, inner, outer);
    }

    /// Gives a packet from the host its public source. False if it can't be translated.
    pub(crate) fn outwards(&mut self, packet: &mut Packet) -> bool {
        let Some((from, to)) = packet.endpoints(End::Source, End::Destination) else {
            return false;
        };
        let flow = Flow {
            protocol: packet.protocol(),
            port: from.port(),
            to: (self.kind == Nat::Symmetric).then_some(to),
        };
        let port = match self.ports.get(&flow) {
            Some(&port) => port,
            None => self.map(flow),
        };
        if let Some(mapping) = self.mappings.get_mut(&(flow.protocol, port)) {
            mapping.admitted.insert(to);
        }
        packet.redirect(End::Source, SocketAddrV4::new(self.outer, port));
        true
    }

    /// Gives a packet to the host its private destination. False if nobody has asked for it.
    pub(crate) fn inwards(&self, packet: &mut Packet) -> bool {
        let Some((to, from)) = packet.endpoints(End::Destination, End::Source) else {
            return false;
        };
        match self.mappings.get(&(packet.protocol(), to.port())) {
            Some(mapping) if mapping.admitted.contains(&from) => {
                packet.redirect(End::Destination, SocketAddrV4::new(self.inner, mapping.flow.port));
                true
            }
            _ => false,
        }
    }

    /// A port for a new flow: the next one, even if a flow of long ago still has it.
    fn map(&mut self, flow: Flow) -> u16 {
        let port = self.next_port;
        self.next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
        let mapping = Mapping {
            flow,
            admitted: HashSet::new(),
        };
        if let Some(old) = self.mappings.insert((flow.protocol, port), mapping) {
            self.ports.remove(&old.flow);
        }
        self.ports.insert(flow, port);
        port
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{ICMP, TCP, tests as build, tests::udp};

    const INNER: Ipv4Addr = Ipv4Addr::new(10, 98, 0, 1);
    const OUTER: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 1);

    fn at(text: &str) -> SocketAddrV4 {
        text.parse().unwrap()
    }

    fn translator(kind: Nat) -> Translator {
        Translator::new(kind, INNER, OUTER)
    }

    /// The public source of a packet from the host's port 5000 to somebody.
    fn seen_by(translator: &mut Translator, to: SocketAddrV4) -> SocketAddrV4 {
        let mut packet = udp(SocketAddrV4::new(INNER, 5000), to);
        assert!(translator.outwards(&mut packet));
        packet.endpoints(End::Source, End::Destination).unwrap().0
    }

    /// Where a packet from outside ends up, if it is let in.
    fn let_in(translator: &Translator, from: SocketAddrV4, to: SocketAddrV4) -> Option<SocketAddrV4> {
        let mut packet = udp(from, to);
        let admitted = translator.inwards(&mut packet);
        admitted.then(|| packet.endpoints(End::Destination, End::Source).unwrap().0)
    }

    #[test]
    fn a_cone_shows_everybody_the_same_port() {
        let mut nat = translator(Nat::Cone);
        let seen = seen_by(&mut nat, at("10.99.0.2:1"));
        assert_eq!(*seen.ip(), OUTER);
        assert_eq!(seen, seen_by(&mut nat, at("10.99.0.2:2")));
        assert_eq!(seen, seen_by(&mut nat, at("10.99.0.3:1")));
    }

    #[test]
    fn a_symmetric_translator_shows_each_destination_another_port() {
        let mut nat = translator(Nat::Symmetric);
        let seen = seen_by(&mut nat, at("10.99.0.2:1"));
        assert_eq!(*seen.ip(), OUTER);
        assert_eq!(seen, seen_by(&mut nat, at("10.99.0.2:1")));
        assert_ne!(seen, seen_by(&mut nat, at("10.99.0.2:2")));
        assert_ne!(seen, seen_by(&mut nat, at("10.99.0.3:1")));
    }

    #[test]
    fn both_let_in_only_whom_the_host_has_sent_to() {
        for kind in [Nat::Cone, Nat::Symmetric] {
            let mut nat = translator(kind);
            let friend = at("10.99.0.2:1");
            let seen = seen_by(&mut nat, friend);
            assert_eq!(let_in(&nat, friend, seen), Some(SocketAddrV4::new(INNER, 5000)));
            assert_eq!(
                let_in(&nat, at("10.99.0.2:2"), seen),
                None,
                "{kind:?}: another port"
            );
            assert_eq!(
                let_in(&nat, at("10.99.0.3:1"), seen),
                None,
                "{kind:?}: another host"
            );
            assert_eq!(
                let_in(&nat, friend, SocketAddrV4::new(OUTER, 5000)),
                None,
                "{kind:?}: no mapping"
            );
        }
    }

    #[test]
    fn through_a_cone_a_stranger_gets_in_once_it_has_been_sent_to() {
        let mut nat = translator(Nat::Cone);
        let stranger = at("10.99.0.3:7");
        let seen = seen_by(&mut nat, at("10.99.0.2:1"));
        assert_eq!(let_in(&nat, stranger, seen), None);
        seen_by(&mut nat, stranger);
        assert_eq!(let_in(&nat, stranger, seen), Some(SocketAddrV4::new(INNER, 5000)));
    }

    #[test]
    fn tcp_and_udp_have_ports_of_their_own() {
        let mut nat = translator(Nat::Cone);
        let to = at("10.99.0.2:1");
        let seen = seen_by(&mut nat, to);
        let mut packet = build::packet(TCP, to, seen, b"");
        assert!(!nat.inwards(&mut packet));
    }

    #[test]
    fn an_echo_comes_back() {
        let mut nat = translator(Nat::Symmetric);
        let mut request = build::packet(ICMP, SocketAddrV4::new(INNER, 77), at("10.99.0.2:0"), b"ping");
        assert!(nat.outwards(&mut request));
        let port = request.port(End::Source).unwrap();
        let mut reply = request.bytes().to_vec();
        reply[20] = 0;
        reply.copy_within(12..16, 16);
        reply[12..16].copy_from_slice(&[10, 99, 0, 2]);
        let mut reply = Packet::parse(reply).unwrap();
        assert_eq!(reply.port(End::Destination), Some(port));
        assert!(nat.inwards(&mut reply));
        assert_eq!(reply.port(End::Destination), Some(77));
        assert_eq!(reply.address(End::Destination), INNER);
    }

    #[test]
    fn the_oldest_mapping_makes_room() {
        let mut nat = translator(Nat::Symmetric);
        let first = at("10.99.0.2:1");
        let seen = seen_by(&mut nat, first);
        let ports = u32::from(u16::MAX - FIRST_PORT) + 1;
        for n in 1..=ports {
            seen_by(&mut nat, SocketAddrV4::new(Ipv4Addr::from(0x0B00_0000 + n), 1));
        }
        assert_eq!(let_in(&nat, first, seen), None);
        assert_ne!(seen_by(&mut nat, first), seen);
        assert_eq!(nat.ports.len(), nat.mappings.len());
    }

    #[test]
    fn a_new_address_forgets_what_was_open() {
        let mut nat = translator(Nat::Cone);
        let friend = at("10.99.0.2:1");
        let seen = seen_by(&mut nat, friend);
        nat.readdress(Ipv4Addr::new(10, 98, 1, 1), Ipv4Addr::new(10, 99, 1, 1));
        assert_eq!(let_in(&nat, friend, seen), None);
    }
}
