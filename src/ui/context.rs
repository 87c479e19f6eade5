//! What every component of the page can reach.

use leptos::prelude::*;

use super::call_handle::CallHandle;
use super::chunks::Chunks;
use super::components::Copying;
use super::focus::FocusTargets;
use super::locale::Words;

/// The page that a component is on.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageContext {
    pub(super) call: CallHandle,
    pub(super) chunks: Chunks,
    pub(super) focus: FocusTargets,
    /// The sentences that come with chunks.
    pub(super) words: RwSignal<Words>,
    /// Of the report about the call.
    pub(super) copying: Copying,
}

impl PageContext {
    /// Provides the context of a page that begins.
    pub(super) fn provide(call: CallHandle, chunks: Chunks) -> Self {
        let page = Self {
            call,
            chunks,
            focus: FocusTargets::new(),
            words: RwSignal::new(Words::default()),
            copying: Copying::new(),
        };
        provide_context(page);
        page
    }
}

/// The page that a component is on.
pub(super) fn use_page() -> PageContext {
    use_context().expect("a component is on a page")
}

/// The call of that page.
pub(super) fn use_call() -> CallHandle {
    use_page().call
}
