//! What speaks with the servers of other programs. It is a chunk: with a relay, it is loaded only to find out
//! what else answers in its place.

use std::pin::Pin;
use std::rc::Rc;

use visavis_protocol::dialect::ServerKind;

use super::fetched::Fetched;
use super::other_server::OtherServer;
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
