//! What the page did before the app was loaded (`src/early.js`), and how the app takes its place.

use js_sys::{Function, Promise};
use visavis_call::MediaWish;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlVideoElement};

use crate::browser::{page, property};

/// The global object in which the script leaves everything.
const EARLY: &str = "visavis";

/// What index.html shows until the app is there.
const BOOT: &str = "boot";

/// The field for the name, there and in the app.
pub const NAME: &str = "name";

/// The element of our own video, there and in the app.
pub const LOCAL_VIDEO: &str = "local-video";

fn early() -> JsValue {
    property::get(&page::window(), EARLY)
}

/// What the script has left under this name. It can be taken once.
fn take<T: JsCast>(name: &str) -> Option<T> {
    property::take(&early(), name).dyn_into().ok()
}

fn call(name: &str) {
    if let Some(function) = take::<Function>(name) {
        // Neither of them throws.
        let _ = function.call0(&JsValue::UNDEFINED);
    }
}

/// The request for config.json. An answer can be read once, so this returns it once.
#[must_use]
pub fn config() -> Option<Promise> {
    take("config")
}

/// What the person has asked for by now.
#[must_use]
pub fn wish() -> Option<MediaWish> {
    let wish = property::get(&early(), "wish");
    wish.is_object().then(|| {
        let wants = |device| property::get(&wish, device).is_truthy();
        match (wants("video"), wants("audio")) {
            (true, true) => MediaWish::CameraAndMicrophone,
            (true, false) => MediaWish::Camera,
            (false, true) => MediaWish::Microphone,
            (false, false) => MediaWish::Nothing,
        }
    })
}

/// The request for these devices that is under way, or was answered, if the page has made it. The caller then
/// owns the stream.
#[must_use]
pub fn media(wanted: MediaWish) -> Option<Promise> {
    (wish() == Some(wanted)).then(|| take("media")).flatten()
}

/// What stands in the field for the name. The person may still be writing.
#[must_use]
pub fn name() -> Option<String> {
    let boot = page::element(BOOT)?;
    let field = within(&boot, NAME)?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

/// The element of this name in the page that the app has not replaced yet.
fn within(boot: &Element, name: &str) -> Option<Element> {
    boot.query_selector(&["#", name].concat()).ok().flatten()
}

/// Shows the app instead of what index.html has, all within one task: a person who was typing can go on, and
/// the video goes on in its element. That stands in the place of the one that the app has made for it, which
/// `show_app` says.
pub async fn give_way(
    show_app: impl FnOnce() -> Option<HtmlVideoElement>,
    goes_on_in: impl FnOnce(&Element),
) {
    call("end");
    let Some(boot) = page::element(BOOT) else {
        show_app();
        return;
    };
    let video = within(&boot, LOCAL_VIDEO);
    let active = page::document()
        .active_element()
        .filter(|active| boot.contains(Some(active)));
    let focus = active.map(Focus::of);
    let own = show_app();
    if let (Some(old), Some(new)) = (video, own) {
        replace(&new, &old);
        goes_on_in(&old);
    }
    boot.remove();
    if let Some(focus) = focus
        && !focus.restore()
    {
        // It is on what the app shows as soon as it knows of camera and microphone.
        next_task().await;
        focus.restore();
    }
}

/// Puts an element of the page into the place of another. It goes on playing: where there is no `moveBefore`,
/// a video that is back within the same task at most pauses for an instant, and keeps its frame.
fn replace(old: &Element, by: &Element) {
    let Some(parent) = old.parent_node() else { return };
    let moved = match property::get(&parent, "moveBefore").dyn_into::<Function>() {
        Ok(move_before) => move_before.call2(&parent, by, old).map(|_| ()),
        Err(_) => parent.insert_before(by, Some(old)).map(|_| ()),
    };
    // Both refuse only what would contain itself.
    if moved.is_ok() {
        old.remove();
    }
}

async fn next_task() {
    let promise = Promise::new(&mut |resolve, _| {
        // No window refuses a timer.
        let _ = page::window().set_timeout_with_callback(&resolve);
    });
    // Nothing rejects it.
    let _ = JsFuture::from(promise).await;
}

/// Closes what the page has opened: it is not needed.
pub fn close() {
    call("end");
    call("stop");
    page::remove(BOOT);
}

/// Where the focus is, by the element's name.
struct Focus {
    id: String,
    /// In a field: from where to where something is selected.
    selection: Option<(u32, u32)>,
}

impl Focus {
    fn of(element: Element) -> Self {
        let field = element.dyn_ref::<HtmlInputElement>();
        let selection =
            field.and_then(|field| field.selection_start().ok()?.zip(field.selection_end().ok()?));
        Self {
            id: element.id(),
            selection,
        }
    }

    /// Says whether it is there now: what is hidden can't have it.
    fn restore(&self) -> bool {
        let Some(element) = page::element(&self.id).map(JsCast::unchecked_into::<HtmlElement>) else {
            return true;
        };
        let _ = element.focus();
        if let (Some(field), Some((start, end))) = (element.dyn_ref::<HtmlInputElement>(), self.selection) {
            // Every field of the page has text.
            let _ = field.set_selection_range(start, end);
        }
        page::document().active_element().as_ref() == Some(&*element)
    }
}
