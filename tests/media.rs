//! Camera and microphone: open for as long as their owner lives, and not a moment longer.

#![cfg(target_arch = "wasm32")]

use visavis::browser::media::{self, LocalStream, Request};
use visavis::browser::preferences::Chosen;
use visavis::config::MediaConfig;
use visavis_call::{Command, Device, DeviceErrors, DeviceView, LocalMediaView, MediaEvent, MediaWish, Stage};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MediaStreamTrack;

mod support;

use support::{Person, all_ended, expect_equal, fresh_room, probe, tracks, until};

wasm_bindgen_test_configure!(run_in_browser);

async fn open(wish: MediaWish) -> LocalStream {
    let opened = media::open(Request {
        wish,
        site: MediaConfig::default(),
        person: Chosen::kept(),
        instead_of: None,
    })
    .await;
    assert_eq!(opened.event, MediaEvent::opened(wish));
    opened
        .stream
        .expect("there are a fake camera and a fake microphone")
}

fn track(stream: &LocalStream, device: Device) -> MediaStreamTrack {
    stream.track(device).expect("the device is open")
}

fn has(stream: &LocalStream, device: Device) -> bool {
    stream.track(device).is_some()
}

#[wasm_bindgen_test]
async fn camera_and_microphone_come_in_one_stream_of_the_configured_size() {
    let stream = open(MediaWish::CameraAndMicrophone).await;
    assert!(has(&stream, Device::Camera) && has(&stream, Device::Microphone));
    assert_eq!(stream.tracks().count(), 2);
    let settings = track(&stream, Device::Camera).get_settings();
    assert_eq!(
        (settings.get_width(), settings.get_height()),
        (Some(1280), Some(720))
    );
}

#[wasm_bindgen_test]
async fn the_microphone_comes_alone_if_only_sound_is_wanted() {
    let stream = open(MediaWish::Microphone).await;
    assert!(has(&stream, Device::Microphone) && !has(&stream, Device::Camera));
    assert_eq!(stream.tracks().count(), 1);
}

#[wasm_bindgen_test]
async fn the_camera_comes_alone_if_there_is_no_microphone() {
    let stream = open(MediaWish::Camera).await;
    assert!(has(&stream, Device::Camera) && !has(&stream, Device::Microphone));
    assert_eq!(stream.tracks().count(), 1);
}

#[wasm_bindgen_test]
async fn a_dropped_stream_stops_its_tracks() {
    let stream = open(MediaWish::CameraAndMicrophone).await;
    let tracks: Vec<_> = stream.tracks().collect();
    assert!(!all_ended(&tracks));
    drop(stream);
    assert!(all_ended(&tracks));
}

#[wasm_bindgen_test]
async fn a_microphone_is_silenced_without_the_camera() {
    let stream = open(MediaWish::CameraAndMicrophone).await;
    let enabled = || [Device::Microphone, Device::Camera].map(|device| track(&stream, device).enabled());
    assert_eq!(enabled(), [true, true]);
    for on in [false, true] {
        stream.enable_microphone(on);
        assert_eq!(enabled(), [on, true]);
    }
}

#[wasm_bindgen_test]
async fn who_leaves_switches_the_camera_off() {
    let person = Person::entering(&fresh_room());
    person.reaches(Stage::Alone).await;
    let tracks = tracks(&person.local().expect("the stream is shown"));
    person.send(Command::Leave);
    person.reaches(Stage::Start).await;
    assert!(all_ended(&tracks));
    assert!(person.local().is_none(), "the stream is shown no more");
}

#[wasm_bindgen_test]
async fn who_leaves_before_the_browser_answers_leaves_no_camera_on() {
    let before = probe::Open::now();
    let opened = probe::opened_tracks();
    let person = Person::entering(&fresh_room());
    person.send(Command::Leave);
    until("camera and microphone come too late", || {
        probe::opened_tracks() == opened + 2
    })
    .await;
    expect_equal("they are stopped", before.tracks, || probe::Open::now().tracks).await;
    assert!(person.local().is_none(), "the stream is not shown");
    assert_eq!(person.stage(), Some(Stage::Start));
}

#[wasm_bindgen_test]
async fn who_left_before_the_browser_answered_can_ask_again() {
    let opened = probe::opened_tracks();
    let person = Person::entering(&fresh_room());
    person.send(Command::Leave);
    until("camera and microphone come too late", || {
        probe::opened_tracks() == opened + 2
    })
    .await;
    person.reaches(Stage::Start).await;
    person.send(Command::GetMedia(MediaWish::CameraAndMicrophone));
    person.reaches(Stage::Alone).await;
    assert!(!all_ended(&tracks(&person.local().expect("the stream is shown"))));
}

#[wasm_bindgen_test]
async fn who_changes_their_mind_gets_what_they_wanted_last() {
    let before = probe::Open::now();
    let person = Person::entering(&fresh_room());
    person.send(Command::Leave);
    person.send(Command::GetMedia(MediaWish::Microphone));
    person.reaches(Stage::Alone).await;
    let media = person.view().map(|view| view.media);
    assert_eq!(
        media,
        Some(LocalMediaView::Open {
            camera: DeviceView::Absent,
            microphone: DeviceView::On,
            screen: DeviceView::Absent,
            errors: DeviceErrors::default(),
        })
    );
    let tracks = tracks(&person.local().expect("the stream is shown"));
    assert_eq!(
        tracks.iter().map(MediaStreamTrack::kind).collect::<Vec<_>>(),
        ["audio"]
    );
    assert!(!all_ended(&tracks));
    assert_eq!(probe::Open::now().tracks, before.tracks + 1, "the camera is off");
}

#[wasm_bindgen_test]
async fn who_asks_again_at_once_gets_what_the_browser_was_asked_for_first() {
    let before = probe::Open::now();
    let person = Person::entering(&fresh_room());
    person.send(Command::Leave);
    person.send(Command::GetMedia(MediaWish::CameraAndMicrophone));
    person.reaches(Stage::Alone).await;
    assert!(!all_ended(&tracks(&person.local().expect("the stream is shown"))));
    assert_eq!(probe::Open::now().tracks, before.tracks + 2);
}

#[wasm_bindgen_test]
async fn who_vanishes_before_the_browser_answers_leaves_no_camera_on() {
    let before = probe::Open::now();
    let opened = probe::opened_tracks();
    let person = Person::entering(&fresh_room());
    until("the browser is asked", || probe::open_requests() > 0).await;
    drop(person);
    until("camera and microphone come too late", || {
        probe::opened_tracks() == opened + 2
    })
    .await;
    before.again().await;
}
