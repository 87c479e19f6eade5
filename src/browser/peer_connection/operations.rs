//! What a connection is asked to do, one thing at a time: descriptions and candidates.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use visavis_call::{Completion, DescriptionKind, Operation, OperationError, PeerEvent, SignalingState, sdp};
use visavis_protocol::ice::IceCandidate;
use wasm_bindgen::prelude::*;
use web_sys::{
    RtcIceCandidateInit, RtcPeerConnection, RtcSessionDescription, RtcSessionDescriptionInit,
    RtcSignalingState,
};

use super::sending::agree_to_everything;
use super::{FullPeerConnection, Waiting, error, refused, to_js};
use crate::browser::{page, property};

/// `RTCSessionDescriptionInit`.
#[derive(Serialize)]
pub(in crate::browser) struct SessionDescription {
    #[serde(rename = "type")]
    pub(in crate::browser) kind: &'static str,
    pub(in crate::browser) sdp: String,
}

/// An offer that the other side has, and the browser only once it is answered.
///
/// Where two offers meet, one is rolled back. Chromium can't do that to a connection that is in use: what it
/// receives is neither heard nor shown any more, until the connection is replaced. An offer that was not set
/// yet needs no rollback. (The first one is set at once: nothing is received yet, and gathering takes time.)
///
/// Firefox can roll back, and must not wait. It looks for candidates once an offer is set, and if that was an
/// ICE restart its checks would reach the other side before its candidates do. Chromium takes them for a
/// worse path than the old one, which still works, and stays there, where Firefox does not listen any more.
pub(super) type HeldOffer = Rc<RefCell<Option<JsValue>>>;

/// What an operation is carried out on.
pub(super) struct Subject {
    pub(super) connection: RtcPeerConnection,
    pub(super) offer: HeldOffer,
    pub(super) waiting: Waiting,
}

impl Subject {
    async fn settled(&self, promise: impl JsCast) -> Result<JsValue, OperationError> {
        self.waiting.settled(promise).await.map_err(refused)
    }
}

/// Carries an operation out. One that `agrees` to what is offered also wants to send it.
pub(super) async fn run(subject: Subject, agrees: bool, operation: Operation) -> PeerEvent {
    let result = match operation {
        Operation::SetLocalDescription => set_local_description(&subject).await,
        Operation::SetRemoteDescription { kind, sdp } => {
            let is_offer = kind == DescriptionKind::Offer;
            let result = set_remote_description(&subject, kind, sdp).await;
            if agrees && is_offer {
                agree_to_everything(&subject.connection);
            }
            result
        }
        Operation::AddCandidate(candidate) => add_candidate(&subject, &candidate).await,
    };
    let signaling = if subject.offer.borrow().is_some() {
        SignalingState::HaveLocalOffer
    } else {
        signaling_state(subject.connection.signaling_state())
    };
    PeerEvent::Done { signaling, result }
}

async fn set_local_description(subject: &Subject) -> Result<Completion, OperationError> {
    let Subject {
        connection, offer, ..
    } = subject;
    let in_use = connection.current_local_description().is_some();
    let description = match connection.signaling_state() {
        RtcSignalingState::Stable if in_use && !page::is_firefox() => {
            let made = subject.settled(connection.create_offer()).await?;
            offer.replace(Some(made.clone()));
            made
        }
        RtcSignalingState::HaveRemoteOffer if in_use => {
            let made = create_answer(subject).await?;
            subject
                .settled(connection.set_local_description(made.unchecked_ref()))
                .await?;
            made
        }
        _ => {
            let implicit: &FullPeerConnection = connection.unchecked_ref();
            subject
                .settled(implicit.set_local_description_implicitly().map_err(refused)?)
                .await?;
            let set = connection.local_description();
            set.ok_or_else(|| error("NoLocalDescription"))?.into()
        }
    };
    let kind = match property::string(&description, "type").as_deref() {
        Some("offer") => DescriptionKind::Offer,
        Some("answer") => DescriptionKind::Answer,
        _ => return Err(error("UnexpectedDescription")),
    };
    let sdp = sdp_of(&description);
    Ok(Completion::LocalDescription { kind, sdp })
}

/// Creates an answer that keeps our part in the DTLS association. Firefox may claim the other one, which
/// Chromium refuses.
async fn create_answer(subject: &Subject) -> Result<JsValue, OperationError> {
    let connection = &subject.connection;
    let answer = subject.settled(connection.create_answer()).await?;
    let current = |description: Option<RtcSessionDescription>| sdp_of(&description.into());
    let sdp = sdp::in_established_role(
        sdp_of(&answer),
        &current(connection.current_local_description()),
        &current(connection.current_remote_description()),
    );
    to_js(&SessionDescription { kind: "answer", sdp })
}

/// What a description says; nothing if there is none.
fn sdp_of(description: &JsValue) -> String {
    property::string(description, "sdp").unwrap_or_default()
}

async fn set_remote_description(
    subject: &Subject,
    kind: DescriptionKind,
    sdp: String,
) -> Result<Completion, OperationError> {
    let Subject {
        connection, offer, ..
    } = subject;
    let kind = match kind {
        DescriptionKind::Offer => {
            // Ours gives way.
            offer.take();
            if connection.signaling_state() == RtcSignalingState::HaveLocalOffer && page::is_firefox() {
                roll_back(subject).await?;
            }
            "offer"
        }
        DescriptionKind::Answer => {
            let held = offer.borrow().clone();
            if let Some(held) = held {
                let set = connection.set_local_description(held.unchecked_ref());
                subject.settled(set).await?;
                // Not before: if that was refused, all of this is tried once more.
                offer.take();
            }
            "answer"
        }
    };
    let description = to_js(&SessionDescription { kind, sdp })?;
    subject
        .settled(connection.set_remote_description(description.unchecked_ref::<RtcSessionDescriptionInit>()))
        .await?;
    Ok(Completion::Done)
}

/// Takes back our offer, which Firefox has set. It would do so by itself, but then it compares the other
/// offer with ours now and then, and refuses an ICE restart that ours did not ask for.
async fn roll_back(subject: &Subject) -> Result<(), OperationError> {
    let rollback = to_js(&SessionDescription {
        kind: "rollback",
        sdp: String::new(),
    })?;
    let connection = &subject.connection;
    subject
        .settled(connection.set_local_description(rollback.unchecked_ref()))
        .await?;
    Ok(())
}

async fn add_candidate(subject: &Subject, candidate: &IceCandidate) -> Result<Completion, OperationError> {
    let candidate = to_js(candidate)?;
    let promise = subject
        .connection
        .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(
            candidate.unchecked_ref::<RtcIceCandidateInit>(),
        ));
    subject.settled(promise).await?;
    Ok(Completion::Done)
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
