//! A real Chromium, headless, with a fake camera and microphone.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::page::{Page, devtools};

/// What Chromium does when a page asks for the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Grants it.
    Granted,
    /// Asks for it, until [`Browser::set_permission`] says something else. Nobody is there to answer.
    Asked,
}

/// A Chromium with its driver. Both end when it is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    first_window_taken: std::cell::Cell<bool>,
    _driver: ProcessGroup,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one that grants the camera.
    pub async fn start() -> Self {
        Self::with_permission(Permission::Granted).await
    }

    /// Starts one that grants the camera, and shows a film (YUV4MPEG2) instead of Chromium's test picture.
    pub async fn with_film(film: &Path) -> Self {
        Self::launch(
            Permission::Granted,
            vec![format!("--use-file-for-fake-video-capture={}", film.display())],
        )
        .await
    }

    /// Starts one.
    ///
    /// # Panics
    /// There is none, or it does not start.
    pub async fn with_permission(permission: Permission) -> Self {
        Self::launch(permission, Vec::new()).await
    }

    async fn launch(permission: Permission, more: Vec<String>) -> Self {
        let driver = program("VISAVIS_CHROMEDRIVER", "chromedriver");
        let port = free_port();
        let process = ProcessGroup(
            Command::new(&driver)
                .arg(format!("--port={port}"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .process_group(0)
                .spawn()
                .unwrap_or_else(|error| panic!("{driver} does not start ({error}): {INSTALL}")),
        );
        wait_for_port(port).await;

        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let mut arguments = arguments(permission, &profile.path().display().to_string());
        arguments.extend(more);
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": program("VISAVIS_CHROMIUM", "/usr/bin/chromium"),
                "args": arguments,
            }
        });
        let capabilities = capabilities
            .as_object()
            .cloned()
            .expect("an object was just written");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start ({error}): {INSTALL}"));
        Self {
            client,
            first_window_taken: std::cell::Cell::new(false),
            _driver: process,
            _profile: profile,
        }
    }

    /// Opens a page in a window of its own. (In a tab in the background nothing would be painted.)
    ///
    /// # Panics
    /// The browser refuses.
    pub async fn open(&self, address: &str) -> Page {
        let window = if self.first_window_taken.replace(true) {
            self.client
                .new_window(false)
                .await
                .expect("a window can be opened")
                .handle
        } else {
            self.client.window().await.expect("there is a window")
        };
        let page = Page::new(self.client.clone(), window);
        page.go(address).await;
        page
    }

    /// Grants or denies the camera and the microphone to all pages.
    ///
    /// # Panics
    /// The browser refuses.
    pub async fn set_permission(&self, setting: &str) {
        for name in ["camera", "microphone"] {
            let parameters = json!({ "permission": { "name": name }, "setting": setting });
            devtools(&self.client, "Browser.setPermission", parameters).await;
        }
    }

    /// Ends it in an orderly way. Dropping it does too, less politely.
    pub async fn close(self) {
        // A browser that has gone already is closed as well.
        let _ = self.client.clone().close().await;
    }
}

/// The driver and the browsers that it has started. A test that panics has no time to end them one by one, and a
/// browser that goes on slows the tests after it.
#[derive(Debug)]
struct ProcessGroup(Child);

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(leader) = self.0.id() {
            // If there is no `kill`, or nothing left to kill, then so be it.
            let _ = std::process::Command::new("kill")
                .args(["-KILL", "--", &format!("-{leader}")])
                .status();
        }
    }
}

const INSTALL: &str = "run the tests by `cargo xtask test`, which installs what it needs, or install Chromium and \
    its driver, on Debian by `sudo apt-get install chromium chromium-driver`.";

fn program(variable: &str, default: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn arguments(permission: Permission, profile: &str) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Several windows at once, none of them hidden.
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--disable-background-timer-throttling",
        "--no-first-run",
        "--use-fake-device-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
        "--window-size=1280,800",
    ]
    .map(String::from)
    .to_vec();
    arguments.push(format!("--user-data-dir={profile}"));
    if permission == Permission::Granted {
        arguments.push("--use-fake-ui-for-media-stream".into());
    }
    arguments
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    listener.local_addr().expect("a listener has an address").port()
}

async fn wait_for_port(port: u16) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("chromedriver does not listen after ten seconds");
}
