//! The relay's configuration: flags over environment variables over a file over defaults.

use std::ffi::OsString;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use serde::Deserialize;
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::native;
use visavis_protocol::ice::IceServer;

use crate::ice::IceSource;
use crate::logging::{LogFormat, LogLevel};
use crate::room::SEAT_KEPT;

mod error;

pub use self::error::{ConfigError, IceServerProblem};

/// How many people a room holds by default. Everybody sends to everybody; a home connection and a laptop can
/// handle about this many.
const ROOM_CAPACITY: usize = 8;

/// How many people a room may be made to hold. Everybody sends to everybody, so large rooms are for
/// experiments.
pub const ROOM_CAPACITIES: RangeInclusive<usize> = 2..=100;

/// All settings of a relay. `Config::default()` is a relay for eight people a room at 127.0.0.1:8080.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address or name to listen at.
    pub host: String,
    /// The port to listen at; 0 for any free one.
    pub port: u16,
    /// The directory of the built site, to serve it as well.
    pub site: Option<PathBuf>,
    /// How many people a room holds.
    pub room_capacity: usize,
    /// The STUN and TURN servers for clients.
    pub ice_servers: Vec<IceServer>,
    /// For how many seconds clients may use them; `None`: without limit.
    pub ice_ttl_seconds: Option<u32>,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How it is written.
    pub log_format: LogFormat,
    /// Only for tests that can't wait.
    #[doc(hidden)]
    pub timing: Timing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 8080,
            site: None,
            room_capacity: ROOM_CAPACITY,
            ice_servers: Vec::new(),
            ice_ttl_seconds: None,
            log_level: LogLevel::default(),
            log_format: LogFormat::default(),
            timing: Timing::default(),
        }
    }
}

/// The relay's deadlines.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// For the headers of a request.
    pub request_headers: Duration,
    /// For the first text message after the upgrade.
    pub first_message: Duration,
    /// Between two pings.
    pub ping_every: Duration,
    /// For any sign of life.
    pub lost_after: Duration,
    /// For somebody whose connection was lost to take their seat again.
    pub seat_kept: Duration,
    /// For a message to be taken by the client's side.
    pub write_deadline: Duration,
    /// For the client's answer to a close frame.
    pub goodbye: Duration,
    /// For everything to end on shutdown.
    pub shutdown: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request_headers: Duration::from_secs(10),
            first_message: Duration::from_secs(15),
            ping_every: Duration::from_secs(10),
            lost_after: Duration::from_secs(25),
            seat_kept: SEAT_KEPT,
            write_deadline: Duration::from_secs(1),
            goodbye: Duration::from_secs(1),
            // One write under way, then the goodbye, and some slack.
            shutdown: Duration::from_secs(4),
        }
    }
}

impl Config {
    /// Reads the command line (with the program's name first), the environment and the configuration file.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong where, and how to fix it.
    pub fn load(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ConfigError> {
        let flags = Flags::try_parse_from(arguments)?;
        let file = flags
            .config
            .as_deref()
            .map(File::read)
            .transpose()?
            .unwrap_or_default();
        let default = Self::default();
        let config = Self {
            host: flags.host.or(file.host).unwrap_or(default.host),
            port: flags.port.or(file.port).unwrap_or(default.port),
            site: flags.site.or(file.site),
            room_capacity: flags
                .room_capacity
                .or(file.room_capacity)
                .unwrap_or(default.room_capacity),
            ice_servers: ice_servers(&flags.ice_servers)
                .or(file.ice_servers)
                .unwrap_or_default(),
            ice_ttl_seconds: flags.ice_ttl_seconds.or(file.ice_ttl_seconds),
            log_level: flags.log_level.or(file.log_level).unwrap_or_default(),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            timing: default.timing,
        };
        config.check()?;
        Ok(config)
    }

    /// Checks what types can't.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong, and how to fix it.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !ROOM_CAPACITIES.contains(&self.room_capacity) {
            return Err(ConfigError::RoomCapacity(self.room_capacity));
        }
        for (index, server) in self.ice_servers.iter().enumerate() {
            check_ice_server(server).map_err(|problem| ConfigError::IceServer {
                number: index + 1,
                problem,
            })?;
        }
        if self.ice_ttl_seconds == Some(0) {
            return Err(ConfigError::IceTtl);
        }
        let token = IceSource::fixed(self.ice_servers.clone(), self.ice_ttl_seconds).token();
        let length = native::encode_relay(&token).len();
        if length > MAX_MESSAGE_BYTES {
            return Err(ConfigError::TooManyIceServers(length));
        }
        Ok(())
    }
}

/// The signaling relay of visavis: it introduces the people in a video call to each other, and can serve the
/// site. Audio and video never pass through it.
///
/// Each option may also be set by the environment variable shown with it, or in a TOML file by its name with
/// underscores. Options win over variables, and variables over the file.
#[derive(Parser)]
#[command(name = "visavis-relay", version, about, long_about, max_term_width = 100)]
struct Flags {
    /// A TOML file with settings, such as `room_capacity = 4`; each ICE server is a table `[[ice_servers]]`
    /// with `urls`, and for TURN `username` and `credential`
    #[arg(long, env = "VISAVIS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Address or name to listen at; 0.0.0.0 for every network [default: 127.0.0.1]
    #[arg(long, env = "VISAVIS_HOST", value_name = "HOST")]
    host: Option<String>,

