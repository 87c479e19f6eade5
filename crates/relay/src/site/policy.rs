//! The Content Security Policy of each page of the site, as the page is at the moment.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use std::{fs, io};

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use visavis_headers::Allowed;

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
        let policy = value(&visavis_headers::policy(
            &allowed(&html),
            &config,
            &self.ancestors,
        ));
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

/// What a page allows: what stands within it, and the hashes that it allows itself, because a part of it may
/// bring a style along.
fn allowed(html: &str) -> Allowed {
    let mut allowed = Allowed::within(html);
    for (directive, hashes) in [
        ("script-src ", &mut allowed.scripts),
        ("style-src ", &mut allowed.styles),
    ] {
        let sources = html.split_once(directive).map(|(_, rest)| rest);
        let sources = sources.and_then(|rest| rest.split([';', '"']).next());
        for source in sources.unwrap_or_default().split(' ') {
            if is_hash(source) && !hashes.contains(source) {
                hashes.push(' ');
                hashes.push_str(source);
            }
        }
    }
    allowed
}

fn is_hash(source: &str) -> bool {
    let hash = source
        .strip_prefix("'sha256-")
        .and_then(|hash| hash.strip_suffix('\''));
    hash.is_some_and(|hash| BASE64_STANDARD.decode(hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const HELLO: &str = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

    #[test]
    fn of_what_the_page_allows_itself_only_hashes_are_taken_over() {
        let html = format!(
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'self' 'unsafe-inline'; \
             style-src 'self' * {HELLO} 'sha256-x;y'\">"
        );
        let expected = Allowed {
            scripts: String::new(),
            styles: format!(" {HELLO}"),
        };
        assert_eq!(allowed(&html), expected);
        let twice = format!("<style>alert('Hello, world.');</style>{html}");
        assert_eq!(allowed(&twice), expected, "once is enough");
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
