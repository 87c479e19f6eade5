//! Why there is no laboratory. Each text is a sentence that says what to do.

use std::io;

use crate::network::MAX_HOSTS;

/// Why a laboratory does not start or obey.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// Another operating system.
    #[error(
        "The network laboratory needs network namespaces, which only Linux has. \
         Run this on Linux, for instance in a virtual machine."
    )]
    NotLinux,
    /// An ordinary user.
    #[error(
        "The network laboratory makes network namespaces, which only root may. \
         Run this as root: `sudo -E cargo xtask test` for the tests, `sudo -E cargo xtask netlab` by hand."
    )]
    NotRoot,
    /// No `ip`.
    #[error(
        "The network laboratory needs the program `ip`, which can't be started: {0}. \
         Install it: `apt-get install iproute2`."
    )]
    NoIproute(io::Error),
    /// No `/dev/net/tun`.
    #[error(
        "The network laboratory needs TUN devices, and /dev/net/tun can't be opened: {0}. \
         Load the driver with `modprobe tun`, or start the container with `--device /dev/net/tun`."
    )]
    NoTun(io::Error),
    /// `ip` does not do what it is told.
    #[error(
        "`{command}` failed: {said}. \
         If this is a container, it needs the right to make network namespaces: start it with `--privileged`."
    )]
    Ip {
        /// The command line.
        command: String,
        /// What it has to say.
        said: String,
    },
    /// The system refuses something else.
    #[error("The network laboratory can't {doing}: {error}.")]
    System {
        /// What has been tried.
        doing: String,
        /// Why it failed.
        error: io::Error,
    },
    /// A name that can't be used.
    #[error(
        "{0:?} can't be the name of a host or a laboratory. \
         Use up to 32 letters and digits; a laboratory's may have hyphens as well."
    )]
    BadName(String),
    /// Two hosts with the same name.
    #[error("Two hosts are called {0:?}. Give each a name of its own.")]
    TwiceTheSame(String),
    /// None, or more than fit.
    #[error("A network laboratory has 1 to {max} hosts, not {0}.", max = MAX_HOSTS)]
    HowMany(usize),
    /// A name that no host has.
    #[error("There is no host {name:?}. There are: {known}.")]
    NoSuchHost {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A laboratory with this name is running.
    #[error(
        "A laboratory named {name:?} is running already ({owner}). \
         End it, or give this one another name with `--name`."
    )]
    AlreadyRunning {
        /// The name.
        name: String,
        /// Who runs it.
        owner: String,
    },
    /// No laboratory with this name is running.
    #[error("No laboratory named {0:?} is running. Start one: `cargo xtask netlab up --name {0}`.")]
    NotRunning(String),
}
