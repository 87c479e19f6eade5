//! The relay, from outside: real sockets, and the program itself.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not take helpers for tests"
)]

mod access;
mod away;
mod budgets;
#[cfg(target_os = "linux")] // coturn
mod check_turn;
mod client;
mod config;
#[cfg(target_os = "linux")]
mod coturn;
mod faults;
mod floods;
mod http;
mod lifecycle;
mod logs;
mod manual;
mod program;
mod requests;
mod restart;
mod rfc6455;
mod rooms;
mod site;
mod twilio;
