//! A real browser, headless, with a fake camera and microphone.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder};
use serde_json::json;

use crate::devtools::devtools;
use crate::driver::Driver;
use crate::launch::{Engine, Launch, Programs};
use crate::page::Page;
use crate::place::{Place, Way};
use crate::pool;
use crate::wire::{Context, Wire};

/// How long the promise of a script may take ([`Page::resolve`]).
const SCRIPTS_MAY_TAKE_MS: u64 = 120_000;

/// A browser with its driver. Both end when it is dropped; but one of a test is kept for the next test, if
/// nothing is special about it.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    engine: Engine,
    first_window_taken: Cell<bool>,
    /// Something of it is not as it was.
    spoilt: Cell<bool>,
    /// Until it is dropped.
    program: Option<Program>,
    /// What it has for this test alone.
    context: Option<Context>,
}

/// What runs.
#[derive(Debug)]
pub(crate) struct Program {
    client: Client,
    engine: Engine,
    driver: Driver,
    /// The files of both. They go when this is dropped.
    _profile: tempfile::TempDir,
    /// If it can be kept: which others are like it, and the rest that this takes.
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    key: String,
    wire: Wire,
    /// Its first window, which stays empty.
    home: WindowHandle,
}

impl Program {
    pub(crate) async fn start(
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
        let driver = Driver::start(place, driver, driver_arguments, profile.path(), install).await;
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
            driver,
            _profile: profile,
            kept: None,
        }
    }

    /// Makes it one that can be kept beside others like it.
    ///
    /// # Panics
    /// It can't.
    pub(crate) async fn keep(mut self, key: String) -> Self {
        let capabilities = self.client.capabilities().cloned().unwrap_or_default();
        let wire = Wire::connect(self.engine, &capabilities).await;
        let wire = wire.unwrap_or_else(|error| panic!("{:?} can't be reached: {error}", self.engine));
        let home = self.client.window().await.expect("there is a window");
        self.kept = Some(Kept { key, wire, home });
        self
    }

    /// Which others are like it.
    pub(crate) fn key(&self) -> Option<&str> {
        self.kept.as_ref().map(|kept| kept.key.as_str())
    }

    /// For a test that has it alone. Fails if it is gone.
    pub(crate) async fn give(self) -> Result<Browser, String> {
        let context = match &self.kept {
            Some(kept) => Some(kept.wire.context().await?),
            None => None,
        };
        Ok(Browser {
            client: self.client.clone(),
            engine: self.engine,
            first_window_taken: Cell::new(false),
            spoilt: Cell::new(false),
            program: Some(self),
            context,
        })
    }

    /// As it was before a test had it.
    async fn clean(self, context: &Context) -> Result<Self, String> {
        if let Some(kept) = &self.kept {
            kept.wire.forget(context).await?;
            let switched = self.client.switch_to_window(kept.home.clone()).await;
            switched.map_err(|error| error.to_string())?;
        }
        Ok(self)
    }
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
        let window = if let (Some(context), Some(kept)) = (&self.context, &self.program().kept) {
            let made = kept.wire.window(context).await;
            let made = made.unwrap_or_else(|error| panic!("no window can be opened: {error}"));
            WindowHandle::try_from(made).expect("a window's handle is one")
        } else if self.first_window_taken.replace(true) {
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

    fn program(&self) -> &Program {
        self.program.as_ref().expect("it is there until this is dropped")
    }

    /// Grants or denies the camera and the microphone to all pages. Chromium only.
    ///
    /// # Panics
    /// The browser refuses, or is Firefox, or grants them anyway.
    pub async fn set_permission(&self, setting: &str) {
        for device in ["camera", "microphone"] {
            self.set_permission_for(device, setting).await;
        }
    }

    /// The same for one of them.
    ///
    /// # Panics
    /// As [`Browser::set_permission`].
    pub async fn set_permission_for(&self, device: &str, setting: &str) {
        assert_eq!(
            self.engine,
            Engine::Chromium,
            "Firefox can't be told to change its mind while it runs: start it with `Launch::permission`."
        );
        assert!(
            self.context.is_none(),
            "Start it with `Launch::permission(Permission::Asked)`."
        );
        let parameters = json!({ "permission": { "name": device }, "setting": setting });
        devtools(&self.client, "Browser.setPermission", parameters).await;
    }

    /// Stops all of its processes on the spot, until [`Browser::thaw`]. Nothing can be asked of its pages
    /// meanwhile.
    pub fn freeze(&self) {
        self.spoilt.set(true);
        self.program().driver.signal("STOP");
    }

    /// Lets a frozen browser go on.
    pub fn thaw(&self) {
        self.program().driver.signal("CONT");
    }

    /// How long its processes have kept processors busy, in seconds. Linux only.
    ///
    /// # Panics
    /// There is no /proc.
    #[must_use]
    pub fn processor_time(&self) -> f64 {
        self.program().driver.processor_time()
    }

    /// Ends it in an orderly way, unless it is kept. Dropping it does too, less politely.
    pub async fn close(self) {
        if self.context.is_none() {
            // A browser that has gone already is closed as well.
            let _ = self.client.clone().close().await;
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // One whose test has failed may be what is wrong.
        if self.spoilt.get() || thread::panicking() {
            return;
        }
        if let (Some(program), Some(context)) = (self.program.take(), self.context.take()) {
            pool::put_back(async move { program.clean(&context).await });
        }
    }
}
