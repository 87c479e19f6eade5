//! The tiles of more than one other: made when there are so many, and kept then.
//!
//! Most calls are between two. What is made for more of them, and hidden, takes its time when the page starts, and again
//! with each change: all that depends on the screen looks at it anew.

use std::any::Any;

use leptos::prelude::*;
use leptos::tachys::view::{Mountable, Render};
use web_sys::Node;

use super::pictures::MOST_REMOTES;
use super::screen::Ui;
use super::tiles;
use crate::browser::page;

/// What is made, and is there for as long as this.
pub(super) struct AsNeeded {
    /// Of the page that it is made in.
    owner: Option<Owner>,
    tiles: Vec<Box<dyn Any>>,
}

impl AsNeeded {
    /// For the page that is being made.
    pub(super) fn new() -> Self {
        Self {
            owner: Owner::current(),
            tiles: Vec::new(),
        }
    }

    /// Makes what is missing for so many others, at once: what is shown in it is put there by name.
    pub(super) fn make(&mut self, ui: Ui, others: usize) {
        let others = others.min(MOST_REMOTES);
        let Some(owner) = self.owner.clone().filter(|_| self.tiles.len() + 1 < others) else {
            return;
        };
        let Some(remotes) = page::element(tiles::REMOTES) else {
            return;
        };
        owner.with(|| {
            // The first is there even when nobody else is.
            for index in self.tiles.len() + 1..others {
                let last = remotes.last_element_child();
                self.tiles
                    .push(put(tiles::remote_tile(ui, index), &remotes, last.as_deref()));
            }
        });
    }
}

/// Makes something in an element, before one of its children or behind all. It works until the result is dropped.
fn put(view: impl IntoView + 'static, parent: &web_sys::Element, before: Option<&Node>) -> Box<dyn Any> {
    let mut made = view.into_view().build();
    made.mount(parent, before);
    Box::new(made)
}
