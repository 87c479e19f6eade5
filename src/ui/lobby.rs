//! Before and after a call: where things stand, and the one thing to do next.

mod invite;
mod own_name;

use leptos::prelude::*;
use visavis_call::{CallView, Command, MediaWish, RemovalReason, SeatView, SignalingView, Stage};

use super::by_hand::LettersView;
use super::call_handle::CallHandle;
use super::components::{Button, Icon, Kind, Lazy, Place};
use super::context::{PageContext, use_call, use_page};
use super::locale;
use super::reactive::{memo, not};
use super::settings::Choices;
use super::sight::WhoSeesWhat;
use super::state::SidePanel;
use crate::browser::page;
use crate::config::BY_HAND;
use invite::Invite;
use own_name::OwnName;
pub use own_name::remembered_name;

/// The main button while there is no camera. It stands where the picture will be.
#[component]
pub(super) fn GetVideo() -> impl IntoView {
    let call = use_call();
    view! {
        <Button
            id="get-video"
            kind=Kind::Primary
            label=call.select(|call| locale::get_video(call.stage()).to_owned())
            hidden=call.select(|call| !matches!(call.stage(), Stage::Start | Stage::Asking))
            disabled=call.select(|call| call.stage() != Stage::Start)
            on_click=move || call.send(Command::GetMedia(MediaWish::CameraAndMicrophone))
        />
    }
}

/// Headline, status, and actions.
#[component]
pub(super) fn Panel(
    /// What people carry to each other, where no server brings them together.
    letters: Option<LettersView>,
) -> impl IntoView {
    let call = use_call();
    let PageContext { chunks, words, .. } = use_page();
    let status = memo(move || {
        let now = || call.state.now.get();
        call.state
            .call
            .with(|view| locale::status(view, &now, words.get()))
    });
    view! {
        <section class="panel">
            <h1 prop:textContent=call.select(|call| locale::headline(call).to_owned())></h1>
            <p id="status" role="status" data-why=call.select(locale::why) prop:textContent=status></p>
            <Actions />
            <Lazy
                chunk=chunks.people
                place=Place::Panel
                awaited=call.select_with_page(|call, page| call.people.len() > 1 || page.shows(SidePanel::People))
                what="who is here"
                class="in-room"
            />
            <div class="actions quiet" hidden=call.select(|call| !has_failed(call))>
                <Lazy
                    chunk=chunks.report
                    place=Place::Panel
                    awaited=call.select(has_failed)
                    what="the report"
                    class="quiet"
                />
            </div>
            {LINKS
                .map(|link| {
                    view! {
                        <p class="quiet" hidden=not(call.select(link.shown))>
                            <a id=link.id href=call.select(link.address)>
                                {link.label}
                            </a>
                        </p>
                    }
                })
                .collect_view()}
            <div class="about-room" hidden=call.select(|call| !can_prepare(call))>
                <div class="field">
                    <OwnName />
                </div>
                <div hidden=call.select(|call| !invites(call) || call.signaling_route == SignalingView::ByHand)>
                    <Invite />
                </div>
                {letters.map(|letters| letters())}
                <Lazy
                    chunk=chunks.people
                    place=Place::AboutRoom
                    awaited=call.select(|call| call.access.is_ours)
                    what="who can come in"
                    class="field"
                />
                <p
                    id="dialect"
                    class="quiet"
                    hidden=call.page(|page| page.dialect.is_none())
                    prop:textContent=call.page(|page| locale::dialect(page.dialect))
                ></p>
                <Choices />
                <WhoSeesWhat id="who-sees-what" />
            </div>
        </section>
    }
}

/// A way to another page.
struct Link {
    id: &'static str,
    label: &'static str,
    shown: fn(&CallView) -> bool,
    address: fn(&CallView) -> String,
}

const LINKS: [Link; 2] = [
    Link {
        id: "check-link",
        label: locale::CHECK,
        shown: may_check,
        address: |call| ["?check", &page::hash_of(&call.room)].concat(),
    },
    Link {
        id: "by-hand",
        label: locale::BY_HAND,
        shown: may_call_by_hand,
        address: |_| BY_HAND.to_owned(),
    },
];

/// Something that can be done next.
struct Action {
    id: &'static str,
    kind: Kind,
    icon: Option<Icon>,
    label: fn(&CallView) -> &'static str,
    shown: fn(&CallView) -> bool,
    enabled: fn(&CallView) -> bool,
    act: fn(CallHandle),
}

