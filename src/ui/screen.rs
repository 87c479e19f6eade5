//! The one signal of the interface, and the way back.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::*;
use visavis_call::{
    CallPhase, CallView, Command, DoorView, LocalMediaView, MeetingPointView, Preparation, Remark, SeatView,
    Stage, TalkView, Time,
};
use visavis_protocol::id::{PeerId, RoomId};
use web_sys::MediaStream;

use super::as_needed::AsNeeded;
use super::feature::{self, Features};
use super::pictures::{self, OnSilenced, Pictures, Places};
use super::self_view::SelfView;
use super::words;
use crate::browser::full_screen::FullScreen;
use crate::browser::ring::{Ring, Sound};
use crate::browser::{media, page};
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
    /// How far features have come that are loaded on use.
    pub features: Features,
    /// Whether the browser plays nothing before the person has clicked somewhere.
    pub silenced: bool,
    /// Who has which tile.
    pub places: Places,
    /// Whose picture is the large one.
    pub pinned: Option<PeerId>,
    /// Whether the host wants to see during a call who is in the room.
    pub manages: bool,
    /// About whom the host wants to decide something.
    pub picked: Option<PeerId>,
    /// When the host has last answered somebody who knocked.
    pub answered: Time,
    /// Where our own picture is.
    pub self_view: SelfView,
    /// Whether this browser can show a screen to others.
    pub can_share: bool,
    /// Whether the page has the whole screen.
    pub full_screen: FullScreen,
    /// Whether what is written is shown.
    pub talks: bool,
    /// The last that was written and seen.
    pub last_read: u64,
}

impl Screen {
    /// What somebody begins to show of their screen is large, until they stop.
    fn enlarge_screens(&mut self, next: &CallView) {
        let shown_by =
            |view: &CallView, id: &PeerId| view.people.iter().any(|person| person.id == *id && person.screen);
        let was_shown = |id: &PeerId| shown_by(&self.view, id);
        let begins = next
            .people
            .iter()
            .find(|person| person.screen && !was_shown(&person.id));
        let is_over = self
            .pinned
            .as_ref()
            .is_some_and(|id| was_shown(id) && !shown_by(next, id));
        if let Some(person) = begins {
            self.pinned = Some(person.id.clone()).filter(|_| self.places.count() > 1);
        } else if is_over {
            self.pinned = None;
        }
    }

    /// What others have written, and was not seen yet.
    pub(super) fn unread(&self) -> impl Iterator<Item = &Remark> {
        let is_new = |remark: &&Remark| remark.from.is_some() && remark.id > self.last_read;
        self.view.talk.remarks.iter().filter(is_new)
    }

    pub(super) fn read_all(&mut self) {
        let ids = self.view.talk.remarks.iter().map(|remark| remark.id);
        self.last_read = ids.max().unwrap_or(self.last_read);
    }
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
    /// The part of the program that makes reports has not come.
    NoReport,
    /// The browser does not let pages copy: the text is selected, and the person can.
    ByHand,
}

/// The call, as components see it: a screen to read, commands to send. It lives in the reactive owner that made it,
/// and closes everything when that is cleaned up.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    kept: StoredValue<Kept, LocalStorage>,
    pub(super) screen: RwSignal<Screen, LocalStorage>,
}

/// What must end with the app.
struct Kept {
    /// `None` only while it is being made: what it tells goes to the `Ui` that keeps it.
    driver: Option<Driver>,
    /// Follows what the browser around the page does.
    following: Vec<EventListener>,
    /// Ends the feedback about copying.
    feedback: Option<Timeout>,
}

impl Ui {
    /// Starts a driver, and stops it when the current reactive owner is cleaned up.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let screen = RwSignal::new_local(Screen {
            view: CallView {
                room: setup.call.room.clone(),
                media: LocalMediaView::Off,
                meeting_point: MeetingPointView::Off,
                seat: SeatView::None,
                door: DoorView::default(),
                people: Vec::new(),
                call: CallPhase::Idle,
                kind: None,
                suspicion: None,
                talk: TalkView::default(),
            },
            now: page::now(),
            address_error: None,
            explains_relay: false,
            goes_without: false,
            copying: Copying::Idle,
            preparation: setup.call.preparation,
            report: String::new(),
            features: Features::default(),
            silenced: false,
            places: Places::default(),
            pinned: None,
            manages: false,
            picked: None,
            answered: Time(0),
            self_view: SelfView::default(),
            can_share: media::can_share(),
            full_screen: FullScreen::now(),
            talks: false,
            last_read: 0,
        });
        let kept = StoredValue::new_local(Kept {
            driver: None,
            following: Vec::new(),
            feedback: None,
        });
        let ui = Self { kept, screen };
        let driver = Driver::new(setup, Signals::new(ui));
        kept.update_value(|kept| kept.driver = Some(driver));
        ui
    }

    /// Asks for something.
    pub fn send(self, command: Command) {
        // After the end of the app there is nobody to ask.
        let _ = self.kept.try_with_value(|kept| {
            if let Some(driver) = &kept.driver {
                driver.send(command);
            }
        });
    }

    /// What the page knows about the call, for whoever wants to know why it went wrong. It holds no name, no address
    /// and no room.
    #[must_use]
    pub fn report_text(self) -> String {
        self.kept
            .try_with_value(|kept| Some(kept.driver.as_ref()?.report()))
            .flatten()
            .unwrap_or_default()
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

    /// Keeps what follows the browser around the page, such as its address bar, until the end of the app.
    pub fn keep_following(self, listener: EventListener) {
        let _ = self.kept.try_update_value(|kept| kept.following.push(listener));
    }

    /// Keeps what will end the feedback about copying. After the end of the app there is none.
    pub(super) fn keep_feedback(self, end: Timeout) {
        let _ = self.kept.try_update_value(|kept| kept.feedback = Some(end));
    }

    /// Notes whether the browser plays nothing.
    pub(super) fn on_silenced(self) -> OnSilenced {
        Rc::new(move |silenced| self.change(|screen| screen.silenced = silenced))
    }

    /// For a button that sends a command.
    pub(super) fn sends(self, command: Command) -> Box<dyn Fn()> {
        Box::new(move || self.send(command.clone()))
    }
}

