//! The app: reads the configuration, owns the call, shows one or the other.

use gloo_events::EventListener;
use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallConfig, Command};
use visavis_protocol::id::{RoomId, SeatSecret};

use crate::browser::page;
use crate::config::{self, Config, ConfigError};
use crate::driver::Setup;
use crate::signaling::{RelaySocket, ThisBrowser};
use crate::ui::{CallHandle, ErrorScreen, LoadingScreen, Room};

/// Where the relay is unless config.json says otherwise: beside the page.
const DEFAULT_RELAY: &str = "signal";

/// The room on this very machine, so that two tabs meet as they are.
const LOCAL_ROOM: &str = "test";

/// How far the app has come.
#[derive(Clone)]
enum Startup {
    Loading,
    Ready(CallHandle),
    Failed(ConfigError),
}

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let startup = RwSignal::new_local(Startup::Loading);
    let owner = Owner::current();
    spawn_local(async move {
        let outcome = load().await;
        let started = match outcome {
            // The call's signals live as long as the app, not as long as this task.
            Ok(setup) => match &owner {
                Some(owner) => Startup::Ready(owner.with(|| start(setup))),
                None => return,
            },
            Err(error) => Startup::Failed(error),
        };
        // Unmounted meanwhile: then nobody wants to know.
        let _ = startup.try_set(started);
    });
    move || match startup.get() {
        Startup::Loading => view! { <LoadingScreen /> }.into_any(),
        Startup::Ready(call) => view! { <Room call /> }.into_any(),
        Startup::Failed(error) => view! { <ErrorScreen error /> }.into_any(),
    }
}

fn start(setup: Setup) -> CallHandle {
    let call = CallHandle::new(setup);
    let listener = EventListener::new(&page::window(), "hashchange", move |_| {
        match config::room_in_address(&page::hash()) {
            Ok(Some(room)) => call.enter(room),
            Ok(None) => {}
            Err(error) => call.address_error.set(Some(error.to_string())),
        }
    });
    // Detached with the app.
    StoredValue::new_local(listener);
    call
}

async fn load() -> Result<Setup, ConfigError> {
    let config = fetch_config().await?;
    let room = choose_room(&config)?;
    let relay = config.relay.as_ref().map_or(DEFAULT_RELAY, config::RelayUrl::as_str);
    let secret = SeatSecret::new(page::random_name::<16>()).expect("hexadecimal digits are a valid name");
    Ok(Setup {
        relay: Box::new(RelaySocket::new(relay)),
        this_browser: Box::new(ThisBrowser),
        call: CallConfig {
            room,
            secret,
            route: config.route(),
            ice_servers: config.ice_servers,
            seed: u64::from_le_bytes(page::random()),
        },
        media: config.media,
    })
}

async fn fetch_config() -> Result<Config, ConfigError> {
    let unreadable = |error: gloo_net::Error| ConfigError::Unreadable(error.to_string());
    let response = Request::get("config.json").send().await.map_err(unreadable)?;
    // Many hosts answer with the page itself where there is no such file.
    let is_page = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    match response.status() {
        200..=299 if !is_page => Config::parse(&response.text().await.map_err(unreadable)?),
        200..=299 | 404 | 410 => Ok(Config::default()),
        status => Err(ConfigError::Unreadable(format!("the server answers with status {status}"))),
    }
}

/// The room that the address names, or the site's, or a fresh one, which is put into the address.
fn choose_room(config: &Config) -> Result<RoomId, ConfigError> {
    if let Some(room) = config::room_in_address(&page::hash())? {
        return Ok(room);
    }
    if let Some(room) = &config.room {
        return Ok(room.clone());
    }
    if page::is_local() {
        return Ok(RoomId::new(LOCAL_ROOM)?);
    }
    let room = config::unguessable_room(page::random());
    page::replace_hash(&format!("#/{room}"));
    Ok(room)
}

impl CallHandle {
    fn enter(self, room: RoomId) {
        self.address_error.set(None);
        if self.view.with_untracked(|view| view.room != room) {
            self.send(Command::Enter(room));
        }
    }
}
