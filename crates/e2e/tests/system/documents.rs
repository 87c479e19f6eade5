//! The servers of the four documents: our pages call each other through them, and the documents' own pages
//! call ours and are called.

use visavis_e2e::{
    Browser, Document, DocumentServer, Engine, Launch, OurSite, Page, Trouble, alone, relay_elsewhere,
    see_each_other,
};
use visavis_rows::row;

/// The row of a document's server.
fn row_of(document: Document) -> u32 {
    match document {
        Document::One => 101,
        Document::Two => 102,
        Document::Three => 103,
        Document::Four => 104,
    }
}

/// Who calls whom.
#[derive(Debug, Clone, Copy)]
enum Who {
    OursCallsOurs,
    OursCallsTheirs,
    TheirsCallsOurs,
}

impl Who {
    fn name(self) -> &'static str {
        match self {
            Self::OursCallsOurs => "ours calls ours",
            Self::OursCallsTheirs => "ours calls theirs",
            Self::TheirsCallsOurs => "theirs calls ours",
        }
    }
}

fn variant(who: Who, engine: Engine) -> String {
    match engine {
        Engine::Chromium => who.name().to_owned(),
        Engine::Firefox => format!("{}, Firefox", who.name()),
    }
}

/// A page of ours and one of the document's, both with their cameras on.
struct Both {
    server: DocumentServer,
    ours: Page,
    theirs: Page,
    browser: Browser,
}

impl Both {
    async fn meet(document: Document, engine: Engine) -> Self {
        Self::at(DocumentServer::start(document, &[]).await, engine).await
    }

    async fn at(server: DocumentServer, engine: Engine) -> Self {
        let browser = Launch::from(engine).start().await;
        let site = server.our_site().await;
        let (ours, theirs) = (browser.window().await, browser.window().await);
        theirs.go(&server.page()).await;
        theirs.click("get-video").await;
        theirs.wait_for_moving_video("local-video").await;
        ours.go(&site.url()).await;
        ours.click("get-video").await;
        ours.wait_for_stage("ready").await;
        Self {
            server,
            ours,
            theirs,
            browser,
        }
    }

    async fn ours_calls(&self) {
        self.ours.click("call").await;
        self.see_and_hear_each_other().await;
    }

    async fn theirs_calls(&self) {
        self.theirs
            .wait_until("!document.getElementById('call').disabled")
            .await;
        self.theirs.click("call").await;
        self.see_and_hear_each_other().await;
    }

    async fn see_and_hear_each_other(&self) {
        self.ours.wait_for_stage("in-call").await;
        for page in [&self.ours, &self.theirs] {
            page.wait_for_moving_video("remote-video").await;
            page.wait_for_audio("remote-video").await;
        }
    }

    /// From now on, nothing may go wrong in the document's page. (Before, it may have got a greeting for a
    /// candidate that comes too early: nothing comes of it.)
    async fn begin(&self) {
        self.theirs.run("documentState.events.length = 0").await;
    }

    /// Nothing went wrong in the document's page: no candidate came too early, for one.
    async fn expect_no_errors(&self) {
        let errors = "documentState.events.filter(event => event.startsWith('error'))";
        let errors = self.theirs.evaluate(errors).await;
        assert_eq!(errors, serde_json::json!([]));
    }
}

async fn calls(document: Document, who: Who, engine: Engine) {
    let row = row(row_of(document), &variant(who, engine));
    match who {
        Who::OursCallsOurs => ours_calls_ours(document, engine).await,
        Who::OursCallsTheirs => {
            let both = Both::meet(document, engine).await;
            both.begin().await;
            both.ours_calls().await;
            both.expect_no_errors().await;
            both.browser.close().await;
        }
        Who::TheirsCallsOurs => {
            let both = Both::meet(document, engine).await;
            both.begin().await;
            both.theirs_calls().await;
            both.expect_no_errors().await;
            both.browser.close().await;
        }
    }
    row.passed();
}

async fn ours_calls_ours(document: Document, engine: Engine) {
    let ours = Ours::in_call(document, engine, "").await;
    ours.alice.wait_for_audio("remote-video").await;
    ours.bob.wait_for_audio("remote-video").await;
    ours.bob.click("hang-up").await;
    ours.alice.wait_for_end("they-hung-up").await;
    ours.browser.close().await;
}

