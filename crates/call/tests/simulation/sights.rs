//! Who can see what of us, in every state of a call: by what was sent, and not by what was meant.

use visavis_call::{
    CallView, Command, IceTransportPolicy, MediaWish, Path, PersonView, PreConnection, RouteChoice, Seen,
    Seer, Sight, Unopened,
};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{PeerText, RelayMessage};

use crate::support::{ClientId, ClientOptions, HubState, Options, SEALED, World, ms, room, seconds};

fn sights(world: &World, client: ClientId) -> Vec<Sight> {
    world.clients[client].view().sights()
}

fn sees(world: &World, client: ClientId, who: &Seer) -> Option<Vec<Seen>> {
    let sight = sights(world, client)
        .into_iter()
        .find(|sight| sight.who == *who)?;
    Some(sight.sees)
}

fn person(world: &World, client: ClientId) -> Seer {
    Seer::Person(world.clients[client].id.clone())
}

fn server(url: &str) -> IceServer {
    IceServer {
        urls: vec![url.into()],
        username: Some("u".into()),
        credential: Some("c".into()),
    }
}

fn options(room: &'static str, pre_connection: PreConnection) -> ClientOptions {
    ClientOptions {
        room,
        pre_connection,
        ..ClientOptions::default()
    }
}

#[test]
fn the_site_alone_sees_who_has_asked_for_nothing_yet() {
    let mut world = World::new(Options::default());
    world.add(options(SEALED, PreConnection::On));
    assert_eq!(
        sights(&world, 0),
        [Sight {
            who: Seer::Site,
            sees: vec![Seen::Address, Seen::Times],
        }]
    );
}

#[test]
fn a_relay_reads_in_open_rooms_alone() {
    for (room, reads) in [("tea", true), (SEALED, false)] {
        let mut world = World::new(Options::default());
        world.join(options(room, PreConnection::Nothing));
        world.run_for(ms(20));
        let reached = sees(&world, 0, &Seer::Relay).unwrap();
        assert_eq!(
            reached,
            [Seen::Address, Seen::Times],
            "it was asked, and told nothing"
        );
        world.run_for(seconds(1));
        let seated = sees(&world, 0, &Seer::Relay).unwrap();
        assert!(seated.contains(&Seen::Sizes));
        for seen in [Seen::Name, Seen::Setup] {
            assert_eq!(seated.contains(&seen), reads, "{room}");
        }
        for seen in [Seen::Video, Seen::Audio, Seen::Messages] {
            assert!(!seated.contains(&seen));
        }
    }
}

#[test]
fn between_tabs_and_by_hand_there_is_no_relay() {
    for route in [RouteChoice::ThisBrowser, RouteChoice::ByHand] {
        let mut world = World::new(Options::default());
        world.join(ClientOptions {
            route,
            ..options(SEALED, PreConnection::Nothing)
        });
        world.run_for(seconds(1));
        assert_eq!(sees(&world, 0, &Seer::Relay), None);
    }
}

#[test]
fn who_cannot_be_reached_sees_who_tries() {
    let mut world = World::new(Options {
        relay: HubState::Down,
        ..Options::default()
    });
    world.join(ClientOptions {
        route: RouteChoice::Relay,
        ..options(SEALED, PreConnection::Nothing)
    });
    world.run_for(seconds(1));
    assert_eq!(
        sees(&world, 0, &Seer::Relay).unwrap(),
        [Seen::Address, Seen::Times]
    );
}

#[test]
fn people_see_what_is_sent_to_them_and_our_address_once_it_was() {
    let mut world = World::new(Options::default());
    for _ in 0..2 {
        world.join(options(SEALED, PreConnection::Off));
    }
    world.run_for(seconds(1));
    let bob = person(&world, 1);
    let ready = sees(&world, 0, &bob).unwrap();
    assert_eq!(
        ready,
        [Seen::Times, Seen::Name, Seen::Setup],
        "no address before a call"
    );
    world.call_works(0, 1);
    let all = sees(&world, 0, &bob).unwrap();
    assert_eq!(all, Seen::ALL);
    world.command(0, Command::SetCamera(false));
    world.run_for(seconds(1));
    let without = sees(&world, 0, &bob).unwrap();
    assert!(!without.contains(&Seen::Video) && without.contains(&Seen::Audio));
    world.hang_up_works(0);
    world.run_for(seconds(1));
    let after = sees(&world, 0, &bob).unwrap();
    assert_eq!(
        after,
        [Seen::Address, Seen::Times, Seen::Name, Seen::Setup],
        "it stays known"
    );
}

