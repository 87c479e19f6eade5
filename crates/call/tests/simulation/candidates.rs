//! No candidate is lost, none arrives where it can't be used.

use visavis_call::{Command, ConnectionId, EndReason, FailureCause, Obstacle, Stage};
use visavis_protocol::dialect::native::decode_peer;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::SeatSecret;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::LeaveReason;
use visavis_relay::room::peer_id;
use visavis_rows::row;

use crate::support::browser::candidates;
use crate::support::description::{Description, Sections};
use crate::support::{ClientOptions, Options, World, ms, seconds};

const SIMULATED: &str = "simulated";

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
            "Hello",
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
    let description = by_hand("hand");
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
            connection: ConnectionId(1),
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
                    warm: false,
                    private: false,
                },
            ),
            _ => say(world, PeerBody::Candidate(rest.next().unwrap())),
        }
    }
    theirs
}

#[test]
fn candidates_before_the_offer_or_before_the_description_are_applied_once_and_in_order() {
    let row = row(6, SIMULATED);
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
    row.passed();
}

/// Whoever keeps early candidates gets them while they are still busy: two round trips sooner.
#[test]
fn candidates_follow_the_offer_to_whoever_keeps_early_ones() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join(ClientOptions {
        // It can't answer before it has one.
        token: seconds(4),
        ..ClientOptions::default()
    });
    world.run_for(ms(500));
    world.record_messages_to(1);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    assert!(!world.are_in_call(0, 1));
    let said: Vec<_> = world
        .recorded()
        .iter()
        .map(|text| format!("{:?}", decode_peer(text).unwrap().body))
        .collect();
    assert_eq!(said[0], "Offer", "{said:?}");
    assert_eq!(
        said.iter().filter(|body| *body == "Candidate").count(),
        4,
        "all of them, and their end: {said:?}"
    );
}

/// Whoever is there may say so when our offer is out already.
#[test]
fn candidates_that_are_held_follow_a_late_hello() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(1000));
    world.run_for(seconds(1));
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    assert_eq!(world.naive.as_ref().unwrap().dropped, 0, "they are held");
    world.naive_sends(&PeerMessage::unnumbered(PeerBody::Hello {
        early_candidates: true,
        name: PersonName::default(),
        call: None,
    }));
    world.run_for(seconds(1));
    assert_eq!(
        world.naive.as_ref().unwrap().dropped,
        4,
        "all of them, and their end"
    );
}

/// It has no number; but whoever gives it one says something else next.
#[test]
fn a_numbered_hello_keeps_nothing_from_being_heard() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(1000));
    world.run_for(seconds(1));
    let hello = PeerBody::Hello {
        early_candidates: true,
        name: PersonName::default(),
        call: None,
    };
    let offer = PeerBody::Offer {
        sdp: by_hand("hand").to_sdp(),
        exchange: 1,
        warm: false,
        private: false,
    };
    for (number, body) in [(1, hello), (2, offer)] {
        world.naive_sends(&PeerMessage {
            number,
            connection: ConnectionId(1),
            ..PeerMessage::unnumbered(body)
        });
    }
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Connecting]);
}

/// visavis sends them before the answer only to whoever keeps them; others need not be so careful.
#[test]
fn candidates_before_the_answer_are_applied_once_and_in_order() {
    let row = row(6, SIMULATED);
    for before in 0..=4 {
        for with_ufrag in [true, false] {
            let mut world = World::new(Options::default());
            world.join(ClientOptions {
                operation: ms(100),
                ..ClientOptions::default()
            });
            world.join_naive(seconds(1000));
            world.run_for(seconds(1));
            world.command(0, Command::Call);
            world.run_for(seconds(1));
            let theirs = answer_by_hand(&mut world, before, with_ufrag);
            world.run_for(seconds(3));
            let connection = world.clients[0].connections.values().next().unwrap();
            assert_eq!(connection.added, theirs, "{before} {with_ufrag}");
            world.expect_no_refusals();
        }
    }
    row.passed();
}

/// A callee with its own timing: so many candidates come before the answer.
fn answer_by_hand(world: &mut World, before: usize, with_ufrag: bool) -> Vec<IceCandidate> {
    let mut theirs = candidates(77, "hand", 3);
    if !with_ufrag {
        theirs
            .iter_mut()
            .for_each(|candidate| candidate.username_fragment = None);
    }
    let answer = PeerBody::Answer {
        sdp: by_hand("hand").to_sdp(),
        exchange: 1,
    };
    let mut bodies: Vec<_> = theirs.iter().cloned().map(PeerBody::Candidate).collect();
    bodies.insert(before, answer);
    for (number, body) in (1..).zip(bodies) {
        says(world, number, 1, Some(1), body);
    }
    theirs
}

fn by_hand(ufrag: &str) -> Description {
    Description {
        serial: 77,
        ufrag: ufrag.into(),
        sections: Sections::BOTH,
        sends: Sections::BOTH,
        ..Description::default()
    }
}

