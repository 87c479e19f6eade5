//! What components hold of the call: the state to read, and a way to send commands.

use leptos::html;
use leptos::prelude::*;
use visavis_call::{CallView, Command, PersonView, RoomAddress};
use visavis_protocol::id::PeerId;
use web_sys::{HtmlElement, MediaStream};

use super::reactive::memo;
use super::state::{Addresses, PageState, Person, SidePanel, State};
use crate::browser::full_screen::FullScreen;
use crate::browser::preferences::Chosen;
use crate::browser::{media, page};
use crate::driver::{Driver, Setup, ViewSink};

/// Widths of videos are rounded up to multiples of this, so that not every pixel of an animation is reported.
const WIDTH_STEP: u32 = 32;

/// The highest pixel ratio that counts: nobody sees the pixels of denser screens.
const MAX_PIXEL_RATIO: f64 = 2.0;

/// The call, as components see it. It lives in the reactive owner that made it, and closes
/// everything when that is cleaned up.
#[derive(Debug, Clone, Copy)]
pub struct CallHandle {
    /// Everything that can be shown.
    pub state: State,
    /// The element of our own video.
    pub local_video: NodeRef<html::Video>,
    backend: StoredValue<Backend, LocalStorage>,
    /// What had the focus when the panel beside the call was opened.
    opener: StoredValue<Option<HtmlElement>, LocalStorage>,
}

/// Carries out what components ask for.
struct Backend {
    send: Box<dyn Fn(Command)>,
    /// `None`: the owner of `send` does everything, as in tests.
    driver: Option<Driver>,
}

impl CallHandle {
    /// Starts a call that is driven by what is sent, and stops it when the current reactive owner is cleaned
    /// up.
    #[must_use]
    pub fn start(setup: Setup, local_video: NodeRef<html::Video>) -> Self {
        let addresses = Addresses::by(setup.call.ice_transport_policy, setup.site_policy);
        let mut page = PageState::new(
            setup.call.pre_connection,
            addresses,
            FullScreen::now(),
            media::can_share(),
        );
        page.dialect = setup.dialect;
        let state = State::new(setup.call.room.clone(), page);
        let driver = Driver::new(setup, Sink(state));
        let send = {
            let driver = driver.clone();
            Box::new(move |command| driver.send(command))
        };
        let backend = Backend {
            send,
            driver: Some(driver),
        };
        Self::with_backend(state, local_video, backend)
    }

    /// Shows a state, and hands commands to a function.
    #[must_use]
    pub fn new(state: State, send: impl Fn(Command) + 'static) -> Self {
        let send = Box::new(send);
        Self::with_backend(state, NodeRef::new(), Backend { send, driver: None })
    }

    fn with_backend(state: State, local_video: NodeRef<html::Video>, backend: Backend) -> Self {
        Self {
            state,
            local_video,
            backend: StoredValue::new_local(backend),
            opener: StoredValue::new_local(None),
        }
    }

    /// Asks for something. After the end of the app, this does nothing.
    pub fn send(self, command: Command) {
        let _ = self.backend.try_with_value(|backend| (backend.send)(command));
    }

    /// How devices are opened from now on. One that is open is left as it is; see [`Command::Reopen`].
    pub(super) fn choose(self, chosen: Chosen) {
        let choose = |backend: &Backend| {
            if let Some(driver) = &backend.driver {
                driver.choose(chosen);
            }
        };
        let _ = self.backend.try_with_value(choose);
    }

    /// Goes to a room, unless it is the one where we are.
    pub fn enter(self, room: RoomAddress) {
        if self.state.call.with_untracked(|call| call.room != room) {
            self.send(Command::Enter(room));
        }
    }

    /// What the page knows about the call, to find out why it went wrong. It holds no name, no address and no
    /// room.
    pub(super) fn report(self) -> String {
        let report = |backend: &Backend| backend.driver.as_ref().map(Driver::report);
        self.backend.try_with_value(report).flatten().unwrap_or_default()
    }

