//! The banner: what is wrong besides the main status, and what can be done about it.

use std::time::Duration;

use visavis_call::{CallView, PersonState, PersonView, SeatView, SignalingView, Stage, Time};
use visavis_protocol::dialect::ServerKind;

use super::called_person;
use super::code::kind_of_server;
use super::of_devices::{Fault, OfDevices, about_devices};
use crate::ui::state::PageState;

/// Something is wrong beside the main matter: what, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Trouble {
    pub(in crate::ui) sentence: String,
    pub(in crate::ui) remedy: Remedy,
}

/// What can be done about a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Remedy {
    /// Nothing but wait.
    Wait,
    RetryNow,
    ExplainRelay,
    /// Start the camera or the microphone again, or go on without.
    StartDevices,
    /// Wait, or hang up; a report says why.
    Report,
}

/// The trouble to show, the gravest first.
pub(in crate::ui) fn trouble(
    view: &CallView,
    page: &PageState,
    now: impl FnOnce() -> Time,
    of_devices: Option<OfDevices>,
) -> Option<Trouble> {
    let in_call = matches!(view.stage(), Stage::InCall | Stage::Connecting);
    let unreachable = matches!(view.signaling_route, SignalingView::Unreachable { .. });
    let (sentence, remedy) = if let Some(sentence) = &page.address_error {
        (sentence.clone(), Remedy::Wait)
    } else if let Some(person) = view
        .people
        .iter()
        .find(|person| person.state == PersonState::Interrupted)
    {
        // Only signaling can repair a connection.
        let sentence = if unreachable {
            "You seem to be offline. Your call goes on as soon as your network is back.".into()
        } else {
            let going_on = if view.signaling_route == SignalingView::ByHand && !person.reachable {
                "Only new letters could mend it: if it stays so, hang up."
            } else if seems_away(view, person) {
                "They seem to be offline; waiting for them …"
            } else {
                "Trying another way …"
            };
            format!(
                "The connection to {} is interrupted. {going_on}",
                called_person(person, "the other person")
            )
        };
        (sentence, Remedy::Report)
    } else if let SignalingView::OtherKind(kind) = view.signaling_route
        && !in_call
    {
        (other_kind(kind), Remedy::RetryNow)
    } else if unreachable && !in_call {
        (retrying(view.signaling_route, now), Remedy::RetryNow)
    } else if view.lost_devices().contains(&true) && !page.goes_without {
        (about_devices(view, Fault::Lost, of_devices), Remedy::StartDevices)
    } else if view.has_held_device() {
        (about_devices(view, Fault::Held, of_devices), Remedy::Wait)
    } else if unreachable || matches!(view.signaling_route, SignalingView::OtherKind(_)) {
        let sentence = "Connection to the server lost. Your call goes on; reconnecting …";
        (sentence.into(), Remedy::Wait)
    } else if view.signaling_route == SignalingView::OnlyThisBrowser && !in_call {
        let sentence = "This site has no server: only tabs of this browser can meet here.";
        (sentence.into(), Remedy::ExplainRelay)
    } else if view.access.is_reopened {
        let sentence = "The server has restarted, and anybody with the link can enter this room now. The host can \
                        change that.";
        (sentence.into(), Remedy::Wait)
    } else {
        return None;
    };
    Some(Trouble { sentence, remedy })
}

/// What the server seems to be, and what the operator can do: the value of `dialect` in config.json.
fn other_kind(kind: ServerKind) -> String {
    let dialect = match kind {
        ServerKind::Silent => "\"broadcast\" or \"plain\"",
        kind => &["\"", kind_of_server(kind), "\""].concat(),
    };
    [
        "The server of this site seems to be of another kind: ",
        dialect,
        ". Its operator can write that as \"dialect\" into config.json.",
    ]
    .concat()
}

fn retrying(signaling_route: SignalingView, now: impl FnOnce() -> Time) -> String {
    let SignalingView::Unreachable {
        retry_at,
        tabs_can_meet,
    } = signaling_route
    else {
        return String::new();
    };
    let retry = match retry_at.map(|at| seconds_ceil(at.since(now()))) {
        Some(seconds) if seconds > 0 => format!("Retrying in {seconds} s."),
        _ => "Retrying …".into(),
    };
    let meanwhile = if tabs_can_meet {
        " Meanwhile, tabs of this browser can meet."
    } else {
        ""
    };
    format!("The server can't be reached. {retry}{meanwhile}")
}

/// Whether signaling reaches us, but not them.
pub(in crate::ui) fn seems_away(view: &CallView, person: &PersonView) -> bool {
    !person.reachable
        && view.seat == SeatView::Seated
        && !matches!(view.signaling_route, SignalingView::Unreachable { .. })
}

/// In whole seconds, begun ones included.
fn seconds_ceil(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
