//! The tools that build the site, each in exactly the version the project wants. How they get here:
//! [`crate::install`].

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    browser,
    firefox::Firefox,
    install::{Source, Tool, cache_dir, install_packages, may_install_packages},
    run,
};

/// The newest Trunk that the pinned compiler builds.
const TRUNK: &str = "0.21.14";

/// Runs the native tests, those of several files at a time.
const NEXTEST: &str = "0.9.143";

/// Runs the fuzz targets.
const FUZZ: &str = "0.13.2";

/// Looks at licenses, sources and advisories of dependencies.
const DENY: &str = "0.20.2";

/// Cuts the program where its features begin; it fits the `wasm_split_helpers` that Leptos brings along.
const WASM_SPLIT: &str = "0.2.4";

/// Bundles and minifies the JavaScript.
const ESBUILD: &str = "0.28.2";

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// What the site and the browser tests are built with, installed and checked.
pub(crate) struct Tools {
    pub(crate) trunk: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) wasm_split: PathBuf,
    pub(crate) wasm_opt: PathBuf,
    /// As Trunk calls it: `version_132`.
    pub(crate) wasm_opt_version: String,
    /// Only where there is Node, or it can be installed: the site works without, and takes one more request.
    pub(crate) esbuild: Option<PathBuf>,
}

impl Tools {
    /// Finds every tool, and installs what is missing.
    pub(crate) fn ready() -> Result<Self> {
        wasm_target()?;
        let trunk = Tool::from_cargo("trunk", "trunk", TRUNK, 4);
        let wasm_bindgen = Tool::from_cargo("wasm-bindgen", "wasm-bindgen-cli", &wasm_bindgen_version()?, 2);
        let wasm_split = Tool {
            name: "wasm-split-cli",
            version: None,
            source: Source::Cargo {
                package: "wasm_split_cli_support",
                release: WASM_SPLIT.to_owned(),
                features: &["build-binary"],
                minutes: 1,
            },
        };
        let wasm_opt = wasm_opt(&wasm_opt_version()?)?;
        let wasm_opt_version = wasm_opt
            .version
            .as_deref()
            .map(|version| format!("version_{version}"));
        Ok(Self {
            trunk: trunk.ready()?,
            wasm_bindgen: wasm_bindgen.ready()?,
            wasm_split: wasm_split.ready()?,
            wasm_opt_version: wasm_opt_version.context("wasm-opt tells its version")?,
            wasm_opt: wasm_opt.ready()?,
            esbuild: esbuild()?.map(|esbuild| esbuild.ready()).transpose()?,
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
    nextest()?;
    fuzz()?;
    deny()?;
    println!("wasm-split     {}", tools.wasm_split.display());
    println!("wasm-opt       {}", tools.wasm_opt.display());
    match &tools.esbuild {
        Some(esbuild) => println!("esbuild        {}", esbuild.display()),
        None => println!("esbuild        missing, because there is no Node; the site can do without"),
    }
    let browser = browser::Browser::ready()?;
    println!("Chromium       {}", browser.chromium.display());
    println!("its driver     {}", browser.driver.display());
    let firefox = Firefox::ready()?;
    println!("Firefox        {}", firefox.firefox.display());
    println!("its driver     {}", firefox.driver.display());
    Ok(())
}

/// The PATH on which Cargo finds what runs the native tests, as `cargo nextest`.
pub(crate) fn nextest() -> Result<OsString> {
    subcommand("cargo-nextest", NEXTEST, &["default-no-update"], 4)
}

/// The PATH on which Cargo finds the fuzzer, as `cargo fuzz`.
pub(crate) fn fuzz() -> Result<OsString> {
    cxx()?;
    subcommand("cargo-fuzz", FUZZ, &[], 1)
}

/// A C++ compiler: libFuzzer is compiled with the fuzz targets.
pub(crate) fn cxx() -> Result<()> {
    if cfg!(windows) || env::var_os("CXX").is_some() || run::on_path("c++").is_some() {
        return Ok(());
    }
    install_packages(&["g++"])
        .context("The fuzz targets need a C++ compiler: install it (Debian: `sudo apt-get install g++`)")
}

/// The PATH on which Cargo finds what looks at dependencies, as `cargo deny`.
pub(crate) fn deny() -> Result<OsString> {
    subcommand("cargo-deny", DENY, &[], 3)
}

/// The PATH with a command of Cargo's, which is a package of the same name.
fn subcommand(
    name: &'static str,
    version: &str,
    features: &'static [&'static str],
    minutes: u32,
) -> Result<OsString> {
    let tool = Tool {
        name,
        version: Some(version.to_owned()),
        source: Source::Cargo {
            package: name,
            release: version.to_owned(),
            features,
            minutes,
        },
    };
    let folder = tool.ready()?.parent().map(Path::to_path_buf);
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folder.into_iter().chain(env::split_paths(&path)))
        .context("The PATH can't hold the tools' directories")
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

/// wasm-opt in the pinned version, as the npm package that runs in Node: current, and the same on every
/// system.
///
/// Where there is no Node and it can't be installed, an older one that needs a C++ compiler: its files are
/// less than one per cent larger.
fn wasm_opt(pinned: &str) -> Result<Tool> {
    let current = Tool {
        name: "wasm-opt",
        version: Some(pinned.to_owned()),
        source: Source::Npm {
            package: "binaryen",
            release: format!("{pinned}.0.0"),
            megabytes: 100,
        },
    };
    if is_within_reach(&current)? {
        return Ok(current);
    }
    let older = Tool {
        name: "wasm-opt",
        version: Some("116".to_owned()),
        source: Source::Cargo {
            package: "wasm-opt",
            release: "0.116.1".to_owned(),
            features: &[],
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

/// What bundles and minifies the JavaScript, if it can be had.
fn esbuild() -> Result<Option<Tool>> {
    let esbuild = Tool {
        name: "esbuild",
        version: Some(ESBUILD.to_owned()),
        source: Source::Npm {
            package: "esbuild",
            release: ESBUILD.to_owned(),
            megabytes: 11,
        },
    };
    Ok(is_within_reach(&esbuild)?.then_some(esbuild))
}

/// Whether a tool that comes through Node is installed, or can be.
fn is_within_reach(tool: &Tool) -> Result<bool> {
    let has_node = || run::on_path("node").is_some() && run::on_path("npm").is_some();
    Ok(tool.find()?.is_some() || has_node() || may_install_packages())
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
}
