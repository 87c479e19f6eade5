//! Calls without any server: two people who carry an invitation and a reply themselves.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::json;
use tokio::time::sleep;
use visavis_e2e::{
    Browser, Engine, Launch, Network, Page, StaticHost, TurnServer, alone, site_with, together,
};
use visavis_letters::{CandidateType, Letter, Minute};
use visavis_netlab::Nat;
use visavis_rows::row;

use crate::chat::{reads, write};

const SMALL_CAMERAS: &str = r#"{ "media": { "width": 640, "height": 360, "frameRate": 10 } }"#;

/// Waits until a page's letters have come so far.
async fn comes_to(page: &Page, progress: &str) {
    page.wait_until(&format!(
        "document.getElementById('letters')?.dataset.progress === '{progress}'"
    ))
    .await;
}

/// The link of the letter that a page shows.
async fn letter(page: &Page, progress: &str) -> String {
    comes_to(page, progress).await;
    let link = page.evaluate("document.getElementById('letter').value").await;
    link.as_str().expect("a link is a text").to_owned()
}

/// What stands behind the `#` of a link, with it.
fn hash(link: &str) -> &str {
    &link[link.find('#').expect("a letter is behind the #")..]
}

/// Pastes what was carried to a page.
async fn paste(page: &Page, text: &str) {
    let text = json!(text);
    page.run(&format!(
        "const field = document.getElementById('carried');
         field.value = {text};
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ))
    .await;
}

/// What a page says against what was pasted last; `null`: nothing.
async fn says_against(page: &Page, fault: &str) {
    page.wait_until(&format!(
        "(it => it.dataset.fault === '{fault}' && it.textContent.length > 40)(document.getElementById('letter-fault'))"
    ))
    .await;
}

async fn see_and_hear(page: &Page) {
    page.wait_for_stage("in-call").await;
    page.wait_for_moving_video("remote-video").await;
    page.wait_for_audio("remote-video").await;
}

/// The files of a site that have something of these chunks: `chat-….wasm`, `chat+stage-….wasm`.
fn files_of(site: &Path, chunks: &[&str]) -> Vec<String> {
    let files = site.read_dir().expect("a site is a folder").flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names
        .filter(|name| name.ends_with(".wasm"))
        .filter(|name| {
            let (of, _) = name.split_once('-').unwrap_or_default();
            of.split('+').any(|chunk| chunks.contains(&chunk))
        })
        .collect()
}

/// The call's connection looks for a path anew: an offer and its answer go from page to page.
async fn restarts_ice(page: &Page) {
    let call = "[...window.inside.connections].find(it => it.getTransceivers().length > 0)";
    let generation = format!("{call}.currentLocalDescription.sdp.match(/a=ice-ufrag:(.*)/)[1]");
    let before = page.evaluate(&generation).await;
    page.run(&format!("{call}.restartIce()")).await;
    page.wait_until(&format!("{generation} !== {before}")).await;
    let frames = page.frames("remote-video").await;
    page.wait_for_frames("remote-video", frames + 5).await;
}

