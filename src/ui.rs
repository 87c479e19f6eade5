//! What is seen. Components read the [`State`] and send commands through the [`CallHandle`]; they decide
//! nothing and know no WebRTC.
//!
//! ```text
//! page ──► lobby, stage, chat, people, access, settings, report ──► components ──► call_handle ──► state
//!                     └────────────────────────────────────────────► locale (sentences, pure)
//! ```
//!
//! A feature is a module, with a folder if it is large. The stage, chat, people with access, settings,
//! devices, the report, the check and calls by hand are chunks (`src/chunk.rs`).
#![expect(unreachable_pub, reason = "the component macro makes functions `pub`")]

mod access;
mod attention;
mod banner;
pub(crate) mod by_hand;
mod call_handle;
mod chat;
pub(crate) mod check;
mod chunks;
mod components;
mod context;
mod devices;
mod focus;
mod lobby;
mod locale;
mod page;
mod people;
mod reactive;
mod report;
mod settings;
mod sight;
mod stage;
mod state;
#[cfg(test)]
mod style;

pub use by_hand::LettersView;
pub use call_handle::CallHandle;
pub use lobby::remembered_name;
pub use page::Page;
pub use settings::{chosen_before, policy_chosen_before};
pub use state::{Addresses, Corner, PageState, Person, SelfView, SettingsTab, SidePanel, State};
