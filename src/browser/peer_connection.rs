//! One `RTCPeerConnection` (W3C webrtc-pc). It is detached from its listeners, then closed, when it is dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{AbortHandle, Aborted, abortable};
use gloo_events::EventListener;
use js_sys::{Array, Promise, Reflect};
use serde::{Deserialize, Serialize};
use visavis_call::{
    Completion, ConnectionState, DescriptionKind, Device, Operation, OperationError, PeerEvent, Purpose,
    Role, SignalingState, sdp,
};
use visavis_protocol::ice::{IceCandidate, IceServer};
use visavis_protocol::relay::PeerText;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    EventTarget, MediaStream, MediaStreamTrack, RtcConfiguration, RtcDataChannel, RtcIceCandidateInit,
    RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcRtpSender, RtcRtpTransceiver,
    RtcRtpTransceiverDirection as Direction, RtcRtpTransceiverInit, RtcSessionDescription,
    RtcSessionDescriptionInit, RtcSignalingState, RtcTrackEvent,
};

use crate::browser::media::{LocalStream, kind};
use crate::browser::{dictionary, exception, property};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = RtcPeerConnection, js_name = RTCPeerConnection)]
    type FullPeerConnection;

    // web-sys only has the form with an argument.
    #[wasm_bindgen(method, catch, js_name = setLocalDescription)]
    fn set_local_description_implicitly(this: &FullPeerConnection) -> Result<Promise, JsValue>;

    // Not in web-sys.
    #[wasm_bindgen(method, catch, js_name = restartIce)]
    fn restart_ice(this: &FullPeerConnection) -> Result<(), JsValue>;

    #[wasm_bindgen(extends = RtcRtpSender, js_name = RTCRtpSender)]
    type FullSender;

    // Not in web-sys, and in Firefox since 2023 only.
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    fn set_streams(this: &FullSender, stream: &MediaStream) -> Result<(), JsValue>;
}

/// Where the events of a connection go. It must only enqueue.
pub type OnEvent = Rc<dyn Fn(PeerEvent)>;

/// `RTCConfiguration`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    ice_servers: &'a [IceServer],
    ice_transport_policy: &'static str,
    bundle_policy: &'static str,
}

/// `RTCDataChannelInit`.
#[derive(Serialize)]
struct ChannelInit {
    negotiated: bool,
    id: u16,
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
    /// On the transport, which appears later as well.
    path_listener: Rc<RefCell<Option<EventListener>>>,
    raw: RtcPeerConnection,
    /// For what would else go through the relay.
    channel: RtcDataChannel,
    remote: MediaStream,
    /// Whether it was made ahead of a call: then both sides send from the first exchange on, if only nothing.
    prepared: bool,
    /// Whether picture and sound go over it.
    sends: Cell<bool>,
    offer: HeldOffer,
    /// The operation in flight, or the last one.
    operation: RefCell<Option<AbortHandle>>,
}

/// An offer that the other side has, and the browser only once it is answered.
///
/// Where two offers meet, one is rolled back. Chromium can't do that to a connection that is in use: what it receives
/// is neither heard nor shown any more, until the connection is made anew. An offer that was not set yet needs no
/// rollback. (The first one is set at once: nothing is received yet, and gathering takes time.)
type HeldOffer = Rc<RefCell<Option<JsValue>>>;

