//! What plays in the video elements of the tiles.
//!
//! Elements are found by their names. References to them, and effects that wait for them, would be kinds of reactive
//! values that nothing else on the page needs.

use std::rc::Rc;

use leptos::task::spawn_local;
use visavis_call::CallView;
use visavis_protocol::id::PeerId;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream};

use crate::browser::video::FirstFrame;
use crate::browser::{early, exception, page, timing};

/// How many others can be seen at once.
pub(super) const MOST_REMOTES: usize = 7;

/// How many points there are in what a style sheet calls one, at most: of finer ones nobody sees more.
const DENSEST: f64 = 2.0;

/// How much wider a picture has to be shown before somebody is told.
const STEP: u32 = 32;

/// The element of our own picture.
pub(super) const LOCAL: &str = early::LOCAL_VIDEO;

/// The element of somebody else's picture.
pub(super) fn remote(index: usize) -> String {
    match index {
        0 => "remote-video".to_owned(),
        _ => format!("remote-video-{}", index + 1),
    }
}

/// Hears whether the browser plays nothing before the person has clicked somewhere.
pub(super) type OnSilenced = Rc<dyn Fn(bool)>;

/// Who has which tile. Whoever takes part keeps theirs when somebody else comes or goes: a stream that moved to another
/// element would stop for a moment, and its sound with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places([Option<PeerId>; MOST_REMOTES]);

impl Places {
    /// Takes back the places of those who have left the call, and gives the first that are free to those who are new.
    pub(super) fn follow(&mut self, view: &CallView) {
        for place in &mut self.0 {
            let stays = |id: &PeerId| {
                let mut people = view.people.iter();
                people.any(|person| person.id == *id && person.takes_part())
            };
            if !place.as_ref().is_some_and(stays) {
                *place = None;
            }
        }
        for person in view.people.iter().filter(|person| person.takes_part()) {
            if !self.has(&person.id)
                && let Some(free) = self.0.iter_mut().find(|place| place.is_none())
            {
                *free = Some(person.id.clone());
            }
        }
    }

    /// Who has this place.
    pub(super) fn at(&self, index: usize) -> Option<&PeerId> {
        self.0.get(index)?.as_ref()
    }

    /// Whether somebody has a place.
    pub(super) fn has(&self, person: &PeerId) -> bool {
        self.0.iter().flatten().any(|id| id == person)
    }

    /// How many have a place.
    pub(super) fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }
}

/// The others' streams, and what waits for their first pictures.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    streams: Vec<(PeerId, MediaStream)>,
    first_frames: [Option<FirstFrame>; MOST_REMOTES],
}

impl Pictures {
    /// Somebody's stream is there, or gone.
    pub(super) fn change(&mut self, peer: &PeerId, stream: Option<MediaStream>) {
        self.streams.retain(|(id, _)| id != peer);
        self.streams.extend(stream.map(|stream| (peer.clone(), stream)));
    }

    /// Puts the stream of everybody who has a place into their tile. Those who have none yet get what is free, in
    /// their order: their pictures are there when the call begins.
    pub(super) fn arrange(&mut self, view: &CallView, places: &Places, on_silenced: &OnSilenced) {
        let mut others = view.people.iter().filter(|person| !person.takes_part());
        for (index, first_frame) in self.first_frames.iter_mut().enumerate() {
            let person = places
                .at(index)
                .or_else(|| others.next().map(|person| &person.id));
            let stream = person.and_then(|person| {
                let mut streams = self.streams.iter();
                streams.find(|(id, _)| id == person).map(|(_, stream)| stream)
            });
            let Some(video) = page::video(&remote(index)) else {
                continue;
            };
            if show(&video, stream) {
                *first_frame =
                    stream.map(|_| FirstFrame::watch(&video, || timing::mark(timing::FIRST_REMOTE_FRAME)));
                play(video, Rc::clone(on_silenced));
            }
        }
    }
}

