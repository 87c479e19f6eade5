//! The configuration file.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use visavis_protocol::ice::IceServer;

use super::ConfigError;
use crate::ice::TurnSecret;
use crate::limits::Limits;
use crate::logging::{LogFormat, LogLevel};
use crate::twilio::TwilioToken;

/// The configuration file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) site: Option<PathBuf>,
    pub(super) room_capacity: Option<usize>,
    pub(super) ice_servers: Option<Vec<IceServer>>,
    pub(super) ice_ttl_seconds: Option<u32>,
    pub(super) turn_secret: Option<TurnSecret>,
    pub(super) twilio_account_sid: Option<String>,
    pub(super) twilio_auth_token: Option<TwilioToken>,
    pub(super) twilio_api: Option<String>,
    pub(super) log_level: Option<LogLevel>,
    pub(super) log_format: Option<LogFormat>,
    pub(super) metrics: Option<SocketAddr>,
    pub(super) origins: Option<Vec<String>>,
    pub(super) frame_ancestors: Option<Vec<String>>,
    pub(super) trusted_proxies: Option<Vec<String>>,
    #[serde(default)]
    pub(super) limits: Limits,
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
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
