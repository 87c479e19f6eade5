//! The call, as components see it.

use leptos::prelude::*;
use visavis_call::{
    CallPhase, CallView, Command, LocalMediaView, MeetingPointView, SeatView, Stage,
};
use visavis_protocol::id::PeerId;
use web_sys::MediaStream;

use crate::driver::{Audience, Driver, Setup};

/// The call: signals to read, commands to send. Lives in the reactive owner that made it, and closes everything
/// when that is cleaned up.
#[derive(Clone, Copy)]
pub struct CallHandle {
    driver: StoredValue<Driver, LocalStorage>,
    /// What there is to see.
    pub view: RwSignal<CallView>,
    /// Our own picture and sound.
    pub local: RwSignal<Option<MediaStream>, LocalStorage>,
    /// The others', in the order of their connections.
    pub remotes: RwSignal<Vec<(PeerId, MediaStream)>, LocalStorage>,
    /// What is wrong with an address that was followed; the call goes on in its room.
    pub address_error: RwSignal<Option<String>>,
}

impl CallHandle {
    /// Starts a driver, and stops it when the current reactive owner is cleaned up.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let view = RwSignal::new(CallView {
            room: setup.call.room.clone(),
            media: LocalMediaView::Off,
            meeting_point: MeetingPointView::Off,
            seat: SeatView::None,
            people: Vec::new(),
            call: CallPhase::Idle,
        });
        let local = RwSignal::new_local(None);
        let remotes = RwSignal::new_local(Vec::new());
        let driver = StoredValue::new_local(Driver::new(setup, Signals { view, local, remotes }));
        Self { driver, view, local, remotes, address_error: RwSignal::new(None) }
    }

    /// Asks for something.
    pub fn send(self, command: Command) {
        // After the end of the app there is nobody to ask.
        let _ = self.driver.try_with_value(|driver| driver.send(command));
    }

    /// A part of the view, which changes only when that part does. (A function pointer rather than a closure, so that
    /// the memo's code is in the bundle once for each type, not once for each use.)
    #[must_use]
    pub fn select<T: PartialEq + Send + Sync + 'static>(self, part: fn(&CallView) -> T) -> Memo<T> {
        Memo::new(move |_| self.view.with(part))
    }

    /// The screen to show.
    #[must_use]
    pub fn stage(self) -> Memo<Stage> {
        self.select(CallView::stage)
    }

    /// Whether something holds.
    #[must_use]
    pub fn when(self, condition: fn(&CallView) -> bool) -> Signal<bool> {
        self.select(condition).into()
    }

    /// Words that depend on the view.
    #[must_use]
    pub fn words(self, words: fn(&CallView) -> &'static str) -> Signal<&'static str> {
        self.select(words).into()
    }

    /// For a button.
    pub(super) fn sends(self, command: Command) -> Box<dyn Fn()> {
        Box::new(move || self.send(command.clone()))
    }
}

/// Turns what the driver tells into signals. After the app is unmounted they are gone, hence `try_`.
struct Signals {
    view: RwSignal<CallView>,
    local: RwSignal<Option<MediaStream>, LocalStorage>,
    remotes: RwSignal<Vec<(PeerId, MediaStream)>, LocalStorage>,
}

impl Audience for Signals {
    fn view(&self, view: CallView) {
        let _ = self.view.try_set(view);
    }

    fn local_stream(&self, stream: Option<MediaStream>) {
        let _ = self.local.try_set(stream);
    }

    fn remote_stream(&self, peer: &PeerId, stream: Option<MediaStream>) {
        let _ = self.remotes.try_update(|remotes| {
            remotes.retain(|(id, _)| id != peer);
            remotes.extend(stream.map(|stream| (peer.clone(), stream)));
        });
    }
}
