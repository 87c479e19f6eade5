//! Where the rooms meet the sockets: calls the policy, and queues its effects for the connections.
//!
//! Both happen under one lock, and neither waits, so each connection gets its messages in the order in which
//! the policy made them. Who does not even take the relay's own messages is evicted on the spot.

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use visavis_protocol::relay::{ClientMessage, LeaveReason, RelayMessage};

use crate::address::Visit;
use crate::ending::Ending;
use crate::ice::{IceSource, Request};
use crate::limits::Limits;
use crate::metrics::{Metrics, Refusal};
use crate::outbox::{self, Full, Outbox};
use crate::room::{ConnectionId, Effect, Rooms, Time};

/// All rooms and all connections.
#[derive(Debug)]
pub(crate) struct Hub {
    state: Mutex<State>,
    ice: IceSource,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct State {
    rooms: Rooms,
    connections: HashMap<ConnectionId, Outbound>,
    /// How many there have been.
    registered: u64,
    open: bool,
    /// What the rooms' time counts from.
    started: Instant,
    /// When the next kept seat is lost, for [`expire_seats`] to sleep until.
    next_expiry: watch::Sender<Option<Instant>>,
    /// How many people of one address may wait in one lobby.
    knocks_per_address: usize,
    metrics: Arc<Metrics>,
}

/// The hub's end of a connection.
#[derive(Debug)]
struct Outbound {
    queue: Outbox,
    visit: Arc<Visit>,
    end: oneshot::Sender<Ending>,
}

/// A connection's own end. Dropping it hangs up.
#[derive(Debug)]
pub(crate) struct Registration<'a> {
    hub: &'a Hub,
    /// The number of this connection.
    pub(crate) id: ConnectionId,
    /// What the client is to be told, in order.
    pub(crate) queue: outbox::Receiver,
    /// Comes when the hub wants the connection closed.
    pub(crate) end: oneshot::Receiver<Ending>,
    /// Where the client comes from.
    pub(crate) visit: Arc<Visit>,
}

impl Hub {
    /// No connections yet.
    pub(crate) fn new(rooms: Rooms, ice: IceSource, limits: Limits, metrics: Arc<Metrics>) -> Self {
        let state = State {
            rooms,
            connections: HashMap::new(),
            registered: 0,
            open: true,
            started: Instant::now(),
            next_expiry: watch::Sender::new(None),
            knocks_per_address: limits.knocks_per_address as usize,
            metrics: metrics.clone(),
        };
        Self {
            state: Mutex::new(state),
            ice,
            metrics,
        }
    }

    /// A new connection. The first thing in its queue is the welcome. When the relay is about to stop, its
    /// end comes at once.
    pub(crate) fn register(&self, visit: Arc<Visit>) -> Registration<'_> {
        let (queue, receiver) = outbox::outbox();
        queue
            .push(RelayMessage::Welcome, None, Instant::now())
            .expect("a fresh queue has room");
        let (end, ended) = oneshot::channel();
        let mut state = self.lock();
        state.registered += 1;
        let id = ConnectionId(state.registered);
        let outbound = Outbound {
            queue,
            visit: visit.clone(),
            end,
        };
        state.connections.insert(id, outbound);
        if !state.open {
            state.end(id, Ending::Restart);
        }
        drop(state);
        Registration {
            hub: self,
            id,
            queue: receiver,
            end: ended,
            visit,
        }
    }

    /// Ends every connection, now and from now on. Nobody is told that the others left: they will be back.
    pub(crate) fn shut(&self) {
        let mut state = self.lock();
        state.open = false;
        let everybody: Vec<ConnectionId> = state.connections.keys().copied().collect();
        for id in everybody {
            state.end(id, Ending::Restart);
        }
    }

    /// Forgets every connection without a word, as if the program had been killed.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        state.open = false;
        state.connections.clear();
    }

    /// Takes the seats of those who have not come back in time.
    fn expire(&self) {
        let mut state = self.lock();
        let now = state.now();
        let effects = state.rooms.expire(now);
        state.carry_out(effects, None);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in one call must not end everybody's calls.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes each seat whose time has come, for as long as there is a hub. It does not keep the hub.
pub(crate) async fn expire_seats(hub: Weak<Hub>) {
    let Some(mut next_expiry) = hub.upgrade().map(|hub| hub.lock().next_expiry.subscribe()) else {
        return;
    };
    loop {
        let due = *next_expiry.borrow_and_update();
        let due = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => pending().await,
            }
        };
        tokio::select! {
            changed = next_expiry.changed() => {
                // The hub is gone.
                if changed.is_err() {
                    return;
                }
            }
            () = due => {
                let Some(hub) = hub.upgrade() else { return };
                hub.expire();
            }
        }
    }
}

