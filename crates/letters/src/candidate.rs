//! Where a browser can be reached: the part of ICE candidates that can't be worked out.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::bytes::{Reader, Writer};

/// What stands behind the 128 bits of a name by which a browser hides an address in its own network.
const LOCAL: &str = ".local";

/// An ICE candidate for UDP. Others are of no use here: browsers only ever call over TCP, and answer nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// What kind of address it is.
    pub typ: CandidateType,
    /// The address.
    pub address: Address,
    /// The UDP port.
    pub port: u16,
}

/// How an address was found (RFC 8445, section 5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateType {
    /// The browser's own.
    Host,
    /// As a STUN server sees the browser.
    ServerReflexive,
    /// That of a TURN server.
    Relayed,
}

/// An address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// IPv4.
    V4(Ipv4Addr),
    /// IPv6.
    V6(Ipv6Addr),
    /// A name that only the same network can resolve, by mDNS: a random UUID (RFC 4122, section 4.4).
    Mdns([u8; 16]),
}

impl CandidateType {
    const ALL: [Self; 3] = [Self::Host, Self::ServerReflexive, Self::Relayed];

    fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::Relayed => "relay",
        }
    }

    /// Recommended in RFC 8445, section 5.1.2.2.
    fn preference(self) -> u32 {
        match self {
            Self::Host => 126,
            Self::ServerReflexive => 100,
            Self::Relayed => 0,
        }
    }
}

impl Candidate {
    /// Reads what follows `candidate:` (RFC 8839, section 5.1), with its priority. `None`: it is not for UDP,
    /// or is of a kind that no browser makes.
    pub(crate) fn read(line: &str) -> Option<(u32, Self)> {
        let mut words = line.split_ascii_whitespace().skip(1);
        let component = words.next()?;
        let transport = words.next()?;
        let priority = words.next()?.parse().ok()?;
        let address = Address::read(words.next()?)?;
        let port = words.next()?.parse().ok()?;
        let is_type = words.next()? == "typ";
        let name = words.next()?;
        let typ = CandidateType::ALL.into_iter().find(|typ| typ.name() == name)?;
        let is_meant = is_type && component == "1" && transport.eq_ignore_ascii_case("udp");
        is_meant.then_some((priority, Self { typ, address, port }))
    }

    /// Its attribute in a description, `candidate:…`, where it is at this place among all of a letter, the
    /// best first. In each round it has another foundation and priority: see
    /// [`Description::candidate_lines`].
    ///
    /// [`Description::candidate_lines`]: crate::Description::candidate_lines
    pub(crate) fn line(&self, place: u16, round: u16) -> String {
        let foundation = u32::from(round) * 16 + u32::from(place);
        let local = 65_535_u32.saturating_sub(foundation);
        let priority = (self.typ.preference() << 24) | (local << 8) | 255;
        let Self { typ, address, port } = self;
        // What others than hosts are based on, we hide as browsers do.
        let related = match typ {
            CandidateType::Host => "",
            CandidateType::ServerReflexive | CandidateType::Relayed => " raddr 0.0.0.0 rport 0",
        };
        let typ = typ.name();
        format!("candidate:{foundation} 1 udp {priority} {address} {port} typ {typ}{related}")
    }

    /// Whether a browser can be there.
    pub(crate) fn is_usable(&self) -> bool {
        let is_nobody = match self.address {
            Address::V4(address) => {
                address.is_unspecified() || address.is_multicast() || address.is_broadcast()
            }
            Address::V6(address) => address.is_unspecified() || address.is_multicast(),
            Address::Mdns(_) => false,
        };
        self.port != 0 && !is_nobody
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let kind = match self.address {
            Address::V4(_) => 0,
            Address::V6(_) => 1,
            Address::Mdns(_) => 2,
        };
        let typ = CandidateType::ALL.iter().position(|typ| *typ == self.typ);
        // There are three.
        let typ = u8::try_from(typ.unwrap_or(0)).unwrap_or(0);
        writer.byte(kind << 2 | typ);
        match self.address {
            Address::V4(address) => writer.bytes(&address.octets()),
            Address::V6(address) => writer.bytes(&address.octets()),
            Address::Mdns(name) => writer.bytes(&name),
        }
        writer.bytes(&self.port.to_be_bytes());
    }

    pub(crate) fn read_bytes(reader: &mut Reader<'_>) -> Option<Self> {
        let kind = reader.byte()?;
        let typ = *CandidateType::ALL.get(usize::from(kind & 3))?;
        let address = match kind >> 2 {
            0 => Address::V4(reader.array::<4>()?.into()),
            1 => Address::V6(reader.array::<16>()?.into()),
            2 => Address::Mdns(reader.array()?),
            _ => return None,
        };
        let port = u16::from_be_bytes(reader.array()?);
        Some(Self { typ, address, port })
    }
}

impl Address {
    fn read(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_suffix(LOCAL) {
            let digits: String = name.split('-').collect();
            let bits = u128::from_str_radix(&digits, 16).ok()?;
            return (digits.len() == 32).then(|| Self::Mdns(bits.to_be_bytes()));
        }
        let v4 = text.parse().map(Self::V4);
        v4.or_else(|_| text.parse().map(Self::V6)).ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => address.fmt(f),
            Self::Mdns(name) => {
                let digits = format!("{:032x}", u128::from_be_bytes(*name));
                let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
                write!(f, "{a}-{b}-{c}-{d}-{e}{LOCAL}")
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses must not reach a log.
        f.write_str("Address(…)")
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Candidate({:?}, …)", self.typ)
    }
}
