//! Waiting for what a page shows.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;

use super::{LOOK_AGAIN, PATIENCE, Page};

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

/// What can be done about troubles: its buttons (`Remedy` in src/ui/locale/trouble.rs).
const BUTTONS: [&str; 5] = [
    "explain-relay",
    "retry-now",
    "start-devices",
    "copy-report-now",
    "load-again",
];

impl Page {
    /// Waits until an expression of JavaScript is true. One that throws is not true yet: what it asks about
    /// may come later.
    ///
    /// # Panics
    /// It isn't for a minute. The text says what was awaited, what it was at last, and what the page shows
    /// instead.
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
        let last = self.look(expression).await;
        panic!("timed out waiting until {expression}: {last}; the page shows: {shown}; {videos}; {report}");
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
                 try {{ is = ({expression}) === true; }} catch {{}} \
                 if (is || left-- <= 0) done(is); else setTimeout(look, 20); \
             }}; \
             look();"
        );
        match self.here().await.execute_async(&script, Vec::new()).await {
            Ok(Value::Bool(is)) => is,
            // The page goes to another one, or has no time.
            _ => {
                let is = self.look(expression).await == Value::Bool(true);
                if !is {
                    sleep(LOOK_AGAIN).await;
                }
                is
            }
        }
    }

    /// What an expression is, or the text of what it throws.
    async fn look(&self, expression: &str) -> Value {
        self.evaluate(&format!(
            "(() => {{ try {{ return ({expression}); }} catch (error) {{ return String(error); }} }})()"
        ))
        .await
    }

    /// Waits until the page is at this stage (`data-stage` of the page's root).
    pub async fn wait_for_stage(&self, stage: &str) {
        self.wait_until(&format!(
            "document.querySelector('.page')?.dataset.stage === '{stage}'"
        ))
        .await;
    }

    /// Waits until the status says this, among other things.
    pub async fn wait_for_status(&self, text: &str) {
        let text = Value::from(text);
        self.wait_until(&format!(
            "document.getElementById('status')?.textContent.includes({text}) ?? false"
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
        let shown = match trouble {
            Trouble::OnlyTabs => "explain-relay,retry-now",
            Trouble::Unreachable => "retry-now",
            Trouble::Device => "start-devices",
            Trouble::Interrupted => "copy-report-now",
            Trouble::NotLoaded => "load-again",
            Trouble::Wait => "",
        };
        self.wait_until(&format!(
            "document.getElementById('banner')?.hidden === false && \
             {BUTTONS:?}.filter(id => document.getElementById(id)?.checkVisibility()).join() === '{shown}'"
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
}
