//! When a video element shows something.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::prelude::*;
use web_sys::HtmlVideoElement;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = HtmlVideoElement, js_name = HTMLVideoElement)]
    #[derive(Clone)]
    type FrameVideo;

    // Not in web-sys, and not in every browser.
    #[wasm_bindgen(method, catch, js_name = requestVideoFrameCallback)]
    fn request_video_frame_callback(this: &FrameVideo, callback: &JsValue) -> Result<u32, JsValue>;

    #[wasm_bindgen(method, catch, js_name = cancelVideoFrameCallback)]
    fn cancel_video_frame_callback(this: &FrameVideo, handle: u32) -> Result<(), JsValue>;
}

/// A frame this wide or narrower is a placeholder: Chromium shows one of 2 × 2 pixels before the first frame.
const PLACEHOLDER_WIDTH: u32 = 2;

/// Waits for the first real frame of a video element; dropped, it waits no longer.
#[derive(Debug)]
pub struct FirstFrame {
    _waiting: Waiting,
}

#[derive(Debug)]
enum Waiting {
    Frame { _watch: Rc<FrameWatch> },
    Size { _listener: EventListener },
}

impl FirstFrame {
    /// Calls back once, when the first real frame is shown.
    pub fn watch(video: &HtmlVideoElement, on_frame: impl FnOnce() + 'static) -> Self {
        let raw: &FrameVideo = video.unchecked_ref();
        let has_callback =
            js_sys::Reflect::has(raw, &JsValue::from_str("requestVideoFrameCallback")).unwrap_or(false);
        let _waiting = if has_callback {
            Waiting::Frame {
                _watch: FrameWatch::start(raw.clone(), Box::new(on_frame)),
            }
        } else {
            // Browsers without the callback (before 2024) say at least when the size is known.
            let listener = EventListener::once(video, "resize", move |_| on_frame());
            Waiting::Size { _listener: listener }
        };
        Self { _waiting }
    }
}

/// Asks for frame after frame until one is real.
struct FrameWatch {
    video: FrameVideo,
    handle: Cell<Option<u32>>,
    on_frame: RefCell<Option<Box<dyn FnOnce()>>>,
    callback: RefCell<Option<Closure<dyn FnMut()>>>,
}

impl std::fmt::Debug for FrameWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FrameWatch")
    }
}

impl FrameWatch {
    fn start(video: FrameVideo, on_frame: Box<dyn FnOnce()>) -> Rc<Self> {
        let watch = Rc::new(Self {
            video,
            handle: Cell::new(None),
            on_frame: RefCell::new(Some(on_frame)),
            callback: RefCell::new(None),
        });
        let weak = Rc::downgrade(&watch);
        let callback = Closure::new(move || {
            if let Some(watch) = weak.upgrade() {
                watch.frame();
            }
        });
        watch.callback.replace(Some(callback));
        watch.request();
        watch
    }

    fn request(&self) {
        if let Some(callback) = &*self.callback.borrow() {
            self.handle
                .set(self.video.request_video_frame_callback(callback.as_ref()).ok());
        }
    }

    fn frame(&self) {
        self.handle.set(None);
        if self.video.video_width() <= PLACEHOLDER_WIDTH {
            self.request();
        } else if let Some(on_frame) = self.on_frame.take() {
            on_frame();
        }
    }
}

impl Drop for FrameWatch {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.get() {
            // Fails only where there is no such method, and then there was no handle.
            let _ = self.video.cancel_video_frame_callback(handle);
        }
    }
}
