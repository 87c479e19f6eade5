//! Calls among several: ringing, answering, declining, joining, leaving, and calls between two of many.

use std::collections::BTreeSet;

use visavis_call::{
    CallKind, Command, EndReason, Input, PeerEvent, PersonState, PreConnection, SignalingView, Stage,
};

use crate::support::{ClientId, ClientOptions, Options, World, ms, seconds};

const PRE_CONNECTIONS: [PreConnection; 3] = [PreConnection::On, PreConnection::Off, PreConnection::Nothing];

fn call_person(world: &mut World, caller: ClientId, callee: ClientId) {
    let id = world.clients[callee].id.clone();
    world.command(caller, Command::CallPerson(id));
    world.run_for(seconds(1));
}

fn states(world: &World, of: ClientId) -> Vec<PersonState> {
    let people = world.clients[of].view().people;
    people.iter().map(|person| person.state).collect()
}

/// What somebody says of the call that they take part in, as another one has heard it.
fn told(world: &World, who: ClientId, to: ClientId) -> Option<CallKind> {
    let id = &world.clients[who].id;
    let people = world.clients[to].view().people;
    people.iter().find(|person| person.id == *id)?.call
}

#[track_caller]
fn all_are_connected(world: &World, people: &[ClientId]) {
    for (index, one) in people.iter().enumerate() {
        for other in &people[index + 1..] {
            assert!(
                world.are_in_call(*one, *other),
                "{one} and {other}: {:?}, {:?} and {:?}",
                world.stages(),
                states(world, *one),
                states(world, *other)
            );
        }
    }
    world.expect_no_refusals();
}

#[test]
fn in_a_room_of_several_a_call_rings_and_shows_nobody_before_it_is_answered() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::room_of(3, pre_connection);
        world.command(0, Command::Call);
        world.run_for(seconds(5));
        assert_eq!(
            world.stages(),
            [Stage::Connecting, Stage::Ringing, Stage::Ringing],
            "{pre_connection:?}"
        );
        assert_eq!(states(&world, 0), [PersonState::Ringing, PersonState::Ringing]);
        assert!(world.all(|client| client.sending.is_empty()), "nobody is seen");

        world.answer(1);
        world.run_for(seconds(2));
        all_are_connected(&world, &[0, 1]);
        assert_eq!(world.clients[2].stage(), Stage::Ringing);
        assert!(world.clients[2].sending.is_empty());
        let id = &world.clients[2].id;
        let seen = world.clients[..2]
            .iter()
            .any(|client| client.sending.iter().any(|(to, _)| to == id));
        assert!(!seen, "nor do they see who has not answered");

        world.answer(2);
        world.run_for(seconds(2));
        all_are_connected(&world, &[0, 1, 2]);
    }
}

#[test]
fn who_declines_is_left_alone_and_may_join_later() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::room_of(3, pre_connection);
        world.command(0, Command::Call);
        world.run_for(seconds(1));
        world.answer(1);
        world.command(2, Command::HangUp);
        world.run_for(seconds(50));
        all_are_connected(&world, &[0, 1]);
        assert_eq!(world.clients[2].stage(), Stage::Ready);
        assert_eq!(world.clients[2].view().to_join().count(), 2);
        assert_eq!(states(&world, 0), [PersonState::Connected, PersonState::Here]);

        world.command(2, Command::Call);
        world.run_for(seconds(3));
        all_are_connected(&world, &[0, 1, 2]);
    }
}

#[test]
fn a_call_that_everybody_declines_is_over() {
    let mut world = World::room_of(3, PreConnection::On);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    for callee in [1, 2] {
        assert_eq!(world.clients[0].stage(), Stage::Connecting);
        world.command(callee, Command::HangUp);
        world.run_for(seconds(1));
    }
    assert_eq!(world.clients[0].end(), EndReason::Declined);
    assert_eq!(world.stages(), [Stage::Ended, Stage::Ready, Stage::Ready]);
    assert!(world.clients.iter().all(|client| client.sending.is_empty()));
}

#[test]
fn a_call_that_nobody_answers_stops_to_ring() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::room_of(3, pre_connection);
        world.command(0, Command::Call);
        world.run_for(seconds(44));
        assert_eq!(
            world.stages(),
            [Stage::Connecting, Stage::Ringing, Stage::Ringing]
        );
        world.run_for(seconds(2));
        assert_eq!(world.clients[0].end(), EndReason::Unanswered);
        for callee in [1, 2] {
            assert_eq!(world.clients[callee].end(), EndReason::Missed);
        }
        // Whoever missed it can call back.
        world.call_works(1, 0);
    }
}

