//! What the network lets through: STUN and TURN servers, and a call of this page with itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use gloo_events::EventListener;
use js_sys::{Promise, Reflect};
use serde::Serialize;
use visavis_protocol::ice::IceServer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaStreamTrack, RtcConfiguration, RtcDataChannel, RtcDataChannelEvent, RtcDataChannelState,
    RtcIceCandidateInit, RtcIceGatheringState, RtcPeerConnection, RtcPeerConnectionIceEvent,
    RtcPeerConnectionState, RtcSessionDescriptionInit, RtcTrackEvent,
};

use super::{rounded, until};
use crate::browser::{dictionary, exception, page, property};
use crate::ui::check::judgement::{Gathered, Loopback};

/// How long a browser may take to ask STUN servers: Chromium asks for ten seconds.
const STUN_PATIENCE: Duration = Duration::from_secs(15);

/// How long a call through the TURN server may take to come about.
const TURN_PATIENCE: Duration = Duration::from_secs(20);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = RtcPeerConnection, js_name = RTCPeerConnection)]
    type ImplicitPeerConnection;

    // web-sys only has the form with an argument.
    #[wasm_bindgen(method, catch, js_name = setLocalDescription)]
    fn set_local_description_implicitly(this: &ImplicitPeerConnection) -> Result<Promise, JsValue>;
}

/// `RTCConfiguration`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    ice_servers: &'a [IceServer],
    ice_transport_policy: &'static str,
}

/// What one connection has gathered.
#[derive(Debug, Default)]
struct Finds {
    /// To be handed to the other end.
    candidates: RefCell<Vec<RtcIceCandidateInit>>,
    own: Cell<bool>,
    reflexive: Cell<bool>,
    relayed: Cell<bool>,
    errors: RefCell<Vec<u16>>,
}

impl Finds {
    fn note(&self, event: &RtcPeerConnectionIceEvent) {
        let Some(candidate) = event.candidate() else {
            return;
        };
        let attribute = candidate.candidate();
        // RFC 8839, section 5.1.
        let kind = attribute
            .split_ascii_whitespace()
            .skip_while(|word| *word != "typ")
            .nth(1);
        match kind {
            Some("host") => self.own.set(true),
            Some("srflx") => self.reflexive.set(true),
            Some("relay") => self.relayed.set(true),
            _ => {}
        }
        if let Ok(init) = candidate.to_json().dyn_into::<js_sys::Object>() {
            self.candidates.borrow_mut().push(init.unchecked_into());
        }
    }

    fn note_error(&self, event: &web_sys::Event) {
        // Codes are small numbers.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if let Some(code) = property::number(event, "errorCode") {
            self.errors.borrow_mut().push(code as u16);
        }
    }
}

/// A connection of the check's own. Dropped, it is closed.
struct End {
    listeners: Vec<EventListener>,
    raw: RtcPeerConnection,
    finds: Rc<Finds>,
}

impl End {
    fn new(ice_servers: &[IceServer], policy: &'static str) -> Result<Self, JsValue> {
        let configuration = dictionary::write(&Configuration {
            ice_servers,
            ice_transport_policy: policy,
        })
        .ok_or(JsValue::NULL)?;
        let raw =
            RtcPeerConnection::new_with_configuration(configuration.unchecked_ref::<RtcConfiguration>())?;
        let finds = Rc::<Finds>::default();
        let (candidates, errors) = (Rc::clone(&finds), Rc::clone(&finds));
        let listeners = vec![
            EventListener::new(&raw, "icecandidate", move |event| {
                candidates.note(event.unchecked_ref())
            }),
            EventListener::new(&raw, "icecandidateerror", move |event| errors.note_error(event)),
        ];
        Ok(Self {
            listeners,
            raw,
            finds,
        })
    }

    /// Describes this end. Gathering begins.
    async fn describe(&self) -> Result<RtcSessionDescriptionInit, JsValue> {
        let implicit: &ImplicitPeerConnection = self.raw.unchecked_ref();
        JsFuture::from(implicit.set_local_description_implicitly()?).await?;
        let description = self.raw.local_description().ok_or(JsValue::NULL)?;
        Ok(description.to_json().unchecked_into())
    }

    async fn hear(&self, description: &RtcSessionDescriptionInit) -> Result<(), JsValue> {
        let promise: Promise = self.raw.set_remote_description(description).unchecked_into();
        JsFuture::from(promise).await?;
        Ok(())
    }

    fn add_candidates_of(&self, other: &Self) {
        for candidate in other.finds.candidates.borrow_mut().drain(..) {
            // What becomes of it shows in the connection's state.
            let _ = self
                .raw
                .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&candidate));
        }
    }

    fn is_complete(&self) -> bool {
        self.raw.ice_gathering_state() == RtcIceGatheringState::Complete
    }

    fn is_connected(&self) -> bool {
        self.raw.connection_state() == RtcPeerConnectionState::Connected
    }

    /// Whether there is nothing more to be hoped for.
    fn is_hopeless(&self) -> bool {
        self.raw.connection_state() == RtcPeerConnectionState::Failed
            || self.is_complete() && !self.finds.relayed.get()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.listeners.clear();
        self.raw.close();
    }
}

