//! Everything that the page shows, as signals. Each changes only when its own value does, so that a level
//! meter or a clock updates only itself.

mod notice;
mod tiles;

pub(super) use notice::Notice;
pub(super) use tiles::MOST as MOST_TILES;

use leptos::prelude::*;
use leptos::reactive::graph::Source;
use visavis_call::{
    CallView, ChatMessage, ChatView, IceTransportPolicy, PersonView, PreConnection, Quality, RoomAddress,
    Time,
};
use visavis_gateway::Dialect;
use visavis_protocol::id::PeerId;
use web_sys::{HtmlVideoElement, MediaStream};

use crate::browser::full_screen::FullScreen;

/// Everything that components show.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// The call, without what has a signal of its own: the chat, and how people are heard and received.
    pub call: RwSignal<CallView>,
    /// The chat.
    pub chat: RwSignal<ChatView>,
    /// The others, in the order of their arrival.
    pub people: RwSignal<Vec<Person>, LocalStorage>,
    /// Those of them who have a tile, in the order of the tiles.
    pub tiles: RwSignal<Vec<Person>, LocalStorage>,
    /// Our own video and audio.
    pub local_stream: RwSignal<Option<MediaStream>, LocalStorage>,
    /// The time, to the second while something that is shown counts seconds.
    pub now: RwSignal<Time>,
    /// What concerns this page alone.
    pub page: RwSignal<PageState>,
}

impl State {
    /// Before anything has happened.
    #[must_use]
    pub fn new(room: RoomAddress, page: PageState) -> Self {
        Self {
            call: RwSignal::new(CallView::new(room)),
            chat: RwSignal::new(ChatView::default()),
            people: RwSignal::new_local(Vec::new()),
            tiles: RwSignal::new_local(Vec::new()),
            local_stream: RwSignal::new_local(None),
            now: RwSignal::new(Time(0)),
            page: RwSignal::new(page),
        }
    }

    /// Shows a new view of the call.
    pub fn follow(self, mut view: CallView) {
        let chat = std::mem::take(&mut view.chat);
        self.follow_people(&mut view.people);
        let before = self.call.get_untracked();
        self.change(|page| page.follow(&before, &view, &chat));
        set(self.chat, chat);
        set(self.call, view);
    }

    /// Changes something about this page. After the end of the app, this does nothing.
    pub fn change(self, change: impl FnOnce(&mut PageState)) {
        let Some(mut page) = self.page.try_get_untracked() else {
            return;
        };
        change(&mut page);
        set(self.page, page);
    }

    /// Somebody's video and audio are there, or gone.
    pub fn show_stream(self, peer: &PeerId, stream: Option<MediaStream>) {
        let person = self.people.with_untracked(|people| find(people, peer));
        if let Some(person) = person {
            person.stream.set(stream);
        }
    }

    fn follow_people(self, views: &mut [PersonView]) {
        let known = self.people.get_untracked();
        let mut people = Vec::with_capacity(views.len());
        for view in views.iter_mut() {
            let received = Received {
                speaks: std::mem::take(&mut view.speaks),
                quality: view.quality.take(),
            };
            let person = find(&known, &view.id).unwrap_or_else(|| Person::new(view.id.clone()));
            if person.received.with_untracked(|known| *known != received) {
                person.received.set(received);
            }
            people.push(person);
        }
        let shown: Vec<_> = self
            .tiles
            .with_untracked(|tiles| tiles.iter().map(|person| person.id.clone()).collect());
        let tiles = tiles::arrange(&shown, views);
        let tiles = tiles.iter().filter_map(|id| find(&people, id)).collect();
        let somebody_left = known.iter().any(|person| find(&people, &person.id).is_none());
        set_people(self.tiles, tiles);
        set_people(self.people, people);
        if somebody_left {
            // What showed them is gone.
            tell(self.page);
            tell(self.now);
        }
    }
}

/// Somebody else. Everything else that is known of them is in [`State::call`].
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is.
    pub id: PeerId,
    /// How they are heard and received.
    pub received: ArcRwSignal<Received>,
    /// Their video and audio.
    pub stream: ArcRwSignal<Option<MediaStream>>,
    /// The element that shows it, while there is one.
    pub video: ArcStoredValue<Option<HtmlVideoElement>>,
}