#[test]
fn who_gives_up_calling_leaves_a_missed_call_behind() {
    let give_up: [fn(&mut World); 2] = [
        |world| world.command(0, Command::HangUp),
        |world| world.command(0, Command::Leave),
    ];
    for give_up in give_up {
        let mut world = World::room_of(3, PreConnection::On);
        world.command(0, Command::Call);
        world.run_for(seconds(1));
        give_up(&mut world);
        world.run_for(seconds(1));
        assert_eq!(world.clients[1].end(), EndReason::Missed);
        assert_eq!(world.clients[2].end(), EndReason::Missed);
    }
}

#[test]
fn who_comes_later_joins_the_call_that_goes_on() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::new(Options {
            capacity: 4,
            ..Options::default()
        });
        let options = ClientOptions {
            pre_connection,
            ..ClientOptions::default()
        };
        world.join(options.clone());
        world.join(options.clone());
        world.run_for(seconds(2));
        world.call_works(0, 1);
        // Both join in the same instant, and know nothing of each other.
        world.join(options.clone());
        world.join(options);
        world.run_for(seconds(2));
        assert_eq!(world.stages()[2..], [Stage::Ready, Stage::Ready]);
        assert_eq!(world.clients[2].view().to_join().count(), 2);
        world.command(2, Command::Call);
        world.command(3, Command::Call);
        world.run_for(seconds(3));
        all_are_connected(&world, &[0, 1, 2, 3]);
        // Whoever leaves ends it for themselves alone.
        world.command(0, Command::HangUp);
        world.run_for(seconds(2));
        assert_eq!(world.clients[0].end(), EndReason::HungUp);
        all_are_connected(&world, &[1, 2, 3]);
        assert_eq!(told(&world, 0, 3), None);
        assert_eq!(world.clients[0].view().to_join().count(), 3);
    }
}

#[test]
fn eight_who_all_call_at_once_are_all_connected_with_each_other() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::room_of(8, pre_connection);
        for client in 0..8 {
            world.command(client, Command::Call);
        }
        world.run_for(seconds(5));
        all_are_connected(&world, &[0, 1, 2, 3, 4, 5, 6, 7]);
    }
}

#[test]
fn eight_are_connected_who_answer_one_call() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::room_of(8, pre_connection);
        world.command(3, Command::Call);
        world.all_answer();
        world.run_for(seconds(5));
        all_are_connected(&world, &[0, 1, 2, 3, 4, 5, 6, 7]);
    }
}

#[test]
fn two_of_several_talk_alone() {
    for pre_connection in PRE_CONNECTIONS {
        let mut world = World::room_of(4, pre_connection);
        call_person(&mut world, 0, 2);
        assert_eq!(
            world.stages(),
            [Stage::Connecting, Stage::Ready, Stage::Ringing, Stage::Ready]
        );
        world.answer(2);
        world.run_for(seconds(2));
        all_are_connected(&world, &[0, 2]);
        assert_eq!(told(&world, 0, 1), Some(CallKind::Private));
        assert_eq!(world.clients[1].view().to_join().count(), 0);

        // Whoever calls them all the same hears that they are busy, and is with the rest.
        world.command(1, Command::Call);
        world.run_for(seconds(2));
        world.answer(3);
        world.run_for(seconds(2));
        all_are_connected(&world, &[0, 2]);
        all_are_connected(&world, &[1, 3]);
        call_person(&mut world, 0, 1);
        assert_eq!(world.clients[0].stage(), Stage::InCall, "not out of a call");

        world.command(0, Command::HangUp);
        world.run_for(seconds(2));
        assert_eq!(world.clients[2].end(), EndReason::PeerHungUp);
        all_are_connected(&world, &[1, 3]);
        // Now they may join.
        world.command(2, Command::Call);
        world.run_for(seconds(2));
        all_are_connected(&world, &[1, 2, 3]);
    }
}