const PLAIN: Action = Action {
    id: "",
    kind: Kind::Plain,
    icon: None,
    label: |_| "",
    shown: |_| true,
    enabled: |_| true,
    act: |_| {},
};

/// All that can be done next. Of what is shown, the first is the obvious one.
const ACTIONS: [Action; 7] = [
    Action {
        id: "call",
        kind: Kind::Primary,
        icon: Some(Icon::PHONE),
        label: locale::call,
        shown: |call| {
            match call.stage() {
                // It begins by itself when both letters are there.
                Stage::Joining | Stage::Alone => call.signaling_route != SignalingView::ByHand,
                stage => matches!(stage, Stage::Ready | Stage::Ringing | Stage::Ended),
            }
        },
        enabled: CallView::can_call,
        act: |call| call.send(Command::Call),
    },
    Action {
        id: "decline",
        icon: Some(Icon::HANG_UP),
        label: |_| "Decline",
        shown: |call| call.stage() == Stage::Ringing,
        act: |call| call.send(Command::HangUp),
        ..PLAIN
    },
    Action {
        id: "ask-again",
        kind: Kind::Primary,
        label: |_| "Ask again",
        shown: |call| call.seat == SeatView::Removed(RemovalReason::Crowded),
        act: |call| call.send(Command::RetryNow),
        ..PLAIN
    },
    Action {
        id: "new-room",
        label: |_| "New room",
        shown: |call| matches!(call.stage(), Stage::Queued | Stage::InLobby | Stage::Removed),
        act: |_| page::set_hash(&page::hash_of(&page::fresh_room())),
        ..PLAIN
    },
    Action {
        id: "leave",
        label: |_| "Leave",
        shown: |call| matches!(call.stage(), Stage::Ended | Stage::Removed),
        act: |call| call.send(Command::Leave),
        ..PLAIN
    },
    Action {
        id: "try-again",
        label: |_| "Try again",
        shown: |call| call.stage() == Stage::Blocked,
        act: |call| call.send(Command::GetMedia(MediaWish::CameraAndMicrophone)),
        ..PLAIN
    },
    Action {
        id: "continue-without",
        label: |_| "Continue without",
        // Nobody has to answer the browser's question. The style shows it when that takes a while.
        shown: |call| matches!(call.stage(), Stage::Asking | Stage::Blocked),
        act: |call| call.send(Command::GetMedia(MediaWish::Nothing)),
        ..PLAIN
    },
];

/// What can be done next. A button that can't be used has its reason in the status.
#[component]
fn Actions() -> impl IntoView {
    let PageContext { call, focus, .. } = use_page();
    let button = |action: Action| {
        let node_ref = match action.id {
            "call" => focus.call,
            "new-room" | "try-again" => focus.next,
            _ => NodeRef::new(),
        };
        view! {
            <Button
                id=action.id
                kind=action.kind
                icon=action.icon.map(Icon::path).unwrap_or_default()
                label=memo(move || call.state.call.with(action.label).to_owned())
                hidden=not(call.select(action.shown))
                disabled=not(call.select(action.enabled))
                on_click=move || (action.act)(call)
                node_ref
            />
        }
    };
    view! {
        <div class="actions" role="group" aria-describedby="status">
            {ACTIONS.map(button).collect_view()}
        </div>
    }
}

fn invites(call: &CallView) -> bool {
    matches!(
        call.stage(),
        Stage::Joining | Stage::Alone | Stage::Ready | Stage::Queued
    )
}

fn can_prepare(call: &CallView) -> bool {
    invites(call) || matches!(call.stage(), Stage::Start | Stage::Asking | Stage::Ended)
}

fn has_failed(call: &CallView) -> bool {
    call.stage() == Stage::Ended && locale::failed(call)
}

fn may_check(call: &CallView) -> bool {
    // It looks for a relay.
    if call.signaling_route == SignalingView::ByHand {
        return false;
    }
    has_failed(call) || matches!(call.stage(), Stage::Start | Stage::Blocked)
}

/// Where a call without any server may be wanted: before anything is chosen, and where there is none.
fn may_call_by_hand(call: &CallView) -> bool {
    match call.signaling_route {
        SignalingView::ByHand | SignalingView::Relay => false,
        SignalingView::Off | SignalingView::Opening => call.stage() == Stage::Start,
        SignalingView::Unreachable { .. } | SignalingView::OtherKind(_) | SignalingView::OnlyThisBrowser => {
            invites(call)
        }
    }
}
