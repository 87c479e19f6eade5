//! Calls without any server: the letters that people carry.

use visavis_letters::{Fault, Unreadable};

use crate::signaling::by_hand::{Obstacle, Progress};

/// On the button that copies a letter, and what is said then.
pub(in crate::ui) const COPY: &str = "Copy";
pub(in crate::ui) const COPIED: &str = "The text is copied.";

/// On the button that hands a letter to another program of the device.
pub(in crate::ui) const SHARE: &str = "Share …";

/// On the button that uses what was pasted.
pub(in crate::ui) const USE: &str = "Use it";

/// On the button that uses a letter that is too old by the clocks of two devices.
pub(in crate::ui) const USE_ANYWAY: &str = "Try it anyway";

/// Without a camera.
pub(in crate::ui) const NO_CAMERA: &str =
    "With your camera on, the page can read a code that is held in front of it.";

/// Where reading codes has failed.
pub(in crate::ui) const READER_FAILED: &str =
    "Reading the code has failed. Hold it still and scan again, or paste the text.";

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
        Progress::Invited => "invited",
        Progress::Writing => "writing",
        Progress::Invites(_) => "invites",
        Progress::Replies(_) => "replies",
        Progress::Connecting => "connecting",
        Progress::Connected(_) => "connected",
        Progress::Over(Obstacle::NoPath) => "no-path",
        Progress::Over(Obstacle::InvitationUnused) => "invitation-unused",
        Progress::Over(Obstacle::ReplyUnused) => "reply-unused",
        Progress::Over(Obstacle::NoTurn) => "no-turn",
        Progress::Over(Obstacle::NoNetwork) => "no-network",
        Progress::Over(Obstacle::BadLetter) => "bad-letter",
        Progress::Over(Obstacle::Browser) => "browser",
        Progress::Over(Obstacle::Left) => "left",
        Progress::Over(Obstacle::Lost) => "lost",
    }
}

/// What there is to do.
pub(in crate::ui) fn step(progress: &Progress, is_seated: bool) -> &'static str {
    match progress {
        Progress::Idle | Progress::Invited if is_seated => "",
        Progress::Idle => "Once you have chosen your camera, an invitation is made.",
        Progress::Invited => "You are invited. Once you have chosen your camera, your reply is made.",
        Progress::Writing => "Looking for the ways that lead to this browser …",
        Progress::Invites(_) => {
            "Send this invitation to the other person with any messenger, or let their camera see the code. Keep this \
             page open."
        }
        Progress::Replies(_) => {
            "Send this reply back to whoever invited you. The call begins when their page has it. Keep this page open."
        }
        Progress::Connecting => "The two browsers are looking for each other …",
        Progress::Connected(_) => "",
        Progress::Over(Obstacle::NoPath) => {
            "The two browsers have not found each other. The other page may be closed, or a network between you lets \
             nothing through: then another network helps, or a site with a TURN server."
        }
        Progress::Over(Obstacle::InvitationUnused) => {
            "Nobody has replied for an hour, and this invitation is too old now."
        }
        Progress::Over(Obstacle::ReplyUnused) => {
            "Nobody has used your reply in time, and it leads nowhere any more."
        }
        Progress::Over(Obstacle::NoTurn) => {
            "You have chosen to hide your network address, and no TURN server of this site could be reached that would. \
             Choose otherwise below, or try again."
        }
        Progress::Over(Obstacle::NoNetwork) => {
            "This browser has found no way that leads to it. Connect this device to a network, then try again."
        }
        Progress::Over(Obstacle::BadLetter) => "The letter that you got can't be used. Ask for a new one.",
        Progress::Over(Obstacle::Browser) => {
            "This browser can't make such a letter. Try again, or in another browser."
        }
        Progress::Over(Obstacle::Left) => "The other person has left.",
        Progress::Over(Obstacle::Lost) => "The connection to the other person is lost.",
    }
}

/// What a code holds, for those who don't see it.
pub(in crate::ui) fn as_code(progress: &Progress) -> &'static str {
    match progress {
        Progress::Replies(_) => "Your reply, as a code for their camera",
        _ => "Your invitation, as a code for their camera",
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
        Progress::Replies(_) => "Another invitation",
        _ => "An invitation that you got",
    }
}

/// On the same button, where each has replied to the other.
pub(in crate::ui) const INVITE_INSTEAD: &str = "Invite them instead";

/// On the button that makes another letter, where there is something to do about it.
pub(in crate::ui) fn renew(progress: &Progress) -> Option<&'static str> {
    Some(match progress {
        Progress::Over(Obstacle::ReplyUnused) => "New reply",
        Progress::Over(Obstacle::NoTurn | Obstacle::NoNetwork | Obstacle::Browser) => "Try again",
        Progress::Over(_) => "New invitation",
        _ => return None,
    })
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
        Fault::StaleInvitation => {
            "By the clock of this device, this invitation is more than an hour old. Ask for a new one, or try it anyway."
        }
        Fault::StaleReply => {
            "By the clock of this device, this reply is more than ten minutes old: their page waits no longer. Ask for a \
             new one, or try it anyway."
        }
        Fault::EarlierReply => {
            "This reply is for an earlier invitation of yours. Send the new one, and bring the reply to that."
        }
        Fault::CrossedReply => {
            "Each of you has replied to the other. One of you begins anew: invite them instead, and they bring the reply."
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
        Fault::CrossedReply => "crossed-reply",
        Fault::ForeignReply => "foreign-reply",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULTS: [Fault; 10] = [
        Fault::Unreadable(Unreadable::Nothing),
        Fault::Unreadable(Unreadable::Truncated),
        Fault::Unreadable(Unreadable::OtherVersion),
        Fault::OwnInvitation,
        Fault::OwnReply,
        Fault::StaleInvitation,
        Fault::StaleReply,
        Fault::EarlierReply,
        Fault::CrossedReply,
        Fault::ForeignReply,
    ];

    const OBSTACLES: [Obstacle; 9] = [
        Obstacle::NoPath,
        Obstacle::InvitationUnused,
        Obstacle::ReplyUnused,
        Obstacle::NoTurn,
        Obstacle::NoNetwork,
        Obstacle::BadLetter,
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
        all_differ(OBSTACLES.into_iter().map(|it| step(&Progress::Over(it), true)));
        all_differ(OBSTACLES.into_iter().map(|it| code(&Progress::Over(it))));
    }

    #[test]
    fn there_is_always_something_to_do() {
        assert!(step(&Progress::Invited, false).contains("your reply"));
        assert!(step(&Progress::Idle, false).contains("an invitation"));
        for obstacle in OBSTACLES {
            assert!(renew(&Progress::Over(obstacle)).is_some());
        }
        assert_eq!(renew(&Progress::Over(Obstacle::ReplyUnused)), Some("New reply"));
        assert_eq!(renew(&Progress::Over(Obstacle::NoNetwork)), Some("Try again"));
        assert_eq!(renew(&Progress::Over(Obstacle::Left)), Some("New invitation"));
    }
}
