//! A host whose site arrives in parts, when a test wants them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
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
pub enum Fate {
    /// Requests for it wait.
    Held,
    /// It comes.
    Comes,
    /// There is no such file: status 404.
    Missing,
    /// In its place comes a page, as many hosts have it.
    IsPage,
    /// Its first half comes, and then the connection ends.
    Cut,
}

/// Serves the site, and decides about each file when it comes, if at all. At first all WebAssembly is held
/// back. It ends when it is dropped.
#[derive(Debug)]
pub struct HeldSite {
    address: SocketAddr,
    /// What becomes of files whose path has this in it. The last that fits counts; files without any come.
    fates: watch::Sender<Vec<(&'static str, Fate)>>,
    task: JoinHandle<()>,
}

struct Files {
    page: String,
    config: String,
    fates: watch::Receiver<Vec<(&'static str, Fate)>>,
}

const WASM: &str = ".wasm";
const CONFIG: &str = "config.json";

impl HeldSite {
    /// Serves the site on a free port. The script runs in the page before all others; config.json is this.
    ///
    /// # Panics
    /// There is no site, or no free port.
    pub async fn start(script: &str, config: impl Into<String>) -> Self {
        let folder = site();
        let (fates, decided) = watch::channel(vec![(WASM, Fate::Held)]);
        let files = Arc::new(Files {
            page: page(&folder, script),
            config: config.into(),
            fates: decided,
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
        Self { address, fates, task }
    }

    /// Where the page is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Decides about files whose path has this in it: for those who wait, and for all who will ask.
    pub fn decide(&self, path: &'static str, fate: Fate) {
        self.fates.send_modify(|fates| fates.push((path, fate)));
    }

    /// Holds config.json back, too, until [`HeldSite::config_comes`].
    #[must_use]
    pub fn without_config(self) -> Self {
        self.decide(CONFIG, Fate::Held);
        self
    }

    /// Lets config.json through.
    pub fn config_comes(&self) {
        self.decide(CONFIG, Fate::Comes);
    }

    /// Lets the WebAssembly through.
    pub fn wasm_comes(&self) {
        self.decide(WASM, Fate::Comes);
    }

    /// There is no WebAssembly.
    pub fn wasm_is_missing(&self) {
        self.decide(WASM, Fate::Missing);
    }
}

impl Drop for HeldSite {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The page, with one script more. A preload of what is held would hold up the page itself, as far as
/// WebDriver sees.
fn page(folder: &Path, script: &str) -> String {
    let page = std::fs::read_to_string(folder.join("index.html")).expect("a site has a page");
    page.split_inclusive('>')
        .filter(|tag| !(tag.contains("<link") && tag.contains("preload") && tag.contains(".wasm")))
        .collect::<String>()
        // What minifies pages leaves out the tag of the head.
        .replacen("<meta", &format!("<script>{script}</script><meta"), 1)
}

async fn serve(State(files): State<Arc<Files>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path == "/" {
        return Html(files.page.clone()).into_response();
    }
    let fate_of_this = |fates: &Vec<(&'static str, Fate)>| {
        let mut fitting = fates.iter().rev().filter(|(part, _)| path.contains(part));
        fitting.next().map_or(Fate::Comes, |(_, fate)| *fate)
    };
    let mut fates = files.fates.clone();
    let decided = fates.wait_for(|fates| fate_of_this(fates) != Fate::Held).await;
    // The test is over if there is nobody left who could say.
    match decided.map_or(Fate::Missing, |fates| fate_of_this(&fates)) {
        Fate::Held | Fate::Missing => StatusCode::NOT_FOUND.into_response(),
        Fate::IsPage => Html(files.page.clone()).into_response(),
        Fate::Comes if path == "/config.json" => {
            ([(CONTENT_TYPE, "application/json")], files.config.clone()).into_response()
        }
        Fate::Comes => next.run(request).await,
        Fate::Cut => half(next.run(request).await).await,
    }
}

/// An answer that promises all of it and ends half-way.
async fn half(whole: Response) -> Response {
    let (head, body) = whole.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(head, bytes.slice(..bytes.len() / 2).into())
}
