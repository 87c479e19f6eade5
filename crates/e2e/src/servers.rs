//! Who serves the site.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use visavis_relay::{Config, Running};

/// The built site.
///
/// # Panics
/// It is not there.
#[must_use]
pub fn site() -> PathBuf {
    let site = std::env::var_os("VISAVIS_SITE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dist"),
        PathBuf::from,
    );
    assert!(
        site.join("index.html").is_file(),
        "There is no site in {}: build it with `cargo xtask build`, or run the tests by `cargo xtask test`.",
        site.display()
    );
    site
}

/// A relay that serves the site, on a free port.
pub async fn relay() -> Running {
    relay_at(0).await
}

/// A relay that serves the site, for so many people a room, on a free port.
pub async fn relay_for(people: usize) -> Running {
    relay_with(Config {
        port: 0,
        room_capacity: people,
        ..Config::default()
    })
    .await
}

/// A relay that serves the site, on this port.
///
/// # Panics
/// The relay does not start.
pub async fn relay_at(port: u16) -> Running {
    relay_with(Config {
        port,
        ..Config::default()
    })
    .await
}

/// A relay with these settings that serves the site.
///
/// # Panics
/// The relay does not start.
pub async fn relay_with(config: Config) -> Running {
    let site = Some(site());
    visavis_relay::start(Config { site, ..config })
        .await
        .unwrap_or_else(|error| panic!("the relay does not start: {error}"))
}

/// A host that serves files and nothing else; it ends when it is dropped.
#[derive(Debug)]
pub struct StaticHost {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl StaticHost {
    /// Serves a folder on a free port.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("some port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let router = axum::Router::new().fallback_service(ServeDir::new(folder));
        let task = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("serving files does not end");
        });
        Self { address, task }
    }
}

impl Drop for StaticHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}
