//! The fuzz targets: every decoder of what comes from outside, on inputs that are made up. fuzz/README.md
//! describes them.

use std::{fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::{run, tools};

/// They are a workspace of their own.
pub(crate) const MANIFEST: &str = "fuzz/Cargo.toml";

/// Where they are.
const TARGETS: &str = "fuzz/fuzz_targets";

/// How many inputs a target gets in the tests: for a second or two. A number of inputs, and not a time, so
/// that a busy machine tries the same.
const RUNS: u32 = 100_000;

/// Those that take longer.
const SLOW: [(&str, u32); 3] = [("call", 4_000), ("names", 30_000), ("relay_settings", 800)];

/// How much a target is tried.
#[derive(Clone, Copy)]
pub(crate) enum Effort {
    /// Always the same inputs, for a second or two.
    Test,
    /// Others each time, for a minute.
    Soak,
}

/// Tries all of them, and says which have failed.
pub(crate) fn check() -> Result<()> {
    build()?;
    let mut failed = Vec::new();
    for target in targets()? {
        match run(&target, Effort::Test) {
            Ok(tried) => println!("    {tried}"),
            Err(error) => {
                println!("{error:#}");
                failed.push(target);
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Their names, in order.
pub(crate) fn targets() -> Result<Vec<String>> {
    let directory = run::root().join(TARGETS);
    let files = fs::read_dir(&directory).with_context(|| format!("Can't read {}", directory.display()))?;
    let mut names = Vec::new();
    for file in files {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Compiles all of them at once.
pub(crate) fn build() -> Result<()> {
    run::run(&mut command("build", &[])?)
}

/// `cargo fuzz`. Without sanitizers, which the pinned compiler does not have: they are for unsafe code.
fn command(what: &str, words: &[&str]) -> Result<Command> {
    let mut fuzz = run::cargo();
    fuzz.args(["fuzz", what, "--sanitizer", "none", "--target-dir"])
        .arg(run::target_dir()?.join("fuzz"))
        .args(words)
        .env("PATH", tools::fuzz()?)
        .env("RUST_BACKTRACE", "0");
    Ok(fuzz)
}

/// No warnings in them either.
pub(crate) fn clippy() -> Result<()> {
    // Its build script compiles the fuzzer.
    tools::cxx()?;
    run::run(
        run::cargo()
            .args(["clippy", "--manifest-path", MANIFEST])
            .args(["--all-targets", "--target-dir"])
            .arg(run::target_dir()?)
            .args(["--", "-D", "warnings"]),
    )
}

/// Tries one. Says how many inputs that were.
///
/// # Errors
/// One of them was too much for it. It is printed, and how to try it again.
pub(crate) fn run(target: &str, effort: Effort) -> Result<String> {
    let found = run::fresh_directory(&format!("fuzz/{target}"))?;
    let seeds = format!("fuzz/corpus/{target}");
    let mut fuzz = command("run", &[target])?;
    fuzz.arg(found)
        .args([&seeds, "--", "-dict=fuzz/dictionary", "-timeout=60"]);
    fuzz.args(["-verbosity=0", "-print_final_stats=1"]);
    match effort {
        Effort::Test => {
            let slow = SLOW.iter().find(|(name, _)| *name == target);
            let runs = slow.map_or(RUNS, |(_, runs)| *runs);
            // Neither what was compared, which may be addresses in memory, nor what was found each second.
            fuzz.args(["-seed=1", "-use_cmp=0", "-reload=0"])
                .arg(format!("-runs={runs}"))
        }
        Effort::Soak => fuzz.arg("-max_total_time=60"),
    };
    let output = fuzz.output().context("Can't start cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        said.lines()
            .filter(|line| is_news(line))
            .for_each(|line| println!("{line}"));
        bail!(
            "`{}` failed: above are the input and how to try it again (`cargo install cargo-fuzz`)",
            run::shown(&fuzz)
        );
    }
    let tried = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units: "));
    let tried = tried.with_context(|| format!("{target} does not say what it has done:\n{said}"))?;
    Ok(format!("{target}: {} inputs", tried.trim()))
}

/// Whether the person who mends it wants to read this.
fn is_news(line: &str) -> bool {
    const NOISE: [&str; 6] = [
        "\tNEW_FUNC",
        "INFO:",
        "WARNING: Failed to find",
        "stat::",
        "#",
        "0x",
    ];
    !NOISE.iter().any(|noise| line.starts_with(noise))
}
