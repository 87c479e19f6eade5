//! The relay's configuration: flags over environment variables over a file over defaults.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser as _, ValueEnum};
use ipnet::IpNet;
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::native;
use visavis_protocol::ice::IceServer;

use crate::StartError;
use crate::ice::{IceSource, Request, TurnSecret};
use crate::ice_server;
use crate::limits::Limits;
use crate::logging::{LogFormat, LogLevel};
use crate::origin::{self, Origins};
use crate::room::SEAT_KEPT;
use crate::twilio::{self, TwilioAccount, TwilioToken};

use self::file::File;
use self::flags::Flags;

mod error;
mod file;
mod flags;
mod ice;

pub use self::error::ConfigError;
pub use crate::ice_server::IceServerProblem;

/// How many people a room holds by default. Everybody sends to everybody; a home connection and a laptop can
/// handle about this many.
const ROOM_CAPACITY: usize = 8;

/// How many people a room may be made to hold. Everybody sends to everybody, so large rooms are for
/// experiments.
pub const ROOM_CAPACITIES: RangeInclusive<usize> = 2..=100;

/// Where Twilio's API is, unless a setting says otherwise.
const TWILIO_API: &str = "https://api.twilio.com";

/// What the program is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Task {
    /// Run the relay.
    #[default]
    Serve,
    /// Say whether the TURN servers work, one sentence for each; the status is 0 only if all do
    CheckTurn,
}

