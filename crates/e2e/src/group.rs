//! More than two people in a room.

use visavis_netlab::{Builder, Lab};
use visavis_relay::{Config, Running};

use crate::browser::Browser;
use crate::launch::{Engine, Launch};
use crate::network::relay_on;
use crate::page::{Page, Screen};
use crate::servers::relay_for;

/// Above this many, people have no microphones, and small windows: all of them are on one machine, which
/// must encode, decode and draw what they send to each other.
const MANY: usize = 3;

/// Above this many, cameras are slow as well. Every frame of a camera is encoded for each of the others and
/// drawn by each of them, so that eight people have 56 streams on one machine.
const CROWD: usize = 6;

/// Chromium's fake camera, at so few frames a second. (A camera smaller than 320 by 240 is no way to save
/// more: the first frames have a fourth of its width and height.)
const SLOW_CAMERA: &str = "--use-fake-device-for-media-stream=fps=5";

/// A script that gives a page a camera of this size and this many frames a second, and a microphone perhaps,
/// independent of what the page asks for. It has to run before the page's own scripts.
#[must_use]
pub fn other_camera((width, height): (u32, u32), rate: u32, microphone: bool) -> String {
    format!(
        "{{ const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            const video = {{ width: {width}, height: {height}, frameRate: {rate} }};
            navigator.mediaDevices.getUserMedia = () => open({{ audio: {microphone}, video }}); }}"
    )
}

/// A browser that so many people can share.
fn launch_for(people: usize) -> Launch {
    let launch = Launch::new(Engine::Chromium);
    if people > CROWD {
        launch.argument(SLOW_CAMERA)
    } else {
        launch
    }
}

/// A script that gives each of so many people a camera that this machine can handle.
fn camera_for(people: usize) -> String {
    match people {
        ..=2 => String::new(),
        _ => other_camera((320, 240), 10, people <= MANY),
    }
}

const SMALL_WINDOW: Screen = Screen {
    width: 480,
    height: 320,
    dark: false,
};

/// So many people in a room with their cameras on, each in a window of one Chromium. Everything ends when
/// this is dropped.
#[derive(Debug)]
pub struct Group {
    /// The relay, which serves the site as well.
    pub relay: Running,
    /// Everybody, in the order of their arrival.
    pub pages: Vec<Page>,
    /// Where their pages are.
    pub browser: Browser,
    // Dropped last: nobody can go on without it.
    /// The network between them, if they are far apart.
    pub lab: Option<Lab>,
}

impl Group {
    /// Opens the room, and lets them enter one after the other.
    ///
    /// # Panics
    /// They don't meet.
    pub async fn in_room(people: usize) -> Self {
        Self::in_room_by(people, launch_for(people), &camera_for(people)).await
    }

    /// As [`Group::in_room`], but far from each other: on a host of a laboratory whose programs are apart.
    /// The relay is on another host.
    ///
    /// # Panics
    /// They don't meet, or there can be no laboratory.
    pub async fn in_room_far_apart(people: usize, network: Builder) -> Self {
        const EVERYBODY: &str = "everybody";
        const SERVER: &str = "server";
        let network = network.hosts([EVERYBODY, SERVER]).apart(EVERYBODY);
        let lab = network.start().unwrap_or_else(|error| panic!("{error}"));
        let config = Config {
            room_capacity: people,
            ..Config::default()
        };
        let (relay, origin) = relay_on(&lab.host(SERVER), config).await;
        let launch = launch_for(people).at(lab.host(EVERYBODY)).trust(&origin);
        let mut group = Self {
            relay,
            pages: Vec::new(),
            browser: launch.start().await,
            lab: Some(lab),
        };
        group.enter(&origin, people, &camera_for(people)).await;
        group
    }

    /// As [`Group::in_room`], in a room with places for more, and with a script that runs in every page
    /// before its own.
    ///
    /// # Panics
    /// They don't meet.
    pub async fn in_room_for(places: usize, people: usize, script: &str) -> Self {
        let script = camera_for(people) + script;
        Self::in_room_of(relay_for(places), people, launch_for(people), &script).await
    }

    /// As [`Group::in_room`], in a Chromium of one's own choice, and with a script that runs in every page
    /// before its own.
    ///
    /// # Panics
    /// They don't meet.
    pub async fn in_room_by(people: usize, launch: Launch, script: &str) -> Self {
        Self::in_room_of(relay_for(people), people, launch, script).await
    }

    async fn in_room_of(
        relay: impl Future<Output = Running>,
        people: usize,
        launch: Launch,
        script: &str,
    ) -> Self {
        let (relay, browser) = tokio::join!(relay, launch.start());
        let mut group = Self {
            relay,
            pages: Vec::new(),
            browser,
            lab: None,
        };
        let origin = format!("http://{}", group.relay.address);
        group.enter(&origin, people, script).await;
        group
    }

    async fn enter(&mut self, origin: &str, people: usize, script: &str) {
        for _ in 0..people {
            self.join(origin, people > MANY, script).await;
        }
    }

    /// One more person enters, perhaps one of many.
    async fn join(&mut self, origin: &str, of_many: bool, script: &str) {
        let page = self.browser.window().await;
        if !script.is_empty() {
            page.before_load(script).await;
        }
        if of_many {
            page.show_on(SMALL_WINDOW).await;
        }
        page.go(&format!("{origin}/#/tea")).await;
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
            page.wait_for_moving_video("remote-video").await;
        }
        self
    }

    /// Lets the first call all the others, and these answer; there are some. By script: on its way through
    /// the browser, a click waits for frames to be drawn, of which there may be many.
    ///
    /// # Panics
    /// It does not ring somewhere.
    pub async fn all_answer_the_first(&self) {
        let click = "window.inside.click('call')";
        let (first, others) = self.pages.split_first().expect("somebody calls");
        first.resolve(click).await;
        // With one other person, nobody has to be asked.
        if others.len() > 1 {
            for page in others {
                page.wait_for_stage("ringing").await;
                page.resolve(click).await;
            }
        }
    }

    /// Ends the browser in an orderly way. Dropping the group does too, less politely.
    pub async fn close(self) {
        self.browser.close().await;
    }
}
