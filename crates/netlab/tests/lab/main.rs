//! Whole laboratories. They need Linux and root, and fail without: a test that does not run proves nothing.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and so may what it is made of"
)]

mod addresses;
mod links;
mod outages;
mod program;
mod support;
mod tidiness;
