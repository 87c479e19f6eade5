//! Who can see what of us, in words.

use visavis_call::{CallView, Path, PersonView, Safety, SealView, Seen, Seer, Sight, Unopened};

use super::{OTHER_PERSON, append, called_person};

/// Below the heading.
pub(in crate::ui) const SEEN_NOW: &str =
    "This is how it is now. Whoever has seen something keeps it, also after they have left.";

/// On the button that opens it, and above it.
pub(in crate::ui) const WHO_SEES_WHAT: &str = "Who can see what";

/// What somebody sees of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct SightText {
    /// Who it is, for tests.
    pub(in crate::ui) code: &'static str,
    /// Who it is.
    pub(in crate::ui) who: String,
    /// What they see.
    pub(in crate::ui) sees: String,
    /// What they don't.
    pub(in crate::ui) not: String,
    /// What else there is to know about it.
    pub(in crate::ui) note: String,
}

/// What everybody sees of us.
pub(in crate::ui) fn sights(view: &CallView) -> Vec<SightText> {
    view.sights().iter().map(|sight| text(view, sight)).collect()
}

fn text(view: &CallView, sight: &Sight) -> SightText {
    let person = match &sight.who {
        Seer::Person(id) => view.person(id),
        _ => None,
    };
    let (code, who, note) = match (&sight.who, person) {
        (Seer::Site, _) => (
            "site",
            "This site".to_owned(),
            "It sends the program that runs here. You have to trust that it sends this one.".to_owned(),
        ),
        (Seer::Relay, _) => (
            "relay",
            "The server that brings people together".to_owned(),
            if view.room.is_sealed() {
                "What people say through it is sealed: it can neither read nor change it."
            } else {
                "This room is open: whoever runs this server could put themselves between you. Safety codes would tell."
            }
            .to_owned(),
        ),
        (Seer::StunServers, _) => (
            "stun",
            "STUN servers".to_owned(),
            "They tell your browser how it can be reached.".to_owned(),
        ),
        (Seer::TurnServers, _) => (
            "turn",
            "TURN servers".to_owned(),
            "They pass on audio and video where no direct way is found or wanted, and can't read it.".to_owned(),
        ),
        (Seer::Host, _) => (
            "host",
            "The host of this room".to_owned(),
            "Your name is for the one who may let you in.".to_owned(),
        ),
        (Seer::Person(_), None) => ("person", String::new(), String::new()),
        (Seer::Person(_), Some(person)) => ("person", called_person(person, OTHER_PERSON), about(person)),
    };
    let is_seen = |seen: &Seen| sight.sees.contains(seen);
    let (sees, not): (Vec<_>, Vec<_>) = Seen::ALL.into_iter().partition(is_seen);
    SightText {
        code,
        who,
        sees: list("Sees", &sees),
        not: list("Does not see", &not),
        note,
    }
}

/// How we are connected with somebody, and what is known of that.
fn about(person: &PersonView) -> String {
    let path = match person.path {
        Some(Path::Direct) => "Connected directly.",
        Some(Path::Relayed) => "Connected through a TURN server.",
        Some(Path::RelayedByThem) => "Connected through their TURN server.",
        None => "",
    };
    let seal = match person.seal {
        SealView::Open => "What you tell each other through the server is not sealed.",
        SealView::Unheard => "They have not shown yet that they have the link.",
        SealView::Sealed => "What you tell each other through the server is sealed.",
        SealView::Unopened(Unopened::NotSealed) => "Their page seals nothing, so it is not heard.",
        SealView::Unopened(_) => "What comes in their name can't be opened.",
    };
    let safety = match person.safety {
        Safety::Verified(_) => "You have compared safety codes: nobody sits between you.",
        Safety::Code(_) => "Compare safety codes to be sure that nobody sits between you.",
        Safety::Changed(_) | Safety::Broken(..) => "Somebody may sit between you: compare safety codes.",
        Safety::Unknown if person.path.is_some() => {
            "There is no safety code with them: their page makes none, or somebody keeps it back."
        }
        Safety::Unknown => "",
    };
    let mut about = String::new();
    for sentence in [path, seal, safety] {
        append(&mut about, " ", sentence);
    }
    about
}

/// `Sees: your video, your audio.`
fn list(what: &str, seen: &[Seen]) -> String {
    let mut list = String::new();
    for seen in seen {
        append(&mut list, ", ", word(*seen));
    }
    if list.is_empty() {
        return list;
    }
    [what, ": ", &list, "."].concat()
}

fn word(seen: Seen) -> &'static str {
    match seen {
        Seen::Address => "your network address",
        Seen::Times => "when you come and go",
        Seen::Sizes => "how much you send",
        Seen::Name => "your name",
        Seen::Setup => "how calls are set up",
        Seen::Video => "your video",
        Seen::Audio => "your audio",
        Seen::Messages => "your messages",
    }
}
