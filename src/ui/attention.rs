//! What goes on beside what is shown: it rings while somebody calls or knocks, and the clock runs while it is
//! seen.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use visavis_call::{CallView, SignalingView, Stage};

use super::call_handle::CallHandle;
use super::locale;
use super::reactive::effect;
use crate::browser::page;
use crate::browser::ring::{Ring, Sound};

/// Rings for as long as somebody calls, and sounds for each who knocks.
pub(super) fn ring(call: CallHandle) {
    let mut ringing: Option<Ringing> = None;
    effect(move || {
        let Some((title, sound, count)) = call.state.call.with(wanted) else {
            ringing = None;
            return;
        };
        match &mut ringing {
            Some(ringing) if ringing.sound == sound && count <= ringing.count => ringing.count = count,
            _ => {
                // Only one at a time has the title.
                drop(ringing.take());
                let _ring = Ring::start(title, sound);
                ringing = Some(Ringing { sound, count, _ring });
            }
        }
    });
}

struct Ringing {
    sound: Sound,
    /// For how many.
    count: usize,
    _ring: Ring,
}

/// What the title says, what is to be heard, and for how many.
fn wanted(call: &CallView) -> Option<(String, Sound, usize)> {
    if call.stage() == Stage::Ringing {
        locale::calling_title(call).map(|title| (title, Sound::Call, 1))
    } else {
        locale::knocking_title(call).map(|title| (title, Sound::Knock, call.access.knocking.len()))
    }
}

/// Counts seconds while something that is shown does, and only then.
pub(super) fn keep_time(call: CallHandle) {
    let counts = call.select(counts_seconds);
    let tick = move || {
        let _ = call.state.now.try_set(page::now());
    };
    let mut _clock = None;
    effect(move || {
        _clock = counts.get().then(|| {
            tick();
            Interval::new(1000, tick)
        });
    });
}

/// Whether something that is shown counts seconds.
fn counts_seconds(call: &CallView) -> bool {
    let retries = matches!(
        call.signaling_route,
        SignalingView::Unreachable {
            retry_at: Some(_),
            ..
        }
    );
    call.is_going_on() || retries
}
