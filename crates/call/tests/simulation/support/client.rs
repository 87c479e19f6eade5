//! One page: a `Call`, and what its browser has.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use visavis_call::{
    Call, CallConfig, CallPhase, CallView, ConnectionId, EndReason, Entropy, IceTransportPolicy, Input, Mark,
    MediaEvent, PersonState, PreConnection, RoomAddress, Route, RouteChoice, Share, Stage, Time, Written,
};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::{PeerId, SeatSecret};
use visavis_protocol::name::PersonName;
use visavis_protocol::relay::PeerText;
use visavis_relay::room::{ConnectionId as SocketId, peer_id};

use super::connection::FakeConnection;

/// A sealed room, as its link names it.
pub(crate) const SEALED: &str = "s/MDEyMzQ1Njc4OWFiY2RlZg";

/// A room, as its link names it.
pub(crate) fn room(name: &str) -> RoomAddress {
    RoomAddress::parse(name).unwrap()
}

/// Which page; the order in which they were added.
pub(crate) type ClientId = usize;

#[derive(Clone)]
pub(crate) struct ClientOptions {
    pub(crate) route: RouteChoice,
    /// As a link names it: [`SEALED`] is one that the relay can't listen in to.
    pub(crate) room: &'static str,
    /// How long what we send takes to the relay, and back.
    pub(crate) up: Duration,
    pub(crate) down: Duration,
    /// How long the relay takes to hand us a token.
    pub(crate) token: Duration,
    /// How long what is said over a data channel takes to us.
    pub(crate) channel: Duration,
    /// By how many milliseconds our clock is ahead of the world's.
    pub(crate) clock: i64,
    /// What we wrote before the page was loaded anew.
    pub(crate) written: Vec<Written>,
    /// How long an operation on a connection takes.
    pub(crate) operation: Duration,
    pub(crate) ice_servers: Vec<IceServer>,
    pub(crate) pre_connection: PreConnection,
    pub(crate) ice_transport_policy: IceTransportPolicy,
    /// Its browser finds and takes all paths, whatever it is asked for.
    pub(crate) lies: bool,
    /// So many bytes does its browser add to each description.
    pub(crate) padding: usize,
    /// It is of a version that knows no safety codes.
    pub(crate) without_codes: bool,
    /// ICE waits for a first candidate, as it does in Chromium. In Firefox it gives up.
    pub(crate) patient: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        let step = Duration::from_millis(20);
        Self {
            route: RouteChoice::Auto,
            room: "test",
            up: step,
            down: step,
            token: step,
            channel: Duration::from_millis(15),
            clock: 0,
            written: Vec::new(),
            operation: Duration::from_millis(10),
            ice_servers: Vec::new(),
            // Tests of what a call needs to come about count connections.
            pre_connection: PreConnection::Nothing,
            ice_transport_policy: IceTransportPolicy::All,
            lies: false,
            padding: 0,
            without_codes: false,
            patient: true,
        }
    }
}

impl ClientOptions {
    /// What its browser makes of a policy.
    pub(crate) fn finds(&self, policy: IceTransportPolicy) -> IceTransportPolicy {
        if self.lies {
            IceTransportPolicy::All
        } else {
            policy
        }
    }
}

/// A page's end of a route.
#[derive(Clone, Copy)]
pub(crate) struct Socket {
    pub(crate) id: SocketId,
    pub(crate) open: bool,
}

pub(crate) struct Client {
    pub(crate) call: Call,
    /// Our name on the relay.
    pub(crate) id: PeerId,
    pub(crate) options: ClientOptions,
    /// Its browser's, if descriptions tell.
    pub(crate) certificate: Option<u8>,
    pub(crate) sockets: [Option<Socket>; 2],
    pub(crate) connections: BTreeMap<(PeerId, ConnectionId), FakeConnection>,
    /// All connections that were ever made; none may be made twice.
    pub(crate) made: BTreeSet<(PeerId, ConnectionId)>,
    /// Which paths each connection was to take, when it was made and whenever it was restarted.
    pub(crate) policies: Vec<IceTransportPolicy>,
    /// How many texts have left the page that tell its address, and how many that tell a TURN server's.
    pub(crate) showed_own: usize,
    pub(crate) showed_turn: usize,
    /// Connections over which the camera may be seen.
    pub(crate) sending: BTreeSet<(PeerId, ConnectionId)>,
    /// What the browser will answer when it is asked for devices; when empty, it grants what is wished.
    pub(crate) answers: VecDeque<MediaEvent>,
    pub(crate) asking_takes: Duration,
    /// The camera's light, so to speak.
    pub(crate) devices_open: bool,
    pub(crate) marks: Vec<Mark>,
    pub(crate) closed: bool,
    /// While the page is frozen, what happens waits here.
    pub(crate) frozen: Option<Vec<(Option<SocketId>, Input)>>,
    /// The sockets that the page knows of: less than there is to know if it is frozen.
    held: [Option<Socket>; 2],
    /// Until then, nothing passes between the page and the relay, and neither is told.
    pub(crate) hole_until: Time,
    pub(crate) alarm: Option<Time>,
    /// When it looks at what connections receive.
    pub(crate) looks: BTreeMap<(PeerId, ConnectionId), Time>,
    /// Attempts to open the relay's socket.
    pub(crate) attempts: Vec<Time>,
    /// All that it has sent to the relay.
    pub(crate) sent_bytes: usize,
    /// When the relay was asked for ICE servers.
    pub(crate) tokens: Vec<Time>,
    /// The ICE servers that connections got later than they were made, without a restart.
    pub(crate) configured: Vec<Time>,
    /// When the credential dies that the newest connection would use for another address, in seconds.
    pub(crate) credential_dies: Option<u64>,
    /// ICE restarts.
    pub(crate) restarts: usize,
    /// What its browser believes that it could send over each connection, in kilobits a second; 0: it does
    /// not tell.
    pub(crate) estimate: u32,
    /// When pictures grew from their small beginnings, or got another share: whose, and which.
    pub(crate) shares: Vec<(Time, PeerId, Share)>,
}

