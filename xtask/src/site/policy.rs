//! The page allows its own scripts and styles and no others: a Content Security Policy, within the page and,
//! for hosts that read it, in a file `_headers` beside it.
//!
//! The relay sends the same headers by itself (crates/relay/src/site/policy.rs).

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use visavis_headers::{Allowed, POLICY, fixed, hash, policy};

/// The styles that the chunks add to the page.
const STYLES_OF_CHUNKS: [&str; 6] = [
    include_str!("../../../src/ui/stage/stage.css"),
    include_str!("../../../src/ui/chat/chat.css"),
    include_str!("../../../src/ui/people/people.css"),
    include_str!("../../../src/ui/check/check.css"),
    include_str!("../../../src/ui/by_hand/by_hand.css"),
    include_str!("../../../src/ui/devices/devices.css"),
];

/// Netlify, Cloudflare Pages and others read the headers to send from this file.
const FILE: &str = "_headers";

/// What makes elements of a text. Trusted Types refuse it.
const MARKUP: &str = "innerHTML";

/// Writes the policy into the page, and the headers beside it.
pub(super) fn allow_only_our_own(site: &Path) -> Result<()> {
    for file in fs::read_dir(site)? {
        let path = file?.path();
        if path.extension().is_some_and(|it| it == "js") {
            let script =
                fs::read_to_string(&path).with_context(|| format!("Can't read {}", path.display()))?;
            makes_no_markup(&script)?;
        }
    }
    let index = site.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("Can't read {}", index.display()))?;
    let allowed = allowed(&html);
    let html = with_policy(&html, &allowed).context("index.html has no <meta charset>")?;
    fs::write(&index, html).with_context(|| format!("Can't write {}", index.display()))?;
    let config = fs::read_to_string(site.join("config.json")).unwrap_or_default();
    let headers = site.join(FILE);
    fs::write(&headers, headers_file(&allowed, &config))
        .with_context(|| format!("Can't write {}", headers.display()))
}

/// Leptos makes an element that has only fixed attributes and texts of its markup, which browsers would
/// refuse when it is first shown.
fn makes_no_markup(script: &str) -> Result<()> {
    ensure!(
        !script.contains(MARKUP),
        "The program makes elements of markup ({MARKUP}), which the site's policy forbids. Somewhere in a view! is an element \
         within another one in which everything is fixed, such as <b>\"Text\"</b>: write its text as a constant, \
         <b>{{locale::TEXT}}</b>, or one of its attributes as an expression."
    );
    Ok(())
}

/// What stands within the page, and what the program adds to it.
fn allowed(html: &str) -> Allowed {
    let mut allowed = Allowed::within(html);
    allowed.styles.extend(STYLES_OF_CHUNKS.map(hash));
    allowed
}

/// The page knows less than the headers: who may show it in a frame can only be said there, and where the
/// relay is may be written into config.json later.
fn with_policy(html: &str, allowed: &Allowed) -> Option<String> {
    let Allowed { scripts, styles } = allowed;
    let policy = format!(
        "script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; object-src 'none'; base-uri 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    // It holds for what comes after it. (Minified, the page has no tag for its head.)
    let start = html.find("<meta charset")?;
    let (before, after) = html.split_at(start + html[start..].find('>')? + 1);
    Some(format!(
        "{before}<meta http-equiv=Content-Security-Policy content=\"{policy}\">{after}"
    ))
}

/// The headers for all files.
fn headers_file(allowed: &Allowed, config: &str) -> String {
    let mut file = "/*\n".to_owned();
    let line = |name: &str, value: &str| format!("  {name}: {value}\n");
    file += &line(POLICY, &policy(allowed, config, "'none'"));
    for (name, value) in fixed() {
        file += &line(name, value);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>t</title><style>p{}</style><body>\
        <script>alert('Hello, world.');</script><script type=module src=/a.js></script>\
        <script type=module>let a</script></body></html>";
    /// The example of the specification.
    const HELLO: &str = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

    #[test]
    fn the_page_allows_its_own_scripts_and_styles_and_no_others() {
        let policed = with_policy(PAGE, &allowed(PAGE)).unwrap();
        let (module, style, chunks) = (hash("let a"), hash("p{}"), STYLES_OF_CHUNKS.map(hash).concat());
        let policy = format!(
            "<meta charset=utf-8><meta http-equiv=Content-Security-Policy content=\"script-src 'self' 'wasm-unsafe-eval' {HELLO}\
             {module}; style-src 'self'{style}{chunks}; object-src 'none'; base-uri 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'\"><title>"
        );
        assert!(policed.contains(&policy), "{policed}");
        assert_eq!(with_policy("no page", &allowed("no page")), None);
    }

    #[test]
    fn a_program_that_makes_elements_of_markup_is_not_built() {
        assert!(makes_no_markup("a.textContent=b").is_ok());
        let refused = makes_no_markup("a.innerHTML=b").unwrap_err().to_string();
        assert!(refused.contains("<b>{locale::TEXT}</b>"), "{refused}");
    }

    /// Reads the file as a host does: the paths, and the headers for them.
    fn read(file: &str) -> Vec<(&str, &str)> {
        let (path, headers) = file.split_once('\n').unwrap();
        assert_eq!(path, "/*", "for all files");
        let headers = headers.lines().map(|line| line.strip_prefix("  ").unwrap());
        headers.map(|line| line.split_once(": ").unwrap()).collect()
    }

    #[test]
    fn a_static_host_reads_what_the_relay_sends() {
        let file = headers_file(&allowed(PAGE), "{}");
        let headers = read(&file);
        let value = |name| headers.iter().find(|(header, _)| *header == name).unwrap().1;
        assert_eq!(value("X-Content-Type-Options"), "nosniff");
        assert_eq!(value("Referrer-Policy"), "no-referrer");
        assert!(value("Permissions-Policy").contains("camera=(self)"));
        let policy = value("Content-Security-Policy");
        let directive = |name: &str| {
            let mut directives = policy.split("; ").filter_map(|it| it.split_once(' '));
            directives.find(|(directive, _)| *directive == name).unwrap().1
        };
        assert_eq!(directive("default-src"), "'none'");
        assert_eq!(directive("frame-ancestors"), "'none'");
        assert_eq!(directive("connect-src"), "'self'");
        assert!(directive("script-src").starts_with(&format!("'self' 'wasm-unsafe-eval' {HELLO}")));
        for style in STYLES_OF_CHUNKS {
            assert!(directive("style-src").contains(&hash(style)));
        }
        for careless in ["unsafe-inline", "'unsafe-eval'", "*", "{"] {
            assert!(!policy.contains(careless), "{careless}: {policy}");
        }
    }

    #[test]
    fn a_relay_elsewhere_may_be_reached() {
        let file = headers_file(
            &allowed(PAGE),
            r#"{ "relay" : "wss://relay.example.org/signal" }"#,
        );
        assert!(
            file.contains("connect-src 'self' wss://relay.example.org https://relay.example.org;"),
            "{file}"
        );
    }
}
