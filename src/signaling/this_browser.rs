//! Tabs of the same browser, without any server: messages over a `BroadcastChannel`, and the relay's rules
//! for rooms by Web Locks.
//!
//! A seat is a lock, so a room holds as many as there are seats, and who waits gets in when one is free. A
//! person is a lock too: a tab that gets hold of it knows that the person is gone, even if their tab crashed.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::future::select_all;
use gloo_events::EventListener;
use visavis_call::SignalingEvent;
use visavis_protocol::dialect::tabs::{TabMessage, decode_tab, encode_tab};
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, LeaveReason, RelayMessage};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal};

use super::{Connection, Sink};
use crate::browser::broadcast::Broadcast;
use crate::browser::locks::{self, Lock, Patience};
use crate::browser::page;

/// How many tabs a room holds, as in the relay's default.
const CAPACITY: u32 = 8;

/// Opens the route to the other tabs.
pub(super) fn open(sink: Sink) -> Box<dyn Connection> {
    sink(SignalingEvent::Opened);
    Box::new(Tab {
        sink,
        visit: RefCell::new(None),
    })
}

/// This tab.
struct Tab {
    sink: Sink,
    visit: RefCell<Option<Visit>>,
}

impl Connection for Tab {
    fn send(&self, message: ClientMessage) {
        match message {
            ClientMessage::Join { room, .. } => {
                self.visit.replace(Visit::start(room, Rc::clone(&self.sink)));
            }
            ClientMessage::Leave => drop(self.visit.take()),
            ClientMessage::Send { to, message } => {
                if let Some(seat) = self.visit.borrow().as_ref().and_then(Visit::seat) {
                    seat.post(&TabMessage::Message {
                        from: seat.us.clone(),
                        to,
                        message,
                    });
                }
            }
            ClientMessage::Token => {
                let token = RelayMessage::Token {
                    ice_servers: Vec::new(),
                    expires_in: None,
                };
                (self.sink)(SignalingEvent::Message(token));
            }
            // Nobody is host here: tabs of one browser belong to one person.
            ClientMessage::Name { .. }
            | ClientMessage::Door { .. }
            | ClientMessage::Admit { .. }
            | ClientMessage::Refuse { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Host { .. } => {}
        }
    }
}

/// From joining to leaving.
struct Visit {
    seat: Rc<RefCell<Option<Rc<Seat>>>>,
    answer: Rc<Answer>,
    /// Withdraws everything that waits for a lock.
    end: AbortController,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.end.abort();
        self.answer.give(full());
    }
}

impl Visit {
    /// `None`: the browser lacks `AbortController`.
    fn start(room: RoomId, sink: Sink) -> Option<Self> {
        let end = AbortController::new().ok()?;
        let seat = Rc::new(RefCell::new(None));
        let answer = Rc::new(Answer {
            sink,
            given: Cell::new(false),
        });
        let (place, signal, asked) = (Rc::downgrade(&seat), end.signal(), Rc::clone(&answer));
        spawn_local(async move {
            let taken = Seat::take(room, &asked, signal).await;
            if let Some(place) = place.upgrade() {
                place.replace(taken);
            }
        });
        Some(Self { seat, answer, end })
    }

    fn seat(&self) -> Option<Rc<Seat>> {
        self.seat.borrow().clone()
    }
}

/// A relay answers every `join` once, at once, even if the client has left since; so does this.
struct Answer {
    sink: Sink,
    given: Cell<bool>,
}

impl Answer {
    fn give(&self, message: RelayMessage) {
        if !self.given.replace(true) {
            (self.sink)(SignalingEvent::Message(message));
        }
    }
}

/// Between tabs, the access policy is always open.
fn full() -> RelayMessage {
    RelayMessage::Full {
        capacity: CAPACITY,
        door: AccessPolicy::Open,
    }
}

/// A seat in a room.
struct Seat {
    us: PeerId,
    room: RoomId,
    sink: Sink,
    channel: RefCell<Option<Broadcast>>,
    /// Everybody else here. A task waits for each of them to go.
    others: RefCell<Vec<PeerId>>,
    /// Ends these tasks.
    end: AbortSignal,
    _person: Lock,
    _seat: Lock,
}

