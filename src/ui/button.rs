//! The one button.

use leptos::prelude::*;

use super::icons::Icon;
use super::screen::not;

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// One of several.
    Plain,
    /// The one thing to do next.
    Primary,
    /// Ends something.
    Danger,
    /// Icons alone; the words are the name.
    Round,
}

/// A button with words, or icons, or both.
#[component]
pub(super) fn Button(
    id: &'static str,
    look: Look,
    icons: &'static [Icon],
    /// What a click does, in a word or two.
    words: Memo<String>,
    /// Hidden otherwise.
    shown: Memo<bool>,
    /// Visible but without effect otherwise.
    enabled: Memo<bool>,
    on_click: Box<dyn Fn()>,
) -> impl IntoView {
    let class = match look {
        Look::Plain => "",
        Look::Primary => "primary",
        Look::Danger => "danger",
        Look::Round => "round",
    };
    // Listeners of the capturing phase are never delegated, so the code for that stays out of the bundle.
    view! {
        <button
            id=id
            class=class
            hidden=not(shown)
            disabled=not(enabled)
            title=(look == Look::Round).then_some(words)
            on:click:capture=move |_| on_click()
        >
            <span class="icons" inner_html=Icon::markup(icons)></span>
            <span class="words">{words}</span>
        </button>
    }
}
