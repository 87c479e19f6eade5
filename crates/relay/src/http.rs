//! The routes, and how requests reach them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderName, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::config::{Config, Timing};
use crate::connection;
use crate::hub::Hub;
use crate::site::{self, SiteError};

/// What every request and every socket shares.
#[derive(Debug)]
pub(crate) struct Relay {
    /// Rooms and connections.
    pub(crate) hub: Arc<Hub>,
    /// How long to wait for what.
    pub(crate) timing: Timing,
    /// Every task that a shutdown waits for.
    pub(crate) tasks: TaskTracker,
    /// Take nobody new, and come to an end.
    pub(crate) stop: CancellationToken,
    /// End at once.
    pub(crate) abort: CancellationToken,
}

/// All routes.
pub(crate) fn router(config: &Config, relay: Arc<Relay>) -> Result<Router, SiteError> {
    Ok(site::router(config.site.as_deref())?
        .route("/healthz", get("ok"))
        .merge(Router::new().route("/signal", get(signal)).with_state(relay))
        .layer(middleware::from_fn(site::add_headers)))
}

async fn signal(
    State(relay): State<Arc<Relay>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return upgrade_required();
    };
    let token = relay.tasks.token();
    connection::limited(upgrade).on_upgrade(move |socket| async move {
        let client = connection::serve(socket, &relay.hub, relay.timing);
        relay.abort.run_until_cancelled(client).await;
        drop(token);
    })
}

/// RFC 9110, section 15.5.22, and RFC 6455, section 4.4. Clients take it as the sign that a relay is here.
fn upgrade_required() -> Response {
    const HEADERS: [(HeaderName, &str); 3] = [
        (UPGRADE, "websocket"),
        (CONNECTION, "upgrade"),
        (SEC_WEBSOCKET_VERSION, "13"),
    ];
    const TEXT: &str = "This is the relay of visavis; it speaks WebSocket here.\n";
    (StatusCode::UPGRADE_REQUIRED, HEADERS, TEXT).into_response()
}

/// Takes connections until told to stop.
pub(crate) async fn accept(listener: TcpListener, router: Router, relay: Arc<Relay>) {
    while let Some(accepted) = relay.stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                let request = serve(stream, router.clone(), relay.clone());
                let abort = relay.abort.clone();
                relay
                    .tasks
                    .spawn(async move { abort.run_until_cancelled(request).await });
            }
            // Most likely there are too many open files, which only time can mend.
            Err(error) => {
                warn!(kind = %error.kind(), "can't accept connections");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Serves the requests of one TCP connection. hyper itself, since `axum::serve` waits for headers for ever.
async fn serve(stream: TcpStream, router: Router, relay: Arc<Relay>) {
    // Signaling is small messages that somebody waits for. Without it they still arrive.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(relay.timing.request_headers)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // Errors are the client's: it went away, or spoke no HTTP.
    let _ = tokio::select! {
        result = connection.as_mut() => result,
        () = relay.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
}
