//! After every kind of end, nothing is left open.

#![cfg(target_arch = "wasm32")]

use visavis_call::{Command, DeviceView, EndReason, MediaWish, Stage};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

mod support;

use support::probe::{self, Open};
use support::{
    Person, all_ended, all_seats_but_two, both_reach, fresh_room, settled, sleep, tracks, two_people, until,
};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn who_vanishes_in_a_call_leaves_nothing_open() {
    let before = Open::now();
    let room = fresh_room();
    let (one, other) = two_people(&room).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;

    let during = Open::now();
    assert_eq!(during.connections, before.connections + 2);
    assert_eq!(during.tracks, before.tracks + 4);
    assert!(
        during.listeners.0 > before.listeners.0,
        "the probe sees listeners"
    );
    let local = tracks(&one.local().expect("one has a camera"));
    let remote = tracks(&one.remote().expect("one is in a call"));
    assert!(!all_ended(&local) && !all_ended(&remote));
    drop(one);
    assert!(all_ended(&local), "camera and microphone are off at once");
    assert_eq!(
        Open::now().connections,
        before.connections + 1,
        "the connection is closed at once"
    );
    until("nothing is received any more", || {
        remote.iter().all(|track| track.muted()) || all_ended(&remote)
    })
    .await;

    other.ends(EndReason::PeerLeft).await;
    drop(other);
    before.again().await;
    probe::no_locks(&room).await;

    let later = Person::entering(&room);
    later.reaches(Stage::Alone).await;
}

#[wasm_bindgen_test]
async fn who_vanishes_listens_to_the_page_no_longer() {
    let before = Open::now().listeners.0;
    let person = Person::outside(&fresh_room());
    // The window's two, the document's two, and the network's.
    assert_eq!(Open::now().listeners.0, before + 5);
    drop(person);
    assert_eq!(Open::now().listeners.0, before);
}

#[wasm_bindgen_test]
async fn who_vanishes_after_devices_came_and_went_leaves_nothing_open() {
    let before = Open::now();
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.send(Command::SetCamera(false));
    one.has_devices(DeviceView::Off, DeviceView::On).await;
    one.send(Command::SetCamera(true));
    one.has_devices(DeviceView::On, DeviceView::On).await;
    let local = tracks(&one.local().expect("one has a camera"));
    assert_eq!(local.len(), 2);
    // And while a device opens.
    other.send(Command::SetCamera(false));
    other.send(Command::SetCamera(true));
    settled().await;
    assert!(probe::open_requests() > 0, "the browser is asked");
    drop((one, other));
    assert!(all_ended(&local), "camera and microphone are off at once");
    before.again().await;
}

#[wasm_bindgen_test]
async fn both_vanish_at_once() {
    let before = Open::now();
    let room = fresh_room();
    let (one, other) = two_people(&room).await;
    other.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    drop((one, other));
    before.again().await;
    probe::no_locks(&room).await;
}

#[wasm_bindgen_test]
async fn who_leaves_in_a_call_leaves_nothing_open() {
    let room = fresh_room();
    let (one, other) = (Person::outside(&room), Person::outside(&room));
    let before = Open::now();
    for person in [&one, &other] {
        person.send(Command::GetMedia(MediaWish::CameraAndMicrophone));
    }
    both_reach(&one, &other, Stage::Ready).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.send(Command::Leave);
    other.send(Command::Leave);
    both_reach(&one, &other, Stage::Start).await;
    before.again().await;
    probe::no_locks(&room).await;
}

#[wasm_bindgen_test]
async fn twenty_calls_leave_no_more_open_than_none() {
    let before = Open::now();
    let room = fresh_room();
    let (one, other) = two_people(&room).await;
    let between = Open::now();
    for call in 0..20 {
        let (caller, callee) = if call % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        caller.send(Command::Call);
        both_reach(caller, callee, Stage::InCall).await;
        callee.send(Command::HangUp);
        both_reach(caller, callee, Stage::Ended).await;
        between.clone().again().await;
    }
    drop((one, other));
    before.again().await;
    probe::no_locks(&room).await;
}

#[wasm_bindgen_test]
async fn who_vanishes_while_a_connection_is_being_made_leaves_nothing_open() {
    let before = Open::now();
    let room = fresh_room();
    for wait in [0, 5, 10, 20, 40, 80] {
        let (one, other) = two_people(&room).await;
        one.send(Command::Call);
        one.reaches(Stage::Connecting).await;
        sleep(wait).await;
        drop((one, other));
        before.clone().again().await;
        probe::no_locks(&room).await;
    }
}

#[wasm_bindgen_test]
async fn who_vanishes_in_line_leaves_nothing_open() {
    let room = fresh_room();
    let _taken = all_seats_but_two(&room).await;
    let (one, other) = two_people(&room).await;
    let (before, locks) = (Open::now(), probe::locks(&room).await);
    let third = Person::entering(&room);
    third.reaches(Stage::Queued).await;
    assert!(
        probe::locks(&room).await.len() > locks.len(),
        "who waits in line waits for locks"
    );
    drop(third);
    before.again().await;
    probe::locks_again(&room, &locks).await;
    both_reach(&one, &other, Stage::Ready).await;
}

#[wasm_bindgen_test]
async fn who_vanishes_on_the_way_into_a_full_room_leaves_nothing_open() {
    let room = fresh_room();
    let _taken = all_seats_but_two(&room).await;
    let (one, other) = two_people(&room).await;
    let (before, locks) = (Open::now(), probe::locks(&room).await);
    for wait in [None, Some(0), Some(1), Some(2), Some(3), Some(5), Some(8)] {
        let third = Person::outside(&room);
        third.send(Command::GetMedia(MediaWish::Nothing));
        // So that the driver has heard it, and no more.
        settled().await;
        if let Some(milliseconds) = wait {
            sleep(milliseconds).await;
        }
        drop(third);
        before.clone().again().await;
        probe::locks_again(&room, &locks).await;
    }
    both_reach(&one, &other, Stage::Ready).await;
}

#[wasm_bindgen_test]
async fn who_vanishes_on_the_way_into_an_empty_room_leaves_nothing_open() {
    let before = Open::now();
    let room = fresh_room();
    for wait in [None, Some(0), Some(1), Some(2), Some(5), Some(10)] {
        let person = Person::outside(&room);
        person.send(Command::GetMedia(MediaWish::Nothing));
        if let Some(milliseconds) = wait {
            sleep(milliseconds).await;
        }
        drop(person);
        before.clone().again().await;
        probe::no_locks(&room).await;
    }
}
