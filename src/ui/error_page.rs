//! The site or the address is wrong; nothing can be started.

use leptos::prelude::*;

use crate::browser::page;
use crate::config::{self, ConfigError};

/// What is wrong, and what can be done.
#[component]
pub fn ErrorPage(
    /// What is wrong.
    error: ConfigError,
) -> impl IntoView {
    let is_address = matches!(error, ConfigError::Room(_));
    let (id, action, advice) = if is_address {
        (
            "new-room",
            "New room",
            "Check the link that you were sent, or open a new room.",
        )
    } else {
        (
            "try-again",
            "Try again",
            "Whoever runs this site can mend it; docs/deploy.md lists every field.",
        )
    };
    let act = move |_| {
        if is_address {
            page::replace_hash(&format!("#/{}", config::unguessable_room(page::random())));
        }
        page::reload();
    };
    // Capturing: see the button component.
    view! {
        <main class="screen">
            <section class="card notice" role="alert">
                <h1>"This can't start"</h1>
                <p id="status">{error.to_string()}</p>
                <p class="quiet">{advice}</p>
                <button id=id class="primary" on:click:capture=act>{action}</button>
            </section>
        </main>
    }
}
