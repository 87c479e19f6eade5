//! Somebody has a page make connections without end. It makes some, and the others can call it all the same.

use visavis_call::{Command, PreConnection, Stage};
use visavis_protocol::peer::{PeerBody, PeerMessage};

use crate::stale;
use crate::support::{ClientOptions, Options, World, ms, seconds};

/// Far fewer than the 500 that Chromium has for a page, should seven people try.
const AT_ONCE: usize = 50;

/// Somebody in a room with two others, of whom one says what the test writes.
fn with_an_attacker(pre_connection: PreConnection) -> World {
    let mut world = World::new(Options {
        capacity: 4,
        ..Options::default()
    });
    for _ in 0..2 {
        world.join(ClientOptions {
            pre_connection,
            ..ClientOptions::default()
        });
    }
    // It asks for no token, and never answers.
    world.join_naive(seconds(100_000));
    world.run_for(seconds(2));
    let naive = world.naive.as_mut().unwrap();
    naive.caller = Some(world.clients[0].id.clone());
    world
}

fn says(world: &mut World, number: u64, connection: u32, body: PeerBody) {
    world.naive_sends(&PeerMessage {
        number,
        ack: 1_000_000,
        after: Some(0),
        replaces: None,
        connection: visavis_call::ConnectionId(connection),
        to: None,
        body,
    });
}

fn offer(warm: bool) -> PeerBody {
    PeerBody::Offer {
        sdp: stale::description("hostile"),
        exchange: 1,
        warm,
        private: false,
    }
}

fn made(world: &World) -> usize {
    world.clients[0].made.len()
}

fn dropped(world: &World) -> u32 {
    let people = world.clients[0].view().people;
    people.iter().map(|person| person.offers_dropped).sum()
}

#[test]
fn of_hundreds_of_offers_for_new_connections_some_are_taken() {
    let row = visavis_rows::row(48, "simulated");
    for warm in [true, false] {
        let mut world = with_an_attacker(PreConnection::On);
        let before = made(&world);
        for number in 1..=700 {
            says(&mut world, number, number as u32, offer(warm));
            world.run_for(ms(5));
        }
        let after = made(&world) - before;
        assert!(after < AT_ONCE, "{after}");
        assert!(dropped(&world) > 600, "{}", dropped(&world));
        // Somebody else reaches the page at once.
        world.command(0, Command::HangUp);
        world.run_for(ms(100));
        let bob = world.clients[0].id.clone();
        world.command(1, Command::CallPerson(bob));
        assert!(world.run_until(seconds(5), |world| world.clients[0].stage() == Stage::Ringing));
        world.answer(0);
        assert!(world.run_until(seconds(5), |world| world.are_in_call(0, 1)));
    }
    row.passed();
}

#[test]
fn whoever_offered_too_much_is_answered_again_after_a_while() {
    let mut world = with_an_attacker(PreConnection::Nothing);
    for number in 1..=200 {
        says(&mut world, 2 * number, number as u32, offer(false));
        says(&mut world, 2 * number + 1, number as u32, PeerBody::HangUp);
        world.run_for(ms(5));
    }
    assert!(dropped(&world) > 100, "{}", dropped(&world));
    assert_ne!(world.clients[0].stage(), Stage::Ringing);
    world.run_for(seconds(10));
    says(&mut world, 2000, 300, offer(false));
    world.run_for(ms(100));
    assert_eq!(world.clients[0].stage(), Stage::Ringing);
}

/// Each hang-up would have us make the next one.
#[test]
fn whoever_ends_each_connection_has_not_all_made_anew() {
    let mut world = with_an_attacker(PreConnection::On);
    let before = made(&world);
    for number in 1..=300 {
        says(&mut world, 2 * number, number as u32, PeerBody::HangUp);
        says(&mut world, 2 * number + 1, number as u32, offer(true));
        world.run_for(ms(60));
    }
    let after = made(&world) - before;
    println!("made {after}");
    assert!(after < AT_ONCE + 20, "{after}");
}

/// Each says that they take part in our call, which would have us call them.
#[test]
fn whoever_joins_and_leaves_the_call_in_a_loop_is_not_always_called() {
    let mut world = with_an_attacker(PreConnection::Nothing);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    world.answer(1);
    world.run_for(seconds(2));
    let before = made(&world);
    for number in 1..=300 {
        let hello = PeerBody::Hello {
            early_candidates: true,
            name: visavis_protocol::name::PersonName::default(),
            call: Some(visavis_call::CallKind::Open),
        };
        world.naive_sends(&PeerMessage {
            after: Some(1_000_000),
            ..PeerMessage::unnumbered(hello)
        });
        world.run_for(ms(60));
        says(&mut world, number, number as u32, PeerBody::HangUp);
        world.run_for(ms(60));
    }
    let after = made(&world) - before;
    println!("made {after}");
    assert!(after < AT_ONCE + 20, "{after}");
    assert!(world.are_in_call(0, 1));
}

/// Each time, it seems as if they had not heard of our call, which would have us make it once more.
#[test]
fn whoever_gives_up_in_a_loop_is_not_always_called_once_more() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(100_000));
    world.run_for(seconds(1));
    world.command(0, Command::Call);
    world.run_for(ms(100));
    for number in 1..=300 {
        says(&mut world, 2 * number, number as u32, offer(true));
        says(&mut world, 2 * number + 1, number as u32, PeerBody::GiveUp);
        world.run_for(ms(60));
    }
    assert!(made(&world) < AT_ONCE, "{}", made(&world));
}

#[test]
fn not_every_offer_over_one_connection_is_answered() {
    let mut world = with_an_attacker(PreConnection::Nothing);
    let sent = |world: &mut World, exchanges: std::ops::Range<u32>| {
        for exchange in exchanges {
            let PeerBody::Offer {
                sdp, warm, private, ..
            } = offer(false)
            else {
                unreachable!()
            };
            let offer = PeerBody::Offer {
                sdp,
                exchange,
                warm,
                private,
            };
            says(world, exchange.into(), 1, offer);
            world.run_for(ms(5));
        }
        world.run_for(seconds(1));
        let heard = &mut world.naive.as_mut().unwrap().heard;
        let answers = heard.iter().filter(|heard| *heard == "Answer").count();
        heard.clear();
        answers
    };
    assert!((10..80).contains(&sent(&mut world, 1..500)));
    world.run_for(seconds(10));
    assert_eq!(sent(&mut world, 501..504), 3, "after a while, they are");
}

/// People may call each other as often as they like, one call after the other.
#[test]
fn hundreds_of_calls_one_after_the_other_connect() {
    for pre_connection in [PreConnection::On, PreConnection::Off, PreConnection::Nothing] {
        let mut world = World::room_of(2, pre_connection);
        for _ in 0..300 {
            world.run_for(ms(300));
            world.call_works(0, 1);
            world.hang_up_works(0);
        }
        world.expect_no_refusals();
    }
}
