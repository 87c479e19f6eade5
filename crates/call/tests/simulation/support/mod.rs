//! A small world to run [`visavis_call::Call`]s in: simulated clock, network, relay, browsers and people.
//!
//! ```text
//! World ─┬─ queue of events, ordered by time, then by age
//!        ├─ Client      one Call, its FakeConnections, its devices              (client.rs, browser.rs)
//!        ├─ Hub         relay, and the tabs of one browser; the relay's own room policy      (hub.rs)
//!        ├─ Liar        what a relay can do to what passes through it                        (liar.rs)
//!        ├─ troubles    cut paths, frozen pages, black holes                                (troubles.rs)
//!        └─ NaiveAnswerer   the client of a tutorial, which drops early candidates         (naive.rs)
//! ```
//!
//! A test adds people, lets them do things with [`World::command`], lets time pass with [`World::run_for`] or
//! [`World::run_until`], and looks at views. The world panics when a `Call` breaks its contract: two
//! operations at once on one connection, an operation on one that is not there, a message on a route that is
//! not open. What a browser refused is noted in [`World::refusals`].
//!
//! Everything is repeatable; `VISAVIS_TRACE=1` prints what happens.

pub(crate) mod browser;
pub(crate) mod client;
#[allow(dead_code, reason = "shared with the exploration")]
pub(crate) mod connection;
pub(crate) mod description;
pub(crate) mod hub;
pub(crate) mod intruder;
pub(crate) mod liar;
pub(crate) mod naive;
mod people;
pub(crate) mod random;
mod troubles;
pub(crate) mod world;

pub(crate) use client::{Client, ClientId, ClientOptions, SEALED, room};
pub(crate) use hub::HubState;
pub(crate) use random::Random;
pub(crate) use world::{Faults, Options, World, ms, seconds};
