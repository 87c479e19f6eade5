//! Builds the site into dist/, and says what a visit costs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    compress::{self, with_ending},
    program::{self, Program},
    run,
    tools::Tools,
};

/// The file that limits what a visit may cost.
const BUDGET: &str = "xtask/bundle-budget.toml";

/// With what status `cargo xtask build` ends if the site is there, and above its budget.
pub(crate) const OVER_BUDGET: u8 = 2;

/// What Cargo hands to the compiler, separated by [`UNIT`].
const RUSTFLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const UNIT: &str = "\x1f";

/// A built site: what it weighs, and what it may weigh.
pub(crate) struct Site {
    weights: Weights,
    budget: Budget,
}

/// What the site's files weigh.
struct Weights {
    /// What must have come before a call can be made: the page, with its style and its first script, and the
    /// program's start.
    start: Vec<Size>,
    /// Of these, the script in the page (src/early.js).
    first_script: Size,
    /// What is loaded when it is used, by feature.
    chunks: BTreeMap<String, Size>,
}

/// What one file weighs, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Size {
    file: String,
    raw: u64,
    brotli: u64,
}

/// What it may weigh, in bytes after brotli.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Budget {
    start: u64,
    first_script: u64,
    chunks: BTreeMap<String, u64>,
}

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
    allow_only_own_scripts(&dist())?;
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

/// Builds the site in one piece, with pages that count how often they compute something anew. Returns its
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
    let flags: Vec<_> = registries
        .flatten()
        .map(|registry| format!("--remap-path-prefix={}=", registry.path().display()))
        .collect();
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

/// Has browsers run the site's scripts and no others: the page gets a Content Security Policy that knows
/// those within it by their hashes (<https://www.w3.org/TR/CSP3/#framework-directive-source-list>).
fn allow_only_own_scripts(site: &Path) -> Result<()> {
    let index = site.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("Can't read {}", index.display()))?;
    let html = with_policy(&html).context("index.html has no <meta charset>")?;
    fs::write(&index, html).with_context(|| format!("Can't write {}", index.display()))
}

fn with_policy(html: &str) -> Option<String> {
    let hashes: Vec<_> = scripts_within(html)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    let policy = format!(
        "script-src 'self' 'wasm-unsafe-eval'{}; object-src 'none'; base-uri 'none'",
        hashes.concat()
    );
    // It holds for what comes after it. (Minified, the page has no tag for its head.)
    let start = html.find("<meta charset")?;
    let (before, after) = html.split_at(start + html[start..].find('>')? + 1);
    Some(format!(
        "{before}<meta http-equiv=Content-Security-Policy content=\"{policy}\">{after}"
    ))
}

/// The text of each script that stands in the page.
fn scripts_within(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!attributes.contains(" src=")).then_some(text)
    })
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

fn weigh(site: &Path, program: &Program) -> Result<Weights> {
    let size = |file: &str| -> Result<Size> {
        let path = site.join(file);
        let bytes = |path: &Path| fs::metadata(path).map(|metadata| metadata.len());
        let raw = bytes(&path).with_context(|| format!("Can't read {}", path.display()))?;
        Ok(Size {
            file: file.to_owned(),
            raw,
            // A file that brotli would not make smaller is sent as it is.
            brotli: bytes(&with_ending(&path, ".br")).unwrap_or(raw),
        })
    };
    let start = ["index.html", &program.script, &program.wasm]
        .into_iter()
        .chain(program.more_scripts.iter().map(String::as_str));
    let chunks = program
        .chunks
        .iter()
        .map(|(feature, file)| Ok((feature.clone(), size(file)?)));
    let html = fs::read_to_string(site.join("index.html")).context("Can't read index.html")?;
    let script = first_script(&html).context("index.html has no script in it")?;
    Ok(Weights {
        start: start.map(size).collect::<Result<_>>()?,
        first_script: Size {
            file: "of this, the first script".to_owned(),
            raw: script.len() as u64,
            brotli: compress::brotli(script.as_bytes())?.len() as u64,
        },
        chunks: chunks.collect::<Result<_>>()?,
    })
}

/// The script that stands in the page and is no module.
fn first_script(html: &str) -> Option<&str> {
    let (_, script) = html.split_once("<script>")?;
    script.split_once("</script>").map(|(script, _)| script)
}

