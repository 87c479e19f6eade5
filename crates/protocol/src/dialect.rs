//! How messages become text. Each format that visavis can speak is one module here: those of its own, and
//! those of other servers and pages.

pub mod broadcast;
pub mod native;
pub mod plain;
pub mod signal;
pub mod socket_io;
pub mod tabs;

/// What a server turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerKind {
    /// A relay of visavis.
    Visavis,
    /// A Socket.IO server.
    SocketIo,
    /// One that passes on what pages of [`broadcast`] say.
    Broadcast,
    /// One that passes on what pages of [`plain`] say.
    Plain,
    /// One that takes a WebSocket and says nothing: for either of these two.
    Silent,
}

impl ServerKind {
    /// What kind of server sends a text like this, if one is known for it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if native::decode_relay(text).is_ok() {
            Some(Self::Visavis)
        } else if socket_io::is_greeting(text) {
            Some(Self::SocketIo)
        } else if broadcast::decode_signal(text).is_some() {
            Some(Self::Broadcast)
        } else if plain::decode_signal(text).is_some() {
            Some(Self::Plain)
        } else {
            None
        }
    }
}