impl PeerConnection {
    /// Makes a connection. One for a call sends the local stream; one that is prepared sends nothing yet. Events go to
    /// `on_event`.
    ///
    /// # Errors
    /// The browser refuses; most likely an ICE server's address is wrong (`SyntaxError`).
    pub fn new(
        role: Role,
        ice_servers: &[IceServer],
        purpose: Purpose,
        local: Option<&LocalStream>,
        on_event: &OnEvent,
    ) -> Result<Self, OperationError> {
        let only_turn = purpose == (Purpose::Prepared { only_turn: true });
        let configuration = configuration(ice_servers, only_turn)?;
        let raw = RtcPeerConnection::new_with_configuration(&configuration).map_err(refused)?;
        let channel = to_js(&ChannelInit {
            negotiated: true,
            id: 0,
        })?;
        let channel = raw.create_data_channel_with_data_channel_dict("visavis", channel.unchecked_ref());
        let remote = MediaStream::new().map_err(refused)?;
        let mut connection = Self {
            listeners: Vec::new(),
            track_listeners: Rc::default(),
            path_listener: Rc::default(),
            raw,
            channel,
            remote,
            prepared: purpose != Purpose::Call,
            sends: Cell::new(purpose == Purpose::Call),
            offer: HeldOffer::default(),
            operation: RefCell::default(),
        };
        connection.listen(role, on_event);
        if connection.prepared {
            connection.prepare_media(role);
        } else {
            connection.add_media(role, local);
        }
        show_small(&connection.raw, true);
        Ok(connection)
    }

    /// What the other side sends; tracks appear in it as they are negotiated.
    #[must_use]
    pub fn remote(&self) -> &MediaStream {
        &self.remote
    }

    /// The browser's own object, for its statistics, which may outlive this owner.
    #[must_use]
    pub fn raw(&self) -> RtcPeerConnection {
        self.raw.clone()
    }

    /// Carries an operation out; the next one only when it is complete. The completion comes with the signalling state
    /// that it leaves behind.
    ///
    /// # Errors
    /// The connection was closed meanwhile. Its promises are never settled then (W3C webrtc-pc, section 4.4.1.2), and
    /// what went on waiting for one would keep the connection.
    pub fn run(&self, operation: Operation) -> impl Future<Output = Result<PeerEvent, Aborted>> + use<> {
        let agrees = self.prepared && !self.sends.get();
        let run = run(self.raw.clone(), agrees, Rc::clone(&self.offer), operation);
        let (operation, handle) = abortable(run);
        self.operation.replace(Some(handle));
        operation
    }

    /// Says something over the data channel.
    pub fn say(&self, text: &str) {
        // What can't be said is said through the relay.
        let _ = self.channel.send_with_str(text);
    }

    /// Sends the local stream, from now on.
    pub fn start_sending(&self, local: Option<&LocalStream>) {
        self.sends.set(true);
        if let Some(local) = local {
            self.send(Device::Microphone, local);
            self.send(Device::Camera, local);
        }
    }

    /// Sends the picture in its full size: the first one was small, to be there soon.
    pub fn send_full_size(&self) {
        show_small(&self.raw, false);
    }

    /// Sends nothing any more, and hears nothing; but what was said last may still arrive.
    pub fn fall_silent(&mut self) {
        self.stop_listening();
        for sender in typed::<RtcRtpSender>(&self.raw.get_senders()) {
            let _ = sender.replace_track(None);
        }
    }

    /// Sends what a device yields now, instead of what was sent before, if anything is sent at all. The other side is
    /// asked only if it has not agreed to that kind of media yet.
    pub fn send(&self, device: Device, local: &LocalStream) {
        if !self.sends.get() {
            return;
        }
        let track = local.track(device);
        let Some(transceiver) = self.transceiver_of(kind(device)) else {
            if let Some(track) = track {
                self.raw.add_track_0(&track, local.stream());
            }
            return;
        };
        let sender = transceiver.sender();
        let replaced = sender.replace_track(track.as_ref()).unchecked_into::<Promise>();
        spawn_local(async move {
            // Refused only by a connection that is closed meanwhile.
            let _ = JsFuture::from(replaced).await;
        });
        if track.is_some() {
            // What was prepared has a stream, and another one would have to be negotiated.
            if !self.prepared {
                keep_in_step(&sender, local.stream());
            }
            transceiver.set_direction(match transceiver.direction() {
                Direction::Recvonly => Direction::Sendrecv,
                Direction::Inactive => Direction::Sendonly,
                sends => sends,
            });
        }
    }

