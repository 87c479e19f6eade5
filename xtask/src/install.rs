//! How a tool is found, and installed when it is not.
//!
//! A tool of the wanted version on the PATH is used; otherwise the one in the per-user cache; otherwise it is
//! installed there. One directory per tool and version, so that projects and branches don't fight:
//! `VISAVIS_TOOLS`, or else the user's cache directory, with `visavis/tools` in it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{compress::with_ending, run};

/// A program in one version, and how it gets here.
pub(crate) struct Tool {
    /// The program.
    pub(crate) name: &'static str,
    /// What it answers to --version. One that answers nothing is used only where this program has installed
    /// it.
    pub(crate) version: Option<String>,
    pub(crate) source: Source,
}

pub(crate) enum Source {
    Cargo {
        package: &'static str,
        release: String,
        /// Those without which there would be no program.
        features: &'static [&'static str],
        minutes: u32,
    },
    Npm {
        package: &'static str,
        release: String,
        megabytes: u32,
    },
}

impl Tool {
    pub(crate) fn from_cargo(name: &'static str, package: &'static str, version: &str, minutes: u32) -> Self {
        let source = Source::Cargo {
            package,
            release: version.to_owned(),
            features: &[],
            minutes,
        };
        Self {
            name,
            version: Some(version.to_owned()),
            source,
        }
    }

    /// Its directory in the cache.
    fn home(&self) -> Result<PathBuf> {
        let (Source::Cargo { package, release, .. } | Source::Npm { package, release, .. }) = &self.source;
        Ok(cache_dir()?.join(format!("{package}-{release}")))
    }

    /// The program in its directory, or in one that is yet to become it, if it works.
    fn program_in(&self, home: &Path) -> Option<PathBuf> {
        let programs = match self.source {
            Source::Cargo { .. } => "bin",
            Source::Npm { .. } => "node_modules/.bin",
        };
        run::program_in(&home.join(programs), self.name)
            .filter(|path| self.version.as_ref().is_none_or(|version| reports(path, version)))
    }

    /// The program, if it is installed.
    pub(crate) fn find(&self) -> Result<Option<PathBuf>> {
        let on_path = self
            .version
            .as_ref()
            .and_then(|version| run::on_path(self.name).filter(|path| reports(path, version)));
        Ok(match on_path {
            Some(path) => Some(path),
            None => self.program_in(&self.home()?),
        })
    }

    /// The program, installed if need be.
    pub(crate) fn ready(&self) -> Result<PathBuf> {
        if let Some(path) = self.find()? {
            return Ok(path);
        }
        let cache = cache_dir()?;
        fs::create_dir_all(&cache).with_context(|| format!("Can't create {}", cache.display()))?;
        let _lock = run::lock(&cache.join("lock"), "installing tools")?;
        // Another start of this program may have installed it while this one waited.
        if let Some(path) = self.find()? {
            return Ok(path);
        }
        // Installed next to its place and then renamed, so that half an installation is never taken for a
        // whole.
        let home = self.home()?;
        let part = with_ending(&home, ".part");
        remove_dir(&part)?;
        self.install(&part)
            .with_context(|| format!("{} could not be installed", self.name))?;
        if self.program_in(&part).is_none() {
            bail!(
                "{} was installed in {}, but does not run there as it should",
                self.name,
                part.display()
            );
        }
        remove_dir(&home)?;
        fs::rename(&part, &home)
            .with_context(|| format!("Can't move {} to {}", part.display(), home.display()))?;
        self.program_in(&home).with_context(|| {
            format!(
                "{} is not in {} where it was just installed",
                self.name,
                home.display()
            )
        })
    }

    fn install(&self, into: &Path) -> Result<()> {
        match &self.source {
            Source::Cargo {
                package,
                release,
                features,
                minutes,
            } => {
                println!("Installing {package} {release} (about {minutes} minutes on two cores, this once)");
                install_with_cargo(package, release, features, into)
            }
            Source::Npm {
                package,
                release,
                megabytes,
            } => {
                println!("Installing {package} {release} (seconds; {megabytes} MB on disk)");
                install_with_npm(package, release, into)
            }
        }
    }
}