/// Shows what the driver tells. After the app is unmounted the signal is gone, hence `try_`.
struct Signals {
    ui: Ui,
    as_needed: RefCell<AsNeeded>,
    pictures: RefCell<Pictures>,
    /// Ticks while something on the screen counts seconds, and only then.
    clock: RefCell<Option<Interval>>,
    /// Sounds while somebody calls, or so many knock.
    ring: RefCell<Option<(Sound, usize, Ring)>>,
}

impl Signals {
    fn new(ui: Ui) -> Self {
        Self {
            ui,
            as_needed: RefCell::new(AsNeeded::new()),
            pictures: RefCell::default(),
            clock: RefCell::default(),
            ring: RefCell::default(),
        }
    }

    /// Rings for as long as somebody calls, and sounds for each who knocks.
    fn ring(&self, view: &CallView) {
        let knocking = view.door.knocking.len();
        let wanted = if view.stage() == Stage::Ringing {
            words::calling_title(view).map(|title| (title, Sound::Call, 1))
        } else {
            words::knocking_title(view).map(|title| (title, Sound::Knock, knocking))
        };
        let mut ring = self.ring.borrow_mut();
        let Some((title, sound, count)) = wanted else {
            *ring = None;
            return;
        };
        match &mut *ring {
            Some((playing, known, _)) if *playing == sound && count <= *known => *known = count,
            _ => {
                // Only one at a time has the title.
                drop(ring.take());
                *ring = Some((sound, count, Ring::start(title, sound)));
            }
        }
    }

    fn arrange(&self) {
        let on_silenced = self.ui.on_silenced();
        let mut pictures = self.pictures.borrow_mut();
        let _ = self
            .ui
            .screen
            .try_with_untracked(|screen| pictures.arrange(&screen.view, &screen.places, &on_silenced));
    }

    fn keep_time(&self, counts: bool) {
        let screen = self.ui.screen;
        let tick = move || {
            let _ = screen.try_update(|screen| screen.now = page::now());
        };
        let mut clock = self.clock.borrow_mut();
        if counts && clock.is_none() {
            tick();
            *clock = Some(Interval::new(1000, tick));
        } else if !counts {
            *clock = None;
        }
    }
}

impl Audience for Signals {
    fn view(&self, view: CallView) {
        let counts = counts_seconds(&view);
        let others = view.people.len();
        self.ring(&view);
        feature::load_what_may_be_needed(self.ui, &view);
        let _ = self.ui.screen.try_update(|screen| {
            screen.goes_without &= words::has_lost_device(&view);
            screen.places.follow(&view);
            // Beside nobody, nobody is large.
            let pinned = screen.pinned.take();
            screen.pinned = pinned.filter(|person| screen.places.has(person) && screen.places.count() > 1);
            screen.enlarge_screens(&view);
            screen.view = view;
            if screen.talks {
                screen.read_all();
            }
        });
        self.keep_time(counts);
        self.as_needed.borrow_mut().make(self.ui, others);
        self.arrange();
    }

    fn local_stream(&self, stream: Option<MediaStream>) {
        pictures::show_local(stream.as_ref());
    }

    fn shown(&self) -> Vec<(PeerId, u32)> {
        self.ui
            .screen
            .try_with_untracked(|screen| pictures::shown(&screen.places))
            .unwrap_or_default()
    }

    fn remote_stream(&self, peer: &PeerId, stream: Option<MediaStream>) {
        self.pictures.borrow_mut().change(peer, stream);
        self.arrange();
    }
}

/// The opposite. Attributes take this rather than a closure, of which each is another kind to the compiler.
pub(super) fn not(memo: Memo<bool>) -> Memo<bool> {
    Memo::new(move |_| !memo.get())
}

/// Whether something that is shown counts seconds.
fn counts_seconds(view: &CallView) -> bool {
    let in_call = matches!(view.call, CallPhase::Connecting { .. } | CallPhase::InCall { .. });
    let retries = matches!(
        view.meeting_point,
        MeetingPointView::Unreachable {
            retry_at: Some(_),
            ..
        }
    );
    in_call || retries
}
