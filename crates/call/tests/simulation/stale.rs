//! What is late, doubled or from an earlier call never reaches a later one. WebSockets neither lose nor
//! reorder, but relays are restarted, sockets break, and a relay need not be honest.

use std::time::Duration;

use visavis_call::{Command, ConnectionId, PersonState, PreConnection, Stage};
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::{PeerText, RelayMessage};

use crate::support::browser::candidates;
use crate::support::description::{Description, Sections};
use crate::support::{Client, ClientOptions, Faults, Options, World, ms, room, seconds};

/// Everything that one page was told by the other, to be said again later.
fn record_a_call() -> (World, Vec<PeerText>) {
    let mut world = World::pair();
    world.record_messages_to(1);
    world.call_works(0, 1);
    world.run_for(seconds(1));
    world.hang_up_works(0);
    world.call_works(1, 0);
    world.run_for(seconds(1));
    let recorded = world.recorded();
    assert!(
        recorded.len() > 8,
        "offer, answer, candidates, hang-up: {}",
        recorded.len()
    );
    (world, recorded)
}

fn say_again(world: &mut World, recorded: &[PeerText]) {
    let from = world.clients[0].id.clone();
    for message in recorded {
        world.say_to(
            1,
            RelayMessage::Message {
                from: from.clone(),
                message: message.clone(),
            },
        );
        world.run_for(ms(3));
    }
}

#[test]
fn messages_said_twice_have_no_effect_on_a_later_call() {
    let (mut world, recorded) = record_a_call();
    say_again(&mut world, &recorded);
    world.run_for(seconds(60));
    assert!(world.are_in_call(0, 1), "{:?}", world.stages());
    world.expect_no_refusals();
    world.hang_up_works(1);
    world.call_works(0, 1);
}

#[test]
fn messages_said_twice_start_no_call() {
    let (mut world, recorded) = record_a_call();
    world.hang_up_works(0);
    say_again(&mut world, &recorded);
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Ended, Stage::Ended]);
    world.call_works(0, 1);
    world.expect_no_refusals();
}

#[test]
fn an_answer_to_a_call_that_was_cancelled_does_not_answer_the_next_one() {
    // The callee is slow, so that its answer comes when the caller has long called anew.
    for pause in (0..40).map(|step| ms(10 * step)) {
        let mut world = World::new(Options::default());
        world.join(ClientOptions::default());
        world.join(ClientOptions {
            operation: ms(80),
            up: ms(60),
            ..ClientOptions::default()
        });
        world.run_for(seconds(1));
        world.command(0, Command::Call);
        world.command_in(pause, 0, Command::HangUp);
        world.command_in(pause + ms(1), 0, Command::Call);
        world.run_for(pause + seconds(5));
        assert!(world.are_in_call(0, 1), "after {pause:?}: {:?}", world.stages());
        world.expect_no_refusals();
    }
}

#[test]
fn candidates_that_are_found_after_hanging_up_go_nowhere() {
    let gathering = vec![ms(5), ms(400), ms(900), ms(2000)];
    let mut world = World::with_people(
        2,
        Options {
            gathering,
            ..Options::default()
        },
    );
    for round in 0..6 {
        world.call_works(round % 2, 1 - round % 2);
        world.hang_up_works(round % 2);
    }
    world.call_works(0, 1);
    world.run_for(seconds(5));
    for client in &world.clients {
        let connection = client.connections.values().next().unwrap();
        let ufrag = &connection.remote.as_ref().unwrap().ufrag;
        assert!(!connection.added.is_empty());
        assert!(
            connection
                .added
                .iter()
                .all(|candidate| candidate.ufrag() == Some(ufrag))
        );
    }
    world.expect_no_refusals();
}

#[test]
fn duplicated_messages_change_nothing() {
    for seed in 0..50 {
        let faults = Faults {
            duplicates: 50,
            ..Faults::default()
        };
        let mut world = World::with_people(
            2,
            Options {
                seed,
                faults,
                ..Options::default()
            },
        );
        for round in 0..4 {
            world.call_works(round % 2, 1 - round % 2);
            world.run_for(ms(300));
            world.hang_up_works(round % 2);
        }
        world.expect_no_refusals();
    }
}

