//! Every sentence that people read.

use std::time::Duration;

use visavis_call::{
    CallKind, CallPhase, CallView, EndReason, Path, PersonState, PersonView, SeatView, SignalingView, Stage,
    Time,
};
use visavis_gateway::Dialect;
use visavis_protocol::guest::Presence;

use visavis_protocol::name::PersonName;

mod access;
pub(super) mod by_hand;
mod chat;
mod code;
mod device_settings;
mod devices;
mod ending;
mod of_call;
mod of_devices;
mod people;
pub(super) mod safety;
mod sealing;
mod settings;
mod sight;
mod trouble;

pub(super) use access::{
    BLOCKING, COMES_BACK, WHO_CAN_COME_IN, access_policy, block, knocking, knocking_title, make_host,
    name_of, pick, remove, volume, who_decides,
};
pub(super) use chat::{
    HAND_IS_UP, MESSAGES, YOUR_HAND_IS_UP, author, dropped_count, messages, messages_dropped, own_reaction,
    picture, quality, reaction_name, reacts, read_aloud, unread_count, who_reads,
};
pub(super) use code::why;
pub(super) use device_settings::{
    ASK_FOR_SPEAKER, AUTO_GAIN_CONTROL, ECHO_CANCELLATION, LOUDNESS, NOISE_SUPPRESSION, PLAY_SOUND, PREVIEW,
    SETTINGS, SOUND_OF_MICROPHONE, SPEAKER_OF_SYSTEM, camera_fault, device_kind, device_name, meter_means,
    microphone_fault, no_preview, none_of, notice, notice_code, settings_tab,
};
pub(super) use devices::{SHARES, WE_SHARE, camera, microphone, own_caption, share};
pub(super) use ending::failed;
use of_call::connecting;
pub(super) use of_call::{OF_CALL, OfCall};
use of_devices::{Fault, about_devices};
pub(super) use of_devices::{OF_DEVICES, OfDevices, device_trouble};
pub(super) use people::standing;
pub(super) use sealing::about_room;
use sealing::{not_understood, out_of_reach};
pub(super) use settings::{addresses, addresses_mean, choices, preparation, preparation_means};
pub(super) use sight::{SEEN_NOW, SightText, WHO_SEES_WHAT, sights};
pub(super) use trouble::{Remedy, seems_away, trouble};

/// What people are called who don't say it. The state machine numbers names that look like one of these, or
/// like another word in which the page speaks of people (`PAGE_WORDS` in
/// crates/protocol/src/name/likeness.rs).
const SOMEBODY: &str = "Somebody";
const OTHER_PERSON: &str = "The other person";
const YOU: &str = "You";
const HOST: &str = "host";

/// Somebody in a sentence, with what they are called if they don't say. A name may not disturb the direction
/// of the words around it (Unicode Standard Annex 9, isolates).
fn called(name: &PersonName, otherwise: &str) -> String {
    if name.is_empty() {
        otherwise.to_owned()
    } else {
        ["\u{2068}", name.as_str(), "\u{2069}"].concat()
    }
}

/// Somebody in the room in a sentence. A name that looks like one that was there before has a number.
fn called_person(person: &PersonView, otherwise: &str) -> String {
    called(&person.name, otherwise) + &number_of(person.name_number)
}

/// Tells a name from one that looks the same: ` (2)`.
fn number_of(name_number: u32) -> String {
    match name_number {
        0 | 1 => String::new(),
        number => [" (", &number.to_string(), ")"].concat(),
    }
}

/// Somebody at the beginning of a sentence.
fn subject(name: &PersonName) -> String {
    called(name, OTHER_PERSON)
}

/// People in a sentence: all that this iterator yields.
fn names<'a>(mut people: impl Iterator<Item = &'a PersonView>) -> (String, usize) {
    let first = people
        .next()
        .map_or(String::new(), |person| called_person(person, SOMEBODY));
    let more = people.count();
    if more == 0 {
        (first, 1)
    } else {
        (format!("{first} and {more} more"), 1 + more)
    }
}

/// Who can be called, or what can be joined.
fn who_is_here(view: &CallView) -> String {
    if let [person] = &view.people[..]
        && let Some(presence) = person.guest
    {
        return match presence {
            Presence::Known => "Somebody is here with another program, which knows calls and nothing else.",
            Presence::Assumed => {
                "This server does not tell who is there. If somebody is, they can be called."
            }
        }
        .into();
    }
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
    if caller.guest.is_some() {
        return "Somebody with another program is calling.".into();
    }
    let whom = match caller.call {
        Some(CallKind::Private) => "you alone",
        _ => "everybody here",
    };
    format!("{} is calling {whom}.", called_person(caller, SOMEBODY))
}

/// In the tab's title, while somebody calls.
pub(super) fn calling_title(view: &CallView) -> Option<String> {
    Some(called_person(view.caller()?, SOMEBODY) + " is calling")
}

/// Appends a part, if there is one, behind a separator.
fn append(text: &mut String, separator: &str, part: &str) {
    if !text.is_empty() && !part.is_empty() {
        text.push_str(separator);
    }
    text.push_str(part);
}

/// What somebody is called in a list.
pub(super) fn listed(person: &PersonView) -> String {
    called_person(person, SOMEBODY)
}

/// What screen readers say of the button that calls one of several.
pub(super) fn call_person(name: &str) -> String {
    format!("Call {name} alone")
}

/// Sentences that come with chunks, once they are there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words {
    /// [`OF_CALL`].
    pub(super) of_call: Option<OfCall>,
    /// [`OF_DEVICES`].
    pub(super) of_devices: Option<OfDevices>,
}