/// The servers that have an address of this kind, with these addresses alone.
pub(in crate::ui::check) fn of_kind(servers: &[IceServer], schemes: [&str; 2]) -> Vec<IceServer> {
    let mut of_kind = servers.to_vec();
    for server in &mut of_kind {
        server
            .urls
            .retain(|url| schemes.iter().any(|scheme| url.starts_with(scheme)));
    }
    of_kind.retain(|server| !server.urls.is_empty());
    of_kind
}

/// Asks STUN servers for the address that others see.
pub(in crate::ui::check) async fn stun(servers: &[IceServer]) -> Gathered {
    let Ok(end) = End::new(servers, "all") else {
        return Gathered::default();
    };
    let _channel = end.raw.create_data_channel("check");
    if end.describe().await.is_err() {
        return Gathered::default();
    }
    until(STUN_PATIENCE, || end.finds.reflexive.get() || end.is_complete()).await;
    Gathered {
        own: end.finds.own.get(),
        reflexive: end.finds.reflexive.get(),
        complete: end.is_complete(),
        complains: Reflect::has(&end.raw, &JsValue::from_str("onicecandidateerror")).unwrap_or(false),
        errors: end.finds.errors.take(),
    }
}

/// Calls this very page through the TURN servers, with data and with the camera's video if there is one.
pub(in crate::ui::check) async fn turn(servers: &[IceServer], camera: Option<MediaStreamTrack>) -> Loopback {
    let mut loopback = Loopback {
        video: camera.as_ref().map(|_| false),
        ..Loopback::default()
    };
    if let Err(thrown) = call_this_page(servers, camera, &mut loopback).await {
        loopback.exception = Some(exception::name_of(&thrown));
    }
    loopback
}

async fn call_this_page(
    servers: &[IceServer],
    camera: Option<MediaStreamTrack>,
    loopback: &mut Loopback,
) -> Result<(), JsValue> {
    let start = page::now();
    let caller = End::new(servers, "relay")?;
    let mut callee = End::new(servers, "relay")?;
    let channel = caller.raw.create_data_channel("check");
    if let Some(camera) = &camera {
        caller.raw.add_track_0(camera, &web_sys::MediaStream::new()?);
    }
    let arrivals = Arrivals::at(&mut callee);
    callee.hear(&caller.describe().await?).await?;
    caller.hear(&callee.describe().await?).await?;

    let said = Cell::new(false);
    let connected = Cell::new(None);
    until(TURN_PATIENCE, || {
        callee.add_candidates_of(&caller);
        caller.add_candidates_of(&callee);
        if connected.get().is_none() && caller.is_connected() && callee.is_connected() {
            connected.set(Some(rounded(page::now().since(start))));
        }
        if channel.ready_state() == RtcDataChannelState::Open && !said.replace(true) {
            // Lost only if the connection is.
            let _ = channel.send_with_str("hello");
        }
        let all_there = arrivals.data.get() && (camera.is_none() || arrivals.has_video());
        all_there && connected.get().is_some() || caller.is_hopeless() || callee.is_hopeless()
    })
    .await;

    loopback.allocated = caller.finds.relayed.get() || callee.finds.relayed.get();
    loopback.connected = connected.get();
    loopback.data = arrivals.data.get();
    loopback.video = camera.map(|_| arrivals.has_video());
    loopback.errors = caller.finds.errors.take();
    loopback.errors.extend(callee.finds.errors.take());
    Ok(())
}

/// What arrives at the end that is called.
struct Arrivals {
    data: Rc<Cell<bool>>,
    track: Rc<RefCell<Option<MediaStreamTrack>>>,
}

impl Arrivals {
    fn at(end: &mut End) -> Self {
        let arrivals = Self {
            data: Rc::default(),
            track: Rc::default(),
        };
        let data = Rc::clone(&arrivals.data);
        let message = RefCell::new(None);
        end.listeners
            .push(EventListener::new(&end.raw, "datachannel", move |event| {
                let channel: RtcDataChannel = event.unchecked_ref::<RtcDataChannelEvent>().channel();
                let data = Rc::clone(&data);
                message.replace(Some(EventListener::new(&channel, "message", move |_| {
                    data.set(true)
                })));
            }));
        let track = Rc::clone(&arrivals.track);
        end.listeners
            .push(EventListener::new(&end.raw, "track", move |event| {
                track.replace(Some(event.unchecked_ref::<RtcTrackEvent>().track()));
            }));
        arrivals
    }

    /// A track is muted until something of it arrives.
    fn has_video(&self) -> bool {
        self.track.borrow().as_ref().is_some_and(|track| !track.muted())
    }
}
