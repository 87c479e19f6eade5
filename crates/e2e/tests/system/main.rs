//! The whole system: browsers, relay and site, in one program of which two tests run at a time.

#[macro_use]
mod engines;

mod calling;
mod calls;
mod check;
mod chunks;
mod early;
mod eight;
mod firefox;
mod glare;
mod layout;
mod many_calls;
mod meeting_point;
mod negotiation;
mod network;
mod permission;
mod preparation;
mod recovery;
mod rooms;
mod sharing;
mod soak;
mod talk;
mod uplink;
mod waiting_room;
