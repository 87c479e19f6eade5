//! More people than two, and more than fit.

use visavis_call::{Command, EndReason, MediaWish, PersonState, SeatView, Stage};
use visavis_protocol::relay::LeaveReason;

use crate::support::{ClientOptions, Options, World, ms, room, seconds};

fn three() -> World {
    World::with_people(
        3,
        Options {
            capacity: 3,
            ..Options::default()
        },
    )
}

#[test]
fn who_finds_the_room_full_gets_in_when_somebody_leaves() {
    let mut world = World::pair();
    let third = world.join(ClientOptions::default());
    world.run_for(seconds(1));
    assert_eq!(world.clients[third].view().seat, SeatView::Queued { capacity: 2 });
    assert_eq!(world.clients[third].stage(), Stage::Queued);
    assert!(!world.clients[third].view().can_call());
    world.command(0, Command::Leave);
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Start, Stage::Ready, Stage::Ready]);
    world.call_works(third, 1);
}

#[test]
fn who_stands_in_line_does_not_disturb_a_call() {
    let mut world = World::pair();
    world.call_works(0, 1);
    let third = world.join(ClientOptions::default());
    world.run_for(seconds(10));
    assert!(world.are_in_call(0, 1));
    world.command(third, Command::Call);
    world.run_for(seconds(10));
    assert!(world.are_in_call(0, 1));
    assert_eq!(world.clients[third].stage(), Stage::Queued);
    // Somebody leaves from the middle of the call.
    world.close_page(0, LeaveReason::Left);
    world.run_for(seconds(1));
    assert_eq!(world.clients[1].end(), EndReason::PeerLeft);
    world.call_works(1, third);
}

#[test]
fn a_third_person_who_comes_into_the_room_does_not_disturb_a_call() {
    let mut world = World::with_people(
        2,
        Options {
            capacity: 3,
            ..Options::default()
        },
    );
    world.call_works(0, 1);
    let third = world.join(ClientOptions::default());
    world.run_for(seconds(5));
    assert!(world.are_in_call(0, 1));
    assert_eq!(world.clients[third].stage(), Stage::Ready);
    world.command(third, Command::Leave);
    world.run_for(seconds(5));
    assert!(world.are_in_call(0, 1));
    assert!(world.all(|client| client.made.len() <= 1), "no new connections");
}

#[test]
fn a_call_reaches_everybody_in_the_room() {
    for caller in 0..3 {
        let mut world = three();
        world.command(caller, Command::Call);
        world.all_answer();
        let works = world.run_until(seconds(5), |world| {
            (0..3)
                .filter(|other| *other != caller)
                .all(|other| world.are_in_call(caller, other))
        });
        assert!(works, "{:?}", world.stages());
        world.expect_no_refusals();
    }
}

#[test]
fn three_who_click_at_once_are_all_connected_with_each_other() {
    let mut world = three();
    for client in 0..3 {
        world.command(client, Command::Call);
    }
    let pairs = [(0, 1), (0, 2), (1, 2)];
    assert!(world.run_until(seconds(5), |world| {
        pairs.iter().all(|(one, other)| world.are_in_call(*one, *other))
    }));
    // One goes, the others go on.
    world.command(2, Command::HangUp);
    world.run_for(seconds(20));
    assert!(world.are_in_call(0, 1));
    assert_eq!(world.clients[2].end(), EndReason::HungUp);
    // And comes back.
    world.command(2, Command::Call);
    assert!(world.run_until(seconds(5), |world| {
        pairs.iter().all(|(one, other)| world.are_in_call(*one, *other))
    }));
    world.expect_no_refusals();
}

#[test]
fn a_path_that_fails_to_one_of_three_leaves_the_others_in_their_call() {
    let mut world = three();
    world.set_path(0, 2, false);
    world.command(0, Command::Call);
    world.all_answer();
    world.run_for(seconds(40));
    assert!(world.are_in_call(0, 1));
    assert!(world.are_in_call(1, 2), "two of the three pairs have a path");
    let state = |world: &World| {
        world.clients[0]
            .view()
            .people
            .iter()
            .map(|person| person.state)
            .collect::<Vec<_>>()
    };
    assert_eq!(state(&world), [PersonState::Connected, PersonState::Here]);
}

