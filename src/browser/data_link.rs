//! A peer connection with one data channel and nothing else. It is detached from its listeners, then closed,
//! when it is dropped.

use gloo_events::EventListener;
use visavis_call::{IceTransportPolicy, OperationError};
use visavis_protocol::ice::{IceCandidate, IceServer};
use wasm_bindgen::prelude::*;
use web_sys::{
    RtcDataChannel, RtcIceCandidateInit, RtcIceGatheringState, RtcPeerConnection, RtcPeerConnectionState,
    RtcSessionDescriptionInit,
};

use super::peer_connection::{
    FullPeerConnection, SessionDescription, Waiting, configuration, open_channel, refused, to_js,
    with_accepted,
};
use super::property;

/// What such a connection reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataEvent {
    /// The channel is open.
    Opened,
    /// The channel has brought a text.
    Text(String),
    /// The other one has closed it: nothing more comes.
    Closed,
    /// The other one can't be reached, or no longer.
    Failed,
}

/// Such a connection.
#[derive(Debug)]
pub struct DataLink {
    raw: RtcPeerConnection,
    channel: RtcDataChannel,
    listeners: Vec<EventListener>,
    waiting: Waiting,
}

impl DataLink {
    /// Makes one. ICE servers that the browser refuses are left out.
    ///
    /// # Errors
    /// The browser refuses.
    pub fn new(
        ice_servers: &[IceServer],
        policy: IceTransportPolicy,
        on_event: impl Fn(DataEvent) + Clone + 'static,
    ) -> Result<Self, OperationError> {
        let raw = with_accepted(ice_servers, |ice_servers| {
            let configuration = configuration(ice_servers, policy, None)?;
            RtcPeerConnection::new_with_configuration(&configuration).map_err(refused)
        })?;
        let channel = open_channel(&raw)?;
        let (opened, closed, failed) = (on_event.clone(), on_event.clone(), on_event.clone());
        let watched = raw.clone();
        let listeners = vec![
            EventListener::new(&channel, "open", move |_| opened(DataEvent::Opened)),
            EventListener::new(&channel, "close", move |_| closed(DataEvent::Closed)),
            EventListener::new(&channel, "message", move |event| {
                if let Some(text) = property::string(event, "data") {
                    on_event(DataEvent::Text(text));
                }
            }),
            EventListener::new(&raw, "connectionstatechange", move |_| {
                if watched.connection_state() == RtcPeerConnectionState::Failed {
                    failed(DataEvent::Failed);
                }
            }),
        ];
        Ok(Self {
            raw,
            channel,
            listeners,
            waiting: Waiting::default(),
        })
    }

    /// Sets our own description: an offer, or the answer to what was [heard](Self::hear).
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn describe(&self) -> Result<(), OperationError> {
        let implicit: &FullPeerConnection = self.raw.unchecked_ref();
        let promise = implicit.set_local_description_implicitly().map_err(refused)?;
        self.waiting.settled(promise).await.map_err(refused)?;
        Ok(())
    }

    /// Our own description, with the candidates that were found so far.
    #[must_use]
    pub fn description(&self) -> String {
        self.raw
            .local_description()
            .map(|it| it.sdp())
            .unwrap_or_default()
    }

    /// Whether no more candidates will be found.
    #[must_use]
    pub fn has_gathered(&self) -> bool {
        self.raw.ice_gathering_state() == RtcIceGatheringState::Complete
    }

    /// Sets their description: an `offer` or an `answer`.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn hear(&self, kind: &'static str, sdp: String) -> Result<(), OperationError> {
        let description = to_js(&SessionDescription { kind, sdp })?;
        let promise = self
            .raw
            .set_remote_description(description.unchecked_ref::<RtcSessionDescriptionInit>());
        self.waiting.settled(promise).await.map_err(refused)?;
        Ok(())
    }

    /// Adds a candidate of theirs, as it stands behind `a=` in a description.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn add_candidate(&self, candidate: String) -> Result<(), OperationError> {
        let candidate = to_js(&IceCandidate {
            candidate,
            sdp_mid: None,
            sdp_m_line_index: Some(0),
            username_fragment: None,
        })?;
        let candidate = candidate.unchecked_ref::<RtcIceCandidateInit>();
        let promise = self
            .raw
            .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(candidate));
        self.waiting.settled(promise).await.map_err(refused)?;
        Ok(())
    }

    /// Sends a text. It is lost if the channel is not open.
    pub fn send(&self, text: &str) {
        // What can't be sent shows as the channel's end.
        let _ = self.channel.send_with_str(text);
    }
}

impl Drop for DataLink {
    fn drop(&mut self) {
        // First: what a closing connection says concerns nobody.
        self.listeners.clear();
        self.waiting.end_all();
        self.raw.close();
    }
}
