//! The camera is refused, missing, or granted in the end.

use visavis_e2e::{Browser, Engine, Launch, Permission, relay};

/// A Chromium that asks for the camera, until it is told what the person would say.
async fn asking() -> Browser {
    Launch::new(Engine::Chromium)
        .permission(Permission::Asked)
        .start()
        .await
}

#[tokio::test]
async fn refused_then_granted() {
    let relay = relay().await;
    let browser = asking().await;
    let page = browser.open(&format!("http://{}/", relay.address)).await;
    browser.set_permission("denied").await;
    page.click("get-video").await;
    page.wait_for_stage("blocked").await;
    page.wait_for_status("The camera and microphone are blocked for this page.")
        .await;
    browser.set_permission("granted").await;
    page.click("try-again").await;
    page.wait_for_stage("alone").await;
    page.wait_for_moving_picture("local-video").await;
    browser.close().await;
}

#[tokio::test]
async fn without_a_camera_one_sees_and_hears_the_others() {
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
    silent.wait_for_moving_picture("remote-video").await;
    assert!(silent.sound_level("remote-video").await > 0.01);
    seen.wait_for_stage("in-call").await;
    seen.click("hang-up").await;
    silent.wait_for_status("The other person hung up.").await;
    // The other way round.
    seen.click("call").await;
    silent.wait_for_moving_picture("remote-video").await;
    browser.close().await;
    other_browser.close().await;
}
