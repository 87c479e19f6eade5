//! Two people in a room: how most tests begin.

use visavis_relay::Running;

use crate::browser::Browser;
use crate::launch::Launch;
use crate::page::Page;
use crate::servers::relay_for;

/// Two people in a sealed room for two with their cameras on, the relay that brought them together, and their
/// browsers. Everything ends when this is dropped.
///
/// A test that stops the relay takes it out: `pair.relay.shutdown().await`, or `drop(pair.relay)` for a
/// crash.
#[derive(Debug)]
pub struct Pair {
    /// The relay, which serves the site as well.
    pub relay: Running,
    /// Who was there first.
    pub alice: Page,
    /// Who came later.
    pub bob: Page,
    /// Where their pages are: both in one, or one each.
    pub browsers: Vec<Browser>,
}

impl Pair {
    /// Two windows of one Chromium, in the same room.
    pub async fn in_room() -> Self {
        Self::in_room_of(relay_for(2).await).await
    }

    /// The same, in a room of this relay.
    pub async fn in_room_of(relay: Running) -> Self {
        let browser = Browser::start().await;
        let (alice, bob) = (browser.window().await, browser.window().await);
        Self::meet(relay, alice, bob, vec![browser]).await
    }

    /// A browser each, in the same room: `Pair::between(Engine::Chromium, Engine::Firefox)`.
    pub async fn between(alice: impl Into<Launch>, bob: impl Into<Launch>) -> Self {
        let (relay, alices, bobs) = tokio::join!(relay_for(2), alice.into().start(), bob.into().start());
        let (alice, bob) = (alices.window().await, bobs.window().await);
        Self::meet(relay, alice, bob, vec![alices, bobs]).await
    }

    async fn meet(relay: Running, alice: Page, bob: Page, browsers: Vec<Browser>) -> Self {
        for page in [&alice, &bob] {
            page.go(&address_of_room(&relay)).await;
        }
        enter_room(&alice, &bob).await;
        Self {
            relay,
            alice,
            bob,
            browsers,
        }
    }

    /// Where their room is.
    #[must_use]
    pub fn address(&self) -> String {
        address_of_room(&self.relay)
    }

    /// Lets Alice call Bob, and waits until they see each other.
    pub async fn in_call(self) -> Self {
        self.alice.click("call").await;
        see_each_other(&self.alice, &self.bob).await;
        self
    }

    /// Ends the browsers in an orderly way. Dropping the pair does too, less politely.
    pub async fn close(self) {
        for browser in self.browsers {
            browser.close().await;
        }
    }
}

/// What strangers have who open a link: a sealed room.
fn address_of_room(relay: &Running) -> String {
    relay.url() + "#/s/MDEyMzQ1Njc4OWFiY2RlZg"
}

/// Two people, at the same address and not in the room yet, enter it one after the other.
///
/// # Panics
/// They don't meet.
pub async fn enter_room(first: &Page, second: &Page) {
    first.click("get-video").await;
    first.wait_for_stage("alone").await;
    second.click("get-video").await;
    first.wait_for_stage("ready").await;
    second.wait_for_stage("ready").await;
}

/// Waits until two people are in a call, and each sees the other and themselves.
///
/// # Panics
/// They don't.
pub async fn see_each_other(one: &Page, other: &Page) {
    for page in [one, other] {
        page.wait_for_stage("in-call").await;
        page.wait_for_moving_video("remote-video").await;
        page.wait_for_moving_video("local-video").await;
    }
}
