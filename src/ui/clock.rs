//! A clock for what counts seconds. It ticks only while somebody looks at it.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use visavis_call::Time;

use crate::browser::page;

/// The time, to the second, for as long as `runs` says; then it stands still.
pub(super) fn ticking(runs: Signal<bool>) -> ReadSignal<Time> {
    let (now, set_now) = signal(page::now());
    let interval = StoredValue::new_local(None::<Interval>);
    Effect::new(move || {
        let next = runs.get().then(|| {
            set_now.set(page::now());
            Interval::new(1000, move || {
                let _ = set_now.try_set(page::now());
            })
        });
        interval.set_value(next);
    });
    now
}
