//! Chat messages, reactions, raised hands, and how well everybody is received.

use visavis_call::{CallKind, CallView, ChatMessage, PersonView, Quality, Reaction};

use super::{SOMEBODY, YOU, append, called_person, number_of};

/// Over the list of them, too.
pub(in crate::ui) const MESSAGES: &str = "Messages";

/// Follows the name of whoever writes to us alone.
pub(super) const PRIVATELY: &str = ", privately";

/// On a tile.
pub(in crate::ui) const HAND_IS_UP: &str = "wants to speak";

/// On our own.
pub(in crate::ui) const YOUR_HAND_IS_UP: &str = "Your hand is up";

/// How each reaction is shown.
pub(in crate::ui) fn picture(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::ThumbsUp => "👍",
        Reaction::Heart => "❤️",
        Reaction::Joy => "😂",
        Reaction::Wow => "😮",
        Reaction::Clap => "👏",
        Reaction::Party => "🎉",
    }
}

/// What screen readers call each.
pub(in crate::ui) fn reaction_name(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::ThumbsUp => "Thumbs up",
        Reaction::Heart => "Heart",
        Reaction::Joy => "Laugh",
        Reaction::Wow => "Wow",
        Reaction::Clap => "Applause",
        Reaction::Party => "Hooray",
    }
}

/// On the button that opens the messages.
pub(in crate::ui) fn messages(is_open: bool, unread: usize) -> String {
    match (is_open, unread) {
        (true, _) => "Close messages".into(),
        (false, 0) => MESSAGES.into(),
        (false, unread) => format!("{MESSAGES}, {unread} new"),
    }
}

/// Beside that button.
pub(in crate::ui) fn unread_count(unread: usize) -> String {
    match unread {
        0 => String::new(),
        unread @ 1..=9 => unread.to_string(),
        _ => "9+".into(),
    }
}

/// What screen readers say of a message that comes while the list is closed.
pub(in crate::ui) fn read_aloud(message: &ChatMessage) -> String {
    format!("{}: {}", author(message), message.text.as_str())
}

/// Who reads what is written now.
pub(in crate::ui) fn who_reads(kind: Option<CallKind>) -> &'static str {
    match kind {
        Some(CallKind::Private) => "Only the two of you can read this.",
        _ => "Everybody in the call can read this, and so can later arrivals. No server can.",
    }
}

/// Who has written something.
pub(in crate::ui) fn author(message: &ChatMessage) -> String {
    let who = match &message.from {
        None => YOU,
        Some(_) if message.name.is_empty() => SOMEBODY,
        Some(_) => message.name.as_str(),
    };
    let privately = if message.private { PRIVATELY } else { "" };
    [who, &number_of(message.name_number), privately].concat()
}

/// Those whose messages were too many at once, and whom we want to read.
fn too_talkative(view: &CallView) -> impl Iterator<Item = &PersonView> {
    let is_one = |person: &&PersonView| person.messages_dropped > 0 && !person.blocked;
    view.people.iter().filter(is_one)
}

/// How many messages are not shown because they were too many at once.
pub(in crate::ui) fn dropped_count(view: &CallView) -> String {
    let dropped = too_talkative(view).map(|person| person.messages_dropped);
    dropped.fold(0, u32::saturating_add).to_string()
}

/// Whose they are.
pub(in crate::ui) fn messages_dropped(view: &CallView) -> String {
    let mut text = String::new();
    for person in too_talkative(view) {
        let (what, were) = match person.messages_dropped {
            1 => (" message of ", " was"),
            _ => (" messages of ", " were"),
        };
        let count = person.messages_dropped.to_string();
        let who = called_person(person, "somebody");
        let sentence = [&count, what, &who, were, " dropped: too many at once."].concat();
        append(&mut text, " ", &sentence);
    }
    text
}

/// What somebody feels like.
pub(in crate::ui) fn reacts(person: &PersonView) -> String {
    own_reaction(person.reaction).to_owned()
}

/// What we feel like.
pub(in crate::ui) fn own_reaction(reaction: Option<Reaction>) -> &'static str {
    reaction.map_or("", picture)
}

/// How well somebody is received.
pub(in crate::ui) fn quality(quality: Option<Quality>) -> &'static str {
    match quality {
        Some(Quality::Poor) => "Poor connection",
        Some(Quality::Fair) => "Fair connection",
        Some(Quality::Good) => "Good connection",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use visavis_call::{ChatText, Place, Time};
    use visavis_protocol::id::{PeerId, RoomId};
    use visavis_protocol::name::PersonName;

    use super::*;

    fn message(from: Option<&str>, text: &str) -> ChatMessage {
        ChatMessage {
            id: 1,
            from: from.map(|name| PeerId::new(name).unwrap()),
            name: PersonName::new(from.unwrap_or_default()),
            name_number: 1,
            private: false,
            at: Time(0),
            place: Place::default(),
            number: 0,
            text: ChatText::new(text).unwrap(),
        }
    }

    #[test]
    fn what_nobody_has_seen_yet_is_counted() {
        let shown = |is_open, unread| (messages(is_open, unread), unread_count(unread));
        assert_eq!(shown(false, 0), ("Messages".into(), String::new()));
        assert_eq!(shown(false, 2), ("Messages, 2 new".into(), "2".into()));
        assert_eq!(unread_count(20), "9+");
        assert_eq!(messages(true, 2), "Close messages");
        assert_eq!(read_aloud(&message(Some("Bob"), "hello")), "Bob: hello");
    }

    #[test]
    fn whoever_has_written_is_named() {
        assert_eq!(author(&message(None, "x")), "You");
        let mut theirs = message(Some("Ada"), "x");
        assert_eq!(author(&theirs), "Ada");
        theirs.private = true;
        assert_eq!(author(&theirs), "Ada, privately");
        theirs.name = PersonName::default();
        assert_eq!(author(&theirs), "Somebody, privately");
    }

    #[test]
    fn what_was_too_much_at_once_is_counted_for_each_who_wrote_it() {
        let mut view = CallView::new(RoomId::new("test").unwrap().into());
        let person = |name, messages_dropped| PersonView {
            name: PersonName::new(name),
            messages_dropped,
            ..PersonView::new(PeerId::new("somebody").unwrap())
        };
        view.people = vec![person("Ada", 0)];
        assert_eq!(
            (dropped_count(&view), messages_dropped(&view)),
            ("0".into(), String::new())
        );
        view.people = vec![person("Ada", 12), person("Bob", 0), person("", 1)];
        assert_eq!(dropped_count(&view), "13");
        assert_eq!(
            messages_dropped(&view),
            "12 messages of \u{2068}Ada\u{2069} were dropped: too many at once. \
             1 message of somebody was dropped: too many at once."
        );
        // Who is blocked is not heard of.
        view.people[0].blocked = true;
        assert_eq!(dropped_count(&view), "1");
    }

    #[test]
    fn it_is_said_who_reads_what_is_written() {
        assert!(who_reads(Some(CallKind::Private)).starts_with("Only the two of you"));
        assert!(who_reads(Some(CallKind::Open)).starts_with("Everybody in the call"));
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        assert_eq!((quality(None), own_reaction(None)), ("", ""));
        assert_eq!(quality(Some(Quality::Poor)), "Poor connection");
        assert_eq!(own_reaction(Some(Reaction::Joy)), "😂");
    }
}
