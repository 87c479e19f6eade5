//! What a driver tells of all that happens.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    reason = "a test may, and clippy knows no tests in a browser"
)]

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Reflect};
use visavis::browser::page;
use visavis::signaling::{Connection, Connector, Sink};
use visavis_call::{Command, MediaWish, PersonState, SignalingEvent, Stage};
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

mod support;

use support::{Person, fresh_room, settled, until};

wasm_bindgen_test_configure!(run_in_browser);

/// A relay that says what the test says.
#[derive(Clone, Default)]
struct Scripted(Rc<RefCell<Option<Sink>>>);

impl Scripted {
    fn says(&self, message: RelayMessage) {
        if let Some(sink) = &*self.0.borrow() {
            sink(SignalingEvent::Message(message));
        }
    }
}

impl Connector for Scripted {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        sink(SignalingEvent::Opened);
        self.0.replace(Some(sink));
        Box::new(self.clone())
    }
}

impl Connection for Scripted {
    fn send(&self, message: ClientMessage) {
        if let ClientMessage::Join { .. } = message {
            let you = PeerId::new("us").unwrap();
            self.says(RelayMessage::Joined { you, capacity: 8 });
        }
    }
}

/// Somebody in a room, and the relay.
async fn in_room() -> (Person, Scripted) {
    let relay = Scripted::default();
    let person = Person::behind_relay(&fresh_room(), relay.clone());
    person.send(Command::GetMedia(MediaWish::Nothing));
    person.reaches(Stage::Alone).await;
    (person, relay)
}

/// Lets somebody come and go, each time as news of its own. In the end, they are away.
async fn much_happens(relay: &Scripted) {
    for _ in 0..200 {
        let peer = PeerId::new("somebody").unwrap();
        relay.says(RelayMessage::Ready { peer: peer.clone() });
        settled().await;
        relay.says(RelayMessage::Away { peer });
        settled().await;
    }
}

fn sees_them_away(person: &Person) -> bool {
    let state = person.view().and_then(|view| Some(view.people.first()?.state));
    state == Some(PersonState::Away)
}

#[wasm_bindgen_test]
async fn however_much_happens_in_a_frame_it_is_told_once() {
    let (person, relay) = in_room().await;
    let before = person.views();
    much_happens(&relay).await;
    until("the last is told", || sees_them_away(&person)).await;
    // Some frames may have been drawn meanwhile.
    let told = person.views() - before;
    assert!(told < 40, "{told} times");
}

#[wasm_bindgen_test]
async fn a_page_that_draws_nothing_hears_of_the_last_all_the_same() {
    let (person, relay) = in_room().await;
    let window = page::window();
    let draw = Reflect::get(&window, &"requestAnimationFrame".into()).unwrap();
    let never = Function::new_no_args("return 0");
    Reflect::set(&window, &"requestAnimationFrame".into(), &never).unwrap();
    much_happens(&relay).await;
    until("the last is told", || sees_them_away(&person)).await;
    Reflect::set(&window, &"requestAnimationFrame".into(), &draw).unwrap();
}

/// Its timers may sleep for a minute, and it may have to ring.
#[wasm_bindgen_test]
async fn a_page_in_the_background_hears_at_once() {
    let (person, relay) = in_room().await;
    let document = page::document();
    let hidden = Object::new();
    Reflect::set(&hidden, &"value".into(), &true.into()).unwrap();
    Reflect::set(&hidden, &"configurable".into(), &true.into()).unwrap();
    Object::define_property(&document, &"hidden".into(), &hidden);
    for _ in 0..3 {
        let peer = PeerId::new("somebody").unwrap();
        relay.says(RelayMessage::Ready { peer: peer.clone() });
        settled().await;
        assert!(!sees_them_away(&person));
        relay.says(RelayMessage::Away { peer });
        settled().await;
        assert!(sees_them_away(&person));
    }
    Reflect::delete_property(&document, &"hidden".into()).unwrap();
}
