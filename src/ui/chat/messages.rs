//! The list of what was written.

use std::sync::Arc;

use js_sys::Date;
use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;
use visavis_call::{ChatMessage, Time};
use wasm_bindgen::JsValue;

use super::links;
use crate::ui::context::use_call;
use crate::ui::locale;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::SidePanel;
use crate::written;

/// All messages. The list scrolls to the newest one.
#[component]
pub(super) fn Messages() -> impl IntoView {
    let call = use_call();
    let state = call.state;
    let messages = memo(move || state.chat.with(|chat| chat.messages.clone()));
    let list = NodeRef::<html::Ol>::new();
    let is_open = call.page(|page| page.shows(SidePanel::Chat));
    let mut kept = None;
    effect(move || {
        messages.with(|messages| {
            let last = last_own(messages);
            // However much the others write, ours is kept once.
            if kept.replace(last) != Some(last) {
                state
                    .call
                    .with_untracked(|call| written::keep(&call.room.room(), messages));
            }
        });
    });
    effect(move || {
        messages.track();
        // While it is closed, there is nothing to move. (A memo that is tracked and never read notices
        // nothing.)
        if !is_open.get() {
            return;
        }
        request_animation_frame(move || {
            if let Some(list) = list.get_untracked() {
                list.set_scroll_top(list.scroll_height());
            }
        });
    });
    view! {
        <ol id="remarks" role="log" tabindex="0" aria-label="Messages" node_ref=list>
            <For each=move || messages.get().to_vec() key=|message| message.id let:message>
                <Message message />
            </For>
        </ol>
    }
}

/// Which of our own came last.
fn last_own(messages: &[Arc<ChatMessage>]) -> Option<u64> {
    let own = messages.iter().filter(|message| message.from.is_none());
    own.map(|message| message.id).max()
}

/// One message. It is shown as text; web addresses in it are links.
#[component]
fn Message(message: Arc<ChatMessage>) -> impl IntoView {
    let chat = use_call().state.chat;
    let (is_own, number) = (message.from.is_none(), message.number);
    let class = memo(move || {
        let waits = is_own && chat.with(|chat| chat.unheard.contains(&number));
        match (is_own, waits) {
            (true, true) => "own waits",
            (true, false) => "own",
            (false, _) => "",
        }
        .to_owned()
    });
    let text = links::pieces(message.text.as_str())
        .into_iter()
        .map(|piece| view_of(piece.to_owned()))
        .collect_view();
    view! {
        <li class=class>
            <p class="quiet">
                <bdi>{locale::author(&message)}</bdi>
                <span>" " {clock(message.at)}</span>
            </p>
            // Each text has a direction of its own.
            <p dir="auto">{text}</p>
        </li>
    }
}

/// A linked page neither learns where the visitor came from, nor can control this page.
fn view_of(piece: String) -> impl IntoView {
    if links::is_address(&piece) {
        let address = piece.clone();
        Either::Left(view! {
            <a href=address target="_blank" rel="noopener noreferrer nofollow">
                {piece}
            </a>
        })
    } else {
        Either::Right(view! { <span>{piece}</span> })
    }
}

/// `9:05`, as the clock of this machine had it.
fn clock(at: Time) -> String {
    #[expect(clippy::cast_precision_loss, reason = "it came from such a number")]
    let at = Date::new(&JsValue::from_f64(at.0 as f64));
    format!("{}:{:02}", at.get_hours(), at.get_minutes())
}
