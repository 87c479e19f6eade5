//! What the relay writes about itself: one line an event, `key=value` or JSON.
//!
//! Events name connections by number, and hold no address, room, person, text or secret. Only this crate's
//! events are written, at every level: the libraries below would log frames, and so what people write.

use clap::ValueEnum;
use serde::Deserialize;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry;

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What keeps the relay from its work.
    Error,
    /// What somebody should look into.
    Warn,
    /// Start, stop, and each connection's beginning and end.
    #[default]
    Info,
    /// Each fault of a client.
    Debug,
    /// The kind of each message.
    Trace,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people: the time, the level, words, and `key=value` pairs.
    #[default]
    Text,
    /// For programs: a JSON object a line.
    Json,
}

/// A subscriber that writes this crate's events to `writer`.
pub fn subscriber<W>(level: LogLevel, format: LogFormat, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let only_ours = Targets::new().with_target("visavis_relay", level);
    let lines = match format {
        LogFormat::Text => layer().with_writer(writer).with_ansi(false).boxed(),
        LogFormat::Json => layer().with_writer(writer).with_ansi(false).json().boxed(),
    };
    registry().with(lines.with_filter(only_ours))
}
