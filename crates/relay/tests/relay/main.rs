//! The relay, from outside: real sockets, and the program itself.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not take helpers for tests"
)]

mod away;
mod client;
mod config;
mod door;
mod faults;
mod http;
mod lifecycle;
mod logs;
mod program;
mod rooms;
mod site;
