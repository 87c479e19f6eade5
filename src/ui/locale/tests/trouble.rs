//! What the banner says of troubles.

use visavis_protocol::dialect::ServerKind;

use super::*;

const UNREACHABLE: SignalingView = SignalingView::Unreachable {
    retry_at: None,
    tabs_can_meet: false,
};

#[test]
fn an_interrupted_call_says_what_is_being_done() {
    let mut screen = in_call(person(PersonState::Interrupted));
    trouble_says(&screen, "interrupted. Trying another way …", Remedy::Report);
    assert_eq!(caption(screen.view.people.first(), &screen), "Reconnecting …");

    screen.view.people[0].reachable = false;
    trouble_says(&screen, "They seem to be offline", Remedy::Report);

    screen.view.signaling_route = UNREACHABLE;
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
    screen.view.signaling_route = UNREACHABLE;
    assert!(
        !seems_away(&screen.view, &screen.view.people[0]),
        "it is we who are away"
    );
}

#[test]
fn a_device_that_stops_says_so_until_one_goes_on_without() {
    let mut screen = in_call(person(PersonState::Connected));
    for (camera, microphone, text) in [
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
        trouble_says(&screen, text, Remedy::StartDevices);
    }
    screen.page.goes_without = true;
    assert_eq!(trouble(&screen), None);
}

#[test]
fn a_device_that_does_not_start_says_why() {
    let mut screen = in_call(person(PersonState::Connected));
    for (error, text) in [
        (
            MediaError::Refused,
            "The camera is blocked for this page. Allow it next to the address bar",
        ),
        (MediaError::Busy, "Another program may be using the camera."),
        (
            MediaError::NotFound,
            "No camera was found. You can call with audio only.",
        ),
        (MediaError::Dismissed, "Try again, and allow it"),
        (MediaError::BlockedBySystem, "in its privacy settings"),
        (MediaError::NotDelegated, "allow=\"camera; microphone\""),
        (
            MediaError::Other("XError".into()),
            "The camera could not be opened (XError).",
        ),
    ] {
        screen.view.media = devices(DeviceView::Lost, DeviceView::On, Some(error));
        trouble_says(&screen, text, Remedy::StartDevices);
    }
}

#[test]
fn devices_that_fail_for_different_reasons_are_told_apart() {
    let mut screen = in_call(person(PersonState::Connected));
    let lost = |camera: Option<MediaError>, microphone: Option<MediaError>| LocalMediaView::Open {
        camera: DeviceView::Lost,
        microphone: DeviceView::Lost,
        screen: DeviceView::Absent,
        errors: DeviceErrors {
            camera,
            microphone,
            screen: None,
        },
    };
    screen.view.media = lost(Some(MediaError::Busy), None);
    trouble_says(
        &screen,
        "using the camera. Close it, then try again. Your microphone has stopped.",
        Remedy::StartDevices,
    );
    screen.view.media = lost(Some(MediaError::Refused), Some(MediaError::Refused));
    trouble_says(
        &screen,
        "The camera and microphone are blocked",
        Remedy::StartDevices,
    );
}

#[test]
fn what_the_system_keeps_silent_is_told_and_waited_for() {
    let mut screen = in_call(person(PersonState::Connected));
    for (camera, microphone, text) in [
        (DeviceView::Held, DeviceView::On, "Your camera is paused"),
        (DeviceView::On, DeviceView::Held, "Your microphone is paused"),
        (
            DeviceView::Held,
            DeviceView::Held,
            "Your camera and microphone are paused",
        ),
    ] {
        screen.view.media = devices(camera, microphone, None);
        trouble_says(&screen, text, Remedy::Wait);
    }
}

#[test]
fn a_pause_is_not_taken_for_what_one_goes_without() {
    let mut screen = in_call(person(PersonState::Connected));
    screen.view.media = devices(DeviceView::Lost, DeviceView::Held, Some(MediaError::NotFound));
    screen.page.goes_without = true;
    trouble_says(&screen, "Your microphone is paused", Remedy::Wait);
}

#[test]
fn before_a_call_the_server_matters_more_than_a_device() {
    let mut screen = screen();
    screen.view.media = devices(DeviceView::Lost, DeviceView::On, None);
    screen.view.signaling_route = UNREACHABLE;
    trouble_says(&screen, "The server can't be reached.", Remedy::RetryNow);
    screen.view.signaling_route = SignalingView::OnlyThisBrowser;
    trouble_says(&screen, "Your camera has stopped.", Remedy::StartDevices);
    screen.page.goes_without = true;
    trouble_says(&screen, "only tabs of this browser", Remedy::ExplainRelay);
}

#[test]
fn a_room_that_a_restart_has_opened_is_no_secret() {
    let mut screen = screen();
    screen.view.access.is_reopened = true;
    trouble_says(&screen, "anybody with the link can enter", Remedy::Wait);
}

#[test]
fn the_retry_counts_down() {
    let mut screen = screen();
    screen.view.signaling_route = SignalingView::Unreachable {
        retry_at: Some(Time(5000)),
        tabs_can_meet: false,
    };
    for (now, text) in [
        (2000, "Retrying in 3 s."),
        (4001, "Retrying in 1 s."),
        (5000, "Retrying …"),
    ] {
        screen.now = Time(now);
        trouble_says(&screen, text, Remedy::RetryNow);
    }
}

#[test]
fn a_server_of_another_kind_is_named_with_what_to_write() {
    let mut screen = screen();
    screen.view.seat = SeatView::None;
    for (kind, code, says) in [
        (
            ServerKind::Visavis,
            "visavis",
            "of another kind: \"visavis\". Its operator can write that",
        ),
        (ServerKind::SocketIo, "socket.io", "kind: \"socket.io\"."),
        (ServerKind::Broadcast, "broadcast", "kind: \"broadcast\"."),
        (ServerKind::Plain, "plain", "kind: \"plain\"."),
        (
            ServerKind::Silent,
            "silent",
            "kind: \"broadcast\" or \"plain\". Its operator",
        ),
    ] {
        screen.view.signaling_route = SignalingView::OtherKind(kind);
        assert_eq!(screen.view.stage(), Stage::Joining);
        assert_eq!(why(&screen.view), code);
        let trouble = trouble(&screen).unwrap();
        assert!(trouble.sentence.contains(says), "{}", trouble.sentence);
        assert_eq!(trouble.remedy, Remedy::RetryNow);
    }
}
