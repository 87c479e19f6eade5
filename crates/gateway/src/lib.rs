//! Plays the relay where the server is another's.
//!
//! visavis speaks to its relay of rooms, people and numbered messages. Servers of other programs know less:
//! some have rooms of two, some pass on everything to everybody, none tells who speaks. A [`Gateway`] stands
//! between: it takes and gives relay messages on one side, and texts for the server's WebSocket on the other.
//!
//! Behind such a server may be
//!
//! - **pages** of visavis (`pages.rs`). They find each other by greetings, and all that they say is
//!   tunnelled: the server passes it on and does not understand it. So calls with them, and sealed rooms, are
//!   as with a relay;
//! - one **guest** (`guest.rs`): a page of another program, which knows nothing but an offer, its
//!   answer, and candidates. The gateway numbers what it says, and leaves out what it can't understand.
//!
//! Like the state machine of calls, it is *sans I/O*: time is an argument.

mod gateway;
mod guest;
mod pages;
mod server;

use std::time::Duration;

use visavis_protocol::dialect::ServerKind;
use visavis_protocol::guest::Guest;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, RelayMessage};

pub use gateway::Gateway;
pub use server::Dialect;

/// Time since some moment, the same for all calls.
pub type Time = Duration;

/// What happens to a gateway.
#[derive(Debug)]
pub enum Input {
    /// The WebSocket is open.
    Opened,
    /// It has brought a text.
    Text(String),
    /// It is closed, or was given up. Another may follow.
    Closed,
    /// We say this to what we take for a relay.
    Client(ClientMessage),
    /// The time of [`Gateway::next_timeout`] has come.
    Timeout,
}

/// What a gateway asks for, or tells.
#[derive(Debug)]
pub enum Output {
    /// The server was reached.
    Reached,
    /// What a relay would say.
    Relay(RelayMessage),
    /// Somebody with another program is here, by this name.
    Guest(PeerId, Guest),
    /// The WebSocket is to take this.
    Send(String),
    /// The server is of another kind, and the WebSocket is to be closed.
    Mistaken(ServerKind),
    /// The server does not answer any more, and the WebSocket is to be closed.
    Dead,
}
