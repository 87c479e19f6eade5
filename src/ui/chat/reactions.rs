//! The menu of reactions, with the raised hand.

use leptos::html;
use leptos::prelude::*;
use visavis_call::{Command, Reaction};

use crate::ui::components::{Icon, Svg};
use crate::ui::context::use_call;
use crate::ui::locale;
use crate::ui::reactive::memo;

/// The button that opens the menu, and the menu.
#[component]
pub(super) fn Reactions() -> impl IntoView {
    let call = use_call();
    let has_hand = memo(move || call.state.chat.with(|chat| chat.hand));
    let menu = NodeRef::<html::Div>::new();
    let send = move |command| {
        call.send(command);
        if let Some(menu) = menu.get_untracked() {
            // Refused only if it is closed already.
            let _ = menu.hide_popover();
        }
    };
    let button = move |reaction: Reaction| {
        view! {
            <button
                value=reaction.name()
                aria-label=locale::reaction_name(reaction)
                on:click=move |_| send(Command::React(reaction))
            >
                {locale::picture(reaction)}
            </button>
        }
    };
    view! {
        <span
            class="toggle"
            class:off=has_hand
            hidden=call.select(|call| !call.is_going_on() || call.has_only_guests())
        >
            <button
                id="react"
                class="round"
                popovertarget="reactions"
                title="Reactions and raised hand"
                aria-label="Reactions and raised hand"
            >
                <Svg icon=Icon::SMILE />
            </button>
            <div id="reactions" class="menu" popover="auto" node_ref=menu>
                {Reaction::ALL.map(button).collect_view()}
                <button
                    id="hand"
                    prop:textContent=memo(move || if has_hand.get() { "Lower hand" } else { "Raise hand" }.to_owned())
                    on:click=move |_| send(Command::RaiseHand(!has_hand.get_untracked()))
                ></button>
            </div>
        </span>
    }
}
