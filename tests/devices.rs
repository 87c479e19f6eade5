//! Cameras and microphones that come and go during a call.

#![cfg(target_arch = "wasm32")]

use visavis_call::{Command, Device, DeviceErrors, DeviceView, LocalMediaView, MediaError, MediaWish, Stage};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MediaStreamTrack;

mod support;

use support::{
    Person, Shown, all_ended, both_reach, expect_equal, fresh_room, probe, sleep, small_video, tracks,
    two_people, until,
};

wasm_bindgen_test_configure!(run_in_browser);

/// The media sections of a call with audio, video, and the data channel.
const LINES: u32 = 3;

/// Two people in a call who send what they wish to, and the number of the caller's connection; the callee's
/// is the next.
async fn in_call(caller: MediaWish, callee: MediaWish) -> (Person, Person, u32) {
    let room = fresh_room();
    let (one, other) = (Person::outside(&room), Person::outside(&room));
    one.send(Command::GetMedia(caller));
    other.send(Command::GetMedia(callee));
    both_reach(&one, &other, Stage::Ready).await;
    let made = probe::made_connections();
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    (one, other, made)
}

fn track(person: &Person, kind: &str) -> MediaStreamTrack {
    let stream = person.local().expect("something is open");
    let mut tracks = tracks(&stream).into_iter().filter(|track| track.kind() == kind);
    let track = tracks.next().expect("a device of this kind is open");
    assert!(tracks.next().is_none(), "one of each kind is enough");
    track
}

async fn everything_is_settled(connections: [u32; 2]) {
    for connection in connections {
        expect_equal("the negotiation is over", "connected stable".to_owned(), || {
            probe::state_of(connection)
        })
        .await;
    }
}

#[wasm_bindgen_test]
async fn a_camera_that_is_switched_fifty_times_is_negotiated_once() {
    let (one, other, made) = in_call(MediaWish::CameraAndMicrophone, MediaWish::CameraAndMicrophone).await;
    one.sees_the_other().await;
    other.sees_the_other().await;
    let shape = || {
        [made, made + 1].map(|it| {
            (
                probe::lines_of(it),
                probe::transceivers_of(it),
                probe::descriptions_of(it),
            )
        })
    };
    let before = (shape(), probe::Open::now());
    assert_eq!(before.0.map(|(lines, ..)| lines), [LINES, LINES]);
    for round in 0..50 {
        let camera = track(&one, "video");
        one.send(Command::SetCamera(false));
        one.has_devices(DeviceView::Off, DeviceView::On).await;
        assert!(all_ended(&[camera]), "its light is out");
        expect_equal("only audio is sent", vec!["audio".to_owned()], || {
            probe::kinds_sent_by(made)
        })
        .await;
        assert_eq!(probe::Open::now().tracks, before.1.tracks - 1);
        if round % 10 == 0 {
            expect_equal("the other side knows", Some((false, true)), || other.hears_of()).await;
        }
        one.send(Command::SetCamera(true));
        one.has_devices(DeviceView::On, DeviceView::On).await;
    }
    other.sees_the_other().await;
    one.sees_the_other().await;
    expect_equal("the other side knows", Some((true, true)), || other.hears_of()).await;
    assert_eq!(shape(), before.0, "nothing had to be negotiated");
    before.1.again().await;
}

/// By then, the small videos of a call's beginning are over.
const FULL_SIZE_MS: i32 = 1500;

#[wasm_bindgen_test]
async fn a_camera_that_comes_on_later_is_sent_in_full() {
    let (one, other, _) = in_call(MediaWish::CameraAndMicrophone, MediaWish::CameraAndMicrophone).await;
    one.send(Command::SetCamera(false));
    one.has_devices(DeviceView::Off, DeviceView::On).await;
    sleep(FULL_SIZE_MS).await;
    one.send(Command::SetCamera(true));
    one.has_devices(DeviceView::On, DeviceView::On).await;
    let remote = other.remote().expect("who is in a call has a remote stream");
    Shown::new(&remote).is_wide(small_video().width).await;
}

