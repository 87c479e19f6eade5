//! More than two people in a room.

use visavis_relay::Running;

use crate::browser::Browser;
use crate::page::Page;
use crate::servers::relay_for;

/// Cameras for many people on one machine: what is measured is not the picture's size.
const SMALL_CAMERA: &str = "\
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = () =>
        open({ audio: true, video: { width: 160, height: 120, frameRate: 5 } });";

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
        let mut group = Self {
            relay,
            pages: Vec::new(),
            browser,
        };
        for _ in 0..people {
            group.join(people > 4).await;
        }
        group
    }

    /// One more person enters, perhaps with a small camera.
    pub async fn join(&mut self, small_camera: bool) -> &Page {
        let page = self
            .browser
            .open(&format!("http://{}/#/tea", self.relay.address))
            .await;
        if small_camera {
            page.before_load(SMALL_CAMERA).await;
            page.reload().await;
        }
        page.instrument().await;
        page.click("get-video").await;
        let stage = if self.pages.is_empty() { "alone" } else { "ready" };
        page.wait_for_stage(stage).await;
        self.pages.push_mut(page)
    }

    /// Lets the first call all the others, and these answer, and waits until each of them sees somebody.
    pub async fn in_call(self) -> Self {
        self.pages[0].click("call").await;
        // With one other person, nobody has to be asked.
        if self.pages.len() > 2 {
            for page in &self.pages[1..] {
                page.wait_for_stage("ringing").await;
                page.click("call").await;
            }
        }
        for page in &self.pages {
            page.wait_for_stage("in-call").await;
            page.wait_for_moving_picture("remote-video").await;
        }
        self
    }

    /// Ends the browser in an orderly way. Dropping the group does too, less politely.
    pub async fn close(self) {
        self.browser.close().await;
    }
}
