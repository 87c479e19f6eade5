//! What the others call us.

use leptos::prelude::*;
use visavis_call::Command;
use visavis_protocol::name::PersonName;

use crate::browser::{early, memory};
use crate::ui::context::use_call;

/// Where a browser keeps the name.
const KEPT: &str = "visavis.name";

/// A field for our name. It may stay empty.
#[component]
pub(super) fn OwnName() -> impl IntoView {
    let call = use_call();
    view! {
        <label for=early::NAME>"Your name"</label>
        // Browsers count in halves of the rarer characters.
        <input
            id=early::NAME
            type="text"
            autocomplete="nickname"
            maxlength="80"
            value=early::name().unwrap_or_else(|| remembered_name().as_str().to_owned())
            on:change=move |event| {
                let name = event_target_value(&event);
                memory::remember(KEPT, &name);
                call.send(Command::SetName(PersonName::new(&name)));
            }
        />
    }
}

/// What we were called in this browser before.
#[must_use]
pub fn remembered_name() -> PersonName {
    PersonName::new(&memory::remembered(KEPT).unwrap_or_default())
}
