//! What features are made of. Nothing here knows what it is used for.

mod button;
mod copying;
mod icon;
mod lazy;

pub(super) use button::{Button, Kind};
pub(super) use copying::{CopyButton, CopyField, Copying};
pub(super) use icon::{Icon, Svg};
pub(super) use lazy::{Build, Chunk, Fetched, Lazy, Place};
