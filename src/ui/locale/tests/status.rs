//! What the status says: how a call is made, how it fails and how it ends.

use super::*;

/// Every cause of a failure that there is.
fn causes() -> Vec<FailureCause> {
    let obstacles = [
        Obstacle::NothingToOffer,
        Obstacle::NothingOffered,
        Obstacle::HiddenAddresses,
        Obstacle::NoTurn,
        Obstacle::TurnRefuses(401),
        Obstacle::TurnIsFull,
        Obstacle::TurnUnreachable,
        Obstacle::EvenWithTurn,
    ];
    let others = [
        FailureCause::NoAnswer,
        FailureCause::ConnectionLost,
        FailureCause::TooLarge,
        FailureCause::Unopened(Unopened::Forged),
        FailureCause::Unsafe(Danger::Certificate),
        FailureCause::Unsafe(Danger::Commitment),
        FailureCause::Unsafe(Danger::Code),
        FailureCause::Browser("OperationError".into()),
    ];
    obstacles
        .map(FailureCause::NoPath)
        .into_iter()
        .chain(others)
        .collect()
}

#[test]
fn a_long_connection_says_so_after_eight_seconds_and_why() {
    let mut screen = screen();
    screen.view.call = CallPhase::Connecting { since: Time(1000) };
    screen.now = Time(8_999);
    assert_eq!(status(&screen), "Connecting …");
    screen.now = Time(9_000);
    assert_eq!(status(&screen), "This is taking longer than usual.");
    screen.view.suspicion = Some(FailureCause::NoAnswer);
    assert_eq!(
        status(&screen),
        "This is taking longer than usual: their page does not answer."
    );
    assert_eq!(
        caption(None, &screen),
        status(&screen),
        "it can be seen as well as heard"
    );
}

#[test]
fn every_failure_and_every_suspicion_is_a_sentence() {
    for cause in causes() {
        let failure = failure(&cause, &PersonName::default());
        assert!(failure.ends_with('.') && !failure.contains(".."), "{failure}");
        assert_eq!(
            failure.matches(". ").count(),
            1,
            "what, and one thing to do next: {failure}"
        );
        let mut screen = screen();
        screen.now = Time(10_000);
        screen.view.call = CallPhase::Connecting { since: Time(0) };
        screen.view.suspicion = Some(cause);
        let suspicion = status(&screen);
        assert!(
            suspicion.starts_with("This is taking longer than usual: ") && suspicion.ends_with('.'),
            "{suspicion}"
        );
        assert!(!suspicion.contains(". "), "{suspicion}");
    }
}

#[test]
fn what_blocks_both_devices_names_both() {
    let mut screen = screen();
    screen.view.media = LocalMediaView::Failed(DeviceErrors::both(MediaError::Refused));
    assert_eq!(
        status(&screen),
        "The camera and microphone are blocked for this page. Allow them next to the address bar, then try again."
    );
    screen.view.media = LocalMediaView::Failed(DeviceErrors::both(MediaError::Busy));
    assert!(status(&screen).contains("the camera and microphone. Close it"));
    screen.view.media = LocalMediaView::Failed(DeviceErrors {
        camera: Some(MediaError::Refused),
        microphone: Some(MediaError::NotFound),
        screen: None,
    });
    assert_eq!(
        status(&screen),
        "The camera is blocked for this page. Allow it next to the address bar, then try again. No microphone was \
         found. You can call with video only."
    );
}

#[test]
fn an_end_says_why_and_how_long_and_what_now() {
    let mut screen = screen();
    let mut ended = |reason, lasted, people| {
        screen.view.call = CallPhase::Ended {
            reason,
            lasted,
            with: PersonName::default(),
        };
        screen.view.people = people;
        status(&screen)
    };
    let lasted = Some(Duration::from_secs(200));
    assert_eq!(
        ended(EndReason::PeerHungUp, lasted, vec![person(PersonState::Here)]),
        "The other person hung up. You talked for 3 min 20 s. They are still here."
    );
    let two = vec![person(PersonState::Here), person(PersonState::Here)];
    assert_eq!(
        ended(EndReason::HungUp, None, two.clone()),
        "You cancelled the call. The others are still here."
    );
    let mut talking = two;
    talking[1].call = Some(CallKind::Open);
    assert_eq!(
        ended(EndReason::HungUp, None, talking),
        "You cancelled the call. The call goes on, and you can join again."
    );
    assert_eq!(
        ended(EndReason::PeerLeft, None, Vec::new()),
        "The other person left. When somebody comes, you can call them."
    );
    assert_eq!(
        ended(
            EndReason::Failed(FailureCause::ConnectionLost),
            lasted,
            vec![person(PersonState::Away)]
        ),
        "The connection was lost, and no other way was found. Call again when both networks are back. You talked \
         for 3 min 20 s. They lost the connection to the room and should be back soon."
    );
    assert_eq!(
        ended(
            EndReason::Failed(FailureCause::NoAnswer),
            None,
            vec![person(PersonState::Here)]
        ),
        "Could not reach the other person: their page does not answer. Ask them to reload it, then call again."
    );
}

#[test]
fn durations_read_naturally() {
    assert_eq!(clock(Duration::from_secs(62)), "1:02");
    assert_eq!(clock(Duration::from_secs(3662)), "1:01:02");
    assert_eq!(spoken_duration(Duration::from_secs(59)), "59 s");
    assert_eq!(spoken_duration(Duration::from_secs(3720)), "1 h 2 min");
}

#[test]
fn how_a_call_among_several_ended_is_a_sentence() {
    for (reason, said) in [
        (EndReason::Declined, "\u{2068}Ada\u{2069} declined."),
        (EndReason::Busy, "\u{2068}Ada\u{2069} is in another call."),
        (EndReason::Unanswered, "\u{2068}Ada\u{2069} did not answer."),
        (EndReason::Missed, "You missed a call from \u{2068}Ada\u{2069}."),
    ] {
        let mut screen = screen();
        screen.view.people = vec![named("Ada", PersonState::Here, None)];
        screen.view.call = CallPhase::Ended {
            reason,
            lasted: None,
            with: PersonName::new("Ada"),
        };
        assert_eq!(status(&screen), format!("{said} They are still here."));
    }
}