/// Two browsers that share nothing load the page from a host that serves files, which ends then. Their people
/// carry their letters, call, write, hang up, and call again.
async fn call(inviting: Engine, invited: Engine, variant: &'static str) {
    let row = row(106, variant);
    let site = site_with(SMALL_CAMERAS);
    let needed = json!(files_of(
        site.path(),
        &["by_hand", "chat", "people", "scan", "settings", "stage"]
    ));
    let host = StaticHost::start(site.path().to_owned()).await;
    let origin = format!("http://{}", host.address);
    let (alices, bobs) = tokio::join!(Launch::new(inviting).start(), Launch::new(invited).start());
    let alice = alices.open(&format!("{origin}/")).await;
    alice.click("by-hand").await;
    comes_to(&alice, "idle").await;
    alice.instrument().await;
    alice.click("get-video").await;
    let invitation = letter(&alice, "invites").await;
    let bob = bobs.open(&invitation).await;
    bob.instrument().await;
    for page in [&alice, &bob] {
        // What a call needs is loaded ahead.
        page.wait_until(&format!(
            "{needed}.every(file => performance.getEntriesByType('resource').some(it => it.name.endsWith(file)))"
        ))
        .await;
    }
    drop(host);

    bob.click("get-video").await;
    let reply = letter(&bob, "replies").await;
    paste(&alice, &format!("Here it is: {reply} – Bob")).await;
    for page in [&alice, &bob] {
        see_and_hear(page).await;
    }
    bob.click("talk").await;
    write(&bob, "no server reads this").await;
    alice.click("talk").await;
    reads(&alice, "no server reads this").await;
    restarts_ice(match inviting {
        Engine::Chromium => &alice,
        Engine::Firefox => &bob,
    })
    .await;
    // So is a camera that is switched off and on told.
    alice.click("camera").await;
    bob.wait_until("document.body.innerText.includes('Camera is off')")
        .await;
    alice.click("camera").await;
    bob.wait_for_moving_video("remote-video").await;
    alice.click("hang-up").await;
    bob.wait_for_end("they-hung-up").await;
    bob.click("call").await;
    for page in [&alice, &bob] {
        see_and_hear(page).await;
    }
    bob.close().await;
    alice.wait_for_stage("ended").await;
    comes_to(&alice, "left").await;
    row.passed();
    alices.close().await;
}

#[test]
fn chromium_invites_chromium() {
    together(call(
        Engine::Chromium,
        Engine::Chromium,
        "Chromium invites Chromium",
    ));
}

#[test]
fn chromium_invites_firefox() {
    together(call(
        Engine::Chromium,
        Engine::Firefox,
        "Chromium invites Firefox",
    ));
}

#[test]
fn firefox_invites_chromium() {
    together(call(
        Engine::Firefox,
        Engine::Chromium,
        "Firefox invites Chromium",
    ));
}

/// Each behind a translator that lets in only what was asked for: both have to try at the same time. Bob's
/// browser alone would stop after 11 s, and a person takes longer.
#[test]
fn a_reply_may_take_its_time_behind_translators() {
    alone(async {
        let row = row(106, "behind two translators, a while later");
        let hosts = Network::hosts().nat("alice", Nat::Cone).nat("bob", Nat::Cone);
        let engines = [Engine::Chromium, Engine::Firefox];
        let network = Network::by_hand(hosts, TurnServer::Works, engines, "all", async |alice| {
            hash(&letter(alice, "invites").await).to_owned()
        })
        .await;
        let reply = letter(&network.bob, "replies").await;
        sleep(Duration::from_secs(14)).await;
        paste(&network.alice, &reply).await;
        see_and_hear(&network.alice).await;
        see_and_hear(&network.bob).await;
        // All that leads to the other one fails for a while, also what would mend it.
        network.lab.cut_pair("alice", "bob");
        sleep(Duration::from_secs(8)).await;
        network.lab.join_pair("alice", "bob");
        let row = row.recovered_in(network.until_both_move().await);
        network.alice.click("hang-up").await;
        network.bob.wait_for_end("they-hung-up").await;
        row.passed();
    });
}

#[test]
fn who_hides_behind_a_turn_server_is_reached_there() {
    alone(async {
        let engines = [Engine::Chromium; 2];
        let network = Network::by_hand(
            Network::hosts(),
            TurnServer::Works,
            engines,
            "all",
            async |alice| {
                let shown = letter(alice, "invites").await;
                assert!(types(&shown).contains(&CandidateType::Host));
                alice
                    .run("document.querySelector('.preparation').open = true")
                    .await;
                alice.wait_until("!!document.getElementById('addresses')").await;
                alice
                    .run(
                        "const choice = document.getElementById('addresses');
                     choice.value = 'relay';
                     choice.dispatchEvent(new Event('change'));",
                    )
                    .await;
                alice
                    .wait_until(&format!(
                        "document.getElementById('letters').dataset.progress === 'invites' &&
                     document.getElementById('letter').value !== '{shown}'"
                    ))
                    .await;
                let hidden = letter(alice, "invites").await;
                let mut types = types(&hidden);
                types.dedup();
                assert_eq!(types, [CandidateType::Relayed]);
                hash(&hidden).to_owned()
            },
        )
        .await;
        let reply = letter(&network.bob, "replies").await;
        paste(&network.alice, &reply).await;
        see_and_hear(&network.alice).await;
        see_and_hear(&network.bob).await;
    });
}

