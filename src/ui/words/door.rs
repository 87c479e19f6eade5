//! The door of the room: who may come in, who wants to, and what has become of whoever did not get in.

use visavis_call::{Bar, Door, PersonView, SeatView};

use super::{Screen, called};

/// A choice of who may come in.
pub(in crate::ui) fn door(door: Door) -> &'static str {
    match door {
        Door::Open => "Anybody with the link",
        Door::Knock => "I let people in",
        Door::Locked => "Nobody new",
    }
}

/// All of these choices, as markup: three texts need no code.
pub(in crate::ui) const DOORS: &str =
    "<option>Anybody with the link</option><option>I let people in</option><option>Nobody new</option>";

/// Who wants to come in. The host answers the first of them.
pub(in crate::ui) fn knocking(screen: &Screen) -> String {
    let [first, others @ ..] = screen.view.door.knocking.as_slice() else {
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
pub(in crate::ui) fn who_decides(screen: &Screen) -> Option<String> {
    let what = match screen.view.door.state {
        _ if screen.view.door.is_ours => return None,
        Door::Open => return None,
        Door::Knock => " decides who comes in.",
        Door::Locked => " has locked this room.",
    };
    let host = screen.view.people.iter().find(|person| person.host)?;
    Some(called(&host.name, "The host") + what)
}

/// On the button that shows the host during a call who is in the room.
pub(in crate::ui) fn manage(screen: &Screen) -> String {
    if screen.manages { "Hide people" } else { "People" }.into()
}

/// On the button that shows what the host can do about somebody.
pub(in crate::ui) fn pick(person: Option<&PersonView>, screen: &Screen) -> String {
    "More about ".to_owned() + &super::listed(person, screen)
}

/// Whether that is shown about somebody, as screen readers hear it.
pub(in crate::ui) fn is_picked(person: Option<&PersonView>, screen: &Screen) -> String {
    let is_picked = person.is_some_and(|person| screen.picked.as_ref() == Some(&person.id));
    is_picked.to_string()
}

/// Whom the host has picked, while they are here.
pub(in crate::ui) fn picked(screen: &Screen) -> Option<&PersonView> {
    let mut people = screen.view.people.iter();
    people.find(|person| screen.view.door.is_ours && screen.picked.as_ref() == Some(&person.id))
}

fn name_of_picked(screen: &Screen) -> String {
    picked(screen).map_or(String::new(), |person| called(&person.name, "this person"))
}

/// On the button that hands the host's part over.
pub(in crate::ui) fn make_host(screen: &Screen) -> String {
    "Make ".to_owned() + &name_of_picked(screen) + " the host"
}

/// On the button that takes somebody's seat.
pub(in crate::ui) fn remove(screen: &Screen) -> String {
    "Remove ".to_owned() + &name_of_picked(screen) + " for good"
}

/// Over what follows, for whoever has no seat.
pub(super) fn headline(seat: SeatView) -> &'static str {
    match seat {
        SeatView::AtDoor { locked: false } => "Waiting to be let in",
        SeatView::AtDoor { locked: true } => "This room is locked",
        SeatView::Barred(Bar::Refused) => "Not let in",
        SeatView::Barred(Bar::Removed) => "No longer in this room",
        SeatView::Barred(Bar::Crowded) => "Too many at the door",
        SeatView::None | SeatView::Joining | SeatView::InLine { .. } | SeatView::Seated => "",
    }
}

/// What keeps us out, and what may change that.
pub(super) fn status(seat: SeatView) -> &'static str {
    match seat {
        SeatView::AtDoor { locked: false } => {
            "The host has been asked. Stay: you get in as soon as they let you."
        }
        SeatView::AtDoor { locked: true } => {
            "Nobody new can come in now. Stay: you get in if the host opens it."
        }
        SeatView::Barred(Bar::Refused) => "The host did not let you in.",
        SeatView::Barred(Bar::Removed) => "The host has removed you from this room.",
        SeatView::Barred(Bar::Crowded) => {
            "Too many people want to come in right now. Ask again in a few minutes."
        }
        SeatView::None | SeatView::Joining | SeatView::InLine { .. } | SeatView::Seated => "",
    }
}
