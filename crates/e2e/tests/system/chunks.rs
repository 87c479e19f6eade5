//! Features are loaded when they are used. What if one does not come?

use serde_json::{Value, json};
use visavis_e2e::{
    Browser, Engine, Fate, HeldSite, Launch, Page, alone, enter_room, relay, relay_elsewhere, see_each_other,
    together,
};

/// The names of the WebAssembly files that the page has asked for, without what tells their content.
const ASKED_FOR: &str = "[...new Set(performance.getEntriesByType('resource')
    .map(({ name }) => name.match(/([^/]+)-[0-9a-f]{16}\\.wasm/)?.[1]).filter(name => name))].sort()";

/// What stands in the place of a feature that did not come.
const MISSING: &str = "document.querySelector('[data-missing]:not([hidden])')";

async fn says_that_it_is_missing(page: &Page) {
    page.wait_until(&format!("!!{MISSING} && {MISSING}.checkVisibility()"))
        .await;
}

async fn try_again(page: &Page) {
    page.run(&format!("{MISSING}.querySelector('button').click()"))
        .await;
}

/// Two people in a call, on a site whose files come as the test wants.
struct Call {
    host: HeldSite,
    alice: Page,
    bob: Page,
    browser: Browser,
}

impl Call {
    /// Of the chat comes what its fate is, from the beginning.
    async fn with_chat(engine: Engine, fate: Fate) -> Self {
        let relay = relay_elsewhere(0).await;
        let config = json!({ "relay": format!("ws://{}/signal", relay.address) });
        let (host, browser) = tokio::join!(
            HeldSite::start("", config.to_string()),
            Launch::new(engine).start()
        );
        host.wasm_comes();
        host.decide("/chat-", fate);
        let (alice, bob) = (browser.open(&host.url()).await, browser.open(&host.url()).await);
        enter_room(&alice, &bob).await;
        alice.click("call").await;
        see_each_other(&alice, &bob).await;
        Self {
            host,
            alice,
            bob,
            browser,
        }
    }

    /// The chat has come after all: what is written arrives.
    async fn write(self) {
        let Self {
            host: _host,
            alice,
            bob,
            browser,
        } = self;
        alice
            .wait_until("document.activeElement.id === 'words' && document.activeElement.checkVisibility()")
            .await;
        for key in "Hello".chars() {
            alice.press(key).await;
        }
        alice.click("say").await;
        for page in [&alice, &bob] {
            page.wait_until("document.getElementById('remarks')?.textContent.includes('Hello') ?? false")
                .await;
        }
        browser.close().await;
    }
}

async fn a_chat_that_does_not_come_is_told_and_the_next_try_works(engine: Engine, fate: Fate) {
    let call = Call::with_chat(engine, fate).await;
    call.alice.click("talk").await;
    says_that_it_is_missing(&call.alice).await;
    call.alice.wait_for_moving_video("remote-video").await;
    // Another attempt that fails.
    try_again(&call.alice).await;
    says_that_it_is_missing(&call.alice).await;

    call.host.decide("/chat-", Fate::Comes);
    try_again(&call.alice).await;
    call.bob.click("talk").await;
    call.write().await;
}

#[test]
fn without_the_file_of_the_chat_the_call_goes_on() {
    alone(a_chat_that_does_not_come_is_told_and_the_next_try_works(
        Engine::Chromium,
        Fate::Missing,
    ));
}

#[test]
fn with_a_page_instead_of_the_chat_the_call_goes_on() {
    alone(a_chat_that_does_not_come_is_told_and_the_next_try_works(
        Engine::Chromium,
        Fate::IsPage,
    ));
}

#[test]
fn with_half_of_the_chat_the_call_goes_on() {
    alone(a_chat_that_does_not_come_is_told_and_the_next_try_works(
        Engine::Chromium,
        Fate::Cut,
    ));
}

#[test]
fn without_the_file_of_the_chat_the_call_goes_on_in_firefox() {
    alone(a_chat_that_does_not_come_is_told_and_the_next_try_works(
        Engine::Firefox,
        Fate::Missing,
    ));
}

#[test]
fn a_chat_that_comes_late_opens_when_it_is_there() {
    alone(async {
        let call = Call::with_chat(Engine::Chromium, Fate::Held).await;
        call.alice.click("talk").await;
        call.alice.wait_for_moving_video("remote-video").await;
        assert_eq!(
            call.alice.evaluate(&format!("!!{MISSING}")).await,
            json!(false),
            "it may still come"
        );
        call.host.decide("/chat-", Fate::Comes);
        call.write().await;
    });
}

