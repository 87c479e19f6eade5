//! Memos and effects, each made in one place.
//!
//! What Leptos makes of a closure is code of its own for each closure, some hundred bytes in the bundle.
//! Behind a pointer, all closures share it.

use leptos::prelude::*;

/// A value that is computed again when something that it reads has changed. It notifies only when it has
/// changed itself.
pub(super) fn memo<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    let of: Box<dyn Fn() -> T + Send + Sync> = Box::new(of);
    Memo::new(move |_| {
        count();
        of()
    })
    .into()
}

/// Runs now, and again whenever what it reads has changed. What it holds is dropped with the reactive owner.
pub(super) fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_| {
        count();
        run();
    });
}

/// The opposite.
pub(super) fn not(holds: Signal<bool>) -> Signal<bool> {
    memo(move || !holds.get())
}

/// For `cargo xtask bench idle`: how often memos and effects have run, as `visavisRuns` of the window.
#[cfg(feature = "count")]
fn count() {
    use std::cell::Cell;

    thread_local! {
        static RUNS: Cell<u32> = const { Cell::new(0) };
    }
    RUNS.set(RUNS.get() + 1);
    // A window takes any property.
    let _ = js_sys::Reflect::set(
        &crate::browser::page::window(),
        &"visavisRuns".into(),
        &RUNS.get().into(),
    );
}

#[cfg(not(feature = "count"))]
fn count() {}
