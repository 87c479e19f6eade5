//! The server of another program.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use visavis_gateway::Dialect;
use visavis_protocol::id::RoomId;

/// A server of this kind, at an address that may be relative to the page.
#[derive(Clone)]
pub struct OtherServer {
    pub(super) dialect: Dialect,
    pub(super) address: String,
    /// The room of those who name none.
    pub(super) commons: RoomId,
    /// The gateway, which outlives its sockets as calls do.
    pub(super) gateway: Rc<RefCell<Option<Box<dyn Any>>>>,
}

impl OtherServer {
    /// The server of this kind at this address, where those meet in `commons` who name no room.
    #[must_use]
    pub fn new(dialect: Dialect, address: impl Into<String>, commons: RoomId) -> Self {
        Self {
            dialect,
            address: address.into(),
            commons,
            gateway: Rc::default(),
        }
    }

    /// The address of its WebSocket.
    pub(super) fn endpoint(&self) -> String {
        self.dialect.endpoint(&self.address)
    }
}

impl std::fmt::Debug for OtherServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OtherServer")
    }
}
