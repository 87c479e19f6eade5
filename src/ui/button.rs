//! The one button. Every button goes through this component with the same types, so that its code is in the bundle
//! once.

use leptos::prelude::*;

use super::icons::Icon;

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Look {
    /// One of several.
    #[default]
    Plain,
    /// The one thing to do next.
    Primary,
    /// Ends something.
    Danger,
    /// An icon alone; the words are its name.
    Round,
}

/// A button with words, or an icon, or both.
#[component]
pub(super) fn Button(
    id: &'static str,
    #[prop(optional)] look: Look,
    #[prop(optional)] icon: Option<Signal<Icon>>,
    /// What a click does, in a word or two.
    #[prop(into)]
    words: Signal<&'static str>,
    /// Hidden otherwise.
    #[prop(into, default = true.into())]
    shown: Signal<bool>,
    /// Visible but without effect otherwise.
    #[prop(into, default = true.into())]
    enabled: Signal<bool>,
    on_click: Box<dyn Fn()>,
) -> impl IntoView {
    let class = match look {
        Look::Plain => "",
        Look::Primary => "primary",
        Look::Danger => "danger",
        Look::Round => "round",
    };
    let name = (look == Look::Round).then_some(words);
    view! {
        <button
            id=id
            class=class
            hidden=move || !shown.get()
            disabled=move || !enabled.get()
            aria-label=name
            title=name
            on:click=move |_| on_click()
        >
            {icon.map(|icon| move || icon.get().view())}
            {(look != Look::Round).then_some(words)}
        </button>
    }
    .into_any()
}
