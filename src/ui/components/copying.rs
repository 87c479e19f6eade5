//! Copying a text, and saying whether it worked.

use gloo_timers::callback::Timeout;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Button, Icon};
use crate::browser::clipboard;
use crate::ui::locale;
use crate::ui::reactive::memo;

/// For how long a button says whether the click worked.
const FEEDBACK_MS: u32 = 2500;

/// What became of copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copied {
    /// Not asked for lately.
    Idle,
    /// It is on the clipboard.
    Done,
    /// The browser does not let pages copy: the text is selected, and the person can.
    ByHand,
}

/// A text that can be copied, and whether that worked lately.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Copying {
    outcome: RwSignal<Copied>,
    end: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Copying {
    /// Nothing was copied yet.
    pub(in crate::ui) fn new() -> Self {
        Self {
            outcome: RwSignal::new(Copied::Idle),
            end: StoredValue::new_local(None),
        }
    }

    /// What screen readers say about the result.
    pub(in crate::ui) fn said(self, done: &'static str) -> &'static str {
        match self.outcome.get() {
            Copied::Idle => "",
            Copied::Done => done,
            Copied::ByHand => locale::COPY_BY_HAND,
        }
    }

    /// Copies a text. Where the browser does not let pages copy, `by_hand` helps the person to.
    pub(in crate::ui) fn copy(self, text: String, by_hand: impl FnOnce() + 'static) {
        spawn_local(async move {
            if clipboard::copy(&text).await {
                self.say(Copied::Done);
            } else {
                by_hand();
                self.say(Copied::ByHand);
            }
        });
    }

    /// What a click does: copies the text, or selects it for the person.
    pub(in crate::ui) fn on_click(
        self,
        text: Signal<String>,
        select: impl Fn() + Copy + Send + Sync + 'static,
    ) -> Callback<()> {
        Callback::new(move |()| self.copy(text.get_untracked(), select))
    }

    /// Says for a moment whether it worked. After the end of the app, this does nothing.
    fn say(self, outcome: Copied) {
        let _ = self.outcome.try_set(outcome);
        let end = Timeout::new(FEEDBACK_MS, move || {
            let _ = self.outcome.try_set(Copied::Idle);
        });
        let _ = self.end.try_update_value(|kept| *kept = Some(end));
    }
}

/// A button that copies something.
#[component]
pub(in crate::ui) fn CopyButton(
    id: &'static str,
    icon: Icon,
    copying: Copying,
    /// What the button says while nothing was copied.
    #[prop(into)]
    label: Signal<String>,
    /// What screen readers say about the result.
    said: Signal<String>,
    #[prop(into, optional)] hidden: Signal<bool>,
    #[prop(into)] on_click: Callback<()>,
    #[prop(optional)] node_ref: NodeRef<html::Button>,
) -> impl IntoView {
    let text = memo(move || match copying.outcome.get() {
        Copied::Idle => label.get(),
        Copied::Done => "Copied".to_owned(),
        Copied::ByHand => "Press Ctrl+C".to_owned(),
    });
    view! {
        <Button id icon label=text hidden on_click node_ref />
        <span class="visually-hidden" role="status" prop:textContent=said></span>
    }
}

/// A text that is passed on, in a field, and a button that copies it.
#[component]
pub(in crate::ui) fn CopyField(
    id: &'static str,
    text: Signal<String>,
    /// The button's id, and what it says while nothing was copied.
    button: &'static str,
    label: &'static str,
    /// What screen readers say once it is copied.
    said: &'static str,
    #[prop(optional)] node_ref: NodeRef<html::Button>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let copying = Copying::new();
    let copy = copying.on_click(text, move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    });
    view! {
        <input id=id type="text" readonly prop:value=text node_ref=field />
        <CopyButton
            id=button
            icon=Icon::LINK
            copying
            label
            said=memo(move || copying.said(said).to_owned())
            on_click=copy
            node_ref
        />
    }
}
