//! The host of a room and its door: knocking, being let in or sent away, and who decides when the host has
//! gone.

use visavis_call::{
    AccessPolicy, AccessView, Command, EndReason, MediaWish, PreConnection, RemovalReason, SeatView,
    SignalingView, Stage,
};
use visavis_protocol::id::PeerId;
use visavis_protocol::name::{GivenName, PersonName};
use visavis_protocol::relay::{ErrorCode, LeaveReason, RelayMessage};

use crate::support::{ClientId, ClientOptions, HubState, Options, World, ms, room, seconds};

const ROOMY: usize = 8;

/// Longer than any wait before an attempt to reach the relay.
const LONG: std::time::Duration = seconds(120);

fn people(count: usize) -> World {
    World::with_people(
        count,
        Options {
            capacity: ROOMY,
            ..Options::default()
        },
    )
}

/// A room whose host has set the door.
fn behind(door: AccessPolicy) -> World {
    let mut world = people(1);
    set_door(&mut world, door);
    world
}

fn set_door(world: &mut World, door: AccessPolicy) {
    world.command(0, Command::SetAccess(door));
    world.run_for(seconds(1));
}

fn newcomer(world: &mut World) -> ClientId {
    let client = world.join(ClientOptions::default());
    world.run_for(seconds(1));
    client
}

fn id(world: &World, client: ClientId) -> PeerId {
    world.clients[client].id.clone()
}

fn door(world: &World, client: ClientId) -> AccessView {
    world.clients[client].view().access
}

fn knocking(world: &World) -> Vec<PeerId> {
    let knocking = door(world, 0).knocking.into_iter();
    knocking.map(|knocker| knocker.id).collect()
}

/// Whom a page takes for the host, itself included.
fn host(world: &World, client: ClientId) -> Option<PeerId> {
    let view = world.clients[client].view();
    if view.access.is_ours {
        return Some(id(world, client));
    }
    view.people
        .into_iter()
        .find(|person| person.host)
        .map(|person| person.id)
}

fn error(code: ErrorCode) -> RelayMessage {
    RelayMessage::Error {
        code,
        detail: String::new(),
    }
}

/// Says that a page is barred, for this reason, and asks the relay nothing any more.
#[track_caller]
fn stays_out(world: &mut World, client: ClientId, why: RemovalReason) {
    assert_eq!(world.clients[client].view().seat, SeatView::Removed(why));
    assert_eq!(world.clients[client].stage(), Stage::Removed);
    let attempts = world.clients[client].attempts.len();
    world.run_for(LONG);
    assert_eq!(world.clients[client].attempts.len(), attempts, "it comes back");
    assert_eq!(world.clients[client].view().seat, SeatView::Removed(why));
    let view = world.clients[client].view();
    assert_eq!(view.signaling_route, SignalingView::Off, "nothing is missed");
    assert!(view.people.is_empty());
}

#[test]
fn whoever_is_first_is_host_and_everybody_knows() {
    let world = people(3);
    for client in 0..3 {
        assert_eq!(host(&world, client), Some(id(&world, 0)));
        assert_eq!(door(&world, client).policy, AccessPolicy::Open);
        assert_eq!(door(&world, client).is_ours, client == 0);
    }
}

#[test]
fn whoever_knocks_is_seen_by_the_host_and_gets_in_when_let_in() {
    let mut world = people(2);
    set_door(&mut world, AccessPolicy::Knock);
    assert_eq!(door(&world, 1).policy, AccessPolicy::Knock, "everybody knows");
    let third = world.add(ClientOptions::default());
    world.command(third, Command::SetName(PersonName::new("Ada")));
    world.command(third, Command::GetMedia(MediaWish::CameraAndMicrophone));
    world.run_for(seconds(1));
    assert_eq!(
        world.clients[third].view().seat,
        SeatView::InLobby { locked: false }
    );
    assert_eq!(world.clients[third].stage(), Stage::InLobby);
    assert!(!world.clients[third].view().can_call());
    let seen = door(&world, 0).knocking;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].name, PersonName::new("Ada"));
    assert!(door(&world, 1).knocking.is_empty(), "only the host decides");
    world.command(third, Command::SetName(PersonName::new("Countess")));
    world.run_for(seconds(1));
    let seen = door(&world, 0).knocking;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].name, PersonName::new("Countess"));

    world.command(0, Command::Admit(id(&world, third)));
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Ready; 3]);
    assert!(knocking(&world).is_empty());
    world.command(0, Command::Call);
    world.all_answer();
    assert!(world.run_until(seconds(5), |world| world.are_in_call(0, third)));
    world.expect_no_refusals();
}

