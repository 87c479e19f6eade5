//! Three and four people call, answer, decline, join, leave, go and come back by chance, over networks that
//! work. In the end, two are connected exactly if both take part in the same call.

use std::time::Duration;

use visavis_call::{CallKind, Command, MediaWish, PersonState, PreConnection, Stage};

use super::{agree, chosen};
use crate::support::hub::random_latency;
use crate::support::{ClientId, ClientOptions, Options, Random, SEALED, World, ms};

/// By then, whatever rings has stopped.
const QUIET: Duration = Duration::from_secs(70);

fn schedule(seed: u64) {
    let mut random = Random::new(seed);
    let people = 3 + random.below(2) as usize;
    let mut world = World::new(Options {
        seed,
        capacity: people,
        jitter: ms(random.below(60)),
        ..Options::default()
    });
    for _ in 0..people {
        let (up, down) = (random_latency(&mut random), random_latency(&mut random));
        world.join(ClientOptions {
            room: ["test", SEALED][usize::from(seed % 2 == 1)],
            up,
            down,
            operation: ms(random.below(60)),
            pre_connection: [PreConnection::On, PreConnection::Off, PreConnection::Nothing]
                [random.below(3) as usize],
            patient: random.percent(70),
            ..ClientOptions::default()
        });
    }
    let span = [400, 2_000, 30_000][random.below(3) as usize];
    world.run_for(ms(random.below(3_000)));
    for _ in 0..4 + random.below(16) {
        world.run_for(ms(random.below(span)));
        let client = random.below(people as u64) as usize;
        something(&mut world, &mut random, client);
    }
    world.run_for(QUIET);
    world.expect_no_refusals();
    world.expect_no_excess();
    for one in 0..people {
        for other in 0..people {
            if one != other {
                check_pair(&world, one, other, seed);
            }
        }
    }
}

fn something(world: &mut World, random: &mut Random, client: ClientId) {
    match random.below(16) {
        0..=7 => world.command(client, Command::Call),
        8..=10 => world.command(client, Command::HangUp),
        11..=12 => {
            let other = (client + 1) % world.clients.len();
            let id = world.clients[other].id.clone();
            world.command(client, Command::CallPerson(id));
        }
        13 => {
            for client in 0..world.clients.len() {
                world.command(client, Command::Call);
            }
        }
        14 => {
            world.command(client, Command::HangUp);
            world.command(client, Command::Call);
        }
        _ => {
            world.command(client, Command::Leave);
            let back = Command::GetMedia(MediaWish::CameraAndMicrophone);
            world.command_in(ms(random.below(800)), client, back);
        }
    }
}

fn check_pair(world: &World, one: ClientId, other: ClientId, seed: u64) {
    agree(world, one, other);
    let views = [one, other].map(|client| world.clients[client].view());
    let [ours, theirs] = &views;
    let them = ours
        .people
        .iter()
        .find(|person| person.id == world.clients[other].id);
    let them = them.unwrap_or_else(|| panic!("seed {seed}: {one} does not see {other}"));
    assert_eq!(them.call, theirs.kind, "seed {seed}: what {one} knows of {other}");
    assert_ne!(
        ours.stage(),
        Stage::Ringing,
        "seed {seed}: it still rings at {one}"
    );
    assert_ne!(ours.stage(), Stage::Connecting, "seed {seed}: {one} is stuck");
    let connected = them.state == PersonState::Connected;
    match (ours.kind, theirs.kind) {
        (Some(CallKind::Open), Some(CallKind::Open)) => {
            assert!(connected, "seed {seed}: {one} and {other}, {:?}", world.stages());
        }
        (Some(CallKind::Private), Some(CallKind::Private)) => {
            let with = ours.people.iter().filter(|person| person.takes_part()).count();
            assert_eq!(with, 1, "seed {seed}: {one} talks to one person alone");
        }
        _ => assert!(!connected, "seed {seed}: {one} and {other}, {:?}", world.stages()),
    }
}

#[test]
fn two_are_connected_exactly_if_both_take_part() {
    (0..300).for_each(schedule);
}

#[test]
#[ignore = "it runs the schedule of VISAVIS_SEED"]
fn chosen_schedule() {
    schedule(chosen());
}