/// Two pages of ours in a call at a document's server.
struct Ours {
    server: DocumentServer,
    alice: Page,
    bob: Page,
    browser: Browser,
}

impl Ours {
    /// In the room that this hash names.
    async fn in_call(document: Document, engine: Engine, hash: &str) -> Self {
        let server = DocumentServer::start(document, &[]).await;
        let site = server.our_site().await;
        let browser = Launch::from(engine).start().await;
        let address = site.url() + hash;
        let (alice, bob) = (open(&browser, &address).await, open(&browser, &address).await);
        meet(&alice, &bob).await;
        alice.click("call").await;
        see_each_other(&alice, &bob).await;
        Self {
            server,
            alice,
            bob,
            browser,
        }
    }
}

/// Opens a page of ours, looks into it, and hears what it says to the server.
async fn open(browser: &Browser, address: &str) -> Page {
    let page = browser.open(address).await;
    page.instrument().await;
    page.run(SPY).await;
    page
}

/// Two pages of ours meet as such, and take each other for nothing else.
async fn meet(alice: &Page, bob: &Page) {
    for page in [alice, bob] {
        page.click("get-video").await;
    }
    for page in [alice, bob] {
        page.wait_until("window.inside.preConnected()").await;
    }
}

/// Tests of a document's server, for each caller and engine.
macro_rules! with_each_caller {
    ($name:ident, $document:ident) => {
        mod $name {
            use visavis_e2e::{Document, Engine, alone};

            use super::{Who, calls};

            #[test]
            fn ours_calls_ours() {
                alone(calls(
                    Document::$document,
                    Who::OursCallsOurs,
                    Engine::Chromium,
                ));
            }

            #[test]
            fn ours_calls_ours_in_firefox() {
                alone(calls(
                    Document::$document,
                    Who::OursCallsOurs,
                    Engine::Firefox,
                ));
            }

            #[test]
            fn ours_calls_theirs() {
                alone(calls(
                    Document::$document,
                    Who::OursCallsTheirs,
                    Engine::Chromium,
                ));
            }

            #[test]
            fn ours_calls_theirs_in_firefox() {
                alone(calls(
                    Document::$document,
                    Who::OursCallsTheirs,
                    Engine::Firefox,
                ));
            }

            #[test]
            fn theirs_calls_ours() {
                alone(calls(
                    Document::$document,
                    Who::TheirsCallsOurs,
                    Engine::Chromium,
                ));
            }

            #[test]
            fn theirs_calls_ours_in_firefox() {
                alone(calls(
                    Document::$document,
                    Who::TheirsCallsOurs,
                    Engine::Firefox,
                ));
            }
        }
    };
}

with_each_caller!(document_one, One);
with_each_caller!(document_two, Two);
with_each_caller!(document_three, Three);
with_each_caller!(document_four, Four);

// ── Servers that are not what the page was told ────────────────────────────────────────────────────────────

/// A page that was told of another kind of server finds nobody, and says what kind it is.
async fn is_told_apart(document: Document, told: &str, kind: &str) {
    let server = DocumentServer::start(document, &[]).await;
    let site = server.mistaken_site(told).await;
    let browser = Browser::start().await;
    let page = browser.open(&site.url()).await;
    page.click("get-video").await;
    page.wait_for_stage("joining").await;
    page.wait_for_why(kind).await;
    page.wait_for_trouble(Trouble::Unreachable).await;
    browser.close().await;
}

/// The same, for each kind that a page may have been told of.
async fn each_is_told_apart(document: Document, kinds: [(&str, &str); 2]) {
    let row = row(row_of(document), "control: told of another kind");
    for (told, kind) in kinds {
        is_told_apart(document, told, kind).await;
    }
    row.passed();
}

const PLAIN: &str = r#", "dialect": "plain""#;
const SOCKET_IO: &str = r#", "dialect": "socket.io""#;

#[test]
fn a_page_that_was_told_of_another_kind_than_document_one_says_which_it_is() {
    alone(each_is_told_apart(
        Document::One,
        [("", "socket.io"), (PLAIN, "socket.io")],
    ));
}

#[test]
fn a_page_that_was_told_of_another_kind_than_document_two_says_which_it_is() {
    alone(each_is_told_apart(
        Document::Two,
        [("", "socket.io"), (PLAIN, "socket.io")],
    ));
}

