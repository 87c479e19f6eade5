//! Connections that were up and fall silent: what is done, in which order, and when it is enough.

use std::time::Duration;

use visavis_call::{Command, EndReason, FailureCause, PersonState, Stage, Time};
use visavis_protocol::dialect::native::decode_peer;
use visavis_protocol::peer::PeerBody;

use crate::support::{World, ms, seconds};

fn in_call() -> World {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.run_for(seconds(2));
    world
}

/// Both see each other, and nothing is being repaired.
fn all_is_well(world: &World) -> bool {
    world.are_in_call(0, 1)
        && world.clients.iter().all(|client| {
            client
                .view()
                .people
                .iter()
                .all(|person| person.state == PersonState::Connected)
        })
}

fn restarts(world: &World) -> usize {
    world.clients.iter().map(|client| client.restarts).sum()
}

fn connections(world: &World) -> Vec<usize> {
    world.clients.iter().map(|client| client.made.len()).collect()
}

/// Something arrives at both ends of the newest connections.
fn flows(world: &World) -> bool {
    world.clients.iter().all(|client| {
        let newest = client.connections.values().next_back();
        newest.is_some_and(|connection| connection.received(world.now) == world.now.0)
    })
}

#[track_caller]
fn recovers_within(world: &mut World, limit: Duration) {
    assert!(world.run_until(limit, all_is_well), "{:?}", world.stages());
    world.run_for(seconds(30));
    assert!(all_is_well(world), "and it lasts: {:?}", world.stages());
    world.expect_no_refusals();
    world.hang_up_works(0);
    world.call_works(1, 0);
}

#[test]
fn a_short_cut_mends_itself() {
    for beginning in 0..10 {
        let mut world = in_call();
        world.run_for(ms(2000 + 100 * beginning));
        world.set_path(0, 1, false);
        world.run_for(seconds(4));
        assert!(!flows(&world));
        world.set_path(0, 1, true);
        world.run_for(seconds(5));
        assert!(all_is_well(&world) && flows(&world));
        assert_eq!((connections(&world), restarts(&world)), (vec![1, 1], 0));
    }
}

#[test]
fn a_cut_that_the_browser_notices_is_shown() {
    let mut world = in_call();
    world.set_path(0, 1, false);
    world.run_for(seconds(6));
    assert_eq!(world.clients[0].view().people[0].state, PersonState::Interrupted);
    world.set_path(0, 1, true);
    world.run_for(ms(500));
    assert!(all_is_well(&world));
    assert_eq!(connections(&world), [1, 1]);
}

#[test]
fn a_cut_of_ten_seconds_is_mended_on_the_same_connection() {
    let mut world = in_call();
    world.set_path(0, 1, false);
    world.run_for(seconds(10));
    world.set_path(0, 1, true);
    assert!(world.run_until(seconds(3), all_is_well));
    assert_eq!(connections(&world), [1, 1]);
    recovers_within(&mut world, seconds(1));
}

#[test]
fn another_address_takes_one_ice_restart() {
    for client in [0, 1] {
        let mut world = in_call();
        world.change_address(client);
        assert!(world.run_until(seconds(9), |world| restarts(world) > 0));
        assert!(world.run_until(seconds(2), all_is_well), "{:?}", world.stages());
        assert_eq!((connections(&world), restarts(&world)), (vec![1, 1], 1));
        recovers_within(&mut world, seconds(1));
    }
}

/// The browser does not say anything for ten seconds, nor does it close the socket, which belongs to the old
/// address.
#[test]
fn another_address_is_noticed_by_what_does_not_arrive_any_more() {
    for client in [0, 1] {
        for beginning in 0..10 {
            let mut world = in_call();
            world.be_patient_with_silence(seconds(10));
            world.run_for(ms(2000 + 100 * beginning));
            world.change_address(client);
            world.deafen_socket(client);
            world.run_for(ms(100));
            assert!(!flows(&world));
            assert!(
                world.run_until(seconds(7), flows),
                "{client} {beginning}: {:?}",
                world.stages()
            );
            assert_eq!(connections(&world), [1, 1]);
            recovers_within(&mut world, seconds(1));
        }
    }
}

