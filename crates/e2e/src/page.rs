//! One window of a browser, with what a test asks of it.

use std::time::{Duration, Instant};

use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::devtools::devtools;
use crate::launch::Engine;

/// How long a test waits for something that should happen soon. On a busy machine that may be late.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long it waits before it asks a page again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What WebDriver says of a click that something else would get.
const INTERCEPTED: &str = "element click intercepted";

/// Below this, nothing is to be heard; above it, something is.
const AUDIBLE: f64 = 0.01;

/// A function of JavaScript that counts the pictures that a video element shows, from the first time that it
/// is asked. (Firefox's getVideoPlaybackQuality knows nothing about streams.)
const FRAMES: &str = "(video => { \
    if (video.visavisFrames === undefined) { \
        video.visavisFrames = 0; \
        const count = () => { video.visavisFrames++; video.requestVideoFrameCallback(count); }; \
        video.requestVideoFrameCallback(count); \
    } \
    return video.visavisFrames; \
})";

/// The size and the colours of a window, as the page sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// Whether the person prefers dark colours.
    pub dark: bool,
}

/// What the banner is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Only tabs of this browser can meet.
    OnlyTabs,
    /// The server can't be reached, and there is no call.
    Unreachable,
    /// A device has stopped.
    Device,
    /// The connection to somebody is interrupted.
    Interrupted,
    /// The app does not come.
    NotLoaded,
    /// Something about which nothing can be done: the server can't be reached during a call; or the
    /// address names no room.
    Wait,
}

/// What can be done about troubles: each has a button of its own (`Remedy` in src/ui/locale/trouble.rs).
const REMEDIES: [(&str, Trouble); 5] = [
    ("explain-relay", Trouble::OnlyTabs),
    ("retry-now", Trouble::Unreachable),
    ("start-devices", Trouble::Device),
    ("copy-report-now", Trouble::Interrupted),
    ("load-again", Trouble::NotLoaded),
];

/// One window.
#[derive(Debug, Clone)]
pub struct Page {
    client: Client,
    window: WindowHandle,
    engine: Engine,
}

impl Page {
    pub(crate) fn new(client: Client, window: WindowHandle, engine: Engine) -> Self {
        Self {
            client,
            window,
            engine,
        }
    }

    async fn here(&self) -> &Client {
        self.client
            .switch_to_window(self.window.clone())
            .await
            .expect("the window is open");
        &self.client
    }

    /// Goes to an address.
    ///
    /// # Panics
    /// The browser can't.
    pub async fn go(&self, address: &str) {
        self.here()
            .await
            .goto(address)
            .await
            .unwrap_or_else(|error| panic!("{address} does not open: {error}"));
    }

    /// Loads the page anew.
    ///
    /// # Panics
    /// The browser can't.
    pub async fn reload(&self) {
        self.here().await.refresh().await.expect("a page can be reloaded");
    }

    /// Closes the window.
    ///
    /// # Panics
    /// It is closed already.
    pub async fn close(&self) {
        self.here()
            .await
            .close_window()
            .await
            .expect("the window is open");
    }

