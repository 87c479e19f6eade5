//! What the site and the address bar say: `config.json` beside index.html, and `#/ROOM`.

use serde::Deserialize;
use visavis_call::{IceTransportPolicy, InvalidAddress, PreConnection, RoomAddress, RouteChoice};
use visavis_gateway::Dialect;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::RoomId;
use visavis_protocol::json::{JsonError, Object};

/// The site's configuration. Every field is optional; docs/deploy.md describes them for operators.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// Where the relay is, as `wss://HOST/signal`, or the server that takes its place. Default: `signal`
    /// beside the page.
    pub relay: Option<RelayUrl>,
    /// What the server speaks, where it is another's. `None`: it is a relay.
    pub dialect: Option<Dialect>,
    /// Which signaling routes may be used.
    signaling: Option<RouteChoice>,
    /// The room of visitors whose address names none. Default: a fresh one; on localhost `test`.
    pub room: Option<RoomId>,
    /// Whether browsers connect before a call, unless a visitor chooses otherwise.
    instant_calls: Option<PreConnection>,
    /// Which paths calls may take; visitors can choose less.
    ice_transport_policy: Option<IceTransportPolicy>,
    /// STUN and TURN servers, besides those that the relay names.
    pub ice_servers: Vec<IceServer>,
    /// What camera and microphone are asked for.
    pub media: MediaConfig,
}

/// The address of a relay: `ws://`, `wss://`, or a path on the same host.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RelayUrl(String);

impl RelayUrl {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RelayUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if ["ws://", "wss://", "/"]
            .iter()
            .any(|start| text.starts_with(start))
        {
            Ok(Self(text))
        } else {
            Err("the address of a relay must begin with wss://, ws:// or /")
        }
    }
}

/// What camera and microphone are asked for. The browser comes as close as the devices can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaConfig {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames a second.
    pub frame_rate: u32,
    /// Whether the other side's voice is removed from what the microphone hears.
    pub echo_cancellation: bool,
    /// Whether steady noise is removed.
    pub noise_suppression: bool,
    /// Whether quiet voices are made louder.
    pub auto_gain_control: bool,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
            frame_rate: 30,
            echo_cancellation: true,
            noise_suppression: true,
            auto_gain_control: true,
        }
    }
}

impl MediaConfig {
    fn read(object: &Object) -> Result<Self, JsonError> {
        object.has_only(&[
            "width",
            "height",
            "frameRate",
            "echoCancellation",
            "noiseSuppression",
            "autoGainControl",
        ])?;
        let number = |field, usual| object.get::<Option<u32>>(field).map(|it| it.unwrap_or(usual));
        let wanted = |field| object.get::<Option<bool>>(field).map(|it| it.unwrap_or(true));
        let usual = Self::default();
        Ok(Self {
            width: number("width", usual.width)?,
            height: number("height", usual.height)?,
            frame_rate: number("frameRate", usual.frame_rate)?,
            echo_cancellation: wanted("echoCancellation")?,
            noise_suppression: wanted("noiseSuppression")?,
            auto_gain_control: wanted("autoGainControl")?,
        })
    }
}

/// What is wrong with config.json or with the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// config.json exists, but could not be loaded.
    #[error("config.json could not be loaded: {0}.")]
    Unreadable(String),
    /// A field of config.json is unknown or wrong; which one, why, and where it stands.
    #[error("config.json is wrong: {0}.")]
    Malformed(String),
    /// What stands behind the `#` of the address names no room.
    #[error("The address names no valid room: {0}.")]
    Room(#[from] InvalidAddress),
}

