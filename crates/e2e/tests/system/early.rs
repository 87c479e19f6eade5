//! What the page can do while the app is not there yet, and what the app makes of it.

use serde_json::json;
use visavis_e2e::{Browser, Engine, HeldSite, Launch, Page, StaticHost, Trouble, site, together};

/// Notes what the camera is asked for. `answering` resolves first, and may be rejected.
const NOTE: &str = "
    window.asked = [];
    window.answering = () => {};
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async constraints => {
        asked.push(constraints);
        await answering();
        return open(constraints);
    };
    window.once = () => { let answer; const question = new Promise(say => answer = say); window.answering = () => question; return answer; };";

/// Refuses the camera until `refuses` is false.
const REFUSE: &str = "
    window.refuses = true;
    window.answering = async () => { if (refuses) throw new DOMException('no', 'NotAllowedError'); };
    const query = navigator.permissions.query.bind(navigator.permissions);
    navigator.permissions.query = async what => refuses ? { state: 'denied' } : query(what);";

const APP_IS_THERE: &str = "!document.getElementById('boot') && !!document.querySelector('.page')";

async fn opened(engine: Engine, host: &HeldSite) -> (Browser, Page) {
    let browser = Launch::new(engine).start().await;
    let page = browser.open(&host.url()).await;
    (browser, page)
}

/// Keeps what must stay the same, and counts how often the video stops. (Without `moveBefore`, which older
/// versions of Firefox lack, an element that is moved pauses for an instant.)
async fn remember(page: &Page) {
    page.run(
        "window.video = document.getElementById('local-video');
         window.stream = video.srcObject;
         window.stops = 0;
         const stop = ['emptied', 'waiting'];
         if (Element.prototype.moveBefore) stop.push('pause');
         for (const event of stop) video.addEventListener(event, () => window.stops += 1);",
    )
    .await;
}

async fn goes_on_undisturbed(page: &Page) {
    let same =
        "video === document.getElementById('local-video') && video.isConnected && stream === video.srcObject
        && stream.getTracks().every(track => track.readyState === 'live')";
    assert_eq!(page.evaluate(same).await, json!(true));
    page.wait_for_moving_video("local-video").await;
    assert_eq!(page.evaluate("stops").await, json!(0), "the video stopped");
    assert_eq!(page.evaluate("asked.length").await, json!(1), "asked once");
}

async fn the_app_comes(host: &HeldSite, page: &Page) {
    host.wasm_comes();
    page.wait_until(APP_IS_THERE).await;
}

async fn everything_works_before_the_app_and_goes_on_with_it(engine: Engine) {
    let host = HeldSite::start(NOTE, "{}").await;
    let (browser, page) = opened(engine, &host).await;
    page.click("get-video").await;
    page.wait_for_stage("joining").await;
    page.wait_for_moving_video("local-video").await;
    page.click("name").await;
    for key in "Ada".chars() {
        page.press(key).await;
    }
    page.run("document.getElementById('name').setSelectionRange(1, 2)")
        .await;
    let link = "document.getElementById('invite-link').value";
    let shown = page.evaluate(link).await;
    assert_eq!(shown, json!(format!("{}#/test", host.url())));
    assert_eq!(
        page.evaluate("!!document.getElementById('boot')").await,
        json!(true)
    );
    remember(&page).await;

    the_app_comes(&host, &page).await;
    page.wait_for_stage("alone").await;
    goes_on_undisturbed(&page).await;
    let field = "(({ id, value, selectionStart, selectionEnd }) => [id, value, selectionStart, selectionEnd])(document.activeElement)";
    assert_eq!(page.evaluate(field).await, json!(["name", "Ada", 1, 2]));
    assert_eq!(page.evaluate(link).await, shown);

    // The others know the name, though the field has not been left.
    let other = browser.open(&host.url()).await;
    other.click("get-video").await;
    other.wait_for_stage("ready").await;
    other.wait_for_status("Ada").await;
    browser.close().await;
}

#[test]
fn everything_works_before_the_app_and_goes_on_with_it_in_chromium() {
    together(async {
        everything_works_before_the_app_and_goes_on_with_it(Engine::Chromium).await;
    });
}

#[test]
fn everything_works_before_the_app_and_goes_on_with_it_in_firefox() {
    together(async {
        everything_works_before_the_app_and_goes_on_with_it(Engine::Firefox).await;
    });
}

