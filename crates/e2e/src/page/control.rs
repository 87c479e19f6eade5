//! What a test changes about a page: its scripts, its clock, its screen.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{LOOK_AGAIN, Page};
use crate::devtools::devtools;
use crate::launch::Engine;

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

impl Page {
    /// Gives scripts `window.inside`, until a reload: the peer connections that the page makes from now on,
    /// and what else inside.js has.
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

    /// Lets this much of the page's time pass this many times as fast, from now on. What the browser itself
    /// does keeps its normal speed. A busy machine does not change the amount.
    ///
    /// # Panics
    /// The page was loaded without [`Page::take_clock`].
    pub async fn hurry(&self, time: Duration, times: u32) {
        self.run(&format!("window.hurry({times}, {})", time.as_millis()))
            .await;
    }

    /// Waits until this much of the page's time has passed, this many times as fast.
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
}
