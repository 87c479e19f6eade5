//! What the tests in the browser share: somebody in a room, and patience with an end.

#![allow(dead_code, reason = "each file of tests uses its own part of this")]

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Promise;
use visavis::browser::locks::{self, Lock, Patience};
use visavis::browser::page;
use visavis::config::MediaConfig;
use visavis::driver::{Driver, Setup, ViewSink};
use visavis::signaling::{Connection, Connector, Sink, ThisBrowser};
use visavis_call::{
    CallConfig, CallPhase, CallView, CloseCause, Command, DeviceView, EndReason, Entropy, IceTransportPolicy,
    LocalMediaView, MediaWish, PreConnection, RouteChoice, SignalingEvent, Stage,
};
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::PersonName;
use visavis_protocol::relay::ClientMessage;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream, MediaStreamTrack, MediaStreamTrackState};

pub(crate) mod probe;

/// Two people on a busy machine are connected long before.
const DEADLINE: Duration = Duration::from_secs(15);

/// Waits until a condition holds.
pub(crate) async fn until(sentence: &str, condition: impl Fn() -> bool) {
    expect_equal(sentence, true, condition).await;
}

/// Waits until something has a value.
pub(crate) async fn expect_equal<T: PartialEq + Debug>(sentence: &str, wanted: T, actual: impl Fn() -> T) {
    let start = page::now();
    loop {
        let now = actual();
        if now == wanted {
            return;
        }
        let waited = page::now().since(start);
        assert!(
            waited < DEADLINE,
            "not within {DEADLINE:?}: {sentence} (wanted {wanted:?}, got {now:?})"
        );
        sleep(20).await;
    }
}

/// Waits for so many milliseconds.
pub(crate) async fn sleep(milliseconds: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        let set =
            page::window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        set.expect("a window has timers");
    });
    JsFuture::from(timer).await.expect("a timer does not fail");
}

/// Waits until everything is done that needs no event of the browser.
pub(crate) async fn settled() {
    for _ in 0..10 {
        JsFuture::from(Promise::resolve(&JsValue::NULL))
            .await
            .expect("it is resolved");
    }
}

/// A room that no other test is in.
pub(crate) fn fresh_room() -> RoomId {
    RoomId::new(page::unguessable_name()).expect("this is a name")
}

/// A video that costs little.
pub(crate) fn small_video() -> MediaConfig {
    MediaConfig {
        width: 320,
        height: 240,
        frame_rate: 15,
        ..MediaConfig::default()
    }
}

/// No way to anywhere.
pub(crate) struct Nowhere;

impl Connector for Nowhere {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        sink(SignalingEvent::Closed(CloseCause::NoRelayHere));
        Box::new(Self)
    }
}

impl Connection for Nowhere {
    fn send(&self, _: ClientMessage) {}
}

/// Somebody with a driver, and what they have seen. Dropped, they vanish.
pub(crate) struct Person {
    driver: Driver,
    seen: Rc<Seen>,
}

#[derive(Default)]
struct Seen {
    view: RefCell<Option<CallView>>,
    views: Cell<u32>,
    local: RefCell<Option<MediaStream>>,
    remote: RefCell<Option<MediaStream>>,
}

struct Eyes(Rc<Seen>);

impl ViewSink for Eyes {
    fn view(&self, view: CallView) {
        self.0.view.replace(Some(view));
        self.0.views.set(self.0.views.get() + 1);
    }

    fn local_stream(&self, stream: Option<MediaStream>) {
        self.0.local.replace(stream);
    }

    fn remote_stream(&self, _: &PeerId, stream: Option<MediaStream>) {
        self.0.remote.replace(stream);
    }

    fn shown(&self) -> Vec<(PeerId, u32)> {
        // Nothing is known of how they are shown.
        Vec::new()
    }
}

impl Person {
    /// Somebody who meets the others in this browser, and has not asked for anything yet.
    pub(crate) fn outside(room: &RoomId) -> Self {
        Self::on_route(room, RouteChoice::ThisBrowser, Nowhere)
    }

    /// Somebody who meets the others through a relay of the test's own.
    pub(crate) fn behind_relay(room: &RoomId, relay: impl Connector + 'static) -> Self {
        Self::on_route(room, RouteChoice::Relay, relay)
    }

    fn on_route(room: &RoomId, route: RouteChoice, relay: impl Connector + 'static) -> Self {
        let call = CallConfig {
            room: room.clone().into(),
            secret: SeatSecret::new(page::unguessable_name()).expect("this is a name"),
            name: PersonName::default(),
            replaces: None,
            written: Vec::new(),
            route,
            ice_servers: Vec::new(),
            // These tests connect at the call. Whole-system tests cover pre-connected calls.
            pre_connection: PreConnection::Nothing,
            ice_transport_policy: IceTransportPolicy::All,
            seed: 1,
            entropy: Entropy([1; 32]),
        };
        let setup = Setup {
            call,
            site_policy: IceTransportPolicy::All,
            media: small_video(),
            dialect: None,
            relay: Box::new(relay),
            without_relay: Box::new(ThisBrowser),
        };
        let seen = Rc::new(Seen::default());
        Self {
            driver: Driver::new(setup, Eyes(Rc::clone(&seen))),
            seen,
        }
    }

    /// Somebody who has asked for camera and microphone, and then goes in.
    pub(crate) fn entering(room: &RoomId) -> Self {
        let person = Self::outside(room);
        person.send(Command::GetMedia(MediaWish::CameraAndMicrophone));
        person
    }

    pub(crate) fn send(&self, command: Command) {
        self.driver.send(command);
    }

