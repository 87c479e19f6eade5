//! The site's Content Security Policy and Trusted Types: all of the app works under them, and what somebody
//! brings in does not run.

use serde_json::json;
use visavis_e2e::{Browser, Engine, Launch, Page, Pair, StaticHost, alone, site, together};

/// Notes what the policy refuses from now on. Without the page's own noting, nothing could be told apart from
/// a policy that is not there.
const NOTE: &str = "window.refused = [];
    document.addEventListener('securitypolicyviolation', refusal =>
        refused.push([refusal.effectiveDirective, refusal.blockedURI, refusal.sample].join(' ')));";

/// What somebody may try who has found a way to put something into the page. The scripts would set
/// `window.foreign`. Resolves to the attempts that nothing refused.
const INTRUDE: &str = "(async () => {
    let refusals = 0;
    const note = () => refusals++;
    document.addEventListener('securitypolicyviolation', note);
    const add = (name, change) => {
        const element = document.createElement(name);
        change(element);
        document.body.append(element);
        return element;
    };
    const attempts = {
        script: () => add('script', it => it.append('window.foreign = 1')),
        'foreign script': () => add('script', it => { it.src = 'https://example.org/foreign.js'; }),
        eval: () => setTimeout('window.foreign = 1'),
        handler: () => add('b', it => it.setAttribute('onclick', 'window.foreign = 1')).click(),
        markup: () => document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"window.foreign = 1\">'),
        address: () => add('a', it => { it.href = 'javascript:window.foreign = 1'; }).click(),
        style: () => add('style', it => it.append('body { background: red }')),
        frame: () => add('iframe', it => { it.src = 'https://example.org/'; }),
        request: () => fetch('https://example.org/').catch(() => {}),
        socket: () => new WebSocket('wss://example.org/').close(),
    };
    const through = [];
    for (const [name, attempt] of Object.entries(attempts)) {
        const before = refusals;
        // What Trusted Types refuse throws.
        try { await attempt(); } catch {}
        for (let left = 50; left > 0 && refusals === before; left--) await new Promise(next => setTimeout(next, 20));
        if (refusals === before) through.push(name);
    }
    document.removeEventListener('securitypolicyviolation', note);
    return through;
})()";

/// Fails if the policy refused anything of the app's own.
async fn refuses_nothing(page: &Page) {
    assert_eq!(page.evaluate("refused").await, json!([]));
}

/// Uses every part of the app that is loaded on its own.
async fn use_everything(pair: Pair) -> Pair {
    for page in [&pair.alice, &pair.bob] {
        page.run(NOTE).await;
    }
    let pair = pair.in_call().await;
    pair.alice.click("talk").await;
    pair.alice
        .wait_until("document.getElementById('words')?.checkVisibility() ?? false")
        .await;
    pair.alice.click("people").await;
    pair.alice
        .wait_until("document.querySelector('.people')?.checkVisibility() ?? false")
        .await;
    pair.bob.click("hang-up").await;
    for page in [&pair.alice, &pair.bob] {
        page.wait_for_stage("ended").await;
        refuses_nothing(page).await;
    }
    pair
}

/// The check adds a style of its own to the page.
async fn use_the_check(page: &Page, address: &str) {
    page.go(&format!("{address}?check")).await;
    page.wait_until("document.getElementById('check-start')?.checkVisibility() ?? false")
        .await;
    page.run(NOTE).await;
    page.click("check-start").await;
    page.wait_until("document.getElementById('check-result')?.hidden === false")
        .await;
    let is_styled = "getComputedStyle(document.querySelector('.check')).display === 'grid'";
    assert_eq!(page.evaluate(is_styled).await, json!(true));
    refuses_nothing(page).await;
}

/// Fails if the browser runs a script of somebody else's, or lets any but these attempts through.
async fn refuses_others(page: &Page, but: &[&str]) {
    assert_eq!(page.resolve(INTRUDE).await, json!(but), "not refused");
    assert_eq!(page.evaluate("window.foreign === undefined").await, json!(true));
}

