//! The app: reads the configuration, starts the call, shows the page.

use std::pin::Pin;

use gloo_events::EventListener;
use leptos::html;
use leptos::prelude::*;
use leptos::tachys::html::node_ref::NodeRefContainer;
use visavis_call::{
    CallConfig, Command, Entropy, InvalidAddress, MediaWish, RoomAddress, RouteChoice, SignalingView,
};
use visavis_protocol::id::SeatSecret;
use visavis_protocol::name::PersonName;

use crate::browser::full_screen::FullScreen;
use crate::browser::{early, page, session};
use crate::chunk::{NotLoaded, chunk};
use crate::config::{self, BY_HAND, Config, ConfigError};
use crate::driver::Setup;
use crate::fault;
use crate::signaling::{Connector, ThisBrowser};
use crate::site::{commons, connector, fetch_config};
use crate::ui::{
    CallHandle, LettersView, Page, by_hand, check, chosen_before, policy_chosen_before, remembered_name,
};
use crate::written;

/// What follows the `?` in the address of the check before a call.
const CHECK: &str = "?check";

chunk!(
    /// The check before a call.
    fn load_check: check -> fn() -> Check = || Box::pin(check::run())
);

chunk!(
    /// Calls without any server.
    fn load_by_hand: by_hand -> fn(&Config) -> by_hand::Begun = by_hand::begin
);

/// What runs until the page closes.
type Check = Pin<Box<dyn Future<Output = ()>>>;

/// Reads the configuration and shows the app in the page's body, until the page closes.
pub async fn run() {
    if page::query() == CHECK {
        return match load_check().await {
            Ok(run) => run().await,
            Err(error) => fault::show_not_loaded(error).await,
        };
    }
    if !page::has_webrtc() {
        return fault::show_no_calls().await;
    }
    match load().await {
        Ok((setup, letters)) => {
            let wish = early::wish();
            fault::clear();
            // It is there for as long as the page.
            let local_video = NodeRef::new();
            let show_app = move || {
                leptos::mount::mount_to_body(move || view! { <App setup local_video wish letters /> });
                local_video.get_untracked()
            };
            early::give_way(show_app, |video| local_video.load(video)).await;
        }
        Err(LoadError::Config(error)) => fault::show(&error).await,
        Err(LoadError::NotLoaded(error)) => fault::show_not_loaded(error).await,
    }
}

/// The whole app: a call, and the page that shows it. Unmounted, it closes everything.
#[component]
pub fn App(
    /// What the call is made with.
    setup: Setup,
    /// The element of our own video. index.html may have one that goes on.
    local_video: NodeRef<html::Video>,
    /// What the person asked for before the app was loaded.
    wish: Option<MediaWish>,
    /// What people carry to each other, where no server brings them together.
    letters: Option<LettersView>,
) -> impl IntoView {
    let call = CallHandle::start(setup, local_video);
    if let Some(wish) = wish {
        call.send(Command::GetMedia(wish));
    }
    let on_address = EventListener::new(&page::window(), "hashchange", move |_| follow_address(call));
    let on_full_screen = EventListener::new(&page::document(), FullScreen::CHANGE, move |_| {
        call.state.change(|page| page.full_screen = FullScreen::now());
    });
    // Until the end of the app.
    StoredValue::new_local([on_address, on_full_screen]);
    view! { <Page call letters /> }
}

/// The address was changed, by hand or by a link: goes where it says.
fn follow_address(call: CallHandle) {
    // The way to the others is chosen when the page begins.
    let is_by_hand = call
        .state
        .call
        .with_untracked(|call| call.signaling_route == SignalingView::ByHand);
    if is_by_hand != page::hash().starts_with(BY_HAND) {
        return page::reload();
    }
    if is_by_hand {
        return;
    }
    match config::room_in_address(&page::hash()) {
        Ok(room) => {
            call.state.change(|page| page.address_error = None);
            if let Some(room) = room {
                call.enter(room);
            }
        }
        Err(error) => call
            .state
            .change(|page| page.address_error = Some(error.to_string())),
    }
}