    /// What they see now.
    pub(crate) fn view(&self) -> Option<CallView> {
        self.seen.view.borrow().clone()
    }

    /// How many views they have seen.
    pub(crate) fn views(&self) -> u32 {
        self.seen.views.get()
    }

    pub(crate) fn stage(&self) -> Option<Stage> {
        self.view().map(|view| view.stage())
    }

    /// What sends their video, and their audio.
    pub(crate) fn devices(&self) -> Option<(DeviceView, DeviceView)> {
        match self.view()?.media {
            LocalMediaView::Open {
                camera, microphone, ..
            } => Some((camera, microphone)),
            _ => None,
        }
    }

    /// Waits until their camera and their microphone are like this.
    pub(crate) async fn has_devices(&self, camera: DeviceView, microphone: DeviceView) {
        expect_equal(
            "camera and microphone are so far",
            Some((camera, microphone)),
            || self.devices(),
        )
        .await;
    }

    /// Whether the other side says that it sends video, and audio.
    pub(crate) fn hears_of(&self) -> Option<(bool, bool)> {
        let view = self.view()?;
        view.people
            .first()
            .map(|person| (person.camera, person.microphone))
    }

    /// Waits until they are so far.
    pub(crate) async fn reaches(&self, stage: Stage) {
        expect_equal("somebody reaches a stage", Some(stage), || self.stage()).await;
    }

    /// Waits until their call has ended, for this reason.
    pub(crate) async fn ends(&self, reason: EndReason) {
        expect_equal("a call ends", Some(reason), || match self.view()?.call {
            CallPhase::Ended { reason, .. } => Some(reason),
            _ => None,
        })
        .await;
    }

    /// Their own video and audio.
    pub(crate) fn local(&self) -> Option<MediaStream> {
        self.seen.local.borrow().clone()
    }

    /// The other side's video and audio.
    pub(crate) fn remote(&self) -> Option<MediaStream> {
        self.seen.remote.borrow().clone()
    }

    /// Waits until they hear the other side.
    pub(crate) async fn hears_the_other(&self) {
        let remote = self.remote().expect("who is in a call has a remote stream");
        probe::hears(&remote).await;
    }

    /// Waits until they see the other side's video.
    pub(crate) async fn sees_the_other(&self) {
        let remote = self.remote().expect("who is in a call has a remote stream");
        shows_frames(&remote).await;
        assert_eq!(
            remote.get_audio_tracks().length(),
            1,
            "audio comes with the video"
        );
        until("the view tells of the video", || {
            self.view().is_some_and(|view| view.people[0].video)
        })
        .await;
    }
}

/// Two people in one room, each of whom could call the other.
pub(crate) async fn two_people(room: &RoomId) -> (Person, Person) {
    let (one, other) = (Person::entering(room), Person::entering(room));
    both_reach(&one, &other, Stage::Ready).await;
    (one, other)
}

/// Takes all seats of a room but two, by their names in docs/protocol.md, for as long as the locks live.
pub(crate) async fn all_seats_but_two(room: &RoomId) -> Vec<Lock> {
    let mut seats = Vec::new();
    for number in 2..8 {
        let seat = locks::acquire(format!("visavis {room} seat {number}"), Patience::Now).await;
        seats.push(seat.expect("a fresh room has free seats"));
    }
    seats
}

pub(crate) async fn both_reach(one: &Person, other: &Person, stage: Stage) {
    one.reaches(stage).await;
    other.reaches(stage).await;
}

/// All tracks of a stream.
pub(crate) fn tracks(stream: &MediaStream) -> Vec<MediaStreamTrack> {
    stream
        .get_tracks()
        .into_iter()
        .map(JsCast::unchecked_into)
        .collect()
}

/// Whether all tracks have ended. There must be some.
pub(crate) fn all_ended(tracks: &[MediaStreamTrack]) -> bool {
    assert!(!tracks.is_empty(), "nothing can be said about no tracks");
    tracks
        .iter()
        .all(|track| track.ready_state() == MediaStreamTrackState::Ended)
}

/// A stream on the page.
pub(crate) struct Shown(HtmlVideoElement);

impl Shown {
    pub(crate) fn new(stream: &MediaStream) -> Self {
        let document = page::document();
        let video = document
            .create_element("video")
            .expect("this is an element's name");
        let video: HtmlVideoElement = video.unchecked_into();
        video.set_muted(true);
        video.set_autoplay(true);
        // Chromium does not autoplay silent video that is out of sight.
        video
            .set_attribute("style", "position: fixed; top: 0")
            .expect("this is an attribute's name");
        let body = document.body().expect("a page has a body");
        body.append_child(&video).expect("a body takes a video");
        video.set_src_object(Some(stream));
        Self(video)
    }

    fn frames(&self) -> u32 {
        self.0.get_video_playback_quality().total_video_frames()
    }

    /// Waits until the video is this wide.
    pub(crate) async fn is_wide(&self, points: u32) {
        until("the video is wide enough", || self.0.video_width() == points).await;
    }

    /// Waits for some more real frames.
    pub(crate) async fn moves(&self) {
        let mut before = self.frames();
        until("a real frame is shown", || {
            // Chromium shows one of 2 × 2 pixels before the first.
            self.0.video_width() > 2
        })
        .await;
        // The count starts again with another track.
        before = before.min(self.frames());
        until("the video moves", || self.frames() > before + 3).await;
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.set_src_object(None);
        self.0.remove();
    }
}

/// Shows a stream on the page until there were some real frames.
pub(crate) async fn shows_frames(stream: &MediaStream) {
    Shown::new(stream).moves().await;
}
