//! Access to the room: who may come in, who wants to, and why somebody did not get in.

use visavis_call::{AccessPolicy, CallView, KnockerView, RemovalReason, SeatView};
use visavis_protocol::id::PeerId;

use super::{SOMEBODY, called, called_person, number_of};

/// A choice of who may come in.
pub(in crate::ui) fn access_policy(policy: AccessPolicy) -> &'static str {
    match policy {
        AccessPolicy::Open => "Anybody with the link",
        AccessPolicy::Knock => "I let people in",
        AccessPolicy::Locked => "Nobody new",
    }
}

/// Who wants to come in. The host answers the first of them.
pub(in crate::ui) fn knocking(view: &CallView) -> String {
    let [first, others @ ..] = view.access.knocking.as_slice() else {
        return String::new();
    };
    let more = match others.len() {
        0 => String::new(),
        1 => " 1 more is waiting.".into(),
        more => format!(" {more} more are waiting."),
    };
    knocker(first) + " wants to come in." + &more
}

/// In the tab's title, while somebody knocks.
pub(in crate::ui) fn knocking_title(view: &CallView) -> Option<String> {
    Some(knocker(view.access.knocking.first()?) + " knocks")
}

fn knocker(knocker: &KnockerView) -> String {
    called(&knocker.name, SOMEBODY) + &number_of(knocker.name_number)
}

/// For everybody but the host: who decides who comes in, once that matters.
pub(in crate::ui) fn who_decides(view: &CallView) -> Option<String> {
    let what = match view.access.policy {
        _ if view.access.is_ours => return None,
        AccessPolicy::Open => return None,
        AccessPolicy::Knock => " decides who comes in.",
        AccessPolicy::Locked => " has locked this room.",
    };
    let host = view.people.iter().find(|person| person.host)?;
    Some(called_person(host, "The host") + what)
}

/// On the button that shows what can be done about somebody.
pub(in crate::ui) fn pick(name: &str) -> String {
    "More about ".to_owned() + name
}

/// What somebody is called whom one decides about.
pub(in crate::ui) fn name_of(view: &CallView, id: &PeerId) -> String {
    let person = view.people.iter().find(|person| person.id == *id);
    person.map_or(String::new(), |person| called_person(person, "this person"))
}

/// On the button that hands the host's part over.
pub(in crate::ui) fn make_host(name: &str) -> String {
    format!("Make {name} the host")
}

/// On the button that takes somebody's seat.
pub(in crate::ui) fn remove(name: &str) -> String {
    format!("Remove {name}")
}

/// At the host's choice.
pub(in crate::ui) const WHO_CAN_COME_IN: &str = "Who can come in";

/// Beside that button while the room is open.
pub(in crate::ui) const COMES_BACK: &str = "With the link, a removed person can come back.";

/// Beside how loud somebody is, to us alone.
pub(in crate::ui) fn volume(name: &str) -> String {
    format!("Volume of {name}")
}

/// On the button that shows nothing of somebody any more, or everything again.
pub(in crate::ui) fn block(name: &str, is_blocked: bool) -> String {
    if is_blocked {
        format!("Show {name} again")
    } else {
        format!("Block {name}")
    }
}

/// What that does.
pub(in crate::ui) const BLOCKING: &str = "You will not see, hear or read them, and they can't call you. They are not told, and still see and hear you in a call.";

/// The headline for people without a seat.
pub(super) fn headline(seat: SeatView) -> &'static str {
    match seat {
        SeatView::InLobby { locked: false } => "Waiting room",
        SeatView::InLobby { locked: true } => "This room is locked",
        SeatView::Removed(RemovalReason::Refused) => "Not let in",
        SeatView::Removed(RemovalReason::Removed) => "No longer in this room",
        SeatView::Removed(RemovalReason::Crowded) => "Too many people are waiting",
        SeatView::None | SeatView::Joining | SeatView::Queued { .. } | SeatView::Seated => "",
    }
}

/// What keeps us out, and what may change that.
pub(super) fn status(seat: SeatView) -> &'static str {
    match seat {
        SeatView::InLobby { locked: false } => {
            "The host has been asked. You join as soon as they let you in."
        }
        SeatView::InLobby { locked: true } => {
            "Nobody new can join right now. You join as soon as the host opens the room."
        }
        SeatView::Removed(RemovalReason::Refused) => "The host did not let you in.",
        SeatView::Removed(RemovalReason::Removed) => "The host has removed you from this room.",
        SeatView::Removed(RemovalReason::Crowded) => {
            "Too many people want to join right now. Ask again in a few minutes."
        }
        SeatView::None | SeatView::Joining | SeatView::Queued { .. } | SeatView::Seated => "",
    }
}
