//! Two people call each other.

use serde_json::Value;
use visavis_e2e::{Pair, alone, relay_with, see_each_other, site};
use visavis_relay::Config;

#[test]
fn two_windows_see_and_hear_each_other() {
    alone(async {
        // With the cameras that people have.
        let relay = relay_with(Config {
            port: 0,
            site: Some(site()),
            ..Config::default()
        });
        let pair = Pair::in_room_of(relay.await).await.in_call().await;
        let (alice, bob) = (&pair.alice, &pair.bob);

        for page in [alice, bob] {
            // The size grows while the bandwidth is being estimated.
            page.wait_until("document.getElementById('remote-video').videoWidth === 1280")
                .await;
            let size = page
                .evaluate("(v => [v.videoWidth, v.videoHeight])(document.getElementById('remote-video'))")
                .await;
            assert_eq!(size, serde_json::json!([1280, 720]));
            page.wait_for_audio("remote-video").await;
            assert_eq!(
                page.evaluate("document.getElementById('local-video').muted")
                    .await,
                Value::Bool(true)
            );
            page.wait_for_why("direct").await;
        }
        pair.close().await;
    });
}

#[test]
fn either_side_calls_and_hangs_up_five_times() {
    alone(async {
        let pair = Pair::in_room().await;
        let (alice, bob) = (&pair.alice, &pair.bob);

        let mut last_call = 0.0;
        for round in 0..5 {
            let (caller, callee) = if round % 2 == 0 {
                (alice, bob)
            } else {
                (bob, alice)
            };
            caller.click("call").await;
            see_each_other(caller, callee).await;
            for page in [caller, callee] {
                page.wait_until("performance.getEntriesByName('visavis:first-remote-frame').length === 1")
                    .await;
                let marks = page
                    .evaluate(
                        "['call', 'connected', 'first-remote-frame'].map(name => \
                     performance.getEntriesByName('visavis:' + name).map(mark => mark.startTime))",
                    )
                    .await;
                let time = |index: usize| {
                    let entries = marks[index].as_array().expect("a list of marks");
                    assert_eq!(entries.len(), 1, "each call sets its marks anew: {marks}");
                    entries[0].as_f64().expect("a time")
                };
                assert!(
                    time(0) <= time(1) && time(0) <= time(2),
                    "the marks are in order: {marks}"
                );
            }
            let call = caller
                .evaluate("performance.getEntriesByName('visavis:call')[0].startTime")
                .await;
            let call = call.as_f64().expect("a time");
            if round >= 2 && round % 2 == 0 {
                assert!(call > last_call, "the mark is this call's, not the last one's");
            }
            if round % 2 == 0 {
                last_call = call;
            }
            // The one who was called hangs up as well as the caller.
            let (ends, ended) = if round < 3 {
                (callee, caller)
            } else {
                (caller, callee)
            };
            ends.click("hang-up").await;
            ends.wait_for_end("hung-up").await;
            ended.wait_for_end("they-hung-up").await;
            for page in [ends, ended] {
                page.wait_until("document.getElementById('remote-video').videoWidth === 0")
                    .await;
            }
        }
        pair.close().await;
    });
}

#[test]
fn a_closed_tab_is_noticed_and_a_reloaded_one_can_be_called() {
    alone(async {
        let pair = Pair::in_room().await.in_call().await;
        let (alice, bob) = (&pair.alice, &pair.bob);

        bob.reload().await;
        alice.wait_for_end("left").await;
        bob.click("get-video").await;
        alice.click("call").await;
        see_each_other(alice, bob).await;

        bob.close().await;
        alice.wait_for_end("left").await;
        assert_eq!(
            alice.evaluate("document.getElementById('call').disabled").await,
            Value::Bool(true)
        );
        pair.close().await;
    });
}

#[test]
fn microphone_and_camera_can_be_switched_off() {
    alone(async {
        let pair = Pair::in_room().await.in_call().await;
        let (alice, bob) = (&pair.alice, &pair.bob);

        alice.click("microphone").await;
        alice
            .wait_until("document.getElementById('microphone').title === 'Unmute'")
            .await;
        bob.wait_for_silence("remote-video").await;
        alice.click("microphone").await;
        alice
            .wait_until("document.getElementById('microphone').title === 'Mute'")
            .await;
        bob.wait_for_audio("remote-video").await;

        alice.click("camera").await;
        // The device itself is closed: its light is out.
        alice
            .wait_until("document.getElementById('local-video').srcObject.getVideoTracks().length === 0")
            .await;
        bob.wait_until("document.getElementById('remote-video').closest('.tile').matches('.off')")
            .await;
        alice.click("camera").await;
        alice.wait_for_moving_video("local-video").await;
        bob.wait_for_moving_video("remote-video").await;
        pair.close().await;
    });
}
