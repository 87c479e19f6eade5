//! Relay, tabs of this browser, neither: which way is taken, and when it is tried again.

use std::time::Duration;

use visavis_call::{Command, RouteChoice, SeatView, SignalingView, Stage};

use crate::support::{ClientOptions, HubState, Options, World, ms, seconds};

fn world_with(relay: HubState, route: RouteChoice, people: usize) -> World {
    let mut world = World::new(Options {
        relay,
        ..Options::default()
    });
    for _ in 0..people {
        world.join(ClientOptions {
            route,
            ..ClientOptions::default()
        });
    }
    world
}

/// The waits between the end of one attempt and the start of the next.
fn waits(world: &World, attempt_takes: Duration) -> Vec<Duration> {
    let attempts = &world.clients[0].attempts;
    attempts
        .windows(2)
        .map(|pair| pair[1].since(pair[0]) - attempt_takes)
        .collect()
}

#[test]
fn attempts_to_reach_the_relay_grow_rarer_as_the_constants_say() {
    attempts_grow_rarer(HubState::Down);
}

/// A proxy without its relay, or a relay that crashes at the first message.
#[test]
fn attempts_grow_rarer_also_when_the_relay_accepts_and_closes_at_once() {
    attempts_grow_rarer(HubState::Fickle);
}

fn attempts_grow_rarer(state: HubState) {
    let mut world = world_with(state, RouteChoice::Relay, 1);
    world.run_for(seconds(60));
    let waits = waits(&world, ms(40));
    let expected = [0, 300, 1200, 2700, 4800, 7000, 7000, 7000].map(ms);
    for (wait, expected) in waits.iter().zip(expected) {
        assert!(*wait >= expected && *wait < expected + seconds(1), "{waits:?}");
    }
    assert!(waits.len() >= 8, "{waits:?}");
    assert!(
        waits[5..].windows(2).any(|pair| pair[0] != pair[1]),
        "the jitter differs: {waits:?}"
    );
}

#[test]
fn a_relay_that_was_of_use_is_tried_again_at_once_when_it_is_lost() {
    let mut world = world_with(HubState::Fickle, RouteChoice::Relay, 1);
    world.run_for(seconds(60));
    world.set_relay(HubState::Up);
    world.run_for(seconds(10));
    assert_eq!(world.clients[0].stage(), Stage::Alone);
    let before = world.clients[0].attempts.len();
    let lost = world.now;
    world.restart_relay(ms(0));
    world.run_for(seconds(2));
    assert!(world.clients[0].attempts[before].since(lost) < ms(1_100));
    assert_eq!(world.clients[0].stage(), Stage::Alone);
}

#[test]
fn a_relay_that_does_not_answer_at_all_is_given_six_seconds() {
    let mut world = world_with(HubState::Silent, RouteChoice::Relay, 1);
    world.run_for(ms(5_900));
    assert_eq!(world.clients[0].view().signaling_route, SignalingView::Opening);
    world.run_for(ms(200));
    assert!(matches!(
        world.clients[0].view().signaling_route,
        SignalingView::Unreachable {
            retry_at: Some(_),
            tabs_can_meet: false
        }
    ));
    world.set_relay(HubState::Up);
    world.run_for(seconds(10));
    assert_eq!(world.clients[0].stage(), Stage::Alone);
}

#[test]
fn retry_now_does_not_wait() {
    let mut world = world_with(HubState::Down, RouteChoice::Relay, 1);
    world.run_for(seconds(30));
    let SignalingView::Unreachable { retry_at, .. } = world.clients[0].view().signaling_route else {
        unreachable!()
    };
    assert!(retry_at.is_none_or(|time| time > world.now));
    assert!(
        world.run_until(seconds(9), |world| {
            matches!(world.clients[0].view().signaling_route,
            SignalingView::Unreachable { retry_at: Some(time), .. } if time > world.now + seconds(5))
        }),
        "it would try again by itself soon"
    );
    world.set_relay(HubState::Up);
    world.command(0, Command::RetryNow);
    world.run_for(ms(200));
    assert_eq!(world.clients[0].stage(), Stage::Alone);
    assert_eq!(world.clients[0].view().signaling_route, SignalingView::Relay);
}

#[test]
fn a_relay_that_comes_late_is_joined() {
    for route in [RouteChoice::Auto, RouteChoice::Relay] {
        let mut world = world_with(HubState::Down, route, 2);
        world.run_for(seconds(40));
        world.set_relay(HubState::Up);
        world.run_for(seconds(20));
        assert!(
            world.all(|client| client.view().signaling_route == SignalingView::Relay),
            "{route:?}"
        );
        world.call_works(0, 1);
    }
}

#[test]
fn without_a_relay_the_tabs_of_a_browser_meet() {
    let mut world = world_with(HubState::Down, RouteChoice::Auto, 2);
    world.run_for(seconds(2));
    assert!(world.all(|client| matches!(
        client.view().signaling_route,
        SignalingView::Unreachable {
            tabs_can_meet: true,
            ..
        }
    )));
    world.run_for(seconds(200));
    assert!(
        world.clients[0].attempts.len() < 18,
        "attempts become rare: {:?}",
        world.clients[0].attempts.len()
    );
    let calm = waits(&world, ms(40))[4..].to_vec();
    assert!(calm.iter().all(|wait| *wait >= seconds(15)), "{calm:?}");
    world.tabs_call_works(0, 1);
    world.hang_up_works(1);
    world.tabs_call_works(1, 0);
}

