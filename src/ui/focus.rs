//! Where the focus goes when what had it is gone.

use leptos::ev::FocusEvent;
use leptos::html;
use leptos::prelude::*;
use visavis_call::{CallView, Stage};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::call_handle::CallHandle;
use super::reactive::effect;
use crate::browser::page;

/// Elements that take the focus over.
#[derive(Debug, Clone, Copy)]
pub(super) struct FocusTargets {
    /// Calls, or answers.
    pub(super) call: NodeRef<html::Button>,
    /// The first of the bar.
    pub(super) microphone: NodeRef<html::Button>,
    /// What to do while nobody can be called: to copy the link, to try again, or to leave.
    pub(super) next: NodeRef<html::Button>,
    /// What had it last.
    last: StoredValue<Option<Element>, LocalStorage>,
}

impl FocusTargets {
    pub(super) fn new() -> Self {
        Self {
            call: NodeRef::new(),
            microphone: NodeRef::new(),
            next: NodeRef::new(),
            last: StoredValue::new_local(None),
        }
    }

    /// Something has got the focus.
    pub(super) fn note(self, event: &FocusEvent) {
        let element = event.target().and_then(|target| target.dyn_into().ok());
        self.last.set_value(element);
    }

    /// If the focused button is gone with its stage, the focus goes where the next thing is to be done. After
    /// Call, it is not the button that hangs up: somebody may press a key twice.
    pub(super) fn follow(self, call: CallHandle) {
        let mut before = None;
        effect(move || {
            let stage = call.state.call.with(CallView::stage);
            if before.replace(stage).is_some_and(|before| before != stage) {
                // Once the page shows it.
                request_animation_frame(move || self.restore(stage));
            }
        });
    }

    fn restore(self, stage: Stage) {
        let last = self.last.try_get_value().flatten();
        if last.is_none_or(|last| can_have_focus(&last)) {
            return;
        }
        let targets: &[_] = match stage {
            // The next stage comes by itself.
            Stage::Start | Stage::Asking | Stage::Joining => &[],
            Stage::Connecting | Stage::InCall => &[self.microphone],
            _ => &[self.call, self.next],
        };
        let usable = targets.iter().filter_map(|target| target.get_untracked());
        let target = usable.into_iter().find(|target| can_have_focus(target));
        if let Some(target) = target {
            // It is there.
            let _ = target.focus();
        }
    }
}

/// Whether it is shown, and can be used.
fn can_have_focus(element: &Element) -> bool {
    element.get_client_rects().length() > 0 && !page::matches(element, ":disabled")
}
