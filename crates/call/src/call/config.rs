//! What a call is made with.

use visavis_protocol::ice::IceServer;
use visavis_protocol::id::SeatSecret;
use visavis_protocol::name::PersonName;
use visavis_sealing::RoomAddress;

use crate::event::{IceTransportPolicy, PreConnection, RouteChoice};
use crate::safety::Entropy;
use crate::view::Written;

/// What a call is made with.
#[derive(Debug, Clone)]
pub struct CallConfig {
    /// The room to enter.
    pub room: RoomAddress,
    /// Who we are, to the relay.
    pub secret: SeatSecret,
    /// What we are called.
    pub name: PersonName,
    /// Who we were before the page was loaded anew: that seat is given up for ours.
    pub replaces: Option<SeatSecret>,
    /// What we had written in this room then. The others have it already.
    pub written: Vec<Written>,
    /// Which ways to the others may be used.
    pub route: RouteChoice,
    /// The site's own ICE servers.
    pub ice_servers: Vec<IceServer>,
    /// Which connections are made before a call.
    pub pre_connection: PreConnection,
    /// Which paths connections may take, before a call and in one.
    pub ice_transport_policy: IceTransportPolicy,
    /// Spreads retries, and tells messages of the same moment apart; any number that differs from page to
    /// page.
    pub seed: u64,
    /// What nobody can guess; see [`Entropy`].
    pub entropy: Entropy,
}
