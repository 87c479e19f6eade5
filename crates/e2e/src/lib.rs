//! What the whole-system tests are made of: the built site, a relay or a plain static host that serves it, and a
//! real Chromium that opens it.
//!
//! Failures are panics with a sentence: this crate exists for tests alone.

mod browser;
mod page;
mod portrait;
mod servers;

pub use browser::{Browser, Permission};
pub use page::{Page, Screen};
pub use portrait::Portrait;
pub use servers::{StaticHost, relay, relay_at, site};
