//! Whatever a relay does that does not know the room's secret, nobody is connected with anybody else than
//! those whom they mean, and nobody is stuck once it is honest again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use visavis_call::{Command, EndReason, FailureCause, PreConnection, RouteChoice, SealView, Stage, Unopened};
use visavis_protocol::id::PeerId;
use visavis_protocol::name::{GivenName, PersonName};
use visavis_protocol::relay::{PeerText, RelayMessage};

use crate::support::liar::Liar;
use crate::support::{ClientOptions, HubState, Options, Random, SEALED, World, ms, room, seconds};

/// What the relay calls the room [`SEALED`].
const ITS_NAME: &str = "JzU75H5wHsPmdyvw8Suspw";

/// For how long the relay lies.
const LIES: Duration = seconds(40);

/// A connection that can't be mended is given up after 90 s.
const QUIET: Duration = seconds(100);

/// What yesterday's pages said in the same room.
fn yesterday() -> Vec<(PeerId, PeerText)> {
    let mut world = World::new(Options::default());
    // Their pages had other secrets than today's, and so other names.
    for _ in 0..8 {
        world.add(ClientOptions::default());
    }
    for _ in 0..2 {
        world.join(ClientOptions {
            room: SEALED,
            pre_connection: PreConnection::On,
            ..ClientOptions::default()
        });
    }
    world.relay_lies(Liar {
        until: world.now + seconds(100),
        ..Liar::default()
    });
    world.run_for(seconds(2));
    world.call_works(8, 9);
    world.hang_up_then_quiet(9);
    world.liar.take().expect("it has listened").heard
}

/// Two or three people, and a relay that lies to them and has let somebody in who knows the room's name
/// alone.
fn schedule(seed: u64, room: &'static str, old: &[(PeerId, PeerText)]) {
    let people = 2 + usize::from(seed.is_multiple_of(2));
    let mut random = Random::new(seed);
    let mut world = World::new(Options {
        seed,
        capacity: 5,
        jitter: ms(random.below(60)),
        ..Options::default()
    });
    world.relay_lies(Liar {
        until: world.now + LIES,
        percent: 5 + random.below(40),
        heard: old.to_vec(),
        strangers: vec![people],
        ..Liar::default()
    });
    let pre_connections = [PreConnection::On, PreConnection::Off, PreConnection::Nothing];
    for _ in 0..people {
        world.join(ClientOptions {
            room,
            pre_connection: pre_connections[random.below(3) as usize],
            ..ClientOptions::default()
        });
    }
    let stranger = world.join(ClientOptions {
        room: ITS_NAME,
        pre_connection: PreConnection::On,
        ..ClientOptions::default()
    });
    for _ in 0..random.below(12) {
        world.run_for(ms(random.below(4000)));
        let client = random.below(1 + people as u64) as usize;
        let command = match random.below(8) {
            0..=4 => Command::Call,
            5 => Command::HangUp,
            6 => Command::CallPerson(world.clients[1 - client.min(1)].id.clone()),
            _ => Command::RetryNow,
        };
        world.command(client, command);
        assert_eq!(
            world.clients[stranger].connected_with(),
            [],
            "nobody talks to a stranger"
        );
    }
    world.run_for(LIES);
    assert_eq!(world.clients[stranger].connected_with(), []);
    // It is honest again, and begins anew.
    world.close_page(stranger, visavis_protocol::relay::LeaveReason::Left);
    world.restart_relay(seconds(1));
    world.run_for(QUIET);
    for client in 0..people {
        world.hang_up_then_quiet(client);
    }
    world.run_for(seconds(3));
    world.expect_no_refusals();
    world.call_works(0, 1);
}

#[test]
fn nobody_is_connected_with_whom_they_do_not_mean_and_nobody_stays_stuck() {
    let row = visavis_rows::row(60, "simulated");
    let old = yesterday();
    assert!(old.len() > 10, "yesterday had something to say: {}", old.len());
    let schedules = 150;
    for seed in 0..schedules {
        let result = catch_unwind(AssertUnwindSafe(|| schedule(seed, SEALED, &old)));
        result.unwrap_or_else(|_| panic!("seed {seed} fails"));
    }
    row.note(format!("{schedules} schedules")).passed();
}

/// The control: what the relay does is enough to come between people in an open room.
#[test]
fn in_an_open_room_the_same_relay_comes_between_people() {
    let comes_between = |panic: Box<dyn Any + Send>| {
        let words = panic.downcast_ref::<String>();
        words.is_some_and(|words| words.contains("applies a description that"))
    };
    let succeeds = |seed| catch_unwind(|| schedule(seed, ITS_NAME, &[])).is_err_and(comes_between);
    assert!((0..20).any(succeeds), "the schedules attack nobody");
}