/// How wide the pictures in these places are shown, in points of the screen; 0 if nobody can see them.
pub(super) fn shown(places: &Places) -> Vec<(PeerId, u32)> {
    let density = page::window().device_pixel_ratio().min(DENSEST);
    let seen = !page::document().hidden();
    let width = |index: usize| {
        let video = page::video(&remote(index)).filter(|_| seen);
        // Rounded, since tiles glide, and nobody need hear of each step.
        let width = video.map_or(0, |video| video.client_width().unsigned_abs());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no screen is so wide"
        )]
        { (f64::from(width) * density) as u32 }.next_multiple_of(STEP)
    };
    let places = places.0.iter().enumerate();
    places
        .filter_map(|(index, place)| Some((place.clone()?, width(index))))
        .collect()
}

/// Shows our own picture.
pub(super) fn show_local(stream: Option<&MediaStream>) {
    if let Some(video) = page::video(LOCAL) {
        show(&video, stream);
    }
}

/// Plays what the browser refused to play before somebody clicked.
pub(super) fn play_all(on_silenced: &OnSilenced) {
    for video in (0..MOST_REMOTES).filter_map(|index| page::video(&remote(index))) {
        play(video, Rc::clone(on_silenced));
    }
}

/// Shows a stream, and says whether that changed anything.
fn show(video: &HtmlVideoElement, stream: Option<&MediaStream>) -> bool {
    let changes = video.src_object().as_ref() != stream;
    if changes {
        video.set_src_object(stream);
    }
    changes
}

fn play(video: HtmlVideoElement, on_silenced: OnSilenced) {
    if video.src_object().is_none() {
        return;
    }
    spawn_local(async move {
        let Ok(promise) = video.play() else { return };
        on_silenced(match JsFuture::from(promise).await {
            Ok(_) => false,
            // Another stream coming in between interrupts playing, too: that is no refusal.
            Err(thrown) => exception::name_of(&thrown) == "NotAllowedError",
        });
    });
}

#[cfg(test)]
mod tests {
    use visavis_call::{
        CallPhase, DoorView, LocalMediaView, MeetingPointView, PersonState, PersonView, SeatView, TalkView,
    };
    use visavis_protocol::id::RoomId;
    use visavis_protocol::name::PersonName;

    use super::*;

    fn view(people: &[(&str, PersonState)]) -> CallView {
        let people = people.iter().map(|(id, state)| PersonView {
            id: PeerId::new(*id).unwrap(),
            name: PersonName::default(),
            host: false,
            state: *state,
            call: None,
            reachable: true,
            camera: true,
            screen: false,
            microphone: true,
            video: true,
            path: None,
            quality: None,
            speaks: false,
            hand: false,
            reaction: None,
            prepared: false,
        });
        CallView {
            room: RoomId::new("test").unwrap(),
            media: LocalMediaView::Off,
            meeting_point: MeetingPointView::Relay,
            seat: SeatView::Seated,
            door: DoorView::default(),
            people: people.collect(),
            call: CallPhase::Idle,
            kind: None,
            suspicion: None,
            talk: TalkView::default(),
        }
    }

    fn at(places: &Places, index: usize) -> Option<&str> {
        places.at(index).map(PeerId::as_str)
    }

    #[test]
    fn whoever_stays_keeps_their_place() {
        use PersonState::{Connected, Here, Interrupted};
        let mut places = Places::default();
        places.follow(&view(&[("a", Here), ("b", Connected), ("c", Connected)]));
        assert_eq!([at(&places, 0), at(&places, 1)], [Some("b"), Some("c")]);
        assert_eq!(places.count(), 2, "who does not take part has no place");

        places.follow(&view(&[("a", Here), ("b", Here), ("c", Interrupted)]));
        assert_eq!([at(&places, 0), at(&places, 1)], [None, Some("c")]);

        places.follow(&view(&[("a", Connected), ("b", Here), ("c", Connected)]));
        assert_eq!([at(&places, 0), at(&places, 1)], [Some("a"), Some("c")]);

        places.follow(&view(&[]));
        assert_eq!(places.count(), 0);
    }

    #[test]
    fn there_are_only_so_many_places() {
        let names: Vec<_> = (0..9).map(|index| format!("p{index}")).collect();
        let people: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), PersonState::Connected))
            .collect();
        let mut places = Places::default();
        places.follow(&view(&people));
        assert_eq!(places.count(), MOST_REMOTES);
        places.follow(&view(&people[1..]));
        assert_eq!(at(&places, 0), Some("p7"));
        assert!(!places.has(&PeerId::new("p8").unwrap()));
    }
}
