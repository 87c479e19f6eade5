//! The relay is lost and found. Media needs no relay: a call goes on.

use visavis_call::{Command, EndReason, SeatView, SignalingView, Stage};

use crate::support::{ClientOptions, HubState, Options, World, ms, seconds};

#[test]
fn a_call_goes_on_without_the_relay_and_both_are_the_same_people_afterwards() {
    let mut world = World::pair();
    world.call_works(0, 1);
    let names: Vec<_> = world
        .clients
        .iter()
        .map(|client| client.view().people[0].id.clone())
        .collect();
    world.set_relay(HubState::Down);
    world.run_for(seconds(90));
    assert!(world.are_in_call(0, 1));
    assert!(world.all(|client| matches!(
        client.view().signaling_route,
        SignalingView::Unreachable {
            tabs_can_meet: false,
            ..
        }
    )));
    world.set_relay(HubState::Up);
    world.run_for(seconds(15));
    assert!(world.are_in_call(0, 1));
    assert!(world.all(|client| client.view().seat == SeatView::Seated));
    let after: Vec<_> = world
        .clients
        .iter()
        .map(|client| client.view().people[0].id.clone())
        .collect();
    assert_eq!(names, after);
    assert!(world.all(|client| client.made.len() == 1), "no new connection");
    for round in 0..4 {
        world.hang_up_works(round % 2);
        world.call_works((round / 2) % 2, 1 - (round / 2) % 2);
    }
    world.expect_no_refusals();
}

#[test]
fn a_hang_up_while_the_relay_is_away_arrives_when_it_is_back() {
    for who in [0, 1] {
        let mut world = World::pair();
        world.call_works(0, 1);
        world.set_relay(HubState::Down);
        world.run_for(seconds(1));
        // Nor over the connection itself.
        world.set_path(0, 1, false);
        world.command(who, Command::HangUp);
        world.run_for(ms(500));
        assert_eq!(world.clients[who].end(), EndReason::HungUp);
        assert!(world.clients[1 - who].is_in_call());
        world.set_path(0, 1, true);
        world.set_relay(HubState::Up);
        world.run_for(seconds(4));
        assert_eq!(world.clients[1 - who].end(), EndReason::PeerHungUp);
        world.call_works(1 - who, who);
        world.hang_up_works(who);
        world.call_works(who, 1 - who);
    }
}

#[test]
fn a_hang_up_needs_no_relay() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.set_relay(HubState::Down);
    world.run_for(seconds(1));
    world.hang_up_works(0);
    assert_eq!(world.clients[1].end(), EndReason::PeerHungUp);
    world.set_relay(HubState::Up);
    world.run_for(seconds(10));
    world.call_works(1, 0);
}

#[test]
fn a_hang_up_that_nothing_can_carry_is_noticed_by_the_silence() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.set_relay(HubState::Down);
    world.set_path(0, 1, false);
    world.run_for(seconds(1));
    world.command(0, Command::HangUp);
    world.run_for(seconds(100));
    assert_eq!(world.clients[1].stage(), Stage::Ended);
    world.set_path(0, 1, true);
    world.set_relay(HubState::Up);
    world.run_for(seconds(10));
    world.call_works(0, 1);
}

#[test]
fn a_relay_restart_at_any_moment_of_a_call_leaves_nobody_stuck() {
    for moment in 0..50 {
        let mut world = World::pair();
        world.command(0, Command::Call);
        world.run_for(ms(moment * 8));
        world.restart_relay(seconds(1));
        world.run_for(seconds(60));
        let nobody = world.all(|client| !client.is_connecting() && !client.is_in_call());
        assert!(
            nobody || world.are_in_call(0, 1),
            "after {moment}: {:?}",
            world.stages()
        );
        world.expect_no_refusals();
        world.hang_up_then_quiet(1);
        world.call_works(1, 0);
    }
}

#[test]
fn a_broken_socket_on_one_side_does_not_end_a_call() {
    // The relay notices before the page is back, or hears of the new socket first.
    for relay_notices in [ms(0), ms(30), seconds(20)] {
        let mut world = World::pair();
        world.call_works(0, 1);
        world.break_socket(1, relay_notices);
        world.run_for(seconds(30));
        assert!(world.are_in_call(0, 1), "{relay_notices:?}: {:?}", world.stages());
        assert!(world.all(|client| client.view().seat == SeatView::Seated && client.made.len() == 1));
        world.hang_up_works(0);
        world.call_works(1, 0);
    }
}

/// Who gives up says so, if only later: the other side must not wait for the end of its own patience.
#[test]
fn a_broken_socket_while_connecting_leaves_both_sides_agreed() {
    for moment in 0..40 {
        for who in [0, 1] {
            let mut world = World::pair();
            world.command(0, Command::Call);
            world.run_for(ms(moment * 6));
            world.break_socket(who, ms(0));
            world.run_for(seconds(8));
            let ended = world
                .stages()
                .iter()
                .all(|stage| matches!(stage, Stage::Ended | Stage::Ready));
            assert!(
                ended || world.are_in_call(0, 1),
                "{who} after {moment}: {:?}",
                world.stages()
            );
            world.hang_up_then_quiet(0);
            world.call_works(1 - who, who);
            world.expect_no_refusals();
        }
    }
}

/// The relay hears of the new socket before it notices that the old one is dead: what it had sent to the old
/// one is lost, and nobody else is told.
#[test]
fn a_hang_up_lost_with_a_dead_socket_does_not_make_the_other_side_deaf() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.command(0, Command::HangUp);
    world.run_for(ms(25));
    world.break_socket(1, seconds(20));
    world.run_for(seconds(45));
    assert!(!world.all(|client| client.is_in_call()));
    assert!(!world.clients[1].is_in_call(), "the silence was noticed");
    world.command(1, Command::Call);
    world.run_for(seconds(5));
    world.hang_up_then_quiet(1);
    world.call_works(1, 0);
}

#[test]
fn a_token_that_dies_with_the_socket_is_asked_for_again() {
    let mut world = World::new(Options::default());
    for _ in 0..2 {
        world.join(ClientOptions {
            token: ms(900),
            ..ClientOptions::default()
        });
    }
    world.run_for(ms(500));
    world.restart_relay(ms(0));
    world.run_for(seconds(2));
    world.command(0, Command::Call);
    assert!(
        world.run_until(seconds(2), |world| world.are_in_call(0, 1)),
        "{:?}",
        world.stages()
    );
}

#[test]
fn who_lost_their_seat_to_somebody_else_keeps_the_call_and_stands_in_line() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.break_socket(1, ms(0));
    // Nothing of theirs arrives for as long as the seat is kept.
    world.clients[1].options.up = seconds(60);
    let third = world.join(ClientOptions::default());
    world.run_for(seconds(25));
    assert_eq!(world.clients[third].view().seat, SeatView::Queued { capacity: 2 });
    world.run_for(seconds(10));
    world.clients[1].options.up = ms(20);
    world.run_for(seconds(20));
    assert_eq!(world.clients[1].view().seat, SeatView::Queued { capacity: 2 });
    assert_eq!(world.clients[third].view().seat, SeatView::Seated);
    assert!(world.are_in_call(0, 1));
    world.command(third, Command::Leave);
    world.run_for(seconds(2));
    assert_eq!(world.clients[1].view().seat, SeatView::Seated);
    world.hang_up_then_quiet(1);
    assert_eq!(world.clients[0].end(), EndReason::PeerHungUp);
}