/// Of the candidates of a letter.
fn types(link: &str) -> Vec<CandidateType> {
    let description = match Letter::find(link) {
        Ok(Letter::Invitation(invitation)) => invitation.description,
        Ok(Letter::Reply(reply)) => reply.description,
        Err(error) => panic!("{error}"),
    };
    let candidates = description.candidates().iter();
    candidates.map(|candidate| candidate.typ).collect()
}

#[test]
fn where_nothing_gets_through_it_says_so_and_can_be_tried_again() {
    alone(async {
        let row = row(106, "control: nothing gets through");
        let engines = [Engine::Chromium; 2];
        let network = Network::by_hand(
            Network::hosts(),
            TurnServer::None,
            engines,
            "all",
            async |alice| hash(&letter(alice, "invites").await).to_owned(),
        )
        .await;
        network.lab.cut_pair("alice", "bob");
        let reply = letter(&network.bob, "replies").await;
        paste(&network.alice, &reply).await;
        network.alice.hurry(Duration::from_secs(35), 10).await;
        comes_to(&network.alice, "no-path").await;
        // Bob's page waits longer, and can reply once more.
        network.bob.hurry(Duration::from_secs(11 * 60), 200).await;
        comes_to(&network.bob, "reply-unused").await;
        network.bob.click("new-letter").await;
        let reply = letter(&network.bob, "replies").await;
        network.lab.join_pair("alice", "bob");
        network.alice.click("new-letter").await;
        let invitation = letter(&network.alice, "invites").await;
        network
            .bob
            .run(&format!("location.hash = '{}'", hash(&invitation)))
            .await;
        network
            .bob
            .wait_until(&format!("document.getElementById('letter').value !== '{reply}'"))
            .await;
        paste(&network.alice, &letter(&network.bob, "replies").await).await;
        see_and_hear(&network.alice).await;
        row.passed();
    });
}

