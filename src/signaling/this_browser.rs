//! Tabs of the same browser, without any server: messages over a `BroadcastChannel`, and the relay's rules for
//! rooms by Web Locks.
//!
//! A seat is a lock, so a room holds as many as there are seats, and who waits gets in when one is free. A
//! person is a lock too: whoever gets hold of it knows that the person is gone, even if their tab crashed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use futures_util::future::{AbortHandle, Abortable, select_all};
use gloo_events::EventListener;
use visavis_call::SignalingEvent;
use visavis_protocol::dialect::broadcast::{TabMessage, decode_tab, encode_tab};
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::{ClientMessage, LeaveReason, RelayMessage};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};

use super::{Connection, Connector, Sink};
use crate::browser::locks::{self, Lock, Patience};
use crate::browser::page;

/// How many tabs a room holds, as in the relay's default.
const CAPACITY: u32 = 2;

/// The tabs of this browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisBrowser;

impl Connector for ThisBrowser {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        sink(SignalingEvent::Opened);
        Box::new(Tab { sink, visit: RefCell::new(None) })
    }
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
                self.visit.replace(Some(Visit::start(room, Rc::clone(&self.sink))));
            }
            ClientMessage::Leave => drop(self.visit.take()),
            ClientMessage::Send { to, message } => {
                if let Some(seat) = self.visit.borrow().as_ref().and_then(Visit::seat) {
                    seat.post(&TabMessage::Message { from: seat.us.clone(), to, message });
                }
            }
            ClientMessage::Token => {
                let token = RelayMessage::Token { ice_servers: Vec::new(), expires_in: None };
                (self.sink)(SignalingEvent::Message(token));
            }
        }
    }
}

/// From joining to leaving.
struct Visit {
    arrival: AbortHandle,
    seat: Rc<RefCell<Option<Rc<Seat>>>>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.arrival.abort();
    }
}

impl Visit {
    fn start(room: RoomId, sink: Sink) -> Self {
        let seat = Rc::new(RefCell::new(None));
        let (arrival, registration) = AbortHandle::new_pair();
        let place = Rc::clone(&seat);
        spawn_local(async move {
            let arrive = async {
                if let Some(seat) = Seat::take(room, sink).await {
                    place.replace(Some(seat));
                }
            };
            // Aborted: left before there was a seat.
            let _ = Abortable::new(arrive, registration).await;
        });
        Self { arrival, seat }
    }

    fn seat(&self) -> Option<Rc<Seat>> {
        self.seat.borrow().clone()
    }
}

/// A seat in a room.
struct Seat {
    us: PeerId,
    room: RoomId,
    sink: Sink,
    channel: BroadcastChannel,
    /// Everybody else here, each with the task that waits for them to go.
    others: RefCell<HashMap<PeerId, AbortHandle>>,
    listener: RefCell<Option<EventListener>>,
    _person: Lock,
    _seat: Lock,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.listener.take();
        self.channel.close();
        for watch in self.others.borrow().values() {
            watch.abort();
        }
    }
}

impl Seat {
    /// Waits for a seat and takes it. `None`: the browser lacks what it takes.
    async fn take(room: RoomId, sink: Sink) -> Option<Rc<Self>> {
        let us = PeerId::new(page::random_name::<8>()).ok()?;
        // First of all the name: others take its absence as our leaving.
        let person = locks::acquire(&person_lock(&room, &us), Patience::Now).await?;
        let seat = match free_seat(&room).await {
            Some(seat) => seat,
            None => {
                sink(SignalingEvent::Message(RelayMessage::Full { capacity: CAPACITY }));
                next_seat(&room).await?
            }
        };
        let channel = BroadcastChannel::new(&format!("visavis {room}")).ok()?;
        let seat = Rc::new(Self {
            us,
            room,
            sink,
            channel,
            others: RefCell::default(),
            listener: RefCell::default(),
            _person: person,
            _seat: seat,
        });
        let weak = Rc::downgrade(&seat);
        let listener = EventListener::new(&seat.channel, "message", move |event| {
            let text = event.unchecked_ref::<MessageEvent>().data().as_string();
            if let (Some(seat), Some(text)) = (weak.upgrade(), text) {
                seat.hear(&text);
            }
        });
        seat.listener.replace(Some(listener));
        seat.tell(RelayMessage::Joined { you: seat.us.clone(), capacity: CAPACITY });
        seat.post(&TabMessage::Hello { from: seat.us.clone(), to: None });
        Some(seat)
    }

    fn hear(self: &Rc<Self>, text: &str) {
        match decode_tab(text) {
            Ok(TabMessage::Hello { from, to: None }) => {
                self.post(&TabMessage::Hello { from: self.us.clone(), to: Some(from.clone()) });
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
        if self.others.borrow().contains_key(&peer) {
            return;
        }
        let (handle, registration) = AbortHandle::new_pair();
        self.others.borrow_mut().insert(peer.clone(), handle);
        self.tell(RelayMessage::Ready { peer: peer.clone() });
        let watch = watch(Rc::downgrade(self), person_lock(&self.room, &peer), peer);
        spawn_local(async move {
            // Aborted: we left first.
            let _ = Abortable::new(watch, registration).await;
        });
    }

    fn tell(&self, message: RelayMessage) {
        (self.sink)(SignalingEvent::Message(message));
    }

    fn post(&self, message: &TabMessage) {
        // Only a closed channel refuses, and ours is open for as long as we are here.
        let _ = self.channel.post_message(&JsValue::from_str(&encode_tab(message)));
    }
}

/// Waits until somebody is gone.
async fn watch(seat: Weak<Seat>, lock: String, peer: PeerId) {
    if locks::acquire(&lock, Patience::UntilFree).await.is_none() {
        return;
    }
    if let Some(seat) = seat.upgrade() {
        seat.others.borrow_mut().remove(&peer);
        seat.tell(RelayMessage::Left { peer, reason: LeaveReason::Left });
    }
}

async fn free_seat(room: &RoomId) -> Option<Lock> {
    for number in 0..CAPACITY {
        if let Some(lock) = locks::acquire(&seat_lock(room, number), Patience::Now).await {
            return Some(lock);
        }
    }
    None
}

/// Waits for whichever seat is free first.
async fn next_seat(room: &RoomId) -> Option<Lock> {
    let names: Vec<_> = (0..CAPACITY).map(|number| seat_lock(room, number)).collect();
    let requests = names.iter().map(|name| Box::pin(locks::acquire(name, Patience::UntilFree)));
    let (lock, _, _) = select_all(requests).await;
    lock
}

fn person_lock(room: &RoomId, peer: &PeerId) -> String {
    format!("visavis {room} person {}", peer.as_str())
}

fn seat_lock(room: &RoomId, number: u32) -> String {
    format!("visavis {room} seat {number}")
}
