//! Memos and effects, each made in one place.
//!
//! What Leptos makes of a closure is code of its own for each closure, some hundred bytes in the bundle.
//! Behind a pointer, all closures share it.

use leptos::prelude::*;

/// A value that is computed anew when what it reads has changed, and tells of it when it has changed itself.
pub(super) fn memo<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    let of: Box<dyn Fn() -> T + Send + Sync> = Box::new(of);
    Memo::new(move |_| of()).into()
}

/// Runs now, and again whenever what it reads has changed. What it holds is dropped with the reactive owner.
pub(super) fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_| run());
}

/// The opposite.
pub(super) fn not(holds: Signal<bool>) -> Signal<bool> {
    memo(move || !holds.get())
}
