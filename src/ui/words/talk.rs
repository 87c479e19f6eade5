//! What passes beside a call: messages, reactions, raised hands, and how well everybody is received.

use visavis_call::{CallKind, PersonView, Quality, Remark};

use super::Screen;
use crate::ui::talk::picture;

/// Over the list of them, too.
const MESSAGES: &str = "Messages";

/// On a picture.
pub(in crate::ui) const HAND_IS_UP: &str = "wants to speak";

/// On our own.
pub(in crate::ui) const YOUR_HAND_IS_UP: &str = "Your hand is up";

/// On the button that opens the messages.
pub(in crate::ui) fn messages(screen: &Screen) -> String {
    match (screen.talks, screen.unread().count()) {
        (true, _) => "Close messages".into(),
        (false, 0) => MESSAGES.into(),
        (false, unread) => format!("{MESSAGES}, {unread} new"),
    }
}

/// Beside that button.
pub(in crate::ui) fn unread_count(screen: &Screen) -> String {
    match screen.unread().count() {
        0 => String::new(),
        unread @ 1..=9 => unread.to_string(),
        _ => "9+".into(),
    }
}

/// What screen readers say of a message that comes while the list is closed.
pub(in crate::ui) fn last_unread(screen: &Screen) -> String {
    let last = screen.unread().last();
    last.map_or(String::new(), |remark| {
        format!("{}: {}", author(remark), remark.words.as_str())
    })
}

/// Who reads what is written now.
pub(in crate::ui) fn who_reads(screen: &Screen) -> String {
    match screen.view.kind {
        Some(CallKind::Private) => "Only the two of you read this.",
        _ => "Everybody in the call reads this, and whoever joins later. No server does.",
    }
    .into()
}

/// Who has written something.
pub(in crate::ui) fn author(remark: &Remark) -> String {
    let who = match &remark.from {
        None => "You",
        Some(_) if remark.name.is_empty() => "Somebody",
        Some(_) => remark.name.as_str(),
    };
    let privately = if remark.private { ", privately" } else { "" };
    [who, privately].concat()
}

/// What somebody feels like.
pub(in crate::ui) fn reacts(person: Option<&PersonView>, _: &Screen) -> String {
    let reaction = person.and_then(|person| person.reaction);
    reaction.map_or("", picture).into()
}

/// What we feel like.
pub(in crate::ui) fn own_reaction(screen: &Screen) -> String {
    screen.view.talk.reaction.map_or("", picture).into()
}

/// How well somebody is received.
pub(in crate::ui) fn quality(person: Option<&PersonView>, _: &Screen) -> String {
    match person.and_then(|person| person.quality) {
        Some(Quality::Poor) => "Poor connection",
        Some(Quality::Fair) => "Fair connection",
        Some(Quality::Good) => "Good connection",
        None => "",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use visavis_call::{Place, Reaction, Time, Words};
    use visavis_protocol::id::PeerId;
    use visavis_protocol::name::PersonName;

    use super::super::tests::{person, screen};
    use super::*;

    fn remark(id: u64, from: Option<&str>, text: &str) -> Remark {
        Remark {
            id,
            from: from.map(|name| PeerId::new(name).unwrap()),
            name: PersonName::new(from.unwrap_or_default()),
            private: false,
            at: Time(0),
            place: Place::default(),
            number: 0,
            words: Words::new(text).unwrap(),
        }
    }

    #[test]
    fn what_others_have_written_and_nobody_has_seen_is_counted() {
        let mut screen = screen();
        assert_eq!(
            (messages(&screen), unread_count(&screen)),
            ("Messages".into(), String::new())
        );
        let remarks = [(1, Some("Ada")), (2, None), (3, Some("Bob"))];
        let remarks = remarks.map(|(id, from)| remark(id, from, "hello"));
        screen.view.talk.remarks = Arc::new(remarks.to_vec());
        assert_eq!(messages(&screen), "Messages, 2 new");
        assert_eq!(unread_count(&screen), "2");
        assert_eq!(last_unread(&screen), "Bob: hello");
        screen.last_read = 1;
        assert_eq!(unread_count(&screen), "1");
        screen.read_all();
        assert_eq!(
            (unread_count(&screen), last_unread(&screen)),
            (String::new(), String::new())
        );
        screen.talks = true;
        assert_eq!(messages(&screen), "Close messages");
        let many = (4..24).map(|id| remark(id, Some("Ada"), "again")).collect();
        screen.view.talk.remarks = Arc::new(many);
        assert_eq!(unread_count(&screen), "9+");
    }

    #[test]
    fn whoever_has_written_is_named() {
        assert_eq!(author(&remark(1, None, "x")), "You");
        let mut theirs = remark(1, Some("Ada"), "x");
        assert_eq!(author(&theirs), "Ada");
        theirs.private = true;
        assert_eq!(author(&theirs), "Ada, privately");
        theirs.name = PersonName::default();
        assert_eq!(author(&theirs), "Somebody, privately");
    }

    #[test]
    fn it_is_said_who_reads_what_is_written() {
        let mut screen = screen();
        screen.view.kind = Some(CallKind::Private);
        assert!(who_reads(&screen).starts_with("Only the two of you"));
        screen.view.kind = Some(CallKind::Open);
        assert!(who_reads(&screen).starts_with("Everybody in the call"));
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let mut someone = person(visavis_call::PersonState::Connected);
        let screen = screen();
        let words = |person: &PersonView| (quality(Some(person), &screen), reacts(Some(person), &screen));
        assert_eq!(words(&someone), (String::new(), String::new()));
        someone.quality = Some(Quality::Poor);
        someone.reaction = Some(Reaction::Joy);
        assert_eq!(words(&someone), ("Poor connection".into(), "😂".into()));
    }
}
