//! Gateways at models of each kind of server.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not take helpers for tests"
)]

mod guests;
mod kinds;
mod pages;
mod world;