impl Config {
    /// Reads config.json.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] names the field.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Object::parse(text)
            .and_then(|object| Self::read(&object))
            .map_err(|error| ConfigError::Malformed(error.to_string()))
    }

    fn read(object: &Object) -> Result<Self, JsonError> {
        object.has_only(&[
            "relay",
            "dialect",
            "signaling",
            "room",
            "instantCalls",
            "iceTransportPolicy",
            "iceServers",
            "media",
        ])?;
        let ice_servers = object.objects("iceServers", |server| {
            server.has_only(&IceServer::FIELDS)?;
            IceServer::read(server)
        })?;
        Ok(Self {
            relay: object.get("relay")?,
            dialect: object
                .word(
                    "dialect",
                    dialect,
                    "\"visavis\", \"socket.io\", \"broadcast\" or \"plain\"",
                )?
                .flatten(),
            signaling: object.word("signaling", route, "\"auto\", \"relay\" or \"this-browser\"")?,
            room: object.get("room")?,
            instant_calls: object.word(
                "instantCalls",
                PreConnection::named,
                "\"on\", \"only-turn\", \"off\" or \"nothing\"",
            )?,
            ice_transport_policy: object.word(
                "iceTransportPolicy",
                IceTransportPolicy::named,
                "\"all\" or \"relay\"",
            )?,
            ice_servers: ice_servers.unwrap_or_default(),
            media: object.object("media", MediaConfig::read)?.unwrap_or_default(),
        })
    }

    /// Whether browsers connect before a call, unless a visitor chooses otherwise.
    #[must_use]
    pub fn preparation(&self) -> PreConnection {
        self.instant_calls.unwrap_or_default()
    }

    /// Which paths calls may take, as far as the site decides it.
    #[must_use]
    pub fn ice_transport_policy(&self) -> IceTransportPolicy {
        self.ice_transport_policy.unwrap_or_default()
    }

    /// Where a server is that takes the relay's place. Default: the page's own.
    #[must_use]
    pub fn server(&self) -> &str {
        self.relay.as_ref().map_or("/", RelayUrl::as_str)
    }

    /// Which signaling routes may be used. A site that names its relay uses only that.
    #[must_use]
    pub fn route(&self) -> RouteChoice {
        match self.signaling {
            Some(route) => route,
            None if self.relay.is_some() || self.dialect.is_some() => RouteChoice::Relay,
            None => RouteChoice::Auto,
        }
    }
}

/// What a word says about the server.
fn dialect(word: &str) -> Option<Option<Dialect>> {
    match word {
        "visavis" => Some(None),
        word => Dialect::named(word).map(Some),
    }
}

/// Which signaling routes a word allows.
fn route(word: &str) -> Option<RouteChoice> {
    Some(match word {
        "auto" => RouteChoice::Auto,
        "relay" => RouteChoice::Relay,
        "this-browser" => RouteChoice::ThisBrowser,
        _ => return None,
    })
}

/// What an address has behind its `#` that asks for a call without any server. A letter may follow.
pub const BY_HAND: &str = "#/call=";

/// What messengers and mail programs leave behind an address.
const BEHIND_ADDRESS: [char; 11] = ['/', '.', ',', ';', ':', '!', '?', ')', ']', '>', '"'];

