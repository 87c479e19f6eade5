//! The state machine in a simulated world: what people do, what networks and browsers do to them, and what
//! must come of it. Tests are named after behaviours; [`support`] is the world.

#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and so may the world it runs in"
)]

mod access;
mod addresses;
mod calling;
mod calls;
mod candidates;
mod chat;
mod chat_order;
mod failures;
mod garbage;
mod glare;
mod hostile_chat;
mod hostile_descriptions;
mod hostile_mailbox;
mod hostile_offers;
mod hostile_rings;
mod interleaved;
mod lying_relay;
mod media;
mod names;
mod pre_connection;
mod random_schedules;
mod reconnecting;
mod recovery;
mod renewal;
mod rooms;
mod routes;
mod safety;
mod sights;
mod stale;
mod support;
