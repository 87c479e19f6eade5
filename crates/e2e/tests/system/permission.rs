//! The camera is refused, missing, taken, or granted in the end.

use std::time::Instant;

use visavis_e2e::{
    Browser, Engine, Launch, Permission, Trouble, enter_room, relay, see_each_other, together,
};

/// The caption over the other's video.
const SHOWN_BY_OTHER: &str = "document.getElementById('remote-video').parentElement.innerText";

/// A Chromium that asks for the camera, until it is told what the person would say.
async fn asking() -> Browser {
    Launch::new(Engine::Chromium)
        .permission(Permission::Asked)
        .start()
        .await
}

#[test]
fn refused_then_granted() {
    together(async {
        let row = visavis_rows::row(22, "refused");
        let relay = relay().await;
        let browser = asking().await;
        let page = browser.open(&format!("http://{}/", relay.address)).await;
        browser.set_permission("denied").await;
        page.click("get-video").await;
        page.wait_for_stage("blocked").await;
        page.wait_for_why("refused").await;
        browser.set_permission("granted").await;
        page.click("try-again").await;
        page.wait_for_stage("alone").await;
        page.wait_for_moving_video("local-video").await;
        browser.close().await;
        row.passed();
    });
}

#[test]
fn refused_in_firefox() {
    together(async {
        let row = visavis_rows::row(22, "refused, Firefox");
        let relay = relay().await;
        let browser = Launch::new(Engine::Firefox)
            .permission(Permission::Denied)
            .start()
            .await;
        let page = browser.open(&relay.url()).await;
        page.click("get-video").await;
        page.wait_for_stage("blocked").await;
        page.wait_for_why("refused").await;
        page.click("continue-without").await;
        page.wait_for_stage("alone").await;
        browser.close().await;
        row.passed();
    });
}

#[test]
fn without_any_camera_one_calls_with_ones_voice() {
    together(async {
        let row = visavis_rows::row(22, "none there");
        let relay = relay().await;
        let browser = Launch::new(Engine::Chromium)
            .argument("--use-fake-device-for-media-stream=device-count=0")
            .start()
            .await;
        let voice = browser.open(&relay.url()).await;
        voice.click("get-video").await;
        voice.wait_for_stage("blocked").await;
        voice.wait_for_why("not-found").await;
        voice.click("call-with-less").await;
        voice.wait_for_stage("alone").await;

        let other_browser = Browser::start().await;
        let other = other_browser.open(&relay.url()).await;
        other.click("get-video").await;
        voice.click("call").await;
        other.wait_for_stage("in-call").await;
        other.wait_for_audio("remote-video").await;
        voice.wait_for_moving_video("remote-video").await;
        browser.close().await;
        other_browser.close().await;
        row.passed();
    });
}

#[test]
fn a_camera_in_use_elsewhere_can_be_tried_again() {
    together(async {
        let row = visavis_rows::row(22, "in use elsewhere");
        let relay = relay().await;
        let browser = Browser::start().await;
        let page = browser.open(&relay.url()).await;
        // No fake camera can be made to be in use: one without a film, or whose film vanishes, is not there
        // at all. So this says what a browser says.
        page.run(
            "navigator.mediaDevices.getUserMedia = async () => {
            delete navigator.mediaDevices.getUserMedia;
            throw new DOMException('Device in use', 'NotReadableError');
        }",
        )
        .await;
        page.click("get-video").await;
        page.wait_for_stage("blocked").await;
        page.wait_for_why("busy").await;
        page.click("try-again").await;
        page.wait_for_stage("alone").await;
        page.wait_for_moving_video("local-video").await;
        browser.close().await;
        row.passed();
    });
}

#[test]
fn a_camera_that_goes_in_the_middle_of_a_call_ends_neither_the_call_nor_the_way_back() {
    together(async {
        let row = visavis_rows::row(22, "unplugged during the call");
        let relay = relay().await;
        let address = format!("http://{}/", relay.address);
        let (browser, other_browser) = (asking().await, Browser::start().await);
        browser.set_permission("granted").await;
        let (page, other) = (browser.open(&address).await, other_browser.open(&address).await);
        enter_room(&page, &other).await;
        page.click("call").await;
        see_each_other(&page, &other).await;

        // No fake device can be unplugged. One that is forbidden ends its track just the same.
        browser.set_permission("denied").await;
        page.wait_for_trouble(Trouble::Device).await;
        other
            .wait_until(&format!("{SHOWN_BY_OTHER}.includes('Camera is off')"))
            .await;
        other
            .wait_until(&format!("{SHOWN_BY_OTHER}.includes('Microphone is off')"))
            .await;
        page.wait_for_moving_video("remote-video").await;

        browser.set_permission("granted").await;
        let start = Instant::now();
        page.click("start-devices").await;
        see_each_other(&page, &other).await;
        let row = row.recovered_in(start.elapsed());
        other.wait_for_audio("remote-video").await;
        browser.close().await;
        other_browser.close().await;
        row.passed();
    });
}

#[test]
fn without_a_camera_one_sees_and_hears_the_others() {
    together(async {
        let relay = relay().await;
        let address = format!("http://{}/", relay.address);
        let browser = asking().await;
        let silent = browser.open(&address).await;
        browser.set_permission("denied").await;
        silent.click("get-video").await;
        silent.click("continue-without").await;
        silent.wait_for_stage("alone").await;

        let other_browser = Browser::start().await;
        let seen = other_browser.open(&address).await;
        seen.click("get-video").await;
        silent.click("call").await;
        silent.wait_for_stage("in-call").await;
        silent.wait_for_moving_video("remote-video").await;
        silent.wait_for_audio("remote-video").await;
        seen.wait_for_stage("in-call").await;
        seen.click("hang-up").await;
        silent.wait_for_end("they-hung-up").await;
        // The other way round.
        seen.click("call").await;
        silent.wait_for_moving_video("remote-video").await;
        browser.close().await;
        other_browser.close().await;
    });
}

/// As some privacy settings have it. The page would otherwise be ready for calls that can't be made.
#[test]
fn a_browser_without_webrtc_is_told_before_a_call() {
    together(async {
        let relay = relay().await;
        let browser = Launch::new(Engine::Chromium).start().await;
        let page = browser.window().await;
        page.before_load("delete window.RTCPeerConnection").await;
        page.go(&format!("http://{}/", relay.address)).await;
        page.wait_until("document.querySelector('#fault #status')?.textContent.includes('make calls')")
            .await;
        page.go(&format!("http://{}/?check", relay.address)).await;
        page.click("check-start").await;
        page.wait_until("document.getElementById('check-summary').textContent.includes('make calls')")
            .await;
        browser.close().await;
    });
}
