//! Chat: messages, reactions and the raised hand. Everything except the buttons in the bar is a chunk.

mod links;
mod messages;
mod panel;
mod reactions;

use leptos::prelude::*;

use super::components::{Build, Button, Fetched, Icon, Kind, Lazy, Place};
use super::context::{use_call, use_page};
use super::locale;
use super::reactive::memo;
use super::state::SidePanel;
use crate::chunk::chunk;

chunk!(
    /// Messages and reactions.
    fn chunk: chat -> Build = build
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

fn build(place: Place) -> AnyView {
    match place {
        Place::Side => view! { <panel::Chat /> }.into_any(),
        Place::Bar => view! { <reactions::Reactions /> }.into_any(),
        _ => ().into_any(),
    }
}

/// The buttons in the bar: messages, and reactions with the raised hand.
#[component]
pub(super) fn ChatButtons(#[prop(into)] hidden: Signal<bool>) -> impl IntoView {
    let call = use_call();
    let chunk = use_page().chunks.chat;
    let state = call.state;
    let unread = move || {
        state
            .chat
            .with(|chat| state.page.with(|page| page.unread(chat).count()))
    };
    let is_open = call.page(|page| page.shows(SidePanel::Chat));
    view! {
        <span class="counted" hidden=hidden data-count=memo(move || locale::unread_count(unread()))>
            <Button
                id="talk"
                kind=Kind::Round
                icon=Icon::CHAT
                label=memo(move || locale::messages(is_open.get(), unread()))
                expanded=is_open
                on_click=move || {
                    call.toggle(SidePanel::Chat);
                    chunk.load();
                }
            />
        </span>
        <Lazy chunk place=Place::Bar />
    }
}
