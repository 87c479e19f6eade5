//! Connections that stand ready before anybody calls.

use std::time::Duration;

use visavis_call::{
    Command, ConnectionId, EndReason, FailureCause, IceTransportPolicy, Mark, Obstacle, PreConnection, Stage,
};
use visavis_protocol::dialect::native::decode_peer;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::SeatSecret;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::LeaveReason;
use visavis_relay::room::peer_id;

use crate::support::description::{Description, Sections};
use crate::support::{Client, ClientOptions, Options, World, ms, room, seconds};

/// Two people who want this, and have just met. The first one is polite or not, by the world's number.
fn pair_with(pre_connections: [PreConnection; 2], options: Options) -> World {
    let mut world = World::new(options);
    for pre_connection in pre_connections {
        world.join(ClientOptions {
            pre_connection,
            ..ClientOptions::default()
        });
    }
    world
}

/// Two people in a room, between whom a connection stands ready.
fn pre_connected_pair() -> World {
    let mut world = pair_with([PreConnection::On; 2], Options::default());
    world.run_for(seconds(2));
    assert!(is_pre_connected(&world), "{:?}", world.stages());
    world
}

pub(crate) fn turn() -> IceServer {
    IceServer {
        urls: vec!["turn:turn.example.org".into()],
        username: None,
        credential: None,
    }
}

