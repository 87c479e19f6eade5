//! What has been sent, what has arrived, and what has not.

use std::collections::BTreeMap;

/// How much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// IP packets.
    pub packets: u64,
    /// Their length, headers included.
    pub bytes: u64,
}

impl Traffic {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}

/// The traffic of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostCounters {
    /// What it has sent, arrived or not.
    pub sent: Traffic,
    /// What has reached it.
    pub received: Traffic,
    /// What it has sent and never arrives, also because there is nobody at that address.
    pub dropped: Traffic,
}

/// The traffic from one host to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairCounters {
    /// What has arrived.
    pub delivered: Traffic,
    /// What never will.
    pub dropped: Traffic,
}

/// All traffic since the start. What is neither delivered nor dropped is on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// By name.
    pub hosts: BTreeMap<String, HostCounters>,
    /// By the names of sender and receiver.
    pub pairs: BTreeMap<(String, String), PairCounters>,
}

impl Counters {
    /// One host's traffic; all zeros if there is no such host.
    #[must_use]
    pub fn host(&self, name: &str) -> HostCounters {
        self.hosts.get(name).copied().unwrap_or_default()
    }

    /// The traffic from one host to another, or to itself if its programs are [apart](crate::Builder::apart);
    /// all zeros if there are no such hosts.
    #[must_use]
    pub fn pair(&self, from: &str, to: &str) -> PairCounters {
        let pair = (from.to_owned(), to.to_owned());
        self.pairs.get(&pair).copied().unwrap_or_default()
    }
}