#[test]
fn who_is_in_another_call_is_busy() {
    let mut world = World::room_of(3, PreConnection::On);
    call_person(&mut world, 0, 1);
    world.answer(1);
    world.run_for(seconds(1));
    call_person(&mut world, 2, 1);
    assert_eq!(world.clients[2].end(), EndReason::Busy);
    all_are_connected(&world, &[0, 1]);
}

#[test]
fn of_two_who_call_answering_one_privately_tells_the_other_that_one_is_busy() {
    let mut world = World::room_of(3, PreConnection::On);
    call_person(&mut world, 1, 0);
    call_person(&mut world, 2, 0);
    assert_eq!(states(&world, 0), [PersonState::Calling, PersonState::Calling]);
    world.answer(0);
    world.run_for(seconds(1));
    all_are_connected(&world, &[0, 1]);
    assert_eq!(world.clients[2].end(), EndReason::Busy);
}

#[test]
fn calls_that_cross_become_one() {
    for pre_connection in PRE_CONNECTIONS {
        // Two call each other privately.
        let mut world = World::room_of(3, pre_connection);
        let ids: Vec<_> = world.clients.iter().map(|client| client.id.clone()).collect();
        world.command(0, Command::CallPerson(ids[1].clone()));
        world.command(1, Command::CallPerson(ids[0].clone()));
        world.run_for(seconds(3));
        all_are_connected(&world, &[0, 1]);
        assert_eq!(world.clients[2].stage(), Stage::Ready);

        // One of the two calls everybody: then it is open.
        let mut world = World::room_of(3, pre_connection);
        world.command(0, Command::CallPerson(ids[1].clone()));
        world.command(1, Command::Call);
        world.run_for(seconds(3));
        all_are_connected(&world, &[0, 1]);
        assert_eq!(told(&world, 0, 2), Some(CallKind::Open));
        assert_eq!(told(&world, 1, 2), Some(CallKind::Open));
        world.answer(2);
        world.run_for(seconds(3));
        all_are_connected(&world, &[0, 1, 2]);
    }
}

/// What is said over the data channel is there sooner than what the relay brings.
#[test]
fn news_of_a_call_that_come_after_its_end_do_not_revive_it() {
    for moment in (0..40).map(|step| ms(5 * step)) {
        let mut world = World::new(Options {
            capacity: 4,
            ..Options::default()
        });
        for _ in 0..4 {
            world.join(ClientOptions {
                pre_connection: PreConnection::On,
                up: ms(150),
                ..ClientOptions::default()
            });
        }
        world.run_for(seconds(3));
        world.command(1, Command::Call);
        world.run_for(seconds(1));
        world.answer(2);
        world.run_for(seconds(1));
        // Joins, and is gone again.
        world.command(0, Command::HangUp);
        world.command(0, Command::Call);
        world.command_in(moment, 0, Command::HangUp);
        world.run_for(seconds(4));
        all_are_connected(&world, &[1, 2]);
        assert!(!world.clients[0].is_in_call() && !world.clients[0].is_connecting());
        assert_eq!(states(&world, 1)[0], PersonState::Here, "{moment:?}");
        assert_ne!(world.clients[0].stage(), Stage::Ringing, "{moment:?}");
    }
}

#[test]
fn a_third_person_who_comes_or_goes_while_it_rings_changes_nothing_for_the_two() {
    let mut rang = [BTreeSet::new(), BTreeSet::new()];
    for moment in (0..40).map(|step| ms(5 * step)) {
        // There were two when the call was made, and there are three when it arrives; or the other way round.
        let mut world = World::with_people(
            2,
            Options {
                capacity: 3,
                ..Options::default()
            },
        );
        let third = world.add(ClientOptions::default());
        world.command_in(
            moment,
            third,
            Command::GetMedia(visavis_call::MediaWish::CameraAndMicrophone),
        );
        world.command_in(ms(100), 0, Command::Call);
        world.run_for(seconds(2));
        rang[0].insert(world.answer_if_it_rings(1));
        world.run_for(seconds(2));
        all_are_connected(&world, &[0, 1]);

        let mut world = World::room_of(3, PreConnection::Nothing);
        world.command_in(moment, 2, Command::Leave);
        world.command_in(ms(100), 0, Command::Call);
        world.run_for(seconds(2));
        rang[1].insert(world.answer_if_it_rings(1));
        world.run_for(seconds(2));
        all_are_connected(&world, &[0, 1]);
    }
    assert_eq!(
        rang,
        [[false, true]; 2].map(BTreeSet::from),
        "both cases are among them"
    );
}

