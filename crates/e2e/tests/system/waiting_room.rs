//! The door of a room: knocking, being let in or sent away, and who decides about it.

use serde_json::Value;
use visavis_e2e::{Browser, Page, alone, relay_for, see_each_other};

/// Opens the room as somebody with this name, in a window of their own.
pub(crate) async fn enter(browser: &Browser, address: &str, name: &str) -> Page {
    let page = browser.open("about:blank").await;
    // Windows of one browser share what it keeps.
    page.before_load(&format!(
        "if (location.protocol !== 'about:') localStorage.setItem('visavis.name', '{name}');
         window.tones = 0;
         const create = AudioContext.prototype.createOscillator;
         AudioContext.prototype.createOscillator = function() {{ window.tones++; return create.call(this); }};"
    ))
    .await;
    page.go(address).await;
    page.click("get-video").await;
    page
}

/// Chooses who may come in.
pub(crate) async fn set_door(page: &Page, choice: &str) {
    page.run(&format!(
        "const door = document.getElementById('door');
         door.value = '{choice}';
         door.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    ))
    .await;
}

/// Waits until a page says who wants to come in, and says it to screen readers.
async fn hears(page: &Page, knock: &str) {
    let knock = Value::from(knock);
    page.wait_until(&format!(
        "(k => k.textContent === {knock} && k.role === 'status')(document.getElementById('knocking'))"
    ))
    .await;
}

/// Waits until the title says who knocks, or nothing; by then it has sounded for so many knocks.
async fn sounds(page: &Page, title: &str, knocks: u64) {
    let title = Value::from(title);
    page.wait_until(&format!("document.title === {title}")).await;
    assert_eq!(page.evaluate("window.tones").await, 2 * knocks);
}

pub(crate) async fn is_host(page: &Page) {
    page.wait_until("document.getElementById('door')?.checkVisibility() === true")
        .await;
}

async fn is_no_host(page: &Page) {
    page.wait_until("!document.getElementById('door').checkVisibility()")
        .await;
}

/// Looks at what can be done about the person in this row of the list.
async fn pick(page: &Page, row: usize) {
    page.wait_until(&format!(
        "document.querySelector('.people li:nth-child({row}) > button:last-of-type').checkVisibility()"
    ))
    .await;
    page.run(&format!(
        "document.querySelector('.people li:nth-child({row}) > button:last-of-type').click()"
    ))
    .await;
}

#[test]
fn a_host_lets_in_refuses_hands_over_and_removes() {
    alone(async {
        let (relay, browser) = tokio::join!(relay_for(8), Browser::start());
        let address = format!("http://{}/#/tea", relay.address);
        let alice = enter(&browser, &address, "Alice").await;
        alice.wait_for_stage("alone").await;
        is_host(&alice).await;
        assert_eq!(
            alice.evaluate("document.getElementById('door').value").await,
            "open"
        );
        set_door(&alice, "knock").await;

        // Refused, and out for good.
        let mallory = enter(&browser, &address, "Mallory").await;
        mallory.wait_for_stage("at-door").await;
        mallory.wait_for_why("").await;
        hears(&alice, "\u{2068}Mallory\u{2069} wants to come in.").await;
        sounds(&alice, "\u{2068}Mallory\u{2069} knocks", 1).await;
        alice.click("refuse").await;
        mallory.wait_for_stage("barred").await;
        mallory.wait_for_why("refused").await;
        hears(&alice, "").await;
        sounds(&alice, "visavis", 1).await;
        mallory.reload().await;
        mallory.click("get-video").await;
        mallory.wait_for_stage("barred").await;
        mallory.click("new-room").await;
        mallory.wait_for_stage("alone").await;

        // Let in, and as good as anybody.
        let bob = enter(&browser, &address, "Bob").await;
        hears(&alice, "\u{2068}Bob\u{2069} wants to come in.").await;
        sounds(&alice, "\u{2068}Bob\u{2069} knocks", 2).await;
        alice.click("admit").await;
        bob.wait_for_stage("ready").await;
        is_no_host(&bob).await;
        bob.wait_until("document.body.innerText.includes('\u{2068}Alice\u{2069} decides who comes in.')")
            .await;
        bob.click("call").await;
        see_each_other(&alice, &bob).await;

        // During the call, too.
        let carol = enter(&browser, &address, "Carol").await;
        hears(&alice, "\u{2068}Carol\u{2069} wants to come in.").await;
        alice.click("admit").await;
        carol.wait_for_stage("ready").await;
        carol.click("call").await;
        for page in [&alice, &bob, &carol] {
            page.wait_until("document.querySelector('[data-people]').dataset.people === '2'")
                .await;
        }
        // Everybody can block somebody for oneself; only the host decides about others.
        bob.click("people").await;
        pick(&bob, 2).await;
        bob.wait_until("document.getElementById('block').innerText === 'Block \u{2068}Carol\u{2069}'")
            .await;
        assert_eq!(
            bob.evaluate("document.getElementById('remove').checkVisibility()")
                .await,
            Value::Bool(false),
        );
        let muted = "[...document.querySelectorAll('.remote video')].filter(video => video.muted).length";
        bob.click("block").await;
        bob.wait_until(&format!("{muted} === 1")).await;
        bob.click("block").await;
        bob.wait_until(&format!("{muted} === 0")).await;
        bob.click("people").await;

        // Carol is removed from the call, which goes on without her, and can't come back.
        alice.click("people").await;
        pick(&alice, 2).await;
        alice
            .wait_until("document.getElementById('remove').innerText === 'Remove \u{2068}Carol\u{2069}'")
            .await;
        alice.click("remove").await;
        carol.wait_for_stage("barred").await;
        carol.wait_for_why("removed").await;
        for page in [&alice, &bob] {
            page.wait_until("document.querySelector('[data-people]').dataset.people === '1'")
                .await;
            page.wait_for_stage("in-call").await;
        }
        carol.reload().await;
        carol.click("get-video").await;
        carol.wait_for_stage("barred").await;
        alice.click("hang-up").await;
        alice.wait_for_stage("ended").await;

        // Locked: nobody is asked.
        set_door(&alice, "locked").await;
        let dave = enter(&browser, &address, "Dave").await;
        dave.wait_for_stage("at-door").await;
        dave.wait_for_why("locked").await;
        hears(&alice, "").await;
        dave.close().await;

        // Bob is host; and when he has gone, it is Alice again.
        pick(&alice, 1).await;
        alice.click("make-host").await;
        is_host(&bob).await;
        is_no_host(&alice).await;
        alice
            .wait_until("document.body.innerText.includes('\u{2068}Bob\u{2069} has locked this room.')")
            .await;
        bob.close().await;
        is_host(&alice).await;
        assert_eq!(
            alice.evaluate("document.getElementById('door').value").await,
            "locked"
        );
        browser.close().await;
    });
}
