//! What the relay reads in the headers of a request: whose page it is, and where the client is.
//!
//! Each line is a header.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use visavis_relay::client_address;
use visavis_relay::origin::Origins;

fn headers(text: &str) -> HeaderMap {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let headers = lines.filter_map(|(name, value)| {
        let name = HeaderName::try_from(name).ok()?;
        Some((name, HeaderValue::try_from(value.trim()).ok()?))
    });
    // As many as a request may have.
    headers.take(64).collect()
}

fuzz_target!(|text: &str| {
    let mut headers = headers(text);
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let Ok(trusted) = "10.0.0.0/8".parse() else { return };
    let client = client_address(proxy, &headers, &[trusted]);
    if client != proxy {
        assert!(headers.contains_key("x-forwarded-for"), "{client}");
    }
    // Somebody else is not believed.
    let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    assert_eq!(client_address(stranger, &headers, &[trusted]), stranger);

    // At our own name, nobody is at home but our own pages.
    headers.insert("host", HeaderValue::from_static("calls.example.org"));
    let may = Origins::default().allow(&headers);
    let origin = headers.get("origin").and_then(|origin| origin.to_str().ok());
    let origin = origin.map(str::to_ascii_lowercase);
    let own = [
        "http://calls.example.org",
        "http://calls.example.org:80",
        "https://calls.example.org",
        "https://calls.example.org:443",
    ];
    assert_eq!(
        may,
        is_one(&headers) && own.iter().any(|own| origin.as_deref() == Some(*own)),
        "{origin:?}"
    );
});

fn is_one(headers: &HeaderMap) -> bool {
    headers.get_all("origin").iter().count() == 1
}
