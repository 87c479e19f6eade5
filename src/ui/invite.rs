//! The invite link.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::button::{Button, ButtonProps, Look};
use super::icons::Icon;
use super::screen::{Copying, Screen, Ui};
use crate::browser::{clipboard, page};

/// For how long the button says what came of the click.
const FEEDBACK_MS: u32 = 2500;

/// The element's name, by which it is selected where the browser does not let pages copy.
const FIELD: &str = "invite-link";

/// The link that brings somebody here, and a button that copies it.
#[component]
pub(super) fn Invite(ui: Ui) -> impl IntoView {
    let timer = StoredValue::new_local(None::<Timeout>);
    view! {
        <div class="invite">
            <label for=FIELD>"Invite link"</label>
            <div class="row">
                <input id=FIELD type="text" readonly prop:value=ui.words(link) />
                {Button(ButtonProps {
                    id: "copy-link",
                    look: Look::Plain,
                    icons: &[Icon::Link],
                    words: ui.words(|screen| {
                        match screen.copying {
                            Copying::Idle => "Copy link",
                            Copying::Copied => "Copied",
                            Copying::ByHand => "Press Ctrl+C",
                        }
                        .to_owned()
                    }),
                    shown: ui.when(|_| true),
                    enabled: ui.when(|_| true),
                    on_click: Box::new(move || copy(ui, timer)),
                })}
            </div>
            <p class="visually-hidden" role="status">
                {ui.words(|screen| {
                    if screen.copying == Copying::Copied { "The link is copied." } else { "" }.to_owned()
                })}
            </p>
        </div>
    }
}

fn link(screen: &Screen) -> String {
    page::address_with_hash(&format!("#/{}", screen.view.room))
}

fn copy(ui: Ui, timer: StoredValue<Option<Timeout>, LocalStorage>) {
    let text = ui.screen.with_untracked(link);
    spawn_local(async move {
        let copied = clipboard::copy(&text).await;
        if !copied {
            page::select(FIELD);
        }
        ui.change(|screen| screen.copying = if copied { Copying::Copied } else { Copying::ByHand });
        let reset = Timeout::new(FEEDBACK_MS, move || {
            ui.change(|screen| screen.copying = Copying::Idle)
        });
        // The app may be gone by now; then so is the button.
        let _ = timer.try_set_value(Some(reset));
    });
}
