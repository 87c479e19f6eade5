//! The servers of the four documents, with their own pages: see crates/e2e/documents.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::servers::{StaticHost, site_with};

/// Where the servers are, with what npm has installed for them.
const INSTALLED: &str = "VISAVIS_DOCUMENTS";

/// One of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// Socket.IO, rooms of two, TURN tokens.
    One,
    /// Socket.IO without rooms, and a hang-up.
    Two,
    /// A WebSocket server that passes on everything.
    Three,
    /// The same, with another format.
    Four,
}

impl Document {
    /// The value of `dialect` in config.json.
    #[must_use]
    pub fn dialect(self) -> &'static str {
        match self {
            Self::One | Self::Two => "socket.io",
            Self::Three => "broadcast",
            Self::Four => "plain",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Two => "two",
            Self::Three => "three",
            Self::Four => "four",
        }
    }
}

/// A document's server, with the document's page. It ends when it is dropped.
#[derive(Debug)]
pub struct DocumentServer {
    document: Document,
    address: SocketAddr,
    settings: Vec<(&'static str, &'static str)>,
    child: Child,
}

impl DocumentServer {
    /// Starts the server of a document, with these variables in its environment.
    ///
    /// # Panics
    /// It does not start.
    pub async fn start(document: Document, settings: &[(&'static str, &'static str)]) -> Self {
        let (child, port) = start(document, settings, 0).await;
        Self {
            document,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            settings: settings.to_vec(),
            child,
        }
    }

    /// Ends it.
    ///
    /// # Panics
    /// It can't be ended.
    pub async fn stop(&mut self) {
        self.child.kill().await.expect("a server can be ended");
    }

    /// Starts it again at the same address, after it was stopped.
    ///
    /// # Panics
    /// It does not start.
    pub async fn start_again(&mut self) {
        (self.child, _) = start(self.document, &self.settings, self.address.port()).await;
    }

    /// The document's own page.
    #[must_use]
    pub fn page(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// A host of our site that uses this server.
    pub async fn our_site(&self) -> OurSite {
        OurSite::with(&format!(
            r#""relay": "ws://{}", "dialect": "{}""#,
            self.address,
            self.document.dialect()
        ))
        .await
    }

    /// A host of our site that takes this server for another one, by these settings.
    pub async fn mistaken_site(&self, settings: &str) -> OurSite {
        OurSite::with(&format!(r#""relay": "ws://{}"{settings}"#, self.address)).await
    }
}

async fn start(document: Document, settings: &[(&str, &str)], port: u16) -> (Child, u16) {
    let folder = std::env::var_os(INSTALLED).map(PathBuf::from).unwrap_or_else(|| {
        panic!("The servers of the documents are not installed: run these tests by `cargo xtask test`.")
    });
    let mut child = Command::new("node")
        .arg(folder.join(document.folder()).join("server.js"))
        .args(["--port", &port.to_string()])
        .envs(settings.iter().copied())
        // Its end ends the server, also when the test is killed.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("node does not start: {error}"));
    let output = child.stdout.take().expect("its output is piped");
    let line = BufReader::new(output).lines().next_line().await;
    let port = line
        .ok()
        .flatten()
        .and_then(|line| line.strip_prefix("listening ")?.parse().ok());
    (child, port.expect("the server says its port"))
}

/// A static host of our site.
#[derive(Debug)]
pub struct OurSite {
    host: StaticHost,
    _site: TempDir,
}

impl OurSite {
    /// One with these settings in its config.json.
    pub async fn with(settings: &str) -> Self {
        let site = site_with(&format!(
            r#"{{ {settings}, "media": {{
                "width": 640, "height": 360, "frameRate": 10,
                "echoCancellation": false, "noiseSuppression": false, "autoGainControl": false
            }} }}"#
        ));
        Self {
            host: StaticHost::start(site.path().to_owned()).await,
            _site: site,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.host.address)
    }
}
