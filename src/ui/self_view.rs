//! Our own picture, and where it is.

use std::rc::Rc;

use gloo_events::EventListener;
use leptos::prelude::*;
use visavis_call::{DeviceView, LocalMediaView};

use super::button::{Button, ButtonProps, Look};
use super::controls::shared_screen;
use super::icons::Icon;
use super::panel::GetVideo;
use super::screen::{Screen, Ui, not};
use super::{pictures, words};
use crate::browser::drag::{Drag, Point};
use crate::browser::page;

/// The element that holds it.
const TILE: &str = "self-view";

/// Where our own picture is during a call. Before and after, it has a place of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SelfView {
    /// Where it is, or would be.
    pub corner: Corner,
    /// Whether we don't want to see it. The others do.
    pub hidden: bool,
}

/// A corner of the stage. At first, and where most other programs have it: at the bottom right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Corner {
    /// At the top, not at the bottom.
    pub top: bool,
    /// At the left, not at the right.
    pub left: bool,
}

impl Corner {
    /// The one that is nearest to a point of something so large.
    fn nearest((x, y): Point, (width, height): Point) -> Self {
        Self {
            top: y < height / 2,
            left: x < width / 2,
        }
    }

    /// The next one, clockwise.
    fn next(self) -> Self {
        Self {
            top: self.left,
            left: !self.top,
        }
    }
}

/// For style.css: the words that hold.
pub(super) fn place(screen: &Screen) -> String {
    let SelfView { corner, hidden } = screen.self_view;
    [
        if corner.top { "top" } else { "bottom" },
        if corner.left { " left" } else { " right" },
        if hidden { " hidden" } else { "" },
    ]
    .concat()
}

/// Our own picture, mirrored and silent. In a call it can be dragged from corner to corner, and hidden.
pub(super) fn local_tile(ui: Ui) -> impl IntoView {
    let has_picture = ui.when(|screen| {
        matches!(
            screen.view.media,
            LocalMediaView::Open {
                camera: DeviceView::On,
                ..
            } | LocalMediaView::Open {
                screen: DeviceView::On,
                ..
            }
        )
    });
    let is_new = ui.when(|screen| matches!(screen.view.media, LocalMediaView::Off | LocalMediaView::Asking));
    let no_camera = ui.when(|screen| {
        matches!(
            screen.view.media,
            LocalMediaView::Open {
                camera: DeviceView::Absent,
                ..
            }
        )
    });
    let shares = ui.when(|screen| shared_screen(screen) == DeviceView::On);
    let hand = ui.when(|screen| screen.view.talk.hand);
    let always = ui.when(|_| true);
    let drag = Rc::new(Drag::default());
    for event in &Drag::EVENTS {
        let drag = Rc::clone(&drag);
        ui.keep_following(EventListener::new(&page::document(), *event, move |event| {
            if let Some((point, size)) = drag.follow(TILE, event) {
                ui.change(|screen| screen.self_view.corner = Corner::nearest(point, size));
            }
        }));
    }
    view! {
        <div
            id=TILE
            class="tile local"
            class:off=not(has_picture)
            class:new=is_new
            class:person=no_camera
            class:shared=shares
        >
            <video
                id=pictures::LOCAL
                class="mirrored"
                aria-label="Your own picture"
                autoplay
                playsinline
                prop:muted=true
            ></video>
            <div class="placeholder">
                <span class="icons" inner_html=Icon::markup(&[Icon::Camera, Icon::CameraOff, Icon::Person])></span>
                <p class="caption">{ui.words(words::own_caption)}</p>
                <GetVideo ui />
            </div>
            <div class="badges">
                <p class="badge" hidden=not(shares)>
                    <span class="icons" inner_html=Icon::markup(&[Icon::Screen])></span>
                    <span class="visually-hidden">{words::WE_SHARE}</span>
                </p>
                <p class="badge" hidden=not(hand)>
                    <span class="icons" inner_html=Icon::markup(&[Icon::Hand])></span>
                    <span class="visually-hidden">{words::YOUR_HAND_IS_UP}</span>
                </p>
                <p class="badge reaction">{ui.words(words::own_reaction)}</p>
            </div>
            {Button(ButtonProps {
                id: "move-self",
                look: Look::Round,
                icons: &[Icon::Move],
                words: ui.words(|_| words::MOVE_SELF.to_owned()),
                shown: always,
                enabled: always,
                on_click: Box::new(move || {
                    ui.change(|screen| screen.self_view.corner = screen.self_view.corner.next());
                }),
            })}
            {Button(ButtonProps {
                id: "hide-self",
                look: Look::Round,
                icons: &[Icon::Fold],
                words: ui.words(words::hide_self),
                shown: always,
                enabled: always,
                on_click: Box::new(move || {
                    ui.change(|screen| screen.self_view.hidden = !screen.self_view.hidden);
                }),
            })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP_LEFT: Corner = Corner {
        top: true,
        left: true,
    };
    const TOP_RIGHT: Corner = Corner {
        top: true,
        left: false,
    };
    const BOTTOM_RIGHT: Corner = Corner {
        top: false,
        left: false,
    };
    const BOTTOM_LEFT: Corner = Corner {
        top: false,
        left: true,
    };

    #[test]
    fn the_nearest_corner_is_that_of_the_quarter() {
        let size = (390, 844);
        assert_eq!(Corner::nearest((10, 400), size), TOP_LEFT);
        assert_eq!(Corner::nearest((200, 0), size), TOP_RIGHT);
        assert_eq!(Corner::nearest((194, 430), size), BOTTOM_LEFT);
        assert_eq!(Corner::nearest((389, 843), size), BOTTOM_RIGHT);
        assert_eq!(Corner::nearest((0, 2000), size), BOTTOM_LEFT);
    }

    #[test]
    fn the_corners_follow_each_other_clockwise() {
        let corners = [TOP_LEFT, TOP_RIGHT, BOTTOM_RIGHT, BOTTOM_LEFT];
        for (index, corner) in corners.into_iter().enumerate() {
            assert_eq!(corner.next(), corners[(index + 1) % 4]);
        }
    }
}
