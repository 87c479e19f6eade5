//! A text as a QR code.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::ui::reactive::memo;

/// How many modules stay white around a code, so that it is found (ISO/IEC 18004, section 5.3.8).
const MARGIN: i32 = 4;

/// A QR code, and what it holds for those who don't see it.
#[component]
pub(super) fn Code(#[prop(into)] text: Signal<String>, #[prop(into)] label: Signal<String>) -> impl IntoView {
    let drawn = memo(move || draw(&text.get()).unwrap_or_default());
    let view_box = memo(move || {
        let size = drawn.with(|(size, _)| *size);
        format!("0 0 {size} {size}")
    });
    view! {
        <svg id="letter-code" class="code" role="img" aria-label=label viewBox=view_box>
            <path d=memo(move || drawn.with(|(_, path)| path.clone())) />
        </svg>
    }
}

/// The width of a code in modules, with its margin, and the outline of its dark ones. `None`: the text is too
/// long for one.
fn draw(text: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let dark = (x..size).take_while(|x| code.get_module(*x, y)).count();
            let dark = i32::try_from(dark).unwrap_or(0);
            if dark > 0 {
                // A string takes everything.
                let _ = write!(path, "M{} {}h{dark}v1h-{dark}z", x + MARGIN, y + MARGIN);
            }
            x += dark + 1;
        }
    }
    Some((size + 2 * MARGIN, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: usize = 3;

    /// What a camera sees of a drawn code, at three pixels a module.
    fn seen(size: usize, path: &str) -> Vec<u8> {
        let width = size * SCALE;
        let mut pixels = vec![255; width * width];
        for run in path.split('M').skip(1) {
            let mut numbers = run.split(['h', 'v', ' ']).map(|text| text.parse::<usize>());
            let mut next = || numbers.next().and_then(Result::ok).unwrap();
            let (x, y, dark) = (next(), next(), next());
            for row in y * SCALE..(y + 1) * SCALE {
                pixels[row * width + x * SCALE..row * width + (x + dark) * SCALE].fill(0);
            }
        }
        pixels
    }

    #[test]
    fn what_is_drawn_can_be_read() {
        let text = ["https://calls.example.org/#/call=i1", &"A9_-".repeat(70)].concat();
        let (size, path) = draw(&text).unwrap();
        let size = usize::try_from(size).unwrap();
        let pixels = seen(size, &path);
        let width = size * SCALE;
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(width, width, |x, y| pixels[y * width + x]);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
        assert!(draw(&"a".repeat(3000)).is_none());
    }
}