#[wasm_bindgen_test]
async fn ones_own_video_is_in_the_same_stream_whenever_it_comes() {
    let person = Person::entering(&fresh_room());
    person.reaches(Stage::Alone).await;
    let stream = person.local().expect("the stream is shown");
    let shown = Shown::new(&stream);
    shown.moves().await;
    for _ in 0..3 {
        person.send(Command::SetCamera(false));
        person.has_devices(DeviceView::Off, DeviceView::On).await;
        person.send(Command::SetCamera(true));
        person.has_devices(DeviceView::On, DeviceView::On).await;
        assert!(person.local().as_ref() == Some(&stream), "it is another stream");
        shown.moves().await;
    }
}

#[wasm_bindgen_test]
async fn who_has_nothing_open_any_more_shows_nothing() {
    let person = Person::outside(&fresh_room());
    person.send(Command::GetMedia(MediaWish::Camera));
    person.reaches(Stage::Alone).await;
    person.send(Command::SetCamera(false));
    person.has_devices(DeviceView::Off, DeviceView::Absent).await;
    assert!(person.local().is_none());
    person.send(Command::SetMicrophone(true));
    person.has_devices(DeviceView::Off, DeviceView::On).await;
    track(&person, "audio");
}

#[wasm_bindgen_test]
async fn whoever_lacks_what_both_switch_it_on_at_once() {
    let wishes = [
        MediaWish::CameraAndMicrophone,
        MediaWish::Microphone,
        MediaWish::Nothing,
    ];
    for caller in wishes {
        for callee in wishes {
            let (one, other, made) = in_call(caller, callee).await;
            for person in [&one, &other] {
                person.send(Command::SetCamera(true));
                person.send(Command::SetMicrophone(true));
            }
            for person in [&one, &other] {
                person.has_devices(DeviceView::On, DeviceView::On).await;
            }
            one.sees_the_other().await;
            other.sees_the_other().await;
            everything_is_settled([made, made + 1]).await;
            for connection in [made, made + 1] {
                assert_eq!(probe::lines_of(connection), LINES, "{caller:?} called {callee:?}");
            }
        }
    }
}

#[wasm_bindgen_test]
async fn both_call_without_cameras_and_then_switch_them_on() {
    let room = fresh_room();
    let (one, other) = (Person::outside(&room), Person::outside(&room));
    for person in [&one, &other] {
        person.send(Command::GetMedia(MediaWish::Microphone));
    }
    both_reach(&one, &other, Stage::Ready).await;
    let made = probe::made_connections();
    one.send(Command::Call);
    other.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    for _ in 0..5 {
        for person in [&one, &other] {
            person.send(Command::SetCamera(true));
        }
        for person in [&one, &other] {
            person.has_devices(DeviceView::On, DeviceView::On).await;
            person.sees_the_other().await;
        }
        for person in [&one, &other] {
            person.send(Command::SetCamera(false));
            person.has_devices(DeviceView::Off, DeviceView::On).await;
        }
    }
    everything_is_settled([made, made + 1]).await;
    for connection in [made, made + 1] {
        let lines = probe::lines_of(connection);
        // What one offered to receive in the call that was rolled back is a line of its own.
        assert!(lines <= LINES + 1, "there are {lines} lines");
    }
}

#[wasm_bindgen_test]
async fn a_camera_that_stops_by_itself_is_missed_and_can_be_had_again() {
    let (one, other, _) = in_call(MediaWish::CameraAndMicrophone, MediaWish::Nothing).await;
    other.sees_the_other().await;
    let lost = track(&one, "video");
    probe::lose(&lost);
    one.has_devices(DeviceView::Lost, DeviceView::On).await;
    assert_eq!(tracks(&one.local().expect("the microphone is open")).len(), 1);
    assert!(all_ended(&[lost]));
    expect_equal("the other side knows", Some((false, true)), || other.hears_of()).await;
    one.send(Command::SetCamera(true));
    one.has_devices(DeviceView::On, DeviceView::On).await;
    other.sees_the_other().await;
    // It is the new one that is listened to.
    probe::lose(&track(&one, "video"));
    one.has_devices(DeviceView::Lost, DeviceView::On).await;
}

