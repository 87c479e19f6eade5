//! What docs/deploy.md advises.

use std::net::IpAddr;

use visavis_relay::Config;

const MANUAL: &str = include_str!("../../../../docs/deploy.md");

/// The ranges that the example for coturn denies.
fn denied() -> Vec<(IpAddr, IpAddr)> {
    let ranges = MANUAL
        .lines()
        .filter_map(|line| line.strip_prefix("denied-peer-ip="));
    let ranges = ranges.map(|range| range.split_once('-').unwrap());
    ranges
        .map(|(first, last)| (first.parse().unwrap(), last.parse().unwrap()))
        .collect()
}

#[test]
fn the_turn_server_is_no_way_into_networks_that_only_it_can_reach() {
    let denied = denied();
    let is_denied = |ip: &str| {
        let ip: IpAddr = ip.parse().unwrap();
        denied
            .iter()
            .any(|(first, last)| first.is_ipv4() == ip.is_ipv4() && (first..=last).contains(&&ip))
    };
    for ip in [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
    ] {
        assert!(is_denied(ip), "{ip}");
    }
    // coturn takes that for no lower bound, and denies every IPv4 address as well (seen in 4.6.1).
    assert!(
        denied
            .iter()
            .all(|(first, _)| first.is_ipv4() || !first.is_unspecified())
    );
    for ip in [
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "2606:4700::1111",
        "2a00::1",
    ] {
        assert!(!is_denied(ip), "{ip}");
    }
    for setting in ["user-quota=", "total-quota=", "no-multicast-peers"] {
        assert!(MANUAL.lines().any(|line| line.starts_with(setting)), "{setting}");
    }
}

#[test]
fn its_settings_are_accepted() {
    let mut examples = MANUAL
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let examples: Vec<&str> = examples
        .by_ref()
        .filter(|toml| !toml.contains("[build]"))
        .collect();
    assert!(examples.len() >= 2, "there are examples");
    for example in examples {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), example).unwrap();
        let arguments = ["visavis-relay", "--config", file.path().to_str().unwrap()];
        Config::load(arguments.map(Into::into)).unwrap_or_else(|error| panic!("{error}: {example}"));
    }
}
