//! Why a call is over or could not be made, and what to do next.

use std::time::Duration;

use visavis_call::{CallPhase, CallView, Danger, EndReason, FailureCause, Obstacle, PersonState};
use visavis_protocol::name::PersonName;

use super::{called, not_understood, subject};

pub(super) fn ended(view: &CallView) -> String {
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
    let what_now = if let Some(why) = view.unopened() {
        &[" ", not_understood(why)].concat()
    } else if view.to_join().next().is_some() {
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
pub(in crate::ui) fn failed(view: &CallView) -> bool {
    matches!(
        view.call,
        CallPhase::Ended {
            reason: EndReason::Failed(_),
            ..
        }
    )
}

pub(super) fn failure(cause: &FailureCause, with: &PersonName) -> String {
    let (why, next) = explain(cause);
    match cause {
        FailureCause::ConnectionLost => {
            format!("The connection was lost, and no other way was found. {next}")
        }
        FailureCause::Unsafe(_) => {
            let whom = called(with, "the other person");
            format!("The call with {whom} was ended: {why}. {next}")
        }
        _ => format!(
            "Could not reach {}: {why}. {next}",
            called(with, "the other person")
        ),
    }
}

/// Why no connection comes about, to be put after a colon, and one thing to do about it.
pub(super) fn explain(cause: &FailureCause) -> (String, &'static str) {
    let (why, next) = match cause {
        FailureCause::NoAnswer => (
            "their page does not answer",
            "Ask them to reload it, then call again.",
        ),
        FailureCause::ConnectionLost => (
            "the connection is lost",
            "Call again when both networks are back.",
        ),
        FailureCause::TooLarge => (
            "their page wants more audio and video than a call has",
            "Ask them to reload it, then call again.",
        ),
        FailureCause::Unopened(_) => (
            "what comes in their name can't be opened, so it may not be from them",
            "Send them your link again, not through this page.",
        ),
        FailureCause::NotRelayed => (
            "your browser goes past the TURN server that would hide your network address",
            "Use another browser.",
        ),
        FailureCause::Unsafe(why) => (
            danger(*why),
            "Somebody may be between you: send them a new link in some other way.",
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
                "the networks between you block calls, and this site has no TURN server that could help",
                "Try another network, such as a phone's.",
            ),
            Obstacle::NoTurnToHideBehind => (
                "your calls go through a TURN server only, and there is none at the moment",
                "Let calls go directly, or ask the operator of this site.",
            ),
            Obstacle::TurnRefuses(code) => {
                return (
                    format!(
                        "the networks between you block direct calls, and the TURN server refuses this \
                         site's credentials ({code})"
                    ),
                    "Tell the operator of this site.",
                );
            }
            Obstacle::TurnIsFull => (
                "the networks between you block direct calls, and the TURN server has no room for another \
                 call",
                "Call again in a few minutes.",
            ),
            Obstacle::TurnUnreachable => (
                "the networks between you block direct calls, and yours does not reach the TURN server \
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

/// What looks as if somebody were between two people.
pub(super) fn danger(danger: Danger) -> &'static str {
    match danger {
        Danger::Certificate => "the certificate of the connection is not the one agreed on",
        Danger::Commitment => "its safety code was tampered with",
        Danger::Code => "your safety codes differ",
    }
}

/// `3 min 20 s`.
pub(super) fn spoken_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}