/// The status line.
pub(super) fn status(view: &CallView, now: &dyn Fn() -> Time, words: Words) -> String {
    match view.stage() {
        Stage::Start => "See and hear each other, directly from browser to browser.".into(),
        Stage::Asking => {
            "Your browser is asking whether this page may use your camera and microphone.".into()
        }
        Stage::Blocked => about_devices(view, Fault::Lost, words.of_devices),
        Stage::Joining => joining(view.signaling_route).into(),
        Stage::Queued => queued(view.seat),
        Stage::InLobby | Stage::Removed => access::status(view.seat).into(),
        Stage::Alone if view.signaling_route == SignalingView::ByHand => {
            "No server brings you together: you do, with an invitation and a reply.".into()
        }
        Stage::Alone => "Nobody else is here yet. Send somebody this link.".into(),
        Stage::Ringing => ringing(view),
        Stage::Ready if view.can_call() => who_is_here(view),
        Stage::Ready => out_of_reach(view),
        Stage::InCall => in_call(view).into(),
        Stage::Connecting | Stage::Ended => words.of_call.map_or(String::new(), |of_call| of_call(view, now)),
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
        (Stage::Alone, _) if view.signaling_route == SignalingView::ByHand => BY_HAND,
        (Stage::Alone, _) => "You are the first",
        (Stage::Ringing, _) => "Incoming call",
        (Stage::Ready, _) if view.can_call() => "Ready when you are",
        (Stage::Ready, _) if view.unopened().is_some() => "Not understood",
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

/// What screen readers call somebody's video.
pub(super) fn label(person: &PersonView) -> String {
    called_person(person, OTHER_PERSON)
}

/// What somebody calls themselves.
pub(super) fn name(person: &PersonView) -> String {
    person.name.as_str().to_owned() + &number_of(person.name_number)
}

/// On the button that makes somebody's video the large one, or no longer.
pub(super) fn pin(person: &PersonView, is_pinned: bool) -> String {
    let verb = if is_pinned { "Unpin " } else { "Pin " };
    [verb, &called_person(person, "this person")].concat()
}

/// On the button that hides our own video from ourselves, or shows it again.
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

/// Where somebody's video would be, or over the last one that came.
pub(super) fn caption(person: Option<&PersonView>, view: &CallView, now: impl FnOnce() -> Time) -> String {
    match person {
        Some(person) if person.state == PersonState::Interrupted => "Reconnecting …".into(),
        Some(person) if person.state == PersonState::Ringing => "Calling …".into(),
        Some(person) if person.blocked => "Blocked".into(),
        Some(person) if person.state == PersonState::Connected && person.camera => {
            "No video is arriving".into()
        }
        Some(person) if person.state == PersonState::Connected => "Camera is off".into(),
        _ => connecting(view, now),
    }
}

/// What the server speaks, if it is that of another program.
pub(super) fn dialect(dialect: Option<Dialect>) -> String {
    let name = dialect.map_or("", Dialect::name);
    ["Through the server of another program (", name, ")."].concat()
}

fn joining(signaling_route: SignalingView) -> &'static str {
    match signaling_route {
        SignalingView::Unreachable { .. } | SignalingView::OtherKind(_) => {
            "You join as soon as the server can be reached."
        }
        _ => "Connecting to the server …",
    }
}

fn queued(seat: SeatView) -> String {
    let SeatView::Queued { capacity } = seat else {
        return String::new();
    };
    format!("This room is full ({capacity} people). You can wait: you will get in when somebody leaves.")
}

fn away(view: &CallView) -> String {
    let who = view
        .people
        .first()
        .map_or(String::new(), |person| called_person(person, OTHER_PERSON));
    who + " lost the connection to the room and should be back soon."
}

fn in_call(view: &CallView) -> &'static str {
    match view.people.iter().find_map(|person| person.path) {
        Some(Path::Direct) => "In a call, directly from browser to browser.",
        Some(Path::Relayed | Path::RelayedByThem) => {
            "In a call, through a TURN server. It passes on what it cannot read."
        }
        None => "In a call.",
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

/// On the button that moves our own video.
pub(super) const MOVE_SELF: &str = "Move self view to the next corner";

/// What the app is called.
pub(super) const APP: &str = "visavis";

/// At the field with the link to the room.
pub(super) const INVITE_LINK: &str = "Invite link";

/// On the link to the check before a call.
pub(super) const CHECK: &str = "Check your set-up";

/// On the link to calls without any server.
pub(super) const BY_HAND: &str = "Call without a server";

/// In the place of a part of the page that did not come.
pub(super) fn not_loaded(what: &str) -> String {
    format!(
        "The part of the page with {what} has not arrived. Check your connection, then try again. If this \
             site was updated meanwhile, load the page again after the call."
    )
}

/// Over a report that is shown.
pub(super) const REPORT: &str = "What this page knows about the call";

/// Below a report that is shown.
pub(super) const REPORT_IS_CLEAN: &str = "It holds no name, no address and no room. Copy it to pass it on.";

/// On the button that closes it.
pub(super) const CLOSE: &str = "Close";

/// On the badge of somebody who does not send audio.
pub(super) const MUTED: &str = "Microphone is off";

/// On the badge of somebody whom signaling does not reach.
pub(super) const PAGE_RECONNECTS: &str = "Their page is reconnecting";

/// What [`Remedy::ExplainRelay`] explains.
pub(super) const RELAY_EXPLANATION: &str = "To meet people on other devices, this site needs a server. The operator can start visavis-relay, and set its address as \"relay\" in config.json.";

#[cfg(test)]
mod tests;