async fn the_app_comes_in_the_middle_of_the_question(engine: Engine) {
    let host = HeldSite::start(NOTE, "{}").await;
    let (browser, page) = opened(engine, &host).await;
    page.run("window.answer = once()").await;
    page.click("get-video").await;
    page.wait_for_stage("asking").await;
    let waits =
        "document.getElementById('get-video').disabled && document.getElementById('get-video').innerText";
    let words = json!("Waiting for your permission …");
    assert_eq!(page.evaluate(waits).await, words);
    page.run("document.getElementById('get-video').click()").await;

    the_app_comes(&host, &page).await;
    page.wait_for_stage("asking").await;
    assert_eq!(page.evaluate(waits).await, words);
    page.run("answer()").await;
    page.wait_for_stage("alone").await;
    page.wait_for_moving_video("local-video").await;
    assert_eq!(page.evaluate("asked.length").await, json!(1), "asked once");
    browser.close().await;
}

#[test]
fn the_app_comes_in_the_middle_of_the_question_in_chromium() {
    together(async {
        the_app_comes_in_the_middle_of_the_question(Engine::Chromium).await;
    });
}

#[test]
fn the_app_comes_in_the_middle_of_the_question_in_firefox() {
    together(async {
        the_app_comes_in_the_middle_of_the_question(Engine::Firefox).await;
    });
}

async fn a_refusal_is_told_and_can_be_taken_back_before_and_after_the_app_comes(engine: Engine) {
    let refused = "The camera and microphone are blocked for this page.";
    for before in [true, false] {
        let host = HeldSite::start(&[NOTE, REFUSE].concat(), "{}").await;
        let (browser, page) = opened(engine, &host).await;
        page.click("get-video").await;
        page.wait_for_stage("blocked").await;
        page.wait_for_status(refused).await;
        page.click("try-again").await;
        page.wait_until("asked.length === 2").await;
        page.wait_for_stage("blocked").await;
        if before {
            page.run("window.refuses = false").await;
            page.click("try-again").await;
            page.wait_for_stage("joining").await;
            page.wait_for_moving_video("local-video").await;
            the_app_comes(&host, &page).await;
        } else {
            the_app_comes(&host, &page).await;
            page.wait_for_stage("blocked").await;
            page.wait_for_status(refused).await;
            assert_eq!(page.evaluate("asked.length").await, json!(2), "not asked again");
            page.run("window.refuses = false").await;
            page.click("try-again").await;
        }
        page.wait_for_stage("alone").await;
        page.wait_for_moving_video("local-video").await;
        assert_eq!(page.evaluate("asked.length").await, json!(3));
        browser.close().await;
    }
}

#[test]
fn a_refusal_can_be_taken_back_before_and_after_the_app_comes_in_chromium() {
    together(async {
        a_refusal_is_told_and_can_be_taken_back_before_and_after_the_app_comes(Engine::Chromium).await;
    });
}

#[test]
fn a_refusal_can_be_taken_back_before_and_after_the_app_comes_in_firefox() {
    together(async {
        a_refusal_is_told_and_can_be_taken_back_before_and_after_the_app_comes(Engine::Firefox).await;
    });
}

async fn an_app_that_never_comes_is_missed_and_nothing_is_lost(engine: Engine) {
    let host = HeldSite::start(NOTE, "{}").await;
    let (browser, page) = opened(engine, &host).await;
    page.click("get-video").await;
    page.wait_for_stage("joining").await;
    page.click("name").await;
    page.press('B').await;
    let says_so = "document.getElementById('load-again').checkVisibility()";
    assert_eq!(page.evaluate(says_so).await, json!(false));

    host.wasm_is_missing();
    page.wait_for_trouble(Trouble::NotLoaded).await;
    page.wait_for_moving_video("local-video").await;
    let name = "document.getElementById('name').value";
    assert_eq!(page.evaluate(name).await, json!("B"));
    page.run("window.is_old = true").await;
    host.wasm_comes();
    page.click("load-again").await;
    page.wait_until(&format!("!window.is_old && {APP_IS_THERE}"))
        .await;
    assert_eq!(page.evaluate(name).await, json!("B"));
    browser.close().await;
}

#[test]
fn an_app_that_never_comes_is_missed_in_chromium() {
    together(async {
        an_app_that_never_comes_is_missed_and_nothing_is_lost(Engine::Chromium).await;
    });
}

#[test]
fn an_app_that_never_comes_is_missed_in_firefox() {
    together(async {
        an_app_that_never_comes_is_missed_and_nothing_is_lost(Engine::Firefox).await;
    });
}

const SMALL: &str =
    r#"{ "media": { "width": 640, "height": 360, "frameRate": 15, "echoCancellation": false } }"#;