/// How somebody is heard and received. It changes all the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Whether they speak.
    pub speaks: bool,
    /// How well they are received, once it is known.
    pub quality: Option<Quality>,
}

impl Person {
    fn new(id: PeerId) -> Self {
        Self {
            id,
            received: ArcRwSignal::new(Received::default()),
            stream: ArcRwSignal::new(None),
            video: ArcStoredValue::new(None),
        }
    }
}

/// What concerns this page alone, and nobody else in the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageState {
    /// What is wrong with an address that was followed; the call goes on in its room.
    pub address_error: Option<String>,
    /// Whether the person wants to know more about the missing relay.
    pub explains_relay: bool,
    /// Whether the person goes on without a device that has stopped.
    pub goes_without: bool,
    /// Whether browsers connect before a call.
    pub instant_calls: PreConnection,
    /// Who may see our network address in a call.
    pub addresses: Addresses,
    /// Whether the browser refuses to play audio until the person clicks somewhere.
    pub silenced: bool,
    /// Whose video is the large one.
    pub pinned: Option<PeerId>,
    /// What is open beside the call.
    pub panel: Option<SidePanel>,
    /// About whom the host wants to decide something.
    pub picked: Option<PeerId>,
    /// Where our own video is during a call.
    pub self_view: SelfView,
    /// Whether the page has the whole screen.
    pub full_screen: FullScreen,
    /// Whether this browser can show a screen to others.
    pub can_share: bool,
    /// The last message that was seen.
    pub last_read: u64,
    /// What is wanted of the report about the call.
    pub report: Option<ReportUse>,
    /// Whether it is shown who can see what.
    pub shows_sights: bool,
    /// What the server speaks, if it is that of another program.
    pub dialect: Option<Dialect>,
    /// Which part of the settings is open.
    pub settings: Option<SettingsTab>,
    /// The speaker that the others are heard from, by id; empty: the system's choice.
    pub speaker: String,
    /// Whether this is a phone with another camera to turn to, and whether that is wanted.
    pub flip: Option<bool>,
}

/// A part of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsTab {
    /// Microphone and speaker.
    Audio,
    /// The camera.
    Video,
}

impl SettingsTab {
    pub(super) const ALL: [Self; 2] = [Self::Audio, Self::Video];

    /// The id of its tab.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Audio => "audio-settings",
            Self::Video => "video-settings",
        }
    }
}

/// Whether the people in a call with us may see our network address, and who has decided that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addresses {
    /// They may.
    Shown,
    /// They may not.
    Hidden,
    /// Nobody may on this site.
    HiddenBySite,
}

impl Addresses {
    /// By the policy of calls, and that of the site.
    #[must_use]
    pub fn by(policy: IceTransportPolicy, site: IceTransportPolicy) -> Self {
        match (policy, site) {
            (_, IceTransportPolicy::Relay) => Self::HiddenBySite,
            (IceTransportPolicy::Relay, _) => Self::Hidden,
            (IceTransportPolicy::All, _) => Self::Shown,
        }
    }

    /// The policy of calls.
    pub(super) fn policy(self) -> IceTransportPolicy {
        match self {
            Self::Shown => IceTransportPolicy::All,
            Self::Hidden | Self::HiddenBySite => IceTransportPolicy::Relay,
        }
    }
}

/// What a report is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportUse {
    /// To be passed on.
    Copy,
    /// To be read before that.
    Read,
}

/// What can be open beside a call: one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SidePanel {
    /// The messages.
    Chat,
    /// Who is in the room, for its host.
    People,
}

/// Where our own video is during a call. Before and after, it has a place of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SelfView {
    /// Where it is, or would be.
    pub corner: Corner,
    /// Whether we don't want to see it. The others do.
    pub hidden: bool,
}

/// A corner of the stage. At first, and where most other programs have it: at the bottom right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Corner {
    /// At the top, not at the bottom.
    pub top: bool,
    /// At the left, not at the right.
    pub left: bool,
}