fn is_pre_connected(world: &World) -> bool {
    world.all(|client| {
        let people = client.view().people;
        client.stage() != Stage::InCall && people.iter().all(|person| person.pre_connected)
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
    let world = pre_connected_pair();
    assert_eq!(made(&world), [1, 1]);
    assert!(world.all(|client| client.stage() == Stage::Ready && client.sending.is_empty()));
    world.expect_no_refusals();
}

#[test]
fn a_call_takes_one_way_there_and_one_back() {
    for caller in [0, 1] {
        let mut world = pre_connected_pair();
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

/// Each side's picture is small for as long as the browser does not know how much it can send.
#[test]
fn pictures_grow_a_while_after_each_side_has_begun_to_send() {
    for caller in [0, 1] {
        let mut world = pre_connected_pair();
        for round in 0..2 {
            world.run_for(seconds(2));
            let start = world.now;
            world.command(caller, Command::Call);
            world.run_for(seconds(5));
            let grew = |client: usize| {
                let shares = world.clients[client].shares[round..].iter();
                shares.map(|(time, ..)| *time).collect::<Vec<_>>()
            };
            assert_eq!(grew(caller), [start + ms(700)]);
            let [callees] = grew(1 - caller)[..] else {
                panic!("once in a call: {:?}", grew(1 - caller))
            };
            assert!(callees > start + ms(700) && callees < start + ms(720));
            world.hang_up_works(0);
        }
        // A call that is over before leaves nothing to grow.
        world.run_for(seconds(2));
        world.command(caller, Command::Call);
        world.run_for(ms(600));
        world.hang_up_works(1);
        world.run_for(seconds(5));
        assert!(world.all(|client| client.shares.len() == 2));
    }
}

#[test]
fn the_next_call_is_pre_connected_as_soon_as_one_is_over() {
    let mut world = pre_connected_pair();
    for round in 0..4 {
        world.call_works(round % 2, 1 - round % 2);
        world.hang_up_works((round / 2) % 2);
        world.run_for(seconds(2));
        assert!(is_pre_connected(&world), "{round}: {:?}", world.stages());
        assert_eq!(open(&world), [1, 1]);
        assert!(world.all(|client| client.sending.is_empty()));
    }
    world.expect_no_refusals();
}

/// Lets one of two, or both, call so long after they have met, and then the other one.
fn call_after(moment: Duration, mut world: World, caller: usize, both_click: bool) {
    let can_call = |world: &World| world.all(|client| client.view().can_call());
    assert!(world.run_until(seconds(2), can_call));
    world.run_for(moment);
    world.command(caller, Command::Call);
    if both_click {
        world.command(1 - caller, Command::Call);
    }
    world.run_for(seconds(3));
    assert!(
        world.are_in_call(0, 1),
        "{both_click} {caller} {moment:?}: {:?}",
        world.stages()
    );
    both_send(&world);
    world.expect_no_refusals();
    world.hang_up_works(caller);
    world.call_works(1 - caller, caller);
}

#[test]
fn a_call_at_any_moment_of_pre_connecting_works() {
    for both_click in [false, true] {
        for caller in [0, 1] {
            for moment in 0..120 {
                let world = pair_with([PreConnection::On; 2], Options::default());
                call_after(ms(3 * moment), world, caller, both_click);
            }
        }
    }
}

#[test]
fn a_hang_up_at_any_moment_of_a_call_wins() {
    for who in [0, 1] {
        for moment in 0..40 {
            let mut world = pre_connected_pair();
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
        [PreConnection::Nothing, PreConnection::On],
        [PreConnection::On, PreConnection::Nothing],
        [PreConnection::Nothing, PreConnection::Nothing],
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

/// Off is negotiated, and nothing more: no candidate goes there, none comes back, and none is tried.
#[test]
fn whoever_has_it_off_shows_no_address_before_a_call() {
    for (one, patient) in [PreConnection::On, PreConnection::OnlyTurn, PreConnection::Off]
        .into_iter()
        .flat_map(|one| [(one, true), (one, false)])
    {
        let mut world = World::new(Options {
            ice_servers: vec![turn()],
            ..Options::default()
        });
        for pre_connection in [one, PreConnection::Off] {
            world.join(ClientOptions {
                pre_connection,
                patient,
                ..ClientOptions::default()
            });
        }
        world.record_messages_to(0);
        world.run_for(seconds(if patient { 100 } else { 10 }));
        let said: Vec<_> = world
            .recorded()
            .iter()
            .map(|text| decode_peer(text).unwrap().body)
            .collect();
        let descriptions: Vec<_> = said
            .iter()
            .filter_map(|body| match body {
                PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. } => Some(sdp),
                _ => None,
            })
            .collect();
        assert_eq!(descriptions.len(), 1, "{said:?}");
        assert!(!descriptions[0].contains("192.0.2"), "{descriptions:?}");
        assert!(
            !said.iter().any(|body| matches!(body, PeerBody::Candidate(_))),
            "{one:?}: {said:?}"
        );
        let tries = |client: usize| {
            let connection = world.clients[client].connections.values().next().unwrap();
            connection.has_their_candidate()
        };
        assert_eq!([tries(0), tries(1)], [false; 2], "{one:?}");
        assert!(world.all(|client| client.stage() == Stage::Ready && client.sending.is_empty()));
        world.call_works(0, 1);
        assert_eq!(made(&world), [1, 1], "{one:?}: nothing is left to be negotiated");
        world.expect_no_refusals();
    }
}

/// A browser tries what it finds in a description.
#[test]
fn candidates_in_a_description_are_not_tried_before_a_call_either() {
    for pre_connection in [PreConnection::On, PreConnection::Off] {
        let mut world = World::new(Options::default());
        // The other one would offer, and keep to it.
        let polite = loop {
            let client = world.join(ClientOptions {
                pre_connection,
                ..ClientOptions::default()
            });
            world.run_for(seconds(1));
            if world.clients[client].id < peer_id(&SeatSecret::new("naive").unwrap()) {
                break client;
            }
            world.close_page(client, LeaveReason::Left);
        };
        world.join_naive(seconds(1000));
        world.naive.as_mut().unwrap().caller = Some(world.clients[polite].id.clone());
        world.run_for(seconds(1));
        let sdp = Description {
            serial: 77,
            ufrag: "hand".into(),
            sections: Sections::BOTH,
            sends: Sections::BOTH,
            ..Description::default()
        };
        let candidate = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
        world.naive_sends(&PeerMessage {
            number: 1,
            connection: ConnectionId(1),
            ..PeerMessage::unnumbered(PeerBody::Offer {
                sdp: sdp.to_sdp() + candidate,
                exchange: 1,
                warm: true,
                private: false,
            })
        });
        world.run_for(seconds(1));
        let connections: Vec<_> = world.clients[polite].connections.values().collect();
        let [connection] = connections[..] else {
            panic!("there are {} connections", connections.len())
        };
        assert!(connection.remote.is_some(), "it is answered");
        assert_eq!(
            connection.has_their_candidate(),
            pre_connection == PreConnection::On
        );
    }
}

#[test]
fn a_call_over_descriptions_alone_works_at_any_moment() {
    for (one, other) in [
        (PreConnection::Off, PreConnection::Off),
        (PreConnection::Off, PreConnection::On),
        (PreConnection::On, PreConnection::Off),
        (PreConnection::Off, PreConnection::Nothing),
    ] {
        for (both_click, caller, patient) in [
            (false, 0, true),
            (false, 1, true),
            (true, 0, true),
            (false, 0, false),
            (false, 1, false),
            (true, 0, false),
        ] {
            for moment in (0..40).map(|step| 9 * step).chain([5_000, 20_000, 60_000]) {
                let mut world = World::new(Options::default());
                for pre_connection in [one, other] {
                    world.join(ClientOptions {
                        pre_connection,
                        patient,
                        ..ClientOptions::default()
                    });
                }
                println!("{one:?} {other:?}, patient: {patient}");
                call_after(ms(moment), world, caller, both_click);
            }
        }
    }
}

/// What was found while they waited may be of no use any more: the network is another one, or a server has
/// forgotten us.
#[test]
fn candidates_that_became_useless_before_the_call_are_found_anew() {
    // A connection that had to be made twice already is no reason to spare the effort.
    for (caller, failing_operations) in [(0, 0..0), (1, 0..0), (0, 1..2), (1, 1..2)] {
        let options = Options {
            failing_operations,
            ..Options::default()
        };
        let mut world = pair_with([PreConnection::Off; 2], options);
        world.run_for(seconds(30));
        let stale: Vec<_> = world
            .clients
            .iter()
            .flat_map(|client| client.connections.values())
            .map(|connection| connection.serial)
            .collect();
        assert_eq!(stale.len(), 2);
        world.dead_connections.extend(stale);
        world.command(caller, Command::Call);
        world.run_for(seconds(9));
        assert!(world.are_in_call(0, 1), "{caller}: {:?}", world.stages());
        both_send(&world);
        world.hang_up_works(caller);
    }
}

#[test]
fn a_pre_connection_that_fails_is_no_news() {
    let mut world = pair_with([PreConnection::On; 2], Options::default());
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
    for ice_servers in [Vec::new(), vec![turn()]] {
        let expected = if ice_servers.is_empty() { [0, 0] } else { [1, 1] };
        let options = Options {
            ice_servers,
            ..Options::default()
        };
        let mut world = pair_with([PreConnection::OnlyTurn; 2], options);
        world.run_for(seconds(3));
        assert_eq!(open(&world), expected);
        let last = |client: &Client| client.policies.last().copied();
        let relay = (expected == [1, 1]).then_some(IceTransportPolicy::Relay);
        assert!(world.all(|client| last(client) == relay && client.showed_own == 0));
        world.call_works(0, 1);
        world.run_for(seconds(2));
        assert!(
            world.all(|client| last(client) == Some(IceTransportPolicy::All)),
            "a call looks for a shorter way"
        );
        assert_eq!(made(&world), [1, 1]);
        world.hang_up_works(1);
        world.expect_no_refusals();
    }
}

/// Whoever gave up before they had heard of our call may take part in the next one; but not for ever.
#[test]
fn whoever_gives_up_each_time_is_called_twice_at_most() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(1000));
    world.run_for(seconds(1));
    world.command(0, Command::Call);
    for number in 1..10 {
        world.run_for(seconds(1));
        // As if it had crossed: it names none of our connections, and acknowledges nothing.
        world.naive_sends(&PeerMessage {
            number,
            connection: ConnectionId(1),
            ..PeerMessage::unnumbered(PeerBody::GiveUp)
        });
    }
    world.run_for(seconds(1));
    assert_eq!(world.clients[0].made.len(), 2);
    assert_eq!(world.clients[0].stage(), Stage::Ended);
}

#[test]
fn one_can_change_ones_mind() {
    for (who, other) in [0, 1]
        .into_iter()
        .flat_map(|who| [(who, PreConnection::Off), (who, PreConnection::Nothing)])
    {
        let connections = if other == PreConnection::Off {
            [1, 1]
        } else {
            [0, 0]
        };
        let mut world = pre_connected_pair();
        world.command(who, Command::PreConnect(other));
        world.run_for(seconds(2));
        assert_eq!(open(&world), connections);
        assert!(!is_pre_connected(&world));
        world.call_works(1 - who, who);
        world.command(who, Command::PreConnect(PreConnection::On));
        assert!(world.are_in_call(0, 1), "a call goes on as it is");
        world.hang_up_works(who);
        world.run_for(seconds(2));
        world.command(who, Command::PreConnect(other));
        world.run_for(seconds(2));
        world.command(who, Command::PreConnect(PreConnection::On));
        world.run_for(seconds(2));
        assert!(is_pre_connected(&world), "{who}: {:?}", world.stages());
        world.call_works(who, 1 - who);
        world.expect_no_refusals();
    }
}

#[test]
fn it_ends_with_the_room() {
    for command in [Command::Leave, Command::Enter(room("elsewhere"))] {
        for who in [0, 1] {
            let mut world = pre_connected_pair();
            world.command(who, command.clone());
            world.run_for(seconds(1));
            assert_eq!(open(&world), [0, 0]);
            assert_eq!(world.clients[1 - who].stage(), Stage::Alone);
        }
    }
}

#[test]
fn it_survives_the_relay_and_recovers_as_a_call_does() {
    let mut world = pre_connected_pair();
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
    assert!(is_pre_connected(&world));
    world.call_works(0, 1);
    world.expect_no_refusals();
}

/// What was pre-connected is recovered with the same patience as what was not.
#[test]
fn a_pre_connected_call_climbs_the_same_ladder() {
    let attempts = [PreConnection::Nothing, PreConnection::On, PreConnection::Off].map(|pre_connection| {
        let mut world = pair_with([pre_connection; 2], Options::default());
        world.run_for(seconds(2));
        world.call_works(0, 1);
        world.run_for(seconds(2));
        let before: usize = made(&world).iter().sum();
        world.set_path(0, 1, false);
        world.run_for(seconds(80));
        made(&world).iter().sum::<usize>() - before
    });
    assert_eq!(attempts, [attempts[0]; 3]);
    assert!(
        attempts[0] > 0,
        "a path that is gone for so long is worth new connections"
    );
}

#[test]
fn a_call_over_a_path_that_has_just_gone_says_so_or_comes_about() {
    for back_after in [1, 8, 14] {
        let mut world = pre_connected_pair();
        world.set_path(0, 1, false);
        world.command(0, Command::Call);
        world.run_for(seconds(back_after));
        world.set_path(0, 1, true);
        world.run_for(seconds(10));
        assert!(world.are_in_call(0, 1), "{back_after}: {:?}", world.stages());
        world.expect_no_refusals();
    }
    let mut world = pre_connected_pair();
    world.set_path(0, 1, false);
    world.command(0, Command::Call);
    world.run_for(seconds(120));
    assert!(world.all(|client| client.stage() == Stage::Ended));
}

#[test]
fn a_caller_whom_nobody_hears_is_told() {
    let mut world = pre_connected_pair();
    world.freeze(1);
    world.command(0, Command::Call);
    world.run_for(seconds(17));
    assert!(world.clients[0].is_connecting());
    world.run_for(seconds(3));
    assert_eq!(world.clients[0].end(), EndReason::Failed(FailureCause::NoAnswer));
}

/// Somebody is called while they leave, comes back at once, and connects with the caller, who gives up the
/// call meanwhile. What crosses the new connection is about another one.
#[test]
fn who_comes_back_while_a_call_is_given_up_is_pre_connected() {
    let mut given_up = 0;
    for moment in 0..25 {
        let mut world = World::new(Options::default());
        world.join(ClientOptions {
            pre_connection: PreConnection::On,
            ..ClientOptions::default()
        });
        // It makes the connection, and can't yet.
        world.join(ClientOptions {
            pre_connection: PreConnection::On,
            token: seconds(1),
            ..ClientOptions::default()
        });
        world.run_for(ms(840 + 10 * moment));
        let enter = |name| Command::Enter(room(name));
        world.command_in(ms(20), 1, enter("elsewhere"));
        world.command_in(ms(60), 1, enter("test"));
        world.command_in(ms(30), 0, Command::Call);
        world.run_for(seconds(2));
        given_up += usize::from(!world.are_in_call(0, 1));
        for client in 0..2 {
            world.hang_up_then_quiet(client);
        }
        assert!(is_pre_connected(&world), "after {moment}: {:?}", world.stages());
        world.call_works(0, 1);
        world.expect_no_refusals();
    }
    assert!(given_up > 0, "it is called in vain at times");
}