    /// What an expression of JavaScript says.
    ///
    /// # Panics
    /// It throws.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.here()
            .await
            .execute(&script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Runs statements of JavaScript.
    ///
    /// # Panics
    /// They throw.
    pub async fn run(&self, script: &str) {
        self.here()
            .await
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"));
    }

    /// What the promise that an expression of JavaScript makes resolves to.
    ///
    /// # Panics
    /// It throws, or is rejected.
    pub async fn resolve(&self, expression: &str) -> Value {
        let resolved = self.attempt(expression).await;
        resolved.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// As [`Page::resolve`]; but of a promise that is rejected, it says why.
    ///
    /// # Errors
    /// What the promise was rejected with.
    ///
    /// # Panics
    /// The expression throws.
    pub async fn attempt(&self, expression: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             Promise.resolve({expression}).then(value => done([value]), error => done(String(error)));"
        );
        let answer = self.here().await.execute_async(&script, Vec::new()).await;
        let answer = answer.unwrap_or_else(|error| panic!("{expression}: {error}"));
        answer.get(0).cloned().ok_or_else(|| answer.to_string())
    }

    /// Waits until an expression of JavaScript is true.
    ///
    /// # Panics
    /// It isn't for a minute. The text says what was awaited, and what the page shows instead.
    pub async fn wait_until(&self, expression: &str) {
        if self.within(PATIENCE, expression).await {
            return;
        }
        // Of a call that went wrong, the page itself tells more.
        self.run("document.querySelector('#copy-report:enabled, #copy-report-now:enabled')?.click()")
            .await;
        let shown = self.evaluate("document.body.innerText").await;
        let videos = self
            .evaluate(
                "[...document.querySelectorAll('video[id]')].map(v => `${v.id}: ${v.videoWidth}x${v.videoHeight}, \
                 ${v.visavisFrames ?? 0} frames, paused: ${v.paused}, page ${document.visibilityState}`)",
            )
            .await;
        let report = self
            .evaluate("document.getElementById('report-text')?.value ?? ''")
            .await;
        panic!("waited in vain until {expression}; the page shows: {shown}; {videos}; {report}");
    }

    /// Whether an expression of JavaScript comes true in time.
    pub async fn within(&self, patience: Duration, expression: &str) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            if self.comes_true_soon(expression).await {
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
        }
    }

