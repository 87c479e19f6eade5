//! Features of the page that are chunks: fetched when they may be needed soon, shown in their places once
//! they are there.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::chunk::NotLoaded;
use crate::ui::locale;
use crate::ui::reactive::memo;

/// Where in the page a feature shows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Place {
    /// Above everything.
    Top,
    /// Beside the name of the program.
    Header,
    /// In the banner.
    Banner,
    /// In the panel, before and after a call.
    Panel,
    /// In the panel, where the room is described.
    AboutRoom,
    /// Among the buttons of the call.
    Bar,
    /// Beside the call.
    Side,
    /// Where the others are seen.
    Others,
    /// On our own picture.
    OwnPicture,
}

/// Makes what a feature shows in a place. It is called within the place's reactive owner.
pub(in crate::ui) type Build = fn(Place) -> AnyView;

/// The chunk of a feature, fetched.
pub(in crate::ui) type Fetched = Pin<Box<dyn Future<Output = Result<Build, NotLoaded>>>>;

/// How far a feature has come.
#[derive(Debug, Clone, Copy)]
enum Progress {
    /// Nobody needs it yet.
    Unasked,
    /// It was asked for.
    OnItsWay,
    /// It was asked for in vain.
    Missing,
    /// It can be shown.
    Here(Build),
}

/// The chunk of a feature.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Chunk {
    progress: RwSignal<Progress>,
    fetch: fn() -> Fetched,
}

impl Chunk {
    /// One that nobody needs yet.
    pub(in crate::ui) fn new(fetch: fn() -> Fetched) -> Self {
        Self {
            progress: RwSignal::new(Progress::Unasked),
            fetch,
        }
    }

    /// Fetches it for somebody who waits for it, unless it is there or on its way.
    pub(in crate::ui) fn load(self) {
        if let Some(Progress::Unasked | Progress::Missing) = self.progress.try_get_untracked() {
            self.ask();
        }
    }

    /// Fetches it for somebody who may want it. What did not come is asked for again by those who do.
    pub(in crate::ui) fn load_ahead(self) {
        if let Some(Progress::Unasked) = self.progress.try_get_untracked() {
            self.ask();
        }
    }

    /// Whether it can be shown.
    pub(in crate::ui) fn is_here(self) -> bool {
        matches!(self.progress.get(), Progress::Here(_))
    }

    /// Whether it was asked for in vain.
    pub(in crate::ui) fn is_missing(self) -> bool {
        matches!(self.progress.get(), Progress::Missing)
    }

    fn ask(self) {
        self.progress.set(Progress::OnItsWay);
        spawn_local(async move {
            let progress = (self.fetch)().await.map_or(Progress::Missing, Progress::Here);
            // The app may have ended meanwhile.
            let _ = self.progress.try_set(progress);
        });
    }
}

/// A place where a feature shows something, from when it is there.
#[component]
pub(in crate::ui) fn Lazy(
    chunk: Chunk,
    place: Place,
    /// Whether somebody waits for it here: says so if it does not come.
    #[prop(into, optional)]
    awaited: Signal<bool>,
    /// What does not come then.
    #[prop(optional)]
    what: &'static str,
    /// The class of what stands there otherwise.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let is_there = memo(move || !(awaited.get() && chunk.is_missing()));
    view! {
        {move || match chunk.progress.get() {
            Progress::Here(build) => Some(build(place)),
            _ => None,
        }}
        <div class=class role="alert" data-missing="" hidden=is_there>
            <p>{locale::not_loaded(what)}</p>
            <button on:click=move |_| chunk.load()>"Try again"</button>
        </div>
    }
}