impl Site {
    /// What the start's WebAssembly takes after brotli.
    pub(crate) fn wasm_after_brotli(&self) -> u64 {
        let wasm = self
            .weights
            .start
            .iter()
            .filter(|size| size.file.ends_with(".wasm"));
        wasm.map(|size| size.brotli).sum()
    }

    /// Fails when a part of the site is larger than the project allows itself, or has no budget at all.
    pub(crate) fn check_budget(&self) -> Result<()> {
        let start = total("", &self.weights.start).brotli;
        let mut over = Vec::new();
        if start > self.budget.start {
            over.push(excess("what comes before a call", start, self.budget.start));
        }
        let script = self.weights.first_script.brotli;
        if script > self.budget.first_script {
            over.push(excess("the first script", script, self.budget.first_script));
        }
        for (feature, size) in &self.weights.chunks {
            match self.budget.chunks.get(feature) {
                Some(budget) if size.brotli <= *budget => {}
                Some(budget) => over.push(excess(feature, size.brotli, *budget)),
                None => over.push(format!(
                    "the chunk {feature} ({} bytes) has none",
                    grouped(size.brotli)
                )),
            }
        }
        for feature in self.budget.chunks.keys() {
            if !self.weights.chunks.contains_key(feature) {
                over.push(format!("there is no chunk {feature} any more"));
            }
        }
        if !over.is_empty() {
            bail!(
                "{BUDGET} does not fit: {}. Make it smaller, or change the budget on purpose",
                over.join("; ")
            );
        }
        Ok(())
    }

    fn table(&self) -> String {
        let Weights {
            start,
            first_script,
            chunks,
        } = &self.weights;
        let before_a_call = total("before a call", start);
        let in_all = total("in all", start.iter().chain(chunks.values()));
        let chunks: Vec<_> = chunks
            .iter()
            .map(|(feature, size)| Size {
                file: feature.clone(),
                ..size.clone()
            })
            .collect();
        let all = || {
            start
                .iter()
                .chain([first_script, &before_a_call])
                .chain(&chunks)
                .chain([&in_all])
        };
        let width = all().map(|size| size.file.len()).max().unwrap_or(0);
        let mut table = format!(
            "{:<width$}  {:>10}  {:>10}  {:>10}\n",
            "", "bytes", "brotli", "budget"
        );
        for Size { file, raw, brotli } in all() {
            let budget = match self.budget.chunks.get(file) {
                Some(budget) => grouped(*budget),
                None if *file == before_a_call.file => grouped(self.budget.start),
                None if *file == first_script.file => grouped(self.budget.first_script),
                None => String::new(),
            };
            let line = format!(
                "{file:<width$}  {:>10}  {:>10}  {budget:>10}",
                grouped(*raw),
                grouped(*brotli)
            );
            table += line.trim_end();
            table.push('\n');
        }
        table
    }
}

fn excess(what: &str, bytes: u64, budget: u64) -> String {
    format!(
        "{what} takes {} bytes after brotli, {} too many",
        grouped(bytes),
        grouped(bytes - budget)
    )
}

fn total<'a>(name: &str, sizes: impl IntoIterator<Item = &'a Size> + Clone) -> Size {
    let sum = |of: fn(&Size) -> u64| sizes.clone().into_iter().map(of).sum();
    Size {
        file: name.to_owned(),
        raw: sum(|size| size.raw),
        brotli: sum(|size| size.brotli),
    }
}

fn read_budget() -> Result<Budget> {
    let path = run::root().join(BUDGET);
    let text = fs::read_to_string(&path).with_context(|| format!("Can't read {}", path.display()))?;
    budget(&text)
}

fn budget(text: &str) -> Result<Budget> {
    let table: toml::Table = text
        .parse()
        .with_context(|| format!("{BUDGET} is not valid TOML"))?;
    let bytes = |name: &str, value: Option<&toml::Value>| {
        value
            .and_then(|bytes| u64::try_from(bytes.as_integer()?).ok())
            .with_context(|| format!("{BUDGET} must set {name} to a number of bytes"))
    };
    let chunks = table
        .get("chunks")
        .and_then(toml::Value::as_table)
        .with_context(|| format!("{BUDGET} must have a table [chunks]"))?;
    Ok(Budget {
        start: bytes("before_a_call", table.get("before_a_call"))?,
        first_script: bytes("first_script", table.get("first_script"))?,
        chunks: chunks
            .iter()
            .map(|(feature, value)| Ok((feature.clone(), bytes(feature, Some(value))?)))
            .collect::<Result<_>>()?,
    })
}

