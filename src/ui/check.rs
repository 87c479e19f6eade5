//! The check before a call: a page of its own at the address `?check`, and a chunk. It tries everything that
//! a call needs, and says what works and what to do about the rest.
//!
//! ```text
//! page ──► checkup ──► probes ──► browser, signaling      what there is
//!             └──────► judgement                          what that means, in sentences (pure)
//! ```

mod checkup;
mod judgement;
mod page;
mod probes;

use std::future::pending;

use leptos::prelude::*;

use crate::browser::early;

/// Shows the check, until the page goes.
pub(crate) async fn run() {
    early::close();
    leptos::mount::mount_to_body(|| view! { <page::CheckPage /> });
    pending().await
}
