//! What a browser does for a page: devices and peer connections.

use std::time::Duration;

use visavis_call::{
    Completion, ConnectionId, ConnectionState, DeviceView, Fingerprints, IceTransportPolicy, Input,
    MediaEvent, MediaOp, Output, Path, PeerEvent, PeerOp, Purpose, Role, SignalingState, Time,
};
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::PeerText;

use super::client::{Client, ClientId};
use super::connection::{FakeConnection, refusal};
use super::description::Sections;
use super::world::{Event, Owner, World, ms};

/// How long ICE takes once both sides can reach each other.
const PATH_FOUND: Duration = Duration::from_millis(60);

/// How long a data channel takes to open on a connection that is up.
const CHANNEL_OPENS: Duration = Duration::from_millis(30);

/// How long a page waits before it looks whether something arrives.
const LOOK: Duration = Duration::from_secs(1);

impl World {
    pub(crate) fn carry_out(&mut self, client: ClientId, output: Output) {
        match output {
            Output::Signaling(route, op) => self.signaling_op(client, route, op),
            Output::Media(op) => self.media_op(client, op),
            Output::Peer(peer, connection_id, op) => self.peer_op(client, peer, connection_id, op),
            Output::Mark(mark) => self.clients[client].marks.push(mark),
        }
    }

    fn media_op(&mut self, client: ClientId, op: MediaOp) {
        let page = &mut self.clients[client];
        match op {
            MediaOp::Open(wish) => {
                let granted = MediaEvent::opened(wish);
                let answer = page.answers.pop_front().unwrap_or(granted);
                let delay = page.asking_takes;
                self.schedule(delay, Event::Input(client, Input::Media(answer)));
            }
            MediaOp::EnableMicrophone(_) => {
                assert!(page.devices_open || page.call.view().seat != visavis_call::SeatView::None)
            }
            MediaOp::Add(device) => {
                let answer = page.answers.pop_front().unwrap_or(MediaEvent::Added(device));
                let delay = page.asking_takes;
                self.schedule(delay, Event::Input(client, Input::Media(answer)));
            }
            MediaOp::Remove(_) => {}
            MediaOp::Close => page.devices_open = false,
        }
    }

    fn sends(&self, client: ClientId) -> Sections {
        match self.clients[client].view().media {
            visavis_call::LocalMediaView::Open {
                camera, microphone, ..
            } => Sections {
                audio: microphone != DeviceView::Absent,
                video: camera != DeviceView::Absent,
            },
            _ => Sections::NONE,
        }
    }