/// Why the app can't start.
enum LoadError {
    Config(ConfigError),
    NotLoaded(NotLoaded),
}

impl<E: Into<ConfigError>> From<E> for LoadError {
    fn from(error: E) -> Self {
        Self::Config(error.into())
    }
}

async fn load() -> Result<(Setup, Option<LettersView>), LoadError> {
    let config = fetch_config().await?;
    let (room, route, without_relay, letters) = way(&config).await?;
    // It is a valid one.
    let secret = SeatSecret::new(page::unguessable_name()).map_err(InvalidAddress::from)?;
    session::hold_seat(secret.as_str());
    let is_reload = session::was_reloaded();
    let mut replaces = predecessor(is_reload, session::kept(session::SEAT));
    if let Some(seat) = &replaces
        && session::is_seat_held(seat.as_str()).await
    {
        // That is the seat of the tab that this one was copied from.
        replaces = None;
    }
    let written = if is_reload {
        written::kept(&room.room())
    } else {
        Vec::new()
    };
    let site_policy = config.ice_transport_policy();
    let setup = Setup {
        site_policy,
        dialect: config.dialect,
        relay: connector(&config)?,
        without_relay,
        call: CallConfig {
            room,
            secret,
            name: early::name().map_or_else(remembered_name, |name| PersonName::new(&name)),
            replaces,
            written,
            route,
            pre_connection: chosen_before().unwrap_or(config.preparation()),
            ice_transport_policy: policy_chosen_before(site_policy),
            ice_servers: config.ice_servers,
            seed: u64::from_le_bytes(page::random()),
            entropy: Entropy(page::random()),
        },
        media: config.media,
    };
    Ok((setup, letters))
}

/// The room, which ways lead there, the one without a relay, and what people carry to each other for it: as
/// the address and the site say.
async fn way(
    config: &Config,
) -> Result<(RoomAddress, RouteChoice, Box<dyn Connector>, Option<LettersView>), LoadError> {
    if page::hash().starts_with(BY_HAND) {
        let begin = load_by_hand().await.map_err(LoadError::NotLoaded)?;
        let by_hand::Begun {
            room,
            connector,
            letters,
        } = begin(config);
        return Ok((room, RouteChoice::ByHand, connector, Some(letters)));
    }
    Ok((choose_room(config)?, config.route(), Box::new(ThisBrowser), None))
}

/// Whose seat this page takes over: that of the same tab before a reload. A copy of a tab has the same
/// storage, but is another person. See also [`session::is_seat_held`].
fn predecessor(was_reloaded: bool, before: Option<String>) -> Option<SeatSecret> {
    SeatSecret::new(before.filter(|_| was_reloaded)?).ok()
}

/// The room that the address names, or the site's, or a fresh one, which is put into the address.
fn choose_room(config: &Config) -> Result<RoomAddress, ConfigError> {
    if let Some(room) = config::room_in_address(&page::hash())? {
        return Ok(room);
    }
    // So that two tabs meet, or pages of other programs, which know no other room.
    if config.room.is_some() || page::is_local() || config.dialect.is_some() {
        return Ok(commons(config)?.into());
    }
    let room = page::fresh_room();
    page::replace_hash(&page::hash_of(&room));
    Ok(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_loaded_anew_takes_its_own_seat_over() {
        let before = || Some("5ec2e7".to_owned());
        assert_eq!(predecessor(true, before()), SeatSecret::new("5ec2e7").ok());
        assert_eq!(
            predecessor(false, before()),
            None,
            "a copy of a tab is somebody else"
        );
        assert_eq!(predecessor(true, None), None, "storage may be forbidden");
        assert_eq!(predecessor(true, Some("no secret".to_owned())), None);
    }
}