#[test]
fn letters_that_lead_nowhere_are_explained() {
    together(async {
        let site = site_with(SMALL_CAMERAS);
        let host = StaticHost::start(site.path().to_owned()).await;
        let origin = format!("http://{}", host.address);
        let browser = Browser::start().await;
        let alice = browser.open(&format!("{origin}/{}", Network::BY_HAND)).await;
        alice.click("get-video").await;
        let first = letter(&alice, "invites").await;
        paste(&alice, &first).await;
        says_against(&alice, "own-invitation").await;
        paste(&alice, &first[..first.len() - 8]).await;
        says_against(&alice, "truncated").await;
        paste(&alice, &first.replace("call=i1", "call=i9")).await;
        says_against(&alice, "other-version").await;
        alice
            .run("document.getElementById('carried').value = 'see you at eight'")
            .await;
        alice.click("use-letter").await;
        says_against(&alice, "nothing").await;
        // What was typed is still there.
        assert_eq!(
            alice.evaluate("document.getElementById('carried').value").await,
            "see you at eight"
        );
        let Ok(Letter::Invitation(mut old)) = Letter::find(&first) else {
            panic!("{first} is no invitation")
        };
        old.secret = [7; 16];
        old.made = Minute(old.made.0 - 61);
        paste(&alice, &Letter::Invitation(old).to_text()).await;
        says_against(&alice, "stale-invitation").await;

        // Bob replies. Carol, in a tab of Alice's browser, opens his reply as a link: Alice's tab takes it.
        let bob = browser.open(&first).await;
        bob.click("get-video").await;
        let reply = letter(&bob, "replies").await;
        let others = Browser::start().await;
        let stranger = others.open(&format!("{origin}/{}", hash(&reply))).await;
        says_against(&stranger, "foreign-reply").await;
        let Ok(Letter::Reply(mut old)) = Letter::find(&reply) else {
            panic!("{reply} is no reply")
        };
        old.made = Minute(old.made.0 - 11);
        paste(&alice, &Letter::Reply(old).to_text()).await;
        says_against(&alice, "stale-reply").await;
        let carol = browser.open(&format!("{origin}/{}", hash(&reply))).await;
        comes_to(&carol, "handed").await;
        alice.wait_for_stage("in-call").await;
        bob.wait_for_stage("in-call").await;

        alice.click("hang-up").await;
        bob.close().await;
        comes_to(&alice, "left").await;
        alice.click("new-letter").await;
        comes_to(&alice, "invites").await;
        paste(&alice, &reply).await;
        says_against(&alice, "earlier-reply").await;

        // They call each other once more, and both clocks are wrong.
        let Ok(Letter::Invitation(mut early)) = Letter::find(&letter(&alice, "invites").await) else {
            panic!("that is no invitation")
        };
        early.made = Minute(early.made.0 - 61);
        carol
            .run(&format!(
                "location.hash = '{}'",
                Letter::Invitation(early).to_text()
            ))
            .await;
        says_against(&carol, "stale-invitation").await;
        carol.click("use-anyway").await;
        comes_to(&carol, "invited").await;
        let bob = browser.open(&letter(&alice, "invites").await).await;
        bob.click("get-video").await;
        paste(&alice, &letter(&bob, "replies").await).await;
        alice.wait_for_stage("in-call").await;
    });
}

/// What somebody's camera sees who is shown this code.
fn film(file: &Path, text: &str) -> std::io::Result<()> {
    const SCALE: usize = 6;
    const SIZE: (usize, usize) = (640, 480);
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("a letter fits into a code");
    let modules = usize::try_from(code.size()).expect("a code has some modules");
    let (left, top) = ((SIZE.0 - modules * SCALE) / 2, (SIZE.1 - modules * SCALE) / 2);
    let mut file = BufWriter::new(File::create(file)?);
    writeln!(file, "YUV4MPEG2 W{} H{} F10:1 Ip A1:1 C420jpeg", SIZE.0, SIZE.1)?;
    let mut picture = vec![220; SIZE.0 * SIZE.1];
    for y in 0..modules * SCALE {
        for x in 0..modules * SCALE {
            let module = |at: usize| i32::try_from(at / SCALE).unwrap_or(0);
            if code.get_module(module(x), module(y)) {
                picture[(top + y) * SIZE.0 + left + x] = 40;
            }
        }
    }
    for _ in 0..10 {
        writeln!(file, "FRAME")?;
        file.write_all(&picture)?;
        // Grey.
        file.write_all(&vec![128; SIZE.0 * SIZE.1 / 2])?;
    }
    file.flush()
}

#[test]
fn a_letter_is_read_by_the_camera() {
    together(async {
        let site = site_with(SMALL_CAMERAS);
        let host = StaticHost::start(site.path().to_owned()).await;
        let start = format!("http://{}/{}", host.address, Network::BY_HAND);
        let alices = Browser::start().await;
        let alice = alices.open(&start).await;
        alice.click("get-video").await;
        let invitation = letter(&alice, "invites").await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let camera = folder.path().join("code.y4m");
        film(&camera, &invitation).expect("a film can be written");
        let bobs = Launch::new(Engine::Chromium).film(&camera).start().await;
        let bob = bobs.open(&start).await;
        bob.click("get-video").await;
        comes_to(&bob, "invites").await;
        bob.click("scan").await;
        paste(&alice, &letter(&bob, "replies").await).await;
        alice.wait_for_stage("in-call").await;
        bob.wait_for_stage("in-call").await;
    });
}
