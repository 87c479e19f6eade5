//! The built site, from a directory: compressed siblings, caching, and headers that make browsers careful.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{any, get};
use tower_http::services::ServeDir;

pub(crate) use self::policy::Policy;

mod policy;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// May be kept, but must be asked about before each use.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// Why a directory can't be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// There is no such directory.
    #[error(
        "The site directory {} does not exist. Build it with `cargo xtask build`, or name another with `--site`.",
        .0.display()
    )]
    Missing(PathBuf),
    /// There is no site in it.
    #[error(
        "The site directory {} has no index.html. Build it with `cargo xtask build`, or name another with `--site`.",
        .0.display()
    )]
    NoIndex(PathBuf),
}

/// Routes for the site in a directory; without one, a text at `/` that says what this server is.
pub(crate) fn router(directory: Option<&Path>) -> Result<Router, SiteError> {
    let Some(directory) = directory else {
        return Ok(Router::new().route("/", get(ABOUT)).fallback(not_found));
    };
    if !directory.is_dir() {
        return Err(SiteError::Missing(directory.to_owned()));
    }
    if !directory.join("index.html").is_file() {
        return Err(SiteError::NoIndex(directory.to_owned()));
    }
    let files = ServeDir::new(directory).precompressed_br().precompressed_gzip();
    let missing: Router = Router::new()
        .route("/config.json", get(no_settings))
        .fallback(any(not_found));
    Ok(Router::new().fallback_service(files.fallback(missing)))
}

const ABOUT: &str = "This is the relay of visavis, which introduces the people in a video call to each other.\n\
    Clients reach it by WebSocket at /signal. To have it serve the site as well, start it with `--site DIR`.\n";

/// A site may do without config.json. The page asks for it all the same, and browsers show visitors an error
/// for what is not found.
async fn no_settings() -> ([(HeaderName, HeaderValue); 1], &'static str) {
    (
        [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        "{}\n",
    )
}

/// What is answered where nothing is.
pub(crate) async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "There is nothing here.\n")
}

/// Adds the headers that every answer of this server has.
pub(crate) async fn add_headers(State(policy): State<Arc<Policy>>, request: Request, next: Next) -> Response {
    let hashed = has_content_hash(request.uri().path());
    let security = policy.of(request.uri().path());
    let mut response = next.run(request).await;
    // The absence of a hashed file is not for ever: a deployment may be half-way.
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let caching = if hashed && found { FOREVER } else { REVALIDATE };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, caching);
    for (name, value) in visavis_headers::fixed() {
        let name = HeaderName::try_from(name).expect("it is a name");
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, security);
    response
}

/// Whether the content decides the file's name, as in Trunk's `name-0123456789abcdef.js` and
/// `name-0123456789abcdef_bg.wasm`. Such a file never changes.
fn has_content_hash(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    let Some((name, hash)) = stem.rsplit_once('-') else {
        return false;
    };
    // Trunk writes 64 bits in hexadecimal, and leaves leading zeros out. Fewer digits might be a date or a
    // word.
    let digits = hash.len() >= 13 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    !name.is_empty() && digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_content_hash_is_told_from_one_without() {
        for name in [
            "/app-0123456789abcdef.js",
            "/app-0123456789abcdef_bg.wasm",
            "/assets/style-fedcba9876543210.css",
            "/two-words-0123456789abcdef.js",
            "/app-123456789abcdef.js",
        ] {
            assert!(has_content_hash(name), "{name}");
        }
        for name in [
            "/",
            "/index.html",
            "/app.js",
            "/app-2024.js",
            "/app-0123456789abcdeg.js",
            "/-0123456789abcdef.js",
            "/app-0123456789abcdef/inline0.js",
            "/0123456789abcdef.js",
        ] {
            assert!(!has_content_hash(name), "{name}");
        }
    }
}
