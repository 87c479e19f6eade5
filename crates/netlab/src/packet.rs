//! An IPv4 packet: what the laboratory looks at, and what a translator of addresses changes.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::checksum;

/// The protocols whose packets the laboratory can tell apart.
pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

/// The shortest header of IPv4.
const HEADER: usize = 20;

/// A packet whose header has been found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet(Vec<u8>);

/// Which of a packet's two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Source,
    Destination,
}

impl End {
    /// Where the header has this end's address.
    fn address_at(self) -> usize {
        match self {
            Self::Source => 12,
            Self::Destination => 16,
        }
    }
}

impl Packet {
    /// The packet in these bytes; `None` if they are not IPv4 or end too early.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let first = *bytes.first()?;
        let header = usize::from(first & 0x0F) * 4;
        let whole = first >> 4 == 4 && header >= HEADER && bytes.len() >= header;
        let packet = whole.then_some(Self(bytes))?;
        let payload = match packet.protocol() {
            TCP => 20,
            UDP | ICMP => 8,
            _ => 0,
        };
        (packet.is_fragment() || packet.0.len() >= header + payload).then_some(packet)
    }

    /// What goes over the wire.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes that is.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// UDP, TCP or another protocol.
    pub(crate) fn protocol(&self) -> u8 {
        self.0[9]
    }

    /// The address at one end.
    pub(crate) fn address(&self, end: End) -> Ipv4Addr {
        let at = end.address_at();
        Ipv4Addr::new(self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3])
    }

    /// The port at one end. An echo request has one where it comes from, and its reply where it goes: the
    /// identifier.
    pub(crate) fn port(&self, end: End) -> Option<u16> {
        self.port_at(end).map(|at| self.word(at))
    }

    /// Address and port at both ends, the given one first. The far end of an echo has port 0. `None` for what
    /// a translator can't follow: fragments, other protocols, and ICMP that is no echo.
    pub(crate) fn endpoints(&self, near: End, far: End) -> Option<(SocketAddrV4, SocketAddrV4)> {
        let port = self.port(near)?;
        let far_port = match self.protocol() {
            ICMP => 0,
            _ => self.port(far)?,
        };
        Some((
            SocketAddrV4::new(self.address(near), port),
            SocketAddrV4::new(self.address(far), far_port),
        ))
    }

    /// Puts another address and port at one end, and mends the checksums. Only for an end that has a port.
    pub(crate) fn redirect(&mut self, end: End, to: SocketAddrV4) {
        let Some(port_at) = self.port_at(end) else { return };
        let at = end.address_at();
        let [a, b, c, d] = to.ip().octets();
        let high = (self.word(at), u16::from_be_bytes([a, b]));
        let low = (self.word(at + 2), u16::from_be_bytes([c, d]));
        let port = (self.word(port_at), to.port());
        self.set_word(at, high.1);
        self.set_word(at + 2, low.1);
        self.set_word(port_at, port.1);
        self.set_word(10, checksum::mended(self.word(10), [high, low]));
        let sum_at = self.header() + self.checksum_in_payload();
        let old = self.word(sum_at);
        let new = match self.protocol() {
            // ICMP's checksum knows nothing of addresses.
            ICMP => checksum::mended(old, [port]),
            // Zero says that there is none, so a sum of zero is written as its twin.
            UDP if old == 0 => 0,
            UDP => match checksum::mended(old, [high, low, port]) {
                0 => 0xFFFF,
                sum => sum,
            },
            _ => checksum::mended(old, [high, low, port]),
        };
        self.set_word(sum_at, new);
    }

    fn header(&self) -> usize {
        usize::from(self.0[0] & 0x0F) * 4
    }

    /// Whether this is a part of a larger packet. Only the first part would have ports.
    fn is_fragment(&self) -> bool {
        self.word(6) & 0x3FFF != 0
    }

    fn port_at(&self, end: End) -> Option<usize> {
        if self.is_fragment() {
            return None;
        }
        let header = self.header();
        match (self.protocol(), end) {
            (TCP | UDP, End::Source) => Some(header),
            (TCP | UDP, End::Destination) => Some(header + 2),
            (ICMP, _) => match (self.0[header], end) {
                (8, End::Source) | (0, End::Destination) => Some(header + 4),
                _ => None,
            },
            _ => None,
        }
    }

    fn checksum_in_payload(&self) -> usize {
        match self.protocol() {
            TCP => 16,
            UDP => 6,
            _ => 2,
        }
    }

    fn word(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.0[at], self.0[at + 1]])
    }

    fn set_word(&mut self, at: usize, word: u16) {
        self.0[at..at + 2].copy_from_slice(&word.to_be_bytes());
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A packet with its checksums as a kernel would write them. `payload` follows the transport's header.
    pub(crate) fn packet(protocol: u8, from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> Packet {
        let mut transport = Vec::new();
        match protocol {
            ICMP => {
                transport.extend([8, 0, 0, 0]);
                transport.extend(from.port().to_be_bytes());
                transport.extend([0, 1]);
            }
            _ => {
                transport.extend(from.port().to_be_bytes());
                transport.extend(to.port().to_be_bytes());
                let length = u16::try_from(8 + payload.len()).unwrap();
                match protocol {
                    UDP => transport.extend([length.to_be_bytes(), [0, 0]].concat()),
                    _ => transport.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0]),
                }
            }
        }
        transport.extend(payload);
        let mut bytes = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0];
        bytes[2..4].copy_from_slice(&u16::try_from(20 + transport.len()).unwrap().to_be_bytes());
        bytes.extend(from.ip().octets());
        bytes.extend(to.ip().octets());
        bytes.extend(transport);
        let mut packet = Packet::parse(bytes).unwrap();
        write_checksums(&mut packet);
        packet
    }

    /// A UDP packet with eight bytes to carry.
    pub(crate) fn udp(from: SocketAddrV4, to: SocketAddrV4) -> Packet {
        packet(UDP, from, to, b"12345678")
    }

    /// Computes both checksums.
    fn write_checksums(packet: &mut Packet) {
        packet.set_word(10, 0);
        let sum = checksum::whole(&packet.0[..packet.header()]);
        packet.set_word(10, sum);
        let at = packet.header() + packet.checksum_in_payload();
        packet.set_word(at, 0);
        let mut covered = Vec::new();
        if packet.protocol() != ICMP {
            let length = u16::try_from(packet.len() - packet.header()).unwrap();
            covered.extend(&packet.0[12..20]);
            covered.extend([0, packet.protocol()]);
            covered.extend(length.to_be_bytes());
        }
        covered.extend(&packet.0[packet.header()..]);
        let sum = match checksum::whole(&covered) {
            0 if packet.protocol() == UDP => 0xFFFF,
            sum => sum,
        };
        packet.set_word(at, sum);
    }

    fn endpoint(random: &mut fastrand::Rng) -> SocketAddrV4 {
        let (any_address, any_port) = (random.u32(..), random.u16(..));
        let address = *random.choice(&[0, u32::MAX, any_address]).unwrap();
        let port = *random.choice(&[0, u16::MAX, any_port]).unwrap();
        SocketAddrV4::new(address.into(), port)
    }

    #[test]
    fn a_redirected_packet_is_as_if_its_checksums_were_computed_anew() {
        for seed in 0..20_000 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (from, to) = (endpoint(&mut random), endpoint(&mut random));
            let protocol = *random.choice(&[UDP, TCP, ICMP]).unwrap();
            let payload: Vec<u8> = (0..random.usize(0..64)).map(|_| random.u8(..)).collect();
            let mut packet = packet(protocol, from, to, &payload);
            let target = endpoint(&mut random);
            packet.redirect(End::Source, target);
            assert_eq!(packet.endpoints(End::Source, End::Destination).unwrap().0, target);
            if protocol != ICMP {
                let target = endpoint(&mut random);
                packet.redirect(End::Destination, target);
                assert_eq!(packet.endpoints(End::Destination, End::Source).unwrap().0, target);
            }
            let mut anew = packet.clone();
            write_checksums(&mut anew);
            assert_eq!(packet, anew, "seed {seed}");
        }
    }

    #[test]
    fn a_sum_of_zero_is_not_mistaken_for_none() {
        let to = "10.0.0.2:2".parse().unwrap();
        let before = udp("10.0.0.1:1".parse().unwrap(), to);
        // One of all ports makes the sum zero.
        for port in 0..=u16::MAX {
            let mut packet = before.clone();
            packet.redirect(End::Source, SocketAddrV4::new([10, 0, 0, 3].into(), port));
            assert_ne!(packet.word(26), 0, "port {port}");
        }
    }

    #[test]
    fn udp_without_a_checksum_gets_none() {
        let mut packet = udp("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap());
        packet.set_word(26, 0);
        packet.redirect(End::Source, "10.0.0.3:3".parse().unwrap());
        assert_eq!(packet.word(26), 0);
    }

    #[test]
    fn what_is_no_whole_packet_is_refused() {
        let whole = udp("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap()).0;
        assert!(Packet::parse(whole.clone()).is_some());
        assert!(Packet::parse(Vec::new()).is_none());
        assert!(
            Packet::parse(whole[..27].to_vec()).is_none(),
            "ends inside UDP's header"
        );
        assert!(Packet::parse([&[0x65], &whole[1..]].concat()).is_none(), "IPv6");
        assert!(
            Packet::parse([&[0x44], &whole[1..]].concat()).is_none(),
            "a header of 16 bytes"
        );
        for seed in 0..20_000 {
            let mut random = fastrand::Rng::with_seed(seed);
            let garbage: Vec<u8> = (0..random.usize(0..40)).map(|_| random.u8(..)).collect();
            if let Some(mut packet) = Packet::parse([&[0x45], &garbage[..]].concat()) {
                packet.redirect(End::Source, endpoint(&mut random));
                let _ = packet.endpoints(End::Destination, End::Source);
            }
        }
    }

    #[test]
    fn a_fragment_has_no_ports() {
        let mut bytes = udp("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap()).0;
        bytes[6] = 0x20;
        assert_eq!(Packet::parse(bytes).unwrap().port(End::Source), None);
    }
}
