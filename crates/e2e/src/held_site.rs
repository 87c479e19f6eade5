//! A host whose site arrives in parts, when a test wants them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

use crate::servers::site;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    Comes,
    Missing,
}

/// Serves the site, but for its WebAssembly and, if it is told to, config.json: they come when a test says so. It ends
/// when it is dropped.
#[derive(Debug)]
pub struct HeldSite {
    address: SocketAddr,
    wasm: watch::Sender<Fate>,
    config: watch::Sender<Fate>,
    task: JoinHandle<()>,
}

struct Files {
    page: String,
    config: &'static str,
    wasm_comes: watch::Receiver<Fate>,
    config_comes: watch::Receiver<Fate>,
}

impl HeldSite {
    /// Serves the site on a free port. The script runs in the page before all others; config.json is this.
    ///
    /// # Panics
    /// There is no site, or no free port.
    pub async fn start(script: &str, config: &'static str) -> Self {
        let folder = site();
        let (wasm, wasm_comes) = watch::channel(Fate::Held);
        let (settings, config_comes) = watch::channel(Fate::Comes);
        let files = Arc::new(Files {
            page: page(&folder, script),
            config,
            wasm_comes,
            config_comes,
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("some port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let router = Router::new()
            .fallback_service(ServeDir::new(folder))
            .layer(from_fn_with_state(files, serve));
        let task = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("serving files does not end");
        });
        Self {
            address,
            wasm,
            config: settings,
            task,
        }
    }

    /// Where the page is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Holds config.json back, too, until [`HeldSite::config_comes`].
    #[must_use]
    pub fn without_config(self) -> Self {
        self.config.send_replace(Fate::Held);
        self
    }

    /// Lets config.json through, for those who wait and for all others.
    pub fn config_comes(&self) {
        self.config.send_replace(Fate::Comes);
    }

    /// The same for the WebAssembly.
    pub fn wasm_comes(&self) {
        self.wasm.send_replace(Fate::Comes);
    }

    /// There is no WebAssembly.
    pub fn wasm_is_missing(&self) {
        self.wasm.send_replace(Fate::Missing);
    }
}

impl Drop for HeldSite {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The page, with one script more. A preload of what is held would hold up the page itself, as far as WebDriver sees.
fn page(folder: &Path, script: &str) -> String {
    let page = std::fs::read_to_string(folder.join("index.html")).expect("a site has a page");
    page.split_inclusive('>')
        .filter(|tag| !(tag.contains("<link") && tag.contains("preload") && tag.contains(".wasm")))
        .collect::<String>()
        .replacen("<head>", &format!("<head><script>{script}</script>"), 1)
}

async fn serve(State(files): State<Arc<Files>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let held = match path {
        "/" => return Html(files.page.clone()).into_response(),
        "/config.json" => Some(&files.config_comes),
        _ if path.ends_with(".wasm") => Some(&files.wasm_comes),
        _ => None,
    };
    if let Some(held) = held {
        let mut held = held.clone();
        // The test is over if there is nobody left who could say.
        let decided = held.wait_for(|fate| *fate != Fate::Held).await;
        if !decided.is_ok_and(|fate| *fate == Fate::Comes) {
            return StatusCode::NOT_FOUND.into_response();
        }
    }
    if path == "/config.json" {
        return ([(CONTENT_TYPE, "application/json")], files.config).into_response();
    }
    next.run(request).await
}
