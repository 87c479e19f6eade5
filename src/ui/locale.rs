//! Every sentence that people read.

use std::time::Duration;

use visavis_call::{
    AccessPolicy, CallKind, CallPhase, CallView, DeviceView, EndReason, FailureCause, LocalMediaView,
    MediaError, MediaWish, Obstacle, Path, PersonState, PersonView, Preparation, SeatView, SignalingView,
    Stage, Time,
};

use visavis_protocol::name::PersonName;

mod access;
mod chat;
mod code;
mod trouble;

pub(super) use access::{door, knocking, make_host, name_of, pick, remove, who_decides};
pub(super) use chat::{
    HAND_IS_UP, YOUR_HAND_IS_UP, author, messages, own_reaction, picture, quality, reaction_name, reacts,
    read_aloud, unread_count, who_reads,
};
pub(super) use code::why;
pub(super) use trouble::{Remedy, has_lost_device, seems_away, trouble};

/// How long a connection may take before the page says that it takes long.
const LONG_WAIT: Duration = Duration::from_secs(8);

/// Somebody in a sentence, with what they are called if they don't say. A name may not disturb the direction
/// of the words around it (Unicode Standard Annex 9, isolates).
fn called(name: &PersonName, otherwise: &str) -> String {
    if name.is_empty() {
        otherwise.to_owned()
    } else {
        ["\u{2068}", name.as_str(), "\u{2069}"].concat()
    }
}

/// Somebody at the beginning of a sentence.
fn subject(name: &PersonName) -> String {
    called(name, "The other person")
}

/// People in a sentence: all that this iterator yields.
fn names<'a>(mut people: impl Iterator<Item = &'a PersonView>) -> (String, usize) {
    let first = people
        .next()
        .map_or(String::new(), |person| called(&person.name, "Somebody"));
    let more = people.count();
    if more == 0 {
        (first, 1)
    } else {
        (format!("{first} and {more} more"), 1 + more)
    }
}

/// Who can be called, or what can be joined.
fn who_is_here(view: &CallView) -> String {
    let in_call = view.to_join().next().is_some();
    let (who, count) = if in_call {
        names(view.to_join())
    } else {
        names(
            view.people
                .iter()
                .filter(|person| person.state == PersonState::Here),
        )
    };
    let are = if count == 1 { "is" } else { "are" };
    let what = if in_call {
        "in a call. You can join."
    } else {
        "here."
    };
    format!("{who} {are} {what}")
}

/// That somebody calls.
fn ringing(view: &CallView) -> String {
    let Some(caller) = view.caller() else {
        return String::new();
    };
    let whom = match caller.call {
        Some(CallKind::Private) => "you alone",
        _ => "everybody here",
    };
    format!("{} is calling {whom}.", called(&caller.name, "Somebody"))
}

/// In the tab's title, while somebody calls.
pub(super) fn calling_title(view: &CallView) -> Option<String> {
    Some(called(&view.caller()?.name, "Somebody") + " is calling")
}

/// The same, while somebody knocks.
pub(super) fn knocking_title(view: &CallView) -> Option<String> {
    let first = view.access.knocking.first()?;
    Some(called(&first.name, "Somebody") + " knocks")
}

/// How somebody stands in the room, beside their name.
pub(super) fn standing(person: &PersonView, door: AccessPolicy) -> String {
    let standing = match (person.state, person.call) {
        (PersonState::Away, _) => "reconnecting",
        (PersonState::Calling, _) => "calling",
        (_, Some(_)) if person.screen => "shares the screen",
        (_, Some(CallKind::Open)) => "in the call",
        (_, Some(CallKind::Private)) => "in a private call",
        (_, None) => "",
    };
    // While everybody may come in, it means nothing.
    if !person.host || door == AccessPolicy::Open {
        standing.into()
    } else if standing.is_empty() {
        "host".into()
    } else {
        "host, ".to_owned() + standing
    }
}

/// What somebody is called in a list.
pub(super) fn listed(person: &PersonView) -> String {
    called(&person.name, "Somebody")
}

/// What screen readers say of the button that calls one of several.
pub(super) fn call_person(name: &str) -> String {
    format!("Call {name} alone")
}

