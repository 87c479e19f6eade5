//! How much one client, one address and all of them together may ask of the relay.
//!
//! `docs/deploy.md` lists every limit with its default; the two must agree.

use std::str::FromStr;

use serde::Deserialize;
use visavis_protocol::MAX_MESSAGE_BYTES;

/// An allowance that fills up again: up to `burst` at once, and on average `per_minute`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How much may be used at once.
    pub burst: u32,
    /// How much comes back in a minute.
    pub per_minute: u32,
}

impl Rate {
    const fn new(burst: u32, per_minute: u32) -> Self {
        Self { burst, per_minute }
    }
}

/// `BURST/PER_MINUTE`, as on the command line.
impl FromStr for Rate {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (burst, per_minute) = text.split_once('/').ok_or(())?;
        Ok(Self {
            burst: burst.parse().map_err(drop)?,
            per_minute: per_minute.parse().map_err(drop)?,
        })
    }
}

/// All limits. The defaults suit a small server: 1,000 people at a time, some of them behind one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// TCP connections in all, those of the site included.
    pub connections: u32,
    /// TCP connections of one address, or WebSockets of one address behind a trusted proxy. An IPv6 network
    /// of 64 bits counts as one address.
    pub connections_per_address: u32,
    /// Rooms in all.
    pub rooms: u32,
    /// Messages of one connection. What exceeds it waits, and so does the sender.
    pub messages: Rate,
    /// Bytes of the messages of one connection. What exceeds it waits, too.
    pub bytes: Rate,
    /// How many messages may have to wait, until half of both budgets is there again, before the sender is
    /// closed.
    pub waits: u32,
    /// Bytes of one sender that may be under way to its receivers. Beyond that, the sender waits.
    pub queue_bytes: u32,
    /// `join` of one connection; the sender is closed beyond it, as by the next limits.
    pub joins: Rate,
    /// `join` of one address, whatever the connection.
    pub joins_per_address: Rate,
    /// People of one address in one lobby. The next one is turned away.
    pub knocks_per_address: u32,
    /// `token` of one connection.
    pub tokens: Rate,
    /// `token` without a seat, of one address. What exceeds it is answered without TURN servers.
    pub tokens_per_address: Rate,
    /// `name` of one connection.
    pub names: Rate,
    /// What only a host may send, of one connection: `door`, `admit`, `refuse`, `remove`, `host`.
    pub commands: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2048,
            connections_per_address: 256,
            rooms: 2048,
            // A person who calls seven others sends each about 20 messages, and candidates: a few hundred in
            // all, 100 kB. After a restart of the relay, seven full mailboxes are 7 * 256 messages at once.
            messages: Rate::new(4_000, 12_000),
            bytes: Rate::new(4 << 20, 30 << 20),
            waits: 4_000,
            queue_bytes: 128 << 10,
            joins: Rate::new(20, 30),
            // All those of one address come back at once after a restart.
            joins_per_address: Rate::new(300, 120),
            // Half of a lobby.
            knocks_per_address: 8,
            tokens: Rate::new(20, 30),
            tokens_per_address: Rate::new(300, 300),
            names: Rate::new(20, 30),
            // A host may let in or send away everybody in a full lobby.
            commands: Rate::new(60, 120),
        }
    }
}

/// What is wrong with a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitProblem {
    /// There is no such limit.
    #[error("the limit {0:?} is unknown; there are {names}", names = Limits::NAMES.join(", "))]
    Unknown(String),
    /// The value is no number, or no rate.
    #[error("{0:?} must be NAME=NUMBER, or for a rate NAME=BURST/PER_MINUTE")]
    Value(String),
    /// Nothing would be possible with this limit.
    #[error("`{0}` must be at least {1}")]
    TooLow(&'static str, u32),
}

impl Limits {
    /// The name of each limit, in the order in which they are documented.
    pub const NAMES: [&str; 14] = [
        "connections",
        "connections_per_address",
        "rooms",
        "messages",
        "bytes",
        "waits",
        "queue_bytes",
        "joins",
        "joins_per_address",
        "knocks_per_address",
        "tokens",
        "tokens_per_address",
        "names",
        "commands",
    ];

