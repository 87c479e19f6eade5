//! One `RTCPeerConnection` (W3C webrtc-pc). It is detached from its listeners, then closed, when it is
//! dropped.
//!
//! `operations` has what it is asked to do, one at a time; `configuration` which servers it uses; `sending`
//! what it sends; `waiting` what waits for it.

mod configuration;
mod operations;
mod sending;
mod waiting;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::Promise;
use serde::Serialize;
use visavis_call::{
    ConnectionState, IceTransportPolicy, Operation, OperationError, PeerEvent, Purpose, Role,
};
use visavis_protocol::ice::{IceCandidate, IceServer};
use visavis_protocol::relay::PeerText;
use wasm_bindgen::prelude::*;
use web_sys::{
    EventTarget, MediaStream, MediaStreamTrack, RtcDataChannel, RtcPeerConnection, RtcPeerConnectionState,
    RtcSignalingState, RtcTrackEvent,
};

pub use self::waiting::Waiting;

pub(super) use self::configuration::{configuration, with_accepted};
pub(super) use self::operations::SessionDescription;
use self::operations::{HeldOffer, Subject};
use crate::browser::media::LocalStream;
use crate::browser::{dictionary, exception, property};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = RtcPeerConnection, js_name = RTCPeerConnection)]
    pub(super) type FullPeerConnection;

    // Not in web-sys.
    #[wasm_bindgen(method, catch, js_name = restartIce)]
    fn restart_ice(this: &FullPeerConnection) -> Result<(), JsValue>;

    // web-sys only has the form with an argument.
    #[wasm_bindgen(method, catch, js_name = setLocalDescription)]
    pub(super) fn set_local_description_implicitly(this: &FullPeerConnection) -> Result<Promise, JsValue>;
}

/// Where the events of a connection go. It must only enqueue.
pub type OnEvent = Rc<dyn Fn(PeerEvent)>;

/// How long it takes until the received bytes are read, in milliseconds.
const POLL_MS: u32 = 1000;

/// A peer connection, with the stream of what it receives.
#[derive(Debug)]
pub struct PeerConnection {
    listeners: Vec<EventListener>,
    /// On tracks, which appear later.
    track_listeners: Rc<RefCell<Vec<EventListener>>>,
    /// On the transport, which appears later as well.
    path_listener: Rc<RefCell<Option<EventListener>>>,
    raw: RtcPeerConnection,
    /// What it was made with: a browser takes no other configuration than one with the same.
    certificate: Option<JsValue>,
    /// For messages that would otherwise go through the relay.
    channel: RtcDataChannel,
    remote: MediaStream,
    /// Whether it was made before a call: then both sides negotiate sending in the first exchange, without
    /// tracks.
    before_call: bool,
    /// Whether video and audio go over it.
    sends: Cell<bool>,
    offer: HeldOffer,
    waiting: Waiting,
    /// The next time that the received bytes are read.
    poll: RefCell<Option<Timeout>>,
}

