//! `cargo xtask first-functions`: finds out which functions run before anybody does something with the page.
//!
//! It has the site's functions note that they ran, opens the page in real browsers, and writes the list by which
//! [`crate::split`] splits the WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::browser::Browser;
use crate::firefox::Firefox;
use crate::split::{self, FirstFunctions};
use crate::tools::{self, Tools};
use crate::{compress, finish, run, site};

/// The list.
pub(crate) const LIST: &str = "xtask/first-functions.txt";

/// What index.html tells Trunk about wasm-opt begins here; of the app, behind that of the check.
const WASM_OPT_FLAGS: &str = "data-wasm-opt-params=\"";

/// Reads the list.
pub(crate) fn list() -> Result<FirstFunctions> {
    let path = run::root().join(LIST);
    let list = fs::read_to_string(&path).with_context(|| format!("Can't read {}", path.display()))?;
    FirstFunctions::parse(&list).with_context(|| format!("{LIST} is not as expected"))
}

/// Writes the list anew.
pub(crate) fn find() -> Result<()> {
    let (chromium, firefox) = (Browser::ready()?, Firefox::ready()?);
    site::build()?;
    let folder = run::target_dir()?.join("xtask").join("first-functions");
    let named = named(&folder.join("named"))?;
    let wasm = fs::read(&named).with_context(|| format!("Can't read {}", named.display()))?;
    let noting = split::noting_what_runs(&wasm)?;
    let site = folder.join("site");
    copy_files(&site::dist(), &site)?;
    finish::replace_program(&site, &named.with_file_name("visavis.js"), &noting.wasm)?;

    let ran = folder.join("ran.txt");
    let mut command = run::cargo();
    command
        .args([
            "run",
            "--package",
            "visavis-e2e",
            "--example",
            "first_functions",
            "--",
        ])
        .args([noting.at.to_string(), noting.names.len().to_string()])
        .arg(&ran)
        .env("VISAVIS_SITE", &site)
        .env("VISAVIS_CHROMIUM", &chromium.chromium)
        .env("VISAVIS_CHROMEDRIVER", &chromium.driver)
        .env("VISAVIS_FIREFOX", &firefox.firefox)
        .env("VISAVIS_GECKODRIVER", &firefox.driver);
    run::run(&mut command)?;
    let output = fs::read_to_string(&ran).with_context(|| format!("Can't read {}", ran.display()))?;
    let ran = output
        .lines()
        .map(|line| {
            let name = line.parse().ok().and_then(|index: usize| noting.names.get(index));
            name.map(String::as_str)
                .with_context(|| format!("{line:?} is no function"))
        })
        .collect::<Result<Vec<_>>>()?;
    ensure!(!ran.is_empty(), "No function has run");
    println!(
        "{} of {} functions run before anybody does something",
        ran.len(),
        noting.names.len()
    );
    let path = run::root().join(LIST);
    fs::write(&path, FirstFunctions::list(ran)).with_context(|| format!("Can't write {}", path.display()))
}

/// The site's WebAssembly as wasm-opt leaves it, with the names of its functions, and `visavis.js` beside it: what wasm-bindgen
/// makes of the program that was built last.
pub(crate) fn named(folder: &Path) -> Result<PathBuf> {
    let tools = Tools::ready()?;
    let built = run::target_dir()?
        .join(tools::WASM)
        .join("site")
        .join("visavis.wasm");
    run::run(
        run::command(&tools.wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(folder)
            .arg(built),
    )?;
    let html = fs::read_to_string(run::root().join("index.html")).context("Can't read index.html")?;
    let flags = html
        .rsplit_once(WASM_OPT_FLAGS)
        .and_then(|(_, flags)| flags.split_once('"'))
        .map(|(flags, _)| flags)
        .context("index.html has no flags for wasm-opt")?;
    let named = folder.join("named.wasm");
    run::run(
        run::command(&tools.wasm_opt)
            .args(flags.split_ascii_whitespace())
            .arg(folder.join("visavis_bg.wasm"))
            .arg("--output")
            .arg(&named),
    )?;
    Ok(named)
}

/// Copies a site's files, without those that were compressed ahead, into a folder that holds nothing else then.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("Can't remove {}", to.display()))?;
    }
    fs::create_dir_all(to).with_context(|| format!("Can't create {}", to.display()))?;
    let is_compressed = |file: &PathBuf| file.extension().is_some_and(|it| it == "br" || it == "gz");
    for file in compress::files_in(from)?
        .into_iter()
        .filter(|file| !is_compressed(file))
    {
        let (source, copy) = (from.join(&file), to.join(&file));
        fs::copy(&source, &copy).with_context(|| format!("Can't copy {}", source.display()))?;
    }
    Ok(())
}
