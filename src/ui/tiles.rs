//! The pictures.

use leptos::prelude::*;
use visavis_call::{PersonState, PersonView, Quality};

use super::button::{Button, ButtonProps, Look};
use super::controls::Controls;
use super::icons::Icon;
use super::screen::{Screen, Ui, not};
use super::self_view::{local_tile, place};
use super::{pictures, words};

/// The buttons that make a picture the large one.
const PINS: [&str; pictures::MOST_REMOTES] = ["pin", "pin-2", "pin-3", "pin-4", "pin-5", "pin-6", "pin-7"];

/// The element with the others' pictures. Its last child is none.
pub(super) const REMOTES: &str = "remotes";

/// All pictures: the others' and our own.
#[component]
pub(super) fn Tiles(ui: Ui) -> impl IntoView {
    view! {
        <div id=REMOTES class="remotes" data-people=ui.words(people)>
            {remote_tile(ui, 0)}
            // Those of more people come here, when there are any.
            <div class="unmute">
                {Button(ButtonProps {
                    id: "turn-on-sound",
                    look: Look::Primary,
                    icons: &[],
                    words: ui.words(|_| "Turn on sound".to_owned()),
                    shown: ui.when(|screen| screen.silenced),
                    enabled: ui.when(|_| true),
                    on_click: Box::new(move || pictures::play_all(&ui.on_silenced())),
                })}
            </div>
        </div>
        // Before a call, the buttons of the devices are on our own picture.
        <div class="self" data-self=ui.words(place)>
            {local_tile(ui)}
            <Controls ui />
        </div>
    }
}

/// Somebody else's picture.
pub(super) fn remote_tile(ui: Ui, index: usize) -> impl IntoView + use<> {
    let is = |holds: fn(&Screen, &PersonView) -> bool| {
        Memo::new(move |_| {
            ui.screen
                .with(|screen| person(screen, index).is_some_and(|person| holds(screen, person)))
        })
    };
    // The first is there even when nobody else is.
    let exists = Memo::new(move |_| {
        ui.screen
            .with(|screen| person(screen, index).is_some() || index == 0 && screen.places.count() == 0)
    });
    let interrupted = is(|_, person| person.state == PersonState::Interrupted);
    // What was seen last stays, dimmed, while the connection is silent.
    let has_picture = is(|_, person| {
        person.camera
            && (person.state == PersonState::Interrupted
                || person.state == PersonState::Connected && person.video)
    });
    let muted = is(|_, person| person.state == PersonState::Connected && !person.microphone);
    let away = is(|screen, person| {
        person.state == PersonState::Connected && words::seems_away(&screen.view, person)
    });
    let screen = is(|_, person| person.screen);
    let hand = is(|_, person| person.hand);
    let speaks = is(|_, person| person.speaks);
    let fair = is(|_, person| person.quality == Some(Quality::Fair));
    let poor = is(|_, person| person.quality == Some(Quality::Poor));
    let pinned = is(|screen, person| screen.pinned.as_ref() == Some(&person.id));
    let words = |words: fn(Option<&PersonView>, &Screen) -> String| {
        Memo::new(move |_| ui.screen.with(|screen| words(person(screen, index), screen)))
    };
    view! {
        <div
            class="tile remote"
            class:off=not(has_picture)
            class:interrupted=interrupted
            class:shared=screen
            class:pinned=pinned
            class:speaking=speaks
            class:fair=fair
            class:poor=poor
            hidden=not(exists)
        >
            <video
                id=pictures::remote(index)
                aria-label=words(words::label)
                autoplay
                playsinline
            ></video>
            <div class="placeholder">
                <span class="icons" inner_html=Icon::markup(&[Icon::Person])></span>
                <p class="caption">{words(words::caption)}</p>
            </div>
            <div class="badges" role="status">
                <p class="badge">{words(words::name)}</p>
                <p class="badge" hidden=not(muted)>
                    <span class="icons" inner_html=Icon::markup(&[Icon::MicrophoneOff])></span>
                    <span class="visually-hidden">{words::MUTED}</span>
                </p>
                <p class="badge" hidden=not(screen)>
                    <span class="icons" inner_html=Icon::markup(&[Icon::Screen])></span>
                    <span class="visually-hidden">{words::SHARES}</span>
                </p>
                <p class="badge late" hidden=not(away)>{words::PAGE_RECONNECTS}</p>
                <p class="badge" hidden=not(hand)>
                    <span class="icons" inner_html=Icon::markup(&[Icon::Hand])></span>
                    <span class="visually-hidden">{words::HAND_IS_UP}</span>
                </p>
                <p class="badge reaction">{words(words::reacts)}</p>
            </div>
            <p class="quality">{words(words::quality)}</p>
            {Button(ButtonProps {
                id: PINS[index],
                look: Look::Round,
                icons: &[Icon::Pin],
                words: words(words::pin),
                shown: exists,
                enabled: exists,
                on_click: Box::new(move || ui.change(|screen| pin(screen, index))),
            })}
        </div>
    }
}

/// For style.css: how many tiles there are. There is one even when nobody else is there.
fn people(screen: &Screen) -> String {
    ["1", "1", "2", "3", "4", "5", "6", "7"][screen.places.count()].to_owned()
}

/// The person whose picture stands at this place.
fn person(screen: &Screen, index: usize) -> Option<&PersonView> {
    let id = screen.places.at(index)?;
    screen.view.people.iter().find(|person| person.id == *id)
}

/// Makes this picture the large one, or no longer.
fn pin(screen: &mut Screen, index: usize) {
    let person = screen.places.at(index).cloned();
    screen.pinned = person.filter(|person| screen.pinned.as_ref() != Some(person));
}
