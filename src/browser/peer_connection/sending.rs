//! What a connection sends: tracks, their streams, and the size of the picture.

use js_sys::{Array, Promise, Reflect};
use visavis_call::{Device, Role};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    MediaStream, RtcPeerConnection, RtcRtpSender, RtcRtpTransceiver, RtcRtpTransceiverDirection as Direction,
    RtcRtpTransceiverInit,
};

use super::PeerConnection;
use crate::browser::media::{LocalStream, kind};
use crate::browser::property;

/// What all pictures together may take, in bits a second: what is usual for one of 1280 by 720 points.
const ALL_PICTURES: f64 = 1_700_000.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = RtcRtpSender, js_name = RTCRtpSender)]
    type FullSender;

    // Not in web-sys, and in Firefox since 2023 only.
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    fn set_streams(this: &FullSender, stream: &MediaStream) -> Result<(), JsValue>;
}

impl PeerConnection {
    /// Sends the local stream, from now on.
    pub fn start_sending(&self, local: Option<&LocalStream>) {
        self.sends.set(true);
        if let Some(local) = local {
            // What takes longer to be there goes first.
            self.send(Device::Camera, local);
            self.send(Device::Microphone, local);
        }
    }

    /// Sends the picture as one of so many, which together cost as much as a single one. A single one is sent in its full
    /// size, with as many bits as the browser finds good.
    pub fn send_share(&self, of: u8) {
        let of = f64::from(of);
        let most = if of > 1.0 {
            JsValue::from_f64(ALL_PICTURES / of)
        } else {
            JsValue::UNDEFINED
        };
        // As many pixels in all: each side is as much smaller as the root of their number.
        limit_pictures(&self.raw, of.sqrt(), &most);
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

    pub(super) fn stop_sending(&self) {
        for sender in typed::<RtcRtpSender>(&self.raw.get_senders()) {
            let _ = sender.replace_track(None);
        }
    }

    /// Asks for everything at once, so that nothing is left to be negotiated when a call begins.
    pub(super) fn prepare_media(&self, role: Role) {
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

    pub(super) fn add_media(&self, role: Role, local: Option<&LocalStream>) {
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
}

/// Sends pictures of a fourth of their width and height: small ones are there sooner.
pub(super) fn show_small(connection: &RtcPeerConnection) {
    limit_pictures(connection, 4.0, &JsValue::UNDEFINED);
}

/// Sends pictures so many times smaller, with at most so many bits in a second.
fn limit_pictures(connection: &RtcPeerConnection, smaller: f64, bits: &JsValue) {
    let is_sound = |sender: &RtcRtpSender| sender.track().is_some_and(|track| track.kind() == "audio");
    for sender in typed::<RtcRtpSender>(&connection.get_senders()).filter(|sender| !is_sound(sender)) {
        let parameters = sender.get_parameters();
        let encodings = property::get(&parameters, "encodings");
        for encoding in encodings.dyn_ref::<Array>().into_iter().flat_map(Array::iter) {
            let limits = [
                ("scaleResolutionDownBy", &JsValue::from_f64(smaller)),
                ("maxBitrate", bits),
            ];
            for (name, limit) in limits {
                // It is a plain object.
                let _ = Reflect::set(&encoding, &JsValue::from_str(name), limit);
            }
        }
        let set = sender.set_parameters_with_parameters(&parameters);
        spawn_local(async move {
            // Refused by senders of sound that have none yet, and by connections that are closed meanwhile.
            let _ = JsFuture::from(set.unchecked_into::<Promise>()).await;
        });
    }
}

/// Sound and picture of one stream are kept in step.
fn keep_in_step(sender: &RtcRtpSender, stream: &MediaStream) {
    // Not essential, and not in every browser.
    let _ = sender.unchecked_ref::<FullSender>().set_streams(stream);
}

/// Whoever prepares a call asks for everything, and so does the answer.
pub(super) fn agree_to_everything(connection: &RtcPeerConnection) {
    let stream = MediaStream::new();
    for transceiver in typed::<RtcRtpTransceiver>(&connection.get_transceivers()) {
        if transceiver.direction() == Direction::Recvonly {
            transceiver.set_direction(Direction::Sendrecv);
            if let Ok(stream) = &stream {
                keep_in_step(&transceiver.sender(), stream);
            }
        }
    }
    show_small(connection);
}

fn typed<T: JsCast>(array: &Array) -> impl Iterator<Item = T> {
    array.iter().map(JsCast::unchecked_into)
}
