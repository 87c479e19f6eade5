//! The invite link.

use gloo_timers::callback::Timeout;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::button::Button;
use super::handle::CallHandle;
use super::icons::Icon;
use crate::browser::{clipboard, page};

/// For how long the button says what came of the click.
const FEEDBACK_MS: u32 = 2500;

/// What came of copying.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copying {
    Idle,
    Copied,
    /// The browser does not let pages copy: the link is selected, and the person can.
    ByHand,
}

/// The link that brings somebody here, and a button that copies it.
#[component]
pub(super) fn Invite(call: CallHandle) -> impl IntoView {
    let room = call.select(|view| view.room.clone());
    let link = Memo::new(move |_| page::address_with_hash(&format!("#/{}", room.get())));
    let copying = RwSignal::new(Copying::Idle);
    let field = NodeRef::<Input>::new();
    let timer = StoredValue::new_local(None::<Timeout>);

    let copy = move || {
        let text = link.get_untracked();
        spawn_local(async move {
            let outcome = if clipboard::copy(&text).await { Copying::Copied } else { Copying::ByHand };
            if outcome == Copying::ByHand
                && let Some(field) = field.try_get_untracked().flatten()
            {
                field.select();
            }
            let _ = copying.try_set(outcome);
            let reset = Timeout::new(FEEDBACK_MS, move || {
                let _ = copying.try_set(Copying::Idle);
            });
            let _ = timer.try_set_value(Some(reset));
        });
    };

    view! {
        <div class="invite">
            <label for="invite-link">"Invite link"</label>
            <div class="row">
                <input id="invite-link" type="text" readonly node_ref=field prop:value=link />
                <Button
                    id="copy-link"
                    icon=Icon::Link.into()
                    words=Signal::derive(move || match copying.get() {
                        Copying::Idle => "Copy link",
                        Copying::Copied => "Copied",
                        Copying::ByHand => "Press Ctrl+C",
                    })
                    on_click=Box::new(copy)
                />
            </div>
            <p class="visually-hidden" role="status">
                {move || (copying.get() == Copying::Copied).then_some("The link is copied.")}
            </p>
        </div>
    }
}