    /// The transceiver to send with: the one that has sent before, or else the one that is in use, so that there
    /// are no more of them than the other side knows.
    fn transceiver_of(&self, kind: &str) -> Option<RtcRtpTransceiver> {
        typed::<RtcRtpTransceiver>(&self.raw.get_transceivers())
            .filter(|it| it.receiver().track().kind() == kind && it.direction() != Direction::Stopped)
            .min_by_key(|it| {
                let receives_only = matches!(it.direction(), Direction::Recvonly | Direction::Inactive);
                let idle = matches!(it.current_direction(), None | Some(Direction::Inactive));
                (receives_only, idle)
            })
    }

    /// Uses these ICE servers from now on, and looks for another path: `negotiationneeded` follows.
    pub fn restart_ice(&self, ice_servers: &[IceServer], only_turn: bool) {
        if let Ok(configuration) = configuration(ice_servers, only_turn) {
            // If it is refused, the old servers have to do.
            let _ = self.raw.set_configuration_with_configuration(&configuration);
        }
        // Every browser in use has it.
        let _ = self.raw.unchecked_ref::<FullPeerConnection>().restart_ice();
    }

    /// Asks for everything at once, so that nothing is left to be negotiated when a call begins.
    fn prepare_media(&self, role: Role) {
        if role == Role::Caller {
            let init = RtcRtpTransceiverInit::new();
            // Sound and picture of one stream are kept in step.
            let stream = MediaStream::new().into_iter().collect::<Array>();
            init.set_streams(&stream);
            for kind in ["audio", "video"] {
                self.raw.add_transceiver_with_str_and_init(kind, &init);
            }
        }
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
                init.set_direction(Direction::Recvonly);
                self.raw.add_transceiver_with_str_and_init(kind, &init);
            }
        }
    }

    fn listen(&mut self, role: Role, on_event: &OnEvent) {
        let on = Rc::clone(on_event);
        self.on("negotiationneeded", move |_| on(PeerEvent::NegotiationNeeded));

        let on = Rc::clone(on_event);
        self.on("icecandidate", move |event| {
            let event: &RtcPeerConnectionIceEvent = event.unchecked_ref();
            on(PeerEvent::Candidate(gathered(event)));
        });

        let on = Rc::clone(on_event);
        let opened = EventListener::new(&self.channel, "open", move |_| on(PeerEvent::ChannelOpen));
        let on = Rc::clone(on_event);
        let said = EventListener::new(&self.channel, "message", move |event| {
            if let Some(text) = property::string(event, "data") {
                on(PeerEvent::Said(PeerText(text)));
            }
        });
        self.listeners.extend([opened, said]);

        let on = Rc::clone(on_event);
        self.on("icecandidateerror", move |event| on(ice_error(event)));

        let (on, raw, watch) = (
            Rc::clone(on_event),
            self.raw.clone(),
            Rc::clone(&self.path_listener),
        );
        self.on("connectionstatechange", move |_| {
            let state = connection_state(raw.connection_state());
            if state == ConnectionState::Connected {
                watch.replace(watch_path(&raw, &on));
            }
            on(PeerEvent::ConnectionState(state));
        });

        let (on, raw) = (Rc::clone(on_event), self.raw.clone());
        // A `clone()` of the stream would be the DOM's: a second stream, which nobody shows.
        let (remote, track_listeners) = (Clone::clone(&self.remote), Rc::clone(&self.track_listeners));
        self.on("track", move |event| {
            let track = event.unchecked_ref::<RtcTrackEvent>().track();
            if track.kind() == "video" {
                on(PeerEvent::RemoteVideo(
                    !track.muted() || may_stay_muted(role, &raw),
                ));
                // The same one comes again after it was not sent for a while.
                if remote.get_track_by_id(&track.id()).is_none() {
                    track_listeners.borrow_mut().extend(watch_arrival(&track, &on));
                }
            }
            remote.add_track(&track);
        });
    }

    fn on(&mut self, event: &'static str, callback: impl FnMut(&web_sys::Event) + 'static) {
        self.listeners
            .push(EventListener::new(&self.raw, event, callback));
    }
}