    fn peer_op(&mut self, client: ClientId, peer: PeerId, connection_id: ConnectionId, op: PeerOp) {
        let key = (peer.clone(), connection_id);
        match op {
            PeerOp::Create {
                role,
                purpose,
                policy,
                ice_servers,
            } => {
                self.clients[client].note_ice_servers(&ice_servers);
                assert!(
                    self.clients[client].made.insert(key.clone()),
                    "contract: {key:?} is made twice"
                );
                self.serials += 1;
                self.note_connection(client, &peer, self.serials);
                self.clients[client].policies.push(policy);
                let calls = role == Role::Caller;
                let connection = if purpose == Purpose::Call {
                    self.clients[client].sending.insert(key.clone());
                    FakeConnection::new(self.serials, self.sends(client), calls)
                } else {
                    FakeConnection::pre_connected(self.serials, calls)
                };
                let found = self.clients[client].options.finds(policy);
                let connection = connection
                    .with_patience(self.clients[client].options.patient)
                    .with_policy(found)
                    .with_certificate(self.clients[client].certificate);
                self.clients[client].connections.insert(key, connection);
                self.start_operation(client, peer, connection_id);
            }
            PeerOp::Run(operation) => {
                self.check_description(client, &peer, &operation);
                let connection = self.clients[client].connections.get_mut(&key);
                let connection =
                    connection.unwrap_or_else(|| panic!("contract: {operation:?} on no connection {key:?}"));
                connection.begin(operation);
                self.start_operation(client, peer, connection_id);
            }
            PeerOp::CountBytes => {
                let page = &self.clients[client];
                let received = page.connections[&key].reception(self.sent_until(), page.estimate);
                self.schedule(
                    ms(2),
                    Event::Input(
                        client,
                        Input::Peer(peer, connection_id, PeerEvent::Received(received)),
                    ),
                );
            }
            PeerOp::Watch => {
                // What only stands ready costs nothing.
                assert!(
                    self.clients[client].sending.contains(&key),
                    "contract: {key:?} is watched without a call"
                );
                self.watch(client, key);
            }
            PeerOp::Configure { ice_servers, policy } => {
                let page = &mut self.clients[client];
                page.note_ice_servers(&ice_servers);
                page.configured.push(self.now);
                let found = page.options.finds(policy);
                let connection = &page.connections[&key];
                assert_eq!(connection.policy, found, "contract: that needs a restart");
            }
            PeerOp::RestartIce { ice_servers, policy } => {
                self.clients[client].note_ice_servers(&ice_servers);
                self.clients[client].policies.push(policy);
                let found = self.clients[client].options.finds(policy);
                let connection = self.clients[client].connections.get_mut(&key);
                let connection =
                    connection.unwrap_or_else(|| panic!("contract: a restart of no connection {key:?}"));
                connection.policy = found;
                connection.restart_ice();
                self.clients[client].restarts += 1;
                self.update_negotiation_needed(client, &peer, connection_id);
            }
            PeerOp::FindPath => {
                let connection = self.clients[client].connections.get(&key);
                let connection = connection.unwrap_or_else(|| panic!("contract: no connection {key:?}"));
                let path = match connection.policy {
                    IceTransportPolicy::All => Path::Direct,
                    IceTransportPolicy::Relay => Path::Relayed,
                };
                let path = PeerEvent::Path(Some(path), Fingerprints::default());
                self.schedule(
                    ms(2),
                    Event::Input(client, Input::Peer(peer, connection_id, path)),
                );
            }
            PeerOp::SendShare(share) => {
                assert!(
                    self.clients[client].connections.contains_key(&key),
                    "contract: no connection {key:?}"
                );
                let now = self.now;
                self.clients[client].shares.push((now, peer.clone(), share));
            }
            PeerOp::Send => {
                let first = self.clients[client].sending.insert(key.clone());
                assert!(first, "contract: {key:?} sends already");
                let sends = self.sends(client);
                let connection = self.clients[client].connections.get_mut(&key);
                let connection = connection.unwrap_or_else(|| panic!("contract: no connection {key:?}"));
                // Without transceivers, tracks are added.
                if connection.local.is_none() {
                    connection.send(sends);
                    self.update_negotiation_needed(client, &peer, connection_id);
                }
            }
            PeerOp::Say(text) => {
                self.clients[client].note_shown(&text);
                self.say(client, &key, text);
            }
            PeerOp::Close { .. } => {
                assert!(
                    self.clients[client].made.contains(&key),
                    "contract: {key:?} is closed, and was never made"
                );
                self.clients[client].sending.remove(&key);
                let closed = self.clients[client].connections.remove(&key);
                assert!(closed.is_some(), "contract: {key:?} is closed twice");
            }
        }
    }

    fn sent_until(&self) -> Time {
        self.nothing_sent_since.unwrap_or(self.now)
    }

    /// Asking again before the look puts it off.
    fn watch(&mut self, client: ClientId, key: (PeerId, ConnectionId)) {
        let at = self.now + LOOK;
        self.clients[client].looks.insert(key.clone(), at);
        self.schedule_at(at, Event::Look(client, key));
    }

    /// The statistics are asked.
    pub(crate) fn look(&mut self, client: ClientId, key: &(PeerId, ConnectionId)) {
        let sent_until = self.sent_until();
        let page = &mut self.clients[client];
        if page.looks.get(key) != Some(&self.now) {
            return;
        }
        page.looks.remove(key);
        if let Some(connection) = page.connections.get(key) {
            let received = PeerEvent::Received(connection.reception(sent_until, page.estimate));
            self.input(client, Input::Peer(key.0.clone(), key.1, received));
        }
    }

    /// A message over the data channel. Over a path that is cut, nothing arrives.
    fn say(&mut self, client: ClientId, key: &(PeerId, ConnectionId), text: PeerText) {
        let Some(connection) = self.clients[client].connections.get(key) else {
            panic!("contract: something is said over no connection {key:?}");
        };
        let is_step = ["no-code", "commit", "reveal"]
            .iter()
            .any(|step| text.0.contains(&format!("\"type\":\"{step}\"")));
        let is_step_without = |client: &Client| is_step && client.options.without_codes;
        if is_step_without(&self.clients[client]) {
            return;
        }
        let from = self.clients[client].id.clone();
        let heard = self
            .connections()
            .into_iter()
            .find_map(|(owner, other)| match owner {
                Owner::Client(id) if id != client && connection.matches(other) => Some((id, other.serial)),
                _ => None,
            });
        let Some((other, serial)) =
            heard.filter(|(id, _)| self.has_path(Owner::Client(client), Owner::Client(*id)))
        else {
            return;
        };
        if is_step_without(&self.clients[other]) {
            return;
        }
        let connection_id = self.clients[other]
            .connections
            .iter()
            .find(|((id, _), connection)| *id == from && connection.serial == serial)
            .map(|((_, connection_id), _)| *connection_id);
        if let Some(connection_id) = connection_id {
            let said = PeerEvent::Said(text);
            self.schedule(
                self.clients[other].options.channel,
                Event::Input(other, Input::Peer(from, connection_id, said)),
            );
        }
    }

