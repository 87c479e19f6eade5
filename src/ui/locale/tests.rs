use visavis_call::{
    DeviceView, FailureCause, KnockerView, MediaError, Obstacle, PreConnection, RemovalReason,
};
use visavis_protocol::id::{PeerId, RoomId};

use super::ending::{failure, spoken_duration};
use super::trouble::Trouble;
use super::*;
use crate::browser::full_screen::FullScreen;
use crate::ui::state::PageState;

/// What there is to see.
pub(super) struct Screen {
    pub(super) view: CallView,
    pub(super) page: PageState,
    now: Time,
}

pub(super) fn screen() -> Screen {
    Screen {
        view: CallView {
            media: devices(DeviceView::On, DeviceView::On, None),
            signaling_route: SignalingView::Relay,
            seat: SeatView::Seated,
            ..CallView::new(RoomId::new("test").unwrap())
        },
        page: PageState::new(PreConnection::On, FullScreen::Off, true),
        now: Time(0),
    }
}

fn status(screen: &Screen) -> String {
    super::status(&screen.view, || screen.now)
}

fn trouble(screen: &Screen) -> Option<Trouble> {
    super::trouble(&screen.view, &screen.page, || screen.now)
}

fn caption(person: Option<&PersonView>, screen: &Screen) -> String {
    super::caption(person, &screen.view, || screen.now)
}

fn devices(camera: DeviceView, microphone: DeviceView, trouble: Option<MediaError>) -> LocalMediaView {
    LocalMediaView::Open {
        camera,
        microphone,
        screen: DeviceView::Absent,
        trouble,
    }
}

pub(super) fn person(state: PersonState) -> PersonView {
    PersonView {
        state,
        ..PersonView::new(PeerId::new("bob").unwrap())
    }
}

/// In a call with somebody.
fn in_call(person: PersonView) -> Screen {
    let mut screen = screen();
    screen.view.people = vec![person];
    screen.view.call = CallPhase::InCall { since: Time(0) };
    screen
}

const LOST_TOUCH: SignalingView = SignalingView::Unreachable {
    retry_at: None,
    tabs_can_meet: false,
};

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
        FailureCause::Browser("OperationError".into()),
    ];
    obstacles
        .map(FailureCause::NoPath)
        .into_iter()
        .chain(others)
        .collect()
}

