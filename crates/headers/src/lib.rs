//! The headers that make browsers careful with the site. The relay sends them, and `cargo xtask build` writes
//! them down for static hosts.
//!
//! A page may run its site's own files, and the scripts and styles within it by their hashes. It may connect
//! to its server, and to the relay that config.json names. Nothing else: no other script, `eval`, frame or
//! form (<https://www.w3.org/TR/CSP3/>).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use visavis_protocol::json::Object;

/// A name and a value in each line. What is in braces differs from page to page.
const TEMPLATE: &str = include_str!("headers.txt");

/// The name of the header that differs from page to page.
pub const POLICY: &str = "Content-Security-Policy";

/// What stands within a page and may be used, by its hashes, each after a blank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Scripts.
    pub scripts: String,
    /// Styles.
    pub styles: String,
}

impl Allowed {
    /// What stands within this page.
    #[must_use]
    pub fn within(html: &str) -> Self {
        let hashes = |element| inline(html, element).map(hash).collect();
        Self {
            scripts: hashes("script"),
            styles: hashes("style"),
        }
    }
}

/// Names and values, except for [`POLICY`].
pub fn fixed() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines().filter(|(name, _)| *name != POLICY)
}

/// The value of [`POLICY`]: for a page in which this is allowed, with this config.json, which these
/// `ancestors` may show in a frame (a value of the directive `frame-ancestors`).
#[must_use]
pub fn policy(allowed: &Allowed, config: &str, ancestors: &str) -> String {
    let template = lines().find(|(name, _)| *name == POLICY).map(|(_, value)| value);
    template
        .unwrap_or_default()
        .replace("{scripts}", &allowed.scripts)
        .replace("{styles}", &allowed.styles)
        .replace("{relay}", &relay(config).unwrap_or_default())
        .replace("{ancestors}", ancestors)
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEMPLATE.lines().filter_map(|line| line.split_once(": "))
}

/// The hash of a script or a style, as a source in a policy, after a blank.
#[must_use]
pub fn hash(text: &str) -> String {
    format!(" 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// The text of each such element that has no address.
fn inline<'a>(html: &'a str, element: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (start, end) = (format!("<{element}"), format!("</{element}>"));
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&start)?;
        let (attributes, after) = after.split_once('>')?;
        let (text, after) = after.split_once(&end)?;
        rest = after;
        Some((attributes, text))
    })
    .filter(|(attributes, _)| !attributes.contains(" src="))
    .map(|(_, text)| text)
}

/// Where the relay is, if config.json says that it is elsewhere: for the WebSocket, and for the request that
/// asks whether it is there.
fn relay(config: &str) -> Option<String> {
    let relay: String = Object::parse(config).ok()?.get("relay").ok()?;
    let (scheme, rest) = relay.split_once("://")?;
    let plain = match scheme {
        "wss" => "https",
        "ws" => "http",
        _ => return None,
    };
    let host = rest.split(['/', '?', '#']).next()?;
    // Less than a host may have: nothing that means something in a policy.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_host = !host.is_empty() && host.bytes().all(is_plain);
    is_host.then(|| format!(" {scheme}://{host} {plain}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const HELLO: &str = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

    #[test]
    fn what_stands_in_the_page_is_allowed_by_its_hash() {
        let html = "<!doctype html><meta charset=utf-8><style>p{}</style><script src=/a.js></script>\
            <script type=module>alert('Hello, world.');</script>";
        let policy = policy(&Allowed::within(html), "{}", "'none'");
        let style = hash("p{}");
        for directive in [
            format!("script-src 'self' 'wasm-unsafe-eval' {HELLO};"),
            format!("style-src 'self'{style};"),
            "connect-src 'self';".to_owned(),
        ] {
            assert!(policy.contains(&directive), "{directive}: {policy}");
        }
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        for careless in ["unsafe-inline", "'unsafe-eval'", "*", "{"] {
            assert!(!policy.contains(careless), "{careless}: {policy}");
        }
    }

    #[test]
    fn a_relay_elsewhere_may_be_reached() {
        for (config, expected) in [
            (
                r#"{ "relay" : "wss://relay.example.org/signal" }"#,
                " wss://relay.example.org https://relay.example.org",
            ),
            (
                r#"{"relay": "ws://127.0.0.1:1337/signal"}"#,
                " ws://127.0.0.1:1337 http://127.0.0.1:1337",
            ),
            (r#"{"relay": "/signal"}"#, ""),
            (r#"{"relay": "wss://a b; script-src *"}"#, ""),
            (r#"{"relay": "wss://user@a"}"#, ""),
            (r#"{"relay": 1}"#, ""),
            ("{}", ""),
            ("", ""),
        ] {
            assert_eq!(relay(config).unwrap_or_default(), expected, "{config}");
        }
    }

    #[test]
    fn the_other_headers_are_the_same_everywhere() {
        let value = |wanted| fixed().find(|(name, _)| *name == wanted).unwrap().1;
        assert_eq!(value("X-Content-Type-Options"), "nosniff");
        assert_eq!(value("Referrer-Policy"), "no-referrer");
        assert!(value("Permissions-Policy").contains("camera=(self)"));
        assert!(fixed().all(|(name, value)| name != POLICY && !value.contains('{')));
    }
}