/// A restart was worth a try, and where something should come, so was another connection. More would be no
/// better.
#[test]
fn a_connection_over_which_nothing_is_sent_any_more_is_soon_left_alone() {
    for (say_so, most_connections) in [(true, 1), (false, 3)] {
        let mut world = in_call();
        world.run_for(seconds(5));
        if say_so {
            for client in [0, 1] {
                world.command(client, Command::SetMicrophone(false));
                world.command(client, Command::SetCamera(false));
            }
        }
        world.nothing_sent_since = Some(world.now);
        world.run_for(seconds(60));
        let made = connections(&world);
        assert!(made.iter().all(|made| *made <= most_connections), "{made:?}");
        assert!(restarts(&world) <= 6, "{}", restarts(&world));
        world.run_for(seconds(300));
        assert!(all_is_well(&world));
        assert_eq!(connections(&world), made);
    }
}

/// ICE has settled on a path that the other side does not listen to any more, and neither browser says so. It
/// happens before anything has flowed.
#[test]
fn a_connection_that_never_brings_anything_is_restarted_then_made_anew() {
    let mut world = World::pair();
    world.nothing_sent_since = Some(Time(0));
    world.call_works(0, 1);
    assert!(world.run_until(seconds(10), |world| restarts(world) > 0));
    assert_eq!(connections(&world), [1, 1]);
    assert!(world.run_until(seconds(15), |world| connections(world) != [1, 1]));
    world.nothing_sent_since = None;
    assert!(world.run_until(seconds(10), |world| all_is_well(world) && flows(world)));
    recovers_within(&mut world, seconds(1));
}

/// A browser that has just begun to look for another path can't do much else.
#[test]
fn nothing_is_offered_in_the_second_after_a_restart() {
    let offers_in = |world: &mut World, to, time| {
        world.record_messages_to(to);
        world.run_for(time);
        let said = world.recorded();
        let bodies = said.iter().map(|text| decode_peer(text).unwrap().body);
        bodies
            .filter(|body| matches!(body, PeerBody::Offer { .. }))
            .count()
    };
    for (first, second) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut world = in_call();
        world.restart_ice(first);
        assert_eq!(offers_in(&mut world, 1 - first, ms(500)), 1);
        world.restart_ice(second);
        assert_eq!(offers_in(&mut world, 1 - second, ms(400)), 0);
        assert_eq!(
            offers_in(&mut world, 1 - second, seconds(2)),
            1,
            "it is not forgotten"
        );
        recovers_within(&mut world, seconds(1));
    }
}

#[test]
fn a_lost_socket_makes_another_address_known_at_once() {
    let mut world = in_call();
    world.change_address(0);
    world.break_socket(0, ms(50));
    assert!(world.run_until(seconds(4), |world| restarts(world) > 0));
    recovers_within(&mut world, seconds(2));
}

#[test]
fn a_hint_of_the_browser_makes_another_address_known_at_once() {
    let mut world = in_call();
    world.change_address(0);
    world.wake(0);
    assert!(world.run_until(seconds(4), |world| restarts(world) > 0));
    recovers_within(&mut world, seconds(2));
}

#[test]
fn a_connection_that_no_restart_mends_is_made_anew() {
    for client in [0, 1] {
        let mut world = in_call();
        world.break_connections(client);
        world.run_for(seconds(6));
        assert!(!all_is_well(&world));
        assert!(world.run_until(seconds(30), all_is_well), "{:?}", world.stages());
        assert!(restarts(&world) > 0);
        assert_eq!(connections(&world), [2, 2]);
        recovers_within(&mut world, seconds(1));
    }
}

#[test]
fn a_rebuilt_connection_goes_on_with_the_same_call() {
    let mut world = in_call();
    let (before, marks) = (world.clients[0].view().call, world.clients[0].marks.len());
    world.command(1, Command::SetMicrophone(false));
    world.break_connections(0);
    assert!(world.run_until(seconds(30), |world| connections(world) == [2, 2]
        && all_is_well(world)));
    assert_eq!(world.clients[0].view().call, before);
    assert_eq!(world.clients[0].marks.len(), marks);
    assert!(!world.clients[0].view().people[0].microphone, "still muted");
}

