//! Calls between two real peer connections in one page, each run by a state machine of its own.

#![cfg(target_arch = "wasm32")]

use visavis_call::{Command, EndReason, Path, PersonState, SeatView, Stage};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

mod support;

use support::{Person, all_seats_but_two, both_reach, fresh_room, probe, sleep, two_people, until};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn two_people_see_one_another_until_one_hangs_up() {
    let (caller, callee) = two_people(&fresh_room()).await;
    caller.send(Command::Call);
    both_reach(&caller, &callee, Stage::InCall).await;
    caller.sees_the_other().await;
    callee.sees_the_other().await;
    for person in [&caller, &callee] {
        until("it is known that media goes the direct way", || {
            person
                .view()
                .is_some_and(|view| view.people[0].path == Some(Path::Direct))
        })
        .await;
    }
    callee.send(Command::HangUp);
    callee.ends(EndReason::HungUp).await;
    caller.ends(EndReason::PeerHungUp).await;
    assert!(
        caller.remote().is_none() && callee.remote().is_none(),
        "the videos are no longer shown"
    );
}

#[wasm_bindgen_test]
async fn they_call_again_and_again_in_turns() {
    let (one, other) = two_people(&fresh_room()).await;
    for (caller, callee) in [(&one, &other), (&other, &one), (&one, &other)] {
        caller.send(Command::Call);
        both_reach(caller, callee, Stage::InCall).await;
        callee.sees_the_other().await;
        caller.sees_the_other().await;
        caller.send(Command::HangUp);
        caller.ends(EndReason::HungUp).await;
        callee.ends(EndReason::PeerHungUp).await;
    }
}

#[wasm_bindgen_test]
async fn both_call_in_the_same_moment_and_have_one_call() {
    let (one, other) = two_people(&fresh_room()).await;
    let made = probe::made_connections();
    one.send(Command::Call);
    other.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    for person in [&one, &other] {
        person.sees_the_other().await;
        person.hears_the_other().await;
    }
    // All remaining messages of the collision's loser have arrived by now.
    sleep(500).await;
    for person in [&one, &other] {
        assert_eq!(person.stage(), Some(Stage::InCall));
        assert_eq!(
            person.view().map(|view| view.people[0].state),
            Some(PersonState::Connected)
        );
    }
    assert_eq!(probe::made_connections(), made + 2, "one connection on each side");
}

#[wasm_bindgen_test]
async fn who_has_no_camera_still_sees_the_other() {
    let room = fresh_room();
    let (with, without) = (Person::entering(&room), Person::outside(&room));
    without.send(Command::GetMedia(visavis_call::MediaWish::Nothing));
    both_reach(&with, &without, Stage::Ready).await;
    without.send(Command::Call);
    both_reach(&with, &without, Stage::InCall).await;
    without.sees_the_other().await;
    assert_eq!(with.view().map(|view| view.people[0].video), Some(false));
}

#[wasm_bindgen_test]
async fn whoever_comes_to_a_full_room_waits_in_line_and_gets_in_when_one_leaves() {
    let room = fresh_room();
    let _taken = all_seats_but_two(&room).await;
    let (one, other) = two_people(&room).await;
    let third = Person::entering(&room);
    third.reaches(Stage::Queued).await;
    assert_eq!(
        third.view().map(|view| view.seat),
        Some(SeatView::Queued { capacity: 8 })
    );
    other.send(Command::Leave);
    both_reach(&one, &third, Stage::Ready).await;
    third.send(Command::Call);
    both_reach(&one, &third, Stage::InCall).await;
    assert_eq!(other.stage(), Some(Stage::Start));
}

#[wasm_bindgen_test]
async fn whoever_waits_in_line_gets_in_when_one_vanishes() {
    let room = fresh_room();
    let _taken = all_seats_but_two(&room).await;
    let (one, other) = two_people(&room).await;
    let third = Person::entering(&room);
    third.reaches(Stage::Queued).await;
    drop(one);
    both_reach(&other, &third, Stage::Ready).await;
}

#[wasm_bindgen_test]
async fn whoever_waits_in_line_does_not_disturb_a_call() {
    let room = fresh_room();
    let _taken = all_seats_but_two(&room).await;
    let (one, other) = two_people(&room).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    let third = Person::entering(&room);
    third.reaches(Stage::Queued).await;
    third.send(Command::Call);
    sleep(300).await;
    assert_eq!(third.stage(), Some(Stage::Queued));
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;
}

#[wasm_bindgen_test]
async fn who_vanishes_in_a_call_has_left() {
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    drop(one);
    other.ends(EndReason::PeerLeft).await;
    assert!(
        other.view().is_some_and(|view| view.people.is_empty()),
        "nobody else is there any more"
    );
}
