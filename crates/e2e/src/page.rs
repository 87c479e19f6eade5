//! One window of a browser, with what a test asks of it.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::wd::WindowHandle;
use serde_json::Value;

use crate::launch::Engine;

mod control;
mod input;
mod media;
mod wait;

pub use self::control::Screen;
pub use self::wait::Trouble;

/// How long a test waits for something that should happen soon. On a busy machine that may be late.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long it waits before it asks a page again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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

    /// Reloads the page.
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

    /// Chooses that the browser doesn't connect before a call, for this and all later pages of the browser at
    /// this address. The page is reloaded.
    pub async fn without_pre_connecting(&self) {
        self.choose_instant_calls("nothing").await;
    }

    /// Chooses instant calls (a name of `PreConnection`), for this and all later pages of the browser at this
    /// address. The page is reloaded.
    pub async fn choose_instant_calls(&self, choice: &str) {
        self.run(&format!(
            "localStorage.setItem('visavis.preparation', '{choice}')"
        ))
        .await;
        self.reload().await;
    }

    /// A screenshot of the page, as PNG.
    ///
    /// # Panics
    /// The browser can't make one.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.here()
            .await
            .screenshot()
            .await
            .expect("a screenshot can be taken")
    }
}
