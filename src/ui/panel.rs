//! Before and after a call: where things stand, and the one thing to do next.

use leptos::prelude::*;
use visavis_call::{Bar, Command, LocalMediaView, MediaError, MediaWish, SeatView, Stage};

use super::button::{Button, ButtonProps, Look};
use super::feature::{Feature, Place, Slot};
use super::icons::Icon;
use super::invite::Invite;
use super::own_name::OwnName;
use super::preparation::Prepare;
use super::report::{self, CopyReport, CopyReportProps};
use super::screen::{Screen, Ui, not};
use super::words;
use crate::browser::page;

/// The main button while there is no camera. It stands where the picture will be.
#[component]
pub(super) fn GetVideo(ui: Ui) -> impl IntoView {
    Button(ButtonProps {
        id: "get-video",
        look: Look::Primary,
        icons: &[],
        words: ui.words(|screen| words::get_video(screen.view.stage()).to_owned()),
        shown: ui.when(|screen| matches!(screen.view.stage(), Stage::Start | Stage::Asking)),
        enabled: ui.when(|screen| screen.view.stage() == Stage::Start),
        on_click: ui.sends(Command::GetMedia(MediaWish::CameraAndMicrophone)),
    })
}

/// Headline, status, and actions.
#[component]
pub(super) fn Panel(ui: Ui) -> impl IntoView {
    let invites = ui.when(|screen| {
        matches!(
            screen.view.stage(),
            Stage::Joining | Stage::Alone | Stage::Ready | Stage::InLine
        )
    });
    let prepares = ui.when(|screen| {
        matches!(
            screen.view.stage(),
            Stage::Start
                | Stage::Asking
                | Stage::Joining
                | Stage::Alone
                | Stage::Ready
                | Stage::InLine
                | Stage::Ended
        )
    });
    let failed = ui.when(|screen| screen.view.stage() == Stage::Ended && words::failed(&screen.view));
    let checks = ui.when(|screen| match screen.view.stage() {
        Stage::Start | Stage::Blocked => true,
        Stage::Ended => words::failed(&screen.view),
        _ => false,
    });
    let always = ui.when(|_| true);
    view! {
        <section class="panel">
            <h1>{ui.words(|screen| words::headline(&screen.view).to_owned())}</h1>
            <p id="status" role="status" data-why=ui.words(words::why)>{ui.words(words::status)}</p>
            // A button that can't be used has its reason in the status.
            <div class="actions" role="group" aria-describedby="status">
                {Button(ButtonProps {
                    id: "call",
                    look: Look::Primary,
                    icons: &[Icon::Phone],
                    words: ui.words(|screen| words::call(&screen.view).to_owned()),
                    shown: ui.when(|screen| {
                        matches!(
                            screen.view.stage(),
                            Stage::Joining | Stage::Alone | Stage::Ready | Stage::Ringing | Stage::Ended
                        )
                    }),
                    enabled: ui.when(|screen| screen.view.can_call()),
                    on_click: ui.sends(Command::Call),
                })}
                {Button(ButtonProps {
                    id: "decline",
                    look: Look::Plain,
                    icons: &[Icon::HangUp],
                    words: ui.words(|_| "Decline".to_owned()),
                    shown: ui.when(|screen| screen.view.stage() == Stage::Ringing),
                    enabled: always,
                    on_click: ui.sends(Command::HangUp),
                })}
                {Button(ButtonProps {
                    id: "ask-again",
                    look: Look::Primary,
                    icons: &[],
                    words: ui.words(|_| "Ask again".to_owned()),
                    shown: ui.when(|screen| screen.view.seat == SeatView::Barred(Bar::Crowded)),
                    enabled: always,
                    on_click: ui.sends(Command::RetryNow),
                })}
                {Button(ButtonProps {
                    id: "new-room",
                    look: Look::Plain,
                    icons: &[],
                    words: ui.words(|_| "New room".to_owned()),
                    shown: ui.when(|screen| {
                        matches!(screen.view.stage(), Stage::InLine | Stage::AtDoor | Stage::Barred)
                    }),
                    enabled: always,
                    on_click: Box::new(open_new_room),
                })}
                {Button(ButtonProps {
                    id: "leave",
                    look: Look::Plain,
                    icons: &[],
                    words: ui.words(|_| "Leave".to_owned()),
                    shown: ui.when(|screen| matches!(screen.view.stage(), Stage::Ended | Stage::Barred)),
                    enabled: always,
                    on_click: ui.sends(Command::Leave),
                })}
                {Button(ButtonProps {
                    id: "call-with-less",
                    look: Look::Primary,
                    icons: &[],
                    words: ui.words(|screen| {
                        media_error(screen).and_then(words::call_with_less).map_or("", |(words, _)| words).to_owned()
                    }),
                    shown: ui.when(|screen| media_error(screen).and_then(words::call_with_less).is_some()),
                    enabled: always,
                    on_click: Box::new(move || call_with_less(ui)),
                })}
                {Button(ButtonProps {
                    id: "try-again",
                    look: Look::Plain,
                    icons: &[],
                    words: ui.words(|_| "Try again".to_owned()),
                    shown: ui.when(|screen| media_error(screen).is_some()),
                    enabled: always,
                    on_click: ui.sends(Command::GetMedia(MediaWish::CameraAndMicrophone)),
                })}
                {Button(ButtonProps {
                    id: "continue-without",
                    look: Look::Plain,
                    icons: &[],
                    words: ui.words(|_| "Continue without".to_owned()),
                    shown: ui.when(|screen| media_error(screen).is_some()),
                    enabled: always,
                    on_click: ui.sends(Command::GetMedia(MediaWish::Nothing)),
                })}
            </div>
            <Slot
                ui
                feature=Feature::People
                place=Place::Panel
                awaited=ui.when(|screen| screen.view.people.len() > 1 || screen.manages)
                missing=("who is here", "in-room")
            />
            <div class="actions quiet" hidden=not(failed)>
                {CopyReport(CopyReportProps { ui, id: "copy-report", shown: failed })}
                {Button(ButtonProps {
                    id: "read-report",
                    look: Look::Plain,
                    icons: &[],
                    words: ui.words(|_| "Read it".to_owned()),
                    shown: failed,
                    enabled: always,
                    on_click: Box::new(move || report::show(ui)),
                })}
            </div>
            <p class="quiet" hidden=not(checks)>
                <a id="check-link" href=ui.words(|screen| format!("?check#/{}", screen.view.room))>{words::CHECK}</a>
            </p>
            <div class="about-room" hidden=not(prepares)>
                <div class="field">
                    <OwnName ui />
                </div>
                <div hidden=not(invites)>
                    <Invite ui />
                </div>
                <Slot
                    ui
                    feature=Feature::People
                    place=Place::AboutRoom
                    awaited=ui.when(|screen| screen.view.door.is_ours)
                    missing=("who can come in", "field")
                />
                <Prepare ui />
            </div>
        </section>
    }
}

fn media_error(screen: &Screen) -> Option<&MediaError> {
    match &screen.view.media {
        LocalMediaView::Failed(error) => Some(error),
        _ => None,
    }
}

fn call_with_less(ui: Ui) {
    let wish = ui
        .screen
        .with_untracked(|screen| media_error(screen).and_then(words::call_with_less));
    if let Some((_, wish)) = wish {
        ui.send(Command::GetMedia(wish));
    }
}

fn open_new_room() {
    page::set_hash(&format!("#/{}", page::unguessable_name()));
}