fn remove_dir(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("Can't remove {}", dir.display()))?;
    }
    Ok(())
}

/// Whether this program says that it has this version: `trunk 0.21.14`, `wasm-opt version 132 (version_132)`.
fn reports(program: &Path, version: &str) -> bool {
    run::output_of(Command::new(program).arg("--version")).is_some_and(|text| mentions(&text, version))
}

fn mentions(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

/// Where installed tools are kept.
pub(crate) fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("VISAVIS_TOOLS").filter(|dir| !dir.is_empty()) {
        return std::path::absolute(dir).context("VISAVIS_TOOLS is not a usable path");
    }
    let user_cache = if cfg!(windows) {
        env::var_os("LOCALAPPDATA").map(PathBuf::from)
    } else if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Some(PathBuf::from(dir))
    } else {
        let below_home = if cfg!(target_os = "macos") {
            "Library/Caches"
        } else {
            ".cache"
        };
        env::home_dir().map(|home| home.join(below_home))
    };
    let user_cache =
        user_cache.context("There is no home directory for the tools; set VISAVIS_TOOLS to one")?;
    Ok(user_cache.join("visavis").join("tools"))
}

fn install_with_cargo(package: &str, release: &str, features: &[&str], into: &Path) -> Result<()> {
    let mut install = run::cargo();
    install
        .arg("install")
        .arg("--root")
        .arg(into)
        .arg(format!("{package}@{release}"));
    // Trunk's default features are a check for updates and the encryption for downloads. wasm-bindgen's are
    // encryption too, and wasm-opt's are debug information. None is used here, and they take long to build.
    install.arg("--no-default-features");
    if !features.is_empty() {
        install.args(["--features", &features.join(",")]);
    }
    // The lock file of wasm-bindgen-cli does not resolve.
    if package != "wasm-bindgen-cli" {
        install.arg("--locked");
    }
    // These tools are built once and run for moments: what counts is the wait for them.
    install
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    run::run(&mut install)
}

fn install_with_npm(package: &str, release: &str, into: &Path) -> Result<()> {
    if run::on_path("node").is_none() || run::on_path("npm").is_none() {
        install_packages(&["nodejs", "npm"])?;
    }
    fs::create_dir_all(into).with_context(|| format!("Can't create {}", into.display()))?;
    let npm = run::on_path("npm").context("npm is still missing after the installation of Node")?;
    let mut install = run::command(npm);
    install
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
            "--prefix",
        ])
        .arg(into)
        .arg(format!("{package}@{release}"))
        .current_dir(into);
    // Node trusts a list of authorities of its own; a company's proxy is in the system's list only.
    let authorities = Path::new("/etc/ssl/certs/ca-certificates.crt");
    if authorities.exists() && env::var_os("NODE_EXTRA_CA_CERTS").is_none() {
        install.env("NODE_EXTRA_CA_CERTS", authorities);
    }
    run::run(&mut install)
}

/// Whether packages of the system can be installed without asking: as root on Debian and its relatives.
pub(crate) fn may_install_packages() -> bool {
    let is_root = run::output_of(run::command("id").arg("-u")).is_some_and(|id| id == "0");
    is_root && run::on_path("apt-get").is_some()
}

/// Installs packages of the system, if that is possible without asking.
pub(crate) fn install_packages(packages: &[&str]) -> Result<()> {
    if !may_install_packages() {
        bail!("only root can do that, and only on Debian or a relative");
    }
    println!(
        "Installing {} with apt-get (a minute or two)",
        packages.join(" and ")
    );
    let apt_get = |arguments: &[&str]| {
        // Someone else's apt-get may be running: wait for it rather than fail.
        let mut command = run::command("apt-get");
        command
            .args(["-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"])
            .args(arguments);
        run::run(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_recognised_as_a_whole_word_only() {
        assert!(mentions("trunk 0.21.14", "0.21.14"));
        assert!(mentions("wasm-opt version 132 (version_132)", "132"));
        assert!(mentions("wasm-bindgen 0.2.130 (0123456789)", "0.2.130"));
        assert!(!mentions("trunk 0.21.1", "0.21.14"));
        assert!(!mentions("wasm-opt version 1325", "132"));
    }
}