/// Somebody whose messages the test writes, and who has heard all that we said.
fn says(world: &mut World, number: u64, connection: u32, to: Option<u32>, body: PeerBody) {
    world.naive_sends(&PeerMessage {
        number,
        ack: 1000,
        after: Some(0),
        replaces: None,
        connection: ConnectionId(connection),
        to: to.map(ConnectionId),
        body,
    });
}

/// Somebody who is impolite towards the one whose messages the test writes, and is calling.
fn an_impolite_caller() -> World {
    let naive = peer_id(&SeatSecret::new("naive").unwrap());
    let mut world = World::new(Options::default());
    let caller = loop {
        let caller = world.join(ClientOptions::default());
        world.run_for(seconds(1));
        if world.clients[caller].id > naive {
            break caller;
        }
        world.close_page(caller, LeaveReason::Left);
    };
    world.join_naive(seconds(1000));
    world.run_for(seconds(1));
    world.command(caller, Command::Call);
    world.run_for(seconds(1));
    world
}

#[test]
fn candidates_of_an_ignored_offer_and_of_an_old_generation_never_reach_the_browser() {
    let row = row(7, SIMULATED);
    for early in [false, true] {
        let mut world = an_impolite_caller();
        let candidate = |ufrag| PeerBody::Candidate(candidates(77, ufrag, 1).remove(0));
        let offer = |ufrag, exchange| PeerBody::Offer {
            sdp: by_hand(ufrag).to_sdp(),
            exchange,
            warm: false,
            private: false,
        };
        let answer = PeerBody::Answer {
            sdp: by_hand("good").to_sdp(),
            exchange: 1,
        };
        // Our offer is open, so theirs is ignored, and its candidates with it, whenever they come.
        if early {
            says(&mut world, 1, 1, Some(1), candidate("ignored"));
        }
        says(&mut world, 2, 1, Some(1), offer("ignored", 1));
        says(&mut world, 3, 1, Some(1), candidate("ignored"));
        says(&mut world, 4, 1, Some(1), answer);
        says(&mut world, 5, 1, Some(1), candidate("ignored"));
        says(&mut world, 6, 1, Some(1), candidate("good"));
        // A restart of theirs makes their first connection_id an old one.
        says(&mut world, 7, 1, Some(1), offer("new", 2));
        says(&mut world, 8, 1, Some(1), candidate("new"));
        says(&mut world, 9, 1, Some(1), candidate("good"));
        says(&mut world, 10, 1, Some(1), candidate("ignored"));
        world.run_for(seconds(3));
        let caller = world.clients.last().unwrap();
        let connection = caller.connections.values().next().unwrap();
        let added: Vec<_> = connection
            .added
            .iter()
            .map(|candidate| candidate.ufrag().unwrap())
            .collect();
        assert_eq!(added, ["good", "new"], "early: {early}");
        world.expect_no_refusals();
    }
    row.passed();
}

#[test]
fn candidates_of_another_connection_or_generation_never_reach_the_browser() {
    let row = row(7, SIMULATED);
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
        connection: ConnectionId(connection),
        to: None,
        body: PeerBody::Candidate(strange.clone()),
    };
    // Of a connection that never comes to be, before the call.
    world.naive_sends(&stranger(1, 8));
    let description = by_hand("hand");
    let offer = PeerBody::Offer {
        sdp: description.to_sdp(),
        exchange: 1,
        warm: false,
        private: false,
    };
    world.naive_sends(&PeerMessage {
        number: 2,
        ack: 0,
        after: None,
        replaces: None,
        connection: ConnectionId(9),
        to: None,
        body: offer,
    });
    // Of a connection_id that was never offered, and of an older connection.
    world.naive_sends(&stranger(3, 9));
    world.naive_sends(&stranger(4, 8));
    world.run_for(seconds(2));
    let connection = world.clients[0].connections.values().next().unwrap();
    assert!(connection.remote.is_some() && connection.added.is_empty());
    row.passed();
    world.expect_no_refusals();
}

/// A browser may gather nothing when its first offer is rolled back at once.
#[test]
fn a_connection_that_finds_no_candidates_is_made_anew() {
    for (both_click, silent) in [(false, 1), (false, 2), (true, 1), (true, 2)] {
        let mut world = World::pair();
        world.gather_nothing.insert(silent);
        world.command(0, Command::Call);
        if both_click {
            world.command(1, Command::Call);
        }
        world.run_for(seconds(7));
        assert!(
            world.are_in_call(0, 1),
            "{both_click} {silent}: {:?}",
            world.stages()
        );
        world.expect_no_refusals();
        world.hang_up_works(0);
        world.call_works(1, 0);
    }
}

#[test]
fn a_browser_that_never_finds_a_candidate_says_so_within_20_seconds() {
    let mut world = World::pair();
    world.gather_nothing.extend((1..100).step_by(2));
    world.command(0, Command::Call);
    world.run_for(seconds(20));
    let obstacles = [Obstacle::NothingToOffer, Obstacle::NothingOffered];
    for client in &world.clients {
        let EndReason::Failed(FailureCause::NoPath(obstacle)) = client.end() else {
            panic!("{:?}", client.end());
        };
        assert!(obstacles.contains(&obstacle), "{obstacle:?}");
    }
}