    fn start_operation(&mut self, client: ClientId, peer: PeerId, connection_id: ConnectionId) {
        self.operations += 1;
        let fails = self.options.failing_operations.contains(&self.operations);
        let delay = self.clients[client].options.operation;
        self.schedule(
            delay,
            Event::OperationEnds {
                client,
                peer,
                connection_id,
                fails,
            },
        );
    }

    pub(crate) fn operation_ends(
        &mut self,
        client: ClientId,
        peer: &PeerId,
        connection_id: ConnectionId,
        fails: bool,
    ) {
        let key = (peer.clone(), connection_id);
        let Some(connection) = self.clients[client].connections.get_mut(&key) else {
            // The connection was closed meanwhile; a driver may still report how the operation ended.
            let result = Err(refusal("InvalidStateError"));
            let done = PeerEvent::Done {
                signaling: SignalingState::Closed,
                result,
            };
            self.input(client, Input::Peer(peer.clone(), connection_id, done));
            return;
        };
        if !connection.is_busy() {
            // It was being made.
            let result = if fails {
                Err(refusal("NotSupportedError"))
            } else {
                Ok(Completion::Done)
            };
            let done = PeerEvent::Done {
                signaling: connection.state,
                result,
            };
            self.input(client, Input::Peer(peer.clone(), connection_id, done));
            self.update_negotiation_needed(client, peer, connection_id);
            return;
        }
        let serial = connection.serial;
        let mut ended = connection.end(fails);
        if let Ok(Completion::LocalDescription { sdp, .. }) = &mut ended.result {
            *sdp += &"x".repeat(self.clients[client].options.padding);
        }
        let connection = &self.clients[client].connections[&key];
        let (signaling, policy) = (connection.state, connection.policy);
        if let (Err(error), false) = (&ended.result, fails) {
            self.refusals
                .push(format!("client {client}, connection {serial}: {}", error.name));
        }
        if let Some(ufrag) = ended.gather.filter(|_| !self.gather_nothing.contains(&serial)) {
            let mut found = candidates(serial, &ufrag, self.options.gathering.len());
            let relayed = found.iter().map(through_turn).collect::<Vec<_>>();
            if policy == IceTransportPolicy::Relay {
                found = relayed;
            } else if self.clients[client].options.lies {
                found = found.into_iter().zip(relayed).flat_map(<[_; 2]>::from).collect();
            }
            for (number, candidate) in found.into_iter().enumerate() {
                let last = self.options.gathering.last().copied().unwrap_or_default() + ms(20);
                let delay = self.options.gathering.get(number).copied().unwrap_or(last);
                let event = PeerEvent::Candidate(candidate);
                self.schedule(
                    delay,
                    Event::Input(client, Input::Peer(peer.clone(), connection_id, event)),
                );
            }
        }
        let done = PeerEvent::Done {
            signaling,
            result: ended.result,
        };
        self.input(client, Input::Peer(peer.clone(), connection_id, done));
        self.update_negotiation_needed(client, peer, connection_id);
    }

    fn update_negotiation_needed(&mut self, client: ClientId, peer: &PeerId, connection_id: ConnectionId) {
        let connection = self.clients[client]
            .connections
            .get_mut(&(peer.clone(), connection_id));
        if connection.is_some_and(FakeConnection::update_negotiation_needed) {
            self.schedule(
                ms(0),
                Event::NegotiationTask {
                    client,
                    peer: peer.clone(),
                    connection_id,
                },
            );
        }
    }

    /// A page's connections find new paths, as if somebody else wanted that.
    pub(crate) fn restart_ice(&mut self, client: ClientId) {
        let policy = self.clients[client].policies.last().copied().unwrap_or_default();
        let keys: Vec<_> = self.clients[client].connections.keys().cloned().collect();
        for (peer, connection_id) in keys {
            self.peer_op(
                client,
                peer,
                connection_id,
                PeerOp::RestartIce {
                    ice_servers: Vec::new(),
                    policy,
                },
            );
        }
    }

