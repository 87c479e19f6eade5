//! The messages, and the field to write in.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use visavis_call::{ChatText, Command};
use visavis_protocol::chat::MAX_TEXT_CHARACTERS;

use super::messages::Messages;
use crate::ui::components::{Button, Icon, Kind};
use crate::ui::context::use_call;
use crate::ui::locale;
use crate::ui::reactive::{effect, memo, not};
use crate::ui::state::SidePanel;

/// The messages, beside the call.
#[component]
pub(super) fn Chat() -> impl IntoView {
    let call = use_call();
    let state = call.state;
    let is_open = call.page(|page| page.shows(SidePanel::Chat));
    let field = NodeRef::<html::Textarea>::new();
    let focus = move || {
        if let Some(field) = field.get_untracked() {
            // It is there, and refuses only while it is hidden.
            let _ = field.focus();
        }
    };
    effect(move || {
        if is_open.get() {
            request_animation_frame(focus);
        }
    });
    // What is no message stays in the field.
    let say = move || {
        if let Some(field) = field.get_untracked()
            && let Some(text) = ChatText::new(&field.value())
        {
            call.send(Command::Say(text));
            field.set_value("");
        }
        focus();
    };
    let on_field_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            say();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            call.close_panel();
        }
    };
    let dropped = call.select(locale::messages_dropped);
    let news = memo(move || {
        state.chat.with(|chat| {
            let last = state.page.with(|page| page.unread(chat).next_back());
            last.map(locale::read_aloud).unwrap_or_default()
        })
    });
    view! {
        <style>{include_str!("chat.css")}</style>
        <section class="talk" hidden=not(is_open) on:keydown=on_key>
            <div class="row">
                <h2>{locale::MESSAGES}</h2>
                <Button
                    id="close-talk"
                    kind=Kind::Round
                    icon=Icon::CLOSE
                    label="Close messages"
                    on_click=move || call.close_panel()
                />
            </div>
            <p id="who-reads" class="quiet" prop:textContent=call.select(|call| locale::who_reads(call.kind).to_owned())></p>
            <Messages />
            <p
                id="dropped"
                class="quiet"
                data-count=call.select(locale::dropped_count)
                hidden=memo(move || dropped.with(String::is_empty))
                prop:textContent=dropped
            ></p>
            <div class="row">
                <textarea
                    id="words"
                    rows="2"
                    maxlength=MAX_TEXT_CHARACTERS.to_string()
                    aria-label="Your message"
                    placeholder="Write a message"
                    enterkeyhint="send"
                    node_ref=field
                    on:keydown=on_field_key
                ></textarea>
                <Button id="say" kind=Kind::Primary label="Send" on_click=say />
            </div>
        </section>
        <p class="visually-hidden" role="status" prop:textContent=news></p>
    }
}
