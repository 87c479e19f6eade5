//! Chromium's command line.

use std::env;

use serde_json::json;

use super::{Launch, Permission, Programs, object, program};

const INSTALL: &str = "run the tests by `cargo xtask test`, which installs what it needs, or install Chromium and \
    its driver, on Debian by `sudo apt-get install chromium chromium-driver`.";

const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Several windows at once, none of them hidden.
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1280,800",
];

/// The program: Chromium's headless shell, where there is one. That is the same engine without the browser
/// around the page, and opens a window in half the time. The whole browser is for what a page can only have
/// from there, and for origins that are to be trusted.
fn binary(launch: &Launch) -> String {
    let needs_more = launch.whole || launch.permission != Permission::Granted || !launch.trusted.is_empty();
    let shell = env::var("VISAVIS_HEADLESS_SHELL").ok().filter(|_| !needs_more);
    shell.unwrap_or_else(|| program("VISAVIS_CHROMIUM", "/usr/bin/chromium"))
}

pub(super) fn programs(launch: &Launch) -> Programs {
    let mut preferences = launch.preferences.clone();
    if launch.permission == Permission::Denied {
        for device in ["camera", "mic"] {
            let name = format!("profile.default_content_setting_values.media_stream_{device}");
            preferences.insert(name, 2.into());
        }
    }
    let capabilities = json!({
        "goog:chromeOptions": {
            "binary": binary(launch),
            "args": arguments(launch),
            "prefs": preferences,
        }
    });
    Programs {
        driver: program("VISAVIS_CHROMEDRIVER", "chromedriver"),
        driver_arguments: Box::new(|port| vec![format!("--port={port}")]),
        capabilities: object(capabilities),
        install: INSTALL,
    }
}

fn arguments(launch: &Launch) -> Vec<String> {
    let mut arguments: Vec<String> = ARGUMENTS.map(String::from).to_vec();
    // An argument without a value after the same one with a value would win.
    let fake_device = "--use-fake-device-for-media-stream";
    if !launch
        .arguments
        .iter()
        .any(|argument| argument.starts_with(fake_device))
    {
        arguments.push(fake_device.into());
    }
    if launch.permission == Permission::Granted {
        arguments.push("--use-fake-ui-for-media-stream".into());
    }
    if let Some(film) = &launch.film {
        arguments.push(format!("--use-file-for-fake-video-capture={}", film.display()));
    }
    if !launch.trusted.is_empty() {
        arguments.push(format!(
            "--unsafely-treat-insecure-origin-as-secure={}",
            launch.trusted.join(",")
        ));
    }
    arguments.extend(launch.arguments.iter().cloned());
    arguments
}
