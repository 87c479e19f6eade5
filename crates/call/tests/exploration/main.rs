//! Everything that can happen between two people, in every order, within bounds: stateright goes through all states of
//! two real `Call`s, of models of their browsers, and of the relay between them.
//!
//! ```text
//! World ─┬─ Side ── Call, FakeConnection (the one of the simulation)      twice
//!        └─ letters that the relay has for each of them, in order, or not
//! ```
//!
//! A state is *quiet* when nothing happens by itself any more. Every way on from any state leads to a quiet one, because
//! everything is bounded, so it is enough to look at those. If something does not hold, the shortest way to it is shown.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../simulation/support/connection.rs"]
#[allow(dead_code, reason = "shared with the simulation")]
mod connection;
#[path = "../simulation/support/description.rs"]
#[allow(dead_code, reason = "shared with the simulation")]
mod description;
mod model;
mod side;
mod world;

use model::Exploration;
use world::Bounds;

/// `VISAVIS_BOUNDS="calls=2 hang_ups=1 candidates=1"` explores within these bounds alone.
fn chosen() -> Option<Exploration> {
    let text = std::env::var("VISAVIS_BOUNDS").ok()?;
    let mut chosen = Exploration::default();
    for setting in text.split_ascii_whitespace() {
        let (name, value) = setting.split_once('=').expect("name=value");
        let value: u8 = value.parse().expect("a small number");
        let bounds = &mut chosen.bounds;
        match name {
            "calls" => bounds.calls = value,
            "hang_ups" => bounds.hang_ups = value,
            "tracks" => bounds.tracks = value,
            "restarts" => bounds.restarts = value,
            "refusals" => bounds.refusals = value,
            "cuts" => bounds.cuts = value,
            "losses" => bounds.losses = value,
            "duplicates" => bounds.duplicates = value,
            "strays" => bounds.strays = value,
            "candidates" => chosen.candidates = value.into(),
            "token_lasts" => chosen.token_lasts = Some(value.into()),
            _ => panic!("{name} is no bound"),
        }
    }
    Some(chosen)
}

#[test]
fn tiny() {
    let bounds = Bounds {
        calls: 1,
        ..Bounds::default()
    };
    let one = Exploration {
        bounds,
        candidates: 1,
        ..Exploration::default()
    };
    let start = std::time::Instant::now();
    let found = chosen().unwrap_or(one).explore();
    println!(
        "{} states, {} steps, depth {} {:?}",
        found.states,
        found.steps,
        found.depth,
        start.elapsed()
    );
}