/// 1234567 → `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(start: u64, chunks: &[(&str, u64)]) -> Site {
        let size = |file: &str, raw, brotli| Size {
            file: file.into(),
            raw,
            brotli,
        };
        Site {
            weights: Weights {
                start: vec![size("index.html", 900, 400), size("app.wasm", 200_000, 70_000)],
                first_script: size("of this, the first script", 4000, 1900),
                chunks: [("chat".to_owned(), size("chat-1a.wasm", 9000, 3000))].into(),
            },
            budget: Budget {
                start,
                first_script: 2000,
                chunks: chunks
                    .iter()
                    .map(|(feature, bytes)| ((*feature).to_owned(), *bytes))
                    .collect(),
            },
        }
    }

    #[test]
    fn the_table_names_every_file_and_feature_and_the_totals() {
        let expected = "                                bytes      brotli      budget
index.html                        900         400
app.wasm                      200 000      70 000
of this, the first script       4 000       1 900       2 000
before a call                 200 900      70 400      80 000
chat                            9 000       3 000       3 500
in all                        209 900      73 400
";
        assert_eq!(site(80_000, &[("chat", 3500)]).table(), expected);
    }

    #[track_caller]
    fn refused(site: &Site, words: &[&str]) {
        let error = site.check_budget().unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{error:?} does not say {word:?}");
        }
    }

    #[test]
    fn what_is_above_its_budget_fails_and_says_by_how_much() {
        assert!(site(70_400, &[("chat", 3000)]).check_budget().is_ok());
        refused(
            &site(70_399, &[("chat", 3000)]),
            &["before a call takes 70 400 bytes", " 1 too many"],
        );
        refused(
            &site(70_400, &[("chat", 2998)]),
            &["chat takes 3 000 bytes", " 2 too many"],
        );
    }

    #[test]
    fn the_script_in_the_page_is_told_from_the_module() {
        let html = "<script>early()</script><script type=module>import init</script>";
        assert_eq!(first_script(html), Some("early()"));
        assert_eq!(first_script("<script type=module>import init</script>"), None);
        let mut site = site(70_400, &[("chat", 3000)]);
        site.weights.first_script.brotli = 2001;
        refused(&site, &["the first script takes 2 001 bytes", " 1 too many"]);
    }

    #[test]
    fn every_chunk_has_a_budget_and_every_budget_a_chunk() {
        refused(&site(70_400, &[]), &["chat (3 000 bytes) has none"]);
        refused(
            &site(70_400, &[("chat", 3000), ("report", 1)]),
            &["no chunk report any more"],
        );
    }

    #[test]
    fn the_page_allows_its_own_scripts_and_no_others() {
        let page = "<!doctype html><html lang=en><meta charset=utf-8><title>t</title><body><script>alert('Hello, world.');</script>\
            <script type=module src=/a.js></script><script type=module>let a</script></body></html>";
        let policed = with_policy(page).unwrap();
        // The example of the specification.
        let (hello, module) = (
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='",
            STANDARD.encode(Sha256::digest("let a")),
        );
        let policy = format!(
            "<meta charset=utf-8><meta http-equiv=Content-Security-Policy content=\"script-src 'self' 'wasm-unsafe-eval' {hello} \
             'sha256-{module}'; object-src 'none'; base-uri 'none'\"><title>"
        );
        assert!(policed.contains(&policy), "{policed}");
        assert_eq!(with_policy("no page"), None);
    }

    #[test]
    fn a_budget_is_numbers_of_bytes() {
        let parsed = budget("before_a_call = 120000\nfirst_script = 2000\n[chunks]\nchat = 4000").unwrap();
        assert_eq!((parsed.start, parsed.chunks["chat"]), (120_000, 4000));
        for wrong in [
            "",
            "before_a_call = 120000",
            "before_a_call = \"much\"\n[chunks]",
            "before_a_call = 1\nfirst_script = 1\n[chunks]\nchat = -1",
        ] {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_project_has_a_budget() {
        assert!(read_budget().unwrap().start > 0);
    }
}
