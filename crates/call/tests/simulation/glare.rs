//! Both sides do something at once. Latencies go through all combinations, so that each message crosses each
//! other message somewhere.

use std::time::Duration;

use visavis_call::{Command, EndReason, Stage};

use crate::support::{ClientOptions, Options, World, ms, seconds};

/// Every latency each way, in steps of an operation's length and of half of it.
fn latencies() -> impl Iterator<Item = (Duration, Duration)> {
    let steps = [(10, 0..=5), (5, 0..=5), (37, 1..=5)];
    steps.into_iter().flat_map(|(step, range)| {
        range
            .clone()
            .flat_map(move |one| range.clone().map(move |other| (ms(step * one), ms(step * other))))
    })
}

fn pair_with(one: Duration, other: Duration) -> World {
    let mut world = World::new(Options::default());
    for up in [one, other] {
        world.join(ClientOptions {
            up,
            down: ms(0),
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(1));
    world
}

#[test]
fn both_click_call_at_once_and_get_one_call() {
    for (one, other) in latencies() {
        let mut world = pair_with(one, other);
        world.command(0, Command::Call);
        world.command(1, Command::Call);
        assert!(
            world.run_until(seconds(5), |world| world.are_in_call(0, 1)),
            "{one:?} {other:?} {:?}",
            world.stages()
        );
        world.run_for(seconds(60));
        assert!(world.are_in_call(0, 1), "{one:?} {other:?}: it lasts");
        assert!(
            world.all(|client| client.connections.len() == 1 && client.made.len() == 1),
            "one call"
        );
        world.expect_no_refusals();
        world.hang_up_works(0);
        world.call_works(1, 0);
    }
}

/// Candidates of the offer that was rolled back are of no use to anybody.
#[test]
fn after_glare_only_candidates_of_the_connection_that_came_about_are_applied() {
    for (one, other) in latencies() {
        let mut world = pair_with(one, other);
        world.command(0, Command::Call);
        world.command(1, Command::Call);
        world.run_for(seconds(5));
        for client in &world.clients {
            let connection = client.connections.values().next().unwrap();
            let theirs = &connection.remote.as_ref().unwrap().ufrag;
            assert_eq!(
                connection.added.len(),
                4,
                "all of them, and their end: {one:?} {other:?}"
            );
            for candidate in &connection.added {
                assert_eq!(candidate.ufrag(), Some(theirs.as_str()), "{one:?} {other:?}");
            }
        }
    }
}

#[test]
fn both_click_call_within_a_moment_and_get_one_call() {
    for (one, other) in latencies() {
        for delay in [3, 10, 24, 45, 80] {
            let mut world = pair_with(one, other);
            world.command(0, Command::Call);
            world.command_in(ms(delay), 1, Command::Call);
            let works = world.run_until(seconds(5), |world| world.are_in_call(0, 1));
            assert!(works, "{one:?} {other:?} {delay} {:?}", world.stages());
            world.run_for(seconds(40));
            assert!(world.are_in_call(0, 1), "{one:?} {other:?} {delay}: it lasts");
            world.expect_no_refusals();
        }
    }
}

#[test]
fn hanging_up_during_glare_always_wins() {
    for (one, other) in latencies() {
        for moment in 0..25 {
            let mut world = pair_with(one, other);
            world.command(0, Command::Call);
            world.command(1, Command::Call);
            world.run_for(ms(moment * 9));
            assert!(world.clients[0].is_connecting() || world.clients[0].is_in_call());
            world.command(0, Command::HangUp);
            // Whoever has hung up is never in a call again.
            let again = world.run_until(seconds(3), |world| world.clients[0].stage() != Stage::Ended);
            assert!(!again, "{one:?} {other:?} {moment}: {:?}", world.stages());
            assert_eq!(
                world.clients[1].stage(),
                Stage::Ended,
                "{one:?} {other:?} {moment}"
            );
            assert_eq!(world.clients[1].end(), EndReason::PeerHungUp);
            world.expect_no_refusals();
            world.call_works((moment % 2) as usize, 1 - (moment % 2) as usize);
        }
    }
}

#[test]
fn both_hang_up_at_once() {
    for (one, other) in latencies() {
        let mut world = pair_with(one, other);
        world.call_works(0, 1);
        world.command(0, Command::HangUp);
        world.command(1, Command::HangUp);
        world.run_for(seconds(2));
        assert!(world.all(|client| client.end() == EndReason::HungUp));
        world.call_works(1, 0);
    }
}

/// The hang-up and the new call's offer cross on the wire: the offer will be taken for one of the old call,
/// so its caller must not wait for an answer.
#[test]
fn a_call_that_crosses_a_hang_up_ends_at_once_or_works() {
    for (one, other) in latencies() {
        for (first, then) in [(0, 0), (0, 15), (15, 0), (30, 7), (7, 30)] {
            let mut world = pair_with(one, other);
            world.call_works(0, 1);
            world.command_in(ms(first), 0, Command::HangUp);
            world.command_in(ms(then), 1, Command::HangUp);
            world.command_in(ms(then + 1), 1, Command::Call);
            world.run_for(seconds(4));
            let ended = world.stages() == [Stage::Ended, Stage::Ended];
            assert!(
                ended || world.are_in_call(0, 1),
                "{one:?} {other:?} {first} {then}: {:?}",
                world.stages()
            );
            world.hang_up_then_quiet(1);
            world.call_works(1, 0);
        }
    }
}

#[test]
fn calling_and_hanging_up_and_calling_on_both_sides_at_once_is_never_stuck() {
    for (one, other) in latencies() {
        for pause in [1, 12, 30, 90] {
            let mut world = pair_with(one, other);
            for client in [0, 1] {
                world.command(client, Command::Call);
                world.command_in(ms(pause), client, Command::HangUp);
                world.command_in(ms(2 * pause), client, Command::Call);
            }
            world.run_for(seconds(4));
            let ended = world.stages() == [Stage::Ended, Stage::Ended];
            assert!(
                ended || world.are_in_call(0, 1),
                "{one:?} {other:?} {pause}: {:?}",
                world.stages()
            );
            world.hang_up_then_quiet(0);
            world.call_works(0, 1);
        }
    }
}
