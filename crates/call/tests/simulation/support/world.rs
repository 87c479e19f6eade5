//! The clock, the queue of events, and what a test says to the world.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use visavis_call::{
    Command, ConnectionId, Input, MediaEvent, MediaWish, PreConnection, Route, SignalingEvent, Time,
};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, LeaveReason, PeerText, RelayMessage};
use visavis_relay::room::ConnectionId as SocketId;

use super::client::{Client, ClientId, ClientOptions};
use super::hub::{Hub, HubState, Wire};
use super::liar::Liar;
use super::naive::NaiveAnswerer;
use super::random::Random;

/// More events than this without an end mean that something goes round in circles.
const MOST_EVENTS: usize = 500_000;

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What the network does to peer messages, in percent. Nothing by default: WebSockets are ordered and
/// reliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Faults {
    pub(crate) loss: u64,
    pub(crate) duplicates: u64,
    pub(crate) reordering: u64,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// How many people a room holds.
    pub(crate) capacity: usize,
    pub(crate) relay: HubState,
    /// What tokens hold.
    pub(crate) ice_servers: Vec<IceServer>,
    /// For how many seconds they are good. The relay writes into those of TURN when they die, as coturn wants
    /// it.
    pub(crate) token_seconds: u32,
    pub(crate) faults: Faults,
    /// Added by chance to each way of each message, at most; order is kept.
    pub(crate) jitter: Duration,
    /// The operation on a connection, counted from 1 over all pages, that the browser refuses.
    pub(crate) failing_operations: Range<usize>,
    /// When candidates are found after the local description is set.
    pub(crate) gathering: Vec<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            capacity: 2,
            relay: HubState::Up,
            ice_servers: Vec::new(),
            token_seconds: 600,
            faults: Faults::default(),
            jitter: Duration::ZERO,
            failing_operations: 0..0,
            gathering: vec![ms(5), ms(30), ms(100)],
        }
    }
}

/// Who holds the other end of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Client(ClientId),
    Naive,
}

pub(crate) enum Event {
    /// Something happens in a page.
    Input(ClientId, Input),
    Alarm(ClientId),
    /// A page looks at what a connection has received.
    Look(ClientId, (PeerId, ConnectionId)),
    OperationEnds {
        client: ClientId,
        peer: PeerId,
        connection_id: ConnectionId,
        fails: bool,
    },
    NegotiationTask {
        client: ClientId,
        peer: PeerId,
        connection_id: ConnectionId,
    },
    Ice,
    /// A socket was opened, or not.
    SocketAnswers(SocketId),
    /// A page learns that its socket is closed.
    SocketCloses(SocketId),
    /// The hub learns that a socket is closed.
    HubLoses(SocketId, LeaveReason),
    AtHub(SocketId, ClientMessage),
    FromHub(SocketId, RelayMessage),
    HubChanges(Route, HubState),
    /// It is time for the relay's ping on a socket.
    HubPings(SocketId),
    /// The hub looks for seats that were kept for too long.
    SeatsExpire(Route),
    NaiveToken,
    NaiveCandidate(usize),
    /// What a test has planned.
    Deed(Deed),
}

