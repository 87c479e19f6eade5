//! What the site says: config.json beside the page, and where the relay is.

use gloo_net::http::Response;
use visavis_call::InvalidAddress;
use visavis_protocol::id::RoomId;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::console;

use crate::browser::{early, exception, page};
use crate::config::{Config, ConfigError, RelayUrl};
use crate::signaling::{Connector, DEFAULT_RELAY, OtherServer, RelaySocket};

/// Where the relay is.
pub(crate) fn relay_address(config: &Config) -> &str {
    config.relay.as_ref().map_or(DEFAULT_RELAY, RelayUrl::as_str)
}

/// The room of those who name none, where they are to meet all the same: on localhost, and at the servers of
/// other programs.
///
/// # Errors
/// Never: it is a valid name.
pub(crate) fn commons(config: &Config) -> Result<RoomId, ConfigError> {
    match &config.room {
        Some(room) => Ok(room.clone()),
        None => Ok(RoomId::new("test").map_err(InvalidAddress::from)?),
    }
}

/// The way to the server: a relay, or what another program has.
///
/// # Errors
/// Never: see [`commons`].
pub(crate) fn connector(config: &Config) -> Result<Box<dyn Connector>, ConfigError> {
    Ok(match config.dialect {
        Some(dialect) => Box::new(OtherServer::new(dialect, config.server(), commons(config)?)),
        None => Box::new(RelaySocket::new(relay_address(config))),
    })
}

/// Reads config.json, if there is one.
pub(crate) async fn fetch_config() -> Result<Config, ConfigError> {
    let unreadable = |error: gloo_net::Error| ConfigError::Unreadable(error.to_string());
    // An answer can be read once; later requests want the current file.
    let promise = early::config().unwrap_or_else(|| page::request("config.json"));
    let response = JsFuture::from(promise).await;
    let response = response.map_err(|thrown| ConfigError::Unreadable(exception::name_of(&thrown)))?;
    let response = Response::from(response.unchecked_into::<web_sys::Response>());
    // Many hosts answer with the page itself where there is no such file.
    let is_page = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    match response.status() {
        200..=299 if !is_page => Config::parse(&response.text().await.map_err(unreadable)?),
        200..=299 | 404 | 410 => Ok(Config::default()),
        // A host that keeps the file to itself, or asks for a password, has no settings for us either.
        status @ (401 | 403) => {
            console::warn_1(
                &format!("config.json: the server answers {status}. The defaults are used.").into(),
            );
            Ok(Config::default())
        }
        status => Err(ConfigError::Unreadable(format!(
            "the server answers with status {status}"
        ))),
    }
}
