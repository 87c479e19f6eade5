//! The signaling relay of visavis: rooms, seats, queues, and messages between the people in a room.
//!
//! ```text
//! http        TCP, routes, the upgrade          site      the built site, as files
//!   └► connection   one task a socket           ice       which STUN and TURN servers clients get
//!        └► hub     outboxes, one lock          config    flags, environment, file
//!             └► room   seats and queue (pure)  ending    how a connection ends
//!
//! limits  how much may be asked                 address   where clients come from
//!   └► budget   what one connection has left    origin    whose pages may connect
//!        └► bucket                              metrics   what happened how often
//!                                               state     what all of these share
//! check_turn  whether TURN works, as a program   twilio    TURN servers of Twilio
//! ```
//!
//! The relay stores nothing on disk, and does not read peer messages: see `docs/protocol.md`.

mod address;
mod bucket;
mod budget;
pub mod check_turn;
pub mod config;
mod connection;
mod ending;
mod http;
mod hub;
pub mod ice;
mod ice_server;
pub mod limits;
pub mod logging;
mod metrics;
pub mod origin;
mod outbox;
pub mod room;
pub mod site;
mod slow;
mod state;
pub mod twilio;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::address::Addresses;
#[doc(hidden)] // for fuzz targets
pub use crate::address::of_client as client_address;
pub use crate::config::{Config, ConfigError};
use crate::ending::Ending;
use crate::hub::{Hub, expire_seats};
use crate::ice::LIFETIME;
use crate::metrics::Metrics;
use crate::room::Rooms;
pub use crate::site::SiteError;
use crate::state::Relay;
use crate::twilio::Kept;

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
    /// Nobody tells which certificates to trust.
    #[error(
        "This system names no certificates to trust ({0}), which Twilio needs. Install them, on Debian the package \
         ca-certificates, or let SSL_CERT_FILE name a file with them."
    )]
    Certificates(io::Error),
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
    /// Where `/metrics` can be read, with the real port.
    pub metrics: Option<SocketAddr>,
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
    let metrics = Arc::new(Metrics::new(&Ending::LABELS, &twilio::RESULTS));
    let limits = config.limits;
    let rooms = Rooms::new(config.room_capacity, config.timing.seat_kept).at_most(limits.rooms as usize);
    let mut ice = config.ice_source();
    let twilio = config.twilio_api()?.map(|api| (api, Arc::new(Kept::new())));
    if let Some((_, kept)) = &twilio {
        ice = ice.with_twilio(kept.clone());
    }
    let relay = Arc::new(Relay {
        hub: Arc::new(Hub::new(rooms, ice, limits, metrics.clone())),
        timing: config.timing,
        limits,
        origins: config.origins.clone(),
        trusted: config.trusted_proxies.clone(),
        addresses: Arc::new(Addresses::new(limits)),
        slots: Arc::new(Semaphore::new(limits.connections as usize)),
        metrics,
        hinted: AtomicBool::new(false),
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
        abort: CancellationToken::new(),
    });
    let router = http::router(&config, relay.clone())?;
    let (listener, address) = listen(&config.host, config.port).await?;
    let metrics = match config.metrics {
        Some(address) => Some(listen(&address.ip().to_string(), address.port()).await?),
        None => None,
    };

    if let Some((api, kept)) = twilio {
        let life = config.ice_ttl_seconds.unwrap_or(LIFETIME);
        let timing = config.timing.twilio;
        let keeping = twilio::keep(kept.clone(), api, life, timing, relay.metrics.clone());
        let stop = relay.stop.clone();
        spawn(&relay, async move {
            stop.run_until_cancelled(keeping).await;
        });
        kept.asked(timing).await;
    }
    spawn(&relay, http::accept(listener, router, relay.clone()));
    let metrics = metrics.map(|(listener, address)| {
        spawn(&relay, http::serve_metrics(listener, relay.clone()));
        address
    });
    let seats = expire_seats(Arc::downgrade(&relay.hub));
    let stop = relay.stop.clone();
    spawn(&relay, async move {
        stop.run_until_cancelled(seats).await;
    });
    info!(
        port = address.port(),
        room_capacity = config.room_capacity,
        ice_servers = config.ice_servers.len(),
        site = config.site.is_some(),
        "started"
    );
    Ok(Running {
        address,
        metrics,
        relay,
    })
}

/// Starts a task that a shutdown waits for, and that a crash ends.
fn spawn(relay: &Relay, task: impl Future<Output = ()> + Send + 'static) {
    let abort = relay.abort.clone();
    relay
        .tasks
        .spawn(async move { abort.run_until_cancelled(task).await });
}

async fn listen(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let bind = async {
        let listener = TcpListener::bind((host, port)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind.await.map_err(|error: io::Error| {
        let host = host.to_owned();
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
