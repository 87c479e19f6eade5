//! Somebody else's picture.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallView, PersonState, PersonView, Quality, Safety};
use visavis_protocol::id::PeerId;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream};

use crate::browser::video::FirstFrame;
use crate::browser::{exception, speaker, timing};
use crate::ui::components::{Button, Icon, Kind, Svg};
use crate::ui::context::use_call;
use crate::ui::locale;
use crate::ui::reactive::{effect, memo, not};
use crate::ui::state::{Person, Received, State};

/// The tile of somebody who is in the room. It is made before they take part in a call, so that their picture
/// is there when it begins.
#[component]
pub(super) fn RemoteTile(person: Person) -> impl IntoView {
    let call = use_call();
    let state = call.state;
    let video = NodeRef::<html::Video>::new();
    play_in(video, &person, state);

    // An upright tile shows a wide video whole, and fills itself with it after a tap.
    let is_wide = RwSignal::new(false);
    let fills = RwSignal::new(false);
    let note_shape = move |_| {
        let video = video.get_untracked();
        is_wide.set(video.is_some_and(|video| video.video_width() > video.video_height()));
    };

    let Person { id, received, .. } = person;
    let when = |holds: fn(&PersonView) -> bool| call.about(&id, holds);
    let words = |words: fn(&PersonView) -> String| call.about(&id, words);
    let name = |name: &'static str| {
        let id = id.clone();
        memo(move || {
            let number = state
                .tiles
                .with(|tiles| state.call.with(|call| number(&id, tiles, call)));
            numbered(name, number)
        })
    };
    let class = {
        let (id, received) = (id.clone(), received.clone());
        memo(move || {
            let known = state.call.with(|call| call.person(&id).map(class));
            let is_pinned = state.page.with(|page| page.pinned.as_ref() == Some(&id));
            let pinned = if is_pinned { " pinned" } else { "" };
            let wide = if is_wide.get() { " wide" } else { "" };
            let fills = if fills.get() { " fills" } else { "" };
            known.unwrap_or_default() + pinned + received_class(received.get()) + wide + fills
        })
    };
    let caption = {
        let id = id.clone();
        memo(move || {
            state
                .call
                .with(|call| locale::caption(call.person(&id), call, || state.now.get()))
        })
    };
    let is_there = {
        let id = id.clone();
        memo(move || {
            !state
                .call
                .with(|call| call.person(&id).is_some_and(|person| reconnects(person, call)))
        })
    };
    let pin = {
        let id = id.clone();
        memo(move || {
            let is_pinned = state.page.with(|page| page.pinned.as_ref() == Some(&id));
            let words = |person: &PersonView| locale::pin(person, is_pinned);
            state
                .call
                .with(|call| call.person(&id).map(words).unwrap_or_default())
        })
    };
    let quality = memo(move || locale::quality(received.get().quality).to_owned());
    view! {
        <div class=class hidden=not(when(PersonView::takes_part))>
            <video
                id=name("remote-video")
                aria-label=words(locale::label)
                autoplay
                playsinline
                prop:muted=when(|person| person.blocked)
                node_ref=video
                on:resize=note_shape
                on:click=move |_| fills.update(|fills| *fills = !*fills)
            ></video>
            <div class="placeholder">
                <Svg icon=Icon::PERSON />
                <p class="caption" prop:textContent=caption></p>
            </div>
            <div class="badges" role="status">
                <p class="badge" prop:textContent=words(locale::name)></p>
                <Badge icon=Icon::VERIFIED words=locale::safety::VERIFIED hidden=not(when(is_verified)) />
                <p class="badge alarm" prop:textContent=words(locale::safety::alarm)></p>
                <Badge icon=Icon::MICROPHONE_OFF words=locale::MUTED hidden=not(when(is_muted)) />
                <Badge icon=Icon::SCREEN words=locale::SHARES hidden=not(when(|person| person.screen)) />
                <p class="badge late" hidden=is_there>
                    {locale::PAGE_RECONNECTS}
                </p>
                <Badge icon=Icon::HAND words=locale::HAND_IS_UP hidden=not(when(|person| person.hand)) />
                <p class="badge reaction" prop:textContent=words(locale::reacts)></p>
            </div>
            <p class="quality" prop:textContent=quality></p>
            <Button
                id=name("pin")
                kind=Kind::Round
                icon=Icon::PIN
                label=pin
                on_click={
                    let id = id.clone();
                    move || state.change(|page| page.pin(&id))
                }
            />
        </div>
    }
}

/// What stands where somebody else's picture will be while nobody else is there.
#[component]
pub(super) fn EmptyTile() -> impl IntoView {
    let state = use_call().state;
    let caption = memo(move || {
        state
            .call
            .with(|call| locale::caption(None, call, || state.now.get()))
    });
    view! {
        <div class="tile remote off">
            <video id="remote-video" autoplay=true playsinline=true></video>
            <div class="placeholder">
                <Svg icon=Icon::PERSON />
                <p class="caption" prop:textContent=caption></p>
            </div>
        </div>
    }
}

