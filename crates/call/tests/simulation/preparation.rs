//! Connections that stand ready before anybody calls.

use visavis_call::{Command, EndReason, FailureCause, Mark, Obstacle, Preparation, Stage};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::RoomId;

use crate::support::{ClientOptions, Options, World, ms, seconds};

/// Two people who want this, and have just met. The first one is polite or not, by the world's number.
fn pair_with(preparations: [Preparation; 2], options: Options) -> World {
    let mut world = World::new(options);
    for preparation in preparations {
        world.join(ClientOptions {
            preparation,
            ..ClientOptions::default()
        });
    }
    world
}

/// Two people in a room, between whom a connection stands ready.
fn prepared_pair() -> World {
    let mut world = pair_with([Preparation::On; 2], Options::default());
    world.run_for(seconds(2));
    assert!(is_prepared(&world), "{:?}", world.stages());
    world
}

fn is_prepared(world: &World) -> bool {
    world.all(|client| {
        let people = client.view().people;
        client.stage() != Stage::InCall && people.iter().all(|person| person.prepared)
    })
}

fn made(world: &World) -> [usize; 2] {
    [0, 1].map(|client| world.clients[client].made.len())
}

fn open(world: &World) -> [usize; 2] {
    [0, 1].map(|client| world.clients[client].connections.len())
}

#[track_caller]
fn both_send(world: &World) {
    assert!(world.all(|client| client.sending.len() == 1), "both must send");
}

#[test]
fn whoever_meets_is_connected_and_sends_nothing() {
    let world = prepared_pair();
    assert_eq!(made(&world), [1, 1]);
    assert!(world.all(|client| client.stage() == Stage::Ready && client.sending.is_empty()));
    world.expect_no_refusals();
}

#[test]
fn a_call_takes_one_way_there_and_one_back() {
    for caller in [0, 1] {
        let mut world = prepared_pair();
        world.command(caller, Command::Call);
        assert!(world.clients[caller].is_connecting(), "they don't know yet");
        world.run_for(ms(15));
        assert!(world.clients[1 - caller].is_in_call());
        world.run_for(ms(15));
        assert!(world.are_in_call(0, 1));
        both_send(&world);
        world.run_for(seconds(5));
        assert_eq!(made(&world), [1, 1], "nothing new is needed");
        for client in &world.clients {
            assert_eq!(client.marks, [Mark::Call, Mark::Connected]);
        }
        world.hang_up_works(1 - caller);
        world.expect_no_refusals();
    }
}

#[test]
fn the_next_call_is_prepared_as_soon_as_one_is_over() {
    let mut world = prepared_pair();
    for round in 0..4 {
        world.call_works(round % 2, 1 - round % 2);
        world.hang_up_works((round / 2) % 2);
        world.run_for(seconds(2));
        assert!(is_prepared(&world), "{round}: {:?}", world.stages());
        assert_eq!(open(&world), [1, 1]);
        assert!(world.all(|client| client.sending.is_empty()));
    }
    world.expect_no_refusals();
}

#[test]
fn a_call_at_any_moment_of_the_preparation_works() {
    for both_click in [false, true] {
        for caller in [0, 1] {
            for moment in 0..120 {
                let mut world = pair_with([Preparation::On; 2], Options::default());
                let can_call = |world: &World| world.all(|client| client.view().can_call());
                assert!(world.run_until(seconds(2), can_call));
                world.run_for(ms(3 * moment));
                world.command(caller, Command::Call);
                if both_click {
                    world.command(1 - caller, Command::Call);
                }
                world.run_for(seconds(3));
                assert!(
                    world.are_in_call(0, 1),
                    "{both_click} {caller} {moment}: {:?}",
                    world.stages()
                );
                both_send(&world);
                world.expect_no_refusals();
                world.hang_up_works(caller);
                world.call_works(1 - caller, caller);
            }
        }
    }
}

#[test]
fn a_hang_up_at_any_moment_of_a_call_wins() {
    for who in [0, 1] {
        for moment in 0..40 {
            let mut world = prepared_pair();
            world.command(0, Command::Call);
            world.run_for(ms(moment));
            world.command(who, Command::HangUp);
            world.run_for(seconds(2));
            let over = world.all(|client| matches!(client.stage(), Stage::Ended | Stage::Ready));
            // Who hangs up before the call has come hangs up nothing.
            assert!(
                over || who == 1 && moment < 15 && world.are_in_call(0, 1),
                "{who} {moment}: {:?}",
                world.stages()
            );
            world.hang_up_then_quiet(0);
            world.call_works(1, 0);
            world.expect_no_refusals();
        }
    }
}

#[test]
fn whoever_does_not_want_it_is_called_all_the_same() {
    for [one, other] in [
        [Preparation::Off, Preparation::On],
        [Preparation::On, Preparation::Off],
        [Preparation::Off, Preparation::Off],
    ] {
        for caller in [0, 1] {
            for moment in 0..60 {
                let mut world = pair_with([one, other], Options::default());
                let can_call = |world: &World| world.all(|client| client.view().can_call());
                assert!(world.run_until(seconds(2), can_call));
                world.run_for(ms(10 * moment));
                world.call_works(caller, 1 - caller);
                world.hang_up_works(caller);
                world.run_for(seconds(2));
                assert_eq!(open(&world), [0, 0], "{one:?} {other:?} {caller} {moment}");
                world.expect_no_refusals();
            }
        }
    }
}

