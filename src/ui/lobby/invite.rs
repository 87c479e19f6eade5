//! The invite link.

use leptos::prelude::*;
use visavis_call::CallView;

use crate::browser::page;
use crate::ui::components::{Button, CopyField};
use crate::ui::context::{PageContext, use_page};
use crate::ui::locale;

/// The link that brings somebody here, and a button that copies it.
#[component]
pub(super) fn Invite() -> impl IntoView {
    let PageContext { call, focus, .. } = use_page();
    let link = call.select(link);
    view! {
        <div class="field">
            <label for="invite-link">{locale::INVITE_LINK}</label>
            <div class="row">
                <CopyField
                    id="invite-link"
                    text=link
                    button="copy-link"
                    label="Copy link"
                    said="The link is copied."
                    node_ref=focus.next
                />
            </div>
            <p class="quiet" prop:textContent=call.select(|call| locale::about_room(&call.room))></p>
            <Button
                id="seal-room"
                label="Make a sealed room"
                hidden=call.select(|call| call.room.is_sealed())
                on_click=|| page::set_hash(&page::hash_of(&page::fresh_room()))
            />
        </div>
    }
}

fn link(call: &CallView) -> String {
    page::address_with_hash(&page::hash_of(&call.room))
}
