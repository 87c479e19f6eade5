//! The browser client of visavis.
//!
//! ```text
//! ui ──► driver ──► browser, signaling
//!           └─────► visavis-call (every decision)
//! ```
//!
//! A click becomes a command to the [`driver`], which hands it to the state machine of `visavis-call`,
//! carries out what that asks for, and publishes what there is to see. Callbacks of the browser only enqueue.

pub mod app;
pub mod browser;
mod chunk;
pub mod config;
pub mod driver;
mod fault;
pub mod signaling;
mod site;
pub mod ui;
mod written;
