//! Reads QR codes that somebody holds in front of the camera. What finds and decodes them is a chunk.

use rqrr::PreparedImage;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement};

use crate::browser::isolation::isolated;
use crate::browser::{page, property};
use crate::chunk::chunk;

chunk!(
    /// Finds and reads QR codes.
    fn reader: scan -> fn(&[u8], usize, usize) -> Vec<String> = read
);

/// How often the camera is looked at, in milliseconds.
pub(super) const LOOK_MS: i32 = 200;

/// The largest width that is looked at. A code that fills a third of it is read; more takes longer.
const WIDEST: u32 = 960;

/// What was seen.
pub(super) enum Look {
    /// These texts.
    Saw(Vec<String>),
    /// What reads codes has failed over the picture.
    Failed,
}

/// Looks at a video, again and again.
pub(super) struct Eye {
    read: fn(&[u8], usize, usize) -> Vec<String>,
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Eye {
    /// Fetches what reads codes: there may be no network when it is wanted.
    pub(super) async fn load_ahead() {
        // The next one who wants it is told if it did not come.
        let _ = reader().await;
    }

    /// `None`: the browser can't draw, or what reads codes has not arrived.
    pub(super) async fn open() -> Option<Self> {
        let read = reader().await.ok()?;
        let canvas = page::document().create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        let options = js_sys::Object::new();
        // Its pixels are read each time.
        property::set(&options, "willReadFrequently", &JsValue::TRUE);
        let context = canvas.get_context_with_context_options("2d", &options).ok()??;
        let context = context.unchecked_into();
        Some(Self {
            read,
            canvas,
            context,
        })
    }

    /// The texts of all codes that the video shows now.
    pub(super) fn look(&self, video: &HtmlVideoElement) -> Look {
        let (width, height) = (video.video_width(), video.video_height());
        if width == 0 || height == 0 {
            return Look::Saw(Vec::new());
        }
        let (width, height) = match width > WIDEST {
            true => (WIDEST, height * WIDEST / width),
            false => (width, height),
        };
        self.canvas.set_width(width);
        self.canvas.set_height(height);
        let (w, h) = (f64::from(width), f64::from(height));
        let drawn = self
            .context
            .draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, w, h);
        // A video that shows nothing yet is refused.
        let Ok(image) = drawn.and_then(|()| self.context.get_image_data(0.0, 0.0, w, h)) else {
            return Look::Saw(Vec::new());
        };
        let read = self.read;
        // rqrr asserts what an odd picture breaks (its issue 54).
        let seen = isolated(move || read(&image.data(), width as usize, height as usize));
        seen.map_or(Look::Failed, Look::Saw)
    }
}

/// The texts of all codes in a picture: four bytes a pixel, line by line.
fn read(pixels: &[u8], width: usize, height: usize) -> Vec<String> {
    let grey = |x, y| luma(pixels, (y * width + x) * 4);
    let mut image = PreparedImage::prepare_from_greyscale(width, height, grey);
    let codes = image.detect_grids();
    codes
        .iter()
        .filter_map(|code| code.decode().ok())
        .map(|(_, text)| text)
        .collect()
}

/// How bright a pixel is that begins there (ITU-R BT.601).
fn luma(pixels: &[u8], at: usize) -> u8 {
    let Some([red, green, blue]) = pixels.get(at..at + 3) else {
        return 0;
    };
    let sum = u32::from(*red) * 299 + u32::from(*green) * 587 + u32::from(*blue) * 114;
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}
