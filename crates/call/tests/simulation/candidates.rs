//! No candidate is lost, none arrives where it can't be used.

use visavis_call::{Command, Generation, Stage};
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::peer::{PeerBody, PeerMessage};

use crate::support::browser::candidates;
use crate::support::description::{Description, Sections};
use crate::support::{ClientOptions, Options, World, ms, seconds};

/// The bug that the tutorial ends on: a callee who waits for a token loses what comes before.
#[test]
fn a_naive_callee_whose_token_takes_four_seconds_loses_no_candidate() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(4));
    world.run_for(seconds(1));
    world.command(0, Command::Call);
    assert!(
        world.run_until(seconds(10), |world| world.clients[0].is_in_call()),
        "{:?}",
        world.stages()
    );
    world.run_for(seconds(1));
    let naive = world.naive.as_ref().unwrap();
    assert_eq!(naive.dropped, 0);
    let connection = naive.connection.as_ref().unwrap();
    let theirs = candidates(1, connection.remote.as_ref().unwrap().ufrag.as_str(), 3);
    assert_eq!(connection.added, theirs, "all of them, in order");
    assert_eq!(
        naive.heard,
        [
            "Offer",
            "Media",
            "Candidate",
            "Candidate",
            "Candidate",
            "Candidate"
        ]
    );
    let ours = world.clients[0].connections.values().next().unwrap();
    assert_eq!(ours.added.len(), 3, "two of theirs, and their end");
    world.expect_no_refusals();
}

#[test]
fn a_late_token_on_either_side_delays_the_call_and_loses_nothing() {
    for (caller_token, callee_token) in [(0, 4000), (4000, 0), (4000, 4000), (200, 90)] {
        let mut world = World::new(Options::default());
        for token in [caller_token, callee_token] {
            world.join(ClientOptions {
                token: ms(token),
                ..ClientOptions::default()
            });
        }
        world.run_for(ms(150));
        world.call_works(0, 1);
        world.run_for(seconds(1));
        for client in &world.clients {
            let connection = client.connections.values().next().unwrap();
            assert_eq!(
                connection.added.len(),
                4,
                "each candidate once, and the end of them"
            );
        }
        world.expect_no_refusals();
    }
}

#[test]
fn a_relay_that_never_hands_out_a_token_delays_a_call_by_five_seconds_a_side() {
    let mut world = World::new(Options::default());
    for _ in 0..2 {
        world.join(ClientOptions {
            token: seconds(1000),
            ..ClientOptions::default()
        });
    }
    world.run_for(ms(500));
    world.command(0, Command::Call);
    world.run_for(seconds(3));
    assert!(world.clients[0].is_connecting());
    assert!(
        world.run_until(seconds(8), |world| world.are_in_call(0, 1)),
        "{:?}",
        world.stages()
    );
}

/// A caller with its own timing: the candidates are in the hands of the callee before anything can use them.
fn call_by_hand(world: &mut World, order: &[&str], with_ufrag: bool) -> Vec<IceCandidate> {
    let description = Description {
        fingerprint: 77,
        ufrag: "hand".into(),
        sections: Sections::BOTH,
        sends: Sections::BOTH,
        ..Description::default()
    };
    let mut theirs = candidates(77, "hand", 3);
    if !with_ufrag {
        // As simple clients send them.
        theirs
            .iter_mut()
            .for_each(|candidate| candidate.username_fragment = None);
    }
    let mut number = 0;
    let mut say = |world: &mut World, body: PeerBody| {
        number += 1;
        world.naive_sends(&PeerMessage {
            number,
            ack: 0,
            after: None,
            replaces: None,
            connection: Generation(1),
            to: None,
            body,
        });
    };
    let mut rest = theirs.clone().into_iter();
    for what in order {
        match *what {
            "offer" => say(
                world,
                PeerBody::Offer {
                    sdp: description.to_sdp(),
                    exchange: 1,
                },
            ),
            _ => say(world, PeerBody::Candidate(rest.next().unwrap())),
        }
    }
    theirs
}

#[test]
fn candidates_before_the_offer_or_before_the_description_are_applied_once_and_in_order() {
    let orders = [
        ["offer", "candidate", "candidate", "candidate", "candidate"],
        ["candidate", "offer", "candidate", "candidate", "candidate"],
        ["candidate", "candidate", "candidate", "candidate", "offer"],
    ];
    for (order, with_ufrag) in orders.iter().flat_map(|order| [(order, true), (order, false)]) {
        let mut world = World::new(Options::default());
        // The description is applied long after everything has arrived.
        world.join(ClientOptions {
            operation: ms(400),
            ..ClientOptions::default()
        });
        world.join_naive(seconds(1));
        world.run_for(seconds(1));
        let theirs = call_by_hand(&mut world, order, with_ufrag);
        world.run_for(seconds(5));
        assert_eq!(world.stages(), [Stage::Connecting], "{order:?}");
        assert_eq!(
            world.clients[0].connections.values().next().unwrap().added,
            theirs,
            "{order:?}"
        );
        world.expect_no_refusals();
    }
}

#[test]
fn candidates_of_another_connection_or_generation_never_reach_the_browser() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(1));
    world.run_for(seconds(1));
    let strange = candidates(9, "strange", 1).remove(0);
    let stranger = |number, connection| PeerMessage {
        number,
        ack: 0,
        after: None,
        replaces: None,
        connection: Generation(connection),
        to: None,
        body: PeerBody::Candidate(strange.clone()),
    };
    // Of a connection that never comes to be, before the call.
    world.naive_sends(&stranger(1, 8));
    let description = Description {
        fingerprint: 77,
        ufrag: "hand".into(),
        sections: Sections::BOTH,
        sends: Sections::BOTH,
        ..Description::default()
    };
    let offer = PeerBody::Offer {
        sdp: description.to_sdp(),
        exchange: 1,
    };
    world.naive_sends(&PeerMessage {
        number: 2,
        ack: 0,
        after: None,
        replaces: None,
        connection: Generation(9),
        to: None,
        body: offer,
    });
    // Of a generation that was never offered, and of an older connection.
    world.naive_sends(&stranger(3, 9));
    world.naive_sends(&stranger(4, 8));
    world.run_for(seconds(2));
    let connection = world.clients[0].connections.values().next().unwrap();
    assert!(connection.remote.is_some() && connection.added.is_empty());
    world.expect_no_refusals();
}
