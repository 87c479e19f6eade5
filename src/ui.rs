//! What is seen. Components show a [`Screen`] and send commands; they decide nothing and know no WebRTC.
//!
//! There is one signal, the screen, and two kinds of values made from it: whether something holds, and words. That
//! is not only simple: each further type that a signal holds costs about one kilobyte of the bundle.
#![expect(unreachable_pub, reason = "the component macro makes functions `pub`")]

mod as_needed;
mod banner;
mod button;
mod controls;
mod copying;
mod door;
mod feature;
mod icons;
mod invite;
mod own_name;
mod panel;
mod people;
mod pictures;
mod preparation;
mod remarks;
mod report;
mod room;
mod screen;
mod self_view;
mod talk;
mod tiles;
mod words;

pub use feature::{Feature, Features, Place, Progress};
pub use own_name::remembered_name;
pub use preparation::chosen_before;
pub use room::Room;
pub use screen::{Copying, Screen, Ui};
pub(crate) use words::device_trouble;
