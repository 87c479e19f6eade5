//! The static site.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use visavis_relay::{Config, Running, SiteError, StartError};

use crate::client::{Pair, relay_with};
use crate::http::{get, get_with};

const SCRIPT: &str = "/app-0123456789abcdef.js";
const WASM: &str = "/app-0123456789abcdef_bg.wasm";

/// A site in `site`, and a file beside it that nobody should see.
fn built() -> TempDir {
    let directory = TempDir::new().unwrap();
    let write = |name: &str, content: &str| {
        let path = directory.path().join(name.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("beside.txt", "hidden");
    write("site/index.html", "plain page");
    write("site/index.html.br", "page in brotli");
    write("site/index.html.gz", "page in gzip");
    write("site/style.css", "plain style");
    write("site/assets/icon.svg", "<svg/>");
    write(&format!("site{SCRIPT}"), "plain script");
    write(&format!("site{SCRIPT}.gz"), "script in gzip");
    write(&format!("site{WASM}"), "plain wasm");
    write(&format!("site{WASM}.br"), "wasm in brotli");
    directory
}

async fn serving(directory: &TempDir) -> Running {
    relay_with(Config {
        site: Some(directory.path().join("site")),
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn files_have_their_types() {
    let directory = built();
    let relay = serving(&directory).await;
    for (path, expected) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        (SCRIPT, "text/javascript"),
        (WASM, "application/wasm"),
        ("/style.css", "text/css"),
        ("/assets/icon.svg", "image/svg+xml"),
    ] {
        let answer = get(relay.address, path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, expected),
            "{path}"
        );
    }
}

#[tokio::test]
async fn compressed_siblings_are_served_to_those_who_understand_them() {
    let directory = built();
    let relay = serving(&directory).await;
    for (path, accepted, encoding, body) in [
        ("/", "gzip, deflate, br, zstd", "br", "page in brotli"),
        ("/", "gzip", "gzip", "page in gzip"),
        ("/", "br;q=0, gzip", "gzip", "page in gzip"),
        ("/", "identity", "", "plain page"),
        (SCRIPT, "gzip, br", "gzip", "script in gzip"),
        (WASM, "gzip, br", "br", "wasm in brotli"),
        ("/style.css", "gzip, br", "", "plain style"),
    ] {
        let answer = get_with(relay.address, path, &format!("accept-encoding: {accepted}\r\n")).await;
        assert_eq!(
            (answer.header("content-encoding"), answer.text()),
            (encoding, body),
            "{path} {accepted}"
        );
        assert_eq!(answer.header("vary"), "accept-encoding", "{path} {accepted}");
        assert!(
            !answer.header("content-type").contains("octet"),
            "{path} {accepted}"
        );
    }
    assert_eq!(get(relay.address, "/").await.text(), "plain page");
}

#[tokio::test]
async fn a_site_without_settings_has_empty_ones() {
    let directory = built();
    let relay = serving(&directory).await;
    let answer = get(relay.address, "/config.json").await;
    assert_eq!(
        (answer.status, answer.header("content-type"), answer.text()),
        (200, "application/json", "{}\n")
    );
    assert_eq!(answer.header("cache-control"), "no-cache");

    fs::write(directory.path().join("site/config.json"), r#"{"room": "tea"}"#).unwrap();
    assert_eq!(
        get(relay.address, "/config.json").await.text(),
        r#"{"room": "tea"}"#
    );
}

#[tokio::test]
async fn what_has_a_content_hash_is_kept_and_all_else_is_asked_for_again() {
    let directory = built();
    let relay = serving(&directory).await;
    for path in [SCRIPT, WASM] {
        let caching = get(relay.address, path).await;
        assert_eq!(
            caching.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{path}"
        );
    }
    for path in [
        "/",
        "/index.html",
        "/style.css",
        "/healthz",
        "/signal",
        "/gone-0123456789abcdef.js",
    ] {
        assert_eq!(
            get(relay.address, path).await.header("cache-control"),
            "no-cache",
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let directory = built();
    let relay = serving(&directory).await;
    let modified = get(relay.address, "/").await.header("last-modified").to_owned();
    let answer = get_with(relay.address, "/", &format!("if-modified-since: {modified}\r\n")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (304, "no-cache"));
}

#[tokio::test]
async fn every_answer_asks_for_care() {
    let directory = built();
    let relay = serving(&directory).await;
    for path in ["/", SCRIPT, "/nothing", "/healthz", "/signal"] {
        let answer = get(relay.address, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let features = answer.header("permissions-policy");
        for feature in ["camera", "microphone", "display-capture", "fullscreen"] {
            assert!(
                features.contains(&format!("{feature}=(self)")),
                "{path}: {features}"
            );
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn the_page_may_run_what_stands_in_it_and_nothing_else() {
    let directory = built();
    let page = directory.path().join("site/index.html");
    fs::write(
        &page,
        "<style>p{}</style><script>alert('Hello, world.');</script>",
    )
    .unwrap();
    let relay = relay_with(Config {
        site: Some(directory.path().join("site")),
        frame_ancestors: vec!["https://example.org".into()],
        ..Config::default()
    })
    .await;
    let policy = async |path| {
        get(relay.address, path)
            .await
            .header("content-security-policy")
            .to_owned()
    };
    // The example of the specification.
    let hello = "script-src 'self' 'wasm-unsafe-eval' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=';";
    for path in ["/", "/index.html"] {
        let policy = policy(path).await;
        assert!(policy.contains(hello), "{policy}");
        assert!(
            policy.ends_with("frame-ancestors https://example.org"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
    }
    assert_eq!(
        policy("/style.css").await,
        "default-src 'none'; frame-ancestors https://example.org"
    );

    // A new build, while the relay runs; also for a browser that has the page already.
    fs::write(&page, "<script>other()</script>").unwrap();
    let replaced = fs::metadata(&page).unwrap().modified().unwrap() + Duration::from_secs(5);
    fs::File::options()
        .write(true)
        .open(&page)
        .unwrap()
        .set_modified(replaced)
        .unwrap();
    assert!(!policy("/").await.contains(hello));
    let modified = get(relay.address, "/").await.header("last-modified").to_owned();
    let unchanged = get_with(relay.address, "/", &format!("if-modified-since: {modified}\r\n")).await;
    assert_eq!(unchanged.status, 304);
    assert_eq!(unchanged.header("content-security-policy"), policy("/").await);
}

#[tokio::test]
async fn what_is_not_there_is_a_plain_404() {
    let directory = built();
    let relay = serving(&directory).await;
    for path in ["/nothing", "/assets/nothing.js", "/assets/"] {
        let answer = get(relay.address, path).await;
        assert_eq!(
            (answer.status, answer.text()),
            (404, "There is nothing here.\n"),
            "{path}"
        );
        assert!(answer.header("content-type").starts_with("text/plain"), "{path}");
    }
}

#[tokio::test]
async fn nothing_outside_the_site_is_served() {
    let directory = built();
    let relay = serving(&directory).await;
    let absolute = directory.path().join("beside.txt");
    let absolute = absolute.to_str().unwrap();
    for path in [
        "/../beside.txt",
        "/%2e%2e/beside.txt",
        "/..%2fbeside.txt",
        "/%2e%2e%2fbeside.txt",
        "/assets/../../beside.txt",
        "/assets/..%2f..%2fbeside.txt",
        "/..%5cbeside.txt",
        "/.%2e/beside.txt%00.html",
        &format!("/{absolute}"),
        &format!("/%2f{absolute}"),
    ] {
        let answer = get(relay.address, path).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.text().contains("hidden"), "{path}");
    }
}

#[tokio::test]
async fn the_relay_works_beside_the_site() {
    let directory = built();
    let relay = serving(&directory).await;
    assert_eq!(get(relay.address, "/signal").await.status, 426);
    assert_eq!(get(relay.address, "/healthz").await.text(), "ok");
    Pair::meet(relay.address, "room").await.talk().await;
}

#[tokio::test]
async fn a_site_that_is_not_built_is_named_with_the_way_out() {
    let directory = TempDir::new().unwrap();
    let start = async |site: &Path| {
        let config = Config {
            site: Some(site.to_owned()),
            port: 0,
            ..Config::default()
        };
        visavis_relay::start(config).await.unwrap_err()
    };
    let missing = start(&directory.path().join("dist")).await;
    assert!(matches!(missing, StartError::Site(SiteError::Missing(_))));
    let empty = start(directory.path()).await;
    assert!(matches!(empty, StartError::Site(SiteError::NoIndex(_))));
    for error in [missing, empty] {
        let text = error.to_string();
        assert!(
            text.contains("cargo xtask build") && text.contains("--site"),
            "{text}"
        );
    }
}