#[track_caller]
fn trouble_says(screen: &Screen, words: &str, remedy: Remedy) {
    let trouble = trouble(screen).expect("there is trouble");
    assert!(trouble.sentence.contains(words), "{}", trouble.sentence);
    assert_eq!(trouble.remedy, remedy);
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

#[test]
fn an_interrupted_call_says_what_is_being_done() {
    let mut screen = in_call(person(PersonState::Interrupted));
    trouble_says(&screen, "interrupted. Trying another way …", Remedy::Report);
    assert_eq!(caption(screen.view.people.first(), &screen), "Reconnecting …");

    screen.view.people[0].reachable = false;
    trouble_says(&screen, "They seem to be offline", Remedy::Report);

    screen.view.signaling_route = LOST_TOUCH;
    trouble_says(&screen, "You seem to be offline.", Remedy::Report);

    screen.view.people = vec![person(PersonState::Connected)];
    trouble_says(
        &screen,
        "Connection to the server lost. Your call goes on",
        Remedy::Wait,
    );
}

#[test]
fn a_page_that_reconnects_is_no_trouble_while_media_flows() {
    let mut away = person(PersonState::Connected);
    away.reachable = false;
    let mut screen = in_call(away);
    assert_eq!(trouble(&screen), None);
    assert!(seems_away(&screen.view, &screen.view.people[0]));
    screen.view.signaling_route = LOST_TOUCH;
    assert!(
        !seems_away(&screen.view, &screen.view.people[0]),
        "it is we who are away"
    );
}

#[test]
fn a_picture_that_is_not_there_says_why() {
    let mut off = person(PersonState::Connected);
    off.video = false;
    let mut screen = in_call(off);
    assert_eq!(
        caption(screen.view.people.first(), &screen),
        "No video is arriving"
    );
    screen.view.people[0].camera = false;
    assert_eq!(caption(screen.view.people.first(), &screen), "Camera is off");
}

#[test]
fn a_device_that_stops_says_so_until_one_goes_on_without() {
    let mut screen = in_call(person(PersonState::Connected));
    for (camera, microphone, words) in [
        (
            DeviceView::Lost,
            DeviceView::On,
            "Your camera has stopped. It may be unplugged.",
        ),
        (
            DeviceView::Off,
            DeviceView::Lost,
            "Your microphone has stopped. It may be unplugged.",
        ),
        (
            DeviceView::Lost,
            DeviceView::Lost,
            "Your camera and microphone have stopped. They may be unplugged.",
        ),
    ] {
        screen.view.media = devices(camera, microphone, None);
        trouble_says(&screen, words, Remedy::StartDevices);
    }
    screen.page.goes_without = true;
    assert_eq!(trouble(&screen), None);
}

#[test]
fn a_device_that_does_not_start_says_why() {
    let mut screen = in_call(person(PersonState::Connected));
    for (error, words) in [
        (
            MediaError::Refused,
            "The camera is blocked for this page. Allow it next to the address bar",
        ),
        (MediaError::Busy, "Another program may be using the camera."),
        (
            MediaError::NotFound {
                camera: true,
                microphone: false,
            },
            "No camera was found.",
        ),
        (
            MediaError::Other("XError".into()),
            "The camera could not be opened (XError).",
        ),
    ] {
        screen.view.media = devices(DeviceView::Lost, DeviceView::On, Some(error));
        trouble_says(&screen, words, Remedy::StartDevices);
    }
}

#[test]
fn before_a_call_the_meeting_point_matters_more_than_a_device() {
    let mut screen = screen();
    screen.view.media = devices(DeviceView::Lost, DeviceView::On, None);
    screen.view.signaling_route = LOST_TOUCH;
    trouble_says(&screen, "The server can't be reached.", Remedy::RetryNow);
    screen.view.signaling_route = SignalingView::OnlyThisBrowser;
    trouble_says(&screen, "Your camera has stopped.", Remedy::StartDevices);
    screen.page.goes_without = true;
    trouble_says(&screen, "only tabs of this browser", Remedy::ExplainRelay);
}

#[test]
fn what_blocks_both_devices_names_both() {
    let mut screen = screen();
    screen.view.media = LocalMediaView::Failed(MediaError::Refused);
    assert_eq!(
        status(&screen),
        "The camera and microphone are blocked for this page. Allow them next to the address bar, then try again."
    );
    screen.view.media = LocalMediaView::Failed(MediaError::Busy);
    assert!(status(&screen).contains("the camera and microphone. Close it"));
}

#[test]
fn buttons_say_what_a_click_does() {
    for (state, of_camera, of_microphone) in [
        (DeviceView::On, "Stop camera", "Mute"),
        (DeviceView::Off, "Start camera", "Unmute"),
        (DeviceView::Opening, "Starting …", "Starting …"),
        (DeviceView::Lost, "Start camera", "Start microphone"),
        (DeviceView::Absent, "Start camera", "Start microphone"),
    ] {
        assert_eq!(
            (camera(state), microphone(state)),
            (of_camera, of_microphone),
            "{state:?}"
        );
    }
}

#[test]
fn our_own_tile_says_why_it_is_empty() {
    let mut screen = screen();
    for (state, words) in [
        (DeviceView::On, ""),
        (DeviceView::Opening, "Starting …"),
        (DeviceView::Off, "Your camera is off"),
        (DeviceView::Lost, "Your camera has stopped"),
    ] {
        screen.view.media = devices(state, DeviceView::On, None);
        assert_eq!(own_caption(&screen.view), words);
    }
}

#[test]
fn the_retry_counts_down() {
    let mut screen = screen();
    screen.view.signaling_route = SignalingView::Unreachable {
        retry_at: Some(Time(5000)),
        tabs_can_meet: false,
    };
    for (now, words) in [
        (2000, "Retrying in 3 s."),
        (4001, "Retrying in 1 s."),
        (5000, "Retrying …"),
    ] {
        screen.now = Time(now);
        trouble_says(&screen, words, Remedy::RetryNow);
    }
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
fn who_is_here_is_named() {
    let mut screen = screen();
    for (names, words) in [
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
        assert_eq!(status(&screen), words);
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

fn named(name: &str, state: PersonState, call: Option<CallKind>) -> PersonView {
    PersonView {
        name: PersonName::new(name),
        call,
        ..person(state)
    }
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

fn with_door(state: AccessPolicy, is_ours: bool) -> Screen {
    let mut screen = screen();
    screen.view.access.policy = state;
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
    let mut screen = with_door(AccessPolicy::Knock, true);
    assert_eq!(knocking(&screen.view), "", "nothing to hear, nothing to see");
    for (names, words) in [
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
        };
        screen.view.access.knocking = names.iter().map(knocker).collect();
        assert_eq!(knocking(&screen.view), words);
    }
}

#[test]
fn who_is_host_is_said_only_where_it_matters() {
    let host = |name: &str| PersonView {
        host: true,
        ..named(name, PersonState::Here, None)
    };
    for (state, is_ours, name, words, beside_the_name) in [
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
        let mut screen = with_door(state, is_ours);
        screen.view.people = vec![host(name)];
        assert_eq!(who_decides(&screen.view).as_deref(), words);
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
    let mut screen = with_door(AccessPolicy::Open, true);
    screen.view.people = vec![named("Ada", PersonState::Here, None)];
    let id = screen.view.people[0].id.clone();
    assert_eq!(
        pick(&listed(&screen.view.people[0])),
        "More about \u{2068}Ada\u{2069}"
    );
    let name = name_of(&screen.view, &id);
    assert_eq!(make_host(&name), "Make \u{2068}Ada\u{2069} the host");
    assert_eq!(remove(&name), "Remove \u{2068}Ada\u{2069} for good");
    screen.view.people[0].name = PersonName::default();
    assert_eq!(remove(&name_of(&screen.view, &id)), "Remove this person for good");
}

/// Whole-system tests read the codes alone.
#[track_caller]
fn status_has_code(screen: &Screen, code: &str, words: &str) {
    assert_eq!(why(&screen.view), code);
    let status = status(screen);
    assert!(status.contains(words), "{code}: {status}");
}

#[test]
fn each_code_of_a_status_stands_for_a_sentence() {
    let mut refused = screen();
    let not_found = MediaError::NotFound {
        camera: true,
        microphone: false,
    };
    for (error, code, words) in [
        (MediaError::Refused, "refused", "are blocked for this page"),
        (not_found, "not-found", "No camera was found."),
        (MediaError::Busy, "busy", "Another program may be using"),
        (MediaError::Unsupported, "other", "https://"),
    ] {
        refused.view.media = LocalMediaView::Failed(error);
        status_has_code(&refused, code, words);
    }

    let mut outside = screen();
    for (seat, code, words) in [
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
        status_has_code(&outside, code, words);
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

    for (path, code, words) in [
        (None, "", "In a call."),
        (Some(Path::Direct), "direct", "directly from browser to browser"),
        (Some(Path::Relayed), "relayed", "through a TURN server"),
    ] {
        let talking = in_call(PersonView {
            path,
            ..person(PersonState::Connected)
        });
        status_has_code(&talking, code, words);
    }
}

#[test]
fn each_code_of_an_end_stands_for_a_sentence() {
    let mut screen = screen();
    let no_path = |obstacle| EndReason::Failed(FailureCause::NoPath(obstacle));
    for (reason, code, words) in [
        (EndReason::HungUp, "hung-up", "You hung up."),
        (EndReason::PeerHungUp, "they-hung-up", "The other person hung up."),
        (EndReason::PeerLeft, "left", "The other person left."),
        (EndReason::Busy, "busy", "is in another call."),
        (EndReason::Declined, "other", "declined."),
        (no_path(Obstacle::NoTurn), "no-turn", "has no TURN server"),
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
        status_has_code(&screen, code, words);
    }
}

/// The page before the app is there.
const EARLY: &str = concat!(
    include_str!("../../../index.html"),
    include_str!("../../early.js")
);

#[test]
fn before_the_app_is_there_the_page_says_the_same() {
    fn says(words: &str) {
        // What the script fills in.
        let words = words
            .replace("NAME", "${name}")
            .replace("CONSTRAINT", "${error.constraint}");
        assert!(EARLY.contains(&words), "nothing says {words:?}");
    }
    let mut screen = screen();
    screen.view.signaling_route = SignalingView::Off;
    let mut shows = |media, seat| {
        screen.view.media = media;
        screen.view.seat = seat;
        says(headline(&screen.view));
        says(&status(&screen));
        says(&own_caption(&screen.view));
        says(get_video(screen.view.stage()));
    };
    shows(LocalMediaView::Off, SeatView::None);
    shows(LocalMediaView::Asking, SeatView::None);
    shows(devices(DeviceView::On, DeviceView::On, None), SeatView::Joining);
    shows(
        devices(DeviceView::Absent, DeviceView::Absent, None),
        SeatView::Joining,
    );
    let missing = |camera, microphone| MediaError::NotFound { camera, microphone };
    for error in [
        MediaError::Refused,
        missing(true, true),
        missing(true, false),
        missing(false, true),
        MediaError::Busy,
        MediaError::Unsatisfiable {
            constraint: "CONSTRAINT".into(),
        },
        MediaError::Unsupported,
        MediaError::Other("NAME".into()),
    ] {
        if let Some((words, _)) = call_with_less(&error) {
            says(&format!("\"{words}\""));
        }
        shows(LocalMediaView::Failed(error), SeatView::None);
    }
    for words in [
        "Try again",
        "Continue without",
        "Your name",
        "Invite link",
        "Copy link",
    ] {
        says(&format!(">{words}</"));
    }
    for words in ["Copied", "Press Ctrl+C"] {
        says(&format!("\"{words}\""));
    }
    says(CHECK);
}
