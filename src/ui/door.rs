//! The door of the room: who wants to come in, who may, and what a host can do about those who are in.

use std::time::Duration;

use leptos::prelude::*;
use visavis_call::{Command, Door};
use visavis_protocol::id::PeerId;

use super::button::{Button, ButtonProps, Look};
use super::people::is_listed;
use super::screen::{Screen, Ui, not};
use super::words;
use crate::browser::page;

/// Who was seen a moment ago may have been followed by somebody else: a second click so soon is for nobody.
const SECOND_CLICK: Duration = Duration::from_millis(600);

/// Who wants to come in, and what the host says to that. Over the page, so that nothing moves.
#[component]
pub(super) fn Knock(ui: Ui) -> impl IntoView {
    let somebody = ui.when(|screen| !screen.view.door.knocking.is_empty());
    let always = ui.when(|_| true);
    let answer = move |id, look, words: fn(&Screen) -> String, command| {
        Button(ButtonProps {
            id,
            look,
            icons: &[],
            words: ui.words(words),
            shown: somebody,
            enabled: always,
            on_click: Box::new(move || answer(ui, command)),
        })
    };
    // Always there, so that screen readers notice when there is something in it.
    view! {
        <div class="knock" role="group" aria-labelledby="knocking">
            <p id="knocking" role="status">{ui.words(words::knocking)}</p>
            {answer("admit", Look::Primary, |_| "Let in".to_owned(), Command::Admit)}
            {answer("refuse", Look::Plain, |_| "Refuse".to_owned(), Command::Refuse)}
        </div>
    }
}

fn answer(ui: Ui, command: fn(PeerId) -> Command) {
    let now = page::now();
    let first = ui.screen.with_untracked(|screen| {
        let knocker = screen.view.door.knocking.first()?;
        (now.since(screen.answered) >= SECOND_CLICK).then(|| knocker.id.clone())
    });
    if let Some(id) = first {
        ui.change(|screen| screen.answered = now);
        ui.send(command(id));
    }
}

/// Who may come in: the host's choice, and for others, whose choice it is.
#[component]
pub(super) fn WhoMayComeIn(ui: Ui) -> impl IntoView {
    let ours = ui.when(|screen| screen.view.door.is_ours);
    view! {
        <div class="field" hidden=not(ours)>
            <label for="door">"Who can come in"</label>
            // Empty in between, so that a choice which did not reach the relay is not shown as if it had.
            <select
                id="door"
                inner_html=words::DOORS
                prop:value=ui.words(chosen)
                on:change:capture=move |event| choose(ui, &event_target_value(&event))
            ></select>
        </div>
        <p class="quiet" hidden=not(ui.when(|screen| words::who_decides(screen).is_some()))>
            {ui.words(|screen| words::who_decides(screen).unwrap_or_default())}
        </p>
    }
}

fn chosen(screen: &Screen) -> String {
    let door = &screen.view.door;
    if door.is_ours {
        words::door(door.state).to_owned()
    } else {
        String::new()
    }
}

fn choose(ui: Ui, words: &str) {
    let mut doors = [Door::Open, Door::Knock, Door::Locked].into_iter();
    if let Some(door) = doors.find(|door| words::door(*door) == words) {
        ui.send(Command::SetDoor(door));
    }
}

/// What the host can do about somebody in the room: whomever they have picked in the list of people.
#[component]
pub(super) fn AboutPerson(ui: Ui) -> impl IntoView {
    let picked = ui.when(|screen| is_listed(screen) && words::picked(screen).is_some());
    let always = ui.when(|_| true);
    let deed = move |id, look, words: fn(&Screen) -> String, command| {
        Button(ButtonProps {
            id,
            look,
            icons: &[],
            words: ui.words(words),
            shown: picked,
            enabled: always,
            on_click: Box::new(move || decide(ui, command)),
        })
    };
    view! {
        <div class="actions quiet" hidden=not(picked)>
            {deed("make-host", Look::Plain, words::make_host, Command::MakeHost)}
            {deed("remove", Look::Danger, words::remove, Command::Remove)}
        </div>
    }
}

fn decide(ui: Ui, command: fn(PeerId) -> Command) {
    let picked = ui.screen.with_untracked(|screen| screen.picked.clone());
    if let Some(id) = picked {
        ui.change(|screen| screen.picked = None);
        ui.send(command(id));
    }
}