/// The status line.
pub(super) fn status(view: &CallView, now: impl FnOnce() -> Time) -> String {
    match view.stage() {
        Stage::Start => "See and hear each other, directly from browser to browser.".into(),
        Stage::Asking => {
            "Your browser is asking whether this page may use your camera and microphone.".into()
        }
        Stage::Blocked => match &view.media {
            LocalMediaView::Failed(error) => media_error(error, BOTH),
            _ => String::new(),
        },
        Stage::Joining => joining(view.signaling_route).into(),
        Stage::Queued => in_line(view.seat),
        Stage::InLobby | Stage::Removed => access::status(view.seat).into(),
        Stage::Alone => "Nobody else is here yet. Send somebody this link.".into(),
        Stage::Ringing => ringing(view),
        Stage::Ready if view.can_call() => who_is_here(view),
        Stage::Ready => away(view),
        Stage::Connecting => connecting(view, now),
        Stage::InCall => in_call(view).into(),
        Stage::Ended => ended(view),
    }
}

/// The line above the status, in large letters.
pub(super) fn headline(view: &CallView) -> &'static str {
    match (view.stage(), &view.call) {
        (Stage::Start, _) => "Face to face",
        (Stage::Asking, _) => "One moment",
        (Stage::Blocked, _) => "No camera yet",
        (Stage::Joining, _) => "Entering the room",
        (Stage::Queued, _) => "The room is full",
        (Stage::InLobby | Stage::Removed, _) => access::headline(view.seat),
        (Stage::Alone, _) => "You are the first",
        (Stage::Ringing, _) => "Incoming call",
        (Stage::Ready, _) if view.can_call() => "Ready when you are",
        (Stage::Ready, _) => "Not here right now",
        (Stage::Connecting, _) => "Connecting",
        (Stage::InCall, _) => "In a call",
        (
            Stage::Ended,
            CallPhase::Ended {
                lasted: None,
                reason: EndReason::Failed(_),
                ..
            },
        ) => "No connection",
        (
            Stage::Ended,
            CallPhase::Ended {
                reason: EndReason::Missed,
                ..
            },
        ) => "Missed call",
        (Stage::Ended, _) => "The call is over",
    }
}

/// On the button that asks for the camera.
pub(super) fn get_video(stage: Stage) -> &'static str {
    match stage {
        Stage::Asking => "Waiting for your permission …",
        _ => "Get Video",
    }
}

/// On the button that calls.
pub(super) fn call(view: &CallView) -> &'static str {
    let stage = view.stage();
    let here = view
        .people
        .iter()
        .filter(|person| person.state == PersonState::Here);
    if stage == Stage::Ringing {
        "Answer"
    } else if view.to_join().next().is_some() {
        "Join"
    } else if here.count() > 1 {
        "Call all"
    } else if stage == Stage::Ended {
        "Call again"
    } else {
        "Call"
    }
}

/// On the button that ends a call, or an attempt.
pub(super) fn hang_up(stage: Stage) -> &'static str {
    match stage {
        Stage::Connecting => "Cancel",
        _ => "Hang up",
    }
}

/// A choice of how calls are prepared.
pub(super) fn preparation(preparation: Preparation) -> &'static str {
    match preparation {
        Preparation::On => "on",
        Preparation::OnlyTurn => "through TURN only",
        Preparation::Off => "off",
        Preparation::Nothing => "nothing at all",
    }
}

/// What that choice means.
pub(super) fn preparation_means(preparation: Preparation) -> &'static str {
    match preparation {
        Preparation::On => {
            "While you are in a room, your browser connects with the others ahead, so that a call starts at once. They \
             can see your network address before you call. Your camera and microphone are not sent before."
        }
        Preparation::OnlyTurn => {
            "Your browser connects ahead through this site's TURN server, which hides your network address until you \
             are in a call. Without a TURN server, nothing is connected ahead."
        }
        Preparation::Off => {
            "Your browser connects when somebody calls. Nobody sees your network address before, and calls start a \
             little later."
        }
        Preparation::Nothing => "Your browser does nothing before somebody calls.",
    }
}

