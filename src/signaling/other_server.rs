//! The server of another program. What speaks with it is a chunk: with a relay, it is loaded only to find out
//! what else answers in its place.

use std::any::Any;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use visavis_gateway::Dialect;
use visavis_protocol::dialect::ServerKind;
use visavis_protocol::id::RoomId;

use super::fetched::Fetched;
use super::{Connection, Connector, Sink, gateway_socket};
use crate::chunk::chunk;

/// What speaks with other servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Servers {
    /// Opens a connection through a gateway.
    open: fn(OtherServer, Sink) -> Box<dyn Connection>,
    /// Finds out what kind of server is at an address.
    identify: fn(String) -> Identified,
}

/// What kind of server there is, once it is known.
type Identified = Pin<Box<dyn Future<Output = Option<ServerKind>>>>;

chunk!(
    /// How pages speak with the servers of other programs.
    fn servers: servers -> Servers = Servers {
        open: gateway_socket::open,
        identify: |address| Box::pin(gateway_socket::identify(address)),
    }
);

/// What kind of server is at this address, if it can be told.
pub(super) async fn identify(address: &str) -> Option<ServerKind> {
    let Servers { identify, .. } = servers().await.ok()?;
    identify(address.to_owned()).await
}

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

impl Connector for OtherServer {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        let server = self.clone();
        Fetched::connection(move || {
            let (server, sink) = (server.clone(), Rc::clone(&sink));
            Box::pin(async move {
                let Servers { open, .. } = servers().await?;
                Ok(Box::new(move || open(server, sink)) as _)
            })
        })
    }
}
