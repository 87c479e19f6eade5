//! Dragging an element by mouse, pen or touch.

use std::cell::Cell;

use web_sys::{HtmlElement, PointerEvent};

use super::page;

/// Pixels to the right, and down.
pub type Point = (u32, u32);

/// A drag of an element: it follows the pointer from where it was taken.
#[derive(Debug, Default)]
pub struct Drag {
    /// Where it was taken.
    from: Cell<Option<Point>>,
}

impl Drag {
    /// One of the events `pointerdown`, `pointermove` and `lostpointercapture` of a grip, which is a child of
    /// the element and moves with it. When the pointer lets go, this says where in the window, and how large
    /// that is.
    pub fn follow(&self, grip: &HtmlElement, event: &PointerEvent) -> Option<(Point, Point)> {
        let element = grip.parent_element()?;
        // A pointer that is held may leave the window, but takes nothing along.
        let (x, y) = (positive(event.client_x()), positive(event.client_y()));
        match event.type_().as_str() {
            "pointerdown" => {
                // Refused only if the pointer is gone already; then nothing follows.
                grip.set_pointer_capture(event.pointer_id()).ok()?;
                self.from.set(Some((x, y)));
                None
            }
            "pointermove" => {
                let (from_x, from_y) = self.from.get()?;
                // A difference may be negative, and the code that writes such a number costs 0.2 kB.
                let style =
                    format!("translate: calc({x}px - {from_x}px) calc({y}px - {from_y}px); transition: none");
                // An element takes any style.
                let _ = element.set_attribute("style", &style);
                None
            }
            "lostpointercapture" => {
                self.from.take()?;
                // A listener can always be removed.
                let _ = element.remove_attribute("style");
                let root = page::document().document_element()?;
                Some((
                    (x, y),
                    (positive(root.client_width()), positive(root.client_height())),
                ))
            }
            _ => None,
        }
    }
}

fn positive(pixels: i32) -> u32 {
    pixels.max(0).unsigned_abs()
}