/// On the button of the microphone.
pub(super) fn microphone(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On => "Mute",
        DeviceView::Off => "Unmute",
        DeviceView::Opening => "Starting …",
        DeviceView::Absent | DeviceView::Lost => "Start microphone",
    }
}

/// On the button of the camera.
pub(super) fn camera(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On => "Stop camera",
        DeviceView::Opening => "Starting …",
        DeviceView::Off | DeviceView::Absent | DeviceView::Lost => "Start camera",
    }
}

/// On the button for the screen.
pub(super) fn share(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On => "Stop sharing",
        DeviceView::Opening => "Choose what to share",
        _ => "Share your screen",
    }
}

/// On our own picture while it is that of a screen.
pub(super) const WE_SHARE: &str = "You share your screen";

/// On somebody's picture while it is that of a screen.
pub(super) const SHARES: &str = "Shares the screen";

/// Where our own picture would be.
pub(super) fn own_caption(view: &CallView) -> String {
    let LocalMediaView::Open { camera, .. } = view.media else {
        return String::new();
    };
    match camera {
        DeviceView::On => "",
        DeviceView::Opening => "Starting …",
        DeviceView::Off | DeviceView::Absent => "Your camera is off",
        DeviceView::Lost => "Your camera has stopped",
    }
    .into()
}

/// What screen readers call somebody's picture.
pub(super) fn label(person: &PersonView) -> String {
    subject(&person.name)
}

/// What somebody calls themselves.
pub(super) fn name(person: &PersonView) -> String {
    person.name.as_str().to_owned()
}

/// On the button that makes somebody's picture the large one, or no longer.
pub(super) fn pin(person: &PersonView, is_pinned: bool) -> String {
    let verb = if is_pinned { "Unpin " } else { "Pin " };
    [verb, &called(&person.name, "this person")].concat()
}

/// On the button that hides our own picture from ourselves, or shows it again.
pub(super) fn hide_self(is_hidden: bool) -> &'static str {
    if is_hidden {
        "Show self view"
    } else {
        "Hide self view"
    }
}

/// On the button that gives the page the whole screen, or takes it away.
pub(super) fn full_screen(is_on: bool) -> &'static str {
    if is_on { "Leave full screen" } else { "Full screen" }
}

/// Where somebody's picture would be, or over the last one that came.
pub(super) fn caption(person: Option<&PersonView>, view: &CallView, now: impl FnOnce() -> Time) -> String {
    match person {
        Some(person) if person.state == PersonState::Interrupted => "Reconnecting …".into(),
        Some(person) if person.state == PersonState::Ringing => "Calling …".into(),
        Some(person) if person.state == PersonState::Connected && person.camera => {
            "No video is arriving".into()
        }
        Some(person) if person.state == PersonState::Connected => "Camera is off".into(),
        _ => connecting(view, now),
    }
}

fn joining(signaling_route: SignalingView) -> &'static str {
    match signaling_route {
        SignalingView::Unreachable { .. } => "You join as soon as the server can be reached.",
        _ => "Connecting to the server …",
    }
}

fn in_line(seat: SeatView) -> String {
    let SeatView::Queued { capacity } = seat else {
        return String::new();
    };
    format!("This room is full ({capacity} people). You can wait: you will get in when somebody leaves.")
}

fn connecting(view: &CallView, now: impl FnOnce() -> Time) -> String {
    let rings = |person: &&PersonView| person.state == PersonState::Ringing;
    if view.people.iter().any(|person| rings(&person)) {
        return format!("Calling {} …", names(view.people.iter().filter(rings)).0);
    }
    match (&view.call, &view.suspicion) {
        (CallPhase::Connecting { since }, suspicion) if now().since(*since) >= LONG_WAIT => {
            let why = suspicion
                .as_ref()
                .map_or(String::new(), |cause| format!(": {}", explain(cause).0));
            format!("This is taking longer than usual{why}.")
        }
        _ => "Connecting …".into(),
    }
}

fn away(view: &CallView) -> String {
    let who = view
        .people
        .first()
        .map_or(String::new(), |person| subject(&person.name));
    who + " lost the connection to the room and should be back soon."
}

