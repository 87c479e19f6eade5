//! The tools that build the site, each in exactly the version the project wants.
//!
//! A tool of that version on the PATH is used; otherwise the one in the per-user cache; otherwise it is
//! installed there. One directory per tool and version, so that projects and branches don't fight:
//! `VISAVIS_TOOLS`, or else the user's cache directory, with `visavis/tools` in it.

use std::{
    env,
    ffi::OsString,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{browser, compress::with_ending, run};

/// The newest Trunk that the pinned compiler builds.
const TRUNK: &str = "0.21.14";

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// What the site and the browser tests are built with, installed and checked.
pub(crate) struct Tools {
    pub(crate) trunk: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) wasm_opt: PathBuf,
    /// As Trunk calls it: `version_132`.
    pub(crate) wasm_opt_version: String,
}

impl Tools {
    /// Finds every tool, and installs what is missing.
    pub(crate) fn ready() -> Result<Self> {
        wasm_target()?;
        let trunk = Tool::from_cargo("trunk", "trunk", TRUNK, 4);
        let wasm_bindgen = Tool::from_cargo("wasm-bindgen", "wasm-bindgen-cli", &wasm_bindgen_version()?, 2);
        let wasm_opt = wasm_opt(&wasm_opt_version()?)?;
        Ok(Self {
            trunk: trunk.ready()?,
            wasm_bindgen: wasm_bindgen.ready()?,
            wasm_opt_version: format!("version_{}", wasm_opt.version),
            wasm_opt: wasm_opt.ready()?,
        })
    }

    /// The runner of the tests in a browser, which comes with wasm-bindgen.
    pub(crate) fn wasm_test_runner(&self) -> Result<PathBuf> {
        let dir = self.wasm_bindgen.parent().unwrap_or(Path::new(""));
        run::program_in(dir, "wasm-bindgen-test-runner").with_context(|| {
            format!(
                "There is no wasm-bindgen-test-runner next to {}; install it there",
                self.wasm_bindgen.display()
            )
        })
    }

    /// The PATH for Trunk: the cached tools first, so that it finds them and downloads nothing.
    pub(crate) fn path(&self) -> Result<OsString> {
        let cache = cache_dir()?;
        let cached = [&self.trunk, &self.wasm_bindgen, &self.wasm_opt]
            .into_iter()
            // A tool from the PATH is found there anyway; its directory in front could hide other programs.
            .filter(|tool| tool.starts_with(&cache))
            .filter_map(|tool| tool.parent().map(Path::to_path_buf));
        let path = env::var_os("PATH").unwrap_or_default();
        env::join_paths(cached.chain(env::split_paths(&path)))
            .context("The PATH can't hold the tools' directories")
    }
}

/// `cargo xtask tools`.
pub(crate) fn report() -> Result<()> {
    rustup_component("rustfmt", "fmt")?;
    rustup_component("clippy", "clippy")?;
    let tools = Tools::ready()?;
    println!("trunk          {}", tools.trunk.display());
    println!("wasm-bindgen   {}", tools.wasm_bindgen.display());
    println!("wasm-opt       {}", tools.wasm_opt.display());
    let browser = browser::Browser::ready()?;
    println!("Chromium       {}", browser.chromium.display());
    println!("its driver     {}", browser.driver.display());
    Ok(())
}

/// The part of the standard library that is compiled to WebAssembly.
pub(crate) fn wasm_target() -> Result<()> {
    let mut rustc = run::command("rustc");
    let libraries = run::output_of(rustc.args(["--print", "target-libdir", "--target", WASM]));
    if libraries.is_some_and(|dir| Path::new(&dir).is_dir()) {
        return Ok(());
    }
    println!("Installing Rust's WebAssembly target (seconds)");
    run::run(run::command("rustup").args(["target", "add", WASM])).with_context(|| {
        format!("Rust's WebAssembly target is missing; install it with `rustup target add {WASM}`")
    })
}

/// A part of the toolchain that a minimal installation lacks.
pub(crate) fn rustup_component(component: &str, subcommand: &str) -> Result<()> {
    if run::output_of(run::cargo().args([subcommand, "--version"])).is_some() {
        return Ok(());
    }
    println!("Installing Rust's {component} (seconds)");
    run::run(run::command("rustup").args(["component", "add", component])).with_context(|| {
        format!("{component} is missing; install it with `rustup component add {component}`")
    })
}

