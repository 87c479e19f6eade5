//! Who serves the site.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{fs, io};

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use visavis_relay::origin::Origins;
use visavis_relay::{Config, Running};

use crate::gate;

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

/// The built site with small cameras, as long as somebody has it.
static SMALL_SITE: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());

/// Small videos at a low frame rate, and plain audio, are enough for most tests, and two cores can handle
/// more of them.
const SMALL_CAMERAS: &str = r#"{"media": {
    "width": 640, "height": 360, "frameRate": 10,
    "echoCancellation": false, "noiseSuppression": false, "autoGainControl": false
}}"#;

/// A copy of the built site that asks for small cameras.
///
/// # Panics
/// There is no site, or no room for a copy.
pub(crate) fn small_site() -> Arc<TempDir> {
    let mut kept = SMALL_SITE.lock().unwrap_or_else(PoisonError::into_inner);
    kept.upgrade().unwrap_or_else(|| {
        let copy = Arc::new(site_with(SMALL_CAMERAS));
        *kept = Arc::downgrade(&copy);
        copy
    })
}

/// A copy of the built site with this config.json.
///
/// # Panics
/// There is no site, or no room for a copy.
#[must_use]
pub fn site_with(config: &str) -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder can be made");
    let all =
        copy_into(&site(), copy.path()).and_then(|()| fs::write(copy.path().join("config.json"), config));
    all.unwrap_or_else(|error| panic!("the site can't be copied: {error}"));
    copy
}

fn copy_into(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&to)?;
            copy_into(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// What a relay serves that is told nothing else: in a test, the site with small cameras.
pub(crate) fn usual_site() -> PathBuf {
    gate::small_site().unwrap_or_else(site)
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

/// A relay for pages of another host, on this port.
///
/// # Panics
/// The relay does not start.
pub async fn relay_elsewhere(port: u16) -> Running {
    relay_with(Config {
        port,
        origins: Origins::any(),
        ..Config::default()
    })
    .await
}

/// A relay with these settings that serves the site, if they name no other.
///
/// # Panics
/// The relay does not start.
pub async fn relay_with(config: Config) -> Running {
    let site = config.site.or_else(|| Some(usual_site()));
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
