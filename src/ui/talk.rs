//! Beside the call: what people write to each other, reactions, and the raised hand.
//!
//! What never changes is made of markup, and one listener hears all of its buttons: each element that Leptos makes costs
//! the bundle more than its markup.

use leptos::prelude::*;
use visavis_call::{Command, Reaction, Words};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent, MouseEvent};

use super::button::{Button, ButtonProps, Look};
use super::controls::is_in_call;
use super::feature::{Build, Feature, Fetched, Place, Slot};
use super::icons::Icon;
use super::remarks::Remarks;
use super::screen::{Ui, not};
use super::{remarks, words};
use crate::browser::page;
use crate::chunk::chunk;

chunk!(
    /// Messages and reactions.
    fn chunk: chat -> Build = build
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

fn build(ui: Ui, place: Place) -> AnyView {
    match place {
        Place::Side => view! { <Talk ui /> }.into_any(),
        Place::Bar => view! { <Reactions ui /> }.into_any(),
        Place::Top | Place::Panel | Place::AboutRoom => ().into_any(),
    }
}

/// The button that opens the messages, and the field to write in.
const OPENER: &str = "talk";
const FIELD: &str = "words";

/// The menu of reactions.
const MENU: &str = "reactions";

/// The messages, and the field to write in. It takes as much as a message may have
/// ([`MAX_WORDS_CHARACTERS`](visavis_protocol::talk::MAX_WORDS_CHARACTERS)).
const MESSAGES: &str = "<div class=row>\
    <h2>Messages</h2>\
    <button id=close-talk class=round title='Close messages' aria-label='Close messages'>\
    <svg class=icon viewBox='0 0 24 24' aria-hidden=true><path d='M6 6l12 12M18 6L6 18'/></svg></button></div>\
    <p id=who-reads class=quiet></p>\
    <ol id=remarks role=log tabindex=0 aria-label=Messages></ol>\
    <div class=row>\
    <textarea id=words rows=2 maxlength=2000 aria-label='Your message' placeholder='Write a message' enterkeyhint=send>\
    </textarea><button id=say class=primary>Send</button></div>";

/// The button of reactions, and its menu.
const REACTIONS: &str = "<button id=react class=round popovertarget=reactions title='Reactions and raised hand' \
    aria-label='Reactions and raised hand'>\
    <svg class=icon viewBox='0 0 24 24' aria-hidden=true><path d='M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 \
    0-17zM8.500 14.500c1.800 2.200 5.200 2.200 7 0M9 9.500v.5M15 9.500v.5'/></svg></button>\
    <div id=reactions class=menu popover>\
    <button value=thumbs-up aria-label='Thumbs up'>👍</button><button value=heart aria-label=Heart>❤️</button>\
    <button value=joy aria-label=Laugh>😂</button><button value=wow aria-label=Wow>😮</button>\
    <button value=clap aria-label=Applause>👏</button><button value=party aria-label=Hooray>🎉</button>\
    <button id=hand value=hand><span>Raise hand</span><span>Lower hand</span></button></div>";

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
fn Talk(ui: Ui) -> impl IntoView {
    let open = ui.when(|screen| screen.talks);
    let mut remarks = Remarks::default();
    Effect::new(move |_| ui.screen.with(|screen| remarks.show(&screen.view)));
    Effect::new(move |_| {
        if open.get() {
            page::say("who-reads", &ui.screen.with_untracked(words::who_reads));
            remarks::show_last();
            page::focus(FIELD);
        }
    });
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if is_in_field(&event) && !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            say(ui);
        }
        "Escape" => close(ui),
        _ => {}
    };
    let on_click = move |event: MouseEvent| match pressed(&event).map(|button| button.id()).as_deref() {
        Some("say") => say(ui),
        Some("close-talk") => close(ui),
        _ => {}
    };
    view! {
        <section
            class="talk"
            hidden=not(open)
            inner_html=MESSAGES
            on:keydown:capture=on_key
            on:click:capture=on_click
        ></section>
        <p class="visually-hidden" role="status">{ui.words(words::last_unread)}</p>
    }
}

/// The menu of reactions, with the raised hand.
#[component]
fn Reactions(ui: Ui) -> impl IntoView {
    let hidden = ui.when(|screen| !is_in_call(screen));
    let hand = ui.when(|screen| screen.view.talk.hand);
    let on_click = move |event: MouseEvent| {
        let Some(name) = pressed(&event).and_then(|button| button.get_attribute("value")) else {
            return;
        };
        ui.send(match Reaction::named(&name) {
            Some(reaction) => Command::React(reaction),
            None => Command::RaiseHand(!hand.get_untracked()),
        });
        page::hide_popover(MENU);
    };
    view! {
        <span
            class="toggle"
            class:off=hand
            hidden=hidden
            inner_html=REACTIONS
            on:click:capture=on_click
        ></span>
    }
}

/// The buttons in the bar: messages, and reactions with the raised hand.
#[component]
pub(super) fn TalkButtons(ui: Ui, shown: Memo<bool>) -> impl IntoView {
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
        <Slot ui feature=Feature::Chat place=Place::Bar awaited=ui.when(|_| false) missing=("reactions", "") />
    }
}

/// The button that an event is about.
fn pressed(event: &Event) -> Option<Element> {
    let target: Element = event.target()?.unchecked_into();
    target.closest("button").ok()?
}

fn is_in_field(event: &Event) -> bool {
    let target: Option<Element> = event.target().map(JsCast::unchecked_into);
    target.is_some_and(|target| target.id() == FIELD)
}

fn open(ui: Ui) {
    ui.change(|screen| {
        screen.read_all();
        screen.talks = true;
    });
    Feature::Chat.load(ui);
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

#[cfg(test)]
mod tests {
    use visavis_protocol::talk::MAX_WORDS_CHARACTERS;

    use super::*;

    #[test]
    fn the_markup_knows_every_reaction() {
        for reaction in Reaction::ALL {
            let button = format!("<button value={} ", reaction.name());
            let (_, rest) = REACTIONS.split_once(&button).expect("it has a button");
            assert!(rest.split('<').next().unwrap().ends_with(picture(reaction)));
        }
        assert_eq!(Reaction::named("hand"), None);
    }

    #[test]
    fn the_markup_knows_how_much_may_be_written() {
        assert!(MESSAGES.contains(&format!("maxlength={MAX_WORDS_CHARACTERS} ")));
        for id in [FIELD, remarks::LIST] {
            assert!(MESSAGES.contains(&format!("id={id} ")));
        }
        assert!(REACTIONS.contains(&format!("popovertarget={MENU} ")));
    }
}