impl PeerConnection {
    /// Makes a connection with a certificate; without one, it gets its own. One for a call sends the local
    /// stream; one that is made before a call sends nothing yet. Events go to `on_event`.
    ///
    /// ICE servers that the browser refuses are left out.
    ///
    /// # Errors
    /// The browser refuses.
    pub fn new(
        role: Role,
        ice_servers: &[IceServer],
        policy: IceTransportPolicy,
        purpose: Purpose,
        certificate: Option<JsValue>,
        local: Option<&LocalStream>,
        on_event: &OnEvent,
    ) -> Result<Self, OperationError> {
        let raw = with_accepted(ice_servers, |ice_servers| {
            let configuration = configuration(ice_servers, policy, certificate.as_ref())?;
            RtcPeerConnection::new_with_configuration(&configuration).map_err(refused)
        })?;
        let channel = open_channel(&raw)?;
        let remote = MediaStream::new().map_err(refused)?;
        let mut connection = Self {
            listeners: Vec::new(),
            track_listeners: Rc::default(),
            path_listener: Rc::default(),
            raw,
            certificate,
            channel,
            remote,
            before_call: purpose != Purpose::Call,
            sends: Cell::new(purpose == Purpose::Call),
            offer: HeldOffer::default(),
            waiting: Waiting::default(),
            poll: RefCell::default(),
        };
        connection.listen(role, on_event);
        if connection.before_call {
            connection.add_empty_media(role);
        } else {
            connection.add_media(role, local);
        }
        sending::show_small(&connection.raw);
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

    /// Carries an operation out; the next one only when it is complete. The completion comes with the
    /// signaling state that it leaves behind.
    pub fn run(&self, operation: Operation) -> impl Future<Output = PeerEvent> + use<> {
        let subject = Subject {
            connection: self.raw.clone(),
            offer: Rc::clone(&self.offer),
            waiting: self.waiting(),
        };
        operations::run(subject, self.before_call && !self.sends.get(), operation)
    }

    /// What waits for the connection's promises, until it is closed.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// Asks for a poll of the received bytes, in a second. An earlier request is forgotten.
    pub fn poll_later(&self, poll: impl FnOnce() + 'static) {
        self.poll.replace(Some(Timeout::new(POLL_MS, poll)));
    }

    /// Sends a text over the data channel.
    pub fn say(&self, text: &str) {
        // What can't be said is said through the relay.
        let _ = self.channel.send_with_str(text);
    }

    /// Stops sending and receiving; the last messages may still arrive.
    pub fn fall_silent(&mut self) {
        self.stop_listening();
        self.stop_sending();
    }

    fn listen(&mut self, role: Role, on_event: &OnEvent) {
        let on = Rc::clone(on_event);
        self.on("negotiationneeded", move |_| on(PeerEvent::NegotiationNeeded));

        let on = Rc::clone(on_event);
        self.on("icecandidate", move |event| {
            on(PeerEvent::Candidate(gathered(event)));
        });

        let on = Rc::clone(on_event);
        let opened = EventListener::new(&self.channel, "open", move |_| on(PeerEvent::ChannelOpen));
        let on = Rc::clone(on_event);
        let closed = EventListener::new(&self.channel, "close", move |_| on(PeerEvent::ChannelClosed));
        let on = Rc::clone(on_event);
        let said = EventListener::new(&self.channel, "message", move |event| {
            if let Some(text) = property::string(event, "data") {
                on(PeerEvent::Said(PeerText(text)));
            }
        });
        self.listeners.extend([opened, closed, said]);

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

    fn stop_listening(&mut self) {
        self.listeners.clear();
        self.track_listeners.borrow_mut().clear();
        self.path_listener.take();
        self.poll.take();
        self.waiting.end_all();
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        // First: what a closing connection says concerns nobody.
        self.stop_listening();
        self.raw.close();
    }
}

/// The candidate of an `icecandidate` event. Without one it says that gathering has ended.
fn gathered(event: &web_sys::Event) -> IceCandidate {
    let candidate = property::get(event, "candidate");
    let text = |name| property::get(&candidate, name).as_string();
    IceCandidate {
        candidate: text("candidate").unwrap_or_default(),
        sdp_mid: text("sdpMid"),
        // A count of media sections is never cut.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        sdp_m_line_index: property::number(&candidate, "sdpMLineIndex").map(|index| index as u16),
        username_fragment: text("usernameFragment"),
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

/// Reports when a track's video arrives, and when it stops arriving.
fn watch_arrival(track: &MediaStreamTrack, on_event: &OnEvent) -> [EventListener; 3] {
    [("unmute", true), ("mute", false), ("ended", false)].map(|(event, arrives)| {
        let on_event = Rc::clone(on_event);
        EventListener::new(track, event, move |_| on_event(PeerEvent::RemoteVideo(arrives)))
    })
}

/// Whether a track that comes now may send video without ever saying so: Chromium never unmutes what comes
/// with an offer that rolled our own back.
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

/// The data channel of a connection, by which both sides open the same one without negotiation.
pub(super) fn open_channel(connection: &RtcPeerConnection) -> Result<RtcDataChannel, OperationError> {
    /// `RTCDataChannelInit`.
    #[derive(Serialize)]
    struct ChannelInit {
        negotiated: bool,
        id: u16,
    }

    let init = to_js(&ChannelInit {
        negotiated: true,
        id: 0,
    })?;
    Ok(connection.create_data_channel_with_data_channel_dict("visavis", init.unchecked_ref()))
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

pub(super) fn to_js(value: &impl Serialize) -> Result<JsValue, OperationError> {
    dictionary::write(value).ok_or_else(|| error("SerializationError"))
}

pub(super) fn refused(thrown: JsValue) -> OperationError {
    OperationError {
        name: exception::name_of(&thrown),
    }
}

fn error(name: &str) -> OperationError {
    OperationError {
        name: name.to_owned(),
    }
}
