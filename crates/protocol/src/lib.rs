//! The wire messages of visavis, in two layers.
//!
//! 1. **Relay messages** ([`relay`]): what a client and the relay say to each other. The relay knows only
//!    these.
//! 2. **Peer messages** ([`peer`]): what two clients say to each other through the relay. They travel as one
//!    opaque string, so that the relay neither needs to understand them nor could, once they are sealed.
//!
//! A [`dialect`] maps both layers to text, by way of [`json`]. This crate does no I/O and holds no state.

pub mod chat;
pub mod dialect;
pub mod guest;
pub mod ice;
pub mod id;
pub mod json;
pub mod name;
mod number;
pub mod peer;
pub mod relay;
pub mod safety;

/// The largest text of one WebSocket message that a client or the relay accepts, in bytes. An offer is about
/// 6 kB; the field's servers settle on 64 KiB and more.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The code of the close frame (RFC 6455, section 7.4.2) by which a client gives up a connection that it
/// takes for dead, but not its seat: it comes back on another one.
pub const CLOSE_LOST: u16 = 4000;
