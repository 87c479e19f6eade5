//! Sealed rooms in real browsers, against somebody who runs the relay: reads all, changes, forges, replays.

use serde_json::{Value, json};
use visavis_e2e::{Browser, Page, Pair, Tapped, TappedRelay, Way, alone, see_each_other, together};

use crate::safety::open_code;
use crate::waiting_room::{enter, is_host, set_door};

/// What stands behind `#/` in a link, and what the relay calls that room.
const SEALED: &str = "s/MDEyMzQ1Njc4OWFiY2RlZg";
const ITS_NAME: &str = "JzU75H5wHsPmdyvw8Suspw";

/// Another room.
const ELSEWHERE: &str = "s/AAECAwQFBgcICQoLDA0ODw";

/// What is around what is sealed, in bytes, and the steps of its size.
const AROUND: usize = 41;
const PADDING: usize = 256;

fn parsed(tapped: &Tapped) -> Value {
    serde_json::from_str(&tapped.text).expect("pages and relays say JSON")
}

/// What people in the room said through the relay, and the names that they gave it.
fn sealed(heard: &[Tapped]) -> Vec<String> {
    let mut sealed = Vec::new();
    for message in heard.iter().map(parsed) {
        let field = match message["type"].as_str() {
            Some("send" | "message") => "message",
            Some("join" | "name" | "knock") => "name",
            _ => continue,
        };
        sealed.extend(message[field].as_str().map(str::to_owned));
    }
    sealed
}

/// Enters a room.
async fn enter_as(browser: &Browser, relay: &TappedRelay, room: &str, name: &str) -> Page {
    enter(browser, &relay.room(room), name).await
}

async fn call(page: &Page) {
    page.click("call").await;
}

/// Row 62. The same tap reads all of it in an open room, so it looks at the right place.
#[test]
fn a_relay_learns_nothing_of_a_call_of_three() {
    alone(async {
        let mut row = visavis_rows::row(62, "Chromium");
        let (relay, browser) = tokio::join!(TappedRelay::start(8), Browser::start());
        for (room, reads) in [("tea", true), (SEALED, false)] {
            let before = relay.heard().len();
            let ada = enter_as(&browser, &relay, room, "Ada Lovelace").await;
            ada.wait_for_stage("alone").await;
            is_host(&ada).await;
            set_door(&ada, "knock").await;
            let mut pages = vec![ada];
            for name in ["Bob Dylan", "Grace Hopper"] {
                let page = enter_as(&browser, &relay, room, name).await;
                page.wait_for_stage("at-door").await;
                pages[0]
                    .wait_until(&format!(
                        "document.getElementById('knocking')?.textContent.includes('{name}')"
                    ))
                    .await;
                pages[0].click("admit").await;
                page.wait_for_stage("ready").await;
                pages.push(page);
            }
            call(&pages[0]).await;
            for page in &pages[1..] {
                page.wait_for_stage("ringing").await;
                call(page).await;
            }
            for page in &pages {
                page.wait_for_others(2).await;
            }
            for page in &pages[..2] {
                page.click("talk").await;
            }
            crate::chat::write(&pages[0], "the password is swordfish").await;
            crate::chat::reads(&pages[1], "the password is swordfish").await;
            pages[1].click("hang-up").await;
            pages[1].wait_for_stage("ended").await;
            pages[0].click("hang-up").await;
            pages[0].wait_for_stage("ended").await;
            let heard = relay.heard().split_off(before);
            for page in pages {
                page.close().await;
            }
            let text: Vec<_> = heard.iter().map(|tapped| tapped.text.as_str()).collect();
            let text = text.join("\n");
            for word in [
                "Lovelace",
                "Dylan",
                "Hopper",
                "candidate:",
                "fingerprint",
                "v=0",
                "m=video",
                "hang-up",
            ] {
                assert_eq!(text.contains(word), reads, "{room}: {word}");
            }
            let in_every_room = ["swordfish", "MDEyMzQ1Njc4OWFiY2RlZg"];
            assert!(!in_every_room.iter().any(|word| text.contains(word)), "{room}");
            if reads {
                continue;
            }
            assert!(text.contains(ITS_NAME));
            let sealed = sealed(&heard);
            assert!(sealed.len() > 30, "{}", sealed.len());
            for sealed in &sealed {
                let is_text = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
                assert!(sealed.bytes().all(is_text), "{sealed}");
                let bytes = sealed.len() * 3 / 4;
                assert_eq!((bytes - AROUND) % PADDING, 0, "{bytes} bytes");
            }
            row = row.note(format!("{} sealed texts", sealed.len()));
        }
        row.passed();
    });
}

