//! What the whole-system tests are made of: the built site, a relay or a plain static host that serves it,
//! and real browsers that open it.
//!
//! [`Pair`] is two people in a room, which is how most tests begin. [`Launch`] starts a browser in any other
//! way. Failures are panics with a sentence: this crate exists for tests alone.

mod browser;
mod devtools;
mod documents;
mod driver;
mod gate;
mod group;
mod held_site;
mod launch;
mod network;
mod page;
mod pair;
mod place;
mod pool;
mod portrait;
mod servers;
mod tapped_relay;
mod wire;

pub use browser::Browser;
pub use documents::{Document, DocumentServer, OurSite};
pub use gate::{TIMES, alone, soak, together};
pub use group::{Group, other_camera};
pub use held_site::{Fate, HeldSite};
pub use launch::{Engine, Launch, Permission};
pub use network::{Network, TurnServer, browsers_on, hurried, relay_on};
pub use page::{Page, Screen, Trouble};
pub use pair::{Pair, enter_room, see_each_other};
pub use place::{Place, ThisMachine};
pub use portrait::Portrait;
pub use servers::{StaticHost, relay, relay_at, relay_elsewhere, relay_for, relay_with, site, site_with};
pub use tapped_relay::{Tapped, TappedRelay, Way};
