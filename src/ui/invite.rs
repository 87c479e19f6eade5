//! The invite link.

use leptos::prelude::*;

use super::button::{Button, ButtonProps, Look};
use super::copying::copy;
use super::icons::Icon;
use super::screen::{Copying, Screen, Ui};
use crate::browser::page;

/// The element's name, by which it is selected where the browser does not let pages copy.
const FIELD: &str = "invite-link";

/// The link that brings somebody here, and a button that copies it.
#[component]
pub(super) fn Invite(ui: Ui) -> impl IntoView {
    view! {
        <div class="field">
            <label for=FIELD>"Invite link"</label>
            <div class="row">
                <input id=FIELD type="text" readonly value=ui.words(link) />
                {Button(ButtonProps {
                    id: "copy-link",
                    look: Look::Plain,
                    icons: &[Icon::Link],
                    words: ui.words(|screen| {
                        match screen.copying {
                            Copying::Link => "Copied",
                            Copying::ByHand => "Press Ctrl+C",
                            _ => "Copy link",
                        }
                        .to_owned()
                    }),
                    shown: ui.when(|_| true),
                    enabled: ui.when(|_| true),
                    on_click: Box::new(move || {
                        copy(ui, ui.screen.with_untracked(link), Copying::Link, || page::select(FIELD));
                    }),
                })}
            </div>
        </div>
    }
}

fn link(screen: &Screen) -> String {
    page::address_with_hash(&format!("#/{}", screen.view.room))
}
