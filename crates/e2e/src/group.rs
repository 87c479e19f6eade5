//! More than two people in a room.

use visavis_relay::Running;

use crate::browser::Browser;
use crate::page::Page;
use crate::servers::relay_for;

/// So many people in a room with their cameras on, each in a window of one Chromium. Everything ends when this is dropped.
#[derive(Debug)]
pub struct Group {
    /// The relay, which serves the site as well.
    pub relay: Running,
    /// Everybody, in the order of their arrival.
    pub pages: Vec<Page>,
    /// Where their pages are.
    pub browser: Browser,
}

impl Group {
    /// Opens the room, and lets them enter one after the other.
    ///
    /// # Panics
    /// They don't meet.
    pub async fn in_room(people: usize) -> Self {
        let (relay, browser) = tokio::join!(relay_for(people), Browser::start());
        let address = format!("http://{}/#/tea", relay.address);
        let mut pages = Vec::new();
        for index in 0..people {
            let page = browser.open(&address).await;
            page.click("get-video").await;
            let stage = if index == 0 { "alone" } else { "ready" };
            page.wait_for_stage(stage).await;
            pages.push(page);
        }
        Self {
            relay,
            pages,
            browser,
        }
    }

    /// Lets the first call all the others, and waits until each of those is in a call.
    pub async fn in_call(self) -> Self {
        self.pages[0].click("call").await;
        for page in &self.pages {
            page.wait_for_stage("in-call").await;
            page.wait_for_moving_picture("remote-video").await;
        }
        self
    }
}
