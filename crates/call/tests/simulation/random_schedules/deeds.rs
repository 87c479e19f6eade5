//! What people do on a random schedule, and what befalls them.

use std::time::Duration;

use visavis_call::{Command, MediaWish};

use crate::support::{ClientId, Faults, Random, World, ms, room, seconds};

/// Somebody does something, or something happens.
pub(super) fn something(world: &mut World, random: &mut Random) {
    let client = random.below(world.clients.len() as u64) as usize;
    match random.below(10) {
        0..=5 => a_person_does_something(world, random, client),
        6..=7 => something_happens_to_the_relay(world, random, client),
        _ => something_happens_to_media(world, random, client),
    }
}

/// All troubles end. What was lost at the relay was lost with sockets.
pub(super) fn end(world: &mut World) {
    let lossy = world.options.faults != Faults::default();
    world.mend_all();
    if lossy {
        break_all_sockets(world);
    }
}

pub(super) fn a_person_does_something(world: &mut World, random: &mut Random, client: ClientId) {
    match random.below(24) {
        0..=7 => world.command(client, Command::Call),
        8..=12 => world.command(client, Command::HangUp),
        13 => {
            for client in 0..world.clients.len() {
                world.command(client, Command::Call);
            }
        }
        14 => {
            world.command(client, Command::HangUp);
            world.command(client, Command::Call);
        }
        15 => {
            world.command(client, Command::Leave);
            let back = Command::GetMedia(MediaWish::CameraAndMicrophone);
            world.command_in(ms(random.below(800)), client, back);
        }
        16 => {
            world.command(client, Command::Enter(room("elsewhere")));
            let back = Command::Enter(room(world.clients[client].options.room));
            world.command_in(ms(random.below(800)), client, back);
        }
        17 => world.command(client, Command::RetryNow),
        18..=19 => {
            world.command(client, Command::SetCamera(false));
            world.command_in(ms(random.below(2000)), client, Command::SetCamera(true));
        }
        20 => {
            world.freeze(client);
            let lasts = ms(random.below(40_000));
            world.later(lasts, move |world| world.thaw(client));
        }
        21..=22 => {
            let other = another(world, random, client);
            let id = world.clients[other].id.clone();
            world.command(client, Command::CallPerson(id));
        }
        _ => world.wake(client),
    }
}

fn something_happens_to_the_relay(world: &mut World, random: &mut Random, client: ClientId) {
    match random.below(5) {
        0 => world.restart_relay(ms(random.below(4000))),
        1..=2 => break_socket(world, client, ms(random.below(6000))),
        3 => world.black_hole(client, ms(random.below(60_000))),
        _ => {
            world.options.faults = Faults {
                loss: random.below(30),
                duplicates: random.below(30),
                reordering: random.below(30),
            };
            world.later(ms(random.below(5000)), |world| {
                world.options.faults = Faults::default();
                break_all_sockets(world);
            });
        }
    }
}

/// Relays lose nothing while their sockets hold.
fn break_all_sockets(world: &mut World) {
    for client in 0..world.clients.len() {
        break_socket(world, client, seconds(1));
    }
}

/// If there is one.
fn break_socket(world: &mut World, client: ClientId, relay_notices: Duration) {
    if world.clients[client].sockets[0].is_some() {
        world.break_socket(client, relay_notices);
    }
}

fn another(world: &World, random: &mut Random, client: ClientId) -> ClientId {
    let count = world.clients.len() as u64;
    (client + 1 + random.below(count - 1) as usize) % count as usize
}

fn something_happens_to_media(world: &mut World, random: &mut Random, client: ClientId) {
    match random.below(5) {
        0..=1 => {
            let other = another(world, random, client);
            world.set_path(client, other, false);
            let lasts = ms(random.below(60_000));
            world.later(lasts, move |world| world.set_path(client, other, true));
        }
        2 | 3 if world.clients[client].connections.is_empty() => {}
        2 => world.change_address(client),
        3 => world.break_connections(client),
        _ => {
            let first = world.operations + 1 + random.below(6) as usize;
            world.options.failing_operations = first..first + 1 + random.below(3) as usize;
        }
    }
}
