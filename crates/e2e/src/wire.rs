//! Commands to a browser that are about more than one page: the DevTools protocol in Chromium, WebDriver BiDi
//! in Firefox. Both are numbered JSON over a WebSocket.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use fantoccini::wd::Capabilities;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::launch::Engine;

/// A browser that does not answer for so long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What windows of one test share, and no other test sees.
#[derive(Debug, Clone)]
pub(crate) struct Context(Value);

/// The connection.
#[derive(Debug)]
pub(crate) struct Wire {
    engine: Engine,
    connection: Mutex<Connection>,
}

#[derive(Debug)]
struct Connection {
    socket: WebSocketStream<TcpStream>,
    last: u64,
}

impl Wire {
    /// Connects with a browser on this machine: Chromium writes down where it listens, and Firefox's driver
    /// says it.
    pub(crate) async fn connect(engine: Engine, capabilities: &Capabilities) -> Result<Self, String> {
        let address = match engine {
            Engine::Chromium => {
                let profile = capabilities
                    .get("chrome")
                    .and_then(|chrome| chrome["userDataDir"].as_str());
                let profile = Path::new(profile.ok_or("no userDataDir")?);
                let text = std::fs::read_to_string(profile.join("DevToolsActivePort"));
                let text = text.map_err(|error| format!("no DevToolsActivePort: {error}"))?;
                let (port, path) = text.split_once('\n').ok_or("half a DevToolsActivePort")?;
                format!("ws://127.0.0.1:{port}{path}")
            }
            Engine::Firefox => {
                let address = capabilities.get("webSocketUrl").and_then(Value::as_str);
                address.ok_or("no webSocketUrl")?.to_owned()
            }
        };
        let url = url::Url::parse(&address).map_err(|error| format!("{address}: {error}"))?;
        let port = url.port().ok_or_else(|| format!("{address} has no port"))?;
        let connecting = async {
            let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await;
            let stream = stream.map_err(|error| error.to_string())?;
            let opened = tokio_tungstenite::client_async(&address, stream).await;
            opened.map_err(|error| error.to_string())
        };
        let (socket, _) = timeout(PATIENCE, connecting)
            .await
            .map_err(|_| "it takes too long".to_owned())??;
        Ok(Self {
            engine,
            connection: Mutex::new(Connection { socket, last: 0 }),
        })
    }

    /// A context for one test.
    pub(crate) async fn context(&self) -> Result<Context, String> {
        let (method, field) = match self.engine {
            Engine::Chromium => ("Target.createBrowserContext", "browserContextId"),
            Engine::Firefox => ("browser.createUserContext", "userContext"),
        };
        let made = self.command(method, json!({})).await?;
        Ok(Context(made[field].clone()))
    }

    /// The handle of a new window.
    pub(crate) async fn window(&self, Context(context): &Context) -> Result<String, String> {
        let (method, parameters, field) = match self.engine {
            Engine::Chromium => {
                let parameters = json!({
                    "url": "about:blank",
                    "browserContextId": context,
                    "newWindow": true,
                    "width": 960,
                    "height": 600,
                });
                ("Target.createTarget", parameters, "targetId")
            }
            Engine::Firefox => {
                let parameters = json!({ "type": "window", "userContext": context });
                ("browsingContext.create", parameters, "context")
            }
        };
        let made = self.command(method, parameters).await?;
        let handle = made[field].as_str();
        handle
            .map(str::to_owned)
            .ok_or_else(|| format!("{method} answers {made}"))
    }

    /// Closes all windows of a context, and forgets what they kept.
    pub(crate) async fn forget(&self, Context(context): &Context) -> Result<(), String> {
        let (method, field) = match self.engine {
            Engine::Chromium => ("Target.disposeBrowserContext", "browserContextId"),
            Engine::Firefox => ("browser.removeUserContext", "userContext"),
        };
        self.command(method, json!({ field: context })).await.map(drop)
    }

    async fn command(&self, method: &str, parameters: Value) -> Result<Value, String> {
        let answer = async { self.connection.lock().await.command(method, parameters).await };
        let answer = timeout(PATIENCE, answer).await;
        answer
            .map_err(|_| "it does not answer".to_owned())
            .and_then(|answer| answer)
            .map_err(|error| format!("{method}: {error}"))
    }
}

impl Connection {
    async fn command(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        self.last += 1;
        let command = json!({ "id": self.last, "method": method, "params": parameters });
        let sent = self.socket.send(Message::text(command.to_string())).await;
        sent.map_err(|error| error.to_string())?;
        loop {
            let message = self.socket.next().await.ok_or("the browser is gone")?;
            let message = message.map_err(|error| error.to_string())?;
            let Message::Text(text) = message else { continue };
            let mut answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            // Everything else is an event.
            if answer["id"] == self.last {
                return if answer["error"].is_null() {
                    Ok(answer["result"].take())
                } else {
                    Err(text.to_string())
                };
            }
        }
    }
}
