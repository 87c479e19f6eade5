//! The relay's settings: a command line with an argument in each line, or else a configuration file.
#![no_main]

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use visavis_relay::Config;

static DIRECTORY: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("there is room for a file"));

fn written(text: &str) -> PathBuf {
    let path = DIRECTORY.path().join("relay.toml");
    fs::write(&path, text).expect("the directory is ours");
    path
}

fuzz_target!(|text: &str| {
    let mut arguments = vec![OsString::from("visavis-relay")];
    if text.starts_with("--") {
        // Not just any file of this machine.
        if text.lines().any(|line| line.starts_with("--config")) {
            return;
        }
        arguments.extend(text.lines().map(OsString::from));
    } else {
        arguments.extend([OsString::from("--config"), written(text).into_os_string()]);
    }
    match Config::load(arguments) {
        Ok(config) => {
            assert_eq!(config.check().map_err(|error| error.to_string()), Ok(()));
            let shown = format!("{config:?}").len();
            assert!(shown <= 12 * text.len() + 10_000, "{shown}");
        }
        // A wrong word is answered with the usage.
        Err(error) => {
            let explained = error.to_string().len();
            assert!(explained <= 12 * text.len() + 20_000, "{explained}");
        }
    }
});
