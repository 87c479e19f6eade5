//! A real browser, headless, with a fake camera and microphone.

use std::cell::Cell;
use std::sync::Arc;

use fantoccini::{Client, ClientBuilder};
use serde_json::json;

use crate::devtools::devtools;
use crate::driver::Driver;
use crate::launch::{Engine, Launch, Programs};
use crate::page::Page;
use crate::place::{Place, Way};

/// How long the promise of a script may take ([`Page::resolve`]).
const SCRIPTS_MAY_TAKE_MS: u64 = 120_000;

/// A browser with its driver. Both end when it is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    engine: Engine,
    first_window_taken: Cell<bool>,
    driver: Driver,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a Chromium that grants the camera. [`Launch`] starts others.
    pub async fn start() -> Self {
        Launch::new(Engine::Chromium).start().await
    }

    /// Starts a Firefox that grants the camera.
    pub async fn firefox() -> Self {
        Launch::new(Engine::Firefox).start().await
    }

    pub(crate) async fn start_by(
        programs: &Programs,
        engine: Engine,
        place: &Arc<dyn Place>,
        profile: tempfile::TempDir,
    ) -> Self {
        let Programs {
            driver,
            driver_arguments,
            capabilities,
            install,
        } = programs;
        let driver = Driver::start(place, driver, driver_arguments, install).await;
        let way = Way {
            place: place.clone(),
            address: driver.address,
        };
        let mut capabilities = capabilities.clone();
        capabilities.insert("timeouts".into(), json!({ "script": SCRIPTS_MAY_TAKE_MS }));
        let client = ClientBuilder::new(way)
            .capabilities(capabilities)
            .connect(&format!("http://{}", driver.address))
            .await
            .unwrap_or_else(|error| panic!("{engine:?} does not start ({error}): {install}"));
        Self {
            client,
            engine,
            first_window_taken: Cell::new(false),
            driver,
            _profile: profile,
        }
    }

    /// Opens a page in a window of its own. (In a tab in the background nothing would be painted.)
    ///
    /// # Panics
    /// The browser refuses.
    pub async fn open(&self, address: &str) -> Page {
        let page = self.window().await;
        page.go(address).await;
        page
    }

    /// A window that is empty yet.
    ///
    /// # Panics
    /// The browser refuses.
    pub async fn window(&self) -> Page {
        let window = if self.first_window_taken.replace(true) {
            self.client
                .new_window(false)
                .await
                .expect("a window can be opened")
                .handle
        } else {
            self.client.window().await.expect("there is a window")
        };
        Page::new(self.client.clone(), window, self.engine)
    }

    /// Grants or denies the camera and the microphone to all pages. Chromium only.
    ///
    /// # Panics
    /// The browser refuses, or is Firefox.
    pub async fn set_permission(&self, setting: &str) {
        assert_eq!(
            self.engine,
            Engine::Chromium,
            "Firefox can't be told to change its mind while it runs: start it with `Launch::permission`."
        );
        for name in ["camera", "microphone"] {
            let parameters = json!({ "permission": { "name": name }, "setting": setting });
            devtools(&self.client, "Browser.setPermission", parameters).await;
        }
    }

    /// Stops all of its processes on the spot, until [`Browser::thaw`]. Nothing can be asked of its pages meanwhile.
    pub fn freeze(&self) {
        self.driver.signal("STOP");
    }

    /// Lets a frozen browser go on.
    pub fn thaw(&self) {
        self.driver.signal("CONT");
    }

    /// How long its processes have kept processors busy, in seconds. Linux only.
    ///
    /// # Panics
    /// There is no /proc.
    #[must_use]
    pub fn processor_time(&self) -> f64 {
        self.driver.processor_time()
    }

    /// Ends it in an orderly way. Dropping it does too, less politely.
    pub async fn close(self) {
        // A browser that has gone already is closed as well.
        let _ = self.client.clone().close().await;
    }
}
