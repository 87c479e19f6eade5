//! The camera is refused, missing, taken, or granted in the end.

use std::time::Instant;

use visavis_e2e::{
    Browser, Engine, Launch, Permission, StaticHost, Trouble, enter_room, relay, see_each_other, site,
    together,
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

/// Chromium tells which of the two is denied. The other one works, and the one that is denied once it is
/// allowed.
async fn what_is_blocked_is_named_and_what_is_not_works(blocked: &str, works: &str) {
    let relay = relay().await;
    let (browser, other_browser) = (asking().await, Browser::start().await);
    browser.set_permission_for(blocked, "denied").await;
    browser.set_permission_for(works, "granted").await;
    let address = format!("http://{}/", relay.address);
    let (page, other) = (browser.open(&address).await, other_browser.open(&address).await);
    page.click("get-video").await;
    page.wait_for_stage("alone").await;
    page.wait_for_trouble(Trouble::Device).await;
    page.wait_until(&format!(
        "document.getElementById('trouble').textContent.startsWith('The {blocked} is blocked')"
    ))
    .await;
    other.click("get-video").await;
    page.wait_for_stage("ready").await;
    page.click("call").await;
    other.wait_for_stage("in-call").await;
    if works == "camera" {
        other.wait_for_moving_video("remote-video").await;
    } else {
        other.wait_for_audio("remote-video").await;
    }
    browser.set_permission_for(blocked, "granted").await;
    page.click("start-devices").await;
    other.wait_for_moving_video("remote-video").await;
    other.wait_for_audio("remote-video").await;
    browser.close().await;
    other_browser.close().await;
}

#[test]
fn a_camera_that_is_blocked_is_named_and_the_microphone_works() {
    together(async {
        let row = visavis_rows::row(22, "camera blocked");
        what_is_blocked_is_named_and_what_is_not_works("camera", "microphone").await;
        row.passed();
    });
}

#[test]
fn a_microphone_that_is_blocked_is_named_and_the_camera_works() {
    together(async {
        let row = visavis_rows::row(22, "microphone blocked");
        what_is_blocked_is_named_and_what_is_not_works("microphone", "camera").await;
        row.passed();
    });
}

/// Nobody answers the browser's question, and calls all the same.
#[test]
fn a_question_that_is_never_answered_has_a_way_on() {
    together(async {
        let row = visavis_rows::row(22, "never answered");
        let relay = relay().await;
        let browser = asking().await;
        let page = browser.open(&format!("http://{}/", relay.address)).await;
        browser.set_permission("prompt").await;
        page.click("get-video").await;
        page.wait_for_stage("asking").await;
        page.click("continue-without").await;
        page.wait_for_stage("alone").await;
        browser.close().await;
        row.passed();
    });
}

/// A page that is part of another one, which does not pass the camera on.
#[test]
fn a_frame_without_permission_says_who_must_give_it() {
    together(async {
        let row = visavis_rows::row(22, "not delegated");
        let (host, browser) = tokio::join!(StaticHost::start(site()), Browser::start());
        let page = browser.open(&format!("http://{}/", host.address)).await;
        page.run(
            "const frame = document.createElement('iframe');
            frame.allow = \"camera 'none'; microphone 'none'\";
            frame.src = location.href;
            document.body.replaceChildren(frame);
            window.within = id => frame.contentDocument.getElementById(id);",
        )
        .await;
        page.wait_until("!!within('settings')").await;
        page.run("within('get-video').click()").await;
        page.wait_until("within('status').dataset.why === 'not-delegated'")
            .await;
        page.wait_until("within('status').textContent.includes('allow=')")
            .await;
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
        voice.wait_for_stage("alone").await;
        voice.wait_for_trouble(Trouble::Device).await;
        voice.click("go-without").await;

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
            "const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            window.inUse = true;
            navigator.mediaDevices.getUserMedia = async wanted => {
                if (inUse && wanted.video) throw new DOMException('Device in use', 'NotReadableError');
                return open(wanted);
            }",
        )
        .await;
        page.click("get-video").await;
        page.wait_for_stage("alone").await;
        page.wait_for_trouble(Trouble::Device).await;
        page.wait_until("document.getElementById('trouble').textContent.includes('using the camera.')")
            .await;
        page.run("inUse = false").await;
        page.click("start-devices").await;
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
