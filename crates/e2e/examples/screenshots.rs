//! Screenshots of every state of the interface, on a phone and on a desktop, light and dark:
//!
//! `cargo run -p visavis-e2e --example screenshots -- FOLDER`; with `door` behind it, only of a room's host
//! and access policy; with `several`, only of calls of several; with `eight`, only of a call of eight.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;
use visavis_e2e::{
    Browser, Engine, Group, Launch, Page, Permission, Portrait, Screen, StaticHost, Trouble, other_camera,
    relay_for, site,
};

const SCREENS: [(&str, Screen); 5] = [
    (
        "desktop-light",
        Screen {
            width: 1280,
            height: 800,
            dark: false,
        },
    ),
    (
        "desktop-dark",
        Screen {
            width: 1280,
            height: 800,
            dark: true,
        },
    ),
    (
        "phone-light",
        Screen {
            width: 360,
            height: 740,
            dark: false,
        },
    ),
    (
        "small-phone-dark",
        Screen {
            width: 320,
            height: 568,
            dark: true,
        },
    ),
    (
        "phone-sideways-dark",
        Screen {
            width: 740,
            height: 360,
            dark: true,
        },
    ),
];

const ALICE: Portrait = Portrait {
    wall: [0.86, 0.80, 0.72],
    shade: [0.62, 0.52, 0.44],
    clothes: [0.16, 0.35, 0.42],
    skin: [0.93, 0.74, 0.62],
    hair: [0.24, 0.14, 0.09],
};

const BOB: Portrait = Portrait {
    wall: [0.70, 0.79, 0.80],
    shade: [0.36, 0.47, 0.53],
    clothes: [0.78, 0.45, 0.27],
    skin: [0.55, 0.37, 0.27],
    hair: [0.08, 0.07, 0.07],
};

