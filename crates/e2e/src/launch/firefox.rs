//! Firefox's preferences.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Launch, Permission, Programs, object, program};
use crate::driver::free_port;

const INSTALL: &str = "run the tests by `cargo xtask test`, which installs what it needs, or install Firefox and \
    geckodriver, on Debian by `sudo apt-get install firefox-esr` and `cargo install --locked geckodriver`.";

/// Another connection for commands, which other browsers on this machine need not share, if there is to be
/// one.
pub(super) fn programs(launch: &Launch, profile: &Path, with_wire: bool) -> Programs {
    assert!(
        launch.film.is_none(),
        "Firefox can't show a video file instead of its fake camera: take Chromium."
    );
    let mut arguments = vec![
        "-headless".to_owned(),
        "--width=1280".into(),
        "--height=800".into(),
    ];
    arguments.extend(launch.arguments.iter().cloned());
    let mut capabilities = json!({
        "moz:firefoxOptions": {
            "binary": program("VISAVIS_FIREFOX", "/usr/bin/firefox"),
            "args": arguments,
            "prefs": preferences(launch),
            "env": { "MOZ_CRASHREPORTER_DISABLE": "1" },
        }
    });
    if with_wire {
        capabilities["webSocketUrl"] = true.into();
    }
    // Profiles that geckodriver makes elsewhere stay behind when it is killed.
    let profiles = profile.display().to_string();
    Programs {
        driver: program("VISAVIS_GECKODRIVER", "geckodriver"),
        driver_arguments: Box::new(move |port| {
            vec![
                format!("--port={port}"),
                format!("--websocket-port={}", free_port()),
                "--profile-root".into(),
                profiles.clone(),
            ]
        }),
        capabilities: object(capabilities),
        install: INSTALL,
    }
}

fn preferences(launch: &Launch) -> Map<String, Value> {
    let mut preferences = object(json!({
        // A camera and a microphone that everybody has.
        "media.navigator.streams.fake": true,
        "media.navigator.permission.disabled": launch.permission == Permission::Granted,
        "media.autoplay.default": 0,
        // A loudspeaker, which not every machine has. Without one, a page can't even measure audio.
        "media.cubeb.force_mock_context": true,
        // Two browsers on one machine, perhaps without any other network.
        "media.peerconnection.ice.loopback": true,
        "media.peerconnection.ice.obfuscate_host_addresses": false,
        // Several windows at once, all of them headless: none is in front.
        "widget.windows.window_occlusion_tracking.enabled": false,
        "dom.min_background_timeout_value": 4,
        "dom.timeout.enable_budget_timer_throttling": false,
        // No word to anybody but the site.
        "app.normandy.enabled": false,
        "app.update.disabledForTesting": true,
        "browser.newtabpage.enabled": false,
        "browser.region.network.url": "",
        "browser.safebrowsing.downloads.enabled": false,
        "browser.safebrowsing.malware.enabled": false,
        "browser.safebrowsing.phishing.enabled": false,
        "browser.safebrowsing.update.enabled": false,
        "browser.search.update": false,
        "browser.startup.homepage_override.mstone": "ignore",
        "browser.startup.page": 0,
        "datareporting.policy.dataSubmissionEnabled": false,
        "dom.push.enabled": false,
        "extensions.getAddons.cache.enabled": false,
        "extensions.systemAddon.update.enabled": false,
        "extensions.update.enabled": false,
        "media.gmp-manager.updateEnabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "network.dns.disablePrefetch": true,
        "network.prefetch-next": false,
        "services.settings.server": "data:,#remote-settings-dummy/v1",
        "toolkit.telemetry.enabled": false,
        "toolkit.telemetry.server": "",
    }));
    if launch.permission == Permission::Denied {
        preferences.insert("permissions.default.camera".into(), 2.into());
        preferences.insert("permissions.default.microphone".into(), 2.into());
    }
    if !launch.trusted.is_empty() {
        preferences.insert("dom.securecontext.allowlist".into(), trusted_hosts(launch).into());
        // Otherwise it asks such a host for HTTPS first.
        preferences.insert("dom.security.https_first".into(), false.into());
    }
    preferences.extend(launch.preferences.clone());
    preferences
}

/// Firefox trusts hosts and not origins.
fn trusted_hosts(launch: &Launch) -> String {
    let hosts = launch.trusted.iter().map(|origin| {
        let origin = url::Url::parse(origin).unwrap_or_else(|error| panic!("{origin} is no origin: {error}"));
        origin.host_str().unwrap_or_default().to_owned()
    });
    hosts.collect::<Vec<_>>().join(",")
}