#[test]
fn a_host_without_the_part_about_access_is_told_and_gets_it() {
    together(async {
        let (relay, browser) = tokio::join!(relay_elsewhere(0), Browser::start());
        let config = json!({ "relay": format!("ws://{}/signal", relay.address) });
        let host = HeldSite::start("", config.to_string()).await;
        host.wasm_comes();
        host.decide("/people-", Fate::Missing);
        let page = browser.open(&host.url()).await;
        page.click("get-video").await;
        page.wait_for_stage("alone").await;
        says_that_it_is_missing(&page).await;
        host.decide("/people-", Fate::Comes);
        try_again(&page).await;
        page.wait_until("document.getElementById('door')?.checkVisibility() ?? false")
            .await;
        browser.close().await;
    });
}

#[test]
fn a_check_that_does_not_come_is_told_and_can_be_loaded_again() {
    together(async {
        let (host, browser) = tokio::join!(HeldSite::start("", "{}"), Browser::start());
        host.wasm_comes();
        host.decide("/check-", Fate::Missing);
        let page = browser.open(&format!("{}?check", host.url())).await;
        page.wait_until("document.getElementById('try-again')?.checkVisibility() ?? false")
            .await;
        host.decide("/check-", Fate::Comes);
        page.click("try-again").await;
        page.wait_until("document.getElementById('check-start')?.checkVisibility() ?? false")
            .await;
        browser.close().await;
    });
}

#[test]
fn tabs_without_a_relay_meet_when_the_part_for_that_has_come() {
    alone(async {
        let (host, browser) = tokio::join!(
            HeldSite::start("", r#"{ "signaling": "this-browser" }"#),
            Browser::start()
        );
        host.wasm_comes();
        host.decide("/no_relay-", Fate::Missing);
        let (alice, bob) = (browser.open(&host.url()).await, browser.open(&host.url()).await);
        for page in [&alice, &bob] {
            page.click("get-video").await;
            page.wait_for_stage("joining").await;
        }
        host.decide("/no_relay-", Fate::Comes);
        for page in [&alice, &bob] {
            page.wait_for_stage("ready").await;
        }
        browser.close().await;
    });
}

#[test]
fn without_the_stage_the_call_goes_on_and_shows_when_it_has_come() {
    alone(async {
        let (relay, browser) = tokio::join!(relay_elsewhere(0), Browser::start());
        let config = json!({ "relay": format!("ws://{}/signal", relay.address) });
        let host = HeldSite::start("", config.to_string()).await;
        host.wasm_comes();
        host.decide("/stage-", Fate::Missing);
        let (alice, bob) = (browser.open(&host.url()).await, browser.open(&host.url()).await);
        enter_room(&alice, &bob).await;
        says_that_it_is_missing(&alice).await;
        alice.click("call").await;
        for page in [&alice, &bob] {
            page.wait_for_stage("in-call").await;
            says_that_it_is_missing(page).await;
        }
        host.decide("/stage-", Fate::Comes);
        for page in [&alice, &bob] {
            try_again(page).await;
        }
        see_each_other(&alice, &bob).await;
        bob.click("hang-up").await;
        alice.wait_for_stage("ended").await;
        browser.close().await;
    });
}

/// What nobody has used, nobody has loaded, but for what a call shows: the next click may begin one.
#[test]
fn a_page_that_is_only_there_has_loaded_the_start_and_the_stage() {
    together(async {
        let (relay, browser) = tokio::join!(relay(), Browser::start());
        let page = browser.open(&relay.url()).await;
        page.wait_until("!document.getElementById('boot') && !!document.querySelector('.page')")
            .await;
        page.wait_until(&format!("{ASKED_FOR}.includes('stage')")).await;
        let asked = page.evaluate(ASKED_FOR).await;
        let asked: Vec<_> = asked
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let needed = |name: &str| name == "visavis" || name.split('+').any(|feature| feature == "stage");
        assert!(asked.iter().all(|name| needed(name)), "{asked:?}");
        page.click("get-video").await;
        page.wait_for_stage("alone").await;
        // A person alone in a room is its host, who may want to decide about access.
        page.wait_until(&format!("{ASKED_FOR}.includes('people')")).await;
        let asked = page.evaluate(ASKED_FOR).await;
        for feature in ["chat", "check", "no_relay", "report"] {
            assert!(
                asked
                    .as_array()
                    .is_some_and(|asked| !asked.contains(&json!(feature))),
                "{feature} is not needed yet: {asked}"
            );
        }
        browser.close().await;
    });
}