impl Seat {
    /// Waits for a seat and takes it. `None`: we have left since, or the browser lacks Web Locks.
    async fn take(room: RoomId, answer: &Answer, end: AbortSignal) -> Option<Rc<Self>> {
        let us = PeerId::new(page::unguessable_name()).ok()?;
        // First of all the name: others take its absence as our leaving.
        let person = locks::acquire(person_lock(&room, &us), Patience::Now).await?;
        let seat = match free_seat(&room).await {
            Some(seat) => seat,
            None => {
                answer.give(full());
                next_seat(&room, &end).await?
            }
        };
        if end.aborted() {
            return None;
        }
        let seat = Rc::new(Self {
            us,
            room,
            sink: Rc::clone(&answer.sink),
            channel: RefCell::default(),
            others: RefCell::default(),
            end,
            _person: person,
            _seat: seat,
        });
        let weak = Rc::downgrade(&seat);
        let name = format!("visavis {}", seat.room);
        let channel = Broadcast::open(&name, move |text| {
            if let Some(seat) = weak.upgrade() {
                seat.hear(&text);
            }
        })?;
        seat.channel.replace(Some(channel));
        let joined = RelayMessage::Joined {
            you: seat.us.clone(),
            capacity: CAPACITY,
        };
        answer.given.set(true);
        seat.tell(joined);
        seat.post(&TabMessage::Hello {
            from: seat.us.clone(),
            to: None,
        });
        Some(seat)
    }

    fn hear(self: &Rc<Self>, text: &str) {
        match decode_tab(text) {
            Ok(TabMessage::Hello { from, to: None }) => {
                self.post(&TabMessage::Hello {
                    from: self.us.clone(),
                    to: Some(from.clone()),
                });
                self.meet(from);
            }
            Ok(TabMessage::Hello { from, to: Some(to) }) if to == self.us => self.meet(from),
            Ok(TabMessage::Message { from, to, message }) if to == self.us => {
                self.meet(from.clone());
                self.tell(RelayMessage::Message { from, message });
            }
            // For somebody else, or from another version.
            Ok(_) | Err(_) => {}
        }
    }

    fn meet(self: &Rc<Self>, peer: PeerId) {
        if self.others.borrow().contains(&peer) {
            return;
        }
        self.others.borrow_mut().push(peer.clone());
        self.tell(RelayMessage::Ready { peer: peer.clone() });
        spawn_local(watch(
            Rc::downgrade(self),
            self.end.clone(),
            person_lock(&self.room, &peer),
            peer,
        ));
    }

    fn tell(&self, message: RelayMessage) {
        (self.sink)(SignalingEvent::Message(message));
    }

    fn post(&self, message: &TabMessage) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.post(&encode_tab(message));
        }
    }
}

/// Waits until somebody is gone, or we are.
async fn watch(seat: Weak<Seat>, end: AbortSignal, lock: String, peer: PeerId) {
    if locks::acquire(lock, Patience::UntilFree(end)).await.is_none() {
        return;
    }
    if let Some(seat) = seat.upgrade() {
        seat.others.borrow_mut().retain(|other| *other != peer);
        seat.tell(RelayMessage::Left {
            peer,
            reason: LeaveReason::Left,
        });
    }
}

async fn free_seat(room: &RoomId) -> Option<Lock> {
    for number in 0..CAPACITY {
        let lock = locks::acquire(seat_lock(room, number), Patience::Now).await;
        if lock.is_some() {
            return lock;
        }
    }
    None
}

/// Waits for whichever seat is free first.
async fn next_seat(room: &RoomId, end: &AbortSignal) -> Option<Lock> {
    let race = AbortController::new().ok()?;
    let (signal, withdraw) = (race.signal(), race.clone());
    let _withdraw_at_end = EventListener::once(end, "abort", move |_| withdraw.abort());
    if end.aborted() {
        // The event is over.
        return None;
    }
    let requests = (0..CAPACITY)
        .map(|number| locks::acquire(seat_lock(room, number), Patience::UntilFree(signal.clone())));
    let (lock, _, _) = select_all(requests).await;
    // One seat is enough.
    race.abort();
    lock
}

fn person_lock(room: &RoomId, peer: &PeerId) -> String {
    format!("visavis {room} person {}", peer.as_str())
}

fn seat_lock(room: &RoomId, number: u32) -> String {
    format!("visavis {room} seat {number}")
}
