//! The ways to the other side. Each carries relay messages, and knows nothing of calls.

use std::rc::Rc;

use visavis_call::SignalingEvent;
use visavis_protocol::relay::ClientMessage;

mod attempt;
pub mod by_hand;
mod fetched;
mod gateway_socket;
mod no_relay;
mod other_server;
mod relay_socket;
mod servers;
mod this_browser;

pub use no_relay::ThisBrowser;
pub use other_server::OtherServer;
pub(crate) use relay_socket::DEFAULT_RELAY;
pub use relay_socket::RelaySocket;

/// Where the events of a connection go. It must only enqueue.
pub type Sink = Rc<dyn Fn(SignalingEvent)>;

/// A way to the other side.
pub trait Connector {
    /// Starts to open a connection. The sink hears [`SignalingEvent::Opened`] or [`SignalingEvent::Closed`].
    fn open(&self, sink: Sink) -> Box<dyn Connection>;
}

/// An open connection, or one that is being opened. Dropped, it is closed, and the sink hears no more.
pub trait Connection {
    /// Sends a message. One that can't be sent is lost; the sink hears [`SignalingEvent::Closed`] then.
    fn send(&self, message: ClientMessage);

    /// Closes it, and lets the other end know that this is no goodbye.
    fn abandon(self: Box<Self>) {}
}
