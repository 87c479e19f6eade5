//! Access to the room: who may come in, who wants to, and what has become of whoever did not get in.

use visavis_call::{Bar, CallView, Door, SeatView};
use visavis_protocol::id::PeerId;

use super::called;

/// A choice of who may come in.
pub(in crate::ui) fn door(door: Door) -> &'static str {
    match door {
        Door::Open => "Anybody with the link",
        Door::Knock => "I let people in",
        Door::Locked => "Nobody new",
    }
}

/// Who wants to come in. The host answers the first of them.
pub(in crate::ui) fn knocking(view: &CallView) -> String {
    let [first, others @ ..] = view.door.knocking.as_slice() else {
        return String::new();
    };
    let more = match others.len() {
        0 => String::new(),
        1 => " 1 more is waiting.".into(),
        more => format!(" {more} more are waiting."),
    };
    called(&first.name, "Somebody") + " wants to come in." + &more
}

/// For those who are not host: who decides who comes in, once that matters.
pub(in crate::ui) fn who_decides(view: &CallView) -> Option<String> {
    let what = match view.door.state {
        _ if view.door.is_ours => return None,
        Door::Open => return None,
        Door::Knock => " decides who comes in.",
        Door::Locked => " has locked this room.",
    };
    let host = view.people.iter().find(|person| person.host)?;
    Some(called(&host.name, "The host") + what)
}

/// On the button that shows what the host can do about somebody.
pub(in crate::ui) fn pick(name: &str) -> String {
    "More about ".to_owned() + name
}

/// What somebody is called whom the host decides about.
pub(in crate::ui) fn name_of(view: &CallView, id: &PeerId) -> String {
    let person = view.people.iter().find(|person| person.id == *id);
    person.map_or(String::new(), |person| called(&person.name, "this person"))
}

/// On the button that hands the host's part over.
pub(in crate::ui) fn make_host(name: &str) -> String {
    format!("Make {name} the host")
}

/// On the button that takes somebody's seat.
pub(in crate::ui) fn remove(name: &str) -> String {
    format!("Remove {name} for good")
}

/// Over what follows, for whoever has no seat.
pub(super) fn headline(seat: SeatView) -> &'static str {
    match seat {
        SeatView::AtDoor { locked: false } => "Waiting room",
        SeatView::AtDoor { locked: true } => "This room is locked",
        SeatView::Barred(Bar::Refused) => "Not let in",
        SeatView::Barred(Bar::Removed) => "No longer in this room",
        SeatView::Barred(Bar::Crowded) => "Too many people are waiting",
        SeatView::None | SeatView::Joining | SeatView::InLine { .. } | SeatView::Seated => "",
    }
}

/// What keeps us out, and what may change that.
pub(super) fn status(seat: SeatView) -> &'static str {
    match seat {
        SeatView::AtDoor { locked: false } => "The host has been asked. You join as soon as they let you in.",
        SeatView::AtDoor { locked: true } => {
            "Nobody new can join right now. You join as soon as the host opens the room."
        }
        SeatView::Barred(Bar::Refused) => "The host did not let you in.",
        SeatView::Barred(Bar::Removed) => "The host has removed you from this room.",
        SeatView::Barred(Bar::Crowded) => {
            "Too many people want to join right now. Ask again in a few minutes."
        }
        SeatView::None | SeatView::Joining | SeatView::InLine { .. } | SeatView::Seated => "",
    }
}