#[test]
fn whoever_is_refused_does_not_come_back_by_themselves() {
    let mut world = behind(AccessPolicy::Knock);
    let second = newcomer(&mut world);
    world.command(0, Command::Refuse(id(&world, second)));
    world.run_for(seconds(1));
    assert!(knocking(&world).is_empty());
    stays_out(&mut world, second, RemovalReason::Refused);

    // Nor can they insist; another room is open to them.
    world.command(second, Command::RetryNow);
    world.command(second, Command::GetMedia(MediaWish::CameraAndMicrophone));
    world.run_for(seconds(2));
    stays_out(&mut world, second, RemovalReason::Refused);
    world.command(second, Command::Enter(room("elsewhere")));
    world.run_for(ms(10));
    assert_eq!(
        world.clients[second].view().signaling_route,
        SignalingView::Opening,
        "nothing is wrong with the relay"
    );
    world.run_for(seconds(2));
    assert_eq!(world.clients[second].stage(), Stage::Alone);
    assert!(door(&world, second).is_ours);
    // The host's word is kept in mind.
    world.command(second, Command::Enter(room("test")));
    world.run_for(seconds(5));
    stays_out(&mut world, second, RemovalReason::Refused);
    assert!(knocking(&world).is_empty());
    // Whoever leaves altogether and comes again hears the same.
    world.command(second, Command::Leave);
    world.run_for(seconds(1));
    assert_eq!(world.clients[second].stage(), Stage::Start);
    world.command(second, Command::GetMedia(MediaWish::CameraAndMicrophone));
    world.run_for(seconds(5));
    stays_out(&mut world, second, RemovalReason::Refused);
}

#[test]
fn a_locked_room_keeps_everybody_out_without_asking() {
    let mut world = behind(AccessPolicy::Locked);
    let second = newcomer(&mut world);
    assert_eq!(
        world.clients[second].view().seat,
        SeatView::InLobby { locked: true }
    );
    assert!(knocking(&world).is_empty());
    set_door(&mut world, AccessPolicy::Knock);
    assert_eq!(
        world.clients[second].view().seat,
        SeatView::InLobby { locked: false }
    );
    assert_eq!(knocking(&world), [id(&world, second)]);
    set_door(&mut world, AccessPolicy::Locked);
    assert!(knocking(&world).is_empty());
    set_door(&mut world, AccessPolicy::Open);
    assert_eq!(world.clients[second].stage(), Stage::Ready);
    world.call_works(second, 0);
}

#[test]
fn several_knock_in_the_order_of_their_arrival() {
    let mut world = behind(AccessPolicy::Knock);
    let others: Vec<_> = (0..3).map(|_| newcomer(&mut world)).collect();
    let ids: Vec<_> = others.iter().map(|other| id(&world, *other)).collect();
    assert_eq!(knocking(&world), ids);
    world.command(others[1], Command::Leave);
    world.run_for(seconds(1));
    assert_eq!(knocking(&world), [ids[0].clone(), ids[2].clone()]);
    // A second click changes nothing.
    world.command(0, Command::Admit(ids[0].clone()));
    world.command(0, Command::Admit(ids[0].clone()));
    world.run_for(seconds(1));
    assert_eq!(knocking(&world), ids[2..]);
    assert_eq!(world.clients[0].view().people.len(), 1);
}

#[test]
fn a_knock_during_a_call_disturbs_nothing() {
    let mut world = people(2);
    world.call_works(0, 1);
    set_door(&mut world, AccessPolicy::Knock);
    let third = newcomer(&mut world);
    assert!(world.are_in_call(0, 1));
    assert_eq!(knocking(&world), [id(&world, third)]);
    world.command(0, Command::Admit(id(&world, third)));
    world.run_for(seconds(1));
    assert!(world.are_in_call(0, 1));
    world.command(third, Command::Call);
    assert!(world.run_until(seconds(5), |world| world.are_in_call(0, third)
        && world.are_in_call(1, third)));
}

