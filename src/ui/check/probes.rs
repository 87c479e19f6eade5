//! Tries what a call needs, and measures. Devices stay open for as long as the returned value lives.

mod network;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use visavis_call::{CloseCause, Device, MediaError, MediaWish, SignalingEvent, Time};
use visavis_protocol::ice::IceServer;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use web_sys::HtmlVideoElement;

use super::judgement::{Camera, Reached};
use crate::browser::level::LevelMeter;
use crate::browser::media::{self, LocalStream, Request};
use crate::browser::preferences::Chosen;
use crate::browser::{exception, page};
use crate::config::MediaConfig;
use crate::signaling::{Connector, RelaySocket, Sink};
pub(super) use network::{of_kind, stun, turn};

/// How long video may take to come.
const VIDEO_PATIENCE: Duration = Duration::from_secs(8);

/// How long the relay may take to say welcome, and to answer.
const RELAY_PATIENCE: Duration = Duration::from_secs(10);

/// How often we look.
const GLANCE_MS: i32 = 50;

/// A frame this wide or narrower is a placeholder: Chromium shows one of 2 × 2 pixels before the first frame.
const PLACEHOLDER_WIDTH: u32 = 2;

/// From this on, of 1, it is no noise of the device.
const AUDIBLE: f64 = 0.02;

/// Looks again and again until a condition holds. `false`: it doesn't in time.
pub(super) async fn until(patience: Duration, condition: impl Fn() -> bool) -> bool {
    let start = page::now();
    while !condition() {
        if page::now().since(start) > patience {
            return false;
        }
        page::sleep(GLANCE_MS).await;
    }
    true
}

fn rounded(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

// ── Camera and microphone ──────────────────────────────────────────────────────────────────────────────────

async fn open(wish: MediaWish, config: &MediaConfig) -> Result<LocalStream, MediaError> {
    let request = Request {
        wish,
        site: config.clone(),
        person: Chosen::kept(),
        instead_of: None,
    };
    media::open(request).await.into_stream()
}

/// Opens the camera, and waits for its video in a video element.
pub(super) async fn camera(config: &MediaConfig, video: &HtmlVideoElement) -> (Option<LocalStream>, Camera) {
    let stream = match open(MediaWish::Camera, config).await {
        Ok(stream) => stream,
        Err(error) => return (None, Camera::Refused(error)),
    };
    video.set_src_object(Some(stream.stream()));
    let arrives = until(VIDEO_PATIENCE, || video.video_width() > PLACEHOLDER_WIDTH).await;
    let opened = if arrives {
        Camera::Arrives {
            width: video.video_width(),
            height: video.video_height(),
        }
    } else {
        Camera::Missing
    };
    (Some(stream), opened)
}

/// An open microphone with a meter for its level. Dropped, both are closed.
#[derive(Debug)]
pub(super) struct Ear {
    _stream: LocalStream,
    meter: LevelMeter,
    heard: Cell<bool>,
}

impl Ear {
    /// Opens the microphone.
    pub(super) async fn open(config: &MediaConfig) -> Result<Self, MediaError> {
        let stream = open(MediaWish::Microphone, config).await?;
        let track = stream.track(Device::Microphone).ok_or(MediaError::NotFound)?;
        let meter =
            LevelMeter::new(&track).map_err(|thrown| MediaError::Other(exception::name_of(&thrown)))?;
        Ok(Self {
            _stream: stream,
            meter,
            heard: Cell::new(false),
        })
    }

    /// How loud it is now, from 0 to 1.
    pub(super) fn level(&self) -> f64 {
        let level = self.meter.level();
        if level >= AUDIBLE {
            self.heard.set(true);
        }
        level
    }

    /// Whether anything was heard since it was opened.
    pub(super) fn has_heard(&self) -> bool {
        self.heard.get()
    }
}

// ── The relay ──────────────────────────────────────────────────────────────────────────────────────────────

/// Looks for the relay, and asks it for ICE servers.
pub(super) async fn relay(address: &str) -> (Reached, Vec<IceServer>) {
    // With the time of each, which is earlier than when we look.
    let heard: Rc<RefCell<Vec<(Time, SignalingEvent)>>> = Rc::default();
    let events = Rc::clone(&heard);
    let sink: Sink = Rc::new(move |event| events.borrow_mut().push((page::now(), event)));
    let start = page::now();
    let connection = RelaySocket::new(address).open(sink);
    until(RELAY_PATIENCE, || !heard.borrow().is_empty()).await;
    let welcome = match heard.borrow().first() {
        Some((at, SignalingEvent::Opened)) => rounded(at.since(start)),
        Some((_, SignalingEvent::Closed(CloseCause::NoRelayHere))) => {
            return (Reached::StaticHost, Vec::new());
        }
        _ => return (Reached::Not, Vec::new()),
    };

    let asked = page::now();
    connection.send(ClientMessage::Token);
    until(RELAY_PATIENCE, || {
        heard.borrow().iter().any(|(_, event)| is_answer(event))
    })
    .await;
    let token = heard.borrow_mut().drain(..).find_map(|(at, event)| match event {
        SignalingEvent::Message(RelayMessage::Token { ice_servers, .. }) => Some((at, ice_servers)),
        _ => None,
    });
    match token {
        Some((at, ice_servers)) => {
            let answer = rounded(at.since(asked));
            (Reached::Relay { welcome, answer }, ice_servers)
        }
        None => (Reached::Mute, Vec::new()),
    }
}

fn is_answer(event: &SignalingEvent) -> bool {
    matches!(
        event,
        SignalingEvent::Closed(_) | SignalingEvent::Message(RelayMessage::Token { .. })
    )
}