/// All settings of a relay. `Config::default()` is a relay for eight people a room at 127.0.0.1:8080.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the program is to do.
    pub task: Task,
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
    /// The secret that the TURN servers without a username share with the relay.
    pub turn_secret: Option<TurnSecret>,
    /// Whose TURN servers at Twilio clients get as well.
    pub twilio: Option<TwilioAccount>,
    /// Where Twilio is asked for them.
    pub twilio_api: String,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How it is written.
    pub log_format: LogFormat,
    /// Where `/metrics` can be read; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// Whose pages may connect.
    pub origins: Origins,
    /// The origins of pages that may show the site in a frame.
    pub frame_ancestors: Vec<String>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How much may be asked of the relay.
    pub limits: Limits,
    /// Only for tests that can't wait.
    #[doc(hidden)]
    pub timing: Timing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            task: Task::Serve,
            host: "127.0.0.1".into(),
            port: 8080,
            site: None,
            room_capacity: ROOM_CAPACITY,
            ice_servers: Vec::new(),
            ice_ttl_seconds: None,
            turn_secret: None,
            twilio: None,
            twilio_api: TWILIO_API.into(),
            log_level: LogLevel::default(),
            log_format: LogFormat::default(),
            metrics: None,
            origins: Origins::default(),
            frame_ancestors: Vec::new(),
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
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
    /// For a message to be taken by the client's side; a long one gets more.
    pub write_deadline: Duration,
    /// For a message to wait until those before it are taken; more if there are many.
    pub queued: Duration,
    /// For the client's side to take something of an answer such as a file; see `slow.rs`.
    pub stalled: Duration,
    /// For the client's answer to a close frame.
    pub goodbye: Duration,
    /// For everything to end on shutdown.
    pub shutdown: Duration,
    /// For Twilio.
    pub twilio: twilio::Timing,
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
            queued: Duration::from_secs(5),
            stalled: Duration::from_secs(15),
            goodbye: Duration::from_secs(1),
            // One write under way, then the goodbye, and some slack.
            shutdown: Duration::from_secs(4),
            twilio: twilio::Timing::default(),
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
        let mut limits = file.limits;
        for text in given(flags.limits).unwrap_or_default() {
            limits.set(&text)?;
        }
        let origins = given(flags.origins).or(file.origins);
        let proxies = given(flags.trusted_proxies).or(file.trusted_proxies);
        let config = Self {
            task: flags.task.unwrap_or_default(),
            host: flags.host.or(file.host).unwrap_or(default.host),
            port: flags.port.or(file.port).unwrap_or(default.port),
            site: flags.site.or(file.site),
            room_capacity: flags
                .room_capacity
                .or(file.room_capacity)
                .unwrap_or(default.room_capacity),
            ice_servers: ice::from_texts(&flags.ice_servers)
                .or(file.ice_servers)
                .unwrap_or_default(),
            ice_ttl_seconds: flags.ice_ttl_seconds.or(file.ice_ttl_seconds),
            turn_secret: flags.turn_secret.map(TurnSecret::new).or(file.turn_secret),
            twilio: account(
                flags.twilio_account_sid.or(file.twilio_account_sid),
                flags
                    .twilio_auth_token
                    .map(TwilioToken::new)
                    .or(file.twilio_auth_token),
            )?,
            twilio_api: flags.twilio_api.or(file.twilio_api).unwrap_or(default.twilio_api),
            log_level: flags.log_level.or(file.log_level).unwrap_or_default(),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            metrics: flags.metrics.or(file.metrics),
            origins: match origins {
                Some(texts) => Origins::read(&texts).map_err(ConfigError::Origin)?,
                None => default.origins,
            },
            frame_ancestors: given(flags.frame_ancestors)
                .or(file.frame_ancestors)
                .unwrap_or_default(),
            trusted_proxies: proxies
                .unwrap_or_default()
                .iter()
                .map(|text| network(text))
                .collect::<Result<_, _>>()?,
            limits,
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
            ice_server::check(server, self.turn_secret.is_some()).map_err(|problem| {
                ConfigError::IceServer {
                    number: index + 1,
                    problem,
                }
            })?;
        }
        self.limits.check()?;
        for ancestor in &self.frame_ancestors {
            if ancestor != "'self'" && origin::read(ancestor).is_none() {
                return Err(ConfigError::FrameAncestor(ancestor.clone()));
            }
        }
        if self.turn_secret.as_ref().is_some_and(TurnSecret::is_empty) {
            return Err(ConfigError::TurnSecret);
        }
        if self.ice_ttl_seconds == Some(0) {
            return Err(ConfigError::IceTtl);
        }
        if let Some(twilio) = &self.twilio {
            if !twilio.is_well_formed() {
                return Err(ConfigError::TwilioAccount);
            }
            if twilio::base(&self.twilio_api).is_none() {
                return Err(ConfigError::TwilioApi(self.twilio_api.clone()));
            }
        }
        let token = self.ice_source().token(Request {
            connection: u64::MAX,
            now: u64::MAX / 2,
            seated: true,
        });
        let others = self.twilio.as_ref().map_or(0, |_| twilio::LONGEST_SERVERS);
        let length = native::encode_relay(&token).len() + others;
        if length > MAX_MESSAGE_BYTES {
            return Err(ConfigError::TooManyIceServers(length));
        }
        Ok(())
    }

    /// Who is asked for TURN servers of Twilio, if they are to be had.
    pub(crate) fn twilio_api(&self) -> Result<Option<twilio::Api>, StartError> {
        let Some(account) = &self.twilio else {
            return Ok(None);
        };
        let base = twilio::base(&self.twilio_api);
        let base = base.ok_or_else(|| ConfigError::TwilioApi(self.twilio_api.clone()))?;
        let api = twilio::Api::new(account, &base).map_err(StartError::Certificates)?;
        Ok(Some(api))
    }

    /// What clients are told of ICE servers.
    pub(crate) fn ice_source(&self) -> IceSource {
        IceSource::new(
            self.ice_servers.clone(),
            self.ice_ttl_seconds,
            self.turn_secret.clone(),
        )
    }
}

/// What a flag or a variable names, if it names anything. An empty variable counts as none.
fn given(texts: Vec<String>) -> Option<Vec<String>> {
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then_some(texts)
}

/// Twilio's account, if it is named. An empty setting counts as none.
fn account(sid: Option<String>, token: Option<TwilioToken>) -> Result<Option<TwilioAccount>, ConfigError> {
    let sid = sid.filter(|sid| !sid.is_empty());
    let token = token.filter(|token| !token.is_empty());
    match (sid, token) {
        (Some(sid), Some(token)) => Ok(Some(TwilioAccount::new(sid, token))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ConfigError::TwilioHalf {
            set: "TWILIO_AUTH_TOKEN",
            missing: "TWILIO_ACCOUNT_SID",
        }),
        (Some(_), None) => Err(ConfigError::TwilioHalf {
            set: "TWILIO_ACCOUNT_SID",
            missing: "TWILIO_AUTH_TOKEN",
        }),
    }
}

/// Reads a network, or a single address.
fn network(text: &str) -> Result<IpNet, ConfigError> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| ConfigError::TrustedProxy(text.to_owned()))
}