#[test]
fn a_removal_ends_the_call_for_whoever_is_removed_and_for_nobody_else() {
    for pre_connection in [PreConnection::On, PreConnection::Nothing] {
        let mut world = World::new(Options {
            capacity: ROOMY,
            ..Options::default()
        });
        for _ in 0..3 {
            world.join(ClientOptions {
                pre_connection,
                ..ClientOptions::default()
            });
        }
        world.run_for(seconds(3));
        world.command(0, Command::Call);
        world.all_answer();
        assert!(world.run_until(seconds(5), |world| world.are_in_call(0, 2)
            && world.are_in_call(1, 2)));
        world.command(0, Command::Remove(id(&world, 2)));
        world.run_for(seconds(2));
        assert!(world.are_in_call(0, 1), "{:?}", world.stages());
        assert_eq!(world.clients[0].view().people.len(), 1);
        assert!(
            world.clients[2].connections.is_empty(),
            "its connections are closed"
        );
        stays_out(&mut world, 2, RemovalReason::Removed);
        assert!(world.are_in_call(0, 1));
        world.expect_no_refusals();
    }
}

#[test]
fn whoever_is_left_alone_by_a_removal_is_told_that_the_other_has_gone() {
    let mut world = people(2);
    world.call_works(0, 1);
    world.command(0, Command::Remove(id(&world, 1)));
    world.run_for(seconds(2));
    assert_eq!(world.clients[0].stage(), Stage::Ended);
    let end = world.clients[0].end();
    assert!(
        [EndReason::PeerLeft, EndReason::PeerHungUp].contains(&end),
        "{end:?}"
    );
    stays_out(&mut world, 1, RemovalReason::Removed);
}

#[test]
fn the_host_can_hand_over_and_somebody_is_host_when_they_are_gone() {
    let mut world = people(3);
    set_door(&mut world, AccessPolicy::Knock);
    let fourth = newcomer(&mut world);
    world.command(0, Command::MakeHost(id(&world, 2)));
    world.run_for(seconds(1));
    for client in 0..3 {
        assert_eq!(host(&world, client), Some(id(&world, 2)));
    }
    assert!(knocking(&world).is_empty(), "that is the new host's matter");
    assert_eq!(door(&world, 2).knocking.len(), 1);
    // What the old one still asks for is of no effect.
    world.command(0, Command::Admit(id(&world, fourth)));
    world.command(0, Command::Remove(id(&world, 2)));
    world.run_for(seconds(1));
    assert_eq!(world.clients[fourth].stage(), Stage::InLobby);
    assert_eq!(world.clients[2].view().people.len(), 2);

    world.close_page(2, LeaveReason::Left);
    world.run_for(seconds(1));
    for client in 0..2 {
        assert_eq!(host(&world, client), Some(id(&world, 0)));
    }
    assert_eq!(knocking(&world), [id(&world, fourth)]);
    // Of a host whose page has crashed the seat is kept, and with it what they are.
    world.close_page(0, LeaveReason::Lost);
    world.run_for(seconds(5));
    assert_eq!(host(&world, 1), Some(id(&world, 0)));
    world.run_for(seconds(40));
    assert_eq!(host(&world, 1), Some(id(&world, 1)));
    world.command(1, Command::Admit(id(&world, fourth)));
    world.run_for(seconds(1));
    assert_eq!(world.clients[fourth].stage(), Stage::Ready);
}

#[test]
fn a_host_whose_socket_breaks_is_host_again_and_sees_who_knocks() {
    let mut world = behind(AccessPolicy::Knock);
    let (second, third) = (newcomer(&mut world), newcomer(&mut world));
    world.break_socket(0, ms(100));
    world.run_for(ms(50));
    assert_eq!(door(&world, 0), AccessView::default(), "nobody can be let in now");
    // What is clicked meanwhile is lost, and nothing breaks.
    world.command(0, Command::Admit(id(&world, second)));
    world.command(0, Command::SetAccess(AccessPolicy::Open));
    world.command(second, Command::Leave);
    world.run_for(seconds(10));
    assert!(door(&world, 0).is_ours);
    assert_eq!(door(&world, 0).policy, AccessPolicy::Knock);
    assert_eq!(knocking(&world), [id(&world, third)]);
}