    /// Sets one limit, as `rooms=100` or `messages=4000/12000`.
    pub(crate) fn set(&mut self, text: &str) -> Result<(), LimitProblem> {
        let wrong = || LimitProblem::Value(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let number = match name {
            "connections" => &mut self.connections,
            "connections_per_address" => &mut self.connections_per_address,
            "rooms" => &mut self.rooms,
            "knocks_per_address" => &mut self.knocks_per_address,
            "waits" => &mut self.waits,
            "queue_bytes" => &mut self.queue_bytes,
            _ => {
                let rate = self.rate(name)?;
                *rate = value.parse().map_err(|()| wrong())?;
                return Ok(());
            }
        };
        *number = value.parse().map_err(|_| wrong())?;
        Ok(())
    }

    fn rate(&mut self, name: &str) -> Result<&mut Rate, LimitProblem> {
        Ok(match name {
            "messages" => &mut self.messages,
            "bytes" => &mut self.bytes,
            "joins" => &mut self.joins,
            "joins_per_address" => &mut self.joins_per_address,
            "tokens" => &mut self.tokens,
            "tokens_per_address" => &mut self.tokens_per_address,
            "names" => &mut self.names,
            "commands" => &mut self.commands,
            _ => return Err(LimitProblem::Unknown(name.to_owned())),
        })
    }

    /// Checks what types can't.
    pub(crate) fn check(&self) -> Result<(), LimitProblem> {
        let longest = u32::try_from(2 * MAX_MESSAGE_BYTES).unwrap_or(u32::MAX);
        let minima = [
            ("connections", self.connections, 1),
            ("connections_per_address", self.connections_per_address, 1),
            ("rooms", self.rooms, 1),
            ("knocks_per_address", self.knocks_per_address, 1),
            // The longest message must be able to pass.
            ("queue_bytes", self.queue_bytes, longest),
            ("messages", self.messages.burst, 1),
            ("messages", self.messages.per_minute, 1),
            ("bytes", self.bytes.burst, 1),
            ("bytes", self.bytes.per_minute, 1),
            ("joins", self.joins.burst, 1),
            ("joins_per_address", self.joins_per_address.burst, 1),
            ("tokens", self.tokens.burst, 1),
        ];
        match minima.iter().find(|(_, value, least)| value < least) {
            Some((name, _, least)) => Err(LimitProblem::TooLow(name, *least)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_can_be_set_by_its_name() {
        for name in Limits::NAMES {
            let mut limits = Limits::default();
            let set = limits
                .set(&format!("{name}=7"))
                .or_else(|_| limits.set(&format!("{name}=7/9")));
            assert_eq!(set, Ok(()), "{name}");
            assert_ne!(limits, Limits::default(), "{name}");
        }
        let wrong = |text: &str| Limits::default().set(text).unwrap_err().to_string();
        assert!(wrong("rooms").contains("NAME=NUMBER"));
        assert!(wrong("rooms=many").contains("NAME=NUMBER"));
        assert!(wrong("messages=7").contains("BURST/PER_MINUTE"));
        assert!(wrong("people=7").contains("connections_per_address"));
    }

    #[test]
    fn the_manual_lists_every_limit_with_its_default() {
        let manual = include_str!("../../../docs/deploy.md");
        for name in Limits::NAMES {
            let row = format!("| `{name}` | ");
            let default = manual.lines().find_map(|line| line.strip_prefix(&row));
            let default = default.and_then(|rest| rest.split(' ').next());
            let set = format!("{name}={}", default.unwrap_or_default());
            let mut limits = Limits::default();
            limits.set(&set).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(limits, Limits::default(), "{set}");
        }
    }

    #[test]
    fn a_limit_that_lets_nothing_pass_is_refused() {
        assert_eq!(Limits::default().check(), Ok(()));
        for text in [
            "connections=0",
            "rooms=0",
            "queue_bytes=65536",
            "messages=1/0",
            "joins=0/1",
        ] {
            let mut limits = Limits::default();
            limits.set(text).unwrap();
            let error = limits.check().unwrap_err().to_string();
            assert!(error.contains(text.split('=').next().unwrap()), "{error}");
        }
    }
}
