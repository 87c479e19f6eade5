//! A running laboratory, and what can be done to it.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::block::{Block, Rule};
use crate::counters::Counters;
use crate::error::LabError;
use crate::host::Host;
use crate::link::Overrides;
use crate::network::Network;
use crate::system::System;

mod builder;

pub use self::builder::Builder;

/// The network, shared by the forwarding thread and everybody who changes it.
#[derive(Debug)]
pub(crate) struct Shared(Mutex<Network>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Network> {
        // A test that panics elsewhere must still be able to clean up.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running laboratory.
///
/// All methods may be called from any thread and at once. None waits for the network; those that start a
/// program of the system (`start`, `readdress`, dropping) take some milliseconds.
///
/// Dropping it kills every process on its hosts, and removes the hosts.
#[derive(Debug)]
pub struct Lab {
    network: Arc<Shared>,
    system: System,
}

impl Lab {
    /// A laboratory to be: name its hosts, and start it.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// All hosts, in the order in which they were named.
    #[must_use]
    pub fn hosts(&self) -> Vec<Host> {
        let names: Vec<String> = self.network.lock().names().map(str::to_owned).collect();
        names.iter().map(|name| self.host(name)).collect()
    }

    /// The host with this name.
    ///
    /// # Panics
    /// There is no such host. The other methods that take names panic, too. For names from outside, use
    /// [`Lab::find`].
    #[must_use]
    pub fn host(&self, name: &str) -> Host {
        self.find(name).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The host with this name, if there is one.
    ///
    /// # Errors
    /// There is no such host.
    pub fn find(&self, name: &str) -> Result<Host, LabError> {
        let network = self.network.lock();
        let index = find(&network, name)?;
        drop(network);
        Ok(Host::new(
            name,
            index,
            Arc::clone(&self.network),
            self.system.place(index),
        ))
    }

    // -- Outages ---------------------------------------------------------------------------------

    /// Takes a host off the network. What is on its way from or to it is lost, and nobody is told.
    ///
    /// # Panics
    /// There is no such host.
    pub fn cut(&self, host: &str) {
        self.with_one(host, Network::cut);
    }

    /// Puts a host back that was [cut](Lab::cut).
    ///
    /// # Panics
    /// There is no such host.
    pub fn join(&self, host: &str) {
        self.with_one(host, Network::join);
    }

    /// Takes away the link between two hosts, and what is on it. Both still reach everybody else.
    ///
    /// # Panics
    /// There are no such hosts.
    pub fn cut_pair(&self, a: &str, b: &str) {
        self.with_two(a, b, Network::cut_pair);
    }

    /// Puts a link back that was [cut](Lab::cut_pair).
    ///
    /// # Panics
    /// There are no such hosts.
    pub fn join_pair(&self, a: &str, b: &str) {
        self.with_two(a, b, Network::join_pair);
    }

    /// Stops some traffic silently, also what is on its way.
    ///
    /// # Panics
    /// There are no such hosts.
    pub fn block(&self, block: Block) {
        self.with_rule(&block, Network::block);
    }

    /// Lets pass what was blocked with an equal [`Block`]. False if nothing was.
    ///
    /// # Panics
    /// There are no such hosts.
    pub fn unblock(&self, block: Block) -> bool {
        self.with_rule(&block, Network::unblock)
    }

    /// Gives a host another address, which it returns as others see it: somebody walks out of the Wi-Fi. The
    /// old address is gone, what is on its way from or to it is lost, and a translator forgets its mappings.
    /// The kernel of the host sees the change as on a real device, and so do browsers.
    ///
    /// # Errors
    /// The system refuses.
    ///
    /// # Panics
    /// There is no such host.
    pub fn readdress(&self, host: &str) -> Result<Ipv4Addr, LabError> {
        let index = self.with_one(host, |_, index| index);
        self.system.readdress(index, &self.network)
    }

    // -- Links -----------------------------------------------------------------------------------

    /// How long there and back takes. Every pair of hosts is one link apart, and each direction takes one
    /// half.
    pub fn set_rtt(&self, rtt: Duration) {
        self.network.lock().settings.rtt = rtt;
    }

    /// By how much a round trip may differ, up and down. Packets of one pair never overtake each other.
    pub fn set_jitter(&self, jitter: Duration) {
        self.network.lock().settings.jitter = jitter;
    }

    /// How many of a hundred packets are lost, in each direction.
    pub fn set_loss(&self, percent: f64) {
        self.network.lock().settings.loss = percent;
    }

    /// How many kilobits a second each host can send; `None` for as many as the machine can.
    pub fn set_rate(&self, kilobits: Option<u32>) {
        self.network.lock().settings.rate = kilobits;
    }

    /// [`Lab::set_rtt`] for one pair, which keeps it until [`Lab::reset_pair`].
    ///
    /// # Panics
    /// There are no such hosts. So do the other methods for one pair.
    pub fn set_pair_rtt(&self, a: &str, b: &str, rtt: Duration) {
        self.with_overrides(a, b, |overrides| overrides.rtt = Some(rtt));
    }

    /// [`Lab::set_jitter`] for one pair.
    pub fn set_pair_jitter(&self, a: &str, b: &str, jitter: Duration) {
        self.with_overrides(a, b, |overrides| overrides.jitter = Some(jitter));
    }

    /// [`Lab::set_loss`] for one pair.
    pub fn set_pair_loss(&self, a: &str, b: &str, percent: f64) {
        self.with_overrides(a, b, |overrides| overrides.loss = Some(percent));
    }

    /// [`Lab::set_rate`] for one pair: in each direction, and not shared with what the hosts send to others.
    pub fn set_pair_rate(&self, a: &str, b: &str, kilobits: Option<u32>) {
        self.with_overrides(a, b, |overrides| overrides.rate = Some(kilobits));
    }

    /// Lets a pair have the settings of all others again. A [cut](Lab::cut_pair) stays.
    pub fn reset_pair(&self, a: &str, b: &str) {
        self.with_overrides(a, b, |overrides| *overrides = Overrides::default());
    }

    /// What has been sent, what has arrived, and what has not, until now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.network.lock().counters()
    }

    fn with_one<T>(&self, host: &str, action: impl FnOnce(&mut Network, usize) -> T) -> T {
        let mut network = self.network.lock();
        let host = expect(&network, host);
        action(&mut network, host)
    }

    fn with_two(&self, a: &str, b: &str, action: impl FnOnce(&mut Network, usize, usize)) {
        let mut network = self.network.lock();
        let (a, b) = (expect(&network, a), expect(&network, b));
        action(&mut network, a, b);
    }

    fn with_overrides(&self, a: &str, b: &str, change: impl Fn(&mut Overrides)) {
        self.with_two(a, b, |network, a, b| network.override_pair(a, b, change));
    }

    fn with_rule<T>(&self, block: &Block, action: impl FnOnce(&mut Network, Rule) -> T) -> T {
        let mut network = self.network.lock();
        let rule = Rule {
            protocol: block.protocol,
            host: expect(&network, &block.host),
            peer: block.peer.as_ref().map(|peer| expect(&network, peer)),
            port: block.port,
        };
        action(&mut network, rule)
    }
}

fn find(network: &Network, name: &str) -> Result<usize, LabError> {
    network.find(name).ok_or_else(|| LabError::NoSuchHost {
        name: name.to_owned(),
        known: network.names().collect::<Vec<_>>().join(", "),
    })
}

/// For the names in a test. A wrong one is a fault of the test.
fn expect(network: &Network, name: &str) -> usize {
    find(network, name).unwrap_or_else(|error| panic!("{error}"))
}
