//! The browser refuses operations: one retry, then a rebuilt connection, then the truth.

use std::ops::Range;

use visavis_call::{Command, EndReason, FailureCause, Stage};
use visavis_rows::row;

use crate::support::{Client, Options, World, seconds};

/// Nobody starts a call in it yet.
fn pair_whose_operations_fail(failing: Range<usize>) -> World {
    World::with_people(
        2,
        Options {
            failing_operations: failing,
            ..Options::default()
        },
    )
}

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
fn whatever_operation_fails_once_the_call_is_connected_all_the_same() {
    let row = row(4, "simulated");
    for both_click in [false, true] {
        for failing in 1..=operations_of_a_call(both_click) {
            let mut world = pair_whose_operations_fail(failing..failing + 1);
            start(&mut world, both_click);
            world.run_for(seconds(15));
            assert!(
                world.are_in_call(0, 1),
                "{both_click} {failing}: {:?}",
                world.stages()
            );
            world.hang_up_works(0);
            world.call_works(1, 0);
            world.expect_no_refusals();
        }
    }
    row.passed();
}

#[test]
fn whatever_operation_fails_in_a_restart_media_comes_back() {
    let row = row(4, "simulated");
    let before = operations_of_a_call(false);
    for failing in before + 1..before + 12 {
        for times in [1, 2] {
            let mut world = pair_whose_operations_fail(failing..failing + times);
            world.call_works(0, 1);
            world.set_path(0, 1, false);
            world.run_for(seconds(8));
            world.set_path(0, 1, true);
            world.run_for(seconds(30));
            assert!(world.operations >= failing, "{failing}: nothing has failed");
            assert!(world.are_in_call(0, 1), "{failing}: {:?}", world.stages());
            world.expect_no_refusals();
            world.hang_up_works(0);
            world.call_works(1, 0);
        }
    }
    row.passed();
}

#[test]
fn when_operations_go_on_failing_nobody_is_stuck_and_a_fresh_call_works() {
    let row = row(4, "simulated");
    for both_click in [false, true] {
        for failing in 1..=operations_of_a_call(both_click) {
            for times in [2, 5] {
                let mut world = pair_whose_operations_fail(failing..failing + times);
                start(&mut world, both_click);
                world.run_for(seconds(60));
                // Who was never called is still ready.
                let ended = world.all(|client| matches!(client.stage(), Stage::Ended | Stage::Ready));
                assert!(
                    ended || world.are_in_call(0, 1),
                    "{both_click} {failing} {times}: {:?}",
                    world.stages()
                );
                world.options.failing_operations = 0..0;
                world.hang_up_then_quiet(0);
                world.call_works(failing % 2, 1 - failing % 2);
                world.expect_no_refusals();
            }
        }
    }
    row.passed();
}

#[test]
fn a_browser_that_refuses_everything_is_named_as_the_cause_at_once() {
    let row = row(4, "simulated");
    for failing in 1..=4 {
        let mut world = pair_whose_operations_fail(failing..usize::MAX);
        world.command(0, Command::Call);
        world.run_for(seconds(2));
        let refused = |client: &Client| {
            client.stage() == Stage::Ended
                && matches!(client.end(), EndReason::Failed(FailureCause::Browser(_)))
        };
        assert!(
            world.clients.iter().any(refused),
            "{failing}: {:?}",
            world.stages()
        );
        let over = |client: &Client| matches!(client.stage(), Stage::Ended | Stage::Ready);
        assert!(world.all(over), "{failing}: {:?}", world.stages());
    }
    row.passed();
}