#[test]
fn entering_another_room_leaves_the_call_and_keeps_the_camera() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.command(0, Command::Enter(room("elsewhere")));
    world.run_for(seconds(1));
    assert_eq!(world.clients[0].stage(), Stage::Alone);
    assert_eq!(world.clients[0].view().room, room("elsewhere"));
    assert!(world.clients[0].devices_open);
    assert_eq!(world.clients[1].stage(), Stage::Ended);
    assert!(world.clients[1].view().people.is_empty());
}

/// The page is the same, so its name and its numbering are: who stayed still knows what was said before.
#[test]
fn who_leaves_and_comes_back_can_call_and_be_called() {
    let leave_and_return: [fn(&mut World); 2] = [
        |world| {
            world.command(0, Command::Leave);
            world.run_for(seconds(1));
            world.command(0, Command::GetMedia(MediaWish::CameraAndMicrophone));
        },
        |world| {
            world.command(0, Command::Enter(room("elsewhere")));
            world.run_for(seconds(1));
            world.command(0, Command::Enter(room("test")));
        },
    ];
    for leave_and_return in leave_and_return {
        for in_call in [false, true] {
            for caller in [0, 1] {
                let mut world = World::pair();
                world.call_works(0, 1);
                if !in_call {
                    world.hang_up_works(1);
                }
                leave_and_return(&mut world);
                world.run_for(seconds(1));
                world.call_works(caller, 1 - caller);
                world.hang_up_works(1 - caller);
                world.call_works(1 - caller, caller);
                world.expect_no_refusals();
            }
        }
    }
}

/// What the relay said of the old room is still under way when the new one is asked for.
#[test]
fn nobody_of_the_old_room_is_seen_in_the_new_one() {
    for moment in (0..120).map(|step| ms(5 * step)) {
        let mut world = World::new(Options {
            capacity: 3,
            ..Options::default()
        });
        world.join(ClientOptions::default());
        world.run_for(seconds(1));
        let mover = world.join(ClientOptions {
            down: ms(200),
            ..ClientOptions::default()
        });
        world.command_in(moment, mover, Command::Enter(room("elsewhere")));
        // Somebody calls just then.
        world.command_in(ms(270), 0, Command::Call);
        world.run_for(seconds(3));
        let view = world.clients[mover].view();
        assert!(view.people.is_empty(), "after {moment:?}: {view:?}");
        assert_eq!(view.stage(), Stage::Alone, "after {moment:?}");
        assert!(!world.clients[0].is_in_call());
    }
}

#[test]
fn a_call_that_arrives_while_leaving_for_another_room_is_not_answered() {
    for moment in (0..60).map(|step| ms(2 * step)) {
        let mut world = World::pair();
        world.command(0, Command::Call);
        world.command_in(moment, 1, Command::Enter(room("elsewhere")));
        world.run_for(seconds(3));
        let view = world.clients[1].view();
        assert!(
            view.people.is_empty() && view.stage() == Stage::Alone,
            "after {moment:?}: {view:?}"
        );
        // Whether the hang-up or the news of the leaving comes first.
        let end = world.clients[0].end();
        assert!(
            [EndReason::PeerLeft, EndReason::PeerHungUp].contains(&end),
            "after {moment:?}: {end:?}"
        );
    }
}

/// The seat in the old room becomes free just when it is not wanted any more.
#[test]
fn who_leaves_the_line_for_another_room_sees_nobody_of_the_old_one() {
    for moment in (0..60).map(|step| ms(2 * step)) {
        let mut world = World::pair();
        let mover = world.join(ClientOptions::default());
        world.run_for(seconds(1));
        assert_eq!(world.clients[mover].stage(), Stage::Queued);
        world.command(0, Command::Leave);
        world.command_in(moment, mover, Command::Enter(room("elsewhere")));
        world.run_for(seconds(3));
        let view = world.clients[mover].view();
        assert!(
            view.people.is_empty() && view.stage() == Stage::Alone,
            "after {moment:?}: {view:?}"
        );
    }
}