#[tokio::main]
async fn main() {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("target/screenshots"), PathBuf::from);
    fs::create_dir_all(&folder).expect("the folder can be made");

    let films = tempfile::tempdir().expect("a temporary folder can be made");
    let (alices_film, bobs_film) = (films.path().join("alice.y4m"), films.path().join("bob.y4m"));
    ALICE.film(&alices_film).expect("a film can be written");
    BOB.film(&bobs_film).expect("a film can be written");

    let part = std::env::args().nth(2);
    let is_wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    if is_wanted("door") {
        in_the_lobby(&folder, [&alices_film, &bobs_film]).await;
    }
    if is_wanted("eight") {
        eight(&folder).await;
    }
    if is_wanted("several") {
        several(&folder, [&alices_film, &bobs_film]).await;
    }
    if part.is_some() {
        return;
    }

    let relay = relay_for(2).await;
    let address = format!("http://{}/", relay.address);
    let browser = Launch::new(Engine::Chromium).film(&alices_film).start().await;
    let bobs_browser = Launch::new(Engine::Chromium).film(&bobs_film).start().await;
    let alice = browser.open(&address).await;
    alice.run("localStorage.setItem('visavis.name', 'Alice')").await;
    alice.reload().await;
    alice.wait_for_stage("start").await;
    screenshot(&alice, &folder, "start").await;
    alice.click("get-video").await;
    alice.wait_for_stage("alone").await;
    alice.wait_for_moving_video("local-video").await;
    screenshot(&alice, &folder, "alone").await;
    let unfold = "document.querySelector('.preparation').toggleAttribute('open')";
    alice.evaluate(unfold).await;
    screenshot(&alice, &folder, "instant-calls").await;
    alice.evaluate(unfold).await;

    let bob = bobs_browser.open(&address).await;
    bob.run("localStorage.setItem('visavis.name', 'Bob')").await;
    bob.reload().await;
    bob.click("get-video").await;
    alice.wait_for_stage("ready").await;
    alice.wait_for_status("Bob").await;
    screenshot(&alice, &folder, "ready").await;
    let carol = browser.open(&address).await;
    carol.click("get-video").await;
    carol.wait_for_stage("queued").await;
    screenshot(&carol, &folder, "queued").await;

    alice.click("call").await;
    alice.wait_for_stage("in-call").await;
    alice.wait_for_moving_video("remote-video").await;
    alice
        .wait_until("document.getElementById('remote-video').videoWidth === 1280")
        .await;
    sleep(Duration::from_secs(2)).await;
    screenshot(&alice, &folder, "in-call").await;
    bob.click("camera").await;
    bob.click("microphone").await;
    screenshot(&bob, &folder, "muted").await;
    alice
        .wait_until("document.querySelector('.remote').classList.contains('off')")
        .await;
    screenshot(&alice, &folder, "other-muted").await;
    // What a browser says when a camera is unplugged.
    alice
        .evaluate("document.getElementById('local-video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
        .await;
    alice.wait_for_trouble(Trouble::Device).await;
    screenshot(&alice, &folder, "camera-lost").await;
    alice.click("start-devices").await;
    alice.wait_until("document.getElementById('banner').hidden").await;
    bob.click("camera").await;
    bob.click("microphone").await;
    alice.wait_for_moving_video("remote-video").await;

    bob.click("hang-up").await;
    alice.wait_for_stage("ended").await;
    screenshot(&alice, &folder, "ended").await;

    // A page that does nothing any more does not answer either.
    bob.evaluate("void setTimeout(() => { for (const end = Date.now() + 25000; Date.now() < end; ); }, 100)")
        .await;
    sleep(Duration::from_millis(500)).await;
    alice.click("call").await;
    alice.wait_for_status("longer than usual").await;
    screenshot(&alice, &folder, "connecting-long").await;
    alice.wait_for_status("Could not reach").await;
    screenshot(&alice, &folder, "failed").await;
    alice.click("read-report").await;
    screenshot(&alice, &folder, "report").await;
    alice.evaluate("document.querySelector('dialog').close()").await;

    bob.wait_for_stage("ended").await;
    alice.click("call").await;
    alice.wait_for_stage("in-call").await;
    alice.wait_for_moving_video("remote-video").await;
    relay.shutdown().await;
    alice.wait_for_trouble(Trouble::Wait).await;
    screenshot(&alice, &folder, "server-lost-in-call").await;
    // Without a goodbye.
    drop(bobs_browser);
    alice.wait_for_trouble(Trouble::Interrupted).await;
    screenshot(&alice, &folder, "offline-in-call").await;
    alice.click("hang-up").await;
    alice.wait_for_trouble(Trouble::Unreachable).await;
    screenshot(&alice, &folder, "relay-gone").await;
    browser.close().await;

    let relay = visavis_e2e::relay().await;
    let address = format!("http://{}/", relay.address);
    let browser = Launch::new(Engine::Chromium).film(&alices_film).start().await;
    let bobs_browser = Launch::new(Engine::Chromium).film(&bobs_film).start().await;
    let alice = browser.open(&address).await;
    alice.click("get-video").await;
    alice.wait_for_stage("alone").await;
    let bob = bobs_browser.open(&address).await;
    bob.click("get-video").await;
    alice.wait_for_stage("ready").await;
    alice.click("call").await;
    alice.wait_for_stage("in-call").await;
    alice.wait_for_moving_video("remote-video").await;
    drop(bobs_browser);
    alice.wait_for_trouble(Trouble::Interrupted).await;
    screenshot(&alice, &folder, "interrupted").await;
    browser.close().await;

    let relay = visavis_e2e::relay().await;
    let address = format!("http://{}/", relay.address);
    let browser = Launch::new(Engine::Chromium).film(&alices_film).start().await;
    let bobs_browser = Launch::new(Engine::Chromium).film(&bobs_film).start().await;
    let alice = browser.open(&address).await;
    alice.click("get-video").await;
    alice.wait_for_stage("alone").await;
    let bob = bobs_browser.open(&address).await;
    bob.click("get-video").await;
    alice.wait_for_stage("ready").await;
    drop(bobs_browser);
    alice.wait_for_status("expected back").await;
    screenshot(&alice, &folder, "away").await;
    browser.close().await;

    let relay = visavis_e2e::relay().await;
    let address = format!("http://{}/", relay.address);
    let browser = Launch::new(Engine::Chromium)
        .permission(Permission::Asked)
        .start()
        .await;
    let page = browser.open(&address).await;
    page.click("get-video").await;
    page.wait_for_stage("asking").await;
    screenshot(&page, &folder, "asking").await;
    browser.set_permission("denied").await;
    let page = browser.open(&address).await;
    page.click("get-video").await;
    page.wait_for_stage("blocked").await;
    screenshot(&page, &folder, "refused").await;
    page.click("continue-without").await;
    page.wait_for_stage("alone").await;
    screenshot(&page, &folder, "without-camera").await;
    page.go(&format!("{address}#/a%20room")).await;
    page.reload().await;
    page.wait_for_status("no valid room").await;
    screenshot(&page, &folder, "wrong-address").await;
    page.go(&format!("{address}?check#/tea")).await;
    page.click("check-start").await;
    page.wait_until("document.querySelector('[data-check=relay]')?.dataset.result === 'passed'")
        .await;
    screenshot(&page, &folder, "check-refused").await;
    browser.close().await;

    let browser = Launch::new(Engine::Chromium).film(&alices_film).start().await;
    let page = browser.open(&format!("{address}?check#/tea")).await;
    page.wait_until("!!document.getElementById('check-start')").await;
    screenshot(&page, &folder, "check-waiting").await;
    page.click("check-start").await;
    page.wait_until("document.getElementById('check-result').hidden === false")
        .await;
    screenshot(&page, &folder, "check-passed").await;
    browser.close().await;

    let host = StaticHost::start(site()).await;
    let address = format!("http://{}/", host.address);
    let browser = Browser::start().await;
    // The app is on its way for ever, and then does not arrive at all.
    for (state, arrives) in [
        ("loading", "new Promise(() => {})"),
        ("not-loaded", "Promise.reject()"),
    ] {
        let page = browser.window().await;
        page.before_load(&format!(
            "WebAssembly.instantiateStreaming = WebAssembly.instantiate = () => {arrives};"
        ))
        .await;
        page.go(&address).await;
        if state == "not-loaded" {
            page.wait_for_trouble(Trouble::NotLoaded).await;
        }
        screenshot(&page, &folder, state).await;
    }
    let page = browser.open(&address).await;
    page.click("get-video").await;
    page.wait_for_trouble(Trouble::OnlyTabs).await;
    screenshot(&page, &folder, "this-browser").await;
    page.click("explain-relay").await;
    screenshot(&page, &folder, "this-browser-explained").await;
    browser.close().await;
}

