//! The socket to the relay, when there is no relay.

#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use visavis::browser::page;
use visavis::signaling::{Connection, Connector, RelaySocket};
use visavis_call::{CloseCause, SignalingEvent};
use visavis_protocol::relay::ClientMessage;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

mod support;

use support::{probe, settled, sleep, until};

wasm_bindgen_test_configure!(run_in_browser);

/// A socket, and what was heard of it.
struct Attempt {
    connection: Option<Box<dyn Connection>>,
    heard: Rc<RefCell<Vec<SignalingEvent>>>,
}

impl Attempt {
    fn at(address: &str) -> Self {
        let heard: Rc<RefCell<Vec<_>>> = Rc::default();
        let events = Rc::clone(&heard);
        let sink = Rc::new(move |event| events.borrow_mut().push(event));
        Self {
            connection: Some(RelaySocket::new(address).open(sink)),
            heard,
        }
    }

    /// Waits until the socket is closed, and tells why it is. It must be all that was ever heard.
    async fn closed(&self) -> CloseCause {
        until("the socket is closed", || !self.heard.borrow().is_empty()).await;
        sleep(300).await;
        match *self.heard.borrow() {
            ref heard if heard.len() > 1 => panic!("more was heard than the end: {heard:?}"),
            ref heard => match heard[0] {
                SignalingEvent::Closed(cause) => cause,
                ref other => panic!("a socket to nobody says {other:?}"),
            },
        }
    }
}

/// Nobody listens there.
const NOBODY: &str = "ws://127.13.37.9:47809/signal";

/// The server that serves these tests; it knows of no relay.
fn static_host() -> String {
    format!(
        "ws://{}/signal",
        page::window().location().host().expect("the page has an address")
    )
}

#[wasm_bindgen_test]
async fn a_port_that_the_browser_forbids_is_unreachable() {
    assert_eq!(
        Attempt::at("ws://127.0.0.1:9/signal").closed().await,
        CloseCause::Unreachable
    );
}

#[wasm_bindgen_test]
async fn a_port_where_nobody_listens_is_unreachable() {
    assert_eq!(Attempt::at(NOBODY).closed().await, CloseCause::Unreachable);
}

#[wasm_bindgen_test]
async fn an_address_that_is_none_is_unreachable() {
    assert_eq!(Attempt::at("ws://[").closed().await, CloseCause::Unreachable);
}

#[wasm_bindgen_test]
async fn a_static_host_has_no_relay() {
    assert_eq!(
        Attempt::at(&static_host()).closed().await,
        CloseCause::NoRelayHere
    );
}

#[wasm_bindgen_test]
async fn an_address_without_a_host_is_beside_the_page() {
    assert_eq!(Attempt::at("/signal").closed().await, CloseCause::NoRelayHere);
}

#[wasm_bindgen_test]
async fn what_is_sent_too_early_is_lost_without_harm() {
    let attempt = Attempt::at(&static_host());
    // More than the queue holds.
    for _ in 0..1000 {
        attempt
            .connection
            .as_ref()
            .expect("it is not dropped")
            .send(ClientMessage::Token);
    }
    sleep(1000).await;
    let heard = attempt.heard.borrow();
    assert!(
        heard
            .iter()
            .all(|event| matches!(event, SignalingEvent::Closed(_))),
        "{heard:?}"
    );
}

/// Drops a socket, and waits for what it still says.
async fn nothing_is_heard_after(mut attempt: Attempt) {
    drop(attempt.connection.take());
    assert!(attempt.heard.borrow().is_empty(), "it is too late to drop it");
    sleep(1000).await;
    assert!(
        attempt.heard.borrow().is_empty(),
        "heard: {:?}",
        attempt.heard.borrow()
    );
}

#[wasm_bindgen_test]
async fn a_socket_that_is_dropped_at_once_says_nothing() {
    nothing_is_heard_after(Attempt::at(&static_host())).await;
    nothing_is_heard_after(Attempt::at(NOBODY)).await;
}

#[wasm_bindgen_test]
async fn a_socket_that_is_dropped_while_it_opens_says_nothing() {
    let attempt = Attempt::at(NOBODY);
    settled().await;
    nothing_is_heard_after(attempt).await;
}

#[wasm_bindgen_test]
async fn a_socket_that_is_dropped_while_it_finds_out_why_it_failed_says_nothing() {
    for address in [static_host(), NOBODY.to_owned()] {
        let begun = probe::begun_fetches();
        let attempt = Attempt::at(&address);
        until("the site is asked whether it has a relay", || {
            probe::begun_fetches() > begun
        })
        .await;
        nothing_is_heard_after(attempt).await;
    }
}

/// The `readyState` of a socket that opens, and of one that is closed or about to be.
const CONNECTING: u32 = 0;
const CLOSING: u32 = 2;

#[wasm_bindgen_test]
async fn a_socket_that_seems_dead_does_not_keep_the_next_one_from_opening() {
    let before = probe::socket_states().len();
    let mut first = Attempt::at(NOBODY);
    settled().await;
    assert_eq!(probe::socket_states()[before..], [CONNECTING]);
    drop(first.connection.take());
    let second = Attempt::at(NOBODY);
    settled().await;
    // No event of the browser has come in between.
    let states = probe::socket_states();
    assert!(states[before] >= CLOSING, "the first is closed at once");
    assert_eq!(states[before + 1..], [CONNECTING], "the second does not wait");
    assert_eq!(second.closed().await, CloseCause::Unreachable);
    assert!(first.heard.borrow().is_empty());
}