impl Registration<'_> {
    /// Does what the client asks. `credit` is what a message to somebody else holds until it is written.
    pub(crate) fn receive(&self, message: ClientMessage, credit: Option<OwnedSemaphorePermit>) {
        let mut state = self.hub.lock();
        // What an evicted client has sent before it knew is void.
        if !state.connections.contains_key(&self.id) {
            return;
        }
        let effects = match message {
            ClientMessage::Join {
                room,
                secret,
                replaces,
                name,
            } => {
                let mut effects = state.rooms.join(self.id, room, &secret, replaces.as_ref(), name);
                if state.is_one_too_many(self.id, &self.visit) {
                    effects.extend(state.rooms.crowd_out(self.id));
                }
                effects
            }
            ClientMessage::Name { name } => state.rooms.rename(self.id, name),
            ClientMessage::Leave => state.rooms.leave(self.id),
            ClientMessage::Send { to, message } => state.rooms.send(self.id, &to, message),
            ClientMessage::Door { state: door } => state.rooms.set_door(self.id, door),
            ClientMessage::Admit { peer } => state.rooms.admit(self.id, &peer),
            ClientMessage::Refuse { peer } => state.rooms.refuse(self.id, &peer),
            ClientMessage::Remove { peer } => state.rooms.remove(self.id, &peer),
            ClientMessage::Host { peer } => state.rooms.hand_over(self.id, &peer),
            ClientMessage::Token => vec![Effect::Deliver {
                to: self.id,
                message: self.token(state.rooms.is_seated(self.id)),
            }],
        };
        state.carry_out(effects, credit);
    }

    /// The ICE servers for this client.
    fn token(&self, seated: bool) -> RelayMessage {
        let ice = &self.hub.ice;
        if !seated && !self.visit.may_have_token(Instant::now()) {
            self.hub.metrics.refused(Refusal::Token);
            return ice.token_without_turn();
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        ice.token(Request {
            connection: self.id.0,
            now: now.unwrap_or_default().as_secs(),
            seated,
        })
    }

    /// Tells the client something, after what is queued already.
    pub(crate) fn tell(&self, message: RelayMessage) {
        self.hub
            .lock()
            .carry_out(vec![Effect::Deliver { to: self.id, message }], None);
    }

    /// Gives the place back, or leaves the seat to be kept. What is queued can still be taken.
    pub(crate) fn hang_up(&self, reason: LeaveReason) {
        let mut state = self.hub.lock();
        if state.connections.remove(&self.id).is_some() {
            let now = state.now();
            let effects = state.rooms.disconnect(self.id, reason, now);
            state.carry_out(effects, None);
        }
    }
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        // For a task that was aborted; otherwise this is the second time, and does nothing.
        self.hang_up(LeaveReason::Lost);
    }
}

impl State {
    fn now(&self) -> Time {
        Time(0) + self.started.elapsed()
    }