/// A sign on a picture, with words for screen readers.
#[component]
pub(super) fn Badge(icon: Icon, words: &'static str, #[prop(into)] hidden: Signal<bool>) -> impl IntoView {
    view! {
        <p class="badge" hidden=hidden>
            <Svg icon />
            <span class="visually-hidden">{words}</span>
        </p>
    }
}

/// Which tile somebody's is: those who are seen come first.
fn number(id: &PeerId, tiles: &[Person], call: &CallView) -> usize {
    let takes_part = |id: &PeerId| call.person(id).is_some_and(PersonView::takes_part);
    let own = takes_part(id);
    let before = tiles.iter().take_while(|person| person.id != *id);
    let same = before.filter(|person| takes_part(&person.id) == own).count();
    let seen = tiles
        .iter()
        .filter(|person| !own && takes_part(&person.id))
        .count();
    seen + same
}

/// The first has the bare name; the second is number 2.
fn numbered(name: &str, number: usize) -> String {
    match number {
        0 => name.to_owned(),
        _ => format!("{name}-{}", number + 1),
    }
}

fn class(person: &PersonView) -> String {
    // What was seen last stays, dimmed, while the connection is silent.
    let has_picture = person.camera
        && (person.state == PersonState::Interrupted
            || person.state == PersonState::Connected && person.video);
    [
        ("tile remote", true),
        (" off", !has_picture),
        (" interrupted", person.state == PersonState::Interrupted),
        (" shared", person.screen),
    ]
    .into_iter()
    .filter_map(|(class, holds)| holds.then_some(class))
    .collect()
}

fn received_class(Received { speaks, quality }: Received) -> &'static str {
    match (quality, speaks) {
        (Some(Quality::Fair), true) => " fair speaking",
        (Some(Quality::Fair), false) => " fair",
        (Some(Quality::Poor), true) => " poor speaking",
        (Some(Quality::Poor), false) => " poor",
        (Some(Quality::Good) | None, true) => " speaking",
        (Some(Quality::Good) | None, false) => "",
    }
}

fn is_muted(person: &PersonView) -> bool {
    person.state == PersonState::Connected && !person.microphone
}

fn is_verified(person: &PersonView) -> bool {
    matches!(person.safety, Safety::Verified(_))
}

fn reconnects(person: &PersonView, call: &CallView) -> bool {
    person.state == PersonState::Connected && locale::seems_away(call, person)
}

// ── What plays in it ───────────────────────────────────────────────────────────────────────────────────────

/// Plays somebody's stream in an element, from when both are there.
fn play_in(video: NodeRef<html::Video>, person: &Person, state: State) {
    let (stream, element) = (person.stream.clone(), person.video.clone());
    let mut playing = None;
    effect(move || {
        let Some(video) = video.get() else { return };
        let playing = playing.get_or_insert_with(|| Playing::new(&video, &element));
        playing.show(stream.get().as_ref(), state);
    });
    let speaker = memo(move || state.page.with(|page| page.speaker.clone()));
    effect(move || {
        let (Some(video), speaker) = (video.get(), speaker.get()) else {
            return;
        };
        spawn_local(async move { speaker::play_through(&video, &speaker).await });
    });
}

/// An element that plays a stream. Dropped, it plays no longer: an element that is out of the page would.
struct Playing {
    video: HtmlVideoElement,
    /// Where others find it.
    element: ArcStoredValue<Option<HtmlVideoElement>>,
    first_frame: Option<FirstFrame>,
}

impl Playing {
    fn new(video: &HtmlVideoElement, element: &ArcStoredValue<Option<HtmlVideoElement>>) -> Self {
        element.set_value(Some(video.clone()));
        Self {
            video: video.clone(),
            element: element.clone(),
            first_frame: None,
        }
    }

    fn show(&mut self, stream: Option<&MediaStream>, state: State) {
        if self.video.src_object().as_ref() == stream {
            return;
        }
        self.video.set_src_object(stream);
        self.first_frame =
            stream.map(|_| FirstFrame::watch(&self.video, || timing::mark(timing::FIRST_REMOTE_FRAME)));
        if stream.is_some() {
            play(self.video.clone(), state);
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.video.set_src_object(None);
        // Another tile may have taken its place already.
        self.element.update_value(|element| {
            if element.as_ref() == Some(&self.video) {
                *element = None;
            }
        });
    }
}

/// Plays what the browser refused to play before somebody clicked.
pub(super) fn play_all(state: State) {
    for person in state.tiles.get_untracked() {
        let video = person.video.get_value();
        if let Some(video) = video.filter(|video| video.src_object().is_some()) {
            play(video, state);
        }
    }
}

fn play(video: HtmlVideoElement, state: State) {
    spawn_local(async move {
        let Ok(promise) = video.play() else { return };
        let silenced = match JsFuture::from(promise).await {
            Ok(_) => false,
            // Another stream coming in between interrupts playing, too: that is no refusal.
            Err(thrown) => exception::name_of(&thrown) == "NotAllowedError",
        };
        state.change(|page| page.silenced = silenced);
    });
}
