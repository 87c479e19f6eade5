//! Listens to our own microphone for two hints: that somebody speaks while muted, and that nothing is heard
//! at all. What is heard goes nowhere.

use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallPhase, CallView, Device, DeviceView};
use wasm_bindgen::JsCast;
use web_sys::MediaStreamTrack;

use super::handle::DevicesHandle;
use crate::browser::level::LevelMeter;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::Notice;

/// How often it is looked at, in milliseconds.
const LOOK_MS: u32 = 100;

/// From this on, of 1, somebody speaks up; a room and a keyboard are quieter.
const SPEECH: f64 = 0.1;

/// Of so many looks, in how many speech was heard when somebody speaks: a cough is shorter.
const LOOKS: u32 = 12;
const SPOKEN: u32 = 5;

/// A microphone that is open yields some noise of its own, above this.
const NOISE: f64 = 0.0003;

/// After how long without any it is silent, in milliseconds; and for how long a call is left alone first.
const SILENCE_MS: u32 = 8_000;
const GRACE_MS: u32 = 3_000;

/// What a call needs to be listened to for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nothing,
    /// Whether somebody speaks who is muted.
    Speech,
    /// Whether anything is heard at all.
    Anything,
}

fn wanted(call: &CallView) -> Wanted {
    match (&call.call, call.media.device(Device::Microphone)) {
        (CallPhase::InCall { .. }, DeviceView::Off) => Wanted::Speech,
        (CallPhase::InCall { .. }, DeviceView::On) => Wanted::Anything,
        _ => Wanted::Nothing,
    }
}

/// Listens during calls, until the reactive owner is cleaned up.
pub(super) fn listen(devices: DevicesHandle) {
    let wanted = devices.call.select(wanted);
    let microphone = memo(move || devices.open.with(|open| open.microphone.clone()));
    let mut listening: Option<Listening> = None;
    // Of which microphone it was found out already that it is heard, or said that it is not.
    let known = StoredValue::new(None::<String>);
    effect(move || {
        drop(listening.take());
        let microphone = microphone.get();
        listening = match wanted.get() {
            Wanted::Speech => Listening::for_speech(devices),
            Wanted::Anything if known.get_value() != microphone => {
                Some(Listening::for_anything(devices, move || {
                    known.set_value(microphone.clone())
                }))
            }
            Wanted::Anything | Wanted::Nothing => None,
        };
    });
}

/// It goes on until it is dropped.
enum Listening {
    ForSpeech { _looks: Interval, _ear: Ear },
    ForAnything { _begin: Timeout },
}

impl Listening {
    fn for_speech(devices: DevicesHandle) -> Option<Self> {
        let ear = Ear::open(devices)?;
        let meter = Rc::clone(&ear.meter);
        let (mut looks, mut spoken) = (0, 0);
        let mut is_told = false;
        let _looks = Interval::new(LOOK_MS, move || {
            if is_told {
                return;
            }
            looks += 1;
            spoken += u32::from(meter.level() > SPEECH);
            if spoken >= SPOKEN {
                is_told = true;
                devices.tell(Notice::SpeaksMuted);
            } else if looks >= LOOKS {
                (looks, spoken) = (0, 0);
            }
        });
        Some(Self::ForSpeech { _looks, _ear: ear })
    }

    fn for_anything(devices: DevicesHandle, settled: impl Fn() + 'static) -> Self {
        let looking = StoredValue::new_local(None::<(Ear, Interval)>);
        let begin = move || {
            let Some(ear) = Ear::open(devices) else { return };
            let meter = Rc::clone(&ear.meter);
            let mut quiet_ms = 0;
            let mut is_done = false;
            let looks = Interval::new(LOOK_MS, move || {
                if is_done {
                    return;
                }
                quiet_ms += LOOK_MS;
                let is_heard = meter.level() > NOISE;
                if is_heard || quiet_ms >= SILENCE_MS {
                    is_done = true;
                    settled();
                    if !is_heard {
                        devices.tell(Notice::Silent);
                    }
                    // Not within itself.
                    spawn_local(async move { drop(looking.try_set_value(None)) });
                }
            });
            let _ = looking.try_set_value(Some((ear, looks)));
        };
        Self::ForAnything {
            _begin: Timeout::new(GRACE_MS, begin),
        }
    }
}

/// Hears the microphone even while it is muted. Dropped, it does no more.
struct Ear {
    track: MediaStreamTrack,
    meter: Rc<LevelMeter>,
}

impl Ear {
    fn open(devices: DevicesHandle) -> Option<Self> {
        let stream = devices.call.state.local_stream.get_untracked()?;
        let tracks = stream.get_audio_tracks().into_iter();
        let microphone = tracks.map(JsCast::unchecked_into::<MediaStreamTrack>).next()?;
        #[expect(
            clippy::disallowed_methods,
            reason = "a track of its own: a muted one yields silence to everybody"
        )]
        let track = microphone.clone();
        track.set_enabled(true);
        let Ok(meter) = LevelMeter::new(&track) else {
            track.stop();
            return None;
        };
        let meter = Rc::new(meter);
        Some(Self { track, meter })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.track.stop();
    }
}