    pub(crate) fn negotiation_task(&mut self, client: ClientId, peer: &PeerId, connection_id: ConnectionId) {
        let connection = self.clients[client]
            .connections
            .get_mut(&(peer.clone(), connection_id));
        if connection.is_some_and(FakeConnection::fire_negotiation_needed) {
            self.input(
                client,
                Input::Peer(peer.clone(), connection_id, PeerEvent::NegotiationNeeded),
            );
        }
    }

    fn is_dead(&self, connection: &FakeConnection) -> bool {
        let local = connection.local.as_ref();
        self.dead_connections.contains(&connection.serial)
            || local.is_some_and(|local| self.dead_generations.contains(&local.ufrag))
    }

    fn has_path(&self, one: Owner, other: Owner) -> bool {
        !self.cut_paths.contains(&(one, other)) && !self.cut_paths.contains(&(other, one))
    }

    /// Every connection, with whose it is.
    fn connections(&self) -> Vec<(Owner, &FakeConnection)> {
        let pages = self.clients.iter().enumerate();
        let real =
            pages.flat_map(|(id, page)| page.connections.values().map(move |one| (Owner::Client(id), one)));
        let naive = self.naive.iter().filter_map(|naive| naive.connection.as_ref());
        real.chain(naive.map(|one| (Owner::Naive, one))).collect()
    }

    /// Brings the states of all connections up to date.
    pub(crate) fn check_ice(&mut self) {
        let all = self.connections();
        let mut matched = Vec::new();
        for (owner, one) in &all {
            let pair = |(whose, other): &&(Owner, &FakeConnection)| {
                whose != owner
                    && one.matches(other)
                    && self.has_path(*owner, *whose)
                    && !self.is_dead(one)
                    && !self.is_dead(other)
            };
            if all.iter().any(|other| pair(&other)) {
                matched.push(one.serial);
            }
        }
        let mut news: Vec<(ClientId, PeerId, ConnectionId, ConnectionState, bool)> = Vec::new();
        let mut again: Vec<Time> = Vec::new();
        for (id, page) in self.clients.iter_mut().enumerate() {
            for ((peer, connection_id), connection) in &mut page.connections {
                let is_matched = matched.contains(&connection.serial);
                let (changed, look_at) = connection.check_ice(self.now, is_matched, PATH_FOUND);
                again.extend(look_at.filter(|time| *time > self.now));
                if changed {
                    news.push((
                        id,
                        peer.clone(),
                        *connection_id,
                        connection.ice,
                        connection.receives_video(),
                    ));
                }
            }
        }
        if let Some(naive) = &mut self.naive
            && let Some(connection) = &mut naive.connection
        {
            let is_matched = matched.contains(&connection.serial);
            again.extend(connection.check_ice(self.now, is_matched, PATH_FOUND).1);
        }
        for time in again {
            self.look_again(time);
        }
        for (client, peer, connection_id, state, video) in news {
            let event = PeerEvent::ConnectionState(state);
            self.schedule(
                ms(0),
                Event::Input(client, Input::Peer(peer.clone(), connection_id, event)),
            );
            if state == ConnectionState::Connected {
                let open = Input::Peer(peer.clone(), connection_id, PeerEvent::ChannelOpen);
                self.schedule(CHANNEL_OPENS, Event::Input(client, open));
                let event = PeerEvent::RemoteVideo(video);
                self.schedule(
                    ms(0),
                    Event::Input(client, Input::Peer(peer, connection_id, event)),
                );
            }
        }
    }
}

/// The same candidate, of a TURN server. Some browsers say what is behind it.
fn through_turn(candidate: &IceCandidate) -> IceCandidate {
    let mut relayed = candidate.clone();
    if let Some(end) = relayed.candidate.find(" 192.0.2.") {
        relayed.candidate.truncate(end);
        relayed.candidate += " 198.51.100.1 9 typ relay raddr 192.0.2.1 rport 54400";
    }
    relayed
}

/// The candidates of a connection_id, and their end.
pub(crate) fn candidates(serial: u32, ufrag: &str, count: usize) -> Vec<IceCandidate> {
    let attributes =
        (1..=count).map(|number| format!("candidate:{serial} 1 udp {number} 192.0.2.{serial} 9 typ host"));
    let attributes = attributes.chain(std::iter::once(String::new()));
    let candidate = |candidate| IceCandidate {
        candidate,
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: Some(ufrag.to_owned()),
    };
    attributes.map(candidate).collect()
}
