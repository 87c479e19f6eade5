//! What the page leaves open, as its own JavaScript sees it; see probe.js. It watches from before the first
//! test.

use visavis_protocol::id::RoomId;
use wasm_bindgen::prelude::*;
use web_sys::{MediaStream, MediaStreamTrack, RtcPeerConnection};

use super::expect_equal;

#[wasm_bindgen(module = "/tests/support/probe.js")]
extern "C" {
    fn open_connections() -> u32;
    fn attached_listeners() -> u32;
    fn describe_listeners() -> String;
    fn pending_timers() -> u32;
    fn describe_timers() -> String;
    fn live_tracks() -> u32;
    fn unnoticed_faults() -> String;
    async fn locks_named(text: &str) -> JsValue;
    async fn sounds(stream: &MediaStream) -> JsValue;

    /// How many tracks were ever opened.
    pub(crate) fn opened_tracks() -> u32;
    /// How many requests for camera and microphone have no answer yet.
    pub(crate) fn open_requests() -> u32;
    /// How many requests over HTTP were ever begun.
    pub(crate) fn begun_fetches() -> u32;
    /// How many peer connections were ever made.
    pub(crate) fn made_connections() -> u32;
    /// What a connection gathered, in order; the end of candidates is empty.
    pub(crate) fn gathered_by(connection: u32) -> Vec<String>;
    /// How many candidates were handed to a connection.
    pub(crate) fn added_to(connection: u32) -> u32;
    /// One of the connections that were ever made.
    pub(crate) fn connection(connection: u32) -> RtcPeerConnection;
    /// How many lines of media a connection has agreed to.
    pub(crate) fn lines_of(connection: u32) -> u32;
    /// How many transceivers a connection has.
    pub(crate) fn transceivers_of(connection: u32) -> u32;
    /// What a connection sends at present: kinds of tracks.
    pub(crate) fn kinds_sent_by(connection: u32) -> Vec<String>;
    /// How many streams a connection says that its tracks belong to.
    pub(crate) fn streams_of(connection: u32) -> u32;
    /// Which path a connection has agreed to look for.
    pub(crate) fn ufrag_of(connection: u32) -> String;
    /// How many descriptions a connection has made.
    pub(crate) fn descriptions_of(connection: u32) -> u32;
    /// How often the statistics of a connection were asked for.
    pub(crate) fn counted_by(connection: u32) -> u32;
    /// The `connectionState` and the `signalingState` of a connection.
    pub(crate) fn state_of(connection: u32) -> String;
    /// The first addresses of a connection's ICE servers.
    pub(crate) fn servers_of(connection: u32) -> Vec<String>;
    /// Makes a connection look for another path.
    pub(crate) fn restart_ice(connection: u32);
    /// Lets the next request for camera or microphone end with this exception.
    pub(crate) fn refuse_once(name: &str);
    /// Lets connections say that they receive nothing any more, or the truth.
    pub(crate) fn be_deaf(on: bool);
    /// What has only the statistics of a connection: these entries, as JSON. Without any, asking fails.
    pub(crate) fn with_statistics(entries: Option<&str>) -> RtcPeerConnection;
    /// An event at the `window`, the `document` or the `network`, with properties as JSON.
    pub(crate) fn happens(target: &str, event: &str, properties: &str);
    /// Hides the page, or no longer.
    pub(crate) fn hide(on: bool);
    /// A device stops by itself, as far as a page can tell.
    pub(crate) fn lose(track: &MediaStreamTrack);
    /// A device says something of itself: `mute`, `unmute`.
    pub(crate) fn tell(track: &MediaStreamTrack, event: &str);
    /// The `readyState` of each socket that was ever opened.
    pub(crate) fn socket_states() -> Vec<u32>;
    /// A connection complains about an ICE server.
    pub(crate) fn complain(connection: u32, url: &str, code: u16);
    /// Forbids session storage, or no longer.
    pub(crate) fn forbid_storage(on: bool);
}

/// What is open on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// Peer connections.
    pub(crate) connections: u32,
    /// Tracks of cameras and microphones.
    pub(crate) tracks: u32,
    /// On connections, tracks and broadcast channels, and for signs that the network is back.
    pub(crate) listeners: (u32, String),
    /// Timers. Those of a driver are not told from the test's own, so none of these must run meanwhile.
    pub(crate) timers: (u32, String),
    /// Exceptions and rejections that nobody handled.
    pub(crate) faults: String,
}

impl Open {
    pub(crate) fn now() -> Self {
        Self {
            connections: open_connections(),
            tracks: live_tracks(),
            listeners: (attached_listeners(), describe_listeners()),
            timers: (pending_timers(), describe_timers()),
            faults: unnoticed_faults(),
        }
    }

    /// Waits until no more is open than this. What a test that failed has left may end meanwhile.
    pub(crate) async fn again(self) {
        let sentence = format!("no more is open than {self:?}");
        expect_equal(&sentence, None, || {
            Some(Self::now()).filter(|now| !now.is_within(&self))
        })
        .await;
    }

    fn is_within(&self, limit: &Self) -> bool {
        self.connections <= limit.connections
            && self.tracks <= limit.tracks
            && self.listeners.0 <= limit.listeners.0
            && self.timers.0 <= limit.timers.0
            && self.faults == limit.faults
    }
}

/// Waits until a stream is heard.
pub(crate) async fn hears(stream: &MediaStream) {
    assert!(sounds(stream).await.is_truthy(), "nothing is heard");
}

/// The names of the locks that somebody in a room has or waits for.
pub(crate) async fn locks(room: &RoomId) -> Vec<String> {
    let names: js_sys::Array = locks_named(room.as_str()).await.unchecked_into();
    names.iter().filter_map(|name| name.as_string()).collect()
}

/// Waits until nobody has or wants a lock in a room.
pub(crate) async fn no_locks(room: &RoomId) {
    locks_again(room, &[]).await;
}

/// Waits until nobody has or wants more locks in a room than these.
pub(crate) async fn locks_again(room: &RoomId, before: &[String]) {
    let mut now = Vec::new();
    for _ in 0..250 {
        now = locks(room).await;
        if now.len() <= before.len() {
            return;
        }
        super::sleep(20).await;
    }
    panic!("not within 5 s: the locks of a room are {before:?} again, they are {now:?}");
}
