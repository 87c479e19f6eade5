//! Beside the call: what people write to each other, reactions, and the raised hand.

use leptos::prelude::*;
use visavis_call::{Command, Reaction, Words};
use visavis_protocol::talk::MAX_WORDS_CHARACTERS;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

use super::button::{Button, ButtonProps, Look};
use super::icons::Icon;
use super::screen::{Screen, Ui, not};
use super::{remarks, words};
use crate::browser::page;

/// The button that opens it, and the field to write in.
const OPENER: &str = "talk";
const FIELD: &str = "words";

/// The menu of reactions.
const MENU: &str = "reactions";

/// How each reaction is shown.
pub(super) fn picture(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::ThumbsUp => "👍",
        Reaction::Heart => "❤️",
        Reaction::Joy => "😂",
        Reaction::Wow => "😮",
        Reaction::Clap => "👏",
        Reaction::Party => "🎉",
    }
}

/// What is written, and the field to write in.
#[component]
pub(super) fn Talk(ui: Ui) -> impl IntoView {
    let open = ui.when(|screen| screen.talks);
    let always = ui.when(|_| true);
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            say(ui);
        }
        "Escape" => close(ui),
        _ => {}
    };
    view! {
        <section class="talk" aria-label=words::MESSAGES hidden=not(open)>
            <div class="row">
                <h2>{words::MESSAGES}</h2>
                {Button(ButtonProps {
                    id: "close-talk",
                    look: Look::Round,
                    icons: &[Icon::Close],
                    words: ui.words(|_| "Close messages".to_owned()),
                    shown: always,
                    enabled: always,
                    on_click: Box::new(move || close(ui)),
                })}
            </div>
            <p class="quiet">{ui.words(words::who_reads)}</p>
            <ol id=remarks::LIST role="log" tabindex="0" aria-label=words::MESSAGES></ol>
            <div class="row">
                <textarea
                    id=FIELD
                    rows="2"
                    maxlength=MAX_WORDS_CHARACTERS.to_string()
                    aria-label="Your message"
                    placeholder="Write a message"
                    enterkeyhint="send"
                    on:keydown:capture=on_key
                ></textarea>
                {Button(ButtonProps {
                    id: "say",
                    look: Look::Primary,
                    icons: &[],
                    words: ui.words(|_| "Send".to_owned()),
                    shown: always,
                    enabled: always,
                    on_click: Box::new(move || say(ui)),
                })}
            </div>
        </section>
        <p class="visually-hidden" role="status">{ui.words(words::last_unread)}</p>
    }
}

/// The buttons in the bar: messages, and reactions with the raised hand.
#[component]
pub(super) fn TalkButtons(ui: Ui, shown: Memo<bool>) -> impl IntoView {
    let hand = ui.when(|screen| screen.view.talk.hand);
    view! {
        <span class="counted" data-count=ui.words(words::unread_count)>
            {Button(ButtonProps {
                id: OPENER,
                look: Look::Round,
                icons: &[Icon::Talk],
                words: ui.words(words::messages),
                shown,
                enabled: shown,
                on_click: Box::new(move || {
                    if ui.screen.with_untracked(|screen| screen.talks) {
                        close(ui);
                    } else {
                        open(ui);
                    }
                }),
            })}
        </span>
        <button id="react" class="round" class:up=hand popovertarget=MENU title="Reactions" hidden=not(shown)>
            <span class="icons" inner_html=Icon::markup(&[Icon::Smile])></span>
            <span class="words">"Reactions"</span>
        </button>
        <div id=MENU class="menu" popover="auto">
            {Reaction::ALL.map(|reaction| reaction_button(ui, reaction)).into_iter().collect::<Vec<_>>()}
            {Button(ButtonProps {
                id: "hand",
                look: Look::Plain,
                icons: &[],
                words: ui.words(words::hand),
                shown,
                enabled: shown,
                on_click: Box::new(move || {
                    ui.send(Command::RaiseHand(!hand.get_untracked()));
                    page::hide_popover(MENU);
                }),
            })}
        </div>
    }
}

fn reaction_button(ui: Ui, reaction: Reaction) -> impl IntoView {
    let react = move |_| {
        ui.send(Command::React(reaction));
        page::hide_popover(MENU);
    };
    view! {
        <button class="reaction" aria-label=words::reaction(reaction) on:click:capture=react>
            {picture(reaction)}
        </button>
    }
}

fn open(ui: Ui) {
    ui.change(Screen::read_all);
    ui.change(|screen| screen.talks = true);
    remarks::show_last();
    page::focus(FIELD);
}

fn close(ui: Ui) {
    ui.change(|screen| screen.talks = false);
    page::focus(OPENER);
}

/// Says what is in the field, and empties it. What is no message stays there.
fn say(ui: Ui) {
    let Some(field) = page::element(FIELD) else { return };
    // One of many lines has the same properties.
    let field: &HtmlInputElement = field.unchecked_ref();
    if let Some(words) = Words::new(&field.value()) {
        ui.send(Command::Say(words));
        field.set_value("");
    }
    page::focus(FIELD);
}
