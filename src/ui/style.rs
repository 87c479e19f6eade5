//! What the style sheets use: nothing that the oldest browsers in docs/deploy.md lack.

/// What came to Chromium after 125, to Firefox after 128 or to Safari after 17.4 (browser compatibility data
/// of developer.mozilla.org). `text-wrap: pretty` did as well, but without it a paragraph only breaks
/// elsewhere.
const NEWER: [&str; 40] = [
    "@function",
    "@position-try",
    "@scope",
    "@starting-style",
    "::checkmark",
    "::details-content",
    "::picker",
    "::scroll-",
    "::view-transition",
    ":active-view-transition",
    ":has-slotted",
    ":open",
    ":state(",
    "abs(",
    "anchor(",
    "anchor-name",
    "anchor-size(",
    "animation-timeline",
    "backdrop-filter",
    "calc-size(",
    "contrast-color(",
    "corner-shape",
    "field-sizing",
    "font-width",
    "if(",
    "interpolate-size",
    "light-dark(",
    "position-anchor",
    "position-area",
    "progress(",
    "random(",
    "reading-flow",
    "scroll-state(",
    "shape(",
    "sibling-count(",
    "sibling-index(",
    "sign(",
    "stretch;",
    "text-box",
    "transition-behavior",
];

/// The page's, then those of chunks.
const STYLES: [&str; 7] = [
    include_str!("../../style.css"),
    include_str!("stage/stage.css"),
    include_str!("chat/chat.css"),
    include_str!("people/people.css"),
    include_str!("check/check.css"),
    include_str!("by_hand/by_hand.css"),
    include_str!("devices/devices.css"),
];

/// What of [`NEWER`] a style sheet uses.
fn too_new(style: &str) -> Vec<&'static str> {
    NEWER.into_iter().filter(|it| style.contains(it)).collect()
}

#[test]
fn the_oldest_browsers_have_what_the_style_uses() {
    for style in STYLES {
        assert_eq!(too_new(style), [""; 0]);
    }
    let newer = "p { color: light-dark(red, blue) } dialog:open { } .menu:popover-open { }";
    assert_eq!(too_new(newer), [":open", "light-dark("]);
}

/// What lays out a call, or shows its menus: a browser without it says that it is too old.
#[test]
fn a_browser_that_lacks_what_the_style_needs_says_so() {
    let style = STYLES.concat();
    let condition = style
        .split_once("@supports not (")
        .and_then(|(_, rest)| rest.split_once(") {"))
        .unwrap()
        .0;
    for needed in ["round(up,", ":popover-open", ":has("] {
        assert!(
            style.matches(needed).count() > 1,
            "{needed} is not needed any more"
        );
        assert!(condition.contains(needed), "{condition}");
    }
    let page = include_str!("../../index.html");
    let notice = page.split_once("class=\"too-old\"").unwrap().1;
    assert!(notice.contains("Chrome or Edge 125, Firefox 128 or Safari 17.4"));
    let manual = include_str!("../../docs/deploy.md");
    assert!(manual.contains("Chrome and Edge 125, Firefox 128 and Safari 17.4"));
}
