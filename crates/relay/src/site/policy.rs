//! The Content Security Policy of the site's pages (<https://www.w3.org/TR/CSP3/>).
//!
//! It allows the site's own files, the scripts and styles within the page by their hashes, and connections to
//! this server and to the relay that config.json names. Nothing else: no other script, `eval`, frame or form.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use std::{fs, io};

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use visavis_protocol::json::Object;

use crate::origin;

/// The policy of each page, and of all else.
#[derive(Debug)]
pub(crate) struct Policy {
    site: Option<PathBuf>,
    /// What `frame-ancestors` says.
    ancestors: String,
    /// The policy of each page that was asked for, and when what it was made of was written. No more than the
    /// site has files.
    pages: Mutex<BTreeMap<PathBuf, (Written, HeaderValue)>>,
}

/// When a page and config.json were last written.
type Written = [Option<SystemTime>; 2];

impl Policy {
    pub(crate) fn new(site: Option<PathBuf>, frame_ancestors: &[String]) -> Self {
        let ancestors = match frame_ancestors {
            [] => "'none'".to_owned(),
            origins => origins.join(" "),
        };
        Self {
            site,
            ancestors,
            pages: Mutex::default(),
        }
    }

    /// The policy for an answer with this path. It goes by the path, because a 304 has nothing else, and
    /// replaces the headers that a browser has kept.
    pub(crate) fn of(&self, path: &str) -> HeaderValue {
        match &self.site {
            Some(site) if path.ends_with('/') || path.ends_with(".html") => {
                self.of_page(site, page_at(site, path))
            }
            _ => value(&format!("default-src 'none'; frame-ancestors {}", self.ancestors)),
        }
    }

    /// The page may be replaced while the relay runs.
    fn of_page(&self, site: &Path, page: PathBuf) -> HeaderValue {
        let config = site.join("config.json");
        let written = [&page, &config]
            .map(|file| fs::metadata(file)?.modified())
            .map(io::Result::ok);
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, policy)) = pages.get(&page)
            && *of == written
        {
            return policy.clone();
        }
        let html = fs::read_to_string(&page).unwrap_or_default();
        let config = fs::read_to_string(config).unwrap_or_default();
        let policy = value(&policy(&html, &config, &self.ancestors));
        pages.insert(page, (written, policy.clone()));
        policy
    }
}

/// The file of the page at a path: index.html where there is no other one.
fn page_at(site: &Path, path: &str) -> PathBuf {
    let below = Path::new(path.trim_start_matches('/'));
    let is_within = below
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let file = if path.ends_with('/') {
        site.join(below).join("index.html")
    } else {
        site.join(below)
    };
    if is_within && file.is_file() {
        file
    } else {
        site.join("index.html")
    }
}

fn value(policy: &str) -> HeaderValue {
    HeaderValue::from_str(policy).expect("hashes and origins have no other characters")
}

/// The template that `cargo xtask build` uses as well, for static hosts.
fn policy(html: &str, config: &str, ancestors: &str) -> String {
    super::header("Content-Security-Policy")
        .replace("{scripts}", &hashes(html, "script"))
        .replace("{styles}", &hashes(html, "style"))
        .replace("{relay}", &relay(config).unwrap_or_default())
        .replace("{ancestors}", ancestors)
}

/// The hashes of what stands within the page, and those that the page itself allows: a part of it may bring
/// a style along.
fn hashes(html: &str, element: &str) -> String {
    let digest = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let allowed = html.split_once(&format!("{element}-src ")).map(|(_, rest)| rest);
    let allowed = allowed
        .and_then(|rest| rest.split([';', '"']).next())
        .unwrap_or_default();
    let allowed = allowed
        .split(' ')
        .filter(|source| is_hash(source))
        .map(str::to_owned);
    let mut all: Vec<String> = inline(html, element).map(digest).chain(allowed).collect();
    all.sort();
    all.dedup();
    all.iter().map(|hash| format!(" {hash}")).collect()
}

fn is_hash(source: &str) -> bool {
    let hash = source
        .strip_prefix("'sha256-")
        .and_then(|hash| hash.strip_suffix('\''));
    hash.is_some_and(|hash| BASE64_STANDARD.decode(hash).is_ok())
}

/// The text of each such element that has no address.
fn inline<'a>(html: &'a str, element: &'a str) -> impl Iterator<Item = &'a str> {
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
    let (_, host) = origin::read(&format!("{plain}://{host}"))?;
    Some(format!(" {scheme}://{host} {plain}://{host}"))
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
        let policy = policy(html, "{}", "'none'");
        let style = BASE64_STANDARD.encode(Sha256::digest("p{}"));
        assert!(
            policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' {HELLO};")),
            "{policy}"
        );
        assert!(
            policy.contains(&format!("style-src 'self' 'sha256-{style}';")),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        for careless in ["unsafe-inline", "'unsafe-eval'", "*", "{"] {
            assert!(!policy.contains(careless), "{careless}: {policy}");
        }
    }

    #[test]
    fn of_what_the_page_allows_itself_only_hashes_are_taken_over() {
        let html = format!(
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'self' 'unsafe-inline'; \
             style-src 'self' * {HELLO} 'sha256-x;y'\">"
        );
        let policy = policy(&html, "{}", "'none'");
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval';"),
            "{policy}"
        );
        assert!(policy.contains(&format!("style-src 'self' {HELLO};")), "{policy}");
    }

    #[test]
    fn a_relay_elsewhere_may_be_reached() {
        for (config, expected) in [
            (
                r#"{"relay": "wss://relay.example.org/signal"}"#,
                " wss://relay.example.org https://relay.example.org",
            ),
            (
                r#"{"relay": "ws://127.0.0.1:1337/signal"}"#,
                " ws://127.0.0.1:1337 http://127.0.0.1:1337",
            ),
            (r#"{"relay": "/signal"}"#, ""),
            (r#"{"relay": "wss://a b; script-src *"}"#, ""),
            (r#"{"relay": 1}"#, ""),
            ("", ""),
        ] {
            assert_eq!(relay(config).unwrap_or_default(), expected, "{config}");
        }
    }

    /// An operator may add pages of their own.
    #[test]
    fn each_page_has_a_policy_of_its_own() {
        let site = std::env::temp_dir().join(format!("visavis-policy-{}", std::process::id()));
        fs::create_dir_all(site.join("more")).unwrap();
        fs::write(site.join("index.html"), "<script>first()</script>").unwrap();
        fs::write(
            site.join("more/index.html"),
            "<script>alert('Hello, world.');</script>",
        )
        .unwrap();
        let policy = Policy::new(Some(site.clone()), &[]);
        let allows = |path: &str| policy.of(path).to_str().unwrap().contains(HELLO);
        assert!(allows("/more/") && allows("/more/index.html") && allows("/more/"));
        for path in [
            "/",
            "/index.html",
            "/none.html",
            "/../more/index.html",
            "/more/../more/index.html",
        ] {
            assert!(!allows(path), "{path}");
        }
        fs::remove_dir_all(site).unwrap();
    }
}
