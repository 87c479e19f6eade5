//! Icons: inline SVG in the text's colour. They are decoration; the text beside them, or the button's label,
//! is what screen readers read.

use leptos::prelude::*;

/// An icon: its outline, in a square of 24 units. Each is a constant, so that those of a chunk are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Icon(&'static str);

impl Icon {
    pub(in crate::ui) const CAMERA: Self = Self(
        "M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5zM15 10.5l6-3.5v10l-6-3.5",
    );
    pub(in crate::ui) const CAMERA_OFF: Self = Self(
        "M3 3l18 18M15 11V7.5A1.5 1.5 0 0 0 13.500 6H9M6 6H4.500A1.500 1.500 0 0 0 3 7.500v9A1.500 1.500 0 0 0 4.500 18h9a1.500 1.500 0 0 0 1.500-1.500V15M15 11l6-4v10l-3-2",
    );
    pub(in crate::ui) const MICROPHONE: Self = Self(
        "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21",
    );
    pub(in crate::ui) const MICROPHONE_OFF: Self = Self(
        "M3 3l18 18M15 10V6a3 3 0 0 0-5.800-1M9 9v2a3 3 0 0 0 4.500 2.600M5.500 11a6.500 6.500 0 0 0 10.500 5M18.500 11a6.500 6.500 0 0 1-.6 2.700M12 17.500V21",
    );
    pub(in crate::ui) const PHONE: Self = Self(
        "M6.500 3.500l3 .500 1 4-2 1.700a12 12 0 0 0 5.800 5.800l1.700-2 4 1 .5 3a2 2 0 0 1-2 2.300A16.500 16.500 0 0 1 4.200 5.500a2 2 0 0 1 2.300-2z",
    );
    pub(in crate::ui) const HANG_UP: Self =
        Self("M3 13.500c5-5 13-5 18 0l-1.800 2.800-3.700-1.300v-2.800a11 11 0 0 0-7 0V15l-3.700 1.300z");
    pub(in crate::ui) const PERSON: Self =
        Self("M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 20.500c.8-4 4-6 8-6s7.200 2 8 6");
    pub(in crate::ui) const LINK: Self = Self(
        "M10 14a4 4 0 0 0 5.700 0l3.500-3.500a4 4 0 0 0-5.700-5.700L12 6.300M14 10a4 4 0 0 0-5.700 0l-3.500 3.500a4 4 0 0 0 5.700 5.700L12 17.700",
    );
    pub(in crate::ui) const PIN: Self = Self("M9 3.500h6M10 3.500v6L7 13h10l-3-3.500v-6M12 13v7.500");
    pub(in crate::ui) const FULL_SCREEN: Self = Self("M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5");
    pub(in crate::ui) const LEAVE_FULL_SCREEN: Self = Self("M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5");
    pub(in crate::ui) const FOLD: Self = Self("M6 12h12");
    pub(in crate::ui) const MOVE: Self = Self("M4 8V4h4M4 4l6 6M20 16v4h-4M20 20l-6-6");
    pub(in crate::ui) const CHAT: Self = Self("M4 5h16v11H11l-4.500 4v-4H4zM8 9h8M8 12.500h5");
    pub(in crate::ui) const HAND: Self = Self(
        "M8 12V6a1.500 1.500 0 0 1 3 0v5V4.500a1.500 1.500 0 0 1 3 0V11V6a1.500 1.500 0 0 1 3 0v8a6 6 0 0 1-11 3.500L4.500 14A1.500 1.500 0 0 1 7 12.500l1 1.500z",
    );
    pub(in crate::ui) const SCREEN: Self =
        Self("M3 5h18v11.500H3zM8.500 20h7M12 16.500V20M12 13.500v-6M9.500 10l2.500-2.500 2.500 2.500");
    pub(in crate::ui) const VERIFIED: Self =
        Self("M12 3l7.500 3v5c0 5-3 8-7.500 10-4.500-2-7.500-5-7.500-10V6zM8.500 12l2.500 2.500 4.500-5");
    pub(in crate::ui) const GEAR: Self =
        Self("M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h7M15 17h5M13 15v4");
    pub(in crate::ui) const FLIP: Self =
        Self("M4 11a8 8 0 0 1 14-5l2 2M20 4v4h-4M20 13a8 8 0 0 1-14 5l-2-2M4 20v-4h4");
    pub(in crate::ui) const CLOSE: Self = Self("M6 6l12 12M18 6L6 18");
    pub(in crate::ui) const COPY: Self = Self("M8 8h11v12H8zM5 16V4h11");
    pub(in crate::ui) const SMILE: Self = Self(
        "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM8.500 14.500c1.800 2.200 5.200 2.200 7 0M9 9.500v.5M15 9.500v.5",
    );

    /// The outline.
    pub(in crate::ui) fn path(self) -> &'static str {
        self.0
    }
}

/// Where an icon changes, its outline does.
impl From<Icon> for Signal<String> {
    fn from(icon: Icon) -> Self {
        Self::stored(icon.path().to_owned())
    }
}

/// An icon in the text.
#[component]
pub(in crate::ui) fn Svg(
    /// Its outline.
    #[prop(into)]
    icon: Signal<String>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon />
        </svg>
    }
}
