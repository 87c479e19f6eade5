//! Everything that can happen between two people, in every order, within bounds: stateright goes through all
//! states of two real `Call`s, of models of their browsers, and of the relay between them.
//!
//! ```text
//! World ─┬─ Side ── Call, FakeConnection (the one of the simulation)      twice
//!        └─ letters that the relay has for each of them, in order, or not
//! ```
//!
//! A state is *quiet* when nothing happens by itself any more. Every way on from any state leads to a quiet
//! one, because everything is bounded, so it is enough to look at those. If something does not hold, the
//! shortest way to it is shown.
//!
//! Wider bounds than the tests have time for are in `benchmark.rs`, which is run by hand and before a
//! release; any others are explored by `VISAVIS_BOUNDS="calls=2 hang_ups=1" cargo test --release -p
//! visavis-call --test exploration -- --ignored chosen --nocapture`. See [`Exploration::within`].

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod benchmark;
#[path = "../simulation/support/connection.rs"]
#[allow(dead_code, reason = "shared with the simulation")]
mod connection;
#[path = "../simulation/support/description.rs"]
#[allow(dead_code, reason = "shared with the simulation")]
mod description;
#[path = "../simulation/support/intruder.rs"]
mod intruder;
mod model;
mod side;
mod world;

use model::Exploration;
use visavis_rows::row;

/// Row 1 of the fault matrix: whatever the order, if messages keep theirs.
#[track_caller]
fn in_any_order(bounds: &str) {
    explore(1, bounds);
}

/// Row 2: messages are lost, doubled, or overtaken. In the end both are announced to each other anew.
#[track_caller]
fn with_faults(bounds: &str) {
    explore(2, bounds);
}

#[track_caller]
fn explore(number: u32, bounds: &str) {
    let row = row(number, "simulated");
    // Tests run beside each other, so that each needs one thread.
    let found = Exploration::within(bounds).explore(1);
    println!("{bounds}: {found}");
    row.note(format!("{} states: {bounds}", found.states)).passed();
}

#[test]
#[ignore = "it explores within the bounds of VISAVIS_BOUNDS"]
fn chosen() {
    let bounds = std::env::var("VISAVIS_BOUNDS");
    let bounds = bounds.expect("VISAVIS_BOUNDS has to say within which bounds, such as \"calls=2 strays=1\"");
    println!(
        "{bounds}: {}",
        Exploration::within(&bounds).explore(all_processors())
    );
}

/// For what runs alone.
fn all_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[test]
fn two_calls_and_a_hang_up() {
    in_any_order("calls=2 hang_ups=1");
}

#[test]
fn two_calls_and_a_hang_up_with_ice_servers_that_are_asked_for_each_time() {
    in_any_order("calls=2 hang_ups=1 token_lasts=0");
}

#[test]
fn a_call_and_a_hang_up_with_the_end_of_candidates() {
    in_any_order("calls=1 hang_ups=1 candidates=2");
}

#[test]
fn two_strangers_whose_candidates_wait_for_the_answer() {
    in_any_order("calls=2 strangers=1");
    in_any_order("calls=1 hang_ups=1 candidates=2 strangers=1");
}

#[test]
fn a_call_a_hang_up_and_a_restart() {
    in_any_order("calls=1 hang_ups=1 restarts=1 strangers=1");
}

#[test]
fn a_call_a_hang_up_and_another_track() {
    in_any_order("calls=1 hang_ups=1 tracks=1");
}

#[test]
fn two_calls_and_an_operation_that_fails() {
    in_any_order("calls=2 refusals=1");
}

#[test]
fn a_call_a_hang_up_and_an_operation_that_fails() {
    in_any_order("calls=1 hang_ups=1 refusals=1");
}

#[test]
fn two_calls_over_a_connection_that_stands_ready_or_not_yet() {
    in_any_order("calls=2 pre_connected=3");
}

#[test]
fn a_call_and_a_hang_up_if_one_of_the_two_pre_connects() {
    in_any_order("calls=1 hang_ups=1 pre_connected=1");
    in_any_order("calls=1 hang_ups=1 pre_connected=2 strangers=1");
}

#[test]
fn two_calls_over_descriptions_alone() {
    in_any_order("calls=2 off=3");
}

#[test]
fn a_call_and_a_hang_up_over_descriptions_alone_of_one_of_the_two() {
    in_any_order("calls=1 hang_ups=1 off=1");
    in_any_order("calls=1 hang_ups=1 off=2");
}

#[test]
fn a_call_if_one_of_the_two_keeps_candidates() {
    in_any_order("calls=1 off=2 pre_connected=1");
}

#[test]
fn a_call_over_descriptions_alone_in_browsers_that_give_up_waiting() {
    in_any_order("calls=1 off=1 impatient=1");
    in_any_order("calls=1 off=2 impatient=1");
}

#[test]
fn a_pre_connected_call_and_an_operation_that_fails() {
    in_any_order("calls=1 refusals=1 pre_connected=1");
    in_any_order("calls=1 refusals=1 pre_connected=2");
}

#[test]
fn a_call_a_hang_up_and_a_message_that_is_lost() {
    with_faults("calls=1 hang_ups=1 losses=1");
}

#[test]
fn a_call_a_hang_up_and_a_message_that_comes_twice() {
    with_faults("calls=1 hang_ups=1 duplicates=1");
}

#[test]
fn a_call_a_hang_up_and_a_message_that_is_overtaken() {
    with_faults("calls=1 hang_ups=1 strays=1");
}

#[test]
fn a_call_with_two_faults() {
    with_faults("calls=1 losses=1 duplicates=1 strangers=1");
}

/// Row 60: whatever a relay does to messages, no description of its own is ever applied, and nobody is stuck.
#[track_caller]
fn in_a_sealed_room(bounds: &str) {
    explore(60, bounds);
}

#[test]
fn two_calls_in_a_sealed_room_whose_relay_lies_once() {
    in_a_sealed_room("calls=2 lies=1 sealed=1");
}

#[test]
fn a_call_in_a_sealed_room_whose_relay_lies_twice() {
    in_a_sealed_room("calls=1 lies=2 sealed=1");
}

/// The control: a description of the relay's own is applied where it can read and write what passes.
#[test]
fn in_an_open_room_a_lie_is_believed() {
    let explored = std::panic::catch_unwind(|| Exploration::within("calls=1 lies=1 strangers=1").explore(1));
    let panic = explored.expect_err("the relay comes between them");
    let words = panic.downcast_ref::<String>().expect("it says what");
    assert!(words.contains("the contract with the browser is kept"), "{words}");
}
