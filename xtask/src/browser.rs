//! The Chromium that the tests drive, and the driver that belongs to it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{install, run};

/// What the tests start Chromium with. The camera and microphone are fake, and nobody is asked about them.
const FLAGS: [&str; 8] = [
    "--headless=new",
    // Containers and CI run as root, where the sandbox can't work. Only our own pages are opened.
    "--no-sandbox",
    // Containers have a tiny /dev/shm.
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
];

/// Where Chromium is looked for on the PATH, best first.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// Where its headless shell is looked for: the same engine, without what is around a page.
const SHELLS: [&str; 2] = ["chromium-headless-shell", "chrome-headless-shell"];

pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

impl Browser {
    /// Finds a browser and a driver of the same version, and installs them if need be.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        install::install_packages(&["chromium", "chromium-driver"]).context(
            "The tests need Chromium and a chromedriver of the same major version; install them (Debian: `sudo \
             apt-get install chromium chromium-driver`; macOS: `brew install --cask google-chrome chromedriver`), or \
             name them in the variables CHROME and CHROMEDRIVER",
        )?;
        match Self::find() {
            Some(found) => Ok(found),
            None => bail!(
                "Chromium and its driver were installed and still don't fit each other; name a fitting pair in the \
                 variables CHROME and CHROMEDRIVER"
            ),
        }
    }

    /// Chromium's headless shell, if it is there in the driver's version or can be installed. Tests go
    /// without, in twice the time.
    pub(crate) fn headless_shell(&self) -> Option<PathBuf> {
        let find = || {
            let version = major_version_of(&self.driver);
            SHELLS
                .iter()
                .filter_map(|name| run::on_path(name))
                .find(|shell| major_version_of(shell) == version)
        };
        let found = find().or_else(|| {
            install::install_packages(&["chromium-headless-shell"]).ok()?;
            find()
        });
        if found.is_none() {
            println!(
                "Without Chromium's headless shell the tests take longer: install it (Debian: `sudo apt-get install \
                 chromium-headless-shell`; elsewhere: `npx @puppeteer/browsers install chrome-headless-shell`, and put it \
                 on the PATH)"
            );
        }
        found
    }

    fn find() -> Option<Self> {
        let chromium = match env::var_os("CHROME") {
            Some(path) => vec![PathBuf::from(path)],
            None => NAMES
                .iter()
                .filter_map(|name| run::on_path(name))
                .chain(elsewhere())
                .collect(),
        };
        let drivers = match env::var_os("CHROMEDRIVER") {
            Some(path) => vec![PathBuf::from(path)],
            // GitHub's runners keep the fitting driver in a directory of its own.
            None => env::var_os("CHROMEWEBDRIVER")
                .and_then(|dir| run::program_in(Path::new(&dir), "chromedriver"))
                .into_iter()
                .chain(run::on_path("chromedriver"))
                .collect(),
        };
        let versions: Vec<_> = drivers
            .into_iter()
            .filter_map(|driver| Some((major_version_of(&driver)?, driver)))
            .collect();
        chromium.into_iter().find_map(|chromium| {
            // Chrome on Windows has no --version; a driver that does not fit says so itself.
            let wanted = major_version_of(&chromium);
            if wanted.is_none() && !cfg!(windows) {
                return None;
            }
            let fits = |(version, _): &&(u32, PathBuf)| wanted.is_none_or(|wanted| wanted == *version);
            let driver = versions.iter().find(fits)?.1.clone();
            Some(Self { chromium, driver })
        })
    }

    /// The settings of a WebDriver session, in the form that wasm-bindgen-test-runner reads.
    pub(crate) fn webdriver_json(&self) -> String {
        let flags: Vec<_> = FLAGS.iter().map(|flag| json_string(flag)).collect();
        format!(
            "{{\"goog:chromeOptions\": {{\"binary\": {}, \"args\": [{}]}}}}\n",
            json_string(&self.chromium.to_string_lossy()),
            flags.join(", ")
        )
    }
}

/// Where browsers are installed outside of the PATH.
fn elsewhere() -> Option<PathBuf> {
    let path = if cfg!(target_os = "macos") {
        PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    } else if cfg!(windows) {
        PathBuf::from(env::var_os("ProgramFiles")?).join("Google/Chrome/Application/chrome.exe")
    } else {
        return None;
    };
    path.is_file().then_some(path)
}

fn major_version_of(program: &Path) -> Option<u32> {
    if cfg!(windows) && program.file_stem().is_some_and(|stem| stem == "chrome") {
        // It would open a window instead.
        return None;
    }
    major_version(&run::output_of(Command::new(program).arg("--version"))?)
}

/// `Chromium 156.0.8078.79 built on …` → 156.
fn major_version(text: &str) -> Option<u32> {
    text.split_whitespace()
        .find_map(|word| word.split_once('.')?.0.parse().ok())
}

fn json_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions_are_read_from_what_browsers_print() {
        assert_eq!(
            major_version("Chromium 156.0.8078.79 built on Debian GNU/Linux 12"),
            Some(156)
        );
        assert_eq!(major_version("Google Chrome 140.0.7339.80 "), Some(140));
        assert_eq!(
            major_version("ChromeDriver 156.0.8078.79 (a21ce95-refs/branch-heads/8078@{#1704})"),
            Some(156)
        );
        assert_eq!(major_version("this is not a browser"), None);
    }

    #[test]
    fn paths_survive_in_webdriver_json() {
        let browser = Browser {
            chromium: r#"C:\Chrome "x"\chrome.exe"#.into(),
            driver: PathBuf::new(),
        };
        assert!(
            browser
                .webdriver_json()
                .contains(r#""binary": "C:\\Chrome \"x\"\\chrome.exe""#)
        );
    }
}