/// A call may fail then, but nobody is stuck, nothing stale is used, and all is well when the faults stop.
#[test]
fn lost_and_reordered_messages_leave_nobody_stuck() {
    for seed in 0..100 {
        let faults = Faults {
            loss: 20,
            duplicates: 20,
            reordering: 30,
        };
        let mut world = World::with_people(
            2,
            Options {
                seed,
                faults,
                ..Options::default()
            },
        );
        for _ in 0..4 {
            let who = world.random.below(2) as usize;
            world.command(who, Command::Call);
            let pause = Duration::from_millis(world.random.below(4000));
            world.run_for(pause);
            world.command(who, Command::HangUp);
            world.run_for(pause / 2);
        }
        world.options.faults = Faults::default();
        world.run_for(seconds(70));
        let connecting = world.clients.iter().any(|client| client.is_connecting());
        assert!(!connecting, "seed {seed}: {:?}", world.stages());
        assert!(
            world.stages()[0] == world.stages()[1],
            "seed {seed}: {:?}",
            world.stages()
        );
        world.expect_no_refusals();
        // A lost hang-up is said again when the relay comes back, at the latest.
        world.restart_relay(ms(100));
        world.run_for(seconds(10));
        world.hang_up_then_quiet(0);
        world.call_works(0, 1);
    }
}

/// A relay that puts somebody on a new socket says `ready` of them again.
#[test]
fn what_may_be_lost_is_said_again_when_somebody_is_announced_again() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.options.faults.loss = 100;
    world.hang_up_then_quiet(0);
    assert!(world.clients[1].is_in_call());
    world.options.faults.loss = 0;
    let peer = world.clients[1].id.clone();
    world.say_to(0, RelayMessage::Ready { peer });
    world.run_for(seconds(1));
    assert_eq!(world.clients[1].stage(), Stage::Ended);
    world.call_works(1, 0);
}

#[test]
fn a_hang_up_that_dies_with_the_relay_is_said_again() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.command(0, Command::HangUp);
    world.run_for(ms(5));
    world.restart_relay(seconds(1));
    world.run_for(ms(100));
    assert!(world.clients[1].is_in_call(), "it has not heard of the hang-up");
    world.run_for(seconds(4));
    assert_eq!(world.stages(), [Stage::Ended, Stage::Ended]);
    world.call_works(1, 0);
}

/// A world with a page that plays by the rules, and one whose messages the test writes.
fn with_a_scripted_peer() -> World {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(ms(100));
    world.run_for(seconds(1));
    world
}

fn says(world: &mut World, number: u64, connection: u32, to: Option<u32>, body: PeerBody) {
    let (connection, to) = (ConnectionId(connection), to.map(ConnectionId));
    // It has received all that we said.
    world.naive_sends(&PeerMessage {
        number,
        ack: 1000,
        after: Some(0),
        replaces: None,
        connection,
        to,
        body,
    });
    world.run_for(seconds(1));
}

pub(crate) fn description(ufrag: &str) -> String {
    let description = Description {
        serial: 77,
        ufrag: ufrag.into(),
        sections: Sections::BOTH,
        sends: Sections::BOTH,
        ..Description::default()
    };
    description.to_sdp()
}

fn offer(ufrag: &str) -> PeerBody {
    PeerBody::Offer {
        sdp: description(ufrag),
        exchange: 1,
        warm: false,
        private: false,
    }
}

fn answer(exchange: u32) -> PeerBody {
    PeerBody::Answer {
        sdp: description("strange"),
        exchange,
    }
}