/// Somebody enters a room.
async fn enter(browser: &Browser, address: &str, name: &str) -> Page {
    let page = browser.window().await;
    page.before_load(&format!(
        "if (location.protocol !== 'about:') localStorage.setItem('visavis.name', '{name}');"
    ))
    .await;
    // One processor can take many of these.
    page.before_load(&other_camera((640, 360), 5, true)).await;
    page.go(address).await;
    page.click("get-video").await;
    page
}

/// A call of eight. Two processors can't handle that many with audio, and video of a person.
async fn eight(folder: &Path) {
    let group = Group::in_room(8).await;
    group.all_answer_the_first().await;
    let alice = &group.pages[0];
    for other in 1..group.pages.len() {
        alice.wait_for_moving_video(&video(other - 1)).await;
    }
    screenshot(alice, folder, "people-8").await;
    group.close().await;
}

/// A call that two, three and five people take part in, and what they say beside it.
async fn several(folder: &Path, films: [&Path; 2]) {
    const NAMES: [&str; 5] = ["Alice", "Bob", "Carol", "Dave", "Erin"];
    let relay = relay_for(8).await;
    let address = format!("http://{}/#/tea", relay.address);
    let browsers = [
        Launch::new(Engine::Chromium).film(films[0]).start().await,
        Launch::new(Engine::Chromium).film(films[1]).start().await,
    ];
    let mut pages: Vec<Page> = Vec::new();
    for (index, name) in NAMES.into_iter().enumerate() {
        let page = enter(&browsers[index % 2], &address, name).await;
        page.wait_for_stage(if index == 0 { "alone" } else { "ready" })
            .await;
        pages.push(page);
        let alice = &pages[0];
        match index + 1 {
            2 => {
                alice.click("call").await;
                alice.wait_for_stage("in-call").await;
            }
            3.. => pages[index].click("call").await,
            _ => {}
        }
        for other in 1..=index {
            alice.wait_for_moving_video(&video(other - 1)).await;
        }
        if [2, 3, 5].contains(&pages.len()) {
            sleep(Duration::from_secs(3)).await;
            screenshot(alice, folder, &format!("people-{}", pages.len())).await;
        }
        if pages.len() == 3 {
            beside_the_call(folder, &pages).await;
        }
    }
    for browser in browsers {
        browser.close().await;
    }

    // It rings for those who are in no call.
    let relay = relay_for(8).await;
    let address = format!("http://{}/#/tea", relay.address);
    let browser = Launch::new(Engine::Chromium).film(films[0]).start().await;
    let alice = enter(&browser, &address, "Alice").await;
    alice.wait_for_stage("alone").await;
    let mut others = Vec::new();
    for name in ["Bob", "Carol", "Dave"] {
        let page = enter(&browser, &address, name).await;
        page.wait_for_stage("ready").await;
        others.push(page);
    }
    alice.wait_for_status("2 more").await;
    screenshot(&alice, folder, "several-ready").await;
    others[0].click("call").await;
    alice.wait_for_stage("ringing").await;
    screenshot(&alice, folder, "ringing").await;
    others[1].click("call").await;
    others[1].wait_for_stage("in-call").await;
    alice.click("decline").await;
    alice.wait_for_status("You can join").await;
    screenshot(&alice, folder, "can-join").await;
    browser.close().await;
}