impl PeerConnection {
    fn stop_listening(&mut self) {
        self.listeners.clear();
        self.track_listeners.borrow_mut().clear();
        self.path_listener.take();
        if let Some(operation) = self.operation.take() {
            operation.abort();
        }
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        // First: what a closing connection says concerns nobody.
        self.stop_listening();
        self.raw.close();
    }
}

fn typed<T: JsCast>(array: &Array) -> impl Iterator<Item = T> {
    array.iter().map(JsCast::unchecked_into)
}

/// Sends pictures of a fourth of their size, or in full: small ones are there sooner.
fn show_small(connection: &RtcPeerConnection, small: bool) {
    for sender in typed::<RtcRtpSender>(&connection.get_senders()) {
        let parameters = sender.get_parameters();
        let encodings = property::get(&parameters, "encodings");
        for encoding in encodings.dyn_ref::<Array>().into_iter().flat_map(Array::iter) {
            let scale = JsValue::from_f64(if small { 4.0 } else { 1.0 });
            // Not taken for sound.
            let _ = Reflect::set(&encoding, &JsValue::from_str("scaleResolutionDownBy"), &scale);
        }
        let set = sender.set_parameters_with_parameters(&parameters);
        spawn_local(async move {
            // Refused by senders of sound, and by connections that are closed meanwhile.
            let _ = JsFuture::from(set.unchecked_into::<Promise>()).await;
        });
    }
}

async fn run(
    connection: RtcPeerConnection,
    agrees: bool,
    offer: HeldOffer,
    operation: Operation,
) -> PeerEvent {
    let result = match operation {
        Operation::SetLocalDescription => set_local_description(&connection, &offer).await,
        Operation::SetRemoteDescription { kind, sdp } => {
            let is_offer = kind == DescriptionKind::Offer;
            let result = set_remote_description(&connection, &offer, kind, sdp).await;
            if agrees && is_offer {
                agree_to_everything(&connection);
            }
            result
        }
        Operation::AddCandidate(candidate) => add_candidate(&connection, &candidate).await,
    };
    let signaling = if offer.borrow().is_some() {
        SignalingState::HaveLocalOffer
    } else {
        signaling_state(connection.signaling_state())
    };
    PeerEvent::Done { signaling, result }
}

/// Sound and picture of one stream are kept in step.
fn keep_in_step(sender: &RtcRtpSender, stream: &MediaStream) {
    // Not essential, and not in every browser.
    let _ = sender.unchecked_ref::<FullSender>().set_streams(stream);
}

/// Whoever prepares a call asks for everything, and so does the answer.
fn agree_to_everything(connection: &RtcPeerConnection) {
    let stream = MediaStream::new();
    for transceiver in typed::<RtcRtpTransceiver>(&connection.get_transceivers()) {
        if transceiver.direction() == Direction::Recvonly {
            transceiver.set_direction(Direction::Sendrecv);
            if let Ok(stream) = &stream {
                keep_in_step(&transceiver.sender(), stream);
            }
        }
    }
    show_small(connection, true);
}

async fn settled(promise: impl JsCast) -> Result<JsValue, OperationError> {
    JsFuture::from(promise.unchecked_into::<Promise>())
        .await
        .map_err(refused)
}

async fn set_local_description(
    connection: &RtcPeerConnection,
    offer: &HeldOffer,
) -> Result<Completion, OperationError> {
    let in_use = connection.current_local_description().is_some();
    let description = match connection.signaling_state() {
        RtcSignalingState::Stable if in_use => {
            let made = settled(connection.create_offer()).await?;
            offer.replace(Some(made.clone()));
            made
        }
        RtcSignalingState::HaveRemoteOffer if in_use => {
            let made = create_answer(connection).await?;
            settled(connection.set_local_description(made.unchecked_ref())).await?;
            made
        }
        _ => {
            let implicit: &FullPeerConnection = connection.unchecked_ref();
            settled(implicit.set_local_description_implicitly().map_err(refused)?).await?;
            let set = connection.local_description();
            set.ok_or_else(|| error("NoLocalDescription"))?.into()
        }
    };
    let SessionDescription { kind, sdp } =
        dictionary::read(&description).ok_or_else(|| error("SerializationError"))?;
    let kind = match kind.as_str() {
        "offer" => DescriptionKind::Offer,
        "answer" => DescriptionKind::Answer,
        _ => return Err(error("UnexpectedDescription")),
    };
    Ok(Completion::LocalDescription { kind, sdp })
}

