//! Descriptions that ask for more than any call needs: no browser sees them, and the relay carries none.

use visavis_call::{Command, ConnectionId, EndReason, FailureCause, PreConnection, Stage};
use visavis_protocol::dialect::native;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::RelayMessage;

use crate::stale;
use crate::support::{ClientOptions, Options, World, ms, seconds};

const TOO_LARGE: EndReason = EndReason::Failed(FailureCause::TooLarge);

fn with_sections(count: usize) -> String {
    stale::description("hostile") + &"m=video 9\r\na=mid:1\r\n".repeat(count)
}

fn offer(sdp: String, warm: bool) -> PeerBody {
    PeerBody::Offer {
        sdp,
        exchange: 1,
        warm,
        private: false,
    }
}

fn message(number: u64, connection: u32, to: Option<u32>, body: PeerBody) -> PeerMessage {
    PeerMessage {
        number,
        ack: 1_000_000,
        after: Some(0),
        replaces: None,
        connection: ConnectionId(connection),
        to: to.map(ConnectionId),
        body,
    }
}

/// One page with a program of the test.
fn with_a_scripted_peer() -> World {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(100_000));
    world.run_for(seconds(1));
    world
}

#[test]
fn offers_with_hundreds_of_sections_make_no_connection() {
    let row = visavis_rows::row(49, "simulated");
    for warm in [true, false] {
        let mut world = with_a_scripted_peer();
        for number in 1..=100 {
            let offer = offer(with_sections(200), warm);
            world.naive_sends(&message(number, number as u32, None, offer));
            world.run_for(ms(50));
        }
        assert!(world.clients[0].made.is_empty());
        assert_ne!(world.clients[0].stage(), Stage::Ended);
        assert_eq!(world.clients[0].attempts.len(), 1, "the relay is kept");
        world.run_for(seconds(5));
        // An offer such as people send is taken all the same.
        world.naive_sends(&message(
            200,
            200,
            None,
            offer(stale::description("usual"), false),
        ));
        world.run_for(ms(100));
        assert_eq!(world.clients[0].made.len(), 1);
    }
    row.passed();
}

#[test]
fn an_answer_with_hundreds_of_sections_ends_the_call_with_a_reason() {
    let mut world = with_a_scripted_peer();
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    let answer = PeerBody::Answer {
        sdp: with_sections(200),
        exchange: 1,
    };
    world.naive_sends(&message(1, 1, Some(1), answer));
    world.run_for(ms(100));
    assert_eq!(world.clients[0].end(), TOO_LARGE);
    assert!(world.clients[0].connections.is_empty());
    world.expect_no_refusals();
}

#[test]
fn a_call_in_which_somebody_offers_hundreds_of_sections_ends_with_a_reason() {
    for replaces in [false, true] {
        let mut world = World::pair();
        world.call_works(0, 1);
        let (bob, connection) = world.clients[0].connections.keys().next().cloned().unwrap();
        let theirs = world.clients[1].connections.keys().next().cloned().unwrap().1;
        let offer = offer(with_sections(200), false);
        let mut message = message(1000, theirs.0, Some(connection.0), offer);
        if replaces {
            message.connection.0 += 1;
            message.to = None;
            message.replaces = Some(connection);
        }
        let message = native::encode_peer(&message);
        world.say_to(0, RelayMessage::Message { from: bob, message });
        world.run_for(ms(500));
        assert_eq!(world.clients[0].end(), TOO_LARGE, "{replaces}");
        assert_eq!(world.clients[1].stage(), Stage::Ended, "the other side is told");
        assert_eq!(world.clients[0].attempts.len(), 1, "the relay is kept");
    }
}

/// The world fails if anything is sent that the relay does not take.
#[test]
fn what_our_browser_makes_too_large_is_neither_sent_nor_kept() {
    for pre_connection in PreConnection::ALL {
        for caller in 0..2 {
            let mut world = World::new(Options {
                capacity: 3,
                ..Options::default()
            });
            // The last one has the usual browser.
            for padding in [70_000, 0, 0] {
                world.join(ClientOptions {
                    padding,
                    pre_connection,
                    ..ClientOptions::default()
                });
            }
            world.run_for(seconds(2));
            let other = world.clients[1 - caller].id.clone();
            world.command(caller, Command::CallPerson(other));
            world.run_for(seconds(1));
            // Who answers may be the one whose answer is too large.
            let _ = world.answer_if_it_rings(1 - caller);
            world.run_for(seconds(3));
            // For who was called, it was a call that they missed.
            if caller == 0 {
                assert_eq!(world.clients[0].end(), TOO_LARGE, "{pre_connection:?} {caller}");
            }
            assert!(world.all(|client| !client.is_in_call() && !client.is_connecting()));
            // Nothing of it comes again, whenever somebody is announced anew.
            for _ in 0..5 {
                world.restart_relay(ms(100));
                world.run_for(seconds(10));
            }
            let carol = world.clients[2].id.clone();
            world.command(1, Command::CallPerson(carol));
            world.run_for(seconds(1));
            world.answer(2);
            assert!(world.run_until(seconds(5), |world| world.are_in_call(1, 2)));
        }
    }
}
