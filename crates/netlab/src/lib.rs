//! A network laboratory for tests that need distance, loss, an outage or a translator of addresses between
//! hosts.
//!
//! Each host is a network namespace of this machine with one TUN device, and nothing that a host sends leaves
//! the laboratory: one thread takes every packet, and hands it to the other host late, changed or never, as
//! the test wants. Linux only, as root, and without any kernel module but `tun`.
//!
//! ```no_run
//! use std::time::Duration;
//! use visavis_netlab::{Lab, LabError, Nat};
//!
//! # fn main() -> Result<(), LabError> {
//! let lab = Lab::builder()
//!     .hosts(["alice", "bob", "server"])
//!     .nat("alice", Nat::Symmetric)
//!     .rtt(Duration::from_millis(100))
//!     .start()?;
//! let server = lab.host("server");
//! let listener = server.listen(8080).expect("the port is free: the host is new");
//! let alice = lab.host("alice");
//! let connection = alice.connect((server.address(), 8080).into());
//! let browser = alice.command("chromium").arg("--headless").spawn();
//! lab.cut_pair("alice", "server"); // nothing of alice reaches the server; bob still does
//! # Ok(())
//! # }
//! ```
//!
//! docs/netlab.md has the whole tour, also of the program `netlab` for use by hand.

#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "elsewhere nothing starts, so nothing is carried")
)]

mod block;
mod checksum;
mod counters;
mod error;
mod host;
mod lab;
mod link;
mod nat;
mod network;
mod packet;
#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;

pub use block::Block;
pub use counters::{Counters, HostCounters, PairCounters, Traffic};
pub use error::LabError;
pub use host::Host;
pub use lab::{Builder, Lab};
pub use nat::Nat;
pub use system::Running;
