//! The Firefox that the whole-system tests drive, and its driver.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    install::{self, Tool},
    run,
};

/// The geckodriver that is installed where none is found.
const GECKODRIVER: &str = "0.37.1";

pub(crate) struct Firefox {
    pub(crate) firefox: PathBuf,
    pub(crate) driver: PathBuf,
}

impl Firefox {
    /// Finds Firefox and a driver, and installs them if need be. Any driver of the last years drives any
    /// Firefox.
    pub(crate) fn ready() -> Result<Self> {
        let firefox = match find_firefox() {
            Some(firefox) => firefox,
            None => install_firefox()?,
        };
        let driver = match find_driver() {
            Some(driver) => driver,
            None => Tool::from_cargo("geckodriver", "geckodriver", GECKODRIVER, 2)
                .ready()
                .context(
                    "The tests need geckodriver; install it with `cargo install --locked geckodriver`, or name it in \
                     the variable GECKODRIVER",
                )?,
        };
        Ok(Self { firefox, driver })
    }
}

fn find_firefox() -> Option<PathBuf> {
    match env::var_os("FIREFOX") {
        Some(path) => Some(PathBuf::from(path)),
        None => ["firefox", "firefox-esr"]
            .iter()
            .filter_map(|name| run::on_path(name))
            .chain(elsewhere())
            .find(|firefox| works(firefox)),
    }
}

fn install_firefox() -> Result<PathBuf> {
    // Debian has the one, some of its relatives the other.
    install::install_packages(&["firefox-esr"])
        .or_else(|_| install::install_packages(&["firefox"]))
        .context(
            "The tests need Firefox; install it (Debian: `sudo apt-get install firefox-esr`; macOS: `brew install \
             --cask firefox`), or name it in the variable FIREFOX",
        )?;
    find_firefox().context(
        "Firefox was installed and still does not answer to --version; name one that does in the variable FIREFOX",
    )
}

fn find_driver() -> Option<PathBuf> {
    match env::var_os("GECKODRIVER") {
        Some(path) => Some(PathBuf::from(path)),
        // GitHub's runners keep it in a directory of its own.
        None => env::var_os("GECKOWEBDRIVER")
            .and_then(|dir| run::program_in(Path::new(&dir), "geckodriver"))
            .into_iter()
            .chain(run::on_path("geckodriver"))
            .find(|driver| works(driver)),
    }
}

/// Where Firefox is installed outside of the PATH.
fn elsewhere() -> Option<PathBuf> {
    let path = if cfg!(target_os = "macos") {
        PathBuf::from("/Applications/Firefox.app/Contents/MacOS/firefox")
    } else if cfg!(windows) {
        PathBuf::from(env::var_os("ProgramFiles")?).join("Mozilla Firefox/firefox.exe")
    } else {
        return None;
    };
    path.is_file().then_some(path)
}

/// Whether it can be started at all: some systems have a stand-in that only tells how to install it.
fn works(program: &Path) -> bool {
    run::output_of(Command::new(program).arg("--version")).is_some()
}
