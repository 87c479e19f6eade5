//! A host of a laboratory: where programs run and sockets are made.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;

use crate::lab::Shared;
use crate::system::Place;

/// A handle of a host; cloning it is cheap. It outlives its laboratory, but then the host is gone, and what
/// needs it fails.
#[derive(Clone)]
pub struct Host {
    name: Arc<str>,
    index: usize,
    network: Arc<Shared>,
    place: Place,
}

impl Host {
    pub(crate) fn new(name: &str, index: usize, network: Arc<Shared>, place: Place) -> Self {
        Self {
            name: name.into(),
            index,
            network,
            place,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address at which others see it; another one after [`Lab::readdress`](crate::Lab::readdress).
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.network.lock().outer(self.index)
    }

    /// The address that it has itself: a private one behind a translator, and the same for everybody else.
    #[must_use]
    pub fn inner_address(&self) -> Ipv4Addr {
        self.network.lock().inner(self.index)
    }

    /// A program that will run on this host. Its loopback is the host's own. Killing the child kills the
    /// program itself, and the end of the laboratory does so too.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.place.command(program.as_ref())
    }

    /// Does some work on this host, in a thread of its own, and waits for it. What sockets it makes belong to
    /// the host for good, wherever they are used.
    ///
    /// # Panics
    /// The work does, or the laboratory is gone.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.try_enter(work)
            .unwrap_or_else(|error| panic!("The host {:?} can't be entered: {error}.", self.name()))
    }

    /// A connection from this host.
    ///
    /// # Errors
    /// What the operating system says, or the laboratory is gone.
    pub fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        self.try_enter(|| TcpStream::connect(to))?
    }

    /// Listens at all addresses of this host; port 0 is any free one.
    ///
    /// # Errors
    /// What the operating system says, or the laboratory is gone.
    pub fn listen(&self, port: u16) -> io::Result<TcpListener> {
        self.try_enter(|| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)))?
    }

    fn try_enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        self.place.enter(work)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("address", &self.address())
            .finish()
    }
}