/// A relay stores nothing, so one that has restarted opens every room.
#[test]
fn a_room_is_as_guarded_after_the_relay_has_restarted_as_before() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        for stranger_after in (0..20).map(|step| ms(500 * step)) {
            let mut world = people(3);
            world.command(1, Command::Call);
            world.run_for(seconds(2));
            world.answer(0);
            world.answer(2);
            world.run_for(seconds(2));
            set_door(&mut world, policy);
            world.restart_relay(seconds(2));
            world.run_for(stranger_after);
            let stranger = world.join(ClientOptions::default());
            world.run_for(seconds(60));
            let is_in = world.clients[stranger].view().seat == SeatView::Seated;
            for client in 0..3 {
                let view = world.clients[client].view();
                assert_eq!(
                    view.seat,
                    SeatView::Seated,
                    "{policy:?} {stranger_after:?} {client}"
                );
                assert!(world.clients[client].is_in_call());
                // Somebody who comes before all others finds an empty room. The others are told.
                let expected = if is_in { AccessPolicy::Open } else { policy };
                assert_eq!(view.access.policy, expected, "{stranger_after:?}");
                assert_eq!(view.access.is_reopened, is_in, "{policy:?} {stranger_after:?}");
            }
            assert!(
                !is_in || stranger_after < seconds(6),
                "{policy:?} {stranger_after:?}"
            );
            if !is_in && policy == AccessPolicy::Knock {
                let hosts = (0..3).filter(|client| door(&world, *client).is_ours);
                let knock = |client| door(&world, client).knocking.len();
                assert_eq!(hosts.map(knock).collect::<Vec<_>>(), [1], "the stranger knocks");
            }
        }
    }
}

#[test]
fn a_host_who_opens_the_room_while_it_is_restored_has_opened_it() {
    let mut world = people(2);
    set_door(&mut world, AccessPolicy::Locked);
    world.command(1, Command::Leave);
    world.run_for(seconds(1));
    world.restart_relay(ms(500));
    world.run_for(ms(100));
    assert!(!door(&world, 0).is_ours);
    assert!(world.run_until(seconds(20), |world| door(world, 0).is_ours));
    world.command(0, Command::SetAccess(AccessPolicy::Open));
    world.run_for(LONG);
    assert_eq!(door(&world, 0).policy, AccessPolicy::Open);
    assert!(!door(&world, 0).is_reopened);
}

#[test]
fn whoever_waits_at_the_door_waits_again_after_a_break() {
    let mut world = behind(AccessPolicy::Knock);
    let second = newcomer(&mut world);
    world.break_socket(second, ms(100));
    world.run_for(seconds(5));
    assert_eq!(world.clients[second].stage(), Stage::InLobby);
    assert_eq!(knocking(&world), [id(&world, second)]);
    // A relay that restarts knows of no door.
    world.restart_relay(seconds(1));
    world.run_for(seconds(10));
    assert_eq!(world.clients[second].stage(), Stage::Ready);
    assert_eq!(door(&world, 0).policy, AccessPolicy::Open);
    world.call_works(second, 0);
}

#[test]
fn whoever_is_one_too_many_at_the_door_can_ask_again() {
    let mut world = behind(AccessPolicy::Knock);
    let others: Vec<_> = (0..visavis_relay::room::AT_THE_DOOR)
        .map(|_| newcomer(&mut world))
        .collect();
    let last = newcomer(&mut world);
    stays_out(&mut world, last, RemovalReason::Crowded);
    world.command(last, Command::RetryNow);
    world.run_for(seconds(3));
    stays_out(&mut world, last, RemovalReason::Crowded);
    world.command(others[0], Command::Leave);
    world.run_for(seconds(1));
    world.command(last, Command::RetryNow);
    world.run_for(seconds(3));
    assert_eq!(world.clients[last].stage(), Stage::InLobby);
    assert_eq!(knocking(&world).last(), Some(&id(&world, last)));
}

