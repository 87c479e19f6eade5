//! Where clients come from: the address that counts, behind trusted proxies as well, and what one address
//! may have and do.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use tokio::time::Instant;

use crate::bucket::Bucket;
use crate::limits::Limits;

/// Where proxies write who came to them.
pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many addresses are remembered: about 10 MB. A client of yet another one is refused.
const MOST_KNOWN: usize = 65_536;

/// How often addresses are forgotten that no longer matter, at most.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// The address of the client whose request came from this peer: its own, or the last one that no trusted
/// proxy has, as the proxies tell it in `X-Forwarded-For`. Each of them adds who came to it at the end, so
/// what the client wrote there itself comes before, and is not believed.
#[must_use]
pub fn of_client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut client = peer.to_canonical();
    let hops = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = hops.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for hop in hops {
        if !is_trusted(&client) {
            break;
        }
        // A proxy that writes something else can't be followed further.
        let Some(ip) = read(hop.trim()) else { break };
        client = ip.to_canonical();
    }
    client
}

/// Reads an address, which some proxies write with a port.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
    let ip = bare.unwrap_or(hop).parse().ok();
    ip.or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// What limits count as one address: an IPv4 address, or a whole IPv6 network of 64 bits, which is what one
/// customer has at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Address(IpAddr);

impl Address {
    /// This machine is not limited: behind a proxy here that is not named as trusted, everybody has its
    /// address.
    fn of(ip: IpAddr) -> Option<Self> {
        let ip = match ip.to_canonical() {
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                if ip.is_loopback() {
                    return None;
                }
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        };
        (!ip.is_loopback()).then_some(Self(ip))
    }
}

/// What each address has and does.
#[derive(Debug)]
pub(crate) struct Addresses {
    limits: Limits,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    by_address: HashMap<Address, Usage>,
    forgot: Instant,
}

#[derive(Debug)]
struct Usage {
    connections: u32,
    joins: Bucket,
    tokens: Bucket,
}

/// A connection of an address; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Visit {
    addresses: Arc<Addresses>,
    /// `None`: not limited.
    address: Option<Address>,
}

impl Addresses {
    /// Nobody yet.
    pub(crate) fn new(limits: Limits) -> Self {
        let known = Known {
            by_address: HashMap::new(),
            forgot: Instant::now(),
        };
        Self {
            limits,
            known: Mutex::new(known),
        }
    }

