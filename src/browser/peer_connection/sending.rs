//! What a connection sends: tracks, their streams, and the size of the video.

use js_sys::{Array, Promise, Reflect};
use visavis_call::{Device, Role, Share, TOTAL_VIDEO_BITRATE};
use wasm_bindgen::prelude::*;
use web_sys::{
    MediaStream, RtcPeerConnection, RtcRtpSender, RtcRtpTransceiver, RtcRtpTransceiverDirection as Direction,
    RtcRtpTransceiverInit,
};

use super::PeerConnection;
use crate::browser::media::{LocalStream, kind};
use crate::browser::property;

/// A video of a fourth of the pixels needs more than a fourth of the bits.
const ENOUGH: f64 = 1.5;

/// How many times as wide as it is shown a video may be: scaling a little costs more than it saves.
const FAR_TOO_LARGE: f64 = 2.0;

/// What even a very small video may take, in bits a second, if our uplink carries the whole budget.
const LEAST: f64 = 80_000.0;

/// `RTCPriorityType`.
const HIGH: &str = "high";

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
            // What takes longer to arrive goes first.
            self.send(Device::Camera, local);
            self.send(Device::Microphone, local);
        }
    }

    /// Sends video with this share of the budget for all videos, and audio before it.
    pub fn send_share(&self, share: Share, local: Option<&LocalStream>) {
        // The sender has it a little later. A camera that is off may come on later.
        let track = local.and_then(|local| local.track(Device::Camera));
        let width = track.and_then(|track| property::number(&track.get_settings(), "width"));
        for transceiver in typed::<RtcRtpTransceiver>(&self.raw.get_transceivers()) {
            let sender = transceiver.sender();
            if is_for_pictures(&transceiver) {
                limit(&sender, &Limits::of(share, width.unwrap_or_default()));
            } else {
                // Video does not help a person who can't be heard.
                let first = [("priority", HIGH.into()), ("networkPriority", HIGH.into())];
                set_encodings(&sender, &first);
            }
        }
    }

    /// Sends what a device yields now, instead of what was sent before, if anything is sent at all. The other
    /// side is asked only if it has not agreed to that kind of media yet.
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
        // Refused only by a connection that is closed meanwhile.
        ignore_refusal(sender.replace_track(track.as_ref()).into());
        if track.is_some() {
            // A connection that was made before the call has a stream; another one would have to be
            // negotiated.
            if !self.before_call {
                keep_in_step(&sender, local.stream());
            }
            transceiver.set_direction(match transceiver.direction() {
                Direction::Recvonly => Direction::Sendrecv,
                Direction::Inactive => Direction::Sendonly,
                sends => sends,
            });
        }
    }

    /// The transceiver to send with: the one that has sent before, or else the one that is in use, so that
    /// there are no more of them than the other side knows.
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

    /// Asks for audio and video at once, so that nothing is left to negotiate when a call begins.
    pub(super) fn add_empty_media(&self, role: Role) {
        if role == Role::Caller {
            let init = RtcRtpTransceiverInit::new();
            // Audio and video of one stream are kept in step.
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

/// Sends video at a fourth of its width and height: small frames arrive sooner.
pub(super) fn show_small(connection: &RtcPeerConnection) {
    let small = Limits {
        smaller: 4.0,
        bits: None,
        pictures: None,
        active: true,
    };
    for transceiver in typed(&connection.get_transceivers()).filter(is_for_pictures) {
        limit(&transceiver.sender(), &small);
    }
}

/// Whether it is for video, not for audio. Its sender does not know while it has nothing to send; and audio
/// that is taken for video would be promised all of its bits.
fn is_for_pictures(transceiver: &RtcRtpTransceiver) -> bool {
    transceiver.receiver().track().kind() == "video"
}

/// What a video may take.
#[derive(Debug, PartialEq)]
struct Limits {
    /// How many times as wide and high the camera's own video is.
    smaller: f64,
    /// Bits a second, at most.
    bits: Option<f64>,
    /// Frames a second, at most.
    pictures: Option<f64>,
    /// Whether it is sent at all.
    active: bool,
}

impl Limits {
    /// For this share of the budget, and a camera of this width; 0 if that is not known.
    fn of(share: Share, width: f64) -> Self {
        let part = f64::from(share.percent.max(1)) / 100.0;
        // A browser itself lowers size and frame rate when the bits are too few. It knows better: an estimate
        // may be low just because little was sent.
        let uplink = f64::from(share.uplink) / 100.0;
        let shown = share.shown.map_or(f64::INFINITY, f64::from).max(1.0);
        let fits = Some(width / shown).filter(|fits| *fits >= FAR_TOO_LARGE);
        // As many pixels in all, so each side is as much smaller as the root of their number.
        let smaller = part.sqrt().recip().max(fits.unwrap_or(1.0)).max(1.0);
        let alone_and_large = share.percent >= 100 && smaller <= 1.0;
        let bits = uplink
            * (f64::from(TOTAL_VIDEO_BITRATE * 1000) * (ENOUGH / (smaller * smaller)).min(part)).max(LEAST);
        Self {
            smaller,
            bits: (!alone_and_large).then_some(bits),
            pictures: match part {
                0.34.. => None,
                0.20..0.34 => Some(24.0),
                _ => Some(15.0),
            },
            active: share.percent > 0,
        }
    }
}

fn limit(sender: &RtcRtpSender, limits: &Limits) {
    let number = |number: Option<f64>| number.map_or(JsValue::UNDEFINED, JsValue::from_f64);
    set_encodings(
        sender,
        &[
            ("scaleResolutionDownBy", limits.smaller.into()),
            ("maxBitrate", number(limits.bits)),
            ("maxFramerate", number(limits.pictures)),
            ("active", limits.active.into()),
        ],
    );
}

/// Changes how a sender encodes (W3C webrtc-pc, `RTCRtpEncodingParameters`).
fn set_encodings(sender: &RtcRtpSender, values: &[(&str, JsValue)]) {
    let parameters = sender.get_parameters();
    let encodings = property::get(&parameters, "encodings");
    for encoding in encodings.dyn_ref::<Array>().into_iter().flat_map(Array::iter) {
        for (name, value) in values {
            // It is a plain object.
            let _ = Reflect::set(&encoding, &JsValue::from_str(name), value);
        }
    }
    // Refused by audio senders that have no track yet, and by connections that are closed meanwhile.
    ignore_refusal(sender.set_parameters_with_parameters(&parameters).into());
}

thread_local! {
    static IGNORE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
}

/// Does not wait for a promise: that of a connection which is closed meanwhile may never settle, and a task
/// that waited for it would leak.
fn ignore_refusal(promise: JsValue) {
    IGNORE.with(|ignore| {
        let _ = promise.unchecked_into::<Promise>().catch(ignore);
    });
}

/// Audio and video of one stream are kept in step.
fn keep_in_step(sender: &RtcRtpSender, stream: &MediaStream) {
    // Not essential, and not in every browser.
    let _ = sender.unchecked_ref::<FullSender>().set_streams(stream);
}

/// An offer before a call asks for everything, and so does the answer: once for audio, and once for video.
/// Each side shows the first video that it is offered.
pub(super) fn agree_to_everything(connection: &RtcPeerConnection) {
    let stream = MediaStream::new();
    let mut sends = [false; 2];
    for transceiver in typed::<RtcRtpTransceiver>(&connection.get_transceivers()) {
        let sends = &mut sends[usize::from(is_for_pictures(&transceiver))];
        match transceiver.direction() {
            // It was made to be offered, and their offer came first. (A stopped one Chromium would want to
            // negotiate for ever.)
            _ if transceiver.mid().is_none() => transceiver.set_direction(Direction::Inactive),
            Direction::Recvonly if !*sends => {
                *sends = true;
                transceiver.set_direction(Direction::Sendrecv);
                if let Ok(stream) = &stream {
                    keep_in_step(&transceiver.sender(), stream);
                }
            }
            Direction::Sendrecv | Direction::Sendonly => *sends = true,
            _ => {}
        }
    }
    show_small(connection);
}

fn typed<T: JsCast>(array: &Array) -> impl Iterator<Item = T> {
    array.iter().map(JsCast::unchecked_into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(percent: u8, shown: Option<u32>) -> Limits {
        let share = Share {
            percent,
            uplink: 100,
            shown,
        };
        Limits::of(share, 1280.0)
    }

    #[test]
    fn one_that_is_large_has_no_limits() {
        let none = Limits {
            smaller: 1.0,
            bits: None,
            pictures: None,
            active: true,
        };
        assert_eq!(limits(100, None), none);
        assert_eq!(limits(100, Some(2560)), none);
        assert_eq!(limits(100, Some(700)), none, "a little too large");
        assert_eq!(
            Limits::of(
                Share {
                    percent: 100,
                    uplink: 100,
                    shown: Some(640)
                },
                0.0
            ),
            none,
            "who knows"
        );
    }

    #[test]
    fn several_share_pixels_and_bits() {
        let fourth = limits(25, None);
        assert!((fourth.smaller - 2.0).abs() < 1e-9, "{fourth:?}");
        assert_eq!((fourth.bits, fourth.pictures), (Some(425_000.0), Some(24.0)));
        assert_eq!(limits(14, None).pictures, Some(15.0));
    }

    #[test]
    fn a_narrow_uplink_bears_fewer_bits() {
        for percent in [50, 1] {
            let share = Share {
                percent,
                uplink: 25,
                shown: None,
            };
            let wide = limits(percent, None);
            let bits = wide.bits.map(|bits| bits / 4.0);
            assert_eq!(Limits::of(share, 1280.0), Limits { bits, ..wide });
        }
    }

    #[test]
    fn no_more_is_sent_than_is_shown() {
        let small = limits(100, Some(320));
        assert!((small.smaller - 4.0).abs() < 1e-9, "{small:?}");
        assert_eq!(
            small.bits,
            Some(f64::from(TOTAL_VIDEO_BITRATE * 1000) * 1.5 / 16.0)
        );
        assert_eq!(limits(1, Some(32)).bits, Some(LEAST));
        assert!(!limits(0, Some(0)).active);
    }
}