#[test]
fn whoever_connects_before_a_call_shows_their_address_then() {
    let mut world = World::new(Options::default());
    for _ in 0..2 {
        world.join(options(SEALED, PreConnection::On));
    }
    world.run_for(seconds(2));
    let bob = person(&world, 1);
    assert!(sees(&world, 0, &bob).unwrap().contains(&Seen::Address));
}

#[test]
fn nobody_in_a_call_through_turn_sees_our_address_and_turn_sees_how_much_passes() {
    let mut world = World::new(Options {
        ice_servers: vec![server("stun:s"), server("turn:t")],
        ..Options::default()
    });
    for policy in [IceTransportPolicy::Relay, IceTransportPolicy::All] {
        world.join(ClientOptions {
            ice_transport_policy: policy,
            ..options(SEALED, PreConnection::Nothing)
        });
    }
    world.run_for(seconds(1));
    for server in [Seer::StunServers, Seer::TurnServers] {
        assert_eq!(
            sees(&world, 0, &server),
            None,
            "none is asked before there is a connection"
        );
    }
    world.call_works(0, 1);
    world.run_for(seconds(2));
    let (alice, bob) = (person(&world, 0), person(&world, 1));
    assert!(!sees(&world, 0, &bob).unwrap().contains(&Seen::Address));
    assert!(sees(&world, 1, &alice).unwrap().contains(&Seen::Address));
    assert_eq!(sees(&world, 0, &Seer::StunServers), None);
    assert!(sees(&world, 1, &Seer::StunServers).is_some());
    let turn = sees(&world, 0, &Seer::TurnServers).unwrap();
    assert_eq!(turn, [Seen::Address, Seen::Times, Seen::Sizes]);
}

#[test]
fn a_turn_server_of_the_other_side_is_listed_too() {
    let mut view = CallView::new(room("tea"));
    let mut them = PersonView::new(PeerId::new("bob").unwrap());
    them.path = Some(Path::RelayedByThem);
    view.people.push(them);
    let turn = view
        .sights()
        .into_iter()
        .find(|sight| sight.who == Seer::TurnServers);
    assert!(turn.unwrap().sees.contains(&Seen::Sizes));
}

#[test]
fn a_host_is_told_who_waits_in_the_lobby() {
    let mut world = World::new(Options::default());
    world.join(options(SEALED, PreConnection::On));
    world.run_for(seconds(1));
    world.command(0, Command::SetAccess(visavis_call::AccessPolicy::Knock));
    world.run_for(seconds(1));
    world.join(options(SEALED, PreConnection::On));
    world.run_for(seconds(1));
    assert_eq!(sees(&world, 1, &Seer::Host).unwrap(), [Seen::Times, Seen::Name]);
}

#[test]
fn who_seals_nothing_reads_nothing() {
    let mut world = World::new(Options::default());
    world.join(options(SEALED, PreConnection::On));
    world.run_for(seconds(1));
    let peer = PeerId::new("stranger").unwrap();
    world.say_to(0, RelayMessage::Ready { peer: peer.clone() });
    let message = PeerText("{}".into());
    let from = peer.clone();
    world.say_to(0, RelayMessage::Message { from, message });
    assert_eq!(world.clients[0].view().unopened(), Some(Unopened::NotSealed));
    let seen = sees(&world, 0, &Seer::Person(peer)).unwrap();
    assert!(!seen.contains(&Seen::Name) && !seen.contains(&Seen::Setup));
}

#[test]
fn in_a_mesh_of_five_each_sees_for_themselves() {
    let mut world = World::new(Options {
        capacity: 5,
        ..Options::default()
    });
    for _ in 0..5 {
        world.join(options(SEALED, PreConnection::On));
    }
    world.run_for(seconds(2));
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    for client in 1..4 {
        world.answer(client);
    }
    world.run_for(seconds(3));
    for client in 1..4 {
        let seen = sees(&world, 0, &person(&world, client)).unwrap();
        assert!(
            seen.contains(&Seen::Video) && seen.contains(&Seen::Messages),
            "{client}"
        );
    }
    let outside = sees(&world, 0, &person(&world, 4)).unwrap();
    assert!(!outside.contains(&Seen::Video) && !outside.contains(&Seen::Messages));
    world.command(0, Command::GetMedia(MediaWish::Nothing));
}
