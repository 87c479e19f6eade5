//! The invite link.

use leptos::html;
use leptos::prelude::*;
use visavis_call::CallView;

use crate::browser::page;
use crate::ui::components::{Button, CopyButton, Copying, Icon};
use crate::ui::context::{PageContext, use_page};
use crate::ui::locale;
use crate::ui::reactive::memo;

/// The link that brings somebody here, and a button that copies it.
#[component]
pub(super) fn Invite() -> impl IntoView {
    let PageContext { call, focus, .. } = use_page();
    let link = call.select(link);
    let field = NodeRef::<html::Input>::new();
    let copying = Copying::new();
    let copy = move || {
        copying.copy(link.get_untracked(), move || {
            if let Some(field) = field.get_untracked() {
                field.select();
            }
        });
    };
    view! {
        <div class="field">
            <label for="invite-link">{locale::INVITE_LINK}</label>
            <div class="row">
                <input id="invite-link" type="text" readonly prop:value=link node_ref=field />
                <CopyButton
                    id="copy-link"
                    icon=Icon::LINK
                    copying
                    label="Copy link"
                    said=memo(move || copying.said("The link is copied.").to_owned())
                    on_click=copy
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
