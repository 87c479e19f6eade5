//! Messages that arrive while an operation runs: they wait for it, and their order is kept.

use visavis_call::Command;
use visavis_protocol::dialect::native::decode_peer;
use visavis_protocol::peer::PeerBody;
use visavis_rows::row;

use crate::support::browser::candidates;
use crate::support::{ClientOptions, Options, World, ms, seconds};

/// The first one's operations take so long, the second one's are quick.
fn slow_and_quick(slow: u64, options: Options) -> World {
    let mut world = World::new(options);
    for operation in [slow, 1] {
        world.join(ClientOptions {
            operation: ms(operation),
            ..ClientOptions::default()
        });
    }
    world.run_for(seconds(1));
    world
}

/// A connection that is just applying an answer is not stable yet. It is no glare for all that: an offer that
/// arrives then is taken, by the impolite side, too.
#[test]
fn an_offer_that_arrives_while_an_answer_is_applied_is_accepted() {
    let row = row(3, "simulated");
    // Who is polite depends on the names, so both are tried.
    for slow in [0, 1] {
        let mut world = slow_and_quick(1, Options::default());
        let quick = 1 - slow;
        world.clients[slow].options.operation = ms(300);
        world.record_messages_to(slow);
        world.command(slow, Command::Call);
        // The answer is out; the other one has something else to negotiate.
        assert!(world.run_until(seconds(10), |world| {
            let connection = world.clients[quick].connections.values().next();
            connection.is_some_and(|connection| connection.remote.is_some())
        }));
        world.restart_ice(quick);
        world.run_for(seconds(10));
        assert!(world.are_in_call(0, 1), "{slow}: {:?}", world.stages());
        for client in &world.clients {
            assert!(
                client
                    .connections
                    .values()
                    .all(|connection| connection.is_settled())
            );
        }
        let heard = world.recorded();
        let offers = heard.iter().filter(|text| {
            let said = decode_peer(text).unwrap();
            matches!(said.body, PeerBody::Offer { .. })
        });
        assert_eq!(offers.count(), 1, "{slow}: it was not said twice");
        world.expect_no_refusals();
    }
    row.passed();
}

#[test]
fn a_slow_operation_amid_a_burst_of_messages_changes_no_order() {
    let row = row(9, "simulated");
    let gathering: Vec<_> = (1..=40).map(ms).collect();
    let options = Options {
        gathering,
        ..Options::default()
    };
    let mut world = slow_and_quick(500, options);
    world.command(1, Command::Call);
    world.run_for(seconds(5));
    // The first candidates wait, and so do an offer and the candidates of another connection_id.
    let ours = |world: &World| {
        world.clients[0]
            .connections
            .values()
            .next()
            .unwrap()
            .added
            .clone()
    };
    assert!((1..30).contains(&ours(&world).len()), "{}", ours(&world).len());
    world.restart_ice(1);
    world.run_for(seconds(90));
    assert!(world.are_in_call(0, 1), "{:?}", world.stages());
    let theirs = world.clients[1].connections.values().next().unwrap().serial;
    let connection_id = |number| candidates(theirs, &format!("c{theirs}g{number}"), 40);
    assert_eq!(ours(&world), [connection_id(1), connection_id(2)].concat());
    world.expect_no_refusals();
    row.passed();
}
