//! Our own picture, and where it is.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use visavis_call::{CallView, Device, DeviceView, LocalMediaView};
use wasm_bindgen::JsCast;
use web_sys::MediaStream;

use super::tile::Badge;
use crate::browser::drag::{Drag, Point};
use crate::browser::early;
use crate::ui::call_handle::CallHandle;
use crate::ui::components::{Button, Icon, Kind, Lazy, Place, Svg};
use crate::ui::context::{use_call, use_page};
use crate::ui::lobby::GetVideo;
use crate::ui::locale;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::Corner;

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

/// Our own picture, mirrored and silent.
#[component]
pub(super) fn LocalTile() -> impl IntoView {
    let call = use_call();
    show_local_stream(call);
    view! {
        <div class=call.select(|call| class(call).to_owned())>
            <video
                id=early::LOCAL_VIDEO
                class="mirrored"
                aria-label="Your own picture"
                autoplay
                playsinline
                prop:muted=true
                node_ref=call.local_video
            ></video>
            <div class="placeholder">
                <Svg icon=call.select(|call| icon(call).path().to_owned()) />
                <p class="caption" prop:textContent=call.select(locale::own_caption)></p>
                <GetVideo />
            </div>
            <Lazy chunk=use_page().chunks.stage place=Place::OwnPicture />
        </div>
    }
}

/// What is on our own picture during a call, when it can be dragged from corner to corner, and hidden.
#[component]
pub(super) fn OnOwnPicture() -> impl IntoView {
    let call = use_call();
    let state = call.state;
    let drag = StoredValue::new_local(Drag::default());
    let follow = move |event: PointerEvent| {
        let grip = event.current_target().map(JsCast::unchecked_into);
        let end = grip.and_then(|grip| drag.with_value(|drag| drag.follow(&grip, &event)));
        if let Some((point, size)) = end {
            state.change(|page| page.self_view.corner = Corner::nearest(point, size));
        }
    };
    view! {
        <div class="grip" on:pointerdown=follow on:pointermove=follow on:lostpointercapture=follow></div>
        <div class="badges">
            <Badge
                icon=Icon::SCREEN
                words=locale::WE_SHARE
                hidden=call.select(|call| !is_on(call, Device::Screen))
            />
            <Badge
                icon=Icon::HAND
                words=locale::YOUR_HAND_IS_UP
                hidden=memo(move || !state.chat.with(|chat| chat.hand))
            />
            <p
                class="badge reaction"
                prop:textContent=memo(move || state.chat.with(|chat| locale::own_reaction(chat.reaction).to_owned()))
            ></p>
        </div>
        <Button
            id="flip-camera"
            kind=Kind::Round
            icon=Icon::FLIP
            label="Other camera"
            hidden=call.select_with_page(|call, page| page.flip.is_none() || !is_on(call, Device::Camera))
            on_click=move || state.change(|page| page.flip = Some(true))
        />
        <Button
            id="move-self"
            kind=Kind::Round
            icon=Icon::MOVE
            label=locale::MOVE_SELF
            on_click=move || {
                state.change(|page| page.self_view.corner = page.self_view.corner.next());
            }
        />
        <Button
            id="hide-self"
            kind=Kind::Round
            icon=Icon::FOLD
            label=call.page(|page| locale::hide_self(page.self_view.hidden).to_owned())
            on_click=move || state.change(|page| page.self_view.hidden = !page.self_view.hidden)
        />
    }
}

/// What was in the element before the app was there stays until there is something else to show.
fn show_local_stream(call: CallHandle) {
    let mut shown: Option<MediaStream> = None;
    effect(move || {
        let Some(video) = call.local_video.get() else {
            return;
        };
        let stream = call.state.local_stream.get();
        if (stream.is_some() || shown.is_some()) && video.src_object() != stream {
            video.set_src_object(stream.as_ref());
        }
        shown = stream;
    });
}

fn class(call: &CallView) -> &'static str {
    if is_on(call, Device::Screen) {
        "tile local shared"
    } else if is_on(call, Device::Camera) {
        "tile local"
    } else {
        "tile local off"
    }
}

fn is_on(call: &CallView, device: Device) -> bool {
    call.media.device(device) == DeviceView::On
}

/// Why there is no picture: not asked for yet, off, or none there.
fn icon(call: &CallView) -> Icon {
    match call.media {
        LocalMediaView::Off | LocalMediaView::Asking => Icon::CAMERA,
        LocalMediaView::Open {
            camera: DeviceView::Absent,
            ..
        } => Icon::PERSON,
        _ => Icon::CAMERA_OFF,
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
