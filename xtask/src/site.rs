//! Builds the site into dist/.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    compress,
    program::{self, Program},
    run,
    tools::Tools,
};

mod policy;
mod weights;

pub(crate) use self::weights::Site;
use self::weights::{first_script, read_budget, weigh};

/// With what status `cargo xtask build` ends if the site is there, and above its budget.
pub(crate) const OVER_BUDGET: u8 = 2;

/// What Cargo hands to the compiler, separated by [`UNIT`].
const RUSTFLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const UNIT: &str = "\x1f";

/// Where the site is built.
pub(crate) fn dist() -> PathBuf {
    run::root().join("dist")
}

/// Builds the site, compresses it and prints what it weighs.
pub(crate) fn build() -> Result<Site> {
    let budget = read_budget()?;
    let tools = Tools::ready()?;
    let work = work()?;
    // Trunk empties dist/ and fills it again: two at a time would take each other's files away.
    let _lock = run::lock(&work.join("site.lock"), "building the site")?;
    println!("Building the site (a few minutes the first time, seconds when little has changed)");
    run::run(&mut trunk(&tools, "split")?)?;
    if tools.esbuild.is_none() {
        println!(
            "Without Node, the JavaScript is neither bundled nor minified: the start may exceed its budget"
        );
    }
    let made = work.join("program");
    let program = program::make(&tools, &work, &made)?;
    replace_program(&dist(), &made, &program)?;
    if let Some(esbuild) = &tools.esbuild {
        minify_first_script(esbuild, &dist(), &work)?;
    }
    policy::allow_only_our_own(&dist())?;
    compress::compress(&dist(), &work.join("compressed"))?;
    let site = Site {
        weights: weigh(&dist(), &program)?,
        budget,
    };
    print!("{}", site.table());
    Ok(site)
}

/// The start of the program that was built last as wasm-opt leaves it, with the names of its functions.
pub(crate) fn start_with_names() -> Result<PathBuf> {
    program::start_with_names(&Tools::ready()?, &work()?)
}

/// Builds the site in one piece, with pages that count how often they compute something again. Returns its
/// folder.
pub(crate) fn build_counting() -> Result<PathBuf> {
    let site = run::own_dir()?.join("counting");
    run::run(trunk(&Tools::ready()?, "count")?.arg("--dist").arg(&site))?;
    Ok(site)
}

/// Where what the site is made of lies.
fn work() -> Result<PathBuf> {
    Ok(run::own_dir()?.join("site"))
}

fn trunk(tools: &Tools, features: &str) -> Result<std::process::Command> {
    let mut trunk = run::command(&tools.trunk);
    trunk
        .args(["build", "--release", "--features", features])
        .env("PATH", tools.path()?);
    // The pinned one, unless only an older one could be had here.
    trunk.env("TRUNK_TOOLS_WASM_OPT", &tools.wasm_opt_version);
    // Only about Trunk itself, and a request to the network on every build.
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
    // Trunk takes the usual `NO_COLOR=1` for a mistake.
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env_remove("NO_COLOR").env("TRUNK_COLOR", "never");
    }
    if let Some(flags) = flags() {
        trunk.env(RUSTFLAGS, flags);
    }
    // Not `--offline`: that would keep Cargo from fetching the site's libraries on a new machine. Trunk
    // itself has nothing to download, because every tool it looks for is on its PATH in the version it asks
    // for.
    Ok(trunk)
}

/// SHA-256 in a loop: a few hashes a page need no speed, and unrolled it takes kilobytes.
const COMPACT_SHA2: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// Where libraries lie is in every panic's message, and is another place on every machine: a site that is
/// built elsewhere would have other bytes, and more or fewer of them. Nothing if somebody has flags of their
/// own.
fn flags() -> Option<String> {
    if [RUSTFLAGS, "RUSTFLAGS"]
        .iter()
        .any(|own| std::env::var_os(own).is_some())
    {
        return None;
    }
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(
        || std::env::home_dir().map(|home| home.join(".cargo")),
        |cargo| Some(PathBuf::from(cargo)),
    )?;
    let registries = std::fs::read_dir(cargo.join("registry").join("src")).ok()?;
    let mut flags = vec![COMPACT_SHA2.to_owned()];
    for registry in registries.flatten() {
        flags.push(format!("--remap-path-prefix={}=", registry.path().display()));
    }
    Some(flags.join(UNIT))
}

/// Puts the program into the place of the one that Trunk has made, which is in one piece.
fn replace_program(site: &Path, made: &Path, program: &Program) -> Result<()> {
    let index = site.join("index.html");
    let mut html = fs::read_to_string(&index).with_context(|| format!("Can't read {}", index.display()))?;
    for (ending, ours) in [("wasm", &program.wasm), ("js", &program.script)] {
        let file = only(site, ending, &html)?;
        html = html.replace(&file, ours);
        fs::remove_file(site.join(&file)).with_context(|| format!("Can't remove {file}"))?;
    }
    fs::write(&index, html).with_context(|| format!("Can't write {}", index.display()))?;
    for file in compress::files_in(made)? {
        fs::copy(made.join(&file), site.join(&file))
            .with_context(|| format!("Can't copy {}", file.display()))?;
    }
    Ok(())
}

/// Makes the script in the page smaller: what Trunk has for that does not know the language of today.
fn minify_first_script(esbuild: &Path, site: &Path, work: &Path) -> Result<()> {
    let (index, long, short) = (
        site.join("index.html"),
        work.join("first.js"),
        work.join("first.min.js"),
    );
    let html = fs::read_to_string(&index).with_context(|| format!("Can't read {}", index.display()))?;
    let script = first_script(&html).context("index.html has no script in it")?;
    fs::write(&long, script).with_context(|| format!("Can't write {}", long.display()))?;
    run::run_quietly(
        run::command(esbuild)
            .arg(&long)
            .args(["--minify", "--log-level=warning"])
            .arg(format!("--outfile={}", short.display())),
    )?;
    let short = fs::read_to_string(&short).with_context(|| format!("Can't read {}", short.display()))?;
    let html = html.replacen(script, short.trim_end(), 1);
    fs::write(&index, html).with_context(|| format!("Can't write {}", index.display()))
}

/// The one file that ends like this and that the page names.
fn only(site: &Path, ending: &str, html: &str) -> Result<String> {
    let mut files: Vec<String> = compress::files_in(site)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|it| it == ending))
        .map(|file| file.to_string_lossy().into_owned())
        .filter(|file| html.contains(file))
        .collect();
    ensure!(
        files.len() == 1,
        "Trunk's page should name one .{ending} file, and names {}",
        files.len()
    );
    Ok(files.remove(0))
}
