//! Who lets nobody see their network address: everything that leaves their page, for the whole call.

use visavis_call::{
    CallPhase, Command, EndReason, FailureCause, IceTransportPolicy, Obstacle, PreConnection, Stage,
};

use crate::pre_connection::turn;
use crate::support::{ClientOptions, HubState, Options, World, ms, seconds};

const ALL: IceTransportPolicy = IceTransportPolicy::All;
const RELAY: IceTransportPolicy = IceTransportPolicy::Relay;

fn with_turn() -> Options {
    Options {
        ice_servers: vec![turn()],
        ..Options::default()
    }
}

/// Two people with these policies, who have just met.
fn pair(policies: [IceTransportPolicy; 2], pre_connection: PreConnection, options: Options) -> World {
    let mut world = World::new(options);
    for ice_transport_policy in policies {
        world.join(ClientOptions {
            ice_transport_policy,
            pre_connection,
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(2));
    world
}

fn made(world: &World, client: usize) -> usize {
    world.clients[client].made.len()
}

/// From now on, nothing may leave that tells the address of this person.
fn count_anew(world: &mut World, client: usize) {
    let client = &mut world.clients[client];
    (client.showed_own, client.showed_turn) = (0, 0);
    client.policies.clear();
}

#[track_caller]
fn shows_turn_alone(world: &World, client: usize) {
    let client = &world.clients[client];
    assert_eq!(client.showed_own, 0, "its address has left the page");
    assert_ne!(client.showed_turn, 0, "something must have left");
    assert!(client.policies.iter().all(|policy| *policy == RELAY));
}

#[test]
fn a_turn_servers_address_is_all_that_is_shown_for_a_whole_call() {
    for pre_connection in PreConnection::ALL {
        for policies in [[RELAY, ALL], [ALL, RELAY], [RELAY, RELAY]] {
            for caller in [0, 1] {
                let mut world = pair(policies, pre_connection, with_turn());
                world.call_works(caller, 1 - caller);
                world.run_for(seconds(3));
                for restarts in [0, 1] {
                    world.restart_ice(restarts);
                    world.run_for(seconds(3));
                }
                // What is silent is mended by a restart, and then by a new connection.
                world.set_path(0, 1, false);
                world.run_for(seconds(40));
                world.set_path(0, 1, true);
                assert!(
                    world.run_until(seconds(30), |world| world.are_in_call(0, 1)),
                    "{policies:?}, {pre_connection:?}: {:?}",
                    world.stages()
                );
                world.hang_up_works(caller);
                world.run_for(seconds(2));
                for (client, policy) in policies.into_iter().enumerate() {
                    if policy == RELAY {
                        shows_turn_alone(&world, client);
                    } else {
                        assert_ne!(world.clients[client].showed_own, 0, "the simulation tells");
                    }
                }
                world.expect_no_refusals();
            }
        }
    }
}

#[test]
fn whoever_changes_their_mind_before_a_call_is_connected_anew() {
    for pre_connection in PreConnection::ALL {
        for who in [0, 1] {
            let mut world = pair([ALL; 2], pre_connection, with_turn());
            count_anew(&mut world, who);
            world.command(who, Command::SetIceTransportPolicy(RELAY));
            world.run_for(seconds(2));
            let ready = |world: &World| {
                let people = world.clients[who].view().people;
                people.iter().any(|person| person.pre_connected)
            };
            let stands = matches!(pre_connection, PreConnection::On | PreConnection::OnlyTurn);
            assert_eq!(ready(&world), stands, "{pre_connection:?}");
            world.call_works(1 - who, who);
            world.run_for(seconds(3));
            shows_turn_alone(&world, who);
            world.hang_up_works(who);

            world.command(who, Command::SetIceTransportPolicy(ALL));
            world.run_for(seconds(2));
            world.call_works(who, 1 - who);
            world.run_for(seconds(3));
            assert_ne!(world.clients[who].showed_own, 0, "a call is direct again");
            world.expect_no_refusals();
        }
    }
}

#[test]
fn whoever_changes_their_mind_in_a_call_is_connected_anew_at_once() {
    for pre_connection in PreConnection::ALL {
        for who in [0, 1] {
            let mut world = pair([ALL; 2], pre_connection, with_turn());
            world.call_works(0, 1);
            world.run_for(seconds(3));
            let before = made(&world, who);
            count_anew(&mut world, who);
            world.command(who, Command::SetIceTransportPolicy(RELAY));
            world.run_for(seconds(1));
            assert!(world.are_in_call(0, 1), "the call goes on: {:?}", world.stages());
            assert_eq!(made(&world, who), before + 1);
            world.run_for(seconds(5));
            shows_turn_alone(&world, who);

            // The way back needs no new connection.
            world.command(who, Command::SetIceTransportPolicy(ALL));
            world.run_for(seconds(3));
            assert!(world.are_in_call(0, 1));
            assert_eq!(made(&world, who), before + 1);
            assert_eq!(world.clients[who].policies.last(), Some(&ALL));
            assert_ne!(world.clients[who].showed_own, 0);
            world.hang_up_works(who);
            world.expect_no_refusals();
        }
    }
}

/// What was to be said before is not said again after: the others were away, and come back.
#[test]
fn what_waits_for_the_relay_is_forgotten_with_the_choice() {
    for moment in [0, 60, 120, 180, 300, 2000] {
        let mut world = pair([ALL; 2], PreConnection::Nothing, with_turn());
        world.command(0, Command::Call);
        world.run_for(ms(moment));
        world.restart_relay(seconds(4));
        world.run_for(seconds(2));
        assert_ne!(world.clients[0].sent_bytes, 0);
        count_anew(&mut world, 0);
        world.command(0, Command::SetIceTransportPolicy(RELAY));
        world.run_for(seconds(30));
        assert!(world.are_in_call(0, 1), "{moment}: {:?}", world.stages());
        shows_turn_alone(&world, 0);
        world.expect_no_refusals();
    }
}

#[test]
fn somebody_who_is_called_can_still_choose() {
    let mut world = World::new(Options {
        capacity: 3,
        ..with_turn()
    });
    for _ in 0..3 {
        world.join(ClientOptions {
            pre_connection: PreConnection::On,
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(2));
    world.command(0, Command::Call);
    world.run_for(seconds(2));
    assert_eq!(world.clients[1].stage(), Stage::Ringing);
    count_anew(&mut world, 1);
    world.command(1, Command::SetIceTransportPolicy(RELAY));
    world.run_for(seconds(2));
    assert_eq!(world.clients[1].stage(), Stage::Ringing);
    world.answer(1);
    world.run_for(seconds(5));
    assert!(world.are_in_call(0, 1), "{:?}", world.stages());
    shows_turn_alone(&world, 1);
}

#[test]
fn without_a_turn_server_a_call_says_so_at_once() {
    let reason = EndReason::Failed(FailureCause::NoPath(Obstacle::NoTurnToHideBehind));
    for pre_connection in PreConnection::ALL {
        for (who, caller) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let policies = if who == 0 { [RELAY, ALL] } else { [ALL, RELAY] };
            let mut world = pair(policies, pre_connection, Options::default());
            world.command(caller, Command::Call);
            world.run_for(ms(500));
            assert_eq!(world.clients[who].end(), reason, "{pre_connection:?}");
            let theirs = world.clients[1 - who].view().call;
            let is_told = match theirs {
                CallPhase::Ended { reason, .. } => matches!(reason, EndReason::Failed(_)),
                // They have not even heard of it.
                CallPhase::Idle => caller == who,
                _ => false,
            };
            assert!(is_told, "{pre_connection:?}, {who}, {caller}");
            assert_eq!(world.clients[who].showed_own, 0);
            assert_eq!(made(&world, who), 0, "no connection is even made");

            world.command(who, Command::SetIceTransportPolicy(ALL));
            world.run_for(seconds(1));
            world.call_works(caller, 1 - caller);
            world.expect_no_refusals();
        }
    }
    // In a call that goes on, it is the person's word that counts.
    let mut world = pair([ALL; 2], PreConnection::On, Options::default());
    world.call_works(0, 1);
    world.command(1, Command::SetIceTransportPolicy(RELAY));
    world.run_for(ms(500));
    assert_eq!(world.clients[1].end(), reason);
    assert!(world.all(|client| client.connections.is_empty()));
}

/// A browser that finds and takes direct paths, whatever it was asked for.
#[test]
fn a_browser_that_does_not_keep_to_it_shows_nothing_and_is_stopped() {
    for pre_connection in [PreConnection::Nothing, PreConnection::On, PreConnection::Off] {
        for caller in [0, 1] {
            let mut world = World::new(with_turn());
            world.join(ClientOptions {
                ice_transport_policy: RELAY,
                pre_connection,
                lies: true,
                ..ClientOptions::default()
            });
            world.join(ClientOptions {
                pre_connection,
                ..ClientOptions::default()
            });
            world.run_for(seconds(2));
            world.command(caller, Command::Call);
            world.run_for(seconds(2));
            assert_eq!(
                world.clients[0].end(),
                EndReason::Failed(FailureCause::NotRelayed),
                "{pre_connection:?}"
            );
            assert_eq!(world.clients[1].stage(), Stage::Ended);
            assert!(world.all(|client| client.connections.is_empty()));
            shows_turn_alone(&world, 0);
        }
    }
}

/// Not every browser says when the path changes, so it is looked at all the time.
#[test]
fn a_path_that_becomes_direct_later_is_noticed() {
    let mut world = pair([RELAY, ALL], PreConnection::On, with_turn());
    world.call_works(1, 0);
    world.run_for(seconds(5));
    assert!(world.are_in_call(0, 1));
    for connection in world.clients[0].connections.values_mut() {
        connection.policy = ALL;
    }
    world.run_for(seconds(2));
    assert_eq!(
        world.clients[0].end(),
        EndReason::Failed(FailureCause::NotRelayed)
    );
}

/// The relay of signaling has nothing to do with it: tabs of one browser do without any server.
#[test]
fn tabs_without_a_server_say_so_as_well() {
    let mut world = World::new(Options {
        relay: HubState::Absent,
        ..Options::default()
    });
    for ice_transport_policy in [RELAY, ALL] {
        world.join(ClientOptions {
            ice_transport_policy,
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(5));
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    assert_eq!(
        world.clients[0].end(),
        EndReason::Failed(FailureCause::NoPath(Obstacle::NoTurnToHideBehind))
    );
}
