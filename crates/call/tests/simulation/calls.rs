//! Two people call each other and hang up, on a network without faults.

use visavis_call::{CallPhase, Command, EndReason, FailureCause, Mark, Obstacle, Stage};
use visavis_protocol::ice::IceServer;
use visavis_protocol::name::PersonName;
use visavis_protocol::relay::LeaveReason;

use crate::support::{HubState, Options, World, ms, seconds};

#[test]
fn two_people_in_a_room_can_call_each_other() {
    let world = World::pair();
    assert_eq!(world.stages(), [Stage::Ready, Stage::Ready]);
    assert!(world.all(|client| client.view().can_call()));
}

#[test]
fn either_side_can_call_and_either_side_can_hang_up() {
    for (caller, who_hangs_up) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut world = World::pair();
        world.call_works(caller, 1 - caller);
        world.run_for(seconds(60));
        assert!(
            world.all(|client| client.view().people[0].video),
            "pictures arrive"
        );
        world.hang_up_works(who_hangs_up);
        assert_eq!(world.clients[who_hangs_up].end(), EndReason::HungUp);
        assert_eq!(world.clients[1 - who_hangs_up].end(), EndReason::PeerHungUp);
        let CallPhase::Ended { lasted, .. } = world.clients[0].view().call else {
            unreachable!()
        };
        assert!(
            lasted.is_some_and(|lasted| lasted >= seconds(60) && lasted < seconds(61)),
            "{lasted:?}"
        );
        assert!(world.all(|client| client.marks == [Mark::Call, Mark::Connected]));
        assert!(world.all(|client| client.connections.is_empty()));
        world.expect_no_refusals();
    }
}

#[test]
fn calling_again_works_at_once_and_from_alternating_sides() {
    let mut world = World::pair();
    for round in 0..6 {
        world.call_works(round % 2, 1 - round % 2);
        world.run_for(ms(700));
        world.hang_up_works((round / 2) % 2);
    }
    world.expect_no_refusals();
}

#[test]
fn somebody_who_is_not_called_is_not_in_a_call() {
    let mut world = World::pair();
    world.run_for(seconds(300));
    assert_eq!(world.stages(), [Stage::Ready, Stage::Ready]);
    assert_eq!(world.operations, 0);
}

#[test]
fn a_caller_can_change_their_mind_at_any_moment() {
    for moment in 0..40 {
        let mut world = World::pair();
        world.command(0, Command::Call);
        world.run_for(ms(7 * moment));
        world.hang_up_then_quiet(0);
        world.run_for(seconds(40));
        assert!(
            world.all(|client| !client.is_in_call() && !client.is_connecting()),
            "{moment}: {:?}",
            world.stages()
        );
        world.call_works(1, 0);
    }
}

#[test]
fn a_callee_who_closes_the_page_ends_the_call_at_any_moment() {
    for moment in (0..60).chain([1000]) {
        let mut world = World::pair();
        world.command(0, Command::Call);
        world.run_for(ms(7 * moment));
        world.close_page(1, LeaveReason::Left);
        world.run_for(seconds(1));
        assert_eq!(
            world.clients[0].end(),
            EndReason::PeerLeft,
            "after {moment} steps"
        );
        assert!(world.clients[0].view().people.is_empty());
    }
}

#[test]
fn a_callee_whose_page_crashes_in_a_call_is_missed_when_media_stops() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.close_page(1, LeaveReason::Lost);
    world.run_for(seconds(1));
    assert!(world.clients[0].is_in_call(), "a lost relay does not end a call");
    world.run_for(seconds(60));
    assert_eq!(
        world.clients[0].end(),
        EndReason::Failed(FailureCause::ConnectionLost)
    );
}

#[test]
fn a_callee_who_does_not_answer_in_time_ends_the_attempt() {
    let mut world = World::pair();
    world.freeze(1);
    world.command(0, Command::Call);
    world.run_for(seconds(17));
    assert!(world.clients[0].is_connecting());
    world.run_for(seconds(2));
    assert_eq!(world.clients[0].end(), EndReason::Failed(FailureCause::NoAnswer));
    world.thaw(1);
    world.run_for(seconds(1));
    assert!(
        !world.clients[1].is_connecting(),
        "the call was missed, not answered late: {:?}",
        world.stages()
    );
    world.call_works(1, 0);
}

#[test]
fn without_a_network_path_both_sides_are_told_so() {
    for turn in [false, true] {
        let url = if turn {
            "turn:turn.example.org"
        } else {
            "stun:stun.example.org"
        };
        let ice_servers = vec![IceServer {
            urls: vec![url.into()],
            username: None,
            credential: None,
        }];
        let mut world = World::with_people(
            2,
            Options {
                ice_servers,
                ..Options::default()
            },
        );
        world.set_path(0, 1, false);
        world.command(0, Command::Call);
        world.run_for(seconds(20));
        // Whether they find out by themselves or hear it from the other.
        let obstacle = if turn {
            Obstacle::TurnUnreachable
        } else {
            Obstacle::NoTurn
        };
        for client in &world.clients {
            assert_eq!(client.end(), EndReason::Failed(FailureCause::NoPath(obstacle)));
        }
        world.set_path(0, 1, true);
        world.call_works(1, 0);
    }
}

#[test]
fn a_path_that_goes_away_ends_the_call_on_both_sides() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.set_path(0, 1, false);
    world.run_for(seconds(80));
    assert!(world.all(|client| client.is_in_call()), "it may come back");
    world.run_for(seconds(20));
    for client in &world.clients {
        assert_eq!(client.end(), EndReason::Failed(FailureCause::ConnectionLost));
    }
    world.set_path(0, 1, true);
    world.call_works(0, 1);
}

#[test]
fn a_path_that_comes_back_in_time_does_not_end_the_call() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.set_path(0, 1, false);
    world.run_for(seconds(10));
    world.set_path(0, 1, true);
    world.run_for(seconds(60));
    assert!(world.are_in_call(0, 1));
    assert_eq!(world.clients[0].made.len(), 1, "no new connection");
}

#[test]
fn people_are_called_what_they_say() {
    let mut world = World::pair();
    let names = |world: &World| {
        world
            .clients
            .iter()
            .map(|client| client.view().people[0].name.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&world), ["", ""], "nobody has to say anything");
    world.command(0, Command::SetName(PersonName::new("Ada")));
    world.run_for(seconds(1));
    assert_eq!(names(&world), ["", "Ada"]);

    // Without the relay it can't be said, and is said when it is back.
    world.set_relay(HubState::Down);
    world.run_for(seconds(1));
    world.command(0, Command::SetName(PersonName::new("Countess")));
    world.run_for(seconds(1));
    world.set_relay(HubState::Up);
    world.run_for(seconds(60));
    assert_eq!(names(&world), ["", "Countess"]);

    world.call_works(0, 1);
    world.hang_up_works(0);
    let CallPhase::Ended { with, .. } = world.clients[1].view().call else {
        unreachable!()
    };
    assert_eq!(with.as_str(), "Countess");
}