impl Client {
    pub(crate) fn new(number: ClientId, options: ClientOptions) -> Self {
        let secret = SeatSecret::new(format!("secret-{number}")).unwrap();
        let id = peer_id(&secret);
        let config = CallConfig {
            room: room(options.room),
            secret,
            name: PersonName::default(),
            replaces: None,
            written: options.written.clone(),
            route: options.route,
            ice_servers: options.ice_servers.clone(),
            pre_connection: options.pre_connection,
            ice_transport_policy: options.ice_transport_policy,
            seed: number as u64,
            entropy: Entropy([u8::try_from(number % 256).unwrap(); 32]),
        };
        Self {
            call: Call::new(config),
            id,
            options,
            certificate: Some(u8::try_from(number % 256).unwrap()),
            sockets: [None; 2],
            connections: BTreeMap::new(),
            made: BTreeSet::new(),
            policies: Vec::new(),
            showed_own: 0,
            showed_turn: 0,
            sending: BTreeSet::new(),
            answers: VecDeque::new(),
            asking_takes: Duration::from_millis(50),
            devices_open: false,
            marks: Vec::new(),
            closed: false,
            frozen: None,
            held: [None; 2],
            hole_until: Time(0),
            alarm: None,
            looks: BTreeMap::new(),
            attempts: Vec::new(),
            sent_bytes: 0,
            tokens: Vec::new(),
            configured: Vec::new(),
            credential_dies: None,
            restarts: 0,
            estimate: 0,
            shares: Vec::new(),
        }
    }

    /// A text is about to leave the page.
    pub(crate) fn note_shown(&mut self, text: &PeerText) {
        self.showed_own += usize::from(text.0.contains("192.0.2."));
        self.showed_turn += usize::from(text.0.contains("198.51.100."));
    }

    /// A connection gets these.
    pub(crate) fn note_ice_servers(&mut self, ice_servers: &[IceServer]) {
        let username = ice_servers.iter().find_map(|server| server.username.as_deref());
        self.credential_dies = username.and_then(|dies| dies.parse().ok());
    }

    pub(crate) fn socket(&mut self, route: Route) -> &mut Option<Socket> {
        &mut self.sockets[route_index(route)]
    }

    pub(crate) fn held(&mut self, route: Route) -> &mut Option<Socket> {
        &mut self.held[route_index(route)]
    }

    /// What our clock says.
    pub(crate) fn clock(&self, now: Time) -> Time {
        Time(now.0.saturating_add_signed(self.options.clock))
    }

    /// When our call wants to be woken.
    pub(crate) fn next_timeout(&self) -> Option<Time> {
        let due = self.call.next_timeout()?;
        Some(Time(due.0.saturating_add_signed(-self.options.clock)))
    }

    pub(crate) fn view(&self) -> CallView {
        self.call.view()
    }

    pub(crate) fn stage(&self) -> Stage {
        self.view().stage()
    }

    pub(crate) fn is_in_call(&self) -> bool {
        self.stage() == Stage::InCall
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.stage() == Stage::Connecting
    }

    /// The names of those that we are connected with.
    pub(crate) fn connected_with(&self) -> Vec<PeerId> {
        let people = self.view().people.into_iter();
        people
            .filter(|person| person.state == PersonState::Connected)
            .map(|person| person.id)
            .collect()
    }

    /// Why the last call ended; panics if it did not.
    pub(crate) fn end(&self) -> EndReason {
        match self.view().call {
            CallPhase::Ended { reason, .. } => reason,
            other => panic!("the call has not ended: {other:?}"),
        }
    }
}

pub(crate) fn route_index(route: Route) -> usize {
    match route {
        Route::Relay => 0,
        Route::ThisBrowser | Route::ByHand => 1,
    }
}