    /// Carries out what the rooms want; to be called after each change of them.
    fn carry_out(&mut self, effects: Vec<Effect>, mut credit: Option<OwnedSemaphorePermit>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Deliver { to, message } => {
                    let Some(connection) = self.connections.get(&to) else {
                        continue;
                    };
                    let credit = match message {
                        RelayMessage::Message { .. } => credit.take(),
                        _ => None,
                    };
                    if let Err(Full) = connection.queue.push(message, credit, Instant::now()) {
                        self.end(to, Ending::TooSlow);
                        let now = self.now();
                        effects.extend(self.rooms.disconnect(to, LeaveReason::Lost, now));
                    }
                }
                Effect::Close { connection, reason } => self.end(connection, Ending::Unseated(reason)),
            }
        }
        self.metrics
            .rooms
            .set(i64::try_from(self.rooms.len()).unwrap_or(i64::MAX));
        let next = self.rooms.next_expiry();
        let next = next.map(|Time(milliseconds)| self.started + Duration::from_millis(milliseconds));
        self.next_expiry
            .send_if_modified(|told| std::mem::replace(told, next) != next);
    }

    /// Whether a connection knocks beside too many others of its address: one alone could fill a lobby.
    fn is_one_too_many(&self, id: ConnectionId, visit: &Visit) -> bool {
        let lobby = self.rooms.lobby_of(id);
        let others = lobby.iter().filter_map(|other| self.connections.get(other));
        let beside = others.filter(|other| other.visit.is_beside(visit)).count();
        beside > self.knocks_per_address
    }

    fn end(&mut self, id: ConnectionId, ending: Ending) {
        if let Some(connection) = self.connections.remove(&id) {
            // The task may be gone, and then needs no telling.
            let _ = connection.end.send(ending);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use tokio::time::timeout;
    use visavis_protocol::id::{RoomId, SeatSecret};
    use visavis_protocol::name::GivenName;

    use super::*;
    use crate::address::Addresses;
    use crate::room::SEAT_KEPT;

    fn hub() -> Hub {
        let metrics = Arc::new(Metrics::new(&Ending::LABELS, &[]));
        let ice = IceSource::new(Vec::new(), None, None);
        Hub::new(Rooms::new(2, SEAT_KEPT), ice, Limits::default(), metrics)
    }

    fn visit() -> Arc<Visit> {
        let addresses = Arc::new(Addresses::new(Limits::default()));
        let visit = addresses.visit(IpAddr::V4(Ipv4Addr::LOCALHOST), Instant::now());
        Arc::new(visit.expect("one is not too many"))
    }

    fn join(secret: &str) -> ClientMessage {
        ClientMessage::Join {
            room: RoomId::new("room").unwrap(),
            secret: SeatSecret::new(secret).unwrap(),
            replaces: None,
            name: GivenName::default(),
        }
    }

    #[test]
    fn whoever_comes_during_the_shutdown_is_told_at_once() {
        let hub = hub();
        let mut early = hub.register(visit());
        assert!(early.end.try_recv().is_err());
        hub.shut();
        assert_eq!(early.end.try_recv(), Ok(Ending::Restart));
        assert_eq!(hub.register(visit()).end.try_recv(), Ok(Ending::Restart));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_takes_the_seats_ends_with_the_hub_and_does_not_keep_it() {
        let hub = Arc::new(hub());
        let task = tokio::spawn(expire_seats(Arc::downgrade(&hub)));
        // It has begun to wait.
        while hub.lock().next_expiry.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
        drop(hub);
        let ended = timeout(Duration::from_secs(10), task).await;
        ended.expect("it ends").expect("it does not panic");
    }

    #[test]
    fn what_an_evicted_client_sent_before_it_knew_is_void() {
        let hub = hub();
        let mut client = hub.register(visit());
        // Nobody writes what is queued.
        for _ in 0..outbox::MOST_OWN_BYTES {
            client.receive(ClientMessage::Token, None);
        }
        assert_eq!(client.end.try_recv(), Ok(Ending::TooSlow));
        client.receive(join("secret"), None);
        assert!(hub.lock().rooms.is_empty(), "a ghost has a seat");
    }
}
