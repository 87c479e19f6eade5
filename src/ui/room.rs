//! The page: before, during and after a call, in one layout that changes with the stage.

use leptos::prelude::*;
use visavis_call::{CallPhase, Stage};

use super::banner::Banner;
use super::button::{Button, ButtonProps, Look};
use super::feature::{Feature, Place, Slot};
use super::panel::Panel;
use super::report::Report;
use super::screen::{Screen, Ui, not};
use super::tiles::Tiles;
use super::words;

/// The page of a room.
#[component]
pub fn Room(
    /// The call that it shows.
    ui: Ui,
) -> impl IntoView {
    let in_call = ui.when(|screen| matches!(screen.view.call, CallPhase::InCall { .. }));
    view! {
        <div class="page" class:talks=ui.when(|screen| screen.talks) data-layout=ui.words(layout) data-stage=ui.words(stage)>
            <header>
                <span class="wordmark">"visavis"</span>
                <Manage ui />
                <span class="call-clock" role="timer" hidden=not(in_call)>{ui.words(words::call_clock)}</span>
            </header>
            <Banner ui />
            <Slot
                ui
                feature=Feature::People
                place=Place::Top
                awaited=ui.when(|screen| !screen.view.door.knocking.is_empty())
                missing=("who wants to come in", "knock")
            />
            <main>
                <Tiles ui />
                <Panel ui />
                <Slot
                    ui
                    feature=Feature::Chat
                    place=Place::Side
                    awaited=ui.when(|screen| screen.talks)
                    missing=("the messages", "talk")
                />
            </main>
            <Report ui />
            <p class="visually-hidden" role="status">{ui.words(words::copied)}</p>
        </div>
    }
}

/// Shows the host during a call who is in the room, and takes the list away again.
#[component]
fn Manage(ui: Ui) -> impl IntoView {
    Button(ButtonProps {
        id: "people",
        look: Look::Plain,
        icons: &[],
        words: ui.words(words::manage),
        shown: ui.when(|screen| {
            screen.view.door.is_ours && matches!(screen.view.stage(), Stage::Connecting | Stage::InCall)
        }),
        enabled: ui.when(|_| true),
        on_click: Box::new(move || {
            ui.change(|screen| screen.manages = !screen.manages);
            Feature::People.load(ui);
        }),
    })
}

fn layout(screen: &Screen) -> String {
    match screen.view.stage() {
        Stage::Connecting | Stage::InCall => "call",
        _ => "lobby",
    }
    .to_owned()
}

/// For tests, and for style.css.
fn stage(screen: &Screen) -> String {
    match screen.view.stage() {
        Stage::Start => "start",
        Stage::Asking => "asking",
        Stage::Blocked => "blocked",
        Stage::Joining => "joining",
        Stage::InLine => "in-line",
        Stage::AtDoor => "at-door",
        Stage::Barred => "barred",
        Stage::Alone => "alone",
        Stage::Ready => "ready",
        Stage::Ringing => "ringing",
        Stage::Connecting => "connecting",
        Stage::InCall => "in-call",
        Stage::Ended => "ended",
    }
    .to_owned()
}
