//! The pictures.

use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{LocalMediaView, PersonState, Stage};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream};

use super::button::{Button, Look};
use super::handle::CallHandle;
use super::icons::Icon;
use crate::browser::timing;
use crate::browser::video::FirstFrame;

/// Our own picture, mirrored and silent.
#[component]
pub(super) fn LocalTile(
    call: CallHandle,
    /// What stands in the place of the picture while there is none, below the icon.
    children: Children,
) -> impl IntoView {
    let video = NodeRef::<Video>::new();
    Effect::new(move |shown: Option<Option<MediaStream>>| {
        let stream = call.local.get();
        if let Some(video) = video.get()
            && shown.as_ref() != Some(&stream)
        {
            video.set_src_object(stream.as_ref());
        }
        stream
    });
    let camera_on = call.when(|view| matches!(view.media, LocalMediaView::Open { camera: Some(true), .. }));
    let icon = call.select(|view| match view.media {
        LocalMediaView::Off | LocalMediaView::Asking => Icon::Camera,
        LocalMediaView::Open { camera: None, .. } => Icon::Person,
        LocalMediaView::Open { .. } | LocalMediaView::Failed(_) => Icon::CameraOff,
    });
    view! {
        <div class="tile local">
            <video
                id="local-video"
                class="mirrored"
                class:off=move || !camera_on.get()
                aria-label="Your own picture"
                autoplay
                playsinline
                prop:muted=true
                node_ref=video
            ></video>
            <div class="placeholder" hidden=move || camera_on.get()>
                {move || icon.get().view()}
                {children()}
            </div>
        </div>
    }
}

/// The others' pictures. There is always a first one.
#[component]
pub(super) fn RemoteTiles(call: CallHandle) -> impl IntoView {
    let count = Memo::new(move |_| call.remotes.with(Vec::len).max(1));
    view! {
        <div class="remotes">
            <For each=move || 0..count.get() key=|index| *index children=move |index| view! { <RemoteTile call index /> } />
        </div>
    }
}

#[component]
fn RemoteTile(call: CallHandle, index: usize) -> impl IntoView {
    let video = NodeRef::<Video>::new();
    let silenced = RwSignal::new(false);
    let first_frame = StoredValue::new_local(None::<FirstFrame>);
    let stream_here = move || call.remotes.with(|remotes| remotes.get(index).map(|(_, stream)| stream.clone()));
    Effect::new(move |shown: Option<Option<MediaStream>>| {
        let stream = stream_here();
        if let Some(video) = video.get()
            && shown.as_ref() != Some(&stream)
        {
            video.set_src_object(stream.as_ref());
            first_frame.set_value(stream.as_ref().map(|_| {
                FirstFrame::watch(&video, || timing::mark(timing::FIRST_REMOTE_FRAME))
            }));
            if stream.is_some() {
                play(video, silenced);
            }
        }
        stream
    });
    let person = Memo::new(move |_| {
        call.view.with(|view| {
            let connected = view.people.iter().filter(|person| person.state != PersonState::Here);
            connected.skip(index).map(|person| (person.state, person.video)).next()
        })
    });
    let has_picture = Memo::new(move |_| {
        matches!(person.get(), Some((PersonState::Connected | PersonState::Interrupted, true)))
    });
    let caption = move || match (call.stage().get(), person.get()) {
        (Stage::Connecting, _) => "Connecting …",
        (Stage::InCall, Some((_, false))) => "No picture arrives. You should hear each other.",
        _ => "",
    };
    view! {
        <div class="tile remote" class:interrupted=move || matches!(person.get(), Some((PersonState::Interrupted, _)))>
            <video
                id=(index == 0).then_some("remote-video")
                class:off=move || !has_picture.get()
                aria-label="The other person"
                autoplay
                playsinline
                node_ref=video
            ></video>
            <div class="placeholder" hidden=move || has_picture.get()>
                {Icon::Person.view()}
                <p>{caption}</p>
            </div>
            <div class="unmute">
                <Button
                    id="turn-on-sound"
                    look=Look::Primary
                    words="Turn on sound"
                    shown=silenced
                    on_click=Box::new(move || if let Some(video) = video.get_untracked() { play(video, silenced) })
                />
            </div>
        </div>
    }
}

/// Plays, and says whether the browser refuses to before the person has clicked somewhere.
fn play(video: HtmlVideoElement, silenced: RwSignal<bool>) {
    spawn_local(async move {
        let refused = match video.play() {
            Ok(promise) => match JsFuture::from(promise).await {
                Ok(_) => false,
                // Another stream coming in between interrupts playing, too: that is no refusal.
                Err(thrown) => crate::browser::exception::name_of(&thrown) == "NotAllowedError",
            },
            Err(_) => false,
        };
        let _ = silenced.try_set(refused);
    });
}