#[wasm_bindgen_test]
async fn what_the_system_pauses_is_told_to_both_sides_and_goes_on_by_itself() {
    let (one, other, made) = in_call(MediaWish::CameraAndMicrophone, MediaWish::Nothing).await;
    other.sees_the_other().await;
    for (kind, devices, heard) in [
        ("video", (DeviceView::Held, DeviceView::On), (false, true)),
        ("audio", (DeviceView::On, DeviceView::Held), (true, false)),
    ] {
        probe::tell(&track(&one, kind), "mute");
        one.has_devices(devices.0, devices.1).await;
        expect_equal("the other side knows", Some(heard), || other.hears_of()).await;
        probe::tell(&track(&one, kind), "unmute");
        one.has_devices(DeviceView::On, DeviceView::On).await;
        expect_equal("the other side knows", Some((true, true)), || other.hears_of()).await;
    }
    other.sees_the_other().await;
    assert_eq!(probe::lines_of(made), LINES);
}

#[wasm_bindgen_test]
async fn another_device_takes_the_place_of_the_one_that_is_open() {
    let (one, other, made) = in_call(MediaWish::CameraAndMicrophone, MediaWish::CameraAndMicrophone).await;
    let before = (probe::Open::now(), probe::descriptions_of(made));
    one.send(Command::SetMicrophone(false));
    one.has_devices(DeviceView::On, DeviceView::Off).await;
    for (device, kind) in [(Device::Camera, "video"), (Device::Microphone, "audio")] {
        let old = track(&one, kind);
        one.send(Command::Reopen(device));
        until("there is another one", || track(&one, kind) != old).await;
        assert!(all_ended(&[old]));
    }
    assert!(!track(&one, "audio").enabled(), "what is muted stays so");
    one.has_devices(DeviceView::On, DeviceView::Off).await;
    other.sees_the_other().await;
    one.send(Command::SetMicrophone(true));
    expect_equal("the other side knows", Some((true, true)), || other.hears_of()).await;
    assert_eq!(
        probe::descriptions_of(made),
        before.1,
        "nothing had to be negotiated"
    );
    before.0.again().await;
    // One that can't be had leaves the one that is there.
    let old = track(&one, "video");
    probe::refuse_once("NotAllowedError");
    one.send(Command::Reopen(Device::Camera));
    let refused = || match one.view().map(|view| view.media) {
        Some(LocalMediaView::Open { errors, .. }) => errors.camera,
        _ => None,
    };
    until("it is told why", || refused().is_some()).await;
    assert!(track(&one, "video") == old && !all_ended(&[old]));
    one.has_devices(DeviceView::On, DeviceView::On).await;
}

#[wasm_bindgen_test]
async fn a_device_that_is_closed_is_listened_to_no_longer() {
    let person = Person::entering(&fresh_room());
    person.reaches(Stage::Alone).await;
    let before = probe::Open::now();
    let camera = track(&person, "video");
    person.send(Command::SetCamera(false));
    person.has_devices(DeviceView::Off, DeviceView::On).await;
    // For its end, and for when the system pauses it and lets it go on.
    assert_eq!(probe::Open::now().listeners.0, before.listeners.0 - 3);
    probe::lose(&camera);
    person.send(Command::SetCamera(true));
    person.has_devices(DeviceView::On, DeviceView::On).await;
    assert_eq!(probe::Open::now().listeners.0, before.listeners.0);
    probe::lose(&camera);
    sleep(50).await;
    person.has_devices(DeviceView::On, DeviceView::On).await;
}

