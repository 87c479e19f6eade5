//! Systems without network namespaces: everything compiles, and nothing starts.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::io;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;

use crate::error::LabError;
use crate::lab::Shared;

/// Never there.
#[derive(Debug)]
pub(crate) struct System(Infallible);

impl System {
    pub(crate) fn start(
        _name: Option<&str>,
        _network: &Arc<Shared>,
        _apart: &[String],
    ) -> Result<Self, LabError> {
        Err(LabError::NotLinux)
    }

    pub(crate) fn place(&self, _host: usize) -> Place {
        match self.0 {}
    }

    pub(crate) fn readdress(&self, _host: usize, _network: &Shared) -> Result<Ipv4Addr, LabError> {
        match self.0 {}
    }
}

/// Never there.
#[derive(Clone, Debug)]
pub(crate) struct Place(Infallible);

impl Place {
    pub(crate) fn command(&self, _program: &OsStr) -> Command {
        match self.0 {}
    }

    pub(crate) fn enter<T: Send>(&self, _work: impl FnOnce() -> T + Send) -> io::Result<T> {
        match self.0 {}
    }
}

/// A host of a laboratory that another program runs.
#[derive(Debug)]
pub struct Running(Infallible);

impl Running {
    /// A host of the laboratory with this name.
    ///
    /// # Errors
    /// Always, on this system.
    pub fn find(_lab: &str, _host: &str) -> Result<Self, LabError> {
        Err(LabError::NotLinux)
    }

    /// The address at which others see it.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        match self.0 {}
    }

    /// A program that will run on this host.
    pub fn command(&self, _program: impl AsRef<OsStr>) -> Command {
        match self.0 {}
    }
}