pub(crate) type Deed = Box<dyn FnOnce(&mut World)>;

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) options: Options,
    pub(crate) clients: Vec<Client>,
    pub(crate) naive: Option<NaiveAnswerer>,
    pub(crate) hubs: [Hub; 2],
    pub(crate) wires: BTreeMap<SocketId, Wire>,
    pub(crate) random: Random,
    /// What the relay does besides.
    pub(crate) liar: Option<Liar>,
    /// What browsers refused, other than the failures that a test asked for.
    pub(crate) refusals: Vec<String>,
    pub(crate) operations: usize,
    /// Pairs of pages between which media does not flow.
    pub(crate) cut_paths: Vec<(Owner, Owner)>,
    /// ICE generations that reach nobody any more: their page has another address.
    pub(crate) dead_generations: BTreeSet<String>,
    /// Connections that no ICE restart can mend.
    pub(crate) dead_connections: BTreeSet<u32>,
    /// Connections are up, and nobody sends anything over them.
    pub(crate) nothing_sent_since: Option<Time>,
    /// Connections that find no candidates, nor their end.
    pub(crate) gather_nothing: BTreeSet<u32>,
    pub(crate) serials: u32,
    queue: BTreeMap<(Time, u64), Event>,
    looks: BTreeSet<Time>,
    scheduled: u64,
    trace: bool,
    /// The page whose peer messages are recorded, and what was said to it.
    recording: Option<(ClientId, Vec<PeerText>)>,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            now: Time(1_700_000_000_000),
            clients: Vec::new(),
            naive: None,
            hubs: [Hub::relay(options.relay, options.capacity), Hub::this_browser()],
            wires: BTreeMap::new(),
            random: Random::new(options.seed),
            liar: None,
            refusals: Vec::new(),
            operations: 0,
            cut_paths: Vec::new(),
            dead_generations: BTreeSet::new(),
            dead_connections: BTreeSet::new(),
            nothing_sent_since: None,
            gather_nothing: BTreeSet::new(),
            serials: 0,
            queue: BTreeMap::new(),
            looks: BTreeSet::new(),
            scheduled: 0,
            trace: std::env::var_os("VISAVIS_TRACE").is_some(),
            recording: None,
            options,
        }
    }

    /// A world with so many people, who have all entered the room.
    pub(crate) fn with_people(count: usize, options: Options) -> Self {
        let mut world = Self::new(options);
        for _ in 0..count {
            world.join(ClientOptions::default());
        }
        world.run_for(seconds(1));
        world
    }

    /// A room that so many people fill, who want to be pre-connected like this.
    pub(crate) fn room_of(people: usize, pre_connection: PreConnection) -> Self {
        let mut world = Self::new(Options {
            capacity: people,
            ..Options::default()
        });
        for _ in 0..people {
            world.join(ClientOptions {
                pre_connection,
                ..ClientOptions::default()
            });
        }
        world.run_for(seconds(2));
        world
    }

    /// A room that so many people fill, in which the first of them are in a call.
    pub(crate) fn call_of(people: usize, in_call: usize) -> Self {
        let mut world = Self::room_of(people, PreConnection::On);
        world.command(0, Command::Call);
        world.run_for(seconds(1));
        // To one who is alone with us, the browser answers.
        for client in (1..in_call).filter(|_| people > 2) {
            world.answer(client);
        }
        world.run_for(seconds(2));
        world
    }

    /// Two people in a room of two.
    pub(crate) fn pair() -> Self {
        Self::with_people(2, Options::default())
    }

    /// Opens a page that has not asked for anything yet.
    pub(crate) fn add(&mut self, options: ClientOptions) -> ClientId {
        let number = self.clients.len();
        self.clients.push(Client::new(number, options));
        number
    }

    /// Opens a page, and camera and microphone.
    pub(crate) fn join(&mut self, options: ClientOptions) -> ClientId {
        let client = self.add(options);
        self.command(client, Command::GetMedia(MediaWish::CameraAndMicrophone));
        client
    }

    /// A person does something now.
    pub(crate) fn command(&mut self, client: ClientId, command: Command) {
        self.input(client, Input::Command(command));
    }

    /// A person will do something.
    pub(crate) fn command_in(&mut self, delay: Duration, client: ClientId, command: Command) {
        self.schedule(delay, Event::Input(client, Input::Command(command)));
    }

    /// Hands a relay message to a page as if its socket had brought it.
    pub(crate) fn say_to(&mut self, client: ClientId, message: RelayMessage) {
        self.input(
            client,
            Input::Signaling(Route::Relay, SignalingEvent::Message(message)),
        );
    }

    pub(crate) fn schedule(&mut self, delay: Duration, event: Event) {
        self.schedule_at(self.now + delay, event);
    }

    /// Looks at the connections' states at this time; asking twice is the same as asking once.
    pub(crate) fn look_again(&mut self, time: Time) {
        if self.looks.insert(time) {
            self.schedule_at(time, Event::Ice);
        }
    }

    pub(crate) fn schedule_at(&mut self, time: Time, event: Event) {
        self.scheduled += 1;
        self.queue.insert((time.max(self.now), self.scheduled), event);
    }

    /// Lets the next thing happen, if it does until then.
    fn step(&mut self, until: Time) -> bool {
        let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until) else {
            return false;
        };
        let ((time, _), event) = entry.remove_entry();
        self.now = time;
        self.happen(event);
        true
    }

    pub(crate) fn run_for(&mut self, duration: Duration) {
        let until = self.now + duration;
        for _ in 0..MOST_EVENTS {
            if !self.step(until) {
                self.now = until;
                return;
            }
        }
        panic!("the world does not come to rest");
    }

    /// Lets time pass until the condition holds; says whether it did in time.
    #[must_use]
    pub(crate) fn run_until(&mut self, limit: Duration, condition: impl Fn(&Self) -> bool) -> bool {
        let until = self.now + limit;
        for _ in 0..MOST_EVENTS {
            if condition(self) {
                return true;
            }
            if !self.step(until) {
                self.now = until;
                return condition(self);
            }
        }
        panic!("the world does not come to rest");
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Input(client, input) => self.input(client, input),
            Event::Alarm(client) => self.alarm(client),
            Event::Look(client, key) => self.look(client, &key),
            Event::OperationEnds {
                client,
                peer,
                connection_id,
                fails,
            } => {
                self.operation_ends(client, &peer, connection_id, fails);
            }
            Event::NegotiationTask {
                client,
                peer,
                connection_id,
            } => self.negotiation_task(client, &peer, connection_id),
            Event::Ice => {}
            Event::SocketAnswers(socket) => self.socket_answers(socket),
            Event::SocketCloses(socket) => self.socket_closes(socket),
            Event::HubLoses(socket, reason) => self.hub_loses(socket, reason),
            Event::AtHub(socket, message) => self.at_hub(socket, message),
            Event::FromHub(socket, message) => self.hub_says(socket, message),
            Event::HubChanges(route, state) => self.set_hub(route, state),
            Event::HubPings(socket) => self.hub_pings(socket),
            Event::SeatsExpire(route) => self.seats_expire(route),
            Event::NaiveToken => self.naive_token(),
            Event::NaiveCandidate(number) => self.naive_candidate(number),
            Event::Deed(deed) => deed(self),
        }
        self.check_ice();
    }

    /// Hands something to a page, and carries out all that it wants.
    pub(crate) fn input(&mut self, client: ClientId, input: Input) {
        let page = &mut self.clients[client];
        if page.closed {
            return;
        }
        if let Some(waiting) = &mut page.frozen {
            waiting.push((None, input));
            return;
        }
        if self.trace {
            println!("{:>7} {client} ← {input:?}", self.now.0 % 10_000_000);
        }
        if let Input::Signaling(_, SignalingEvent::Message(RelayMessage::Message { message, .. })) = &input
            && let Some((who, heard)) = &mut self.recording
            && *who == client
        {
            heard.push(message.clone());
        }
        page.devices_open |= matches!(input, Input::Media(MediaEvent::Opened { .. }));
        page.call.handle(page.clock(self.now), input);
        while let Some(output) = self.clients[client].call.poll_output() {
            if self.trace {
                println!("{:>7} {client}   → {output:?}", self.now.0 % 10_000_000);
            }
            self.carry_out(client, output);
        }
        let page = &self.clients[client];
        assert!(
            page.sending.is_empty() || page.is_connecting() || page.is_in_call(),
            "{client} can be seen without a call: {:?}",
            page.stage()
        );
        let next = self.clients[client].next_timeout();
        if next != self.clients[client].alarm {
            self.clients[client].alarm = next;
            if let Some(time) = next {
                self.schedule_at(time, Event::Alarm(client));
            }
        }
    }

    pub(super) fn alarm(&mut self, client: ClientId) {
        let page = &mut self.clients[client];
        if page.frozen.is_none() && page.next_timeout().is_some_and(|time| time <= self.now) {
            page.alarm = None;
            self.input(client, Input::Timeout);
        }
    }

    /// From now on, notes what a page is told by others.
    pub(crate) fn record_messages_to(&mut self, client: ClientId) {
        self.recording = Some((client, Vec::new()));
    }

    /// What was noted.
    pub(crate) fn recorded(&mut self) -> Vec<PeerText> {
        let (_, heard) = self.recording.take().expect("something is recorded");
        heard
    }
}