impl PageState {
    /// A page that was just loaded.
    #[must_use]
    pub fn new(
        instant_calls: PreConnection,
        addresses: Addresses,
        full_screen: FullScreen,
        can_share: bool,
    ) -> Self {
        Self {
            address_error: None,
            explains_relay: false,
            goes_without: false,
            instant_calls,
            addresses,
            silenced: false,
            pinned: None,
            panel: None,
            picked: None,
            self_view: SelfView::default(),
            full_screen,
            can_share,
            last_read: 0,
            report: None,
            shows_sights: false,
            dialect: None,
            settings: None,
            speaker: String::new(),
            flip: None,
        }
    }

    /// Whether this is what is open beside the call.
    #[must_use]
    pub fn shows(&self, panel: SidePanel) -> bool {
        self.panel == Some(panel)
    }

    /// Makes somebody's video the large one, or no longer.
    pub(super) fn pin(&mut self, id: &PeerId) {
        self.pinned = other_than(self.pinned.as_ref(), id);
    }

    /// Asks what can be done about somebody, or no longer.
    pub(super) fn pick(&mut self, id: &PeerId) {
        self.picked = other_than(self.picked.as_ref(), id);
    }

    /// Messages of others that were not seen yet.
    pub(super) fn unread<'a>(
        &self,
        chat: &'a ChatView,
    ) -> impl DoubleEndedIterator<Item = &'a ChatMessage> + use<'a> {
        let last = self.last_read;
        let messages = chat.messages.iter().map(AsRef::as_ref);
        messages.filter(move |message| message.from.is_some() && message.id > last)
    }

    pub(super) fn read_all(&mut self, chat: &ChatView) {
        let ids = chat.messages.iter().map(|message| message.id);
        self.last_read = ids.max().unwrap_or_default().max(self.last_read);
    }

    fn follow(&mut self, before: &CallView, view: &CallView, chat: &ChatView) {
        // That was said of those which were lost by then.
        let (lost_before, lost) = (before.lost_devices(), view.lost_devices());
        let is_new = lost.iter().zip(lost_before).any(|(now, before)| *now && !before);
        self.goes_without &= lost.contains(&true) && !is_new;
        self.follow_screens(before, view);
        self.picked = self.picked.take().filter(|id| view.person(id).is_some());
        if self.shows(SidePanel::Chat) {
            self.read_all(chat);
        }
    }

    /// A screen that somebody begins to share becomes large, until they stop. With only one other person,
    /// nobody is large.
    fn follow_screens(&mut self, before: &CallView, view: &CallView) {
        let shown_by = |view: &CallView, id: &PeerId| view.person(id).is_some_and(|person| person.screen);
        let begins = view
            .people
            .iter()
            .find(|person| person.screen && !shown_by(before, &person.id));
        let has_ended = |id: &PeerId| shown_by(before, id) && !shown_by(view, id);
        if let Some(person) = begins {
            self.pinned = Some(person.id.clone());
        }
        let takes_part = |id: &PeerId| view.person(id).is_some_and(PersonView::takes_part);
        let is_one_of_several = view.people.iter().filter(|person| person.takes_part()).count() > 1;
        let stays = |id: &PeerId| is_one_of_several && takes_part(id) && !has_ended(id);
        self.pinned = self.pinned.take().filter(stays);
    }
}

/// This one, unless they are chosen already: then nobody.
fn other_than(chosen: Option<&PeerId>, id: &PeerId) -> Option<PeerId> {
    (chosen != Some(id)).then(|| id.clone())
}

fn find(people: &[Person], id: &PeerId) -> Option<Person> {
    people.iter().find(|person| person.id == *id).cloned()
}

fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|old| *old != value) == Some(true) {
        let _ = signal.try_update_untracked(|old| *old = value);
        tell(signal);
    }
}

fn set_people(signal: RwSignal<Vec<Person>, LocalStorage>, people: Vec<Person>) {
    let ids = |people: &[Person]| -> Vec<_> { people.iter().map(|person| person.id.clone()).collect() };
    if signal.with_untracked(|old| ids(old) != ids(&people)) {
        let _ = signal.try_update_untracked(|old| *old = people);
        tell(signal);
    }
}

/// Tells those who listen to a signal that it has changed, and forgets them: those that still exist subscribe
/// again when they read it. A signal by itself never forgets subscribers, and keeps the memory of memos that
/// are long gone (`reactive_graph`, `mark_subscribers_check`).
fn tell(signal: impl Notify + Source) {
    signal.notify();
    signal.clear_subscribers();
}

#[cfg(test)]
mod tests;