/// Messages, reactions, and hands.
async fn beside_the_call(folder: &Path, pages: &[Page]) {
    let [alice, bob, carol] = pages else {
        unreachable!("three are in the call")
    };
    let write = async |page: &Page, text: &str| {
        page.run(&format!("document.getElementById('words').value = '{text}'"))
            .await;
        page.run("document.getElementById('say').click()").await;
        sleep(Duration::from_millis(300)).await;
    };
    write(
        bob,
        "Good morning! Here is what we talked about: https://example.org/plan",
    )
    .await;
    write(carol, "Thank you. I read it on my way, and have two questions.").await;
    let react = async |page: &Page, what: &str| {
        page.run(&format!(
            "document.querySelector('#reactions :is(#{what}, [value={what}])').click()"
        ))
        .await;
    };
    react(carol, "hand").await;
    sleep(Duration::from_millis(500)).await;
    screenshot(alice, folder, "unread").await;
    alice.click("talk").await;
    write(alice, "Ask away.").await;
    react(bob, "party").await;
    sleep(Duration::from_millis(500)).await;
    screenshot(alice, folder, "messages").await;
    alice.click("close-talk").await;
    alice
        .run("document.getElementById('reactions').showPopover()")
        .await;
    screenshot(alice, folder, "reactions").await;
    alice
        .run("document.getElementById('reactions').hidePopover()")
        .await;
    react(carol, "hand").await;
}

/// The element of somebody's video.
fn video(index: usize) -> String {
    match index {
        0 => "remote-video".to_owned(),
        _ => format!("remote-video-{}", index + 1),
    }
}

/// A host, and those who want to come in.
async fn in_the_lobby(folder: &Path, films: [&Path; 2]) {
    let relay = relay_for(8).await;
    let address = format!("http://{}/#/tea", relay.address);
    let browser = Launch::new(Engine::Chromium).film(films[0]).start().await;
    let bobs_browser = Launch::new(Engine::Chromium).film(films[1]).start().await;
    let enter = async |browser: &Browser, name: &str| enter(browser, &address, name).await;
    let set_door = async |page: &Page, index: usize| {
        page.run(&format!(
            "const door = document.getElementById('door');
             door.selectedIndex = {index};
             door.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        ))
        .await;
    };
    let hears = async |page: &Page, words: &str| {
        page.wait_until(&format!(
            "document.getElementById('knocking').textContent.includes('{words}')"
        ))
        .await;
    };

    let alice = enter(&browser, "Alice").await;
    alice.wait_for_moving_video("local-video").await;
    set_door(&alice, 1).await;
    let bob = enter(&bobs_browser, "Bob").await;
    bob.wait_for_stage("at-door").await;
    bob.wait_for_moving_video("local-video").await;
    screenshot(&bob, folder, "at-door").await;
    hears(&alice, "Bob").await;
    screenshot(&alice, folder, "knock").await;
    alice.click("admit").await;
    bob.wait_for_stage("ready").await;
    screenshot(&bob, folder, "guarded-guest").await;
    screenshot(&alice, folder, "guarded-host").await;
    let carol = enter(&browser, "Carol, whose name takes all forty letters").await;
    hears(&alice, "Carol").await;
    let dave = enter(&browser, "Dave").await;
    hears(&alice, "1 more is waiting").await;
    bob.click("call").await;
    alice.wait_for_moving_video("remote-video").await;
    sleep(Duration::from_secs(2)).await;
    screenshot(&alice, folder, "knock-in-call").await;
    alice.click("refuse").await;
    carol.wait_for_stage("barred").await;
    screenshot(&carol, folder, "refused").await;
    sleep(Duration::from_secs(1)).await;
    alice.click("admit").await;
    dave.wait_for_stage("ready").await;
    dave.click("call").await;
    alice.wait_for_moving_video("remote-video-2").await;
    alice.click("people").await;
    alice
        .run("document.querySelector('.people li:nth-child(2) > button:last-of-type').click()")
        .await;
    screenshot(&alice, folder, "people-in-call").await;
    alice.click("hang-up").await;
    alice.wait_for_stage("ended").await;
    screenshot(&alice, folder, "host-decides").await;
    alice.click("remove").await;
    dave.wait_for_stage("barred").await;
    screenshot(&dave, folder, "removed").await;
    set_door(&alice, 2).await;
    dave.click("leave").await;
    dave.wait_for_stage("start").await;
    let erin = enter(&browser, "Erin").await;
    erin.wait_for_stage("at-door").await;
    screenshot(&erin, folder, "locked").await;
    browser.close().await;
    bobs_browser.close().await;
}

async fn screenshot(page: &Page, folder: &Path, state: &str) {
    for (name, screen) in SCREENS {
        page.show_on(screen).await;
        // Colours change over a moment.
        sleep(Duration::from_millis(300)).await;
        let file = folder.join(format!("{state}-{name}.png"));
        fs::write(&file, page.screenshot().await).expect("a file can be written");
    }
}