/// Row 40.
#[test]
fn a_lying_relay_comes_between_nobody() {
    alone(async {
        let row = visavis_rows::row(40, "Chromium");
        let (relay, browser) = tokio::join!(TappedRelay::start(4), Browser::start());
        // What two people said yesterday.
        let ada = enter_as(&browser, &relay, SEALED, "Ada").await;
        ada.wait_for_stage("alone").await;
        let bob = enter_as(&browser, &relay, SEALED, "Bob").await;
        bob.wait_for_stage("ready").await;
        call(&ada).await;
        see_each_other(&ada, &bob).await;
        let yesterday = relay.heard();
        for page in [ada, bob] {
            page.close().await;
        }

        let ada = enter_as(&browser, &relay, SEALED, "Ada").await;
        ada.wait_for_stage("alone").await;
        let bob = enter_as(&browser, &relay, SEALED, "Bob").await;
        bob.wait_for_stage("ready").await;
        ada.wait_for_stage("ready").await;
        let today = relay.heard();
        let names: Vec<String> = today.iter().filter_map(joined).collect();
        let [.., adas, bobs] = &names[..] else {
            panic!("two have joined: {names:?}")
        };
        let (to_ada, to_bob) = (2, 3);
        // It replays yesterday, under today's names; reflects and redirects what is said today; and lets a
        // stranger in, who offers a connection.
        let said = |tapped: &&Tapped| tapped.way == Way::Down && parsed(tapped)["type"] == "message";
        for old in yesterday.iter().chain(&today).filter(said) {
            let message = &parsed(old)["message"];
            relay.say(
                to_ada,
                json!({"type": "message", "from": bobs, "message": message}).to_string(),
            );
            relay.say(
                to_bob,
                json!({"type": "message", "from": adas, "message": message}).to_string(),
            );
        }
        let offer = json!({
            "number": 1, "ack": 0, "connection": 1,
            "body": {"type": "offer", "exchange": 1, "sdp": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"},
        });
        relay.say(to_ada, json!({"type": "ready", "peer": "stranger"}).to_string());
        for from in ["stranger", bobs] {
            let message = json!({"type": "message", "from": from, "message": offer.to_string()});
            relay.say(to_ada, message.to_string());
        }
        // The list of people marks the stranger, and nobody rings.
        ada.wait_until(
            "document.querySelector('.people')?.textContent.includes('did not use the sealed link')",
        )
        .await;
        assert_eq!(
            ada.evaluate("document.querySelector('.page').dataset.stage")
                .await,
            "ready"
        );
        relay.say(
            to_ada,
            json!({"type": "left", "peer": "stranger", "reason": "left"}).to_string(),
        );
        ada.wait_until(
            "!document.querySelector('.people')?.textContent.includes('did not use the sealed link')",
        )
        .await;
        call(&ada).await;
        see_each_other(&ada, &bob).await;
        ada.click("hang-up").await;
        ada.wait_for_stage("ended").await;

        // It changes a character of each message to Ada, in new pages.
        for page in [ada, bob] {
            page.close().await;
        }
        let to_ada = 4;
        relay.change(move |tapped| {
            let mut message = parsed(tapped);
            if tapped.way == Way::Down && tapped.connection == to_ada && message["type"] == "message" {
                let text = message["message"].as_str().expect("it is a text");
                let swapped = if text.ends_with('A') { 'Q' } else { 'A' };
                message["message"] = json!(format!("{}{swapped}", &text[..text.len() - 1]));
            }
            Some(message.to_string())
        });
        let ada = enter_as(&browser, &relay, SEALED, "Ada").await;
        ada.wait_for_stage("alone").await;
        let bob = enter_as(&browser, &relay, SEALED, "Bob").await;
        bob.wait_for_stage("ready").await;
        ada.wait_for_why("unopened").await;
        row.note("replayed, reflected, forged, changed").passed();
    });
}

/// Our name, in an answer to `join`.
fn joined(tapped: &Tapped) -> Option<String> {
    let message = parsed(tapped);
    let name = (message["type"] == "joined").then(|| message["you"].as_str().map(str::to_owned));
    name.flatten()
}

/// Row 63.
#[test]
fn who_has_another_link_or_seals_nothing_is_told_apart() {
    together(async {
        let row = visavis_rows::row(63, "Chromium");
        let (relay, browser) = tokio::join!(TappedRelay::start(4), Browser::start());
        // The relay brings together whom it likes.
        relay.change(|tapped| {
            let mut message = parsed(tapped);
            if message["type"] == "join" {
                message["room"] = json!("one-room");
            }
            Some(message.to_string())
        });
        let ada = enter_as(&browser, &relay, SEALED, "Ada").await;
        ada.wait_for_stage("alone").await;
        let bob = enter_as(&browser, &relay, ELSEWHERE, "Bob").await;
        for page in [&ada, &bob] {
            page.wait_for_why("unopened").await;
            assert_eq!(
                page.evaluate("document.getElementById('call').disabled").await,
                true
            );
        }
        bob.close().await;
        ada.wait_for_stage("alone").await;
        let carol = enter_as(&browser, &relay, ITS_NAME, "Carol").await;
        ada.wait_for_why("not-sealed").await;
        assert_eq!(
            ada.evaluate("document.getElementById('call').disabled").await,
            true
        );
        // She can call, and nothing rings.
        carol.wait_for_stage("ready").await;
        call(&carol).await;
        carol.wait_for_stage("connecting").await;
        ada.wait_for_why("not-sealed").await;
        row.passed();
    });
}

/// Lets the relay part people: the first two are in one room, whatever they asked for, and the next two in
/// another. So somebody can sit in the middle who has a page in each.
fn part_after_two(relay: &TappedRelay) {
    relay.change(|tapped| {
        let mut message = parsed(tapped);
        if message["type"] == "join" {
            message["room"] = json!(if tapped.connection < 2 { "one" } else { "other" });
        }
        Some(message.to_string())
    });
}

/// Row 61: as in row 41, without the link. Both are told, and nothing of theirs goes to him.
#[test]
fn who_sits_between_two_people_without_their_link_hears_nothing() {
    together(async {
        let row = visavis_rows::row(61, "Chromium");
        let (relay, browser) = tokio::join!(TappedRelay::start(2), Browser::start());
        part_after_two(&relay);
        let mut pages = Vec::new();
        for (room, name) in [
            (SEALED, "Ada"),
            (ITS_NAME, "Bob"),
            (SEALED, "Bob"),
            (ITS_NAME, "Ada"),
        ] {
            pages.push(enter_as(&browser, &relay, room, name).await);
            pages[pages.len() - 1]
                .wait_until("['alone', 'ready'].includes(document.querySelector('.page').dataset.stage)")
                .await;
        }
        for his in [1, 3] {
            call(&pages[his]).await;
            pages[his].wait_for_stage("connecting").await;
        }
        for visitor in [0, 2] {
            pages[visitor].wait_for_why("not-sealed").await;
            let made = pages[visitor]
                .evaluate("performance.getEntriesByName('visavis:call').length")
                .await;
            assert_eq!(made, 0, "no call begins");
        }
        row.passed();
    });
}

/// Row 41: somebody with the link and the relay sits between two people, as each of them to the other. (What
/// he passes on from one to the other makes no difference to the codes, so he passes on nothing.)
#[test]
fn who_sits_between_two_people_with_their_link_is_found_by_the_codes() {
    alone(async {
        let row = visavis_rows::row(41, "Chromium");
        let (relay, browser) = tokio::join!(TappedRelay::start(2), Browser::start());
        part_after_two(&relay);
        let mut pages = Vec::new();
        for name in ["Ada", "Bob", "Ada", "Bob"] {
            let page = enter_as(&browser, &relay, SEALED, name).await;
            page.wait_for_stage(if pages.len() % 2 == 0 { "alone" } else { "ready" })
                .await;
            pages.push(page);
        }
        let [ada, his_bob, his_ada, bob] = &pages[..] else {
            panic!("there are four")
        };
        call(ada).await;
        see_each_other(ada, his_bob).await;
        call(bob).await;
        see_each_other(bob, his_ada).await;
        let (hers, his) = (open_code(ada).await, open_code(bob).await);
        assert_ne!(hers, his, "the two who want to talk read other codes");
        ada.run("document.querySelector('.differs button').click()").await;
        ada.wait_for_end("unsafe").await;
        row.passed();
    });
}

/// What the dialog says, by who it is about.
async fn who_sees_what(page: &Page, button: &str) -> Value {
    page.click(button).await;
    page.wait_until("document.querySelector('.sights')?.open").await;
    page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.sights li')]
            .map(item => [item.dataset.who, item.querySelector('p').textContent]))",
    )
    .await
}

#[test]
fn people_read_who_can_see_what_before_and_during_a_call() {
    alone(async {
        let pair = Pair::in_room().await;
        let before = who_sees_what(&pair.alice, "who-sees-what").await;
        let sees =
            |sights: &Value, who: &str, what: &str| sights[who].as_str().unwrap_or_default().contains(what);
        assert!(sees(&before, "site", "your network address"), "{before}");
        assert!(
            !sees(&before, "relay", "your name"),
            "the room is sealed: {before}"
        );
        assert!(!sees(&before, "person", "your video"), "{before}");
        pair.alice
            .run("document.querySelector('.sights button').click()")
            .await;
        let pair = pair.in_call().await;
        pair.alice.click("people").await;
        let during = who_sees_what(&pair.alice, "who-sees-what-now").await;
        for what in [
            "your network address",
            "your video",
            "your audio",
            "your messages",
        ] {
            assert!(sees(&during, "person", what), "{what}: {during}");
        }
        // It changes while it is read.
        pair.alice.run("document.getElementById('camera').click()").await;
        pair.alice
            .wait_until(
                "!document.querySelector('.sights [data-who=person] p').textContent.includes('your video')",
            )
            .await;
    });
}