#[test]
fn the_relay_may_restart_while_it_rings() {
    let mut world = World::room_of(3, PreConnection::On);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    let stages = [Stage::Connecting, Stage::Ringing, Stage::Ringing];
    assert_eq!(world.stages(), stages);
    world.restart_relay(seconds(3));
    world.run_for(ms(100));
    for _ in 0..10 {
        assert!(world.all(|client| client.view().signaling_route != SignalingView::Relay));
        assert_eq!(world.stages(), stages, "it goes on ringing");
        world.run_for(ms(250));
    }
    world.run_for(seconds(7));
    assert!(world.all(|client| client.view().signaling_route == SignalingView::Relay));
    assert_eq!(world.stages(), stages);
    world.answer(1);
    world.answer(2);
    world.run_for(seconds(5));
    all_are_connected(&world, &[0, 1, 2]);
}

/// The data channel of a connection that stands ready carries the answer.
#[test]
fn a_call_can_be_answered_and_declined_while_the_relay_is_away() {
    let mut world = World::room_of(3, PreConnection::On);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    world.restart_relay(seconds(20));
    world.run_for(ms(500));
    assert_eq!(
        world.stages(),
        [Stage::Connecting, Stage::Ringing, Stage::Ringing]
    );
    world.answer(1);
    world.command(2, Command::HangUp);
    world.run_for(seconds(1));
    assert!(world.all(|client| client.view().signaling_route != SignalingView::Relay));
    assert_eq!(world.stages(), [Stage::InCall, Stage::InCall, Stage::Joining]);
    assert!(world.are_in_call(0, 1));
    world.run_for(seconds(40));
    assert!(
        world.are_in_call(0, 1),
        "the relay is back, and nothing has changed"
    );
}

/// A person who answers has answered, whether or not something can tell the caller at the moment.
#[test]
fn an_answer_that_nothing_can_bring_yet_is_said_when_the_relay_is_back() {
    for by_name in [false, true] {
        let mut world = World::room_of(3, PreConnection::On);
        call_person(&mut world, 1, 0);
        assert_eq!(world.clients[0].stage(), Stage::Ringing);
        for (who, other) in [(0, 1), (1, 0)] {
            let other = world.clients[other].id.clone();
            let ids = world.clients[who].connections.keys();
            let connection = ids.filter(|(peer, _)| *peer == other).map(|(_, id)| *id).next();
            let closed = PeerEvent::ChannelClosed;
            world.input(who, Input::Peer(other, connection.unwrap(), closed));
        }
        world.restart_relay(seconds(5));
        world.run_for(ms(500));
        let caller = world.clients[1].id.clone();
        let answer = if by_name {
            Command::CallPerson(caller)
        } else {
            Command::Call
        };
        world.command(0, answer);
        assert_ne!(world.clients[0].stage(), Stage::Ringing);
        assert!(!world.are_in_call(0, 1), "nobody has told the caller");
        world.run_for(seconds(10));
        all_are_connected(&world, &[0, 1]);
    }
}

/// Whatever the number of people, what somebody sends to all of them stays the same.
#[test]
fn what_is_sent_is_shared_out_evenly_among_those_who_see_it() {
    let mut world = World::room_of(4, PreConnection::On);
    let share = |world: &World, from: ClientId, to: ClientId| {
        let shares = &world.clients[from].shares;
        let of = shares.iter().rev().find(|(_, id, _)| *id == world.clients[to].id);
        of.map(|(.., share)| share.percent)
    };
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    for (part, client) in [(100, 1), (50, 2), (34, 3)] {
        world.answer(client);
        world.run_for(ms(400));
        assert_ne!(share(&world, 0, client), Some(part), "the first picture is small");
        world.run_for(seconds(2));
        for other in 1..=client {
            assert_eq!(share(&world, 0, other), Some(part));
        }
        assert_eq!(share(&world, client, 0), Some(part));
    }
    // Nobody is told twice.
    assert_eq!(world.clients[0].shares.len(), 1 + 2 + 3);
    world.command(2, Command::HangUp);
    world.run_for(seconds(2));
    for (from, to) in [(0, 1), (1, 3), (3, 0)] {
        assert_eq!(share(&world, from, to), Some(50));
    }
}
