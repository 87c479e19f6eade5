//! Before and after a call: where things stand, and the one thing to do next.

use leptos::prelude::*;
use visavis_call::{CallPhase, CallView, Command, LocalMediaView, MediaError, MediaWish, Stage};

use super::clock::ticking;
use super::handle::CallHandle;
use super::icons::Icon;
use super::invite::Invite;
use super::words;
use crate::browser::page;
use crate::config;

/// The main button while there is no camera. It stands where the picture will be.
#[component]
pub(super) fn GetVideo(call: CallHandle) -> impl IntoView {
    let stage = call.stage();
    let wanted = move || matches!(stage.get(), Stage::Start | Stage::Asking);
    view! {
        <button
            id="get-video"
            class="primary"
            hidden=move || !wanted()
            disabled=move || stage.get() != Stage::Start
            on:click=move |_| call.send(Command::GetMedia(MediaWish::CameraAndMicrophone))
        >
            {move || if stage.get() == Stage::Asking { "Waiting for your permission …" } else { "Get Video" }}
        </button>
    }
}

/// Headline, status, and actions.
#[component]
pub(super) fn Panel(call: CallHandle) -> impl IntoView {
    let stage = call.stage();
    let connecting = call.select(|view| matches!(view.call, CallPhase::Connecting { .. }));
    let now = ticking(move || connecting.get());
    let status = Memo::new(move |_| call.view.with(|view| words::status(view, now.get())));
    let can_call = call.select(CallView::can_call);
    let after_call = move || stage.get() == Stage::Ended;
    let in_room = move || matches!(stage.get(), Stage::Joining | Stage::Alone | Stage::Ready | Stage::Ended);
    let invites = move || matches!(stage.get(), Stage::Joining | Stage::Alone | Stage::Ready | Stage::InLine);
    view! {
        <section class="panel">
            <h1>{move || words::headline(stage.get())}</h1>
            <p id="status" role="status">{status}</p>
            <div class="actions">
                <button
                    id="call"
                    class="primary"
                    hidden=move || !in_room()
                    disabled=move || !can_call.get()
                    on:click=move |_| call.send(Command::Call)
                >
                    {Icon::Phone.view()}
                    {move || if after_call() { "Call again" } else { "Call" }}
                </button>
                <button id="leave" hidden=move || !after_call() on:click=move |_| call.send(Command::Leave)>
                    "Leave"
                </button>
                <button id="new-room" hidden=move || stage.get() != Stage::InLine on:click=|_| open_new_room()>
                    "New room"
                </button>
                <MediaRemedies call />
            </div>
            <div hidden=move || !invites()>
                <Invite call />
            </div>
        </section>
    }
}

/// What can be done when camera and microphone can't be had.
#[component]
fn MediaRemedies(call: CallHandle) -> impl IntoView {
    let error = call.select(|view| match &view.media {
        LocalMediaView::Failed(error) => Some(error.clone()),
        _ => None,
    });
    let get = move |wish| call.send(Command::GetMedia(wish));
    let partial_wish = |error: &MediaError| match error {
        MediaError::NotFound { camera: true, .. } => MediaWish::Microphone,
        _ => MediaWish::Camera,
    };
    move || {
        let error = error.get()?;
        let partial = words::partial_call(&error).map(|words| {
            let wish = partial_wish(&error);
            view! { <button id="call-with-less" class="primary" on:click=move |_| get(wish)>{words}</button> }
        });
        Some(view! {
            {partial}
            <button id="try-again" on:click=move |_| get(MediaWish::CameraAndMicrophone)>"Try again"</button>
            <button id="continue-without" on:click=move |_| get(MediaWish::Nothing)>"Continue without"</button>
        })
    }
}

fn open_new_room() {
    page::set_hash(&format!("#/{}", config::unguessable_room(page::random())));
}
