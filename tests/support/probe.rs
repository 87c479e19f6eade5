//! What the page leaves open, as its own JavaScript sees it; see probe.js. It watches from before the first test.

use visavis_protocol::id::RoomId;
use wasm_bindgen::prelude::*;

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
}

/// What is open on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// Peer connections.
    pub(crate) connections: u32,
    /// Tracks of cameras and microphones.
    pub(crate) tracks: u32,
    /// On connections, tracks and broadcast channels.
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