async fn works_and_lets_nothing_else_in(pair: Pair) {
    let pair = use_everything(pair).await;
    refuses_others(&pair.bob, &[]).await;
    let address = format!("http://{}/", pair.relay.address);
    use_the_check(&pair.alice, &address).await;
    pair.close().await;
}

#[test]
fn row_43_the_app_works_under_the_policy_and_nothing_else_does_in_chromium() {
    alone(async {
        let row = visavis_rows::row(43, "Chromium");
        works_and_lets_nothing_else_in(Pair::in_room().await).await;
        row.passed();
    });
}

#[test]
fn row_43_the_app_works_under_the_policy_and_nothing_else_does_in_firefox() {
    alone(async {
        let row = visavis_rows::row(43, "Firefox");
        works_and_lets_nothing_else_in(Pair::between(Engine::Firefox, Engine::Firefox).await).await;
        row.passed();
    });
}

/// A static host that sends no headers: what the page itself holds is enough for scripts and styles.
#[test]
fn the_policy_within_the_page_refuses_others_as_well() {
    together(async {
        let (host, browser) = tokio::join!(StaticHost::start(site()), Browser::start());
        let page = browser.open(&format!("http://{}/", host.address)).await;
        page.wait_until("!document.getElementById('boot') && !!document.querySelector('.page')")
            .await;
        refuses_others(&page, &["frame", "request", "socket"]).await;
        browser.close().await;
    });
}

/// A name and messages that pretend to be something else, as long as somebody can make them.
#[test]
fn row_42_names_and_messages_are_text_and_are_cut() {
    alone(async {
        let row = visavis_rows::row(42, "Chromium");
        let browser = Launch::new(Engine::Chromium).start().await;
        let relay = visavis_e2e::relay().await;
        let (alice, bob) = (browser.open(&relay.url()).await, browser.open(&relay.url()).await);
        for page in [&alice, &bob] {
            page.run(NOTE).await;
        }
        let markup = "<img src=x onerror=window.foreign=1><script>window.foreign=1</script>\u{202e}<b>";
        set(&alice, "name", markup, "change").await;
        visavis_e2e::enter_room(&alice, &bob).await;
        alice.click("call").await;
        visavis_e2e::see_each_other(&alice, &bob).await;

        bob.click("talk").await;
        alice.click("talk").await;
        let message = format!("{markup}{}", "long ".repeat(200_000));
        set(&alice, "words", &message, "input").await;
        alice.click("say").await;
        let said = "document.querySelector('#remarks li')";
        bob.wait_until(&format!("{said}?.innerText.includes('</script>') ?? false"))
            .await;
        let shown = bob.evaluate(&format!("{said}.innerText")).await;
        let shown = shown.as_str().unwrap_or_default();
        assert!(!shown.contains('\u{202e}'), "its direction is its own: {shown}");
        assert!(shown.chars().count() < 2_200, "a message is cut");
        let name = bob
            .evaluate("document.querySelector('.tile.remote .badge').textContent")
            .await;
        let name = name.as_str().unwrap_or_default();
        assert!(
            name.contains("<img src=x") && !name.contains('\u{202e}'),
            "{name}"
        );
        assert!(name.chars().count() <= 42, "a name is cut: {name}");
        for page in [&alice, &bob] {
            let foreign = "document.querySelectorAll('.page img, .page script, .page b').length";
            assert_eq!(page.evaluate(foreign).await, json!(0));
            assert_eq!(page.evaluate("window.foreign === undefined").await, json!(true));
            refuses_nothing(page).await;
        }
        browser.close().await;
        row.passed();
    });
}

/// Puts a text into a field at once, as by pasting.
async fn set(page: &Page, field: &str, text: &str, event: &str) {
    page.wait_until(&format!("!!document.getElementById('{field}')"))
        .await;
    page.run(&format!(
        "const field = document.getElementById('{field}'); field.value = {}; \
         field.dispatchEvent(new Event('{event}', {{ bubbles: true }}));",
        json!(text)
    ))
    .await;
}
