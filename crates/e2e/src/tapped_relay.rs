//! A relay behind somebody who reads, and may change, all that passes: whoever runs a relay can do the same.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message as Shown, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Sent;
use tower_http::services::ServeDir;
use visavis_relay::{Config, Running};

use crate::servers::{relay_with, usual_site};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From a page.
    Up,
    /// To a page.
    Down,
}

/// A message that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tapped {
    /// On which connection: 0 for the first one that a page opened, 1 for the next one.
    pub connection: usize,
    /// Which way.
    pub way: Way,
    /// What it says.
    pub text: String,
}

/// What becomes of a message: itself, another one, or nothing.
type Change = Box<dyn FnMut(&Tapped) -> Option<String> + Send>;

/// The site, and a relay that is tapped. It ends when it is dropped.
pub struct TappedRelay {
    /// Where both are.
    pub address: SocketAddr,
    tap: Arc<Tap>,
    task: JoinHandle<()>,
    _relay: Running,
}

struct Tap {
    relay: SocketAddr,
    heard: Mutex<Vec<Tapped>>,
    change: Mutex<Change>,
    pages: Mutex<Vec<UnboundedSender<String>>>,
}

impl TappedRelay {
    /// Starts both on free ports, for so many people a room. Nothing is changed at first.
    ///
    /// # Panics
    /// They don't start.
    pub async fn start(people: usize) -> Self {
        let relay = relay_with(Config {
            port: 0,
            room_capacity: people,
            ..Config::default()
        })
        .await;
        let tap = Arc::new(Tap {
            relay: relay.address,
            heard: Mutex::default(),
            change: Mutex::new(Box::new(|tapped| Some(tapped.text.clone()))),
            pages: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("some port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let router = Router::new()
            .route("/signal", get(connect))
            .with_state(Arc::clone(&tap))
            .fallback_service(ServeDir::new(usual_site()));
        let task = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("serving files does not end");
        });
        Self {
            address,
            tap,
            task,
            _relay: relay,
        }
    }

    /// The address of a room on the site, by what stands behind the `#/`.
    #[must_use]
    pub fn room(&self, room: &str) -> String {
        format!("http://{}/#/{room}", self.address)
    }

    /// All that has passed so far, as it was before it was changed.
    #[must_use]
    pub fn heard(&self) -> Vec<Tapped> {
        lock(&self.tap.heard).clone()
    }

    /// From now on, messages are changed like this.
    pub fn change(&self, change: impl FnMut(&Tapped) -> Option<String> + Send + 'static) {
        *lock(&self.tap.change) = Box::new(change);
    }

    /// Says something to the page on this connection, as if the relay had.
    pub fn say(&self, connection: usize, text: impl Into<String>) {
        // A page that is gone hears nothing.
        let _ = lock(&self.tap.pages)[connection].send(text.into());
    }
}

impl Drop for TappedRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tap {
    /// What becomes of a message.
    fn passes(&self, connection: usize, way: Way, text: &str) -> Option<String> {
        let tapped = Tapped {
            connection,
            way,
            text: text.to_owned(),
        };
        let changed = lock(&self.change)(&tapped);
        lock(&self.heard).push(tapped);
        changed
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn connect(State(tap): State<Arc<Tap>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |page| pass_on(tap, page))
}

/// Passes on what a page and the relay say to each other, until one of them ends it.
async fn pass_on(tap: Arc<Tap>, mut page: WebSocket) {
    let url = format!("ws://{}/signal", tap.relay);
    let Ok(stream) = tokio::net::TcpStream::connect(tap.relay).await else {
        return;
    };
    let request = http::Request::builder()
        .uri(&url)
        .header("Host", tap.relay.to_string())
        .header("Origin", format!("http://{}", tap.relay))
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(())
        .expect("it is a request");
    let (mut relay, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .expect("the relay takes pages of its own site");
    let (sender, mut injected) = unbounded_channel();
    let connection = {
        let mut pages = lock(&tap.pages);
        pages.push(sender);
        pages.len() - 1
    };
    loop {
        tokio::select! {
            said = page.recv() => match said {
                Some(Ok(Shown::Text(text))) => {
                    if let Some(text) = tap.passes(connection, Way::Up, &text)
                        && relay.send(Sent::text(text)).await.is_err()
                    {
                        return;
                    }
                }
                Some(Ok(Shown::Close(_))) | Some(Err(_)) | None => {
                    // The relay takes it as a goodbye.
                    let _ = relay.close(None).await;
                    return;
                }
                Some(Ok(_)) => {}
            },
            said = relay.next() => match said {
                Some(Ok(Sent::Text(text))) => {
                    if let Some(text) = tap.passes(connection, Way::Down, &text)
                        && page.send(Shown::text(text)).await.is_err()
                    {
                        return;
                    }
                }
                Some(Ok(Sent::Close(_))) | Some(Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            Some(text) = injected.recv() => {
                if page.send(Shown::text(text)).await.is_err() {
                    return;
                }
            }
        }
    }
}