fn sealed_pair() -> World {
    let mut world = World::new(Options::default());
    for name in ["Ada", "Bob"] {
        let client = world.join(ClientOptions {
            room: SEALED,
            ..ClientOptions::default()
        });
        world.command(client, Command::SetName(PersonName::new(name)));
    }
    world.run_for(seconds(1));
    world
}

#[test]
fn what_somebody_said_before_does_not_count_again() {
    let mut world = sealed_pair();
    world.record_messages_to(0);
    for name in ["Robert", "Bobby"] {
        world.command(1, Command::SetName(PersonName::new(name)));
        world.run_for(seconds(1));
    }
    let said = world.recorded();
    assert_eq!(said.len(), 2);
    for message in said {
        let from = world.clients[1].id.clone();
        world.say_to(0, RelayMessage::Message { from, message });
        assert_eq!(world.clients[0].view().people[0].name.as_str(), "Bobby");
    }
    let report = world.clients[0].call.report(world.now);
    assert!(
        report.contains("2 messages dropped: too old, or repeated"),
        "{report}"
    );
}

fn seal(world: &World, client: usize, of: usize) -> SealView {
    let view = world.clients[client].view();
    view.person(&world.clients[of].id).expect("they are here").seal
}

#[test]
fn people_in_a_sealed_room_hear_each_other_and_the_relay_reads_nothing() {
    let mut world = World::new(Options::default());
    for name in ["Ada Lovelace", "Bob Dylan"] {
        world.add(ClientOptions {
            room: SEALED,
            pre_connection: PreConnection::On,
            ..ClientOptions::default()
        });
        let client = world.clients.len() - 1;
        world.command(client, Command::SetName(PersonName::new(name)));
        let media = visavis_call::MediaWish::CameraAndMicrophone;
        world.command(client, Command::GetMedia(media));
    }
    world.relay_lies(Liar {
        until: world.now + seconds(100),
        ..Liar::default()
    });
    world.run_for(seconds(2));
    world.call_works(0, 1);
    world.hang_up_works(1);
    assert_eq!(seal(&world, 0, 1), SealView::Sealed);
    let view = world.clients[0].view();
    assert_eq!(view.people[0].name.as_str(), "Bob Dylan");
    assert_eq!(view.room.room().as_str(), ITS_NAME);
    let heard = world.liar.take().expect("it listens").heard;
    assert!(heard.len() > 6, "{}", heard.len());
    for (_, text) in heard {
        let is_text = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        assert!(text.0.chars().all(is_text), "{text:?}");
        let bytes = text.0.len() * 3 / 4;
        assert_eq!((bytes - 41) % 256, 0, "its size tells nothing but this");
    }
}

