//! What keeps a room private against the relay that introduces its people.
//!
//! The link to a **sealed** room has a [`RoomSecret`]. The room's name at the relay, and the key for what is
//! said through the relay, derive from it; the relay never learns it. [`Seal`] seals and opens. Nothing else
//! in visavis touches the key, and nothing shows it: neither `Debug`, nor a log, a report or a storage.
//!
//! docs/protocol.md has the formats, with test vectors; docs/security.md says what they promise.

mod address;
mod envelope;
mod identity;
mod secret;

pub use address::{InvalidAddress, RoomAddress};
pub use envelope::{PADDING, Seal, Subject, Unopened};
pub use identity::peer_id;
pub use secret::{InvalidSecret, RoomSecret};
