//! Calls without any server: the letters that people carry.

use visavis_letters::{Fault, Unreadable};

use crate::signaling::by_hand::{Obstacle, Progress};

/// What a code holds, for those who don't see it.
pub(in crate::ui) const CODE: &str = "The same as a code for a camera";

/// On the button that copies a letter, and what is said then.
pub(in crate::ui) const COPY: &str = "Copy";
pub(in crate::ui) const COPIED: &str = "The text is copied.";

/// On the button that hands a letter to another program of the device.
pub(in crate::ui) const SHARE: &str = "Share …";

/// On the button that uses what was pasted.
pub(in crate::ui) const USE: &str = "Use it";

/// While the camera is looked at.
pub(in crate::ui) const HOLD: &str =
    "Hold the code in front of your camera, so that it fills about half of your picture.";

/// Where what reads codes has not arrived.
pub(in crate::ui) fn no_reader() -> String {
    super::not_loaded("the reader of codes")
}

/// Where a reply was opened, and another tab has taken it.
pub(in crate::ui) const HANDED: &str =
    "The tab where you made the invitation has this reply now. Go there; this tab can be closed.";

/// For tests, and for style.
pub(in crate::ui) fn code(progress: &Progress) -> &'static str {
    match progress {
        Progress::Idle => "idle",
        Progress::Writing => "writing",
        Progress::Invites(_) => "invites",
        Progress::Replies(_) => "replies",
        Progress::Connecting => "connecting",
        Progress::Connected => "connected",
        Progress::Over(Obstacle::NoPath) => "no-path",
        Progress::Over(Obstacle::ReplyUnused) => "reply-unused",
        Progress::Over(Obstacle::NoTurn) => "no-turn",
        Progress::Over(Obstacle::Browser) => "browser",
        Progress::Over(Obstacle::Left) => "left",
        Progress::Over(Obstacle::Lost) => "lost",
    }
}

/// What there is to do.
pub(in crate::ui) fn step(progress: &Progress, is_invited: bool, is_seated: bool) -> &'static str {
    match progress {
        Progress::Idle if is_seated => "",
        Progress::Idle if is_invited => {
            "You are invited. Once you have chosen your camera, your reply is made."
        }
        Progress::Idle => "Once you have chosen your camera, an invitation is made.",
        Progress::Writing => "Looking for the ways that lead to this browser …",
        Progress::Invites(_) => {
            "Send this invitation to the other person with any messenger, or let their camera see the code. Keep this \
             page open."
        }
        Progress::Replies(_) => {
            "Send this reply back to whoever invited you. The call begins when their page has it. Keep this page open."
        }
        Progress::Connecting => "The two browsers are looking for each other …",
        Progress::Connected => "",
        Progress::Over(Obstacle::NoPath) => {
            "The two browsers don't reach each other: a network between them lets nothing through. Try another network, or \
             a site with a TURN server."
        }
        Progress::Over(Obstacle::ReplyUnused) => {
            "Nobody has used your reply for ten minutes, so it leads nowhere any more."
        }
        Progress::Over(Obstacle::NoTurn) => {
            "You have chosen to hide your network address, and this site names no TURN server that could. Choose \
             otherwise below."
        }
        Progress::Over(Obstacle::Browser) => {
            "This browser can't make such a letter. Load the page again, or try another browser."
        }
        Progress::Over(Obstacle::Left) => "The other person has left.",
        Progress::Over(Obstacle::Lost) => "The connection to the other person is lost.",
    }
}

/// What the letter is called that is shown.
pub(in crate::ui) fn letter(progress: &Progress) -> &'static str {
    match progress {
        Progress::Replies(_) => "Your reply",
        _ => "Your invitation",
    }
}

/// At the field for what was carried here.
pub(in crate::ui) fn carried(progress: &Progress) -> &'static str {
    match progress {
        Progress::Invites(_) => "Their reply",
        _ => "An invitation that you got",
    }
}

/// On the button that begins anew.
pub(in crate::ui) fn renew(obstacle: Option<Obstacle>) -> &'static str {
    match obstacle {
        Some(Obstacle::ReplyUnused) => "New reply",
        _ => "New invitation",
    }
}

