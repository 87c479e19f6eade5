//! Who gets in, and where.

use serde_json::Value;
use visavis_e2e::{Browser, Group, Trouble, alone, enter_room, relay, relay_for, see_each_other};

#[test]
fn a_third_visitor_is_told_and_gets_in_when_one_leaves() {
    alone(async {
        let relay = relay_for(2).await;
        let browser = Browser::start().await;
        let address = format!("http://{}/#/tea", relay.address);
        let alice = browser.open(&address).await;
        let bob = browser.open(&address).await;
        enter_room(&alice, &bob).await;

        let carol = browser.open(&address).await;
        carol.click("get-video").await;
        carol.wait_for_stage("in-line").await;
        assert_eq!(
            alice
                .evaluate("document.querySelector('.page').dataset.stage")
                .await,
            "ready"
        );

        bob.close().await;
        carol.wait_for_stage("ready").await;
        carol.click("call").await;
        for page in [&alice, &carol] {
            page.wait_for_stage("in-call").await;
            page.wait_for_moving_video("remote-video").await;
        }
        browser.close().await;
    });
}

#[test]
fn who_does_not_want_to_wait_opens_a_new_room_and_keeps_the_camera() {
    alone(async {
        let relay = relay_for(2).await;
        let browser = Browser::start().await;
        let address = format!("http://{}/#/tea", relay.address);
        enter_room(&browser.open(&address).await, &browser.open(&address).await).await;
        let carol = browser.open(&address).await;
        carol.click("get-video").await;
        carol.wait_for_stage("in-line").await;
        carol.click("new-room").await;
        carol.wait_for_stage("alone").await;
        assert_eq!(
            carol.evaluate("/^#\\/s\\/[-\\w]{22}$/.test(location.hash)").await,
            true
        );
        carol
            .wait_until("document.getElementById('invite-link').value === location.href")
            .await;
        carol.wait_for_moving_video("local-video").await;
        browser.close().await;
    });
}

#[test]
fn rooms_are_apart() {
    alone(async {
        let relay = relay().await;
        let browser = Browser::start().await;
        let alice = browser.open(&format!("http://{}/#/tea", relay.address)).await;
        alice.click("get-video").await;
        alice.wait_for_stage("alone").await;
        assert_eq!(
            alice.evaluate("document.getElementById('call').disabled").await,
            Value::Bool(true)
        );
        let bob = browser.open(&format!("http://{}/#/coffee", relay.address)).await;
        bob.click("get-video").await;
        bob.wait_for_stage("alone").await;
        // Following a link into the other room brings them together.
        bob.evaluate("void (location.hash = '#/tea')").await;
        alice.wait_for_stage("ready").await;
        bob.wait_for_stage("ready").await;
        browser.close().await;
    });
}

#[test]
fn an_address_that_names_no_room_says_so() {
    alone(async {
        let relay = relay().await;
        let browser = Browser::start().await;
        let page = browser
            .open(&format!("http://{}/#/a%20room", relay.address))
            .await;
        page.wait_for_status("The address names no valid room").await;
        page.click("new-room").await;
        page.click("get-video").await;
        page.wait_for_stage("alone").await;

        page.evaluate("void (location.hash = '#/not/valid')").await;
        page.wait_for_trouble(Trouble::Wait).await;
        assert_eq!(
            page.evaluate("document.querySelector('.page').dataset.stage")
                .await,
            Value::from("alone")
        );
        browser.close().await;
    });
}

/// A person whose camera is off has no video; the other person's goes on, in the other tile.
#[test]
fn everybody_is_seen_in_their_own_tile() {
    alone(async {
        let Group {
            relay,
            pages,
            browser,
            ..
        } = Group::in_room(3).await.in_call().await;
        let videos = ["remote-video", "remote-video-2"];
        for page in &pages[1..] {
            for video in videos {
                pages[0].wait_for_moving_video(video).await;
            }
            page.click("camera").await;
            let is_off = |video| {
                format!("document.getElementById('{video}').closest('.tile').classList.contains('off')")
            };
            pages[0].wait_until(&videos.map(is_off).join(" !== ")).await;
            let first_is_off = pages[0].evaluate(&is_off(videos[0])).await == Value::Bool(true);
            pages[0]
                .wait_for_moving_video(videos[usize::from(first_is_off)])
                .await;
            page.click("camera").await;
        }
        drop(relay);
        browser.close().await;
    });
}

/// Markup and marks of direction are no more than text, and a long name is cut.
#[test]
fn people_are_called_what_they_say() {
    alone(async {
        let group = Group::in_room(2).await;
        let [alice, bob] = group.pages.as_slice() else {
            unreachable!("two are in the room")
        };
        bob.wait_for_why("here").await;

        let type_name = |name: &str| {
            format!(
                "const field = document.getElementById('name');
             field.value = {name:?};
             field.dispatchEvent(new Event('change', {{ bubbles: true }}));"
            )
        };
        alice.run(&type_name("<b>Ada</b> \u{202e}Lovelace")).await;
        bob.wait_for_status("\u{2068}<b>Ada</b> Lovelace\u{2069} is here.")
            .await;
        alice.run(&type_name(&"a".repeat(30_000))).await;
        let cut = "a".repeat(40);
        bob.wait_for_status(&format!("\u{2068}{cut}\u{2069} is here."))
            .await;
        alice.run(&type_name("Ada")).await;
        bob.wait_for_status("\u{2068}Ada\u{2069} is here.").await;
        assert_eq!(
            bob.evaluate("document.getElementById('name').value").await,
            "",
            "tabs share what the browser keeps, and yet are two people"
        );

        bob.click("call").await;
        see_each_other(alice, bob).await;
        const IS_LABELLED: &str = "document.querySelector('.tile.remote .badge').innerText === 'Ada'";
        bob.wait_until(IS_LABELLED).await;
        assert_eq!(
            alice
                .evaluate("getComputedStyle(document.querySelector('.tile.remote .badge')).display")
                .await,
            "none",
            "whoever says no name has no label"
        );
        alice.click("hang-up").await;
        bob.wait_for_status("\u{2068}Ada\u{2069} hung up.").await;

        // The browser keeps it, for this page and for the next one.
        alice.reload().await;
        alice.click("get-video").await;
        alice.wait_for_stage("ready").await;
        bob.click("call").await;
        bob.wait_until(IS_LABELLED).await;
        assert_eq!(
            alice.evaluate("document.getElementById('name').value").await,
            "Ada"
        );
        group.browser.close().await;
    });
}