#[test]
fn a_page_that_was_told_of_another_kind_than_document_three_says_which_it_is() {
    alone(each_is_told_apart(
        Document::Three,
        [("", "silent"), (SOCKET_IO, "silent")],
    ));
}

#[test]
fn a_page_that_was_told_of_another_kind_than_document_four_says_which_it_is() {
    alone(each_is_told_apart(
        Document::Four,
        [("", "silent"), (SOCKET_IO, "silent")],
    ));
}

#[test]
fn a_page_that_was_told_of_another_server_than_a_relay_says_so() {
    alone(async {
        let relay = relay_elsewhere(0).await;
        let site = OurSite::with(&format!(
            r#""relay": "ws://{}/signal", "dialect": "broadcast""#,
            relay.address
        ))
        .await;
        let browser = Browser::start().await;
        let page = browser.open(&site.url()).await;
        page.click("get-video").await;
        page.wait_for_why("visavis").await;
        browser.close().await;
    });
}

// ── What goes on at such servers ───────────────────────────────────────────────────────────────────────────

#[test]
fn a_third_visitor_of_document_one_waits_until_there_is_room() {
    alone(async {
        let server = DocumentServer::start(Document::One, &[]).await;
        let site = server.our_site().await;
        let browser = Browser::start().await;
        let [alice, bob, carol] = [
            open(&browser, &site.url()).await,
            open(&browser, &site.url()).await,
            open(&browser, &site.url()).await,
        ];
        meet(&alice, &bob).await;
        carol.click("get-video").await;
        carol.wait_for_stage("in-line").await;
        bob.close().await;
        carol.wait_until("window.inside.preConnected()").await;
        carol.click("call").await;
        see_each_other(&carol, &alice).await;
        browser.close().await;
    });
}

/// A server that restarts in a call disturbs nobody, and the next call goes through it again.
async fn restarts_in_a_call(document: Document) {
    let mut both = Both::meet(document, Engine::Chromium).await;
    both.ours_calls().await;
    both.server.stop().await;
    let shown = both.ours.frames("remote-video").await;
    both.ours.wait_for_trouble(Trouble::Wait).await;
    both.ours.wait_for_frames("remote-video", shown + 20).await;
    both.server.start_again().await;
    both.ours
        .wait_until("document.getElementById('banner').hidden")
        .await;
    both.see_and_hear_each_other().await;
    both.browser.close().await;
}

#[test]
fn document_one_restarts_in_a_call() {
    alone(restarts_in_a_call(Document::One));
}

#[test]
fn document_three_restarts_in_a_call() {
    alone(restarts_in_a_call(Document::Three));
}

#[test]
fn who_hangs_up_at_document_two_is_heard_on_both_sides() {
    alone(async {
        let both = Both::meet(Document::Two, Engine::Chromium).await;
        both.ours_calls().await;
        both.theirs.click("hang-up").await;
        both.ours.wait_for_end("they-hung-up").await;
        both.theirs.click("get-video").await;
        both.theirs.wait_for_moving_video("local-video").await;
        both.theirs_calls().await;
        both.ours.click("hang-up").await;
        both.theirs
            .wait_until("documentState.events.filter(event => event === 'hangup').length === 1")
            .await;
        both.theirs.wait_until("documentState.connection === null").await;
        both.browser.close().await;
    });
}

#[test]
fn a_page_of_document_one_that_is_loaded_anew_is_called_again() {
    alone(async {
        let both = Both::meet(Document::One, Engine::Chromium).await;
        both.ours_calls().await;
        both.theirs.go(&both.server.page()).await;
        both.theirs.click("get-video").await;
        // Our page looks for whom it has lost, and they answer.
        both.see_and_hear_each_other().await;
        both.ours
            .wait_until("document.getElementById('banner').hidden")
            .await;
        both.browser.close().await;
    });
}