/// On the button that looks for codes.
pub(in crate::ui) fn scan(scans: bool) -> &'static str {
    if scans { "Stop scanning" } else { "Scan a code" }
}

/// Why a letter leads nowhere, and what to do.
pub(in crate::ui) fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Unreadable(Unreadable::Nothing) => {
            "There is no invitation and no reply in this text. Copy the whole message that you got."
        }
        Fault::Unreadable(Unreadable::Truncated) => {
            "A part of this is missing, or was changed on the way. Copy the whole text once more, or ask for it again."
        }
        Fault::Unreadable(Unreadable::OtherVersion) => {
            "This is from another version of visavis. Load both pages again, then begin anew."
        }
        Fault::OwnInvitation => {
            "This is your own invitation. Send it to the other person, and bring their reply here."
        }
        Fault::OwnReply => "This is your own reply. Send it to the person who invited you.",
        Fault::StaleInvitation => "This invitation is more than an hour old. Ask for a new one.",
        Fault::StaleReply => {
            "This reply is more than ten minutes old: their page waits no longer. Ask for a new one."
        }
        Fault::EarlierReply => {
            "This reply is for an earlier invitation of yours. Send the new one, and bring the reply to that."
        }
        Fault::ForeignReply => {
            "This reply is for an invitation that this page has not made. Bring it to the page that has, or begin anew \
             if that is closed."
        }
    }
}

/// The same, for tests.
pub(in crate::ui) fn fault_code(fault: Fault) -> &'static str {
    match fault {
        Fault::Unreadable(Unreadable::Nothing) => "nothing",
        Fault::Unreadable(Unreadable::Truncated) => "truncated",
        Fault::Unreadable(Unreadable::OtherVersion) => "other-version",
        Fault::OwnInvitation => "own-invitation",
        Fault::OwnReply => "own-reply",
        Fault::StaleInvitation => "stale-invitation",
        Fault::StaleReply => "stale-reply",
        Fault::EarlierReply => "earlier-reply",
        Fault::ForeignReply => "foreign-reply",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULTS: [Fault; 9] = [
        Fault::Unreadable(Unreadable::Nothing),
        Fault::Unreadable(Unreadable::Truncated),
        Fault::Unreadable(Unreadable::OtherVersion),
        Fault::OwnInvitation,
        Fault::OwnReply,
        Fault::StaleInvitation,
        Fault::StaleReply,
        Fault::EarlierReply,
        Fault::ForeignReply,
    ];

    const OBSTACLES: [Obstacle; 6] = [
        Obstacle::NoPath,
        Obstacle::ReplyUnused,
        Obstacle::NoTurn,
        Obstacle::Browser,
        Obstacle::Left,
        Obstacle::Lost,
    ];

    fn all_differ(texts: impl Iterator<Item = &'static str>) {
        let mut known = Vec::new();
        for text in texts {
            assert!(!text.is_empty() && !known.contains(&text), "{text}");
            known.push(text);
        }
    }

    #[test]
    fn each_fault_has_its_own_words() {
        all_differ(FAULTS.into_iter().map(fault));
        all_differ(FAULTS.into_iter().map(fault_code));
        all_differ(
            OBSTACLES
                .into_iter()
                .map(|it| step(&Progress::Over(it), false, true)),
        );
        all_differ(OBSTACLES.into_iter().map(|it| code(&Progress::Over(it))));
    }

    #[test]
    fn each_step_says_what_to_do() {
        let [invites, replies] = [Progress::Invites, Progress::Replies].map(|it| it(String::new()));
        assert!(step(&Progress::Idle, true, false).contains("your reply"));
        assert!(step(&Progress::Idle, false, false).contains("an invitation"));
        assert!(step(&invites, false, true).contains("Send this invitation"));
        assert!(step(&replies, true, true).contains("Send this reply back"));
        assert_eq!(
            (letter(&invites), carried(&invites)),
            ("Your invitation", "Their reply")
        );
        assert_eq!(letter(&replies), "Your reply");
        assert_eq!(renew(Some(Obstacle::ReplyUnused)), "New reply");
        assert_eq!(renew(Some(Obstacle::Left)), "New invitation");
    }
}