#[test]
fn answers_that_belong_to_no_offer_are_not_applied() {
    let mut world = with_a_scripted_peer();
    world.naive.as_mut().unwrap().last_sent = 1;
    world.command(0, Command::Call);
    world.run_for(ms(65));
    // Before the answer, one to an offer that was never made; after it, one more to the same offer.
    let message = |number, exchange| PeerMessage {
        number,
        ack: 1,
        after: Some(0),
        replaces: None,
        connection: ConnectionId(1),
        to: Some(ConnectionId(1)),
        body: answer(exchange),
    };
    world.naive_sends(&message(1, 2));
    assert!(
        world.run_until(seconds(5), |world| world.clients[0].is_in_call()),
        "{:?}",
        world.stages()
    );
    world.run_for(seconds(1));
    world.naive_sends(&message(100, 1));
    world.naive_sends(&message(101, 2));
    world.run_for(seconds(40));
    assert!(world.clients[0].is_in_call());
    world.expect_no_refusals();
}

#[test]
fn an_offer_about_a_connection_that_is_over_is_no_call() {
    let mut world = with_a_scripted_peer();
    says(&mut world, 1, 1, None, offer("first"));
    assert_eq!(world.stages(), [Stage::Connecting]);
    says(&mut world, 2, 1, Some(1), PeerBody::HangUp);
    assert_eq!(world.stages(), [Stage::Ended]);
    says(&mut world, 3, 1, None, offer("first"));
    assert_eq!(world.stages(), [Stage::Ended]);
    says(&mut world, 4, 2, None, offer("second"));
    assert_eq!(world.stages(), [Stage::Connecting]);
}

#[test]
fn what_is_meant_for_an_earlier_connection_of_ours_does_not_reach_the_present_one() {
    let mut world = with_a_scripted_peer();
    says(&mut world, 1, 1, None, offer("first"));
    says(&mut world, 2, 1, Some(1), PeerBody::HangUp);
    says(&mut world, 3, 2, None, offer("second"));
    let stale = candidates(77, "second", 1).remove(0);
    says(&mut world, 4, 2, Some(1), PeerBody::Candidate(stale));
    says(&mut world, 5, 2, Some(1), PeerBody::HangUp);
    assert_eq!(world.stages(), [Stage::Connecting]);
    let connections: Vec<_> = world.clients[0].connections.values().collect();
    assert_eq!(connections.len(), 1);
    assert!(connections[0].added.is_empty());
}

/// The other side has given up what we think is still going on, and we did not hear of it.
#[test]
fn a_newer_call_of_the_same_person_replaces_the_one_we_know() {
    let mut world = with_a_scripted_peer();
    says(&mut world, 1, 1, None, offer("first"));
    says(&mut world, 2, 5, None, offer("second"));
    assert_eq!(world.stages(), [Stage::Connecting]);
    let connections: Vec<_> = world.clients[0].connections.values().collect();
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].remote.as_ref().unwrap().ufrag, "second");
    // And nothing of the first one counts any more.
    says(&mut world, 3, 1, None, PeerBody::HangUp);
    assert_eq!(world.stages(), [Stage::Connecting]);
}

/// What was said to somebody before they left arrives when they are back, if that was quick: then the call
/// is over for the caller, and must not ring for ever.
#[test]
fn a_call_that_reaches_somebody_who_left_and_came_back_ends() {
    for pre_connection in [PreConnection::Nothing, PreConnection::On] {
        for caller in 0..2 {
            for moment in 0..12 {
                let mut world = World::new(Options {
                    capacity: 3,
                    ..Options::default()
                });
                for person in 0..3 {
                    world.join(ClientOptions {
                        // The caller's offer is for somebody who is not connected before a call.
                        pre_connection: [pre_connection, PreConnection::Nothing][person / 2],
                        ..ClientOptions::default()
                    });
                }
                world.run_for(seconds(2));
                let enter = |name| Command::Enter(room(name));
                world.command_in(ms(30), 2, enter("elsewhere"));
                world.command_in(ms(40), 2, enter("test"));
                world.command_in(ms(5 * moment), caller, Command::Call);
                world.run_for(seconds(60));
                let rings = |state| matches!(state, PersonState::Calling | PersonState::Ringing);
                let nobody_rings = |client: &Client| {
                    let mut people = client.view().people.into_iter();
                    people.len() == 2 && people.all(|person| !rings(person.state))
                };
                assert!(
                    world.all(nobody_rings),
                    "{caller} calls after {moment}, {pre_connection:?}: {:?}",
                    world.stages()
                );
                for client in 0..3 {
                    world.hang_up_then_quiet(client);
                }
                world.command(caller, Command::Call);
                world.all_answer();
                world.run_for(seconds(5));
                assert!(world.are_in_call(caller, 2), "{:?}", world.stages());
                world.expect_no_refusals();
            }
        }
    }
}