#[test]
fn a_site_without_a_relay_is_asked_again_soon_and_then_rarely() {
    let mut world = world_with(HubState::Absent, RouteChoice::Auto, 2);
    world.run_for(seconds(1));
    for _ in 0..3600 {
        let view = world.clients[0].view().signaling_route;
        assert_eq!(
            view,
            SignalingView::OnlyThisBrowser,
            "also while it is asked again"
        );
        world.run_for(seconds(1));
    }
    let waits = waits(&world, ms(40));
    for (wait, expected) in waits.iter().zip([2, 5, 15, 60, 600, 600].map(seconds)) {
        assert!(*wait >= expected && *wait < expected + seconds(1), "{waits:?}");
    }
    assert!((8..12).contains(&waits.len()), "{waits:?}");
    world.tabs_call_works(0, 1);
}

/// A proxy may answer before it knows of the relay behind it.
#[test]
fn a_relay_that_seemed_absent_for_three_seconds_is_joined() {
    let mut world = world_with(HubState::Absent, RouteChoice::Auto, 2);
    world.run_for(seconds(3));
    world.set_relay(HubState::Up);
    world.run_for(seconds(7));
    assert!(world.all(|client| client.view().signaling_route == SignalingView::Relay));
    world.call_works(0, 1);
}

#[test]
fn who_does_not_want_to_wait_asks_a_site_without_a_relay_at_once() {
    let mut world = world_with(HubState::Absent, RouteChoice::Auto, 1);
    world.run_for(seconds(100));
    world.set_relay(HubState::Up);
    world.command(0, Command::RetryNow);
    world.run_for(ms(200));
    assert_eq!(world.clients[0].view().signaling_route, SignalingView::Relay);
}

#[test]
fn only_this_browser_never_asks_for_the_relay() {
    let mut world = world_with(HubState::Up, RouteChoice::ThisBrowser, 2);
    world.run_for(seconds(60));
    assert!(world.all(|client| client.attempts.is_empty() && client.stage() == Stage::Ready));
    world.tabs_call_works(1, 0);
}

#[test]
fn by_hand_no_relay_is_asked_before_during_or_after_a_call() {
    let mut world = world_with(HubState::Up, RouteChoice::ByHand, 2);
    world.run_for(seconds(60));
    assert!(world.all(|client| client.attempts.is_empty() && client.stage() == Stage::Ready));
    assert_eq!(world.clients[0].view().signaling_route, SignalingView::ByHand);
    world.tabs_call_works(1, 0);
    assert!(world.all(|client| client.attempts.is_empty()));
}

#[test]
fn only_the_relay_never_falls_back_to_tabs() {
    for state in [HubState::Down, HubState::Absent, HubState::Silent] {
        let mut world = world_with(state, RouteChoice::Relay, 1);
        for _ in 0..600 {
            world.run_for(ms(100));
            assert!(world.clients[0].sockets[1].is_none(), "{state:?}");
        }
        assert!(
            world.clients[0].attempts.len() > 3,
            "{state:?}: it is tried again"
        );
    }
}

#[test]
fn a_relay_that_was_known_is_not_given_up_for_tabs() {
    for state in [HubState::Down, HubState::Absent] {
        let mut world = world_with(HubState::Up, RouteChoice::Auto, 2);
        world.run_for(seconds(1));
        world.set_relay(state);
        world.run_for(seconds(60));
        assert!(world.all(|client| client.sockets[1].is_none() && client.view().seat == SeatView::None));
        world.set_relay(HubState::Up);
        world.run_for(seconds(10));
        world.call_works(0, 1);
    }
}

#[test]
fn tabs_that_meet_switch_to_the_relay_when_it_appears() {
    let mut world = world_with(HubState::Down, RouteChoice::Auto, 2);
    world.run_for(seconds(5));
    assert_eq!(world.stages(), [Stage::Ready, Stage::Ready]);
    world.set_relay(HubState::Up);
    world.run_for(seconds(40));
    assert!(world.all(|client| client.sockets[1].is_none()));
    assert!(
        world.all(|client| client.view().people.len() == 1),
        "nobody is seen twice"
    );
    world.call_works(0, 1);
}

#[test]
fn tabs_in_a_call_stay_where_they_are() {
    // The call begins at every moment of an attempt to reach the relay that takes three seconds.
    for moment in 0..50 {
        let mut world = world_with(HubState::Down, RouteChoice::Auto, 2);
        world.run_for(seconds(4));
        for client in &mut world.clients {
            client.options.up = ms(3000);
        }
        world.set_relay(HubState::Up);
        world.run_for(ms(400 * moment));
        if world.clients.iter().any(|client| client.sockets[1].is_none()) {
            continue;
        }
        world.tabs_call_works(0, 1);
        let attempts = world.clients[0].attempts.len();
        world.run_for(seconds(50));
        assert_eq!(world.clients[0].attempts.len(), attempts, "the relay can wait");
        assert!(
            world.all(|client| client.is_in_call()),
            "{moment}: {:?}",
            world.stages()
        );
        assert!(world.all(|client| client.made.len() == 1), "{moment}");
        world.hang_up_then_quiet(0);
        world.run_for(seconds(40));
        assert!(
            world.all(|client| client.view().signaling_route == SignalingView::Relay),
            "{moment}"
        );
        world.call_works(1, 0);
    }
}
