//! The routes, and how requests reach them.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HOST, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderMap, HeaderName, StatusCode, Version};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::address::{self, Visit};
use crate::config::Config;
use crate::connection;
use crate::metrics::{Metrics, Refusal};
use crate::site::{self, Policy, SiteError};
use crate::slow::Slow;
use crate::state::Relay;

/// How long the headers of a request may be, in bytes, and its path, in characters. Browsers send less than
/// one kilobyte.
const MOST_HEADERS: usize = 16 * 1024;
const MOST_HEADER_LINES: usize = 64;
const MOST_PATH: usize = 1024;

/// How many bytes the system holds for a client and of it, at most about twice as many: enough for 600 kB a
/// second at a round trip of 200 ms. Otherwise it would be megabytes for everybody who is slow.
const SEND_BUFFER: usize = 64 * 1024;
const RECEIVE_BUFFER: usize = 32 * 1024;

/// How long a name in a path may be: file systems have no longer ones.
const MOST_NAME: usize = 255;

/// The other side of a TCP connection, and what it holds for as long as it lasts.
#[derive(Debug)]
struct Peer {
    ip: IpAddr,
    /// `None` for a trusted proxy: its clients count, each for itself.
    visit: Option<Arc<Visit>>,
    _slot: OwnedSemaphorePermit,
    metrics: Arc<Metrics>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.metrics.connections.dec();
    }
}

/// All routes.
pub(crate) fn router(config: &Config, relay: Arc<Relay>) -> Result<Router, SiteError> {
    let policy = Policy::new(config.site.clone(), &config.frame_ancestors);
    Ok(site::router(config.site.as_deref())?
        .route("/healthz", get("ok"))
        .merge(
            Router::new()
                .route("/signal", get(signal))
                .with_state(relay.clone()),
        )
        .layer(middleware::from_fn_with_state(relay, refuse_malformed))
        .layer(middleware::from_fn_with_state(
            Arc::new(policy),
            site::add_headers,
        )))
}

async fn signal(
    State(relay): State<Arc<Relay>>,
    Extension(peer): Extension<Arc<Peer>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return upgrade_required();
    };
    if !relay.origins.allow(&headers) {
        relay.metrics.refused(Refusal::Origin);
        debug!("refused a page of another origin; see `--origin`");
        return (
            StatusCode::FORBIDDEN,
            "Pages of this origin may not use this relay.\n",
        )
            .into_response();
    }
    let visit = match &peer.visit {
        Some(visit) => {
            hint_at_proxy(&relay, &peer, &headers);
            Some(visit.clone())
        }
        None => {
            let ip = address::of_client(peer.ip, &headers, &relay.trusted);
            relay.addresses.visit(ip, Instant::now()).map(Arc::new)
        }
    };
    let Some(visit) = visit else {
        relay.metrics.refused(Refusal::ConnectionsOfAddress);
        return (
            StatusCode::TOO_MANY_REQUESTS,
            "Your address has too many connections.\n",
        )
            .into_response();
    };
    let token = relay.tasks.token();
    connection::limited(upgrade).on_upgrade(move |socket| async move {
        let client = connection::serve(socket, &relay, visit);
        relay.abort.run_until_cancelled(client).await;
        // The connection counts until here.
        drop(peer);
        drop(token);
    })
}

/// Says once that a proxy seems to be before the relay which is not named as trusted.
fn hint_at_proxy(relay: &Relay, peer: &Peer, headers: &HeaderMap) {
    let is_near = match peer.ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    };
    if is_near && headers.contains_key(address::FORWARDED_FOR) && !relay.hinted.swap(true, Relaxed) {
        warn!(
            "requests with X-Forwarded-For come from a proxy that is not trusted: if it is yours, name it with \
             `--trusted-proxy`, so that limits apply to each client's address"
        );
    }
}

/// Answers what no browser sends, before anything else looks at it: 400 without one `Host` (RFC 9112, section
/// 3.2), and 404 for a path that no file can have.
async fn refuse_malformed(State(relay): State<Arc<Relay>>, request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() >= Version::HTTP_11 {
        relay.metrics.refused(Refusal::Host);
        return (StatusCode::BAD_REQUEST, "A request needs one Host.\n").into_response();
    }
    let path = request.uri().path();
    if path.len() > MOST_PATH || path.split('/').any(|name| name.len() > MOST_NAME) {
        relay.metrics.refused(Refusal::Path);
        return site::not_found().await.into_response();
    }
    next.run(request).await
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
            Ok((stream, address)) => {
                let peer = match peer(address.ip(), &relay) {
                    Ok(peer) => Arc::new(peer),
                    Err(answer) => {
                        refuse(&stream, answer);
                        continue;
                    }
                };
                let request = serve(stream, peer, router.clone(), relay.clone());
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

/// Counts a new connection, or says what it is answered instead.
fn peer(ip: IpAddr, relay: &Relay) -> Result<Peer, &'static str> {
    let Ok(slot) = relay.slots.clone().try_acquire_owned() else {
        relay.metrics.refused(Refusal::Connections);
        return Err("503 Service Unavailable");
    };
    let is_proxy = relay
        .trusted
        .iter()
        .any(|network| network.contains(&ip.to_canonical()));
    let visit = if is_proxy {
        None
    } else if let Some(visit) = relay.addresses.visit(ip, Instant::now()) {
        Some(Arc::new(visit))
    } else {
        relay.metrics.refused(Refusal::ConnectionsOfAddress);
        return Err("429 Too Many Requests");
    };
    relay.metrics.connections.inc();
    Ok(Peer {
        ip,
        visit,
        _slot: slot,
        metrics: relay.metrics.clone(),
    })
}

/// Says why, if the other side happens to listen. Nothing is kept for it.
fn refuse(stream: &TcpStream, status: &str) {
    let answer =
        format!("HTTP/1.1 {status}\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let _ = stream.try_write(answer.as_bytes());
}

/// Serves the requests of one TCP connection. hyper itself, since `axum::serve` waits for headers for ever.
async fn serve(stream: TcpStream, peer: Arc<Peer>, router: Router, relay: Arc<Relay>) {
    // Signaling is small messages that somebody waits for. Without it they still arrive.
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(&stream);
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    let stream = Slow::new(stream, relay.timing.stalled, relay.metrics.clone());
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(relay.timing.request_headers)
        .max_buf_size(MOST_HEADERS)
        .max_headers(MOST_HEADER_LINES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        result = connection.as_mut() => result,
        () = relay.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // Errors are the client's: most have only gone away.
    if ended.is_err_and(|error| error.is_parse() || error.is_timeout()) {
        relay.metrics.refused(Refusal::Headers);
    }
}

/// Serves `/metrics`, and nothing else, until told to stop. It is for a monitoring system nearby, and has no
/// limits.
pub(crate) async fn serve_metrics(listener: TcpListener, relay: Arc<Relay>) {
    const TEXT: [(HeaderName, &str); 1] = [(
        axum::http::header::CONTENT_TYPE,
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )];
    let metrics = relay.metrics.clone();
    let router = Router::new().route(
        "/metrics",
        get(move || {
            let text = metrics.text();
            async move { (TEXT, text) }
        }),
    );
    while let Some(accepted) = relay.stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let request = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(relay.timing.request_headers)
            .max_buf_size(MOST_HEADERS)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let abort = relay.abort.clone();
        relay
            .tasks
            .spawn(async move { abort.run_until_cancelled(request).await });
    }
}
