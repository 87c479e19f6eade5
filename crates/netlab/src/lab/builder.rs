//! How a laboratory is described, checked and started.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Lab, Shared};
use crate::error::LabError;
use crate::link::Settings;
use crate::nat::Nat;
use crate::network::{MAX_HOSTS, Network};
use crate::system::System;

/// The settings of a laboratory. Without any, its links are as fast as the machine, and lose nothing.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    name: Option<String>,
    hosts: Vec<String>,
    nats: Vec<(String, Nat)>,
    apart: Vec<String>,
    settings: Settings,
    seed: u64,
}

impl Builder {
    /// A name by which other programs find it; without one, it gets a unique name. Only one laboratory at a
    /// time may have it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// One more host.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Some more hosts.
    pub fn hosts<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        names.into_iter().fold(self, Self::host)
    }

    /// Puts a translator of addresses in front of a host.
    pub fn nat(mut self, host: impl Into<String>, kind: Nat) -> Self {
        self.nats.push((host.into(), kind));
        self
    }

    /// Puts the programs of a host as far apart as if each had a host of its own: what they send to each
    /// other by UDP goes over the network, too, and is late or lost. One browser on such a host can be many
    /// people.
    pub fn apart(mut self, host: impl Into<String>) -> Self {
        self.apart.push(host.into());
        self
    }

    /// See [`Lab::set_rtt`].
    pub fn rtt(mut self, rtt: Duration) -> Self {
        self.settings.rtt = rtt;
        self
    }

    /// See [`Lab::set_jitter`].
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.settings.jitter = jitter;
        self
    }

    /// See [`Lab::set_loss`].
    pub fn loss(mut self, percent: f64) -> Self {
        self.settings.loss = percent;
        self
    }

    /// See [`Lab::set_rate`].
    pub fn rate(mut self, kilobits: Option<u32>) -> Self {
        self.settings.rate = kilobits;
        self
    }

    /// How many bytes may wait where a rate is set, before more are dropped; 256 KiB by default.
    pub fn queue(mut self, bytes: usize) -> Self {
        self.settings.queue = bytes;
        self
    }

    /// The seed of the random generator. The same seed loses the same packets, if the same are sent.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Starts it. Leftovers of dead programs are removed first.
    ///
    /// # Errors
    /// A name is wrong, or the system does not allow it; the error says what to do.
    pub fn start(self) -> Result<Lab, LabError> {
        let hosts = self.checked()?;
        let network = Arc::new(Shared(Mutex::new(Network::new(hosts, self.settings, self.seed))));
        let system = System::start(self.name.as_deref(), &network, &self.apart)?;
        Ok(Lab { network, system })
    }

    /// The hosts with their translators, if all names are right.
    fn checked(&self) -> Result<Vec<(String, Option<Nat>)>, LabError> {
        if let Some(name) = self.name.as_deref().filter(|name| !is_name(name, true)) {
            return Err(LabError::BadName(name.to_owned()));
        }
        if self.hosts.is_empty() || self.hosts.len() > MAX_HOSTS {
            return Err(LabError::HowMany(self.hosts.len()));
        }
        let mut hosts: Vec<(String, Option<Nat>)> = Vec::new();
        for name in &self.hosts {
            if !is_name(name, false) {
                return Err(LabError::BadName(name.clone()));
            }
            if hosts.iter().any(|(other, _)| other == name) {
                return Err(LabError::TwiceTheSame(name.clone()));
            }
            hosts.push((name.clone(), None));
        }
        let no_such_host = |name: &String| LabError::NoSuchHost {
            name: name.clone(),
            known: self.hosts.join(", "),
        };
        for (name, kind) in &self.nats {
            let host = hosts.iter_mut().find(|(host, _)| host == name);
            host.ok_or_else(|| no_such_host(name))?.1 = Some(*kind);
        }
        if let Some(name) = self.apart.iter().find(|name| !self.hosts.contains(name)) {
            return Err(no_such_host(name));
        }
        Ok(hosts)
    }
}

/// A host's name has no hyphen, so that the name of a namespace can be taken apart.
fn is_name(name: &str, hyphens: bool) -> bool {
    (1..=32).contains(&name.len())
        && !name.starts_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || hyphens && byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;

    fn error(builder: &Builder) -> String {
        builder.checked().unwrap_err().to_string()
    }

    #[test]
    fn names_that_would_not_work_are_refused_with_a_sentence() {
        let two = Lab::builder().hosts(["alice", "bob"]);
        assert!(two.checked().is_ok());
        assert!(error(&Lab::builder()).starts_with("A network laboratory has 1 to 250 hosts, not 0"));
        assert!(error(&two.clone().host("a-b")).starts_with("\"a-b\" can't be the name"));
        assert!(error(&two.clone().host("../x")).starts_with("\"../x\" can't be the name"));
        assert!(error(&two.clone().host("alice")).starts_with("Two hosts are called \"alice\""));
        assert!(error(&two.clone().name("a/b")).starts_with("\"a/b\" can't be the name"));
        assert!(two.clone().name("my-lab").checked().is_ok());
        for builder in [two.clone().nat("carol", Nat::Cone), two.apart("carol")] {
            let error = error(&builder);
            assert_eq!(error, "There is no host \"carol\". There are: alice, bob.");
        }
    }

    #[test]
    fn a_laboratory_can_be_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Lab>();
        shared::<Host>();
    }
}
