//! The pictures.

use leptos::prelude::*;
use visavis_call::{DeviceView, LocalMediaView, PersonState, PersonView};

use super::button::{Button, ButtonProps, Look};
use super::controls::Controls;
use super::icons::Icon;
use super::panel::GetVideo;
use super::screen::{Screen, Ui, not};
use super::{pictures, words};

/// All pictures: the others' and our own.
#[component]
pub(super) fn Tiles(ui: Ui) -> impl IntoView {
    view! {
        <div class="remotes">
            {(0..pictures::MOST_REMOTES).map(|index| remote_tile(ui, index)).collect::<Vec<_>>()}
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
        <div class="self">
            {local_tile(ui)}
            <Controls ui />
        </div>
    }
}

/// Our own picture, mirrored and silent.
fn local_tile(ui: Ui) -> impl IntoView {
    let has_picture = ui.when(|screen| {
        matches!(
            screen.view.media,
            LocalMediaView::Open {
                camera: DeviceView::On,
                ..
            }
        )
    });
    let is_new = ui.when(|screen| matches!(screen.view.media, LocalMediaView::Off | LocalMediaView::Asking));
    let no_camera = ui.when(|screen| {
        matches!(
            screen.view.media,
            LocalMediaView::Open {
                camera: DeviceView::Absent,
                ..
            }
        )
    });
    view! {
        <div class="tile local" class:off=not(has_picture) class:new=is_new class:person=no_camera>
            <video
                id=pictures::LOCAL
                class="mirrored"
                aria-label="Your own picture"
                autoplay
                playsinline
                prop:muted=true
            ></video>
            <div class="placeholder">
                <span class="icons" inner_html=Icon::markup(&[Icon::Camera, Icon::CameraOff, Icon::Person])></span>
                <p class="caption">{ui.words(words::own_caption)}</p>
                <GetVideo ui />
            </div>
        </div>
    }
}

/// Somebody else's picture.
fn remote_tile(ui: Ui, index: usize) -> impl IntoView {
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
    let words = |words: fn(Option<&PersonView>, &Screen) -> String| {
        Memo::new(move |_| ui.screen.with(|screen| words(person(screen, index), screen)))
    };
    view! {
        <div
            class="tile remote"
            class:off=not(has_picture)
            class:interrupted=interrupted
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
                <p class="badge late" hidden=not(away)>{words::PAGE_RECONNECTS}</p>
            </div>
        </div>
    }
}

/// The person whose picture stands at this place.
fn person(screen: &Screen, index: usize) -> Option<&PersonView> {
    let id = screen.places.at(index)?;
    screen.view.people.iter().find(|person| person.id == *id)
}
