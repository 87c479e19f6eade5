//! The page: where it is, what time it is, chance.

use js_sys::{Promise, Reflect};
use visavis_call::{RoomAddress, RoomSecret, Time};
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, RequestCache, RequestInit};

/// The window. There is always one: the app does not run in workers.
#[must_use]
pub fn window() -> web_sys::Window {
    web_sys::window().expect_throw("visavis runs in a window")
}

/// The document. A window has one.
#[must_use]
pub fn document() -> web_sys::Document {
    window().document().expect_throw("a window has a document")
}

/// The time by a clock that nobody sets: since the Unix epoch by the wall clock of when the page was loaded.
/// On some machines it stands still while they sleep; see [`wall_clock_is_ahead`].
#[must_use]
pub fn now() -> Time {
    // A browser's clock is a positive number of milliseconds that fits for some 280,000 years.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Time(milliseconds().max(0.0) as u64)
}

/// By how many milliseconds the wall clock is ahead of [`now`]. It jumps when the machine has slept, and when
/// somebody sets the clock.
#[must_use]
pub fn wall_clock_is_ahead() -> f64 {
    js_sys::Date::now() - milliseconds()
}

fn milliseconds() -> f64 {
    // Every browser with WebRTC has it.
    let clock = window().performance();
    clock.map_or_else(js_sys::Date::now, |clock| clock.time_origin() + clock.now())
}

/// Unguessable bytes.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))
        .expect_throw("every browser with WebRTC has a random source");
    bytes
}

/// A room that nobody knows yet, sealed.
#[must_use]
pub fn fresh_room() -> RoomAddress {
    RoomAddress::Sealed(RoomSecret::new(random()))
}

/// What stands behind the address of this page in a link to a room.
#[must_use]
pub fn hash_of(room: &RoomAddress) -> String {
    let mut hash = room.to_text();
    hash.insert_str(0, "#/");
    hash
}

/// An unguessable name: four groups of five letters and digits, 100 bits.
#[must_use]
pub fn unguessable_name() -> String {
    spelled(random())
}

fn spelled(random: [u8; 20]) -> String {
    // 32 characters that are hard to take for one another.
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut name = String::with_capacity(23);
    for (index, byte) in random.into_iter().enumerate() {
        if index > 0 && index % 5 == 0 {
            name.push('-');
        }
        name.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    name
}

/// Whether the page is served from this very machine.
#[must_use]
pub fn is_local() -> bool {
    let host = window().location().hostname().unwrap_or_default();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

/// Whether this page is shown within one of another site.
#[must_use]
pub fn is_framed_by_another_site() -> bool {
    let window = window();
    let is_framed = window
        .parent()
        .ok()
        .flatten()
        .is_some_and(|parent| parent != window);
    // Only a page of the same site is told which element that is.
    is_framed && window.frame_element().ok().flatten().is_none()
}

/// Whether the browser has WebRTC. It can be switched off.
#[must_use]
pub fn has_webrtc() -> bool {
    Reflect::has(&window(), &JsValue::from_str("RTCPeerConnection")).unwrap_or(false)
}

/// The part of the address from the `#` on, as people write it: `ä` and not `%C3%A4`.
#[must_use]
pub fn hash() -> String {
    let hash = window().location().hash().unwrap_or_default();
    // What is no UTF-8 stays as it is.
    js_sys::decode_uri_component(&hash).map_or(hash, String::from)
}

/// The part of the address from the `?` to the `#`.
#[must_use]
pub fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// Puts a new part behind the `#`, without a new step in the history.
pub fn replace_hash(hash: &str) {
    // Only a page without an address of its own, as in a sandboxed frame, refuses; nothing depends on it.
    let _ = window().location().replace(hash);
}

/// The address of this page with another part behind the `#`.
#[must_use]
pub fn address_with_hash(hash: &str) -> String {
    let address = window().location().href().unwrap_or_default();
    let page = address.split('#').next().unwrap_or_default();
    format!("{page}{hash}")
}

/// Resolves an address against the page, and gives it the scheme that a socket (`ws`) or a request (`http`)
/// has.
#[must_use]
pub fn resolve(address: &str, scheme: Scheme) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let absolute = match web_sys::Url::new_with_base(address, &base) {
        Ok(url) => url.href(),
        Err(_) => address.to_owned(),
    };
    let (from, to) = match scheme {
        Scheme::WebSocket => ("http", "ws"),
        Scheme::Http => ("ws", "http"),
    };
    match absolute.strip_prefix(from) {
        Some(rest) => format!("{to}{rest}"),
        None => absolute,
    }
}

/// What an address is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `ws:` or `wss:`.
    WebSocket,
    /// `http:` or `https:`.
    Http,
}

/// Waits for so many milliseconds.
pub async fn sleep(milliseconds: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        // A window has timers.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(timer).await;
}

/// Requests a file of the site, and not from a cache: it may have changed just now.
pub fn request(address: &str) -> Promise {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    window().fetch_with_str_and_init(address, &init)
}

/// Whether the page is in the background, and draws nothing.
#[must_use]
pub fn is_hidden() -> bool {
    document().hidden()
}

/// Reloads the page.
pub fn reload() {
    // Refused only in sandboxed frames.
    let _ = window().location().reload();
}

/// Goes to another part behind the `#`, as a new step in the history.
pub fn set_hash(hash: &str) {
    // Refused only in sandboxed frames.
    let _ = window().location().set_hash(hash);
}

/// What has the focus, if anything has.
#[must_use]
pub fn focused() -> Option<HtmlElement> {
    let document = document();
    let active = document.active_element()?;
    let is_body = document.body().is_some_and(|body| *body == active);
    if is_body { None } else { active.dyn_into().ok() }
}

/// Whether a selector means this element.
#[must_use]
pub fn matches(element: &Element, selector: &str) -> bool {
    // Only a selector that is none is refused.
    element.matches(selector).unwrap_or(false)
}

/// What the browser calls itself.
#[must_use]
pub fn user_agent() -> String {
    window().navigator().user_agent().unwrap_or_default()
}

/// Whether the browser is Firefox, or another one of its kind. Only for what can't be found out by trying.
#[must_use]
pub fn is_firefox() -> bool {
    // The others say "like Gecko", without a version.
    user_agent().split(' ').any(|word| word.starts_with("Gecko/"))
}

/// The element with this id.
#[must_use]
pub fn element(id: &str) -> Option<web_sys::Element> {
    document().get_element_by_id(id)
}

/// Changes the text of the element with this id.
pub fn say(id: &str, text: &str) {
    if let Some(element) = element(id) {
        element.set_text_content(Some(text));
    }
}

/// Gives the element with this id another one.
pub fn rename(id: &str, new_id: &str) {
    if let Some(element) = element(id) {
        element.set_id(new_id);
    }
}

/// Shows the element with this id, which was hidden.
pub fn show(id: &str) {
    if let Some(element) = element(id) {
        // A listener can always be removed.
        let _ = element.remove_attribute("hidden");
    }
}

/// Removes the element with this id.
pub fn remove(id: &str) {
    if let Some(element) = element(id) {
        element.remove();
    }
}

#[cfg(test)]
mod tests {
    use visavis_protocol::id::RoomId;

    use super::*;

    #[test]
    fn fresh_rooms_are_valid_and_differ() {
        let one = spelled([7; 20]);
        let other = spelled(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert_ne!(one, other);
        assert_eq!(other.len(), 23);
        assert!(RoomId::new(other).is_ok());
    }
}