#[test]
fn a_busy_relay_ends_no_call() {
    let mut world = people(2);
    world.call_works(0, 1);
    world.say_to(0, error(ErrorCode::Busy));
    world.break_socket(0, ms(100));
    world.run_for(ms(10));
    world.say_to(0, error(ErrorCode::Busy));
    world.run_for(seconds(10));
    assert!(world.are_in_call(0, 1));
    assert_eq!(world.clients[0].view().seat, SeatView::Seated);
}

/// The relay's word about the old room and our request for the new one meet halfway.
#[test]
fn who_is_removed_while_leaving_for_another_room_gets_there() {
    for moment in (0..60).map(|step| ms(2 * step)) {
        let mut world = people(2);
        world.command(0, Command::Remove(id(&world, 1)));
        world.command_in(moment, 1, Command::Enter(room("elsewhere")));
        world.run_for(seconds(5));
        let view = world.clients[1].view();
        assert_eq!(view.room, room("elsewhere"));
        assert_eq!(view.stage(), Stage::Alone, "after {moment:?}: {view:?}");
    }
}

#[test]
fn tabs_of_one_browser_have_no_host_and_no_door() {
    let mut world = World::with_people(
        2,
        Options {
            relay: HubState::Absent,
            ..Options::default()
        },
    );
    world.run_for(seconds(3));
    world.command(0, Command::SetAccess(AccessPolicy::Locked));
    world.run_for(seconds(1));
    for client in 0..2 {
        assert_eq!(door(&world, client), AccessView::default());
        assert!(
            world.clients[client]
                .view()
                .people
                .iter()
                .all(|person| !person.host)
        );
    }
}

#[test]
fn what_a_confused_relay_says_of_the_door_harms_nobody() {
    let stranger = || PeerId::new("stranger").unwrap();
    let knock = |id: String| RelayMessage::Knock {
        peer: PeerId::new(id).unwrap(),
        name: GivenName::new("Ada"),
    };
    let mut world = people(2);
    world.call_works(0, 1);
    // Nobody knocks at an open door, and nobody but the host hears of it.
    world.say_to(1, knock("a".into()));
    assert_eq!(
        door(&world, 1),
        AccessView {
            policy: AccessPolicy::Open,
            ..AccessView::default()
        }
    );
    for host in [stranger(), id(&world, 0)] {
        for state in [
            AccessPolicy::Knock,
            AccessPolicy::Locked,
            AccessPolicy::Open,
            AccessPolicy::Knock,
        ] {
            world.say_to(
                0,
                RelayMessage::Room {
                    host: host.clone(),
                    door: state,
                },
            );
            assert_eq!(door(&world, 0).policy, state);
        }
    }
    for number in 0..1000 {
        world.say_to(0, knock(format!("knocker-{number}")));
        world.say_to(0, knock(format!("knocker-{number}")));
    }
    assert!(
        knocking(&world).len() < 100,
        "what a relay says takes only so much room"
    );
    for number in 0..1000 {
        let peer = PeerId::new(format!("knocker-{number}")).unwrap();
        world.say_to(0, RelayMessage::KnockOver { peer });
    }
    assert!(knocking(&world).is_empty());
    world.say_to(0, error(ErrorCode::NotHost));
    world.say_to(0, error(ErrorCode::NoSuchPeer));
    world.say_to(0, error(ErrorCode::Unknown));
    world.run_for(seconds(1));
    assert!(world.are_in_call(0, 1));

    // Out of turn, in every state.
    let everything = || {
        let room = RelayMessage::Room {
            host: stranger(),
            door: AccessPolicy::Knock,
        };
        let full = RelayMessage::Full {
            capacity: 0,
            door: AccessPolicy::Knock,
        };
        let over = RelayMessage::KnockOver { peer: stranger() };
        let codes = [ErrorCode::Busy, ErrorCode::Refused, ErrorCode::Removed];
        [room, knock("b".into()), over, full]
            .into_iter()
            .chain(codes.map(error))
    };
    for _ in 0..3 {
        for client in 0..2 {
            for message in everything() {
                world.say_to(client, message);
            }
            world.run_for(ms(100));
        }
    }
    stays_out(&mut world, 0, RemovalReason::Refused);
    world.command(0, Command::Leave);
    world.run_for(seconds(1));
    world.command(0, Command::GetMedia(MediaWish::CameraAndMicrophone));
    world.run_for(seconds(3));
    assert_eq!(world.clients[0].stage(), Stage::Alone);
}
