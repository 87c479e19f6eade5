//! What plays in the video elements of the tiles.
//!
//! Elements are found by their names. References to them, and effects that wait for them, would be kinds of reactive
//! values that nothing else on the page needs.

use std::rc::Rc;

use leptos::task::spawn_local;
use visavis_call::{CallView, PersonView};
use visavis_protocol::id::PeerId;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream};

use crate::browser::video::FirstFrame;
use crate::browser::{exception, page, timing};

/// How many others can be seen at once.
pub(super) const MOST_REMOTES: usize = 7;

/// The element of our own picture.
pub(super) const LOCAL: &str = "local-video";

/// The element of somebody else's picture.
pub(super) fn remote(index: usize) -> String {
    match index {
        0 => "remote-video".to_owned(),
        _ => format!("remote-video-{}", index + 1),
    }
}

/// Hears whether the browser plays nothing before the person has clicked somewhere.
pub(super) type OnSilenced = Rc<dyn Fn(bool)>;

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

    /// Puts the stream of everybody who has a tile into theirs. Those who have none yet follow: their pictures are
    /// there when the call begins.
    pub(super) fn arrange(&mut self, view: &CallView, on_silenced: &OnSilenced) {
        let has_tile = |person: &&PersonView| person.takes_part();
        let others = view.people.iter().filter(|person| !has_tile(person));
        let mut people = view.people.iter().filter(has_tile).chain(others);
        for (index, first_frame) in self.first_frames.iter_mut().enumerate() {
            let person = people.next();
            let stream = person.and_then(|person| {
                let mut streams = self.streams.iter();
                streams.find(|(id, _)| *id == person.id).map(|(_, stream)| stream)
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
