//! The whole system: browsers, relay and site, in one program of which two tests run at a time.

#[macro_use]
mod engines;

mod addresses;
mod by_hand;
mod calling;
mod calls;
mod chat;
mod check;
mod chunks;
mod devices;
mod documents;
mod early;
mod eight;
mod firefox;
mod glare;
mod hostile;
mod layout;
mod many_calls;
mod negotiation;
mod network;
mod permission;
mod policy;
mod pre_connected;
mod recovery;
mod rooms;
mod safety;
mod sealed;
mod server;
mod sharing;
mod soak;
mod uplink;
mod waiting_room;
