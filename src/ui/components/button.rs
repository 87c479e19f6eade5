//! The one button.

use leptos::html;
use leptos::prelude::*;

use super::Svg;
use crate::ui::reactive::memo;

/// How a button looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ui) enum Kind {
    /// One of several.
    #[default]
    Plain,
    /// The one thing to do next.
    Primary,
    /// Ends something.
    Danger,
    /// An icon alone; the label is its name.
    Round,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => "primary",
            Self::Danger => "danger",
            Self::Round => "round",
        }
    }
}

/// A button with a label, an icon, or both.
#[component]
pub(in crate::ui) fn Button(
    #[prop(into, optional)] id: Option<Signal<String>>,
    #[prop(optional)] kind: Kind,
    /// Its outline; without one there is no icon.
    #[prop(into, optional)]
    icon: Signal<String>,
    /// What a click does, in a word or two.
    #[prop(into)]
    label: Signal<String>,
    /// The same, for screen readers, where only the place of the button says whom it is about.
    #[prop(into, optional)]
    about: Option<Signal<String>>,
    #[prop(into, optional)] hidden: Signal<bool>,
    /// Visible, but without effect.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// Whether what it opens is open.
    #[prop(into, optional)]
    expanded: Option<Signal<bool>>,
    #[prop(into)] on_click: Callback<()>,
    #[prop(optional)] node_ref: NodeRef<html::Button>,
) -> impl IntoView {
    let expanded =
        expanded.map(|expanded| memo(move || if expanded.get() { "true" } else { "false" }.to_owned()));
    view! {
        <button
            id=id
            class=kind.class()
            hidden=hidden
            disabled=disabled
            title=(kind == Kind::Round).then_some(label)
            aria-label=about
            aria-expanded=expanded
            on:click=move |_| on_click.run(())
            node_ref=node_ref
        >
            <Svg icon />
            // A text that a browser has translated is put in its place as a whole.
            <span class="words" prop:textContent=label></span>
        </button>
    }
}