fn in_call(view: &CallView) -> &'static str {
    match view.people.iter().find_map(|person| person.path) {
        Some(Path::Direct) => "In a call, directly from browser to browser.",
        Some(Path::Relayed) => "In a call, through a TURN server. It passes on what it cannot read.",
        None => "In a call.",
    }
}

/// What a sentence about devices calls them: names, verb, and what stands for them.
type What = (&'static str, &'static str, &'static str);
const BOTH: What = ("camera and microphone", "are", "them");
const CAMERA: What = ("camera", "is", "it");
const MICROPHONE: What = ("microphone", "is", "it");
const SCREEN: What = ("screen", "is", "it");

fn media_error(error: &MediaError, (what, are, them): What) -> String {
    match error {
        MediaError::Refused => {
            format!(
                "The {what} {are} blocked for this page. Allow {them} next to the address bar, then try again."
            )
        }
        MediaError::NotFound {
            camera: true,
            microphone: true,
        } => "No camera and no microphone were found. You can still see and hear the others.".into(),
        MediaError::NotFound { camera: false, .. } => {
            "No microphone was found. You can still call with your picture.".into()
        }
        MediaError::NotFound { .. } => "No camera was found. You can still call with your voice.".into(),
        MediaError::Busy => {
            format!("Another program may be using the {what}. Close it, then try again.")
        }
        MediaError::Unsatisfiable { constraint } => {
            format!("No camera here can do what this site's config.json asks for (\"{constraint}\").")
        }
        MediaError::Unsupported => {
            "This page may not use a camera: its address must begin with https:// (or be on this machine)."
                .into()
        }
        MediaError::Other(name) => format!("The {what} could not be opened ({name})."),
    }
}

/// Why one device can't be had.
pub(crate) fn device_trouble(error: &MediaError, camera: bool) -> String {
    media_error(error, if camera { CAMERA } else { MICROPHONE })
}

/// What would do without the missing device: a call with voice only, or with picture only.
pub(super) fn call_with_less(error: &MediaError) -> Option<(&'static str, MediaWish)> {
    match error {
        MediaError::NotFound {
            camera: true,
            microphone: false,
        } => Some(("Call with voice", MediaWish::Microphone)),
        MediaError::NotFound {
            camera: false,
            microphone: true,
        } => Some(("Call without sound", MediaWish::Camera)),
        _ => None,
    }
}

fn ended(view: &CallView) -> String {
    let CallPhase::Ended { reason, lasted, with } = &view.call else {
        return String::new();
    };
    let what = match reason {
        EndReason::HungUp if lasted.is_none() => "You cancelled the call.".into(),
        EndReason::HungUp => "You hung up.".into(),
        EndReason::PeerHungUp => subject(with) + " hung up.",
        EndReason::PeerLeft => subject(with) + " left.",
        EndReason::Declined => subject(with) + " declined.",
        EndReason::Busy => subject(with) + " is in another call.",
        EndReason::Unanswered => subject(with) + " did not answer.",
        EndReason::Missed => format!("You missed a call from {}.", called(with, "somebody")),
        EndReason::Failed(cause) => failure(cause, with),
    };
    let how_long = lasted.map_or(String::new(), |lasted| {
        format!(" You talked for {}.", spoken_duration(lasted))
    });
    let is = |state| view.people.iter().any(|person| person.state == state);
    let what_now = if view.to_join().next().is_some() {
        " The call goes on, and you can join again."
    } else if is(PersonState::Here) {
        match (failed(view), view.people.len()) {
            (true, _) => "",
            (false, 1) => " They are still here.",
            (false, _) => " The others are still here.",
        }
    } else if is(PersonState::Away) {
        " They lost the connection to the room and should be back soon."
    } else {
        " When somebody comes, you can call them."
    };
    format!("{what}{how_long}{what_now}")
}

/// Whether the call that is over has failed.
pub(super) fn failed(view: &CallView) -> bool {
    matches!(
        view.call,
        CallPhase::Ended {
            reason: EndReason::Failed(_),
            ..
        }
    )
}

fn failure(cause: &FailureCause, with: &PersonName) -> String {
    let (why, next) = explain(cause);
    match cause {
        FailureCause::ConnectionLost => {
            format!("The connection was lost, and no other way was found. {next}")
        }
        _ => format!(
            "Could not reach {}: {why}. {next}",
            called(with, "the other person")
        ),
    }
}

/// Why no connection comes about, to be put after a colon, and one thing to do about it.
fn explain(cause: &FailureCause) -> (String, &'static str) {
    let (why, next) = match cause {
        FailureCause::NoAnswer => (
            "their page does not answer",
            "Ask them to reload it, then call again.",
        ),
        FailureCause::ConnectionLost => (
            "the connection is lost",
            "Call again when both networks are back.",
        ),
        FailureCause::Browser(name) => {
            return (
                format!("the browser could not make the connection ({name})"),
                "Reload the page, then call again.",
            );
        }
        FailureCause::NoPath(obstacle) => match obstacle {
            Obstacle::NothingToOffer => (
                "your browser finds no network to call over",
                "Check your network, and extensions that forbid WebRTC.",
            ),
            Obstacle::NothingOffered => (
                "their browser finds no network to call over",
                "Ask them to check their network, and extensions that forbid WebRTC.",
            ),
            Obstacle::HiddenAddresses => (
                "a browser hides its address until its page may use a camera or a microphone",
                "Allow one of them on both sides, then call again.",
            ),
            Obstacle::NoTurn => (
                "the networks between you let no call through, and this site has no TURN server that could help",
                "Try another network, such as a phone's.",
            ),
            Obstacle::TurnRefuses(code) => {
                return (
                    format!(
                        "the networks between you let no direct call through, and the TURN server refuses this \
                         site's credentials ({code})"
                    ),
                    "Tell whoever runs this site.",
                );
            }
            Obstacle::TurnIsFull => (
                "the networks between you let no direct call through, and the TURN server has no room for another \
                 call",
                "Call again in a few minutes.",
            ),
            Obstacle::TurnUnreachable => (
                "the networks between you let no direct call through, and yours does not reach the TURN server \
                 either",
                "Try another network, such as a phone's.",
            ),
            Obstacle::EvenWithTurn => (
                "not even the TURN server finds a way through the networks between you",
                "Ask them to try another network, such as a phone's.",
            ),
        },
    };
    (why.into(), next)
}

/// `3 min 20 s`.
fn spoken_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// How long the call has been going on.
pub(super) fn call_clock(view: &CallView, now: impl FnOnce() -> Time) -> String {
    match view.call {
        CallPhase::InCall { since } => clock(now().since(since)),
        _ => String::new(),
    }
}

/// `3:20`.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

/// What screen readers hear where pages may not copy.
pub(super) const COPY_BY_HAND: &str =
    "This browser does not let pages copy. The text is selected: press Ctrl+C.";

/// What they hear when the part of the page that makes reports has not come.
pub(super) const REPORT_NOT_LOADED: &str =
    "The part of the page that makes reports has not arrived. Check your connection, then try again.";

/// On the button that moves our own picture.
pub(super) const MOVE_SELF: &str = "Move self view to the next corner";

/// On the link to the check before a call.
pub(super) const CHECK: &str = "Check your set-up";

/// In the place of a part of the page that did not come.
pub(super) fn not_loaded(what: &str) -> String {
    format!(
        "The part of the page with {what} has not arrived. Check your connection, then try again. If this \
             site was updated meanwhile, load the page again after the call."
    )
}

/// On a button whose part of the page did not come.
pub(super) const NOT_LOADED: &str = "Not loaded: try again";

/// Over a report that is shown.
pub(super) const REPORT: &str = "What this page knows about the call";

/// Below a report that is shown.
pub(super) const REPORT_IS_CLEAN: &str = "It holds no name, no address and no room. Copy it to pass it on.";

/// On the badge of somebody who does not send sound.
pub(super) const MUTED: &str = "Microphone is off";

/// On the badge of somebody whom signalling does not reach.
pub(super) const PAGE_RECONNECTS: &str = "Their page is reconnecting";

/// What [`Remedy::ExplainRelay`] explains.
pub(super) const RELAY_EXPLANATION: &str = "To meet people on other devices, this site needs a server. Whoever \
    runs the site can start visavis-relay, and name its address as \"relay\" in config.json.";

#[cfg(test)]
mod tests;
