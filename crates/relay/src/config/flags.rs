//! The command line, and the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

use super::Task;
use crate::logging::{LogFormat, LogLevel};

/// The signaling relay of visavis: it introduces the people in a video call to each other, and can serve the
/// site. Audio and video never pass through it.
///
/// Each option may also be set by the environment variable shown with it, or in a TOML file by its name with
/// underscores. Options win over variables, and variables over the file.
#[derive(Parser)]
#[command(name = "visavis-relay", version, about, long_about, max_term_width = 100)]
pub(super) struct Flags {
    /// What to do, with the same settings [default: serve]
    #[arg(value_name = "TASK", value_enum)]
    pub(super) task: Option<Task>,

    /// A TOML file with settings, such as `room_capacity = 4`; each ICE server is a table `[[ice_servers]]`
    /// with `urls`, and for TURN `username` and `credential`
    #[arg(long, env = "VISAVIS_CONFIG", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Address or name to listen at; 0.0.0.0 for every network [default: 127.0.0.1]
    #[arg(long, env = "VISAVIS_HOST", value_name = "HOST")]
    pub(super) host: Option<String>,

    /// Port to listen at; 0 for any free one [default: 8080]
    #[arg(long, env = "VISAVIS_PORT", value_name = "PORT")]
    pub(super) port: Option<u16>,

    /// Directory of the built site, to serve it as well [default: serve no site]
    #[arg(long, env = "VISAVIS_SITE", value_name = "DIR")]
    pub(super) site: Option<PathBuf>,

    /// How many people a room holds, from 2 to 100; more are queued [default: 8]
    #[arg(long, env = "VISAVIS_ROOM_CAPACITY", value_name = "PEOPLE")]
    pub(super) room_capacity: Option<usize>,

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
    pub(super) ice_servers: Vec<String>,

    /// For how many seconds clients may use the ICE servers before they ask again [default: for good]
    #[arg(long, env = "VISAVIS_ICE_TTL_SECONDS", value_name = "SECONDS")]
    pub(super) ice_ttl_seconds: Option<u32>,

    /// Secret shared with TURN servers that are named without a username, such as coturn's
    /// `static-auth-secret`: each client gets credentials of its own, for a limited time [default: none]
    #[arg(
        long,
        env = "VISAVIS_TURN_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub(super) turn_secret: Option<String>,

    /// Account SID at Twilio, whose TURN servers clients get as well, each for a limited time [default: none]
    #[arg(long, env = "TWILIO_ACCOUNT_SID", value_name = "SID", hide_env_values = true)]
    pub(super) twilio_account_sid: Option<String>,

    /// Auth Token of that account [default: none]
    #[arg(long, env = "TWILIO_AUTH_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(super) twilio_auth_token: Option<String>,

    /// Where Twilio's API is [default: https://api.twilio.com]
    #[arg(long, env = "VISAVIS_TWILIO_API", value_name = "URL")]
    pub(super) twilio_api: Option<String>,

    /// How much is logged to stderr [default: info]
    #[arg(long, env = "VISAVIS_LOG_LEVEL", value_name = "LEVEL", value_enum)]
    pub(super) log_level: Option<LogLevel>,

    /// How it is written [default: text]
    #[arg(long, env = "VISAVIS_LOG_FORMAT", value_name = "FORMAT", value_enum)]
    pub(super) log_format: Option<LogFormat>,

    /// Address and port at which `/metrics` can be read, for Prometheus [default: nowhere]
    #[arg(long, env = "VISAVIS_METRICS", value_name = "ADDRESS:PORT")]
    pub(super) metrics: Option<SocketAddr>,

    /// Whose pages may connect: `own` (those of the same host), an origin such as `https://example.org`,
    /// `any`, or `missing` (clients that are no browsers); may be repeated, and in the variable separated by
    /// spaces [default: own]
    #[arg(
        long = "origin",
        env = "VISAVIS_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ' '
    )]
    pub(super) origins: Vec<String>,

    /// Pages that may show the site in a frame, by their origin; may be repeated [default: none]
    #[arg(
        long = "frame-ancestor",
        env = "VISAVIS_FRAME_ANCESTORS",
        value_name = "ORIGIN",
        value_delimiter = ' '
    )]
    pub(super) frame_ancestors: Vec<String>,

    /// Address or network of a proxy whose `X-Forwarded-For` is believed; may be repeated [default: none]
    #[arg(
        long = "trusted-proxy",
        env = "VISAVIS_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ' '
    )]
    pub(super) trusted_proxies: Vec<String>,

    /// A limit, as NAME=NUMBER, or NAME=BURST/PER_MINUTE; may be repeated, and in the variable separated by
    /// spaces; docs/deploy.md lists them
    #[arg(
        long = "limit",
        env = "VISAVIS_LIMITS",
        value_name = "LIMIT",
        value_delimiter = ' '
    )]
    pub(super) limits: Vec<String>,
}
