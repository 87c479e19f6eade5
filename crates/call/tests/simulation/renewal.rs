//! Credentials of TURN servers that live shorter than a call.

use visavis_call::PreConnection;
use visavis_protocol::relay::LeaveReason;

use crate::pre_connection::turn;
use crate::support::{ClientOptions, HubState, Options, World, ms, seconds};

/// A call, in which credentials live for so long.
fn in_call(token_seconds: u32) -> World {
    let options = Options {
        ice_servers: vec![turn()],
        token_seconds,
        ..Options::default()
    };
    let mut world = World::with_people(2, options);
    world.call_works(0, 1);
    world
}

/// For how many seconds the credentials are good that browsers would use now, at the worst end.
fn left(world: &World) -> u64 {
    let dies = world.clients.iter().map(|client| client.credential_dies.unwrap());
    dies.min().unwrap().saturating_sub(world.now.0 / 1000)
}

fn is_undisturbed(world: &World) -> bool {
    let mut clients = world.clients.iter();
    world.are_in_call(0, 1) && clients.all(|client| (client.made.len(), client.restarts) == (1, 0))
}

#[test]
fn a_long_call_has_credentials_that_live() {
    let mut world = in_call(60);
    for _ in 0..600 {
        world.run_for(seconds(1));
        assert!(left(&world) >= 29, "{} at {:?}", left(&world), world.now);
    }
    assert!(is_undisturbed(&world));
    for client in &world.clients {
        // At half of their life, and no more often.
        assert!(
            (19..=21).contains(&client.configured.len()),
            "{:?}",
            client.configured
        );
    }
    world.expect_no_refusals();
}

#[test]
fn a_restart_finds_live_credentials_whoever_begins_it() {
    let mut world = in_call(60);
    world.run_for(seconds(300));
    assert!(is_undisturbed(&world));
    world.set_path(0, 1, false);
    world.later(seconds(12), |world| world.set_path(0, 1, true));
    for _ in 0..40 {
        world.run_for(seconds(1));
        assert!(left(&world) >= 29);
    }
    assert!(world.are_in_call(0, 1));
    let restarts: usize = world.clients.iter().map(|client| client.restarts).sum();
    assert!(restarts > 0);
}

#[test]
fn a_relay_that_was_away_at_the_time_renews_when_it_is_back() {
    // Back before the credentials have died, and only after that.
    for (away, dead) in [(20, false), (60, true)] {
        let mut world = in_call(60);
        world.run_for(seconds(20));
        world.restart_relay(seconds(away));
        world.run_for(seconds(away));
        assert_eq!(left(&world) == 0, dead);
        let back = world.run_until(seconds(20), |world| left(world) >= 50);
        assert!(back, "{away} s: {}", left(&world));
        assert!(is_undisturbed(&world));
    }
}

#[test]
fn a_relay_that_does_not_answer_is_asked_again_and_holds_up_nothing() {
    let mut world = in_call(60);
    for client in 0..2 {
        world.clients[client].options.token = seconds(3600);
    }
    world.run_for(seconds(45));
    let asked: Vec<usize> = world.clients.iter().map(|client| client.tokens.len()).collect();
    assert!(asked.iter().all(|asked| (2..=4).contains(asked)), "{asked:?}");
    // The relay is not taken for dead, as it speaks, and what is known does.
    assert!(is_undisturbed(&world) && left(&world) > 0);
    world.set_path(0, 1, false);
    world.run_for(seconds(5));
    world.set_path(0, 1, true);
    world.run_for(seconds(10));
    assert!(world.are_in_call(0, 1));
    for client in 0..2 {
        world.clients[client].options.token = ms(20);
    }
    assert!(world.run_until(seconds(15), |world| left(world) >= 50));
}

#[test]
fn a_call_that_begins_during_a_renewal_does_not_wait_for_it() {
    let mut world = World::new(Options {
        ice_servers: vec![turn()],
        token_seconds: 60,
        capacity: 3,
        ..Options::default()
    });
    for _ in 0..3 {
        world.join(ClientOptions {
            pre_connection: PreConnection::On,
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(25));
    // Each connection that is made asks for ICE servers; those that others have are as good.
    assert!(world.all(|client| client.configured.is_empty()));
    for client in 0..3 {
        world.clients[client].options.token = seconds(3600);
    }
    // They have asked, and wait.
    world.run_for(seconds(7));
    let made = world.clients[0].made.len();
    world.close_page(2, LeaveReason::Left);
    world.join(ClientOptions {
        pre_connection: PreConnection::On,
        ..ClientOptions::default()
    });
    let connected = world.run_until(seconds(2), |world| world.clients[0].made.len() > made);
    assert!(connected);
}

#[test]
fn nothing_is_renewed_for_nobody_or_too_often() {
    let mut world = World::new(Options {
        ice_servers: vec![turn()],
        token_seconds: 60,
        ..Options::default()
    });
    world.join(ClientOptions::default());
    world.run_for(seconds(600));
    assert_eq!(world.clients[0].tokens.len(), 1);

    let mut world = in_call(4);
    world.run_for(seconds(600));
    assert!(world.clients.iter().all(|client| client.tokens.len() < 5));
    // The shortest life that is renewed costs no more than the relay allows: 30 a minute.
    let mut world = in_call(10);
    world.run_for(seconds(60));
    assert!(left(&world) > 0);
    assert!(world.clients.iter().all(|client| client.tokens.len() <= 15));

    // A relay that is not there is asked nothing.
    let mut world = in_call(60);
    world.set_relay(HubState::Down);
    world.run_for(seconds(600));
    assert!(is_undisturbed(&world));
}
