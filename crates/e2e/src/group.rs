//! More than two people in a room.

use visavis_relay::Running;

use crate::browser::Browser;
use crate::launch::{Engine, Launch};
use crate::page::{Page, Screen};
use crate::servers::relay_for;

/// Above this many, people have small cameras, no microphones and small windows: all of them are on one machine, which
/// must encode, decode and draw what they send to each other.
const MANY: usize = 3;

/// Above this many, cameras are slow as well. Every picture of a camera is encoded for each of the others and drawn by each
/// of them, so that eight people have 56 streams on one machine.
const CROWD: usize = 6;

/// Chromium's fake camera, at so few pictures a second. (A camera smaller than 320 by 240 is no way to save more: the
/// first pictures have a fourth of its width and height.)
const SLOW_CAMERA: &str = "--use-fake-device-for-media-stream=fps=5";

/// A script that gives a page a camera of this size and so many pictures a second, and a microphone perhaps, whatever the
/// page asks for. It has to run before the page's own scripts.
#[must_use]
pub fn other_camera((width, height): (u32, u32), rate: u32, microphone: bool) -> String {
    format!(
        "{{ const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            const video = {{ width: {width}, height: {height}, frameRate: {rate} }};
            navigator.mediaDevices.getUserMedia = () => open({{ audio: {microphone}, video }}); }}"
    )
}

const SMALL_WINDOW: Screen = Screen {
    width: 480,
    height: 320,
    dark: false,
};

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
        let mut launch = Launch::new(Engine::Chromium);
        if people > CROWD {
            launch = launch.argument(SLOW_CAMERA);
        }
        let camera = if people > MANY {
            other_camera((320, 240), 10, false)
        } else {
            String::new()
        };
        Self::in_room_by(people, launch, &camera).await
    }

    /// As [`Group::in_room`], in a Chromium of one's own choice, and with a script that runs in every page before its
    /// own.
    ///
    /// # Panics
    /// They don't meet.
    pub async fn in_room_by(people: usize, launch: Launch, script: &str) -> Self {
        let (relay, browser) = tokio::join!(relay_for(people), launch.start());
        let mut group = Self {
            relay,
            pages: Vec::new(),
            browser,
        };
        for _ in 0..people {
            group.join(people > MANY, script).await;
        }
        group
    }

    /// One more person enters, perhaps one of many.
    async fn join(&mut self, of_many: bool, script: &str) {
        let page = self.browser.window().await;
        if !script.is_empty() {
            page.before_load(script).await;
        }
        if of_many {
            page.show_on(SMALL_WINDOW).await;
        }
        page.go(&format!("http://{}/#/tea", self.relay.address)).await;
        page.instrument().await;
        page.click("get-video").await;
        let stage = if self.pages.is_empty() { "alone" } else { "ready" };
        page.wait_for_stage(stage).await;
        self.pages.push(page);
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
