//! Screens without a call.

use leptos::prelude::*;

use crate::browser::page;
use crate::config::{self, ConfigError};

/// While config.json is on its way.
#[component]
pub fn LoadingScreen() -> impl IntoView {
    view! {
        <main class="screen">
            <p class="quiet">"Loading …"</p>
        </main>
    }
}

/// The site or the address is wrong; nothing can be started.
#[component]
pub fn ErrorScreen(
    /// What is wrong.
    error: ConfigError,
) -> impl IntoView {
    let is_address = matches!(error, ConfigError::Room(_));
    let new_room = move |_| {
        page::replace_hash(&format!("#/{}", config::unguessable_room(page::random())));
        page::reload();
    };
    let advice = if is_address {
        "Check the link that you were sent, or open a new room."
    } else {
        "Whoever runs this site can mend it; docs/deploy.md lists every field."
    };
    view! {
        <main class="screen">
            <section class="card notice" role="alert">
                <h1>"This can't start"</h1>
                <p id="status">{error.to_string()}</p>
                <p class="quiet">{advice}</p>
                {if is_address {
                    view! { <button id="new-room" class="primary" on:click=new_room>"New room"</button> }.into_any()
                } else {
                    view! { <button class="primary" on:click=|_| page::reload()>"Try again"</button> }.into_any()
                }}
            </section>
        </main>
    }
}
