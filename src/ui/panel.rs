//! Before and after a call: where things stand, and the one thing to do next.

use leptos::prelude::*;
use visavis_call::{CallPhase, CallView, Command, LocalMediaView, MediaError, MediaWish, Stage};

use super::button::{Button, Look};
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
    view! {
        <Button
            id="get-video"
            look=Look::Primary
            words=call.words(|view| match view.stage() {
                Stage::Asking => "Waiting for your permission …",
                _ => "Get Video",
            })
            shown=call.when(|view| matches!(view.stage(), Stage::Start | Stage::Asking))
            enabled=call.when(|view| view.stage() == Stage::Start)
            on_click=call.sends(Command::GetMedia(MediaWish::CameraAndMicrophone))
        />
    }
}

/// Headline, status, and actions.
#[component]
pub(super) fn Panel(call: CallHandle) -> impl IntoView {
    let now = ticking(call.when(|view| matches!(view.call, CallPhase::Connecting { .. })));
    let status = Memo::new(move |_| call.view.with(|view| words::status(view, now.get())));
    let invites = call.when(|view| {
        matches!(view.stage(), Stage::Joining | Stage::Alone | Stage::Ready | Stage::InLine)
    });
    view! {
        <section class="panel">
            <h1>{call.words(|view| words::headline(view.stage()))}</h1>
            <p id="status" role="status">{status}</p>
            <div class="actions">
                <Button
                    id="call"
                    look=Look::Primary
                    icon=Icon::Phone.into()
                    words=call.words(|view| if view.stage() == Stage::Ended { "Call again" } else { "Call" })
                    shown=call.when(|view| {
                        matches!(view.stage(), Stage::Joining | Stage::Alone | Stage::Ready | Stage::Ended)
                    })
                    enabled=call.when(CallView::can_call)
                    on_click=call.sends(Command::Call)
                />
                <Button
                    id="leave"
                    words="Leave"
                    shown=call.when(|view| view.stage() == Stage::Ended)
                    on_click=call.sends(Command::Leave)
                />
                <Button
                    id="new-room"
                    words="New room"
                    shown=call.when(|view| view.stage() == Stage::InLine)
                    on_click=Box::new(open_new_room)
                />
                <MediaRemedies call />
            </div>
            <div hidden=move || !invites.get()>
                <Invite call />
            </div>
        </section>
    }
}

/// What can be done when camera and microphone can't be had.
#[component]
fn MediaRemedies(call: CallHandle) -> impl IntoView {
    let blocked = call.when(|view| media_error(view).is_some());
    let partial = call.select(|view| media_error(view).and_then(words::partial_call));
    let call_with_less = move || {
        if let Some((_, wish)) = partial.get_untracked() {
            call.send(Command::GetMedia(wish));
        }
    };
    view! {
        <Button
            id="call-with-less"
            look=Look::Primary
            words=Signal::derive(move || partial.get().map_or("", |(words, _)| words))
            shown=Signal::derive(move || partial.get().is_some())
            on_click=Box::new(call_with_less)
        />
        <Button
            id="try-again"
            words="Try again"
            shown=blocked
            on_click=call.sends(Command::GetMedia(MediaWish::CameraAndMicrophone))
        />
        <Button
            id="continue-without"
            words="Continue without"
            shown=blocked
            on_click=call.sends(Command::GetMedia(MediaWish::Nothing))
        />
    }
}

fn media_error(view: &CallView) -> Option<&MediaError> {
    match &view.media {
        LocalMediaView::Failed(error) => Some(error),
        _ => None,
    }
}

fn open_new_room() {
    page::set_hash(&format!("#/{}", config::unguessable_room(page::random())));
}
