//! The part that touches the system: namespaces, devices, the forwarding thread, and putting all of it away
//! again.

mod device;
mod forwarder;
mod ip;
mod namespace;
mod registry;

use std::ffi::OsStr;
use std::io;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use self::forwarder::Forwarder;
use self::namespace::Namespace;
use self::registry::Claim;
use crate::error::LabError;
use crate::lab::Shared;

/// Everything that a laboratory has made on this machine. Dropping it puts it away.
#[derive(Debug)]
pub(crate) struct System {
    // In the order in which they go: the devices, the namespaces, and last the claim on their names.
    forwarder: Option<Forwarder>,
    namespaces: Vec<Namespace>,
    /// Also keeps two changes of addresses apart.
    claim: Mutex<Claim>,
}

impl System {
    /// Makes a host of every host in the network, and starts to forward their packets. The programs of some
    /// are apart.
    pub(crate) fn start(
        name: Option<&str>,
        network: &Arc<Shared>,
        apart: &[String],
    ) -> Result<Self, LabError> {
        if !rustix::process::geteuid().is_root() {
            return Err(LabError::NotRoot);
        }
        let claim = Claim::new(name, &hosts(network))?;
        let lab = claim.lab().to_owned();
        // From here on, what has been made goes when this is dropped, also when the rest fails.
        let mut system = Self {
            forwarder: None,
            namespaces: Vec::new(),
            claim: Mutex::new(claim),
        };
        let mut devices = Vec::new();
        for (host, address) in inner_addresses(network) {
            let namespace = Namespace::create(&lab, &host, apart.contains(&host))?;
            let device = namespace.set_up(address);
            system.namespaces.push(namespace);
            devices.push(device?);
        }
        let forwarder = Forwarder::start(&lab, devices, Arc::clone(network));
        system.forwarder = Some(forwarder.map_err(|error| LabError::System {
            doing: "start the forwarding thread".into(),
            error,
        })?);
        Ok(system)
    }

    /// Where the programs of a host run.
    pub(crate) fn place(&self, host: usize) -> Place {
        Place(self.namespaces[host].name().into())
    }

    /// Moves a host to its next address.
    pub(crate) fn readdress(&self, host: usize, network: &Shared) -> Result<Ipv4Addr, LabError> {
        let mut claim = self.claim.lock().unwrap_or_else(PoisonError::into_inner);
        let (inner, outer) = {
            let mut network = network.lock();
            network.readdress(host);
            (network.inner(host), network.outer(host))
        };
        self.namespaces[host].readdress(inner)?;
        claim.write(&hosts(network))?;
        Ok(outer)
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // A program may be in the middle of sending: it goes first.
        for namespace in &self.namespaces {
            namespace.kill_all();
        }
        self.forwarder = None;
    }
}

/// Names, and addresses as others see them.
fn hosts(network: &Shared) -> Vec<(String, Ipv4Addr)> {
    let network = network.lock();
    let names = network.names().map(str::to_owned).enumerate();
    names.map(|(index, name)| (name, network.outer(index))).collect()
}

/// Names, and addresses as the hosts themselves see them.
fn inner_addresses(network: &Shared) -> Vec<(String, Ipv4Addr)> {
    let network = network.lock();
    let names = network.names().map(str::to_owned).enumerate();
    names.map(|(index, name)| (name, network.inner(index))).collect()
}

/// Where programs of a host run: a namespace of this name.
#[derive(Clone, Debug)]
pub(crate) struct Place(Arc<str>);

impl Place {
    /// See [`Host::command`](crate::Host::command).
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        namespace::command(&self.0, program)
    }

    /// See [`Host::enter`](crate::Host::enter). Fails if the namespace is gone.
    pub(crate) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        namespace::enter(&self.0, work)
    }
}

/// A host of a laboratory that another program runs.
#[derive(Debug)]
pub struct Running {
    namespace: String,
    address: Ipv4Addr,
}

impl Running {
    /// A host of the laboratory with this name.
    ///
    /// # Errors
    /// No such laboratory is running, or it has no such host.
    pub fn find(lab: &str, host: &str) -> Result<Self, LabError> {
        let hosts = registry::running(lab)?;
        let known = hosts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        let no_such_host = || LabError::NoSuchHost {
            name: host.to_owned(),
            known: known.join(", "),
        };
        let (_, address) = hosts
            .iter()
            .find(|(name, _)| name == host)
            .ok_or_else(no_such_host)?;
        Ok(Self {
            namespace: namespace::name_of(lab, host),
            address: *address,
        })
    }

    /// The address at which others see it.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// A program that will run on this host.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        namespace::command(&self.namespace, program.as_ref())
    }
}
