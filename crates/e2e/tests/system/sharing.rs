//! Showing a screen in the place of the camera.

use std::time::Duration;

use serde_json::json;
use visavis_e2e::{Engine, Launch, Page, Pair, alone, enter_room, see_each_other};

/// The kind of a page's video, as the browser knows it: nothing of a camera.
const SENDS: &str = "[...window.inside.connections].map(connection => connection.getSenders()
    .find(sender => sender.track?.kind === 'video')?.track.getSettings().displaySurface ?? 'camera').join()";

/// What the page shows of the other's video, and of its own.
const SHOWS: &str =
    "['.tile.remote', '.tile.local'].map(tile => document.querySelector(tile).matches('.shared'))";

async fn shows(page: &Page, remote: bool, local: bool) {
    page.wait_until(&format!("({SHOWS}).join() === '{remote},{local}'"))
        .await;
}

#[test]
fn a_screen_is_shown_instead_of_the_camera_until_it_is_stopped_or_the_call_ends() {
    alone(async {
        let whole = || Launch::new(Engine::Chromium).whole();
        let pair = Pair::between(whole(), whole()).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        for page in [alice, bob] {
            page.reload().await;
            page.instrument().await;
        }
        enter_room(alice, bob).await;
        assert_eq!(
            alice
                .evaluate("document.getElementById('share').checkVisibility()")
                .await,
            json!(false),
            "there is nobody to show it to"
        );
        alice.click("call").await;
        see_each_other(alice, bob).await;

        alice.click("share").await;
        shows(alice, false, true).await;
        shows(bob, true, false).await;
        alice.wait_until(&format!("({SENDS}) !== 'camera'")).await;
        bob.wait_until("document.querySelector('.remotes').innerText.includes('Shares the screen')")
            .await;
        bob.wait_for_frames("remote-video", 3).await;

        // The other person sees nothing of what happens to the camera meanwhile.
        alice.click("camera").await;
        alice
            .wait_until("document.getElementById('camera').title === 'Start camera'")
            .await;
        assert!(
            !alice
                .within(Duration::from_secs(1), &format!("({SENDS}) === 'camera'"))
                .await
        );
        alice.click("camera").await;
        alice
            .wait_until("document.getElementById('camera').title === 'Stop camera'")
            .await;
        shows(bob, true, false).await;

        alice.click("share").await;
        shows(alice, false, false).await;
        shows(bob, false, false).await;
        alice.wait_until(&format!("({SENDS}) === 'camera'")).await;
        see_each_other(alice, bob).await;

        // It ends with the call, no matter who ends that.
        alice.click("share").await;
        shows(bob, true, false).await;
        let screen = "window.screenTrack = [...window.inside.connections][0].getSenders()
        .find(sender => sender.track?.kind === 'video').track;";
        alice.run(screen).await;
        bob.click("hang-up").await;
        alice.wait_for_stage("ended").await;
        alice
            .wait_until("window.screenTrack.readyState === 'ended'")
            .await;
        alice.click("call").await;
        see_each_other(alice, bob).await;
        shows(alice, false, false).await;
        shows(bob, false, false).await;
        alice.wait_until(&format!("({SENDS}) === 'camera'")).await;
        pair.close().await;
    });
}