/// Everybody hears everything there: whoever calls may not know the name of our room.
#[test]
fn in_a_room_of_its_own_name_at_document_three_it_rings() {
    alone(async {
        let server = DocumentServer::start(Document::Three, &[]).await;
        let site = server.our_site().await;
        let browser = Browser::start().await;
        let ours = browser.open(&format!("{}#/quiet-river", site.url())).await;
        ours.click("get-video").await;
        ours.wait_for_stage("ready").await;
        let theirs = browser.open(&server.page()).await;
        theirs.click("get-video").await;
        theirs.wait_for_moving_video("local-video").await;
        theirs.click("call").await;
        ours.wait_for_stage("ringing").await;
        ours.click("call").await;
        ours.wait_for_stage("in-call").await;
        for page in [&ours, &theirs] {
            page.wait_for_moving_video("remote-video").await;
        }
        browser.close().await;
    });
}

/// What strangers and broken programs say, in the format of document 3. (Its own page can't bear that in a
/// call: it takes any offer.)
const NOISE: &str = r#"(async () => {
    const socket = new WebSocket(`ws://${location.host}/`);
    const { sdp } = await new RTCPeerConnection().createOffer({ offerToReceiveVideo: true });
    const description = { type: "offer", sdp };
    const noise = [
        "", "null", "[]", "{", "\u0000", "7", JSON.stringify("x".repeat(100000)),
        JSON.stringify({ message_type: "SDP" }),
        JSON.stringify({ message_type: "SDP", content: { type: "offer", sdp: "v=0" } }),
        JSON.stringify({ message_type: "SDP", content: { type: "answer", sdp: "v=0" } }),
        JSON.stringify({ message_type: "SDP", content: { type: "answer", sdp: description.sdp } }),
        JSON.stringify({ message_type: "SDP", content: description }),
        JSON.stringify({ message_type: "CANDIDATE", content: { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", sdpMid: "0" } }),
        JSON.stringify({ message_type: "CANDIDATE", content: "nonsense" }),
        JSON.stringify({ message_type: "visavis", content: "{}" }),
        JSON.stringify({ message_type: "something else", content: 7 }),
    ];
    socket.onopen = () => noise.forEach(text => socket.send(text));
})()"#;

#[test]
fn strangers_and_nonsense_at_document_three_disturb_no_call() {
    alone(async {
        let row = row(105, "Chromium");
        let ours = Ours::in_call(Document::Three, Engine::Chromium, "").await;
        let stranger = ours.browser.open(&ours.server.page()).await;
        stranger.run(NOISE).await;
        for page in [&ours.alice, &ours.bob] {
            let shown = page.frames("remote-video").await;
            page.wait_for_frames("remote-video", shown + 60).await;
            page.wait_for_stage("in-call").await;
            let banner = page.evaluate("document.getElementById('banner').hidden").await;
            assert_eq!(banner, serde_json::json!(true), "nobody is alarmed");
        }
        ours.browser.close().await;
        row.passed();
    });
}

#[test]
fn servers_that_echo_and_send_bytes_carry_calls() {
    alone(async {
        for settings in [[("ECHO", "1"), ("BINARY", "0")], [("ECHO", "0"), ("BINARY", "1")]] {
            let both = Both::at(
                DocumentServer::start(Document::Three, &settings).await,
                Engine::Chromium,
            )
            .await;
            both.ours_calls().await;
            both.browser.close().await;
        }
    });
}

/// Our pages in a sealed room: what the server passes on is sealed.
async fn sealed_rooms_work(document: Document) {
    let ours = Ours::in_call(document, Engine::Chromium, "#/s/MDEyMzQ1Njc4OWFiY2RlZg").await;
    for page in [&ours.alice, &ours.bob] {
        let heard = page.evaluate("spied.join()").await;
        let heard = heard.as_str().expect("it is a text");
        assert!(heard.len() > 1000, "the spy is there");
        for secret in ["fingerprint", "candidate:", "earlyCandidates", "m=audio"] {
            assert!(!heard.contains(secret), "{secret} can be read by the server");
        }
    }
    ours.browser.close().await;
}

/// Notes what the page sends to the server.
const SPY: &str = r"(() => {
    window.spied = [];
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
        spied.push(String(data));
        return send.call(this, data);
    };
})()";

#[test]
fn sealed_rooms_work_at_document_one() {
    alone(sealed_rooms_work(Document::One));
}

#[test]
fn sealed_rooms_work_at_document_three() {
    alone(sealed_rooms_work(Document::Three));
}

#[test]
fn sealed_rooms_work_at_document_four() {
    alone(sealed_rooms_work(Document::Four));
}
