//! The browser refuses an operation, one after the other.

use visavis_call::{Command, EndReason, FailureCause, Stage};

use crate::support::{Options, World, seconds};

/// How many operations a call needs that works, on both sides together.
fn operations_of_a_call(both_click: bool) -> usize {
    let mut world = World::pair();
    start(&mut world, both_click);
    world.run_for(seconds(5));
    assert!(world.are_in_call(0, 1));
    world.operations
}

fn start(world: &mut World, both_click: bool) {
    world.command(0, Command::Call);
    if both_click {
        world.command(1, Command::Call);
    }
}

#[test]
fn whatever_operation_fails_nobody_is_stuck_and_a_fresh_call_works() {
    for both_click in [false, true] {
        for failing in 1..=operations_of_a_call(both_click) {
            let mut world = World::with_people(
                2,
                Options {
                    failing_operation: Some(failing),
                    ..Options::default()
                },
            );
            start(&mut world, both_click);
            world.run_for(seconds(60));
            // Who was never called is still ready.
            let ended = world.all(|client| matches!(client.stage(), Stage::Ended | Stage::Ready));
            assert!(
                ended || world.are_in_call(0, 1),
                "{both_click} {failing}: {:?}",
                world.stages()
            );
            if ended {
                let called = world
                    .clients
                    .iter()
                    .filter(|client| client.stage() == Stage::Ended);
                let ends: Vec<_> = called.map(|client| client.end()).collect();
                let failed = |end: &EndReason| matches!(end, EndReason::Failed(FailureCause::Browser(_)));
                assert!(ends.iter().any(failed), "{failing}: one side knows why: {ends:?}");
                assert!(
                    ends.iter()
                        .all(|end| failed(end) || *end == EndReason::PeerHungUp),
                    "{failing}: {ends:?}"
                );
                world.call_works(failing % 2, 1 - failing % 2);
            } else {
                world.hang_up_works(0);
                world.call_works(1, 0);
            }
            world.expect_no_refusals();
        }
    }
}

#[test]
fn an_offer_that_fails_once_is_made_again() {
    // The first operation makes the connection, the second the offer.
    let mut world = World::with_people(
        2,
        Options {
            failing_operation: Some(2),
            ..Options::default()
        },
    );
    world.call_works(0, 1);
}

#[test]
fn the_other_side_hears_of_a_failure_at_once() {
    let mut world = World::with_people(
        2,
        Options {
            failing_operation: Some(4),
            ..Options::default()
        },
    );
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Ended, Stage::Ended]);
}
