//! One `RTCPeerConnection` (W3C webrtc-pc). It is detached from its listeners, then closed, when it is dropped.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Promise;
use serde::{Deserialize, Serialize};
use visavis_call::{
    Completion, ConnectionState, DescriptionKind, Operation, OperationError, PeerEvent, Role, SignalingState,
};
use visavis_protocol::ice::{IceCandidate, IceServer};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaStream, MediaStreamTrack, RtcConfiguration, RtcIceCandidateInit, RtcPeerConnection,
    RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcRtpTransceiverDirection, RtcRtpTransceiverInit,
    RtcSessionDescriptionInit, RtcSignalingState, RtcTrackEvent,
};

use crate::browser::media::LocalStream;
use crate::browser::{dictionary, exception};

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
    bundle_policy: &'static str,
}

/// `RTCSessionDescriptionInit`.
#[derive(Serialize, Deserialize)]
struct SessionDescription {
    #[serde(rename = "type")]
    kind: String,
    sdp: String,
}

/// A peer connection, with the stream of what it receives.
#[derive(Debug)]
pub struct PeerConnection {
    listeners: Vec<EventListener>,
    /// On tracks, which appear later.
    track_listeners: Rc<RefCell<Vec<EventListener>>>,
    raw: RtcPeerConnection,
    remote: MediaStream,
}

impl PeerConnection {
    /// Makes a connection that sends the local stream. Events go to `on_event`.
    ///
    /// # Errors
    /// The browser refuses; most likely an ICE server's address is wrong (`SyntaxError`).
    pub fn new(
        role: Role,
        ice_servers: &[IceServer],
        local: Option<&LocalStream>,
        on_event: impl Fn(PeerEvent) + Clone + 'static,
    ) -> Result<Self, OperationError> {
        let configuration = to_js(&Configuration {
            ice_servers,
            bundle_policy: "max-bundle",
        })?;
        let raw =
            RtcPeerConnection::new_with_configuration(configuration.unchecked_ref::<RtcConfiguration>())
                .map_err(refused)?;
        let remote = MediaStream::new().map_err(refused)?;
        let mut connection = Self {
            listeners: Vec::new(),
            track_listeners: Rc::default(),
            raw,
            remote,
        };
        connection.listen(role, on_event);
        connection.add_media(role, local);
        Ok(connection)
    }

    /// What the other side sends; tracks appear in it as they are negotiated.
    #[must_use]
    pub fn remote(&self) -> &MediaStream {
        &self.remote
    }

    /// The browser's own object, for asynchronous operations, which may outlive this owner.
    #[must_use]
    pub fn raw(&self) -> RtcPeerConnection {
        self.raw.clone()
    }

    fn add_media(&self, role: Role, local: Option<&LocalStream>) {
        let mut missing = vec!["audio", "video"];
        if let Some(local) = local {
            for track in local.tracks() {
                missing.retain(|kind| *kind != track.kind());
                self.raw.add_track_0(&track, local.stream());
            }
        }
        // Who calls decides what is exchanged, so they offer to receive even what they can't send.
        if role == Role::Caller {
            for kind in missing {
                let init = RtcRtpTransceiverInit::new();
                init.set_direction(RtcRtpTransceiverDirection::Recvonly);
                self.raw.add_transceiver_with_str_and_init(kind, &init);
            }
        }
    }

    fn listen(&mut self, role: Role, on_event: impl Fn(PeerEvent) + Clone + 'static) {
        let on = on_event.clone();
        self.on("negotiationneeded", move |_| on(PeerEvent::NegotiationNeeded));

        let on = on_event.clone();
        self.on("icecandidate", move |event| {
            let event: &RtcPeerConnectionIceEvent = event.unchecked_ref();
            on(PeerEvent::Candidate(gathered(event)));
        });

        let (on, raw) = (on_event.clone(), self.raw.clone());
        self.on("connectionstatechange", move |_| {
            on(PeerEvent::ConnectionState(connection_state(
                raw.connection_state(),
            )));
        });

        let raw = self.raw.clone();
        // A `clone()` of the stream would be the DOM's: a second stream, which nobody shows.
        let (remote, track_listeners) = (Clone::clone(&self.remote), Rc::clone(&self.track_listeners));
        self.on("track", move |event| {
            let track = event.unchecked_ref::<RtcTrackEvent>().track();
            if track.kind() == "video" {
                // Chromium never unmutes what comes after our own offer was rolled back.
                let rolled_back =
                    role == Role::Caller && raw.signaling_state() == RtcSignalingState::HaveRemoteOffer;
                on_event(PeerEvent::RemoteVideo(rolled_back || !track.muted()));
                track_listeners
                    .borrow_mut()
                    .extend(watch_arrival(&track, on_event.clone()));
            }
            remote.add_track(&track);
        });
    }

    fn on(&mut self, event: &'static str, callback: impl FnMut(&web_sys::Event) + 'static) {
        self.listeners
            .push(EventListener::new(&self.raw, event, callback));
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        // Listeners first: what a closing connection says concerns nobody.
        self.listeners.clear();
        self.track_listeners.borrow_mut().clear();
        self.raw.close();
    }
}

