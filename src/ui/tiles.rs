//! The pictures.

use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{DeviceView, LocalMediaView, PersonState, PersonView};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream};

use super::button::{Button, ButtonProps, Look};
use super::controls::Controls;
use super::icons::Icon;
use super::panel::GetVideo;
use super::screen::{Screen, Ui};
use super::words;
use crate::browser::video::FirstFrame;
use crate::browser::{exception, timing};

/// How many others can be seen at once.
const MOST_REMOTES: usize = 7;

/// All pictures: the others' and our own.
#[component]
pub(super) fn Tiles(ui: Ui) -> impl IntoView {
    let local = NodeRef::<Video>::new();
    let remotes: [NodeRef<Video>; MOST_REMOTES] = std::array::from_fn(|_| NodeRef::new());
    let first_frames = StoredValue::new_local(Vec::<Option<FirstFrame>>::new());
    Effect::new(move || {
        let streams = ui.streams.get();
        if let Some(video) = local.get() {
            show(&video, streams.local.as_ref());
        }
        let mut watches = Vec::new();
        for (index, video) in remotes.iter().enumerate() {
            let stream = streams.remotes.get(index).map(|(_, stream)| stream);
            let Some(video) = video.get() else { continue };
            let earlier = first_frames
                .try_update_value(|watches| watches.get_mut(index).and_then(Option::take))
                .flatten();
            watches.push(if show(&video, stream) {
                play(ui, video.clone());
                stream.map(|_| FirstFrame::watch(&video, || timing::mark(timing::FIRST_REMOTE_FRAME)))
            } else {
                earlier
            });
        }
        first_frames.set_value(watches);
    });
    view! {
        <div class="remotes">
            {remotes.into_iter().enumerate().map(|(index, video)| remote_tile(ui, index, video)).collect::<Vec<_>>()}
            <div class="unmute">
                {Button(ButtonProps {
                    id: "turn-on-sound",
                    look: Look::Primary,
                    icons: &[],
                    words: ui.words(|_| "Turn on sound".to_owned()),
                    shown: ui.when(|screen| screen.silenced),
                    enabled: ui.when(|_| true),
                    on_click: Box::new(move || {
                        remotes.iter().filter_map(NodeRef::get_untracked).for_each(|video| play(ui, video));
                    }),
                })}
            </div>
        </div>
        // Before a call, the buttons of the devices are on our own picture.
        <div class="self">
            {local_tile(ui, local)}
            <Controls ui />
        </div>
    }
}

/// Our own picture, mirrored and silent.
fn local_tile(ui: Ui, video: NodeRef<Video>) -> impl IntoView {
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
        <div class="tile local" class:off=move || !has_picture.get() class:new=is_new class:person=no_camera>
            <video
                id="local-video"
                class="mirrored"
                aria-label="Your own picture"
                autoplay
                playsinline
                prop:muted=true
                node_ref=video
            ></video>
            <div class="placeholder">
                <span class="icons" inner_html=Icon::markup(&[Icon::Camera, Icon::CameraOff, Icon::Person])></span>
                <p class="caption">{ui.words(words::own_caption)}</p>
                <GetVideo ui />
            </div>
        </div>
    }
}

/// Somebody else's picture. The first is there even when nobody else is.
fn remote_tile(ui: Ui, index: usize, video: NodeRef<Video>) -> impl IntoView {
    let is = |holds: fn(&Screen, &PersonView) -> bool| {
        Memo::new(move |_| {
            ui.screen
                .with(|screen| person(screen, index).is_some_and(|person| holds(screen, person)))
        })
    };
    let exists = is(|_, _| true);
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
    let caption = Memo::new(move |_| {
        ui.screen
            .with(|screen| words::caption(person(screen, index), screen))
    });
    view! {
        <div
            class="tile remote"
            class:off=move || !has_picture.get()
            class:interrupted=interrupted
            hidden=move || { index > 0 && !exists.get() }
        >
            <video
                id=(index == 0).then_some("remote-video")
                aria-label="The other person"
                autoplay
                playsinline
                node_ref=video
            ></video>
            <div class="placeholder">
                <span class="icons" inner_html=Icon::markup(&[Icon::Person])></span>
                <p class="caption">{caption}</p>
            </div>
            <div class="badges" role="status">
                <p class="badge" hidden=move || !muted.get()>
                    <span class="icons" inner_html=Icon::markup(&[Icon::MicrophoneOff])></span>
                    <span class="visually-hidden">{words::MUTED}</span>
                </p>
                <p class="badge late" hidden=move || !away.get()>{words::PAGE_RECONNECTS}</p>
            </div>
        </div>
    }
}

/// The person whose picture stands at this place.
fn person(screen: &Screen, index: usize) -> Option<&PersonView> {
    screen
        .view
        .people
        .iter()
        .filter(|person| !matches!(person.state, PersonState::Here | PersonState::Away))
        .nth(index)
}

/// Shows a stream, and says whether that changed anything.
fn show(video: &HtmlVideoElement, stream: Option<&MediaStream>) -> bool {
    let changes = video.src_object().as_ref() != stream;
    if changes {
        video.set_src_object(stream);
    }
    changes
}

/// Plays, and notes whether the browser refuses to before the person has clicked somewhere.
fn play(ui: Ui, video: HtmlVideoElement) {
    if video.src_object().is_none() {
        return;
    }
    spawn_local(async move {
        let Ok(promise) = video.play() else { return };
        let silenced = match JsFuture::from(promise).await {
            Ok(_) => false,
            // Another stream coming in between interrupts playing, too: that is no refusal.
            Err(thrown) => exception::name_of(&thrown) == "NotAllowedError",
        };
        ui.change(|screen| screen.silenced = silenced);
    });
}
