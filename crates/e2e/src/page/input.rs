//! What a person does with mouse and keyboard.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::error::CmdError;
use tokio::time::sleep;

use super::{LOOK_AGAIN, PATIENCE, Page};

/// What WebDriver says of a click that something else would get.
const INTERCEPTED: &str = "element click intercepted";

impl Page {
    /// Clicks on the element with this id, once it is there and can be clicked.
    ///
    /// # Panics
    /// It isn't for a minute.
    pub async fn click(&self, id: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.wait_until(&format!(
                "(e => !!e && !e.disabled && e.checkVisibility({{ visibilityProperty: true }}))(document.getElementById('{id}'))"
            ))
            .await;
            let here = self.here().await;
            let clicked = match here.find(Locator::Id(id)).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return,
                // The app has just taken the page over, with a button of its own in the place of this one.
                Err(error) if error.is_stale_element_reference() || error.is_no_such_element() => {}
                // Something glides, this or what is before it.
                Err(CmdError::Standard(refusal))
                    if refusal.error() == INTERCEPTED && Instant::now() < deadline =>
                {
                    sleep(LOOK_AGAIN).await;
                }
                Err(error) => panic!("{id} can't be clicked: {error}"),
            }
        }
    }

    /// Presses a key and lets it go: a character, or what WebDriver has for other keys.
    ///
    /// # Panics
    /// The browser can't.
    pub async fn press(&self, value: char) {
        let keys = KeyActions::new("keys".into())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        let pressed = self.here().await.perform_actions(keys).await;
        pressed.unwrap_or_else(|error| panic!("{value:?} can't be pressed: {error}"));
    }

    /// Takes an element, given by an expression of JavaScript, in its middle with the mouse, and lets it go
    /// at a point of the window.
    ///
    /// # Panics
    /// There is no such element.
    pub async fn drag(&self, element: &str, (x, y): (f64, f64)) {
        let middle = self
            .evaluate(&format!(
                "(b => [b.left + b.width / 2, b.top + b.height / 2])(({element}).getBoundingClientRect())"
            ))
            .await;
        let at = |index: usize| middle[index].as_f64().expect("a middle is two numbers");
        let to = |x, y| PointerAction::MoveTo {
            duration: Some(Duration::from_millis(50)),
            x,
            y,
        };
        let mouse = MouseActions::new("mouse".into())
            .then(to(at(0), at(1)))
            .then(PointerAction::Down {
                button: MOUSE_BUTTON_LEFT,
            })
            .then(to((at(0) + x) / 2.0, (at(1) + y) / 2.0))
            .then(to(x, y))
            .then(PointerAction::Up {
                button: MOUSE_BUTTON_LEFT,
            });
        let dragged = self.here().await.perform_actions(mouse).await;
        dragged.unwrap_or_else(|error| panic!("{element} can't be dragged: {error}"));
    }
}