    /// Counts a connection; `None` if its address has too many.
    pub(crate) fn visit(self: &Arc<Self>, ip: IpAddr, now: Instant) -> Option<Visit> {
        let address = Address::of(ip);
        if let Some(address) = address {
            let mut known = self.lock();
            known.forget_some(now);
            if !known.by_address.contains_key(&address) && known.by_address.len() >= MOST_KNOWN {
                return None;
            }
            let usage = known.by_address.entry(address).or_insert_with(|| Usage {
                connections: 0,
                joins: Bucket::new(self.limits.joins_per_address, now),
                tokens: Bucket::new(self.limits.tokens_per_address, now),
            });
            if usage.connections >= self.limits.connections_per_address {
                return None;
            }
            usage.connections += 1;
        }
        Some(Visit {
            addresses: self.clone(),
            address,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Forgets those who are gone and have used nothing lately, not too often.
    fn forget_some(&mut self, now: Instant) {
        let is_due = now.saturating_duration_since(self.forgot) >= FORGET_EVERY;
        if is_due {
            self.forgot = now;
            self.by_address.retain(|_, usage| {
                usage.connections > 0 || !usage.joins.is_full(now) || !usage.tokens.is_full(now)
            });
        }
    }
}

impl Visit {
    /// Whether both count as one address.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.address.is_some() && self.address == other.address
    }

    /// Whether this address may join once more.
    pub(crate) fn may_join(&self, now: Instant) -> bool {
        self.usage(|usage| usage.joins.take(1, now))
    }

    /// Whether this address may have TURN credentials without a seat once more.
    pub(crate) fn may_have_token(&self, now: Instant) -> bool {
        self.usage(|usage| usage.tokens.take(1, now))
    }

    fn usage(&self, ask: impl FnOnce(&mut Usage) -> bool) -> bool {
        let Some(address) = self.address else {
            return true;
        };
        let mut known = self.addresses.lock();
        // It is there for as long as a visit counts.
        known.by_address.get_mut(&address).is_some_and(ask)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(address) = self.address
            && let Some(usage) = self.addresses.lock().by_address.get_mut(&address)
        {
            usage.connections = usage.connections.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Rate;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: &str, forwarded: &[&str]) -> IpAddr {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        of_client(ip(peer), &headers, &trusted)
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_what_they_wrote() {
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            // Anybody can write a header.
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            // The client wrote the first; the proxy added the last.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            // Two proxies.
            (
                "10.0.0.1",
                &["203.0.113.9,198.51.100.7, 10.0.0.2"],
                "198.51.100.7",
            ),
            ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("fd00::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("fd00::1", &["[2001:db8::7]"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            // What can't be read ends the way.
            ("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(client(peer, forwarded), ip(expected), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_network_of_64_bits_is_one_address_and_this_machine_is_none() {
        let of = |text| Address::of(ip(text));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        for local in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(of(local), None);
        }
    }

    fn addresses() -> Arc<Addresses> {
        let rate = Rate {
            burst: 3,
            per_minute: 60,
        };
        Arc::new(Addresses::new(Limits {
            connections_per_address: 2,
            joins_per_address: rate,
            tokens_per_address: rate,
            ..Limits::default()
        }))
    }

    #[test]
    fn an_address_has_so_many_connections_and_others_have_their_own() {
        let (addresses, now) = (addresses(), Instant::now());
        let visit = |from| addresses.visit(ip(from), now);
        let first = visit("192.0.2.1").unwrap();
        let _second = visit("192.0.2.1").unwrap();
        assert!(visit("192.0.2.1").is_none());
        assert!(visit("192.0.2.2").is_some());
        drop(first);
        assert!(visit("192.0.2.1").is_some());
        let many: Vec<_> = (0..100).map(|_| visit("127.0.0.1")).collect();
        assert!(many.iter().all(Option::is_some));
    }

    #[test]
    fn what_an_address_has_done_is_remembered_until_it_is_made_up_for() {
        let (addresses, start) = (addresses(), Instant::now());
        let visit = |now| addresses.visit(ip("192.0.2.1"), now).unwrap();
        assert!((0..3).all(|_| visit(start).may_join(start)));
        assert!(!visit(start).may_join(start), "a new connection changes nothing");
        assert!(visit(start).may_have_token(start));
        assert!(addresses.visit(ip("192.0.2.2"), start).unwrap().may_join(start));

        let soon = start + FORGET_EVERY;
        drop(addresses.visit(ip("192.0.2.2"), soon));
        assert_eq!(addresses.lock().by_address.len(), 2);
        assert!(visit(soon).may_join(soon));
        assert!(!visit(soon).may_join(soon));

        let later = start + Duration::from_secs(60);
        drop(addresses.visit(ip("192.0.2.3"), later));
        assert_eq!(
            addresses.lock().by_address.len(),
            1,
            "the others no longer matter"
        );
    }

    #[test]
    fn a_flood_of_addresses_is_bounded() {
        let (addresses, now) = (addresses(), Instant::now());
        let visit = |number: usize| {
            let [.., a, b, c] = number.to_be_bytes();
            addresses.visit(IpAddr::from([203, a, b, c]), now)
        };
        assert!((0..MOST_KNOWN).all(|number| visit(number).is_some()));
        assert!(visit(MOST_KNOWN).is_none());
        assert!(visit(0).is_some(), "who is known can come");
        // They are gone, and have used nothing.
        let later = now + FORGET_EVERY;
        assert!(addresses.visit(ip("192.0.2.1"), later).is_some());
    }
}
