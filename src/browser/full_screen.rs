//! The page on the whole screen, with nothing of the browser around it.

use super::page;

/// How the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullScreen {
    /// This browser does not offer it to pages, as on an iPhone.
    Unavailable,
    /// Not now.
    Off,
    /// The page has the whole screen.
    On,
}

impl FullScreen {
    /// The event of the document that tells of a change by page or person: Escape ends it, too.
    pub const CHANGE: &str = "fullscreenchange";

    /// How it is now.
    #[must_use]
    pub fn now() -> Self {
        let document = page::document();
        if document.fullscreen_element().is_some() {
            Self::On
        } else if document.fullscreen_enabled() {
            Self::Off
        } else {
            Self::Unavailable
        }
    }

    /// Takes the whole screen, or gives it back.
    pub fn toggle() {
        let document = page::document();
        if document.fullscreen_element().is_some() {
            document.exit_fullscreen();
        } else if let Some(root) = document.document_element() {
            // Refused only if nobody clicked.
            let _ = root.request_fullscreen();
        }
    }
}