#[test]
fn a_path_that_stays_away_is_tried_again_and_again_and_given_up_in_the_end() {
    let mut world = in_call();
    world.set_path(0, 1, false);
    world.run_for(seconds(80));
    assert!(world.all(|client| client.is_in_call()));
    assert!(connections(&world)[0] > 2, "{:?}", connections(&world));
    world.run_for(seconds(20));
    for client in &world.clients {
        assert_eq!(client.end(), EndReason::Failed(FailureCause::ConnectionLost));
    }
    world.set_path(0, 1, true);
    world.call_works(1, 0);
}

#[test]
fn hanging_up_ends_a_recovery_at_every_step() {
    for moment in 0..45 {
        let mut world = in_call();
        world.set_path(0, 1, false);
        world.run_for(seconds(moment));
        world.hang_up_works((moment % 2) as usize);
        world.set_path(0, 1, true);
        world.call_works(1, 0);
        world.expect_no_refusals();
    }
}

/// Nothing was said yet about the connection that is being made, so the hang-up is about the one before.
#[test]
fn a_hang_up_that_arrives_while_a_connection_is_made_anew_wins() {
    for who in [0, 1] {
        let mut world = in_call();
        world.set_path(0, 1, false);
        assert!(world.run_until(seconds(60), |world| connections(world)[who] == 2));
        world.clients[who].options.operation = ms(200);
        world.hang_up_works(1 - who);
        world.run_for(seconds(20));
        assert_eq!(world.stages(), [Stage::Ended, Stage::Ended]);
        world.set_path(0, 1, true);
        world.call_works(1, 0);
    }
}

/// The other side has not heard of the connection that is hung up.
#[test]
fn hanging_up_while_a_connection_is_made_anew_wins() {
    for who in [0, 1] {
        let mut world = in_call();
        world.set_path(0, 1, false);
        world.clients[who].options.operation = ms(200);
        assert!(world.run_until(seconds(60), |world| connections(world)[who] == 2));
        world.hang_up_works(who);
        world.run_for(seconds(60));
        assert_eq!(world.stages(), [Stage::Ended, Stage::Ended]);
        world.set_path(0, 1, true);
        world.call_works(1, 0);
    }
}

#[test]
fn signaling_that_is_away_holds_the_ladder_and_its_return_lets_it_go_on() {
    let mut world = in_call();
    world.change_address(0);
    world.restart_relay(seconds(20));
    world.run_for(seconds(19));
    assert_eq!(restarts(&world), 0, "nobody could be told of it");
    assert_eq!(world.stages(), [Stage::InCall, Stage::InCall]);
    recovers_within(&mut world, seconds(15));
}

#[test]
fn bytes_that_still_move_are_left_alone_when_only_the_relay_is_lost() {
    let mut world = in_call();
    world.restart_relay(seconds(5));
    world.run_for(seconds(30));
    assert!(all_is_well(&world));
    assert_eq!((connections(&world), restarts(&world)), (vec![1, 1], 0));
}

#[test]
fn a_silent_relay_is_left_and_the_seat_is_kept() {
    let mut world = in_call();
    // Nothing of what we send arrives, and nothing comes.
    let options = world.clients[0].options.clone();
    world.clients[0].options.up = seconds(3600);
    world.clients[0].options.down = seconds(3600);
    let noticed = |world: &World| {
        matches!(
            world.clients[0].view().signaling_route,
            visavis_call::SignalingView::Unreachable { .. }
        )
    };
    assert!(world.run_until(seconds(36), noticed));
    assert!(world.are_in_call(0, 1));
    world.clients[0].options = options;
    world.run_for(seconds(20));
    assert!(all_is_well(&world));
    assert_eq!((connections(&world), restarts(&world)), (vec![1, 1], 0));
    world.hang_up_works(0);
}