    /// Port to listen at; 0 for any free one [default: 8080]
    #[arg(long, env = "VISAVIS_PORT", value_name = "PORT")]
    port: Option<u16>,

    /// Directory of the built site, to serve it as well [default: serve no site]
    #[arg(long, env = "VISAVIS_SITE", value_name = "DIR")]
    site: Option<PathBuf>,

    /// How many people a room holds, from 2 to 100; more are queued [default: 8]
    #[arg(long, env = "VISAVIS_ROOM_CAPACITY", value_name = "PEOPLE")]
    room_capacity: Option<usize>,

    /// STUN or TURN server that clients are told of: `stun:HOST:PORT` or
    /// `turn:HOST:PORT,USERNAME,CREDENTIAL`; may be repeated, and in the variable separated by spaces
    /// [default: none]
    // Other users of the machine can see the command line; help must not show the variable's secrets as well.
    #[arg(
        long = "ice-server",
        env = "VISAVIS_ICE_SERVERS",
        value_name = "SERVER",
        hide_env_values = true,
        value_delimiter = ' '
    )]
    ice_servers: Vec<String>,

    /// For how many seconds clients may use the ICE servers before they ask again [default: for good]
    #[arg(long, env = "VISAVIS_ICE_TTL_SECONDS", value_name = "SECONDS")]
    ice_ttl_seconds: Option<u32>,

    /// How much is logged to stderr [default: info]
    #[arg(long, env = "VISAVIS_LOG_LEVEL", value_name = "LEVEL", value_enum)]
    log_level: Option<LogLevel>,

    /// How it is written [default: text]
    #[arg(long, env = "VISAVIS_LOG_FORMAT", value_name = "FORMAT", value_enum)]
    log_format: Option<LogFormat>,
}

/// The servers of the command line or the environment; they replace those of the file.
fn ice_servers(texts: &[String]) -> Option<Vec<IceServer>> {
    // An empty variable counts as none.
    let texts = texts.iter().filter(|text| !text.is_empty());
    let servers: Vec<IceServer> = texts.map(|text| ice_server(text)).collect();
    (!servers.is_empty()).then_some(servers)
}

/// Takes `URL` or `URL,USERNAME,CREDENTIAL` apart; the credential may have commas. Checked with the rest.
fn ice_server(text: &str) -> IceServer {
    let mut parts = text.splitn(3, ',').map(str::to_owned);
    IceServer {
        urls: parts.next().into_iter().collect(),
        username: parts.next(),
        credential: parts.next(),
    }
}

/// The configuration file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    host: Option<String>,
    port: Option<u16>,
    site: Option<PathBuf>,
    room_capacity: Option<usize>,
    ice_servers: Option<Vec<IceServer>>,
    ice_ttl_seconds: Option<u32>,
    log_level: Option<LogLevel>,
    log_format: Option<LogFormat>,
}

impl File {
    fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = || path.to_owned();
        let text =
            std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { file: file(), error })?;
        // Not the error's own text: it would show the line, and the line may hold a credential.
        let malformed = |field: Option<String>, error: &toml::de::Error| ConfigError::Malformed {
            file: file(),
            field,
            problem: Problem { error, text: &text }.to_string(),
        };
        let toml = toml::Deserializer::parse(&text).map_err(|error| malformed(None, &error))?;
        let mut config: Self = serde_path_to_error::deserialize(toml).map_err(|error| {
            let field = error.path().to_string();
            malformed((field != ".").then_some(field), error.inner())
        })?;
        // A path in a file is meant from that file.
        if let (Some(site), Some(directory)) = (&config.site, path.parent()) {
            config.site = Some(directory.join(site));
        }
        Ok(config)
    }
}

/// What is wrong in a TOML text, and in which line.
struct Problem<'a> {
    error: &'a toml::de::Error,
    text: &'a str,
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.message().trim_end())?;
        match self.error.span().and_then(|span| self.text.get(..span.start)) {
            Some(before) => write!(f, " (line {})", before.matches('\n').count() + 1),
            None => Ok(()),
        }
    }
}

fn check_ice_server(server: &IceServer) -> Result<(), IceServerProblem> {
    if server.urls.is_empty() {
        return Err(IceServerProblem::NoUrl);
    }
    for url in &server.urls {
        let host = ["stun:", "stuns:", "turn:", "turns:"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme));
        let Some(host) = host else {
            return Err(IceServerProblem::Scheme(url.clone()));
        };
        if host.starts_with('/') {
            return Err(IceServerProblem::Slashes(url.clone()));
        }
        if host.is_empty() || host.starts_with([':', '?']) || url.contains(char::is_whitespace) {
            return Err(IceServerProblem::Host(url.clone()));
        }
    }
    if server.is_turn() {
        if server.username.as_deref().unwrap_or_default().is_empty() {
            return Err(IceServerProblem::NoUsername);
        }
        if server.credential.as_deref().unwrap_or_default().is_empty() {
            return Err(IceServerProblem::NoCredential);
        }
    }
    Ok(())
}