/// Carries an operation out. The completion comes with the signalling state that it leaves behind.
pub async fn run(connection: RtcPeerConnection, operation: Operation) -> PeerEvent {
    let result = match operation {
        Operation::SetLocalDescription => set_local_description(&connection).await,
        Operation::SetRemoteDescription { kind, sdp } => set_remote_description(&connection, kind, sdp).await,
        Operation::AddCandidate(candidate) => add_candidate(&connection, &candidate).await,
    };
    PeerEvent::Done {
        signaling: signaling_state(connection.signaling_state()),
        result,
    }
}

async fn set_local_description(connection: &RtcPeerConnection) -> Result<Completion, OperationError> {
    let implicit: &ImplicitPeerConnection = connection.unchecked_ref();
    JsFuture::from(implicit.set_local_description_implicitly().map_err(refused)?)
        .await
        .map_err(refused)?;
    let description = connection
        .local_description()
        .ok_or_else(|| error("NoLocalDescription"))?;
    let SessionDescription { kind, sdp } =
        dictionary::read(&description).ok_or_else(|| error("SerializationError"))?;
    let kind = match kind.as_str() {
        "offer" => DescriptionKind::Offer,
        "answer" => DescriptionKind::Answer,
        _ => return Err(error("UnexpectedDescription")),
    };
    Ok(Completion::LocalDescription { kind, sdp })
}

async fn set_remote_description(
    connection: &RtcPeerConnection,
    kind: DescriptionKind,
    sdp: String,
) -> Result<Completion, OperationError> {
    let kind = match kind {
        DescriptionKind::Offer => "offer",
        DescriptionKind::Answer => "answer",
    };
    let description = to_js(&SessionDescription {
        kind: kind.to_owned(),
        sdp,
    })?;
    let promise = connection.set_remote_description(description.unchecked_ref::<RtcSessionDescriptionInit>());
    JsFuture::from(promise.unchecked_into::<Promise>())
        .await
        .map_err(refused)?;
    Ok(Completion::Done)
}

async fn add_candidate(
    connection: &RtcPeerConnection,
    candidate: &IceCandidate,
) -> Result<Completion, OperationError> {
    let candidate = to_js(candidate)?;
    let promise = connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(
        candidate.unchecked_ref::<RtcIceCandidateInit>(),
    ));
    JsFuture::from(promise.unchecked_into::<Promise>())
        .await
        .map_err(refused)?;
    Ok(Completion::Done)
}

/// The candidate of an `icecandidate` event. Without one it says that gathering has ended.
fn gathered(event: &RtcPeerConnectionIceEvent) -> IceCandidate {
    let end = IceCandidate {
        candidate: String::new(),
        sdp_mid: None,
        sdp_m_line_index: None,
        username_fragment: None,
    };
    match event.candidate() {
        Some(candidate) => dictionary::read(&candidate).unwrap_or(end),
        None => end,
    }
}

/// Reports when a track's picture arrives, and when it stops arriving.
fn watch_arrival(
    track: &MediaStreamTrack,
    on_event: impl Fn(PeerEvent) + Clone + 'static,
) -> Vec<EventListener> {
    [("unmute", true), ("mute", false), ("ended", false)]
        .into_iter()
        .map(|(event, arrives)| {
            let on_event = on_event.clone();
            EventListener::new(track, event, move |_| on_event(PeerEvent::RemoteVideo(arrives)))
        })
        .collect()
}

fn connection_state(state: RtcPeerConnectionState) -> ConnectionState {
    match state {
        RtcPeerConnectionState::Connecting => ConnectionState::Connecting,
        RtcPeerConnectionState::Connected => ConnectionState::Connected,
        RtcPeerConnectionState::Disconnected => ConnectionState::Disconnected,
        RtcPeerConnectionState::Failed => ConnectionState::Failed,
        RtcPeerConnectionState::Closed => ConnectionState::Closed,
        _ => ConnectionState::New,
    }
}

fn signaling_state(state: RtcSignalingState) -> SignalingState {
    match state {
        RtcSignalingState::HaveLocalOffer | RtcSignalingState::HaveRemotePranswer => {
            SignalingState::HaveLocalOffer
        }
        RtcSignalingState::HaveRemoteOffer | RtcSignalingState::HaveLocalPranswer => {
            SignalingState::HaveRemoteOffer
        }
        RtcSignalingState::Closed => SignalingState::Closed,
        _ => SignalingState::Stable,
    }
}

fn to_js(value: &impl Serialize) -> Result<JsValue, OperationError> {
    dictionary::write(value).ok_or_else(|| error("SerializationError"))
}

fn refused(thrown: JsValue) -> OperationError {
    OperationError {
        name: exception::name_of(&thrown),
    }
}

fn error(name: &str) -> OperationError {
    OperationError {
        name: name.to_owned(),
    }
}
