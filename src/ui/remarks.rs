//! The list of what was written.
//!
//! It is made by hand: a list that only ever grows at its end needs none of what Leptos has for lists, and what stays is
//! not read aloud again.

use std::sync::Arc;

use js_sys::Date;
use visavis_call::{CallView, Remark};
use wasm_bindgen::JsValue;
use web_sys::Element;

use super::words;
use crate::browser::page;
use crate::written;

/// The element of the list.
pub(super) const LIST: &str = "remarks";

/// What the list shows.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    shown: Arc<Vec<Remark>>,
    has_heard: [u64; 2],
}

impl Remarks {
    /// Shows what was written. Whoever reads the end of it sees what comes next.
    pub(super) fn show(&mut self, view: &CallView) {
        let talk = &view.talk;
        let same = Arc::ptr_eq(&self.shown, &talk.remarks);
        if same && self.has_heard == talk.has_heard {
            return;
        }
        let Some(list) = page::element(LIST) else { return };
        let before = std::mem::replace(&mut self.shown, Arc::clone(&talk.remarks));
        if !same {
            written::keep(&view.room, &self.shown);
        }
        self.has_heard = talk.has_heard;
        let stays = before.iter().map(|remark| remark.id).eq(self
            .shown
            .iter()
            .take(before.len())
            .map(|it| it.id));
        if !stays {
            list.set_text_content(None);
        }
        let known = if stays { before.len() } else { 0 };
        for remark in &self.shown[known..] {
            if let Some(item) = item(remark) {
                // A list takes any item.
                let _ = list.append_child(&item);
            }
        }
        let items = list.children();
        for (index, remark) in (0..)
            .zip(self.shown.iter())
            .filter(|(_, remark)| remark.from.is_none())
        {
            let waits = remark.number > talk.has_heard[usize::from(remark.private)];
            if let Some(item) = items.item(index) {
                // Every element has a class.
                let _ = item.set_attribute("class", if waits { "own waits" } else { "own" });
            }
        }
        if known < self.shown.len() {
            show_last();
        }
    }
}

/// Moves the list to its end.
pub(super) fn show_last() {
    if let Some(list) = page::element(LIST) {
        list.set_scroll_top(list.scroll_height());
    }
}

/// One message. Whatever it says is text, and addresses of pages can be followed.
fn item(remark: &Remark) -> Option<Element> {
    let item = element("li", "", "")?;
    let said = element("p", "quiet", "")?;
    let who = element("bdi", "", &words::author(remark))?;
    #[expect(clippy::cast_precision_loss, reason = "it came from such a number")]
    let at = Date::new(&JsValue::from_f64(remark.at.0 as f64));
    let when = format!(" {}:{:02}", at.get_hours(), at.get_minutes());
    let text = element("p", "", "")?;
    // Each text has a direction of its own.
    let _ = text.set_attribute("dir", "auto");
    for piece in pieces(remark.words.as_str()) {
        let part = if is_address(piece) {
            link(piece)?
        } else {
            element("span", "", piece)?
        };
        let _ = text.append_child(&part);
    }
    let _ = said.append_child(&who);
    let _ = said.append_child(&element("span", "", &when)?.into());
    let _ = item.append_child(&said);
    let _ = item.append_child(&text);
    Some(item)
}

/// Neither learns where it was followed from, nor reaches back.
fn link(address: &str) -> Option<Element> {
    let link = element("a", "", address)?;
    for (name, value) in [
        ("href", address),
        ("target", "_blank"),
        ("rel", "noopener noreferrer nofollow"),
    ] {
        link.set_attribute(name, value).ok()?;
    }
    Some(link)
}

fn element(name: &str, class: &str, text: &str) -> Option<Element> {
    let element = page::document().create_element(name).ok()?;
    element.set_text_content(Some(text));
    if !class.is_empty() {
        element.set_attribute("class", class).ok()?;
    }
    Some(element)
}

/// What may stand right before an address, and behind it, without being a part of it.
const BEFORE: [char; 5] = ['(', '[', '<', '"', '\''];
const BEHIND: [char; 13] = [' ', '\n', '.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\''];

/// A text in pieces: addresses of pages, and what is between them.
///
/// Neither slices nor asks what is a letter in some script: that would bring tables as large as all the rest of this.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive([' ', '\n']) {
        let opened = word.trim_start_matches(BEFORE);
        let address = opened.trim_end_matches(BEHIND);
        if is_address(address) {
            let before = word.strip_suffix(opened).unwrap_or_default();
            let behind = opened.strip_prefix(address).unwrap_or_default();
            pieces.extend([before, address, behind]);
        } else {
            pieces.push(word);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether it begins with a scheme of pages, and no other one: `javascript:` is one.
fn is_address(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.and_then(|host| host.bytes().next())
        .is_some_and(|first| first.is_ascii_alphanumeric() || !first.is_ascii() || first == b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found() {
        assert_eq!(
            pieces("see https://example.org/a?b=c#d, or (http://1.2.3.4:80)."),
            [
                "see ",
                "https://example.org/a?b=c#d",
                ", ",
                "or ",
                "(",
                "http://1.2.3.4:80",
                ")."
            ]
        );
        assert_eq!(pieces("https://example.org"), ["https://example.org"]);
        assert_eq!(
            pieces("a\nhttps://ä.example\nb"),
            ["a\n", "https://ä.example", "\n", "b"]
        );
        assert!(is_address(pieces("x https://e.org y")[1]));
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http:// nothing",
            "https://",
            "xhttp://example.org",
            "hypertext http",
            "<a href=x>",
        ] {
            assert_eq!(pieces(text).concat(), text);
            assert!(!pieces(text).into_iter().any(is_address), "{text}");
        }
        assert!(pieces("").is_empty());
    }
}
