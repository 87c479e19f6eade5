//! How a browser is started.

mod chromium;
mod firefox;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::browser::{Browser, Program};
use crate::place::{Place, ThisMachine};
use crate::{gate, pool};

/// Whose browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, or Chrome.
    Chromium,
    /// Firefox.
    Firefox,
}

/// What a browser does when a page asks for the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Grants it.
    Granted,
    /// Asks for it. Nobody is there to answer; [`Browser::set_permission`] can, in Chromium.
    Asked,
    /// Refuses it.
    Denied,
}

/// A browser that is yet to start.
#[derive(Debug, Clone)]
pub struct Launch {
    engine: Engine,
    permission: Permission,
    film: Option<PathBuf>,
    arguments: Vec<String>,
    preferences: Map<String, Value>,
    trusted: Vec<String>,
    /// None: on this machine as it is.
    place: Option<Arc<dyn Place>>,
    fresh: bool,
    whole: bool,
}

impl From<Engine> for Launch {
    fn from(engine: Engine) -> Self {
        Self::new(engine)
    }
}

impl Launch {
    /// One on this machine that grants the camera, which is a fake.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            permission: Permission::Granted,
            film: None,
            arguments: Vec::new(),
            preferences: Map::new(),
            trusted: Vec::new(),
            place: None,
            fresh: false,
            whole: false,
        }
    }

    /// What it does when a page asks for the camera.
    #[must_use]
    pub fn permission(mut self, permission: Permission) -> Self {
        self.permission = permission;
        self
    }

    /// Shows a video file (YUV4MPEG2) instead of Chromium's test video. Without such a file there is no
    /// camera. Firefox has no such thing.
    #[must_use]
    pub fn film(mut self, film: &Path) -> Self {
        self.film = Some(film.to_owned());
        self
    }

    /// One more argument on the browser's command line. A later one for the same matter wins.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// One more preference: what about:config sets in Firefox, and the file Preferences in Chromium's
    /// profile.
    #[must_use]
    pub fn preference(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.preferences.insert(name.to_owned(), value.into());
        self
    }

    /// Takes an origin such as `http://10.0.0.1:8080` for secure, as browsers do with localhost. Without
    /// that, a page there gets no camera.
    #[must_use]
    pub fn trust(mut self, origin: &str) -> Self {
        self.trusted.push(origin.to_owned());
        self
    }

    /// Runs it somewhere else than on this machine as it is.
    #[must_use]
    pub fn at(mut self, place: impl Place) -> Self {
        self.place = Some(Arc::new(place));
        self
    }

    /// Starts one that no other test has had, and no other will have.
    #[must_use]
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// Starts it with all that is around pages: what shows screens to choose from, or gives a page the whole
    /// screen. Others may be without.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Starts it. In a test, another test may have had it before; windows and what pages keep are never
    /// shared.
    ///
    /// # Panics
    /// There is none, or it does not start.
    pub async fn start(self) -> Browser {
        let key = self.key().filter(|_| gate::in_test());
        if let Some(key) = &key
            && let Some(kept) = pool::take(key).await
        {
            return kept;
        }
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let programs = match self.engine {
            Engine::Chromium => chromium::programs(&self),
            Engine::Firefox => firefox::programs(&self, profile.path(), key.is_some()),
        };
        let place = self.place.unwrap_or_else(|| Arc::new(ThisMachine));
        let mut program = Program::start(&programs, self.engine, &place, profile).await;
        if let Some(key) = key {
            program = program.keep(key).await;
        }
        let browser = program.give().await;
        browser.unwrap_or_else(|error| panic!("{:?} can't be used: {error}", self.engine))
    }

    /// What those have in common that can stand for each other. One whose permissions change, that is
    /// somewhere else, or that needs files of a test, is like no other.
    fn key(&self) -> Option<String> {
        let is_special =
            self.fresh || self.place.is_some() || self.film.is_some() || self.permission == Permission::Asked;
        (!is_special).then(|| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?}",
                self.engine, self.permission, self.whole, self.arguments, self.preferences, self.trusted
            )
        })
    }
}

/// What is to be started.
pub(crate) struct Programs {
    pub(crate) driver: String,
    /// What the driver is told, given the port to listen on.
    pub(crate) driver_arguments: Box<dyn Fn(u16) -> Vec<String>>,
    /// What the driver is asked for.
    pub(crate) capabilities: Map<String, Value>,
    /// What to do if it can't be started.
    pub(crate) install: &'static str,
}

fn program(variable: &str, default: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => unreachable!("{other} was to be an object"),
    }
}