/// A program in one version, and how it gets here.
struct Tool {
    /// The program.
    name: &'static str,
    /// What it answers to --version.
    version: String,
    source: Source,
}

enum Source {
    Cargo {
        package: &'static str,
        release: String,
        minutes: u32,
    },
    Npm {
        package: &'static str,
        release: String,
    },
}

impl Tool {
    fn from_cargo(name: &'static str, package: &'static str, version: &str, minutes: u32) -> Self {
        let source = Source::Cargo {
            package,
            release: version.to_owned(),
            minutes,
        };
        Self {
            name,
            version: version.to_owned(),
            source,
        }
    }

    /// Its directory in the cache.
    fn home(&self) -> Result<PathBuf> {
        let (Source::Cargo { package, release, .. } | Source::Npm { package, release }) = &self.source;
        Ok(cache_dir()?.join(format!("{package}-{release}")))
    }

    /// The program in its directory, or in one that is yet to become it, if it works.
    fn program_in(&self, home: &Path) -> Option<PathBuf> {
        let programs = match self.source {
            Source::Cargo { .. } => "bin",
            Source::Npm { .. } => "node_modules/.bin",
        };
        run::program_in(&home.join(programs), self.name).filter(|path| reports(path, &self.version))
    }

    /// The program, if it is installed.
    fn find(&self) -> Result<Option<PathBuf>> {
        let on_path = run::on_path(self.name).filter(|path| reports(path, &self.version));
        Ok(match on_path {
            Some(path) => Some(path),
            None => self.program_in(&self.home()?),
        })
    }

    /// The program, installed if need be.
    fn ready(&self) -> Result<PathBuf> {
        if let Some(path) = self.find()? {
            return Ok(path);
        }
        let cache = cache_dir()?;
        fs::create_dir_all(&cache).with_context(|| format!("Can't create {}", cache.display()))?;
        let _lock = lock(&cache)?;
        // Another start of this program may have installed it while this one waited.
        if let Some(path) = self.find()? {
            return Ok(path);
        }
        // Installed next to its place and then renamed, so that half an installation is never taken for a whole.
        let home = self.home()?;
        let part = with_ending(&home, ".part");
        remove_dir(&part)?;
        self.install(&part)
            .with_context(|| format!("{} {} could not be installed", self.name, self.version))?;
        if self.program_in(&part).is_none() {
            bail!(
                "{} was installed in {}, but does not run as version {}",
                self.name,
                part.display(),
                self.version
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
                minutes,
            } => {
                println!("Installing {package} {release} (about {minutes} minutes on two cores, this once)");
                install_with_cargo(package, release, into)
            }
            Source::Npm { package, release } => {
                println!("Installing {package} {release} (seconds; 100 MB on disk)");
                install_with_npm(package, release, into)
            }
        }
    }
}

/// wasm-opt in the pinned version, as the npm package that runs in Node: current, and the same on every system.
///
/// Where there is no Node and it can't be installed, an older one that needs a C++ compiler: its files are less than
/// one per cent larger.
fn wasm_opt(pinned: &str) -> Result<Tool> {
    let current = Tool {
        name: "wasm-opt",
        version: pinned.to_owned(),
        source: Source::Npm {
            package: "binaryen",
            release: format!("{pinned}.0.0"),
        },
    };
    let has_node = || run::on_path("node").is_some() && run::on_path("npm").is_some();
    if current.find()?.is_some() || has_node() || may_install_packages() {
        return Ok(current);
    }
    let older = Tool {
        name: "wasm-opt",
        version: "116".to_owned(),
        source: Source::Cargo {
            package: "wasm-opt",
            release: "0.116.1".to_owned(),
            minutes: 10,
        },
    };
    if older.find()?.is_some() || run::on_path("c++").is_some() {
        return Ok(older);
    }
    let node = if cfg!(target_os = "macos") {
        "`brew install node`"
    } else if cfg!(windows) {
        "`winget install OpenJS.NodeJS`"
    } else {
        "`sudo apt-get install nodejs npm`"
    };
    bail!("wasm-opt {pinned} is missing, and so is Node, which it comes through; install Node with {node}")
}

fn remove_dir(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("Can't remove {}", dir.display()))?;
    }
    Ok(())
}

