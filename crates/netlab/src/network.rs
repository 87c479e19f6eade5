//! What happens between the hosts: which packets arrive, when, and with which addresses.
//!
//! Pure: packets go in with [`Network::send`] and come out of [`Network::arrived`]; time is an argument, and
//! chance a seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::Ipv4Addr;

use crate::block::Rule;
use crate::counters::{Counters, HostCounters, PairCounters};
use crate::link::{self, Moment, Overrides, Sender, Settings};
use crate::nat::{Nat, Translator};
use crate::packet::{End, Packet};

/// How many hosts fit: each has one address in each network of 256.
pub(crate) const MAX_HOSTS: usize = 250;

/// The length of the networks' prefixes.
pub(crate) const PREFIX: u8 = 16;

/// All hosts, all links, and what is on its way.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) settings: Settings,
    hosts: Vec<Node>,
    /// From each host to each host: `from * hosts + to`.
    ways: Vec<Way>,
    rules: Vec<Rule>,
    on_the_way: BinaryHeap<Reverse<InFlight>>,
    sent: u64,
    random: fastrand::Rng,
}

/// A host, as its network sees it.
#[derive(Debug)]
struct Node {
    name: String,
    /// The address that the host itself has.
    inner: Ipv4Addr,
    /// The address that others see.
    outer: Ipv4Addr,
    nat: Option<Translator>,
    cut: bool,
    /// How often its link has been torn down; what left before never arrives.
    epoch: u64,
    /// How often it has got another address.
    moves: usize,
    sender: Sender,
    counters: HostCounters,
}

/// One direction between two hosts.
#[derive(Clone, Debug, Default)]
struct Way {
    overrides: Overrides,
    cut: bool,
    epoch: u64,
    sender: Sender,
    /// When the last packet arrives: none overtakes another.
    last_due: Moment,
    counters: PairCounters,
}

/// A packet between two hosts. Ordered by arrival, then by departure.
#[derive(Debug, PartialEq, Eq)]
struct InFlight {
    due: Moment,
    number: u64,
    from: usize,
    to: usize,
    epoch: u64,
    packet: Packet,
}

impl Ord for InFlight {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl PartialOrd for InFlight {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Network {
    /// A network of these hosts, all connected.
    pub(crate) fn new(hosts: Vec<(String, Option<Nat>)>, settings: Settings, seed: u64) -> Self {
        let ways = vec![Way::default(); hosts.len() * hosts.len()];
        let node = |(index, (name, nat)): (usize, (String, Option<Nat>))| {
            let (inner, outer) = addresses(index, 0, nat.is_some());
            Node {
                name,
                inner,
                outer,
                nat: nat.map(|kind| Translator::new(kind, inner, outer)),
                cut: false,
                epoch: 0,
                moves: 0,
                sender: Sender::default(),
                counters: HostCounters::default(),
            }
        };
        Self {
            settings,
            hosts: hosts.into_iter().enumerate().map(node).collect(),
            ways,
            rules: Vec::new(),
            on_the_way: BinaryHeap::new(),
            sent: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    // -- Hosts -----------------------------------------------------------------------------------

    /// The place of the host with this name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.hosts.iter().position(|host| host.name == name)
    }

    /// The names of all hosts, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|host| host.name.as_str())
    }

    /// The address that the host itself has.
    pub(crate) fn inner(&self, host: usize) -> Ipv4Addr {
        self.hosts[host].inner
    }

    /// The address that others see.
    pub(crate) fn outer(&self, host: usize) -> Ipv4Addr {
        self.hosts[host].outer
    }

    /// What has been counted so far.
    pub(crate) fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        for (from, host) in self.hosts.iter().enumerate() {
            counters.hosts.insert(host.name.clone(), host.counters);
            for (to, other) in self.hosts.iter().enumerate() {
                let pair = (host.name.clone(), other.name.clone());
                counters.pairs.insert(pair, self.way(from, to).counters);
            }
        }
        counters
    }

    // -- Packets ---------------------------------------------------------------------------------

    /// A host has sent these bytes.
    pub(crate) fn send(&mut self, now: Moment, from: usize, bytes: Vec<u8>) {
        let length = bytes.len();
        self.hosts[from].counters.sent.add(length);
        let Some((to, packet)) = self.route(from, bytes) else {
            self.hosts[from].counters.dropped.add(length);
            return;
        };
        match self.schedule(now, from, to, &packet) {
            Some(due) => {
                self.sent += 1;
                self.on_the_way.push(Reverse(InFlight {
                    due,
                    number: self.sent,
                    from,
                    to,
                    epoch: self.epoch(from, to),
                    packet,
                }));
            }
            None => self.lose(from, to, length),
        }
    }

    /// The next packet that has arrived by now, and where. `None`: no packet.
    pub(crate) fn arrived(&mut self, now: Moment) -> Option<(usize, Packet)> {
        while self.next_arrival().is_some_and(|due| due <= now) {
            let Reverse(flight) = self.on_the_way.pop()?;
            let InFlight {
                from, to, mut packet, ..
            } = flight;
            let length = packet.len();
            let survives = flight.epoch == self.epoch(from, to)
                && !self.stopped(from, to, &packet)
                && match &self.hosts[to].nat {
                    // One that has never been outside needs no way in.
                    Some(nat) if packet.address(End::Destination) != self.hosts[to].inner => {
                        nat.inwards(&mut packet)
                    }
                    _ => true,
                };
            if survives {
                self.hosts[to].counters.received.add(length);
                self.way_mut(from, to).counters.delivered.add(length);
                return Some((to, packet));
            }
            self.lose(from, to, length);
        }
        None
    }

