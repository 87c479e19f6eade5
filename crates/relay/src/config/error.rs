//! What can be wrong with the relay's configuration, in sentences.

use std::path::PathBuf;

use visavis_protocol::MAX_MESSAGE_BYTES;

use super::ROOM_CAPACITIES;
use crate::ice_server::IceServerProblem;
use crate::limits::LimitProblem;

/// Why there is no usable configuration. Each text is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The command line or an environment variable is wrong, or help was asked for.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// The file can't be read.
    #[error("The configuration file {} can't be read: {error}.", .file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file is no TOML, or has a wrong or unknown field.
    #[error("The configuration file {} is wrong{}: {problem}.", .file.display(), at_field(.field.as_ref()))]
    Malformed {
        /// Which file.
        file: PathBuf,
        /// Which field, if it is about one.
        field: Option<String>,
        /// What is wrong.
        problem: String,
    },
    /// A room of that size is refused.
    #[error(
        "A room of {0} people is not possible: `room_capacity` (`--room-capacity`) must be from {min} to {max}.",
        min = ROOM_CAPACITIES.start(),
        max = ROOM_CAPACITIES.end(),
    )]
    RoomCapacity(usize),
    /// An ICE server is wrong.
    #[error("ICE server {number} (`ice_servers`, `--ice-server`) is wrong: {problem}.")]
    IceServer {
        /// Its position: 1, 2, 3, …
        number: usize,
        /// What is wrong with it.
        problem: IceServerProblem,
    },
    /// A limit is wrong.
    #[error("A limit (`[limits]`, `--limit`) is wrong: {0}.")]
    Limit(#[from] LimitProblem),
    /// An origin can't be read.
    #[error(
        "The origin {0:?} (`origins`, `--origin`) must be `own`, `any`, `missing`, or like `https://example.org`, \
         without a path."
    )]
    Origin(String),
    /// An origin of pages with frames can't be read.
    #[error(
        "The origin {0:?} (`frame_ancestors`, `--frame-ancestor`) must be `'self'`, or like `https://example.org`, \
         without a path."
    )]
    FrameAncestor(String),
    /// A proxy can't be read.
    #[error(
        "The proxy {0:?} (`trusted_proxies`, `--trusted-proxy`) must be an address or a network, such as 127.0.0.1 or \
         10.0.0.0/8."
    )]
    TrustedProxy(String),
    /// The list of ICE servers fits into no message.
    #[error(
        "The ICE servers need {0} bytes in a message, and may have {MAX_MESSAGE_BYTES}: configure fewer."
    )]
    TooManyIceServers(usize),
    /// A secret that everybody knows.
    #[error("`turn_secret` (`--turn-secret`) is empty; leave it out, or write that of the TURN server.")]
    TurnSecret,
    /// One half of an account.
    #[error("{set} is set, but {missing} is not: set both, or neither.")]
    TwilioHalf {
        /// What is there.
        set: &'static str,
        /// What is not.
        missing: &'static str,
    },
    /// No account of Twilio has such a name.
    #[error(
        "TWILIO_ACCOUNT_SID (`twilio_account_sid`, `--twilio-account-sid`) must be `AC` and letters and digits, as \
         Twilio's console shows it."
    )]
    TwilioAccount,
    /// The address of Twilio's API can't be used.
    #[error(
        "The address {0:?} (`twilio_api`, `--twilio-api`) must be like `https://api.twilio.com`, without a path; `http` \
         is possible on this machine only."
    )]
    TwilioApi(String),
    /// Credentials that are good for no time.
    #[error(
        "`ice_ttl_seconds` (`--ice-ttl-seconds`) must be at least 1; leave it out if credentials don't expire."
    )]
    IceTtl,
}

fn at_field(field: Option<&String>) -> String {
    field.map(|field| format!(" at `{field}`")).unwrap_or_default()
}
