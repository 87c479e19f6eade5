//! The signaling relay of visavis: rooms, seats, queues, and messages between the people in a room.
//!
//! ```text
//! http        TCP, routes, the upgrade          site      the built site, as files
//!   └► connection   one task a socket           ice       which STUN and TURN servers clients get
//!        └► hub     queues, one lock            config    flags, environment, file
//!             └► room   seats and queue (pure)  ending    how a connection ends
//! ```
//!
//! The relay stores nothing on disk, and does not read peer messages: see `docs/protocol.md`.

pub mod config;
mod connection;
mod ending;
mod http;
mod hub;
pub mod ice;
pub mod logging;
pub mod room;
pub mod site;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

pub use crate::config::{Config, ConfigError};
use crate::http::Relay;
use crate::hub::{Hub, expire_seats};
use crate::ice::IceSource;
pub use crate::site::SiteError;

/// Why the relay can't start. Each text is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The site can't be served.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// Another program listens there.
    #[error(
        "Port {port} on {host} is in use by another program. Stop that one, or choose another port with `--port`; \
         `--port 0` takes any free one."
    )]
    PortInUse {
        /// The address or name.
        host: String,
        /// The port.
        port: u16,
    },
    /// The system lets only some users have that port.
    #[error("Port {0} is not allowed to this user. Choose one above 1023 with `--port`.")]
    PortForbidden(u16),
    /// Listening fails in another way.
    #[error(
        "Listening at {host}, port {port}, is not possible: {error}. Choose another address with `--host`."
    )]
    Listen {
        /// The address or name.
        host: String,
        /// The port.
        port: u16,
        /// Why not.
        error: io::Error,
    },
}

/// A relay at work. Dropping it ends everything on the spot, like a crash; [`Running::shutdown`] says goodbye
/// first.
#[derive(Debug)]
pub struct Running {
    /// Where it listens, with the real port.
    pub address: SocketAddr,
    relay: Arc<Relay>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The hub first, so that no task's end is told to the others as somebody's leaving.
        self.relay.hub.forget();
        self.relay.abort.cancel();
    }
}

/// Starts a relay in this runtime.
///
/// # Errors
/// [`StartError`] says what is wrong, and how to mend it.
pub async fn start(config: Config) -> Result<Running, StartError> {
    config.check()?;
    let relay = Arc::new(Relay {
        hub: Arc::new(Hub::new(
            config.room_capacity,
            config.timing.seat_kept,
            IceSource::fixed(config.ice_servers.clone(), config.ice_ttl_seconds),
        )),
        timing: config.timing,
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
        abort: CancellationToken::new(),
    });
    let router = http::router(&config, relay.clone())?;
    let (listener, address) = listen(&config).await?;

    let accept = http::accept(listener, router, relay.clone());
    let abort = relay.abort.clone();
    relay
        .tasks
        .spawn(async move { abort.run_until_cancelled(accept).await });
    let seats = expire_seats(Arc::downgrade(&relay.hub));
    let (stop, abort) = (relay.stop.clone(), relay.abort.clone());
    relay.tasks.spawn(async move {
        let seats = stop.run_until_cancelled(seats);
        abort.run_until_cancelled(seats).await
    });
    info!(
        port = address.port(),
        room_capacity = config.room_capacity,
        ice_servers = config.ice_servers.len(),
        site = config.site.is_some(),
        "started"
    );
    Ok(Running { address, relay })
}

async fn listen(config: &Config) -> Result<(TcpListener, SocketAddr), StartError> {
    let bind = async {
        let listener = TcpListener::bind((config.host.as_str(), config.port)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind.await.map_err(|error: io::Error| {
        let (host, port) = (config.host.clone(), config.port);
        match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse { host, port },
            io::ErrorKind::PermissionDenied => StartError::PortForbidden(port),
            _ => StartError::Listen { host, port, error },
        }
    })
}

impl Running {
    /// The address for a browser on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        format!("http://{}/", SocketAddr::new(ip, self.address.port()))
    }

    /// Stops: takes nobody new, closes every socket with code 1012, and returns when all is over, or after 5
    /// s.
    pub async fn shutdown(self) {
        info!("stopping");
        self.relay.stop.cancel();
        self.relay.hub.shut();
        self.relay.tasks.close();
        if timeout(self.relay.timing.shutdown, self.relay.tasks.wait())
            .await
            .is_err()
        {
            warn!(
                tasks = self.relay.tasks.len(),
                "some clients did not answer in time"
            );
        }
        info!("stopped");
    }
}