#[test]
fn a_connection_that_can_not_be_prepared_is_no_news() {
    let mut world = pair_with([Preparation::On; 2], Options::default());
    world.set_path(0, 1, false);
    world.run_for(seconds(40));
    assert!(world.all(|client| client.stage() == Stage::Ready));
    assert_eq!(open(&world), [0, 0], "it is given up");
    // A call tells why.
    world.command(0, Command::Call);
    world.run_for(seconds(20));
    for client in &world.clients {
        let reason = EndReason::Failed(FailureCause::NoPath(Obstacle::NoTurn));
        assert_eq!(client.end(), reason);
    }
    world.set_path(0, 1, true);
    world.call_works(1, 0);
}

#[test]
fn through_turn_only_needs_a_turn_server() {
    let turn = IceServer {
        urls: vec!["turn:turn.example.org".into()],
        username: None,
        credential: None,
    };
    for ice_servers in [Vec::new(), vec![turn]] {
        let expected = if ice_servers.is_empty() { [0, 0] } else { [1, 1] };
        let options = Options {
            ice_servers,
            ..Options::default()
        };
        let mut world = pair_with([Preparation::OnlyTurn; 2], options);
        world.run_for(seconds(3));
        assert_eq!(open(&world), expected);
        assert!(world.all(|client| client.only_turn == (expected == [1, 1])));
        world.call_works(0, 1);
        world.run_for(seconds(2));
        assert!(
            world.all(|client| !client.only_turn),
            "a call looks for a shorter way"
        );
        assert_eq!(made(&world), [1, 1]);
        world.hang_up_works(1);
        world.expect_no_refusals();
    }
}

#[test]
fn one_can_change_ones_mind() {
    for who in [0, 1] {
        let mut world = prepared_pair();
        world.command(who, Command::Prepare(Preparation::Off));
        world.run_for(seconds(2));
        assert_eq!(open(&world), [0, 0]);
        world.call_works(1 - who, who);
        world.command(who, Command::Prepare(Preparation::On));
        assert!(world.are_in_call(0, 1), "a call goes on as it is");
        world.hang_up_works(who);
        world.run_for(seconds(2));
        world.command(who, Command::Prepare(Preparation::Off));
        world.run_for(seconds(2));
        world.command(who, Command::Prepare(Preparation::On));
        world.run_for(seconds(2));
        assert!(is_prepared(&world), "{who}: {:?}", world.stages());
        world.call_works(who, 1 - who);
        world.expect_no_refusals();
    }
}

#[test]
fn it_ends_with_the_room() {
    for command in [Command::Leave, Command::Enter(RoomId::new("elsewhere").unwrap())] {
        for who in [0, 1] {
            let mut world = prepared_pair();
            world.command(who, command.clone());
            world.run_for(seconds(1));
            assert_eq!(open(&world), [0, 0]);
            assert_eq!(world.clients[1 - who].stage(), Stage::Alone);
        }
    }
}

#[test]
fn it_survives_the_relay_and_recovers_as_a_call_does() {
    let mut world = prepared_pair();
    world.restart_relay(seconds(3));
    world.run_for(seconds(15));
    assert_eq!(made(&world), [1, 1]);
    world.set_path(0, 1, false);
    world.run_for(seconds(12));
    assert!(
        world.all(|client| client.stage() == Stage::Ready),
        "nobody is told"
    );
    world.set_path(0, 1, true);
    world.run_for(seconds(20));
    assert!(is_prepared(&world));
    world.call_works(0, 1);
    world.expect_no_refusals();
}

#[test]
fn a_call_over_a_path_that_has_just_gone_says_so_or_comes_about() {
    for back_after in [1, 8, 14] {
        let mut world = prepared_pair();
        world.set_path(0, 1, false);
        world.command(0, Command::Call);
        world.run_for(seconds(back_after));
        world.set_path(0, 1, true);
        world.run_for(seconds(10));
        assert!(world.are_in_call(0, 1), "{back_after}: {:?}", world.stages());
        world.expect_no_refusals();
    }
    let mut world = prepared_pair();
    world.set_path(0, 1, false);
    world.command(0, Command::Call);
    world.run_for(seconds(120));
    assert!(world.all(|client| client.stage() == Stage::Ended));
}

#[test]
fn a_caller_whom_nobody_hears_is_told() {
    let mut world = prepared_pair();
    world.freeze(1);
    world.command(0, Command::Call);
    world.run_for(seconds(17));
    assert!(world.clients[0].is_connecting());
    world.run_for(seconds(3));
    assert_eq!(world.clients[0].end(), EndReason::Failed(FailureCause::NoAnswer));
}