/// One installation at a time, across all starts of this program. The lock ends with the file handle.
fn lock(cache: &Path) -> Result<File> {
    let path = cache.join("lock");
    let file = File::create(&path).with_context(|| format!("Can't write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("Waiting for another `cargo xtask` that is installing tools");
            file.lock()
                .with_context(|| format!("Can't lock {}", path.display()))?;
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("Can't lock {}", path.display()));
        }
    }
    Ok(file)
}

/// Whether this program says that it has this version: `trunk 0.21.14`, `wasm-opt version 132 (version_132)`.
fn reports(program: &Path, version: &str) -> bool {
    run::output_of(Command::new(program).arg("--version")).is_some_and(|text| mentions(&text, version))
}

fn mentions(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

/// Where installed tools are kept.
fn cache_dir() -> Result<PathBuf> {
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

fn install_with_cargo(package: &str, release: &str, into: &Path) -> Result<()> {
    let mut install = run::cargo();
    install
        .arg("install")
        .arg("--root")
        .arg(into)
        .arg(format!("{package}@{release}"));
    // Trunk's default features are a check for updates and the encryption for downloads. wasm-bindgen's are
    // encryption too. Neither is used here, and they are a good part of the time it takes to build.
    install.arg("--no-default-features");
    if package == "trunk" {
        // wasm-bindgen-cli has no usable lock file.
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
fn may_install_packages() -> bool {
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

/// wasm-bindgen's program must match the library exactly, so its version is the one in Cargo.lock.
fn wasm_bindgen_version() -> Result<String> {
    locked_version(&read("Cargo.lock")?, "wasm-bindgen")
}

fn locked_version(lock: &str, package: &str) -> Result<String> {
    let lock: toml::Table = lock
        .parse()
        .context("Cargo.lock is not valid TOML; restore it from git")?;
    lock.get("package")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))
        .and_then(|entry| entry.get("version")?.as_str())
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("Cargo.lock has no package {package}; run `cargo update --workspace`"))
}

/// wasm-opt's version is pinned in Trunk.toml, where Trunk itself reads it.
fn wasm_opt_version() -> Result<String> {
    pinned_wasm_opt(&read("Trunk.toml")?)
}

fn pinned_wasm_opt(trunk: &str) -> Result<String> {
    let trunk: toml::Table = trunk.parse().context("Trunk.toml is not valid TOML")?;
    trunk
        .get("tools")
        .and_then(|tools| tools.get("wasm_opt")?.as_str()?.strip_prefix("version_"))
        .map(str::to_owned)
        .context("Trunk.toml must pin wasm-opt, for example `[tools] wasm_opt = \"version_132\"`")
}

/// A file in the root of the workspace.
fn read(name: &str) -> Result<String> {
    let path = run::root().join(name);
    fs::read_to_string(&path).with_context(|| format!("Can't read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_wasm_bindgen_comes_from_the_lock_file() {
        let lock = r#"
            version = 4
            [[package]]
            name = "wasm-bindgen-futures"
            version = "0.4.70"
            [[package]]
            name = "wasm-bindgen"
            version = "0.2.130"
        "#;
        assert_eq!(locked_version(lock, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn a_lock_file_without_the_package_is_an_error_with_the_way_out() {
        let error = locked_version("version = 4", "wasm-bindgen")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("no package wasm-bindgen") && error.contains("cargo update"),
            "{error}"
        );
        assert!(locked_version("[[package", "wasm-bindgen").is_err());
    }

    #[test]
    fn the_version_of_wasm_opt_comes_from_trunk_toml() {
        assert_eq!(
            pinned_wasm_opt("[tools]\nwasm_opt = \"version_132\"").unwrap(),
            "132"
        );
        assert!(pinned_wasm_opt("[tools]\n").is_err());
        assert!(pinned_wasm_opt("[tools]\nwasm_opt = 132").is_err());
    }

    #[test]
    fn the_project_pins_wasm_opt() {
        wasm_opt_version().unwrap();
    }

    #[test]
    fn a_version_is_recognised_as_a_whole_word_only() {
        assert!(mentions("trunk 0.21.14", "0.21.14"));
        assert!(mentions("wasm-opt version 132 (version_132)", "132"));
        assert!(mentions("wasm-bindgen 0.2.130 (0123456789)", "0.2.130"));
        assert!(!mentions("trunk 0.21.1", "0.21.14"));
        assert!(!mentions("wasm-opt version 1325", "132"));
    }
}