/// The room that the address names: `#/ROOM` or `#/s/SECRET`, without what may stand behind an address in a
/// text.
///
/// # Errors
/// The name or the secret is invalid.
pub fn room_in_address(hash: &str) -> Result<Option<RoomAddress>, ConfigError> {
    let name = hash.trim_start_matches('#').trim_start_matches('/');
    let end = name.trim_end_matches(BEHIND_ADDRESS);
    if end.is_empty() {
        return Ok(None);
    }
    // A link that has lost its secret leads nowhere: not into the open room `s`.
    let is_cut = end == "s" && name.len() > end.len();
    Ok(Some(RoomAddress::parse(if is_cut { name } else { end })?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_means_the_defaults() {
        let config = Config::parse("{}").unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(config.route(), RouteChoice::Auto);
        assert_eq!(config.ice_transport_policy(), IceTransportPolicy::All);
        let media = &config.media;
        assert_eq!((media.width, media.height, media.frame_rate), (1280, 720, 30));
    }

    #[test]
    fn every_field_is_read() {
        let config = Config::parse(
            r#"{
                "relay": "wss://relay.example.org/signal", "signaling": "auto", "room": "lobby",
                "instantCalls": "only-turn", "iceTransportPolicy": "relay",
                "iceServers": [{ "urls": "stun:stun.example.org" }],
                "media": { "width": 640, "echoCancellation": false }
            }"#,
        )
        .unwrap();
        assert_eq!(
            config.relay.as_ref().map(RelayUrl::as_str),
            Some("wss://relay.example.org/signal")
        );
        assert_eq!(config.route(), RouteChoice::Auto);
        assert_eq!(config.preparation(), PreConnection::OnlyTurn);
        assert_eq!(config.ice_transport_policy(), IceTransportPolicy::Relay);
        assert_eq!(config.room, Some(RoomId::new("lobby").unwrap()));
        assert_eq!(config.ice_servers.len(), 1);
        let media = &config.media;
        assert_eq!((media.width, media.height), (640, 720));
        assert!(!media.echo_cancellation);
    }

    #[test]
    fn a_site_that_names_its_relay_wants_that_one() {
        let config = Config::parse(r#"{"relay": "/signal"}"#).unwrap();
        assert_eq!(config.route(), RouteChoice::Relay);
    }

    #[test]
    fn the_server_may_be_that_of_another_program() {
        for (word, dialect) in [
            ("visavis", None),
            ("socket.io", Some(Dialect::SocketIo)),
            ("broadcast", Some(Dialect::Broadcast)),
            ("plain", Some(Dialect::Plain)),
        ] {
            let config = Config::parse(&format!(r#"{{"dialect": "{word}"}}"#)).unwrap();
            assert_eq!(config.dialect, dialect);
            let route = dialect.map_or(RouteChoice::Auto, |_| RouteChoice::Relay);
            assert_eq!((config.route(), config.server()), (route, "/"));
        }
    }

    #[track_caller]
    fn refused_with(text: &str, words: &[&str]) {
        let error = Config::parse(text).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{error:?} does not say {word:?}");
        }
    }

    #[test]
    fn an_error_names_the_field() {
        refused_with(r#"{"relai": "/signal"}"#, &["relai", "expected one of", "relay"]);
        refused_with(
            r#"{"relay": "https://x"}"#,
            &["\"relay\"", "must begin with wss://"],
        );
        refused_with(r#"{"room": 5}"#, &["\"room\"", "expected a string"]);
        refused_with(r#"{"room": "a b"}"#, &["\"room\"", "letters"]);
        refused_with(r#"{"media": {"width": "wide"}}"#, &["\"media.width\""]);
        refused_with(r#"{"media": {"colour": true}}"#, &["media", "colour"]);
        refused_with(
            r#"{"iceServers": [{"urls": 7}]}"#,
            &["\"iceServers.urls\"", "address"],
        );
        refused_with(
            r#"{"iceServers": [{"urls": "stun:x", "colour": 1}]}"#,
            &["\"iceServers\"", "colour"],
        );
        refused_with(r#"{"instantCalls": "maybe"}"#, &["\"instantCalls\"", "only-turn"]);
        refused_with(
            r#"{"iceTransportPolicy": "turn"}"#,
            &["\"iceTransportPolicy\"", "relay"],
        );
        refused_with(r#"{"dialect": "latin"}"#, &["\"dialect\"", "latin", "socket.io"]);
        refused_with(r#"{"signaling": "pigeon"}"#, &["signaling", "pigeon"]);
        refused_with("{} trailing", &["config.json is wrong"]);
        refused_with("", &["config.json is wrong"]);
    }

    fn tea() -> RoomAddress {
        RoomAddress::parse("tea").unwrap()
    }

    #[test]
    fn the_address_may_have_the_secret_of_a_room() {
        let sealed = RoomAddress::parse("s/MDEyMzQ1Njc4OWFiY2RlZg").unwrap();
        for behind in ["", "/", ".", "),"] {
            let hash = format!("#/s/MDEyMzQ1Njc4OWFiY2RlZg{behind}");
            assert_eq!(room_in_address(&hash), Ok(Some(sealed.clone())));
        }
        assert_eq!(room_in_address("#/s"), Ok(Some(RoomAddress::parse("s").unwrap())));
        for cut in ["#/s/", "#/s/.", "#/s/MDEyMzQ1Njc4OWFiY2RlZ"] {
            let error = room_in_address(cut).unwrap_err().to_string();
            assert!(
                error.contains("secret") && error.contains("as you got it"),
                "{cut}: {error}"
            );
        }
    }

    #[test]
    fn the_address_may_name_a_room() {
        assert_eq!(room_in_address(""), Ok(None));
        assert_eq!(room_in_address("#"), Ok(None));
        assert_eq!(room_in_address("#/"), Ok(None));
        assert_eq!(room_in_address("#/tea"), Ok(Some(tea())));
        for behind in ["/", ".", "?", "),", ">."] {
            let hash = format!("#/tea{behind}");
            assert_eq!(room_in_address(&hash), Ok(Some(tea())));
        }
        let error = room_in_address("#/köln").unwrap_err().to_string();
        assert!(error.contains("'ö'"), "{error}");
    }
}