#[wasm_bindgen_test]
async fn a_muted_microphone_that_is_lost_comes_back_with_audio() {
    let (one, other, made) = in_call(MediaWish::CameraAndMicrophone, MediaWish::CameraAndMicrophone).await;
    one.send(Command::SetMicrophone(false));
    one.has_devices(DeviceView::On, DeviceView::Off).await;
    assert!(!track(&one, "audio").enabled());
    probe::lose(&track(&one, "audio"));
    one.has_devices(DeviceView::On, DeviceView::Lost).await;
    one.send(Command::SetMicrophone(true));
    one.has_devices(DeviceView::On, DeviceView::On).await;
    assert!(track(&one, "audio").enabled());
    expect_equal("the other side knows", Some((true, true)), || other.hears_of()).await;
    one.send(Command::SetMicrophone(false));
    one.has_devices(DeviceView::On, DeviceView::Off).await;
    assert!(!track(&one, "audio").enabled(), "the new one is muted as well");
    for connection in [made, made + 1] {
        assert_eq!(probe::lines_of(connection), LINES);
    }
}

#[wasm_bindgen_test]
async fn a_device_that_is_not_wanted_any_more_when_it_comes_is_closed() {
    let (one, _other, _) = in_call(MediaWish::CameraAndMicrophone, MediaWish::CameraAndMicrophone).await;
    let before = probe::Open::now();
    for device in ["video", "audio"] {
        probe::lose(&track(&one, device));
    }
    one.has_devices(DeviceView::Lost, DeviceView::Lost).await;
    let set = [Command::SetCamera as fn(bool) -> Command, Command::SetMicrophone];
    for set in set {
        let opened = probe::opened_tracks();
        one.send(set(true));
        one.send(set(false));
        until("it comes too late", || probe::opened_tracks() > opened).await;
        expect_equal("it is closed", before.tracks - 2, || probe::Open::now().tracks).await;
        assert!(one.local().is_none());
    }
    for set in set {
        one.send(set(true));
    }
    one.has_devices(DeviceView::On, DeviceView::On).await;
    assert!(track(&one, "audio").enabled());
    track(&one, "video");
}

#[wasm_bindgen_test]
async fn a_camera_that_is_refused_leaves_the_call_as_it_is() {
    let (one, other, _) = in_call(MediaWish::Microphone, MediaWish::CameraAndMicrophone).await;
    for (exception, error) in [
        ("NotReadableError", MediaError::Busy),
        ("NotAllowedError", MediaError::Refused),
    ] {
        probe::refuse_once(exception);
        one.send(Command::SetCamera(true));
        let expected = LocalMediaView::Open {
            camera: DeviceView::Lost,
            microphone: DeviceView::On,
            screen: DeviceView::Absent,
            errors: DeviceErrors {
                camera: Some(error),
                ..DeviceErrors::default()
            },
        };
        expect_equal("it is told why", Some(expected), || {
            one.view().map(|view| view.media)
        })
        .await;
    }
    one.sees_the_other().await;
    one.send(Command::SetCamera(true));
    one.has_devices(DeviceView::On, DeviceView::On).await;
    other.sees_the_other().await;
}

#[wasm_bindgen_test]
async fn a_call_that_begins_with_the_camera_off_gets_it_later() {
    let (one, other) = two_people(&fresh_room()).await;
    for person in [&one, &other] {
        person.send(Command::SetCamera(false));
        person.has_devices(DeviceView::Off, DeviceView::On).await;
    }
    let made = probe::made_connections();
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    expect_equal("no video comes", Some((false, true)), || one.hears_of()).await;
    // One after the other.
    other.send(Command::SetCamera(true));
    one.sees_the_other().await;
    one.send(Command::SetCamera(true));
    other.sees_the_other().await;
    for connection in [made, made + 1] {
        assert_eq!(probe::lines_of(connection), LINES);
        assert_eq!(
            probe::streams_of(connection),
            1,
            "audio and video are kept in step"
        );
    }
}
