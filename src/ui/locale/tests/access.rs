//! What is said to the host, and to those who wait.

use super::*;

fn with_policy(policy: AccessPolicy, is_ours: bool) -> Screen {
    let mut screen = screen();
    screen.view.access.policy = policy;
    screen.view.access.is_ours = is_ours;
    screen
}

#[test]
fn whoever_does_not_get_in_reads_why_and_what_may_change_that() {
    for (seat, headline_says, status_says) in [
        (
            SeatView::InLobby { locked: false },
            "Waiting room",
            "The host has been asked. You join as soon as they let you in.",
        ),
        (
            SeatView::InLobby { locked: true },
            "This room is locked",
            "Nobody new can join right now. You join as soon as the host opens the room.",
        ),
        (
            SeatView::Removed(RemovalReason::Refused),
            "Not let in",
            "The host did not let you in.",
        ),
        (
            SeatView::Removed(RemovalReason::Removed),
            "No longer in this room",
            "The host has removed you from this room.",
        ),
        (
            SeatView::Removed(RemovalReason::Crowded),
            "Too many people are waiting",
            "Too many people want to join right now. Ask again in a few minutes.",
        ),
    ] {
        let mut screen = screen();
        screen.view.seat = seat;
        // The connection to the relay is closed on purpose.
        screen.view.signaling_route = SignalingView::Off;
        assert_eq!(headline(&screen.view), headline_says);
        assert_eq!(status(&screen), status_says);
        assert_eq!(trouble(&screen), None);
    }
}

#[test]
fn whoever_knocks_is_named_and_others_are_counted() {
    let mut screen = with_policy(AccessPolicy::Knock, true);
    assert_eq!(knocking(&screen.view), "", "nothing to hear, nothing to see");
    for (names, text) in [
        (&[""][..], "Somebody wants to come in."),
        (&["Ada"], "\u{2068}Ada\u{2069} wants to come in."),
        (
            &["Ada", ""],
            "\u{2068}Ada\u{2069} wants to come in. 1 more is waiting.",
        ),
        (
            &["Ada", "", "Bob"],
            "\u{2068}Ada\u{2069} wants to come in. 2 more are waiting.",
        ),
    ] {
        let knocker = |name: &&str| KnockerView {
            id: PeerId::new("somebody").unwrap(),
            name: PersonName::new(name),
            name_number: 1,
        };
        screen.view.access.knocking = names.iter().map(knocker).collect();
        assert_eq!(knocking(&screen.view), text);
    }
}

#[test]
fn whoever_knocks_under_the_name_of_somebody_else_has_a_number() {
    let mut screen = screen();
    screen.view.access.knocking = vec![KnockerView {
        id: PeerId::new("somebody").unwrap(),
        name: PersonName::new("Ada"),
        name_number: 2,
    }];
    assert_eq!(
        knocking(&screen.view),
        "\u{2068}Ada\u{2069} (2) wants to come in."
    );
    assert_eq!(
        knocking_title(&screen.view).as_deref(),
        Some("\u{2068}Ada\u{2069} (2) knocks")
    );
}

#[test]
fn who_is_host_is_said_only_where_it_matters() {
    let host = |name: &str| PersonView {
        host: true,
        ..named(name, PersonState::Here, None)
    };
    for (policy, is_ours, name, text, beside_the_name) in [
        (AccessPolicy::Open, false, "Ada", None, ""),
        (AccessPolicy::Open, true, "Ada", None, ""),
        (AccessPolicy::Knock, true, "Ada", None, "host"),
        (
            AccessPolicy::Knock,
            false,
            "Ada",
            Some("\u{2068}Ada\u{2069} decides who comes in."),
            "host",
        ),
        (
            AccessPolicy::Knock,
            false,
            "",
            Some("The host decides who comes in."),
            "host",
        ),
        (
            AccessPolicy::Locked,
            false,
            "Ada",
            Some("\u{2068}Ada\u{2069} has locked this room."),
            "host",
        ),
    ] {
        let mut screen = with_policy(policy, is_ours);
        screen.view.people = vec![host(name)];
        assert_eq!(who_decides(&screen.view).as_deref(), text);
        assert_eq!(
            standing(&screen.view.people[0], screen.view.access.policy),
            beside_the_name
        );
        screen.view.people[0].call = Some(CallKind::Open);
        let beside_the_name = standing(&screen.view.people[0], screen.view.access.policy);
        assert!(beside_the_name.ends_with("in the call"), "{beside_the_name}");
    }
}

#[test]
fn what_a_host_can_do_names_whom_it_is_done_to() {
    let mut screen = with_policy(AccessPolicy::Open, true);
    screen.view.people = vec![named("Ada", PersonState::Here, None)];
    let id = screen.view.people[0].id.clone();
    assert_eq!(
        pick(&listed(&screen.view.people[0])),
        "More about \u{2068}Ada\u{2069}"
    );
    let name = name_of(&screen.view, &id);
    assert_eq!(make_host(&name), "Make \u{2068}Ada\u{2069} the host");
    assert_eq!(remove(&name), "Remove \u{2068}Ada\u{2069}");
    screen.view.people[0].name = PersonName::default();
    assert_eq!(remove(&name_of(&screen.view, &id)), "Remove this person");
}

#[test]
fn a_name_that_looks_like_another_one_has_a_number_everywhere() {
    let mut screen = with_policy(AccessPolicy::Open, true);
    screen.view.people = vec![named("Ada", PersonState::Here, None)];
    screen.view.people[0].name_number = 2;
    let person = &screen.view.people[0];
    assert_eq!(name(person), "Ada (2)");
    for sentence in [
        listed(person),
        label(person),
        pin(person, false),
        remove(&name_of(&screen.view, &person.id)),
    ] {
        assert!(sentence.contains("\u{2068}Ada\u{2069} (2)"), "{sentence}");
    }
    assert_eq!(block("Ada", false), "Block Ada");
    assert_eq!(block("Ada", true), "Show Ada again");
}
