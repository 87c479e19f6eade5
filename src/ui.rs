//! What is seen. Components show the call's view and send commands; they decide nothing and know no WebRTC.
#![expect(unreachable_pub, reason = "the component macro makes functions `pub`")]

mod banner;
mod button;
mod clock;
mod controls;
mod handle;
mod icons;
mod invite;
mod panel;
mod room;
mod screens;
mod tiles;
mod words;

pub use handle::CallHandle;
pub use room::Room;
pub use screens::{ErrorScreen, LoadingScreen};
