//! The page: before, during and after a call, in one layout that changes with the stage.

use leptos::prelude::*;
use visavis_call::{CallPhase, Stage};

use super::banner::Banner;
use super::clock::ticking;
use super::controls::Controls;
use super::handle::CallHandle;
use super::panel::{GetVideo, Panel};
use super::tiles::{LocalTile, RemoteTiles};
use super::words;

/// The page of a room.
#[component]
pub fn Room(
    /// The call that it shows.
    call: CallHandle,
) -> impl IntoView {
    let layout = call.words(|view| match view.stage() {
        Stage::Connecting | Stage::InCall => "call",
        _ => "lobby",
    });
    let stage_name = call.words(|view| match view.stage() {
        Stage::Start => "start",
        Stage::Asking => "asking",
        Stage::Blocked => "blocked",
        Stage::Joining => "joining",
        Stage::InLine => "in-line",
        Stage::Alone => "alone",
        Stage::Ready => "ready",
        Stage::Connecting => "connecting",
        Stage::InCall => "in-call",
        Stage::Ended => "ended",
    });
    view! {
        <div class="page" data-layout=layout data-stage=stage_name>
            <header>
                <span class="wordmark">"visavis"</span>
                <CallClock call />
            </header>
            <Banner call />
            <main>
                <RemoteTiles call />
                <LocalTile call>
                    <GetVideo call />
                </LocalTile>
                <Panel call />
                <Controls call />
            </main>
        </div>
    }
}

/// How long the call has been going on.
#[component]
fn CallClock(call: CallHandle) -> impl IntoView {
    let since = call.select(|view| match view.call {
        CallPhase::InCall { since } => Some(since),
        _ => None,
    });
    let now = ticking(call.when(|view| matches!(view.call, CallPhase::InCall { .. })));
    view! {
        <span class="call-clock" role="timer" hidden=move || since.get().is_none()>
            {move || since.get().map(|since| words::clock(now.get().since(since)))}
        </span>
    }
}
