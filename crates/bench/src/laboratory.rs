//! Two browsers and their servers, on hosts of a network laboratory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;
use tempfile::TempDir;
use visavis_e2e::{Browser, Page, browsers_on, relay_on};
use visavis_netlab::{Host, Lab};
use visavis_relay::{Config, Running};

/// Where PeerJS's own server listens.
const PEERJS_PORT: u16 = 9000;

/// What other clients are made of, by the name that their pages use.
const SCRIPTS: [(&str, &str); 2] = [
    ("peerjs.min.js", "node_modules/peerjs/dist/peerjs.min.js"),
    ("simplepeer.min.js", "node_modules/simple-peer/simplepeer.min.js"),
];

/// The pages of other clients.
const PAGES: [(&str, &str); 7] = [
    ("arm.html", include_str!("../pages/arm.html")),
    ("bare.html", include_str!("../pages/bare.html")),
    ("common.js", include_str!("../pages/common.js")),
    (
        "vanilla-connecting.js",
        include_str!("../pages/vanilla-connecting.js"),
    ),
    (
        "vanilla-pre-connected.js",
        include_str!("../pages/vanilla-pre-connected.js"),
    ),
    ("peerjs.js", include_str!("../pages/peerjs.js")),
    ("simple-peer.js", include_str!("../pages/simple-peer.js")),
];

pub(crate) struct Laboratory {
    pub(crate) caller: Page,
    pub(crate) callee: Page,
    pub(crate) origin: String,
    _browsers: [Browser; 2],
    _relay: Running,
    _peerjs: PeerJsServer,
    _pages: TempDir,
    // The last to go.
    pub(crate) lab: Lab,
}

impl Laboratory {
    pub(crate) async fn start(site: &Path, npm: &Path) -> Result<Self> {
        let pages = pages(site, Some(npm))?;
        let lab = Lab::builder().hosts(["alice", "bob", "server"]).start()?;
        let server = lab.host("server");
        let config = Config {
            site: Some(pages.path().to_owned()),
            ..Config::default()
        };
        let (relay, origin) = relay_on(&server, config).await;
        let peerjs = PeerJsServer::start(&server, npm).await?;
        let [alices, bobs] = browsers_on(&lab, ["alice", "bob"], &origin).await;
        let (caller, callee) = (alices.window().await, bobs.window().await);
        for page in [&caller, &callee] {
            // The site's policy would keep other clients from their libraries, and from their server.
            let bypass = json!({ "enabled": true });
            page.devtools("Page.setBypassCSP", bypass).await;
            page.before_load(include_str!("../pages/probe.js")).await;
        }
        Ok(Self {
            caller,
            callee,
            origin,
            _browsers: [alices, bobs],
            _relay: relay,
            _peerjs: peerjs,
            _pages: pages,
            lab,
        })
    }
}

/// Where the site is, and where results go.
#[derive(clap::Args)]
pub(crate) struct Folders {
    /// The site, as `cargo xtask build` leaves it.
    #[arg(long)]
    pub(crate) site: PathBuf,
    /// Where samples and plots are written.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

/// A relay on this machine that serves our site, and the clients that need no library.
pub(crate) struct Nearby {
    pub(crate) relay: Running,
    _pages: TempDir,
}

impl Nearby {
    pub(crate) async fn start(folders: &Folders) -> Result<Self> {
        let pages = pages(&folders.site, None)?;
        let config = Config {
            port: 0,
            site: Some(pages.path().to_owned()),
            ..Config::default()
        };
        let relay = visavis_relay::start(config).await?;
        Ok(Self { relay, _pages: pages })
    }
}

/// A folder with our site, and the other clients below it: those that need a library only if npm has
/// installed it.
fn pages(site: &Path, npm: Option<&Path>) -> Result<TempDir> {
    let folder = tempfile::tempdir().context("Can't make a temporary folder")?;
    for entry in fs::read_dir(site).with_context(|| format!("Can't read {}", site.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
        }
    }
    let bench = folder.path().join("bench");
    fs::create_dir(&bench)?;
    for (name, text) in PAGES {
        fs::write(bench.join(name), text)?;
    }
    for (name, path) in SCRIPTS {
        let Some(script) = npm.map(|npm| npm.join(path)) else {
            continue;
        };
        fs::copy(&script, bench.join(name))
            .with_context(|| format!("npm has not installed {}", script.display()))?;
    }
    Ok(folder)
}

/// The server that PeerJS comes with (npm: `peer`).
struct PeerJsServer(Child);

impl PeerJsServer {
    async fn start(host: &Host, npm: &Path) -> Result<Self> {
        let program = npm.join("node_modules/.bin/peerjs");
        let child = host
            .command(&program)
            .args(["--port", &PEERJS_PORT.to_string(), "--path", "/"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let server = Self(child);
        for _ in 0..100 {
            if host.connect((host.address(), PEERJS_PORT).into()).is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{} does not listen after ten seconds", program.display());
    }
}

impl Drop for PeerJsServer {
    fn drop(&mut self) {
        // One that has ended already is gone as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