/// An offer that we decline is not for the connection that takes the place of the one it was for.
#[test]
fn an_offer_that_is_declined_is_not_answered_by_the_next_connection() {
    let mut world = World::new(Options {
        capacity: 3,
        ..Options::default()
    });
    for person in 0..3 {
        world.join(ClientOptions {
            pre_connection: PreConnection::On,
            // Who is to make the connections before a call can't yet.
            token: if person == 1 { seconds(3) } else { ms(20) },
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(1));
    let busy_with = world.clients[0].id.clone();
    world.command(1, Command::CallPerson(busy_with));
    world.command(2, Command::Call);
    world.run_for(ms(100));
    world.command(2, Command::HangUp);
    world.run_for(seconds(9));
    let declined = &world.clients[2].id;
    let answered = |(peer, _): &(_, _)| peer == declined;
    let connections = &world.clients[1].connections;
    assert_eq!(connections.keys().filter(|key| answered(key)).count(), 1);
    let people = world.clients[2].view().people;
    let them = people.iter().find(|person| person.id == world.clients[1].id);
    assert!(them.is_some_and(|person| person.pre_connected), "{people:?}");
    world.expect_no_refusals();
}

/// They had offered a connection as well, and left: that they have said something does not mean that they
/// have heard our offer.
#[test]
fn a_call_that_crosses_an_offer_from_before_somebody_left_ends() {
    for moment in 0..20 {
        let mut world = World::room_of(3, PreConnection::On);
        let enter = |name| Command::Enter(room(name));
        for (delay, room) in [(30, "elsewhere"), (40, "test"), (110, "elsewhere"), (115, "test")] {
            world.command_in(ms(delay), 1, enter(room));
        }
        world.command_in(ms(60 + 5 * moment), 0, Command::Call);
        world.run_for(seconds(60));
        let rings = |state| matches!(state, PersonState::Calling | PersonState::Ringing);
        let nobody_rings = |client: &Client| !client.view().people.iter().any(|person| rings(person.state));
        assert!(world.all(nobody_rings), "after {moment}: {:?}", world.stages());
        world.expect_no_refusals();
    }
}

/// They hung up the connection that we know, and then a newer one, which they took for part of an older one
/// of ours.
#[test]
fn who_hangs_up_a_newer_connection_has_left_the_one_that_we_know() {
    let mut world = with_a_scripted_peer();
    says(&mut world, 1, 1, None, offer("first"));
    says(&mut world, 2, 1, Some(1), PeerBody::HangUp);
    says(&mut world, 3, 2, None, offer("second"));
    assert_eq!(world.stages(), [Stage::Connecting]);
    says(&mut world, 4, 3, Some(1), PeerBody::HangUp);
    assert_eq!(world.stages(), [Stage::Ended]);
}

/// Both made a connection at once: they have left the one that we had heard of, and taken ours with the next.
#[test]
fn who_takes_our_connection_with_a_newer_one_is_offered_another() {
    let mut world = with_a_scripted_peer();
    says(&mut world, 1, 1, None, offer("first"));
    says(&mut world, 2, 2, Some(1), PeerBody::Call { private: false });
    assert_eq!(world.clients[0].made.len(), 2);
    let heard = &world.naive.as_ref().unwrap().heard;
    let offers = heard.iter().filter(|body| body.starts_with("Offer"));
    assert_eq!(offers.count(), 1, "{heard:?}");
    // What else comes for the old one changes nothing.
    says(&mut world, 3, 2, Some(1), PeerBody::Call { private: false });
    assert_eq!(world.clients[0].made.len(), 2);
    world.expect_no_refusals();
}