/// Creates an answer that keeps our part in the DTLS association. Firefox may claim the other one, which Chromium
/// refuses.
async fn create_answer(connection: &RtcPeerConnection) -> Result<JsValue, OperationError> {
    let answer = settled(connection.create_answer()).await?;
    let SessionDescription { kind, sdp } =
        dictionary::read(&answer).ok_or_else(|| error("SerializationError"))?;
    let text =
        |description: Option<RtcSessionDescription>| description.map(|it| it.sdp()).unwrap_or_default();
    let sdp = sdp::in_established_role(
        sdp,
        &text(connection.current_local_description()),
        &text(connection.current_remote_description()),
    );
    to_js(&SessionDescription { kind, sdp })
}

async fn set_remote_description(
    connection: &RtcPeerConnection,
    offer: &HeldOffer,
    kind: DescriptionKind,
    sdp: String,
) -> Result<Completion, OperationError> {
    let held = offer.take().filter(|_| kind == DescriptionKind::Answer);
    if let Some(held) = held {
        settled(connection.set_local_description(held.unchecked_ref())).await?;
    }
    let kind = match kind {
        DescriptionKind::Offer => "offer",
        DescriptionKind::Answer => "answer",
    };
    let description = to_js(&SessionDescription {
        kind: kind.to_owned(),
        sdp,
    })?;
    settled(connection.set_remote_description(description.unchecked_ref::<RtcSessionDescriptionInit>()))
        .await?;
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
    settled(promise).await?;
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

/// Reports when media takes another way, in browsers that say so (W3C webrtc-pc, section 5.6).
fn watch_path(raw: &RtcPeerConnection, on_event: &OnEvent) -> Option<EventListener> {
    let transport = property::get(&property::get(raw, "sctp"), "transport");
    let ice = property::get(&transport, "iceTransport")
        .dyn_into::<EventTarget>()
        .ok()?;
    let on_event = Rc::clone(on_event);
    Some(EventListener::new(
        &ice,
        "selectedcandidatepairchange",
        move |_| {
            on_event(PeerEvent::PathChanged);
        },
    ))
}

/// Reports when a track's picture arrives, and when it stops arriving.
fn watch_arrival(track: &MediaStreamTrack, on_event: &OnEvent) -> [EventListener; 3] {
    [("unmute", true), ("mute", false), ("ended", false)].map(|(event, arrives)| {
        let on_event = Rc::clone(on_event);
        EventListener::new(track, event, move |_| on_event(PeerEvent::RemoteVideo(arrives)))
    })
}

/// Whether a track that comes now may send a picture without ever saying so: Chromium never unmutes what comes with
/// an offer that rolled our own back.
fn may_stay_muted(role: Role, raw: &RtcPeerConnection) -> bool {
    role == Role::Caller
        && raw.current_local_description().is_none()
        && raw.signaling_state() == RtcSignalingState::HaveRemoteOffer
}

/// An `icecandidateerror`.
fn ice_error(event: &web_sys::Event) -> PeerEvent {
    let code = property::number(event, "errorCode").unwrap_or_default();
    PeerEvent::IceError {
        // What is no code of STUN is cut, and means nothing.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        code: code as u16,
        turn: property::string(event, "url").is_some_and(|url| url.starts_with("turn")),
    }
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

fn configuration(ice_servers: &[IceServer], only_turn: bool) -> Result<RtcConfiguration, OperationError> {
    let configuration = to_js(&Configuration {
        ice_servers,
        ice_transport_policy: if only_turn { "relay" } else { "all" },
        bundle_policy: "max-bundle",
    })?;
    Ok(configuration.unchecked_into())
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
