//! Features of the page that are chunks: fetched when they may be needed soon, shown in their places once they are there.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallPhase, CallView, Door};

use super::screen::{Screen, Ui, not};
use super::{report, words};
use crate::chunk::NotLoaded;

/// What is a chunk, and has places in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Messages and reactions.
    Chat,
    /// Who is in the room, who may come in, who knocks.
    People,
}

/// Where in the page a feature shows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Above everything.
    Top,
    /// In the panel, before and after a call.
    Panel,
    /// In the panel, where the room is described.
    AboutRoom,
    /// Among the buttons of the call.
    Bar,
    /// Beside the call.
    Side,
}

/// Makes what a feature shows in a place. It is called within the place's reactive owner.
pub(super) type Build = fn(Ui, Place) -> AnyView;

/// The chunk of a feature, fetched.
pub(super) type Fetched = Pin<Box<dyn Future<Output = Result<Build, NotLoaded>>>>;

/// How far a feature has come.
#[derive(Debug, Clone, Copy, Default)]
pub enum Progress {
    /// Nobody needs it yet.
    #[default]
    Unasked,
    /// It was asked for.
    OnItsWay,
    /// It was asked for in vain.
    Missing,
    /// It can be shown.
    Here(fn(Ui, Place) -> AnyView),
}

/// How far each feature has come.
#[derive(Debug, Clone, Copy, Default)]
pub struct Features {
    chat: Progress,
    people: Progress,
}

impl Features {
    fn progress(&mut self, feature: Feature) -> &mut Progress {
        match feature {
            Feature::Chat => &mut self.chat,
            Feature::People => &mut self.people,
        }
    }
}

impl Feature {
    fn fetch(self) -> Fetched {
        match self {
            Self::Chat => super::talk::fetch(),
            Self::People => super::people::fetch(),
        }
    }

    fn progress(self, screen: &Screen) -> Progress {
        *{ screen.features }.progress(self)
    }

    /// Fetches it for somebody who waits for it, unless it is there or on its way.
    pub(super) fn load(self, ui: Ui) {
        if let Some(Progress::Unasked | Progress::Missing) = self.now(ui) {
            self.ask_for(ui);
        }
    }

    /// Fetches it for somebody who may want it. What did not come is asked for again by those who do.
    fn load_ahead(self, ui: Ui) {
        if let Some(Progress::Unasked) = self.now(ui) {
            self.ask_for(ui);
        }
    }

    /// How far it is. After the end of the app there is nobody to show it to.
    fn now(self, ui: Ui) -> Option<Progress> {
        ui.screen.try_with_untracked(|screen| self.progress(screen))
    }

    fn ask_for(self, ui: Ui) {
        let note = move |progress| ui.change(|screen| *screen.features.progress(self) = progress);
        note(Progress::OnItsWay);
        spawn_local(async move { note(self.fetch().await.map_or(Progress::Missing, Progress::Here)) });
    }
}

/// Fetches what may be needed soon, so that nobody has to wait for it.
pub(super) fn load_what_may_be_needed(ui: Ui, view: &CallView) {
    let is_alone = view.people.is_empty();
    if !is_alone {
        Feature::Chat.load_ahead(ui);
    }
    if matches!(view.call, CallPhase::Connecting { .. }) {
        report::load();
    }
    if !is_alone || view.door.is_ours || view.door.state != Door::Open {
        Feature::People.load_ahead(ui);
    }
}

/// A place where a feature shows something, from when it is there.
#[component]
pub(super) fn Slot(
    ui: Ui,
    feature: Feature,
    place: Place,
    /// Whether somebody waits for it: says so if it does not come.
    awaited: Memo<bool>,
    /// What does not come then, and the class of what stands there otherwise.
    missing: (&'static str, &'static str),
) -> impl IntoView {
    let progress = move || ui.screen.with(|screen| feature.progress(screen));
    let here = Memo::new(move |_| matches!(progress(), Progress::Here(_)));
    let is_missing = Memo::new(move |_| awaited.get() && matches!(progress(), Progress::Missing));
    let (what, class) = missing;
    view! {
        {move || {
            here.get();
            match ui.screen.with_untracked(|screen| feature.progress(screen)) {
                Progress::Here(build) => Some(build(ui, place)),
                _ => None,
            }
        }}
        <div class=class role="alert" data-missing="" hidden=not(is_missing)>
            <p>{words::not_loaded(what)}</p>
            <button on:click:capture=move |_| feature.load(ui)>"Try again"</button>
        </div>
    }
}
