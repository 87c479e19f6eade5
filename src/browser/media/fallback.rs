//! What few need comes with the settings, a chunk that has all about devices: what is done when the browser
//! does not give what it was asked for, and how it is asked for a screen.

use std::pin::Pin;

use visavis_call::MediaError;
use wasm_bindgen::JsValue;

use super::request::{Opened, Request};
use super::{LocalStream, reason, screen};
use crate::browser::exception;
use crate::chunk::chunk;

/// What is in that chunk.
#[derive(Debug, Clone, Copy)]
struct More {
    open_the_rest: fn(JsValue, Request) -> Opening,
    open_screen: fn() -> OpeningScreen,
}

/// What could be opened.
type Opening = Pin<Box<dyn Future<Output = Opened>>>;

/// A screen, a window or a tab; why there is none, otherwise.
type OpeningScreen = Pin<Box<dyn Future<Output = Result<LocalStream, MediaError>>>>;

chunk!(
    /// What is loaded when it is needed.
    fn more: settings -> More = More {
        open_the_rest: |thrown, request| Box::pin(reason::open_the_rest(thrown, request)),
        open_screen: || Box::pin(screen::open()),
    }
);

/// Opens what can be opened, and finds out why the rest can't. Where that does not load, only the exception
/// is known.
pub(super) async fn find(thrown: JsValue, request: Request) -> Opened {
    match more().await {
        Ok(more) => (more.open_the_rest)(thrown, request).await,
        Err(_) => Opened::failed(request.wish, &MediaError::Other(exception::name_of(&thrown))),
    }
}

/// Asks for a screen, a window or a tab; the browser asks the person which (W3C screen-capture).
///
/// # Errors
/// Why there is none.
pub async fn open_screen() -> Result<LocalStream, MediaError> {
    match more().await {
        Ok(more) => (more.open_screen)().await,
        Err(_) => Err(MediaError::Other("NetworkError".to_owned())),
    }
}
