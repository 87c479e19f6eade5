//! The one signal of the interface, and the way back.

use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::*;
use visavis_call::{
    CallPhase, CallView, Command, LocalMediaView, MeetingPointView, Preparation, SeatView, Time,
};
use visavis_protocol::id::{PeerId, RoomId};
use web_sys::MediaStream;

use super::words;
use crate::browser::page;
use crate::driver::{Audience, Driver, Setup};

/// Everything that the interface shows, but for the pictures.
#[derive(Debug, Clone)]
pub struct Screen {
    /// What the call has to show.
    pub view: CallView,
    /// The time, to the second while something on the screen counts seconds.
    pub now: Time,
    /// What is wrong with an address that was followed; the call goes on in its room.
    pub address_error: Option<String>,
    /// Whether the person wants to know more about the missing relay.
    pub explains_relay: bool,
    /// Whether the person goes on without a device that has stopped.
    pub goes_without: bool,
    /// What became of copying something.
    pub copying: Copying,
    /// Whether calls are prepared.
    pub preparation: Preparation,
    /// The report about the call, as it was when it was asked for.
    pub report: String,
    /// Whether the browser plays nothing before the person has clicked somewhere.
    pub silenced: bool,
}

/// What became of copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copying {
    /// Not asked for lately.
    Idle,
    /// The invite link is copied.
    Link,
    /// The report is copied.
    Report,
    /// The browser does not let pages copy: the text is selected, and the person can.
    ByHand,
}

/// The pictures and sounds.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams {
    pub(super) local: Option<MediaStream>,
    /// The others', in the order of their connections.
    pub(super) remotes: Vec<(PeerId, MediaStream)>,
}

/// The call, as components see it: a screen to read, commands to send. It lives in the reactive owner that made it,
/// and closes everything when that is cleaned up.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    driver: StoredValue<Driver, LocalStorage>,
    pub(super) screen: RwSignal<Screen>,
    pub(super) streams: RwSignal<Streams, LocalStorage>,
    /// Ends the feedback about copying.
    feedback: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Ui {
    /// Starts a driver, and stops it when the current reactive owner is cleaned up.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let screen = RwSignal::new(Screen {
            view: CallView {
                room: setup.call.room.clone(),
                media: LocalMediaView::Off,
                meeting_point: MeetingPointView::Off,
                seat: SeatView::None,
                people: Vec::new(),
                call: CallPhase::Idle,
                suspicion: None,
            },
            now: page::now(),
            address_error: None,
            explains_relay: false,
            goes_without: false,
            copying: Copying::Idle,
            preparation: setup.call.preparation,
            report: String::new(),
            silenced: false,
        });
        let streams = RwSignal::new_local(Streams::default());
        let driver = StoredValue::new_local(Driver::new(setup, Signals { screen, streams }));
        let ui = Self {
            driver,
            screen,
            streams,
            feedback: StoredValue::new_local(None),
        };
        ui.keep_time();
        ui
    }

    /// Asks for something.
    pub fn send(self, command: Command) {
        // After the end of the app there is nobody to ask.
        let _ = self.driver.try_with_value(|driver| driver.send(command));
    }

    /// What the page knows about the call, for whoever wants to know why it went wrong. It holds no name, no address
    /// and no room.
    #[must_use]
    pub fn report(self) -> String {
        self.driver.try_with_value(Driver::report).unwrap_or_default()
    }

    /// Whether something holds.
    #[must_use]
    pub fn when(self, condition: fn(&Screen) -> bool) -> Memo<bool> {
        Memo::new(move |_| self.screen.with(condition))
    }

    /// Words that depend on the screen.
    #[must_use]
    pub fn words(self, words: fn(&Screen) -> String) -> Memo<String> {
        Memo::new(move |_| self.screen.with(words))
    }

    /// Changes something on the screen. After the end of the app there is none.
    pub fn change(self, change: impl FnOnce(&mut Screen)) {
        let _ = self.screen.try_update(change);
    }

    /// Goes to a room, unless it is the one where we are.
    pub fn enter(self, room: RoomId) {
        if self.screen.with_untracked(|screen| screen.view.room != room) {
            self.send(Command::Enter(room));
        }
    }

    /// Keeps what will end the feedback about copying. After the end of the app there is none.
    pub(super) fn keep_feedback(self, end: Timeout) {
        let _ = self.feedback.try_set_value(Some(end));
    }

    /// For a button that sends a command.
    pub(super) fn sends(self, command: Command) -> Box<dyn Fn()> {
        Box::new(move || self.send(command.clone()))
    }

    /// Lets the clock tick while something on the screen counts seconds, and only then.
    fn keep_time(self) {
        let counts = self.when(|screen| {
            matches!(
                screen.view.call,
                CallPhase::Connecting { .. } | CallPhase::InCall { .. }
            ) || matches!(
                screen.view.meeting_point,
                MeetingPointView::Unreachable {
                    retry_at: Some(_),
                    ..
                }
            )
        });
        let clock = StoredValue::new_local(None::<Interval>);
        Effect::new(move || {
            let tick = move || self.change(|screen| screen.now = page::now());
            let runs = counts.get();
            if runs {
                tick();
            }
            clock.set_value(runs.then(|| Interval::new(1000, tick)));
        });
    }
}

/// Turns what the driver tells into signals. After the app is unmounted they are gone, hence `try_`.
struct Signals {
    screen: RwSignal<Screen>,
    streams: RwSignal<Streams, LocalStorage>,
}

impl Audience for Signals {
    fn view(&self, view: CallView) {
        let _ = self.screen.try_update(|screen| {
            screen.goes_without &= words::has_lost_device(&view);
            screen.view = view;
        });
    }

    fn local_stream(&self, stream: Option<MediaStream>) {
        let _ = self.streams.try_update(|streams| streams.local = stream);
    }

    fn remote_stream(&self, peer: &PeerId, stream: Option<MediaStream>) {
        let _ = self.streams.try_update(|streams| {
            streams.remotes.retain(|(id, _)| id != peer);
            streams
                .remotes
                .extend(stream.map(|stream| (peer.clone(), stream)));
        });
    }
}
