//! The state machine in a simulated world: what people do, what networks and browsers do to them, and what
//! must come of it. Tests are named after behaviours; [`support`] is the world.

#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and so may the world it runs in"
)]

mod calling;
mod calls;
mod candidates;
mod door;
mod failures;
mod garbage;
mod glare;
mod interleaved;
mod media;
mod preparation;
mod random_schedules;
mod reconnecting;
mod recovery;
mod rooms;
mod routes;
mod stale;
mod support;
mod talk;
mod talk_order;