/// The names, numbers and connections of an open room may be forged: they count nothing in a sealed one.
#[test]
fn what_a_relay_forges_in_an_open_room_does_not_reach_into_a_sealed_one() {
    let mut world = World::new(Options::default());
    for _ in 0..2 {
        world.join(ClientOptions {
            room: "tea",
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(1));
    let text = "{\"number\":9007199254740991,\"ack\":0,\"after\":0,\"connection\":4294967295,\"body\":{\"type\":\"hang-up\"}}";
    for victim in [0, 1] {
        let from = world.clients[1 - victim].id.clone();
        let message = PeerText(text.into());
        world.say_to(victim, RelayMessage::Message { from, message });
    }
    for client in [0, 1] {
        world.command(client, Command::Enter(room(SEALED)));
    }
    world.run_for(seconds(1));
    world.call_works(0, 1);
}

/// Connections are told apart by their numbers, also those that are closed: none has a number again.
#[test]
fn connections_are_numbered_on_from_room_to_room() {
    let mut world = World::room_of(2, PreConnection::On);
    for (name, caller) in [(SEALED, 0), ("test", 1), (SEALED, 1)] {
        for client in [0, 1] {
            world.command(client, Command::Enter(room(name)));
        }
        world.run_for(seconds(2));
        world.call_works(caller, 1 - caller);
        world.hang_up_works(caller);
    }
}

#[test]
fn tabs_of_one_browser_that_meet_without_a_relay_seal_as_well() {
    let mut world = World::new(Options::default());
    for _ in 0..2 {
        world.join(ClientOptions {
            room: SEALED,
            route: RouteChoice::ThisBrowser,
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(1));
    world.record_messages_to(1);
    world.tabs_call_works(0, 1);
    let heard = world.recorded();
    assert!(!heard.is_empty() && heard.iter().all(|text| !text.0.contains('{')));
}

#[test]
fn a_relay_that_swaps_fingerprints_is_named_as_the_cause() {
    let mut world = sealed_pair();
    world.relay_lies(Liar {
        until: world.now + seconds(90),
        forges_to: Some(0),
        ..Liar::default()
    });
    world.command(0, Command::Call);
    assert!(world.run_until(seconds(60), |world| world.clients[0].stage() == Stage::Ended));
    assert_eq!(
        world.clients[0].end(),
        EndReason::Failed(FailureCause::Unopened(Unopened::Forged))
    );
    let report = world.clients[0].call.report(world.now);
    assert!(
        report.contains("messages dropped: sealed for something else, or changed"),
        "{report}"
    );
    world.run_for(seconds(90));
    world.call_works(0, 1);
}

#[test]
fn somebody_whose_page_seals_nothing_is_told_from_one_with_another_link() {
    for (text, why) in [
        (
            "{\"number\":0,\"ack\":0,\"connection\":0,\"body\":{\"type\":\"hello\"}}",
            Unopened::NotSealed,
        ),
        (
            "AQgICAgICAgICAgICAgICAgAAAAAAAAAAfBovhUaw9CdF5ze1_yjkixo9IJqguQCbG273c5oC78eNN97IZCn814ebT1JTlh6",
            Unopened::Forged,
        ),
    ] {
        let mut world = World::new(Options::default());
        world.join(ClientOptions {
            room: SEALED,
            ..ClientOptions::default()
        });
        world.run_for(seconds(1));
        let peer = PeerId::new("stranger").unwrap();
        world.say_to(0, RelayMessage::Ready { peer: peer.clone() });
        assert_eq!(world.clients[0].view().people[0].seal, SealView::Unheard);
        assert!(world.clients[0].view().can_call());
        let message = PeerText(text.into());
        world.say_to(0, RelayMessage::Message { from: peer, message });
        assert_eq!(world.clients[0].view().people[0].seal, SealView::Unopened(why));
        assert_eq!(world.clients[0].view().unopened(), Some(why));
        assert!(!world.clients[0].view().can_call(), "it would ring nowhere");
    }
}

#[test]
fn a_relay_that_gives_us_another_name_is_not_believed() {
    let mut world = World::new(Options {
        relay: HubState::Up,
        ..Options::default()
    });
    world.join(ClientOptions {
        room: SEALED,
        ..ClientOptions::default()
    });
    world.run_for(ms(45));
    let you = PeerId::new("somebody-of-yesterday").unwrap();
    world.say_to(0, RelayMessage::Joined { you, capacity: 8 });
    assert_ne!(world.clients[0].stage(), Stage::Alone);
    let report = world.clients[0].call.report(world.now);
    assert!(report.contains("gave us a name that is not ours"), "{report}");
    world.run_for(seconds(3));
    assert_eq!(
        world.clients[0].stage(),
        Stage::Alone,
        "another connection brings the right one"
    );
    assert_eq!(world.clients[0].attempts.len(), 2);
}

#[test]
fn the_name_of_somebody_who_knocks_is_for_the_host_alone() {
    let mut world = World::new(Options {
        capacity: 4,
        ..Options::default()
    });
    let sealed = |room| ClientOptions {
        room,
        ..ClientOptions::default()
    };
    world.join(sealed(SEALED));
    world.run_for(seconds(1));
    world.command(0, Command::SetAccess(visavis_call::AccessPolicy::Knock));
    world.run_for(seconds(1));
    for room in [SEALED, ITS_NAME] {
        let client = world.add(sealed(room));
        world.command(client, Command::SetName(PersonName::new("Grace")));
        let media = visavis_call::MediaWish::CameraAndMicrophone;
        world.command(client, Command::GetMedia(media));
    }
    world.run_for(seconds(1));
    let names = |world: &World| -> Vec<String> {
        let knocking = world.clients[0].view().access.knocking;
        knocking
            .iter()
            .map(|knocker| knocker.name.as_str().to_owned())
            .collect()
    };
    assert_eq!(names(&world), ["Grace", ""], "whoever has no link has no name");
    world.command(1, Command::SetName(PersonName::new("Hopper")));
    world.run_for(seconds(1));
    assert_eq!(names(&world), ["Hopper", ""]);
    // An older name of hers, once more: the last one is kept.
    let peer = world.clients[1].id.clone();
    let name = GivenName::new("AQEBAQ");
    world.say_to(0, RelayMessage::Knock { peer, name });
    assert_eq!(names(&world)[1], "");
}
