//! Whose pages may use the relay: the `Origin` of a WebSocket's request (RFC 6455, section 10.2).
//!
//! A browser says truly which page opens a socket. So a foreign page can't use its visitors' browsers, nor
//! their addresses, to hold connections here. It keeps nobody out who has no browser.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};

/// Whose pages may connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    /// Those of the same host as the request. On one machine, the port does not matter: a development server
    /// has one of its own.
    pub own: bool,
    /// All.
    pub any: bool,
    /// Clients that name no origin: they are no browsers.
    pub missing: bool,
    /// Those of these origins, in small letters.
    pub listed: Vec<String>,
}

impl Default for Origins {
    fn default() -> Self {
        Self {
            own: true,
            any: false,
            missing: false,
            listed: Vec::new(),
        }
    }
}

impl Origins {
    /// Everybody, with or without an origin.
    #[must_use]
    pub fn any() -> Self {
        Self {
            any: true,
            ..Self::default()
        }
    }

    /// By their texts, as in `--origin`. Fails with one that is no origin.
    pub(crate) fn read(texts: &[String]) -> Result<Self, String> {
        let mut origins = Self {
            own: false,
            ..Self::default()
        };
        for text in texts {
            match text.as_str() {
                "own" => origins.own = true,
                "any" => origins.any = true,
                "missing" => origins.missing = true,
                _ => {
                    read(text).ok_or_else(|| text.clone())?;
                    origins.listed.push(text.to_ascii_lowercase());
                }
            }
        }
        Ok(origins)
    }

    /// Whether a request with these headers may open a socket.
    #[must_use]
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        if self.any {
            return true;
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        let (origin, more) = (origins.next(), origins.next());
        let Some(origin) = origin else {
            return self.missing;
        };
        // Browsers write one.
        let Some(origin) = origin.to_str().ok().filter(|_| more.is_none()) else {
            return false;
        };
        let host = headers.get(HOST).map(HeaderValue::to_str);
        let is_own = || matches!(host, Some(Ok(host)) if is_same_host(origin, host));
        let is_listed = |listed: &String| listed.eq_ignore_ascii_case(origin);
        (self.own && is_own()) || self.listed.iter().any(is_listed)
    }
}

/// Takes an origin apart: its scheme, and its host and port.
pub(crate) fn read(origin: &str) -> Option<(&str, Authority)> {
    let (scheme, authority) = origin.split_once("://")?;
    let is_web = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https");
    let authority: Authority = authority.parse().ok()?;
    // Less than an address may have: it is also written into a policy.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_host = !authority.host().is_empty() && authority.as_str().bytes().all(is_plain);
    (is_web && is_host).then_some((scheme, authority))
}

/// Whether an origin is that of the host that a request was sent to. The scheme is not compared: behind a
/// proxy that speaks HTTPS, only the page knows it.
fn is_same_host(origin: &str, host: &str) -> bool {
    let (Some((scheme, origin)), Ok(host)) = (read(origin), host.parse::<Authority>()) else {
        return false;
    };
    let usual = if scheme.eq_ignore_ascii_case("https") {
        443
    } else {
        80
    };
    if is_this_machine(origin.host()) && is_this_machine(host.host()) {
        return true;
    }
    let port = |authority: &Authority| authority.port_u16().unwrap_or(usual);
    origin.host().eq_ignore_ascii_case(host.host()) && port(&origin) == port(&host)
}

/// Whether a host's name means the machine itself (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3).
fn is_this_machine(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &[&str], host: &str, origin: &[&str]) -> bool {
        let texts: Vec<String> = origins.iter().map(|&text| text.into()).collect();
        let mut headers = HeaderMap::new();
        headers.append(HOST, host.parse().unwrap());
        for origin in origin {
            headers.append(ORIGIN, origin.parse().unwrap());
        }
        Origins::read(&texts).unwrap().allow(&headers)
    }

    #[test]
    fn the_sites_own_pages_are_those_of_the_same_host_and_port() {
        for (host, origin) in [
            ("calls.example.org", "https://calls.example.org"),
            ("Calls.Example.org", "https://calls.example.org"),
            ("calls.example.org:443", "https://calls.example.org"),
            ("localhost:8080", "http://localhost:8080"),
            ("calls.example.org:8443", "https://calls.example.org:8443"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("127.0.0.1:1337", "http://localhost:8080"),
            ("[::1]:1337", "http://tea.localhost"),
        ] {
            assert!(allowed(&["own"], host, &[origin]), "{host} {origin}");
        }
        for (host, origin) in [
            ("calls.example.org", "https://example.org"),
            ("calls.example.org", "https://calls.example.org.evil.example"),
            ("calls.example.org", "https://evil.example/calls.example.org"),
            ("calls.example.org", "https://calls.example.org:8443"),
            ("calls.example.org", "https://user@calls.example.org"),
            ("calls.example.org", "null"),
            ("calls.example.org", ""),
            ("calls.example.org", "calls.example.org"),
            ("192.0.2.7:8080", "http://192.0.2.7:8081"),
            ("localhost:8080", "http://localhost.evil.example:8080"),
            ("localhost:8080", "https://evil.example"),
            ("calls.example.org", "http://localhost:8080"),
            ("localhost:8080", "file://localhost:8080"),
        ] {
            assert!(!allowed(&["own"], host, &[origin]), "{host} {origin}");
        }
    }

    #[test]
    fn others_connect_as_they_are_listed() {
        let (own, other) = ("https://calls.example.org", "https://example.org");
        let host = "calls.example.org";
        assert!(allowed(&[other], host, &[other]));
        assert!(!allowed(&[other], host, &[own]));
        assert!(allowed(&["own", "https://Example.org"], host, &[other]));
        assert!(!allowed(&["own"], host, &[]));
        assert!(allowed(&["own", "missing"], host, &[]));
        assert!(!allowed(&["own", "missing"], host, &[other]));
        assert!(allowed(&["any"], host, &[other]));
        assert!(allowed(&["any"], host, &[]));
        assert!(!allowed(&["own"], host, &[own, other]), "two of them");
    }

    #[test]
    fn an_origin_has_no_path() {
        for wrong in [
            "example.org",
            "https://example.org/",
            "https://",
            "ftp://example.org",
            "own!",
            "https://a;b",
            "https://user@example.org",
        ] {
            assert!(Origins::read(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