    /// When there is something to do again.
    pub(crate) fn next_arrival(&self) -> Option<Moment> {
        self.on_the_way.peek().map(|Reverse(flight)| flight.due)
    }

    /// Whom the bytes are for, as a packet with the address that others see. `None` for what no router would
    /// take.
    fn route(&mut self, from: usize, bytes: Vec<u8>) -> Option<(usize, Packet)> {
        let mut packet = Packet::parse(bytes)?;
        let host = &mut self.hosts[from];
        // What is still sent from an old address does not get far.
        if packet.address(End::Source) != host.inner {
            return None;
        }
        // Programs of a host that are apart see its own address, and no translator.
        if packet.address(End::Destination) == host.inner {
            return Some((from, packet));
        }
        if let Some(nat) = &mut host.nat
            && !nat.outwards(&mut packet)
        {
            return None;
        }
        let to = packet.address(End::Destination);
        let to = self.hosts.iter().position(|host| host.outer == to)?;
        Some((to, packet))
    }

    /// When the packet will arrive, if it does.
    fn schedule(&mut self, now: Moment, from: usize, to: usize, packet: &Packet) -> Option<Moment> {
        let overrides = self.way(from, to).overrides;
        let settings = overrides.over(&self.settings);
        if self.stopped(from, to, packet) || link::lost(&settings, &mut self.random) {
            return None;
        }
        let delay = link::delay(&settings, &mut self.random);
        let sender = match overrides.rate {
            Some(_) => &mut self.way_mut(from, to).sender,
            None => &mut self.hosts[from].sender,
        };
        let left = sender.send(now, packet.len(), &settings)?;
        let way = self.way_mut(from, to);
        way.last_due = way.last_due.max(left + delay);
        Some(way.last_due)
    }

    /// Whether an outage or a rule is in the way.
    fn stopped(&self, from: usize, to: usize, packet: &Packet) -> bool {
        self.hosts[from].cut
            || self.hosts[to].cut
            || self.way(from, to).cut
            || self.rules.iter().any(|rule| rule.stops(from, to, packet))
    }

    fn lose(&mut self, from: usize, to: usize, length: usize) {
        self.hosts[from].counters.dropped.add(length);
        self.way_mut(from, to).counters.dropped.add(length);
    }

    /// Grows with each tear of a link between the two. So it differs from what it was, if there was one.
    fn epoch(&self, from: usize, to: usize) -> u64 {
        self.hosts[from].epoch + self.hosts[to].epoch + self.way(from, to).epoch
    }

    fn way(&self, from: usize, to: usize) -> &Way {
        &self.ways[from * self.hosts.len() + to]
    }

    fn way_mut(&mut self, from: usize, to: usize) -> &mut Way {
        &mut self.ways[from * self.hosts.len() + to]
    }

    // -- Changes ---------------------------------------------------------------------------------

    /// Takes a host off the network. What is on its way from and to it is lost.
    pub(crate) fn cut(&mut self, host: usize) {
        self.hosts[host].cut = true;
        self.hosts[host].epoch += 1;
    }

    /// Puts a host back.
    pub(crate) fn join(&mut self, host: usize) {
        self.hosts[host].cut = false;
    }

    /// Takes away the link between two hosts, and what is on it.
    pub(crate) fn cut_pair(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            let way = self.way_mut(from, to);
            way.cut = true;
            way.epoch += 1;
        }
    }

    /// Puts the link between two hosts back.
    pub(crate) fn join_pair(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            self.way_mut(from, to).cut = false;
        }
    }

    /// Changes where a pair of hosts differs from the others.
    pub(crate) fn override_pair(&mut self, a: usize, b: usize, change: impl Fn(&mut Overrides)) {
        for (from, to) in [(a, b), (b, a)] {
            change(&mut self.way_mut(from, to).overrides);
        }
    }

    /// Stops some traffic, also what is on its way.
    pub(crate) fn block(&mut self, rule: Rule) {
        if !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
    }

    /// Takes a rule back. False if there is no such rule.
    pub(crate) fn unblock(&mut self, rule: Rule) -> bool {
        let before = self.rules.len();
        self.rules.retain(|other| *other != rule);
        self.rules.len() < before
    }

    /// Gives a host other addresses. Its translator forgets everything; what is on its way from and to it is
    /// lost.
    pub(crate) fn readdress(&mut self, host: usize) {
        let node = &mut self.hosts[host];
        node.moves += 1;
        node.epoch += 1;
        (node.inner, node.outer) = addresses(host, node.moves, node.nat.is_some());
        if let Some(nat) = &mut node.nat {
            nat.readdress(node.inner, node.outer);
        }
    }
}

/// The addresses that a host has after so many moves: what it has itself, and what others see.
fn addresses(host: usize, moves: usize, translated: bool) -> (Ipv4Addr, Ipv4Addr) {
    let byte = |number: usize| u8::try_from(number).expect("is below 256");
    let (third, fourth) = (byte(moves % 256), byte(host + 1));
    let outer = Ipv4Addr::new(10, 99, third, fourth);
    let inner = if translated {
        Ipv4Addr::new(10, 98, third, fourth)
    } else {
        outer
    };
    (inner, outer)
}

#[cfg(test)]
#[path = "network/tests.rs"]
mod tests;