async fn the_camera_is_asked_for_what_the_site_wants(engine: Engine) {
    let wanted = json!({
        "audio": { "echoCancellation": false, "noiseSuppression": true, "autoGainControl": true },
        "video": { "width": 640, "height": 360, "frameRate": 15 },
    });
    let host = HeldSite::start(NOTE, SMALL).await;
    let (browser, page) = opened(engine, &host).await;
    // The link tells that config.json has come.
    page.wait_until("document.getElementById('invite-link').value !== ''")
        .await;
    page.click("get-video").await;
    page.wait_for_stage("joining").await;
    // What is undefined is not wanted.
    assert_eq!(
        page.evaluate("JSON.parse(JSON.stringify(asked))").await,
        json!([wanted])
    );
    the_app_comes(&host, &page).await;
    page.wait_for_stage("alone").await;
    assert_eq!(page.evaluate("asked.length").await, json!(1));
    browser.close().await;

    // Clicked before that is known.
    let host = HeldSite::start(NOTE, SMALL).await.without_config();
    let (browser, page) = opened(engine, &host).await;
    page.click("get-video").await;
    page.wait_for_stage("joining").await;
    assert_eq!(page.evaluate("asked[0].video.width").await, json!(1280));
    remember(&page).await;
    host.config_comes();
    the_app_comes(&host, &page).await;
    page.wait_for_stage("alone").await;
    // Browsers differ in how they repeat what they were asked for, and Firefox's fake camera has but one
    // size.
    let asked_later =
        "(wanted => wanted?.ideal ?? wanted)(stream.getVideoTracks()[0].getConstraints().width) === 640";
    page.wait_until(asked_later).await;
    page.wait_until("stream.getAudioTracks()[0].getSettings().echoCancellation === false")
        .await;
    assert_eq!(
        page.evaluate("stream === video.srcObject && stream.getTracks().map(track => track.readyState)")
            .await,
        json!(["live", "live"])
    );
    browser.close().await;
}

#[test]
fn the_camera_is_asked_for_what_the_site_wants_in_chromium() {
    together(async {
        the_camera_is_asked_for_what_the_site_wants(Engine::Chromium).await;
    });
}

#[test]
fn the_camera_is_asked_for_what_the_site_wants_in_firefox() {
    together(async {
        the_camera_is_asked_for_what_the_site_wants(Engine::Firefox).await;
    });
}

#[test]
fn a_camera_that_stops_before_the_app_comes_is_missed() {
    together(async {
        let host = HeldSite::start(NOTE, "{}").await;
        let (browser, page) = opened(Engine::Chromium, &host).await;
        page.click("get-video").await;
        page.wait_for_stage("joining").await;
        page.run("document.getElementById('local-video').srcObject.getVideoTracks()[0].stop()")
            .await;
        the_app_comes(&host, &page).await;
        page.wait_for_trouble(Trouble::Device).await;
        page.click("start-devices").await;
        page.wait_for_moving_video("local-video").await;
        browser.close().await;
    });
}

#[test]
fn without_a_camera_one_can_go_on_before_the_app_comes() {
    together(async {
        let host = HeldSite::start(&[NOTE, REFUSE].concat(), "{}").await;
        let (browser, page) = opened(Engine::Chromium, &host).await;
        page.click("get-video").await;
        page.click("continue-without").await;
        page.wait_for_stage("joining").await;
        the_app_comes(&host, &page).await;
        page.wait_for_stage("alone").await;
        assert_eq!(page.evaluate("asked.length").await, json!(1));
        browser.close().await;
    });
}

#[test]
fn a_site_that_is_set_up_wrongly_closes_the_camera() {
    together(async {
        let host = HeldSite::start(NOTE, r#"{ "media": { "colour": true } }"#).await;
        let (browser, page) = opened(Engine::Chromium, &host).await;
        page.click("get-video").await;
        page.wait_for_stage("joining").await;
        remember(&page).await;
        host.wasm_comes();
        page.wait_for_status("colour").await;
        page.wait_until("stream.getTracks().every(track => track.readyState === 'ended')")
            .await;
        browser.close().await;
    });
}

#[test]
fn the_check_shows_no_lobby_first() {
    together(async {
        let host = HeldSite::start(NOTE, "{}").await;
        let browser = Browser::start().await;
        let page = browser.open(&format!("{}?check", host.url())).await;
        assert_eq!(page.evaluate("document.body.innerText.trim()").await, json!(""));
        host.wasm_comes();
        page.wait_until("!!document.getElementById('check-start')").await;
        browser.close().await;
    });
}

/// No site needs a config.json, and visitors' consoles say nothing about it.
#[test]
fn no_error_is_logged_for_a_site_without_settings() {
    together(async {
        let (host, browser) = tokio::join!(StaticHost::start(site()), Browser::start());
        let page = browser.open(&format!("http://{}/", host.address)).await;
        page.wait_until(APP_IS_THERE).await;
        let status = page
            .resolve("fetch('config.json').then(async answer => [answer.status, await answer.text()])")
            .await;
        assert_eq!(status, json!([200, "{}\n"]));
        browser.close().await;
    });
}