    /// Whether an expression comes true in half a second. The page itself looks again and again: asking it
    /// each time would take more of the processor than what is awaited.
    async fn comes_true_soon(&self, expression: &str) -> bool {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             let left = 25; \
             const look = () => {{ \
                 let is = false; \
                 try {{ is = ({expression}) === true; }} catch {{ left = 0; }} \
                 if (is || left-- <= 0) done(is); else setTimeout(look, 20); \
             }}; \
             look();"
        );
        match self.here().await.execute_async(&script, Vec::new()).await {
            Ok(Value::Bool(true)) => true,
            // It is not true, or it throws, or the page goes to another one.
            _ => {
                let is = self.evaluate(expression).await == Value::Bool(true);
                if !is {
                    sleep(LOOK_AGAIN).await;
                }
                is
            }
        }
    }

    /// Waits until the page is at this stage (`data-stage` of the page's root).
    pub async fn wait_for_stage(&self, stage: &str) {
        self.wait_until(&format!(
            "document.querySelector('.page')?.dataset.stage === '{stage}'"
        ))
        .await;
    }

    /// Waits until the status says this, among other things.
    pub async fn wait_for_status(&self, words: &str) {
        let words = Value::from(words);
        self.wait_until(&format!(
            "document.getElementById('status')?.textContent.includes({words}) ?? false"
        ))
        .await;
    }

    /// Waits until the status stands for this, within its stage: `data-why`, as in src/ui/locale/code.rs.
    pub async fn wait_for_why(&self, why: &str) {
        self.wait_until(&format!(
            "document.getElementById('status')?.dataset.why === '{why}'"
        ))
        .await;
    }

    /// Waits until the banner is about this.
    pub async fn wait_for_trouble(&self, trouble: Trouble) {
        let ids = REMEDIES.map(|(id, _)| id);
        let shown = REMEDIES.iter().find(|(_, other)| *other == trouble);
        let shown = shown.map_or("", |(id, _)| id);
        self.wait_until(&format!(
            "document.getElementById('banner')?.hidden === false && \
             {ids:?}.filter(id => document.getElementById(id)?.checkVisibility()).join() === '{shown}'"
        ))
        .await;
    }

    /// Waits until a call that is over has ended in this way.
    pub async fn wait_for_end(&self, why: &str) {
        self.wait_for_stage("ended").await;
        self.wait_for_why(why).await;
    }

    /// Waits until so many others are in the room; they are listed if there are several.
    pub async fn wait_for_others(&self, count: usize) {
        self.wait_until(&format!(
            "document.querySelectorAll('.people li:not([hidden])').length === {count}"
        ))
        .await;
    }

    /// Waits until others are in a call that one can join.
    pub async fn wait_for_call_to_join(&self) {
        self.wait_for_stage("ready").await;
        self.wait_for_why("to-join").await;
    }

    /// Clicks on the element with this id, once it is there and can be clicked.
    ///
    /// # Panics
    /// It isn't for a minute.
    pub async fn click(&self, id: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.wait_until(&format!(
                "(e => !!e && !e.disabled && e.checkVisibility())(document.getElementById('{id}'))"
            ))
            .await;
            let here = self.here().await;
            let clicked = match here.find(Locator::Id(id)).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return,
                // The app has just taken the page over, with a button of its own in the place of this one.
                Err(error) if error.is_stale_element_reference() || error.is_no_such_element() => {}
                // Something glides, this or what is before it.
                Err(CmdError::Standard(refusal))
                    if refusal.error() == INTERCEPTED && Instant::now() < deadline =>
                {
                    sleep(LOOK_AGAIN).await;
                }
                Err(error) => panic!("{id} can't be clicked: {error}"),
            }
        }
    }

    /// Presses a key and lets it go: a character, or what WebDriver has for other keys.
    ///
    /// # Panics
    /// The browser can't.
    pub async fn press(&self, value: char) {
        let keys = KeyActions::new("keys".into())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        let pressed = self.here().await.perform_actions(keys).await;
        pressed.unwrap_or_else(|error| panic!("{value:?} can't be pressed: {error}"));
    }

    /// Takes an element, given by an expression of JavaScript, in its middle with the mouse, and lets it go
    /// at a point of the window.
    ///
    /// # Panics
    /// There is no such element.
    pub async fn drag(&self, element: &str, (x, y): (f64, f64)) {
        let middle = self
            .evaluate(&format!(
                "(b => [b.left + b.width / 2, b.top + b.height / 2])(({element}).getBoundingClientRect())"
            ))
            .await;
        let at = |index: usize| middle[index].as_f64().expect("a middle is two numbers");
        let to = |x, y| PointerAction::MoveTo {
            duration: Some(Duration::from_millis(50)),
            x,
            y,
        };
        let mouse = MouseActions::new("mouse".into())
            .then(to(at(0), at(1)))
            .then(PointerAction::Down {
                button: MOUSE_BUTTON_LEFT,
            })
            .then(to((at(0) + x) / 2.0, (at(1) + y) / 2.0))
            .then(to(x, y))
            .then(PointerAction::Up {
                button: MOUSE_BUTTON_LEFT,
            });
        let dragged = self.here().await.perform_actions(mouse).await;
        dragged.unwrap_or_else(|error| panic!("{element} can't be dragged: {error}"));
    }

    /// How many pictures a video element has shown since this was asked first.
    ///
    /// # Panics
    /// There is no such element.
    pub async fn frames(&self, video: &str) -> u64 {
        self.evaluate(&format!("{FRAMES}(document.getElementById('{video}'))"))
            .await
            .as_u64()
            .expect("a count is a number")
    }

    /// Waits until a video element has shown so many pictures.
    pub async fn wait_for_frames(&self, video: &str, count: u64) {
        self.wait_until(&format!(
            "{FRAMES}(document.getElementById('{video}')) >= {count}"
        ))
        .await;
    }

    /// Waits until a video element shows moving pictures.
    ///
    /// # Panics
    /// It doesn't within a minute.
    pub async fn wait_for_moving_picture(&self, video: &str) {
        let before = self.frames(video).await;
        self.wait_until(&format!(
            "(v => v.videoWidth > 2 && !v.paused && {FRAMES}(v) > {})(document.getElementById('{video}'))",
            before + 5
        ))
        .await;
    }

    /// Waits until something is to be heard of a video element's stream.
    ///
    /// # Panics
    /// Nothing is for a minute, or it has no sound track.
    pub async fn wait_for_sound(&self, video: &str) {
        let heard = format!("(level, _) => level > {AUDIBLE}");
        let level = self.listen(video, &heard).await;
        assert!(level > AUDIBLE, "{video} can't be heard: {level}");
    }

    /// Waits until nothing is to be heard of a video element's stream for two seconds. (The sound of fake
    /// microphones comes and goes within one.)
    ///
    /// # Panics
    /// It never is as silent for a minute, or it has no sound track.
    pub async fn wait_for_silence(&self, video: &str) {
        let level = self.listen(video, "(_, silence) => silence > 2000").await;
        assert!(level < AUDIBLE / 10.0, "{video} can still be heard: {level}");
    }

    /// Listens to a video element's stream until a function of the level, from 0 to 1, and of the
    /// milliseconds since something was heard last, is true; for a minute at most. Says the level that was
    /// heard last.
    async fn listen(&self, video: &str, enough: &str) -> f64 {
        let listen = format!(
            "(async () => {{
                const context = new AudioContext();
                await context.resume();
                const analyser = context.createAnalyser();
                context.createMediaStreamSource(document.getElementById('{video}').srcObject).connect(analyser);
                const samples = new Float32Array(analyser.fftSize);
                const begun = performance.now();
                let [level, heard] = [0, begun];
                const enough = {enough};
                const patience = {};
                do {{
                    await new Promise(next => setTimeout(next, 20));
                    analyser.getFloatTimeDomainData(samples);
                    level = Math.max(...samples.map(Math.abs));
                    if (level >= {AUDIBLE} / 10) heard = performance.now();
                }} while (!enough(level, performance.now() - heard) && performance.now() < begun + patience);
                await context.close();
                return level;
            }})()",
            PATIENCE.as_millis()
        );
        self.resolve(&listen).await.as_f64().expect("a level is a number")
    }

    /// Chooses that calls are not prepared, for this and all later pages of the browser at this address. The
    /// page is loaded anew.
    pub async fn prepare_nothing(&self) {
        self.prepare("nothing").await;
    }

    /// Chooses how calls are prepared, for this and all later pages of the browser at this address. The page
    /// is loaded anew.
    pub async fn prepare(&self, choice: &str) {
        self.run(&format!(
            "localStorage.setItem('visavis.preparation', '{choice}')"
        ))
        .await;
        self.reload().await;
    }

    /// Gives scripts `window.inside`, until the page is loaded anew: the peer connections that the page makes
    /// from now on, and what else inside.js has.
    pub async fn instrument(&self) {
        self.run(include_str!("inside.js")).await;
    }

    /// Runs a script in every page that the window shows from now on, before the page's own. Chromium only.
    pub async fn before_load(&self, script: &str) {
        let parameters = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await;
    }

    /// Gives pages that the window shows from now on a clock that [`Page::hurry`] can turn. Chromium only.
    pub async fn take_clock(&self) {
        self.before_load(include_str!("clock.js")).await;
    }

    /// Has so much of the page's time pass so many times as fast, from now on. The browser's own doings take
    /// as long as ever. How busy the machine is makes no difference to how much it is.
    ///
    /// # Panics
    /// The page was loaded without [`Page::take_clock`].
    pub async fn hurry(&self, time: Duration, times: u32) {
        self.run(&format!("window.hurry({times}, {})", time.as_millis()))
            .await;
    }

    /// Waits until so much of the page's time has passed, so many times as fast.
    ///
    /// # Panics
    /// The page was loaded without [`Page::take_clock`].
    pub async fn let_pass(&self, time: Duration, times: u32) {
        self.hurry(time, times).await;
        while self.evaluate("window.hasHurried()").await != Value::Bool(true) {
            sleep(LOOK_AGAIN).await;
        }
    }

    /// What a command of the Chrome DevTools Protocol answers. Chromium only.
    ///
    /// # Panics
    /// The command is refused, or the browser is Firefox.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        assert_eq!(
            self.engine,
            Engine::Chromium,
            "{command} belongs to a protocol that only Chromium speaks."
        );
        devtools(self.here().await, command, parameters).await
    }

    /// Makes the page take a screen for its own. Chromium only.
    pub async fn show_on(&self, screen: Screen) {
        let metrics = json!({
            "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if screen.dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// A picture of the page, as PNG.
    ///
    /// # Panics
    /// The browser can't make one.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.here()
            .await
            .screenshot()
            .await
            .expect("a page can be pictured")
    }
}
