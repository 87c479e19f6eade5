//! Sentences about the people in a room.

use super::*;

#[test]
fn who_is_away_is_expected_back() {
    let mut screen = screen();
    screen.view.people = vec![person(PersonState::Away)];
    assert_eq!(screen.view.stage(), Stage::Ready);
    assert_eq!(
        status(&screen),
        "The other person lost the connection to the room and should be back soon."
    );
    screen.view.people[0].name = PersonName::new("Bob");
    assert_eq!(
        status(&screen),
        "\u{2068}Bob\u{2069} lost the connection to the room and should be back soon."
    );
    screen.view.people.push(person(PersonState::Here));
    assert_eq!(status(&screen), "Somebody is here.");
}

/// Nobody can be called what the page calls people: the state machine gives such a name a number.
#[test]
fn words_of_the_page_are_nobodys_name() {
    let is_page_word = |name: &str| visavis_protocol::name::is_page_word(&PersonName::new(name).likeness());
    for word in [SOMEBODY, OTHER_PERSON, YOU, HOST, APP] {
        assert!(is_page_word(word), "{word}");
    }
    assert!(is_page_word(&format!("Ada{}", chat::PRIVATELY)));
    assert!(!is_page_word("Ada"));
}

#[test]
fn who_is_here_is_named() {
    let mut screen = screen();
    for (names, text) in [
        (vec![""], "Somebody is here."),
        (vec!["", "Ada"], "Somebody and 1 more are here."),
        (vec!["Ada"], "\u{2068}Ada\u{2069} is here."),
        (vec!["Ada", ""], "\u{2068}Ada\u{2069} and 1 more are here."),
        (vec!["Ada", "Bob", ""], "\u{2068}Ada\u{2069} and 2 more are here."),
    ] {
        screen.view.people = names
            .into_iter()
            .map(|name| PersonView {
                name: PersonName::new(name),
                ..person(PersonState::Here)
            })
            .collect();
        assert_eq!(status(&screen), text);
    }
}

#[test]
fn sentences_name_whom_they_are_about() {
    let mut screen = screen();
    screen.view.call = CallPhase::Ended {
        reason: EndReason::Failed(FailureCause::NoAnswer),
        lasted: None,
        with: PersonName::new("Ada"),
    };
    assert!(status(&screen).starts_with("Could not reach \u{2068}Ada\u{2069}: "));
    let mut screen = in_call(PersonView {
        name: PersonName::new("Ada"),
        ..person(PersonState::Interrupted)
    });
    trouble_says(
        &screen,
        "The connection to \u{2068}Ada\u{2069} is interrupted. ",
        Remedy::Report,
    );
    screen.view.call = CallPhase::Ended {
        reason: EndReason::PeerHungUp,
        lasted: None,
        with: PersonName::new("Ada"),
    };
    assert!(status(&screen).starts_with("\u{2068}Ada\u{2069} hung up."));
}

#[test]
fn whoever_calls_is_named_and_says_whom_they_mean() {
    let mut screen = screen();
    for (kind, meant) in [
        (CallKind::Open, "\u{2068}Ada\u{2069} is calling everybody here."),
        (CallKind::Private, "\u{2068}Ada\u{2069} is calling you alone."),
    ] {
        screen.view.people = vec![
            named("Bob", PersonState::Here, None),
            named("Ada", PersonState::Calling, Some(kind)),
        ];
        assert_eq!(status(&screen), meant);
        assert_eq!(call(&screen.view), "Answer");
        assert_eq!(
            calling_title(&screen.view).as_deref(),
            Some("\u{2068}Ada\u{2069} is calling")
        );
    }
}

#[test]
fn a_call_that_goes_on_can_be_joined_and_a_private_one_can_not() {
    let mut screen = screen();
    screen.view.people = vec![
        named("Ada", PersonState::Here, Some(CallKind::Open)),
        named("Bob", PersonState::Here, None),
        named("Carol", PersonState::Here, Some(CallKind::Open)),
    ];
    assert_eq!(
        status(&screen),
        "\u{2068}Ada\u{2069} and 1 more are in a call. You can join."
    );
    assert_eq!(call(&screen.view), "Join");
    for person in &mut screen.view.people {
        person.call = person.call.map(|_| CallKind::Private);
    }
    assert_eq!(status(&screen), "\u{2068}Ada\u{2069} and 2 more are here.");
    assert_eq!(call(&screen.view), "Call all");
    assert_eq!(
        standing(&screen.view.people[0], screen.view.access.policy),
        "in a private call"
    );
}

#[test]
fn whoever_wants_more_connections_than_anybody_needs_is_marked() {
    let mut ada = named("Ada", PersonState::Connected, Some(CallKind::Open));
    for (offers_dropped, text) in [
        (0, "in the call"),
        (1, "in the call, 1 connection too many"),
        (300, "in the call, 300 connections too many"),
    ] {
        ada.offers_dropped = offers_dropped;
        assert_eq!(standing(&ada, AccessPolicy::Open), text);
    }
    (ada.host, ada.call) = (true, None);
    assert_eq!(
        standing(&ada, AccessPolicy::Knock),
        "host, 300 connections too many"
    );
}

#[test]
fn somebody_with_another_program_is_said_to_be_here_or_to_be_callable() {
    let mut screen = screen();
    let mut guest = PersonView::new(PeerId::new("guest-1").unwrap());
    for (presence, says) in [
        (Presence::Known, "Somebody is here with another program"),
        (Presence::Assumed, "does not tell who is there"),
    ] {
        guest.guest = Some(presence);
        screen.view.people = vec![guest.clone()];
        assert!(status(&screen).contains(says));
    }
    assert!(dialect(Some(Dialect::SocketIo)).contains("(socket.io)"));
}