    /// Something about the call.
    pub(super) fn select<T: PartialEq + Send + Sync + 'static>(self, of: fn(&CallView) -> T) -> Signal<T> {
        memo(move || self.state.call.with(of))
    }

    /// Something about somebody else; the default, once they are gone.
    pub(super) fn about<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        id: &PeerId,
        of: fn(&PersonView) -> T,
    ) -> Signal<T> {
        let id = id.clone();
        memo(move || {
            self.state
                .call
                .with(|call| call.person(&id).map(of).unwrap_or_default())
        })
    }

    /// Something about this page.
    pub(super) fn page<T: PartialEq + Send + Sync + 'static>(self, of: fn(&PageState) -> T) -> Signal<T> {
        memo(move || self.state.page.with(of))
    }

    /// Something about the call on this page.
    pub(super) fn select_with_page<T: PartialEq + Send + Sync + 'static>(
        self,
        of: fn(&CallView, &PageState) -> T,
    ) -> Signal<T> {
        memo(move || {
            self.state
                .call
                .with(|call| self.state.page.with(|page| of(call, page)))
        })
    }

    /// Opens a panel beside the call, in the place of the one that is open.
    pub(super) fn open(self, panel: SidePanel) {
        self.opener.set_value(page::focused());
        self.state.change(|page| page.panel = Some(panel));
        if panel == SidePanel::Chat {
            let chat = self.state.chat.get_untracked();
            self.state.change(|page| page.read_all(&chat));
        }
    }

    /// Closes the panel beside the call. The focus goes back to what has opened it.
    pub(super) fn close_panel(self) {
        self.state.change(|page| page.panel = None);
        if let Some(opener) = self.opener.try_update_value(Option::take).flatten() {
            // What is hidden by now refuses.
            let _ = opener.focus();
        }
    }

    /// Opens a panel, or closes it.
    pub(super) fn toggle(self, panel: SidePanel) {
        if self.state.page.with_untracked(|page| page.shows(panel)) {
            self.close_panel();
        } else {
            self.open(panel);
        }
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backend")
    }
}

/// Shows what the driver tells.
struct Sink(State);

impl ViewSink for Sink {
    fn view(&self, view: CallView) {
        // The app may have ended meanwhile.
        if !self.0.call.is_disposed() {
            self.0.follow(view);
        }
    }

    fn local_stream(&self, stream: Option<MediaStream>) {
        let _ = self.0.local_stream.try_set(stream);
    }

    fn remote_stream(&self, peer: &PeerId, stream: Option<MediaStream>) {
        if !self.0.call.is_disposed() {
            self.0.show_stream(peer, stream);
        }
    }

    fn shown(&self) -> Vec<(PeerId, u32)> {
        // The app may have ended meanwhile.
        if self.0.call.is_disposed() {
            return Vec::new();
        }
        shown(self.0)
    }
}

/// How wide the videos of those who take part are shown, in pixels of the screen; 0 if they can't be seen.
fn shown(state: State) -> Vec<(PeerId, u32)> {
    let density = page::window().device_pixel_ratio().min(MAX_PIXEL_RATIO);
    let seen = !page::is_hidden();
    let width = |person: &Person| {
        let video = person.video.get_value().filter(|_| seen);
        // Rounded: tiles glide, and not every step need be reported.
        let width = video.map_or(0, |video| video.client_width().unsigned_abs());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no screen is so wide"
        )]
        { (f64::from(width) * density) as u32 }.next_multiple_of(WIDTH_STEP)
    };
    state.call.with_untracked(|call| {
        let takes_part = |person: &&Person| call.person(&person.id).is_some_and(PersonView::takes_part);
        state.tiles.with_untracked(|tiles| {
            let seen = tiles.iter().filter(takes_part);
            seen.map(|person| (person.id.clone(), width(person))).collect()
        })
    })
}
