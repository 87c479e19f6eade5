//! The codes of statuses. Whole-system tests read only these; here, each stands for its sentence.

use super::*;

/// Whole-system tests read the codes alone.
#[track_caller]
fn status_has_code(screen: &Screen, code: &str, text: &str) {
    assert_eq!(why(&screen.view), code);
    let status = status(screen);
    assert!(status.contains(text), "{code}: {status}");
}

#[test]
fn each_code_of_a_status_stands_for_a_sentence() {
    let mut refused = screen();
    for (error, code, text) in [
        (MediaError::Refused, "refused", "are blocked for this page"),
        (
            MediaError::NotFound,
            "not-found",
            "No camera and no microphone were found.",
        ),
        (MediaError::Dismissed, "dismissed", "did not get your permission"),
        (MediaError::BlockedBySystem, "blocked-by-system", "Your system"),
        (MediaError::NotDelegated, "not-delegated", "part of another one"),
        (MediaError::Busy, "busy", "Another program may be using"),
        (MediaError::Insecure, "other", "https://"),
        (MediaError::Unsupported, "other", "another browser"),
    ] {
        refused.view.media = LocalMediaView::Failed(DeviceErrors::both(error));
        status_has_code(&refused, code, text);
    }

    let mut outside = screen();
    for (seat, code, text) in [
        (
            SeatView::InLobby { locked: false },
            "",
            "The host has been asked.",
        ),
        (
            SeatView::InLobby { locked: true },
            "locked",
            "Nobody new can join right now.",
        ),
        (
            SeatView::Removed(RemovalReason::Refused),
            "refused",
            "The host did not let you in.",
        ),
        (
            SeatView::Removed(RemovalReason::Removed),
            "removed",
            "The host has removed you",
        ),
        (
            SeatView::Removed(RemovalReason::Crowded),
            "crowded",
            "Too many people",
        ),
    ] {
        outside.view.seat = seat;
        status_has_code(&outside, code, text);
    }

    let mut ready = screen();
    ready.view.people = vec![person(PersonState::Here)];
    status_has_code(&ready, "here", "is here.");
    ready.view.people[0].call = Some(CallKind::Open);
    status_has_code(&ready, "to-join", "is in a call. You can join.");
    ready.view.people = vec![person(PersonState::Calling)];
    ready.view.people[0].call = Some(CallKind::Open);
    status_has_code(&ready, "open", "is calling everybody here.");
    ready.view.people[0].call = Some(CallKind::Private);
    status_has_code(&ready, "private", "is calling you alone.");

    for (path, code, text) in [
        (None, "", "In a call."),
        (Some(Path::Direct), "direct", "directly from browser to browser"),
        (Some(Path::Relayed), "relayed", "through a TURN server"),
        (Some(Path::RelayedByThem), "relayed", "through a TURN server"),
    ] {
        let talking = in_call(PersonView {
            path,
            ..person(PersonState::Connected)
        });
        status_has_code(&talking, code, text);
    }
}

#[test]
fn each_code_of_an_end_stands_for_a_sentence() {
    let mut screen = screen();
    let no_path = |obstacle| EndReason::Failed(FailureCause::NoPath(obstacle));
    for (reason, code, text) in [
        (EndReason::HungUp, "hung-up", "You hung up."),
        (EndReason::PeerHungUp, "they-hung-up", "The other person hung up."),
        (EndReason::PeerLeft, "left", "The other person left."),
        (EndReason::Busy, "busy", "is in another call."),
        (EndReason::Declined, "other", "declined."),
        (
            EndReason::Failed(FailureCause::TooLarge),
            "too-large",
            "more audio and video than a call has",
        ),
        (
            EndReason::Failed(FailureCause::Unopened(Unopened::Forged)),
            "unopened",
            "can't be opened",
        ),
        (
            EndReason::Failed(FailureCause::NotRelayed),
            "other",
            "Use another browser.",
        ),
        (
            EndReason::Failed(FailureCause::Unsafe(Danger::Code)),
            "unsafe",
            "your safety codes differ",
        ),
        (no_path(Obstacle::NoTurn), "no-turn", "has no TURN server"),
        (
            no_path(Obstacle::NoTurnToHideBehind),
            "no-turn",
            "Let calls go directly, or ask the operator of this site.",
        ),
        (
            no_path(Obstacle::TurnRefuses(401)),
            "turn-refuses",
            "refuses this site's credentials (401)",
        ),
        (
            no_path(Obstacle::TurnUnreachable),
            "turn-unreachable",
            "does not reach the TURN server",
        ),
        (
            no_path(Obstacle::EvenWithTurn),
            "no-path",
            "not even the TURN server",
        ),
    ] {
        screen.view.call = CallPhase::Ended {
            reason,
            lasted: Some(Duration::from_secs(1)),
            with: PersonName::default(),
        };
        status_has_code(&screen, code, text);
    }
}
