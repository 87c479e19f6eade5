//! Builds the site into dist/, and says what the first visit costs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    compress::{self, with_ending},
    finish, run,
    tools::Tools,
};

/// The file that limits the first load.
const BUDGET: &str = "xtask/bundle-budget.toml";

/// A built site.
pub(crate) struct Site {
    first_load: Vec<Size>,
    /// What is loaded on use.
    later: Vec<Size>,
    budget: u64,
}

/// What one file weighs.
struct Size {
    file: PathBuf,
    raw: u64,
    brotli: u64,
}

/// What Cargo hands to the compiler, separated by [`UNIT`].
const RUSTFLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const UNIT: &str = "\x1f";

/// Where libraries lie is in every panic's message, and is another place on every machine: a site that is built
/// elsewhere would have other bytes, and more or fewer of them. Nothing if somebody has flags of their own.
fn without_paths_of_this_machine() -> Option<String> {
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

/// Where the site is built.
pub(crate) fn dist() -> PathBuf {
    run::root().join("dist")
}

/// Builds the site, compresses it and prints what the first load weighs.
pub(crate) fn build() -> Result<Site> {
    let budget = read_budget()?;
    let tools = Tools::ready()?;
    let work = run::target_dir()?.join("xtask");
    // Trunk empties dist/ and fills it again: two at a time would take each other's files away.
    let _lock = run::lock(&work.join("site.lock"), "building the site")?;
    println!("Building the site (a few minutes the first time, seconds when little has changed)");
    let mut trunk = run::command(&tools.trunk);
    trunk.args(["build", "--release"]).env("PATH", tools.path()?);
    // The pinned one, unless only an older one could be had here.
    trunk.env("TRUNK_TOOLS_WASM_OPT", &tools.wasm_opt_version);
    // Only about Trunk itself, and a request to the network on every build.
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
    // Trunk takes the usual `NO_COLOR=1` for a mistake.
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env_remove("NO_COLOR").env("TRUNK_COLOR", "never");
    }
    if let Some(flags) = without_paths_of_this_machine() {
        trunk.env(RUSTFLAGS, flags);
    }
    // Not `--offline`: that would keep Cargo from fetching the site's libraries on a new machine. Trunk itself has
    // nothing to download, because every tool it looks for is on its PATH in the version it asks for.
    run::run(&mut trunk)?;

    if tools.esbuild.is_none() {
        println!("Without Node, JavaScript and style are not minified: the first load may exceed its budget");
    }
    finish::finish(&dist(), tools.esbuild.as_deref())?;
    compress::compress(&dist(), &work.join("compressed"))?;
    let (first_load, later) = weigh(&dist())?;
    let site = Site {
        first_load,
        later,
        budget,
    };
    print!("{}", site.table());
    Ok(site)
}

impl Site {
    /// Fails when the first load is larger than the project allows itself.
    pub(crate) fn check_budget(&self) -> Result<()> {
        let total = self.total().brotli;
        if total > self.budget {
            bail!(
                "the first load takes {} bytes after brotli, {} more than {BUDGET} allows; make it smaller, or raise \
                 the budget on purpose",
                grouped(total),
                grouped(total - self.budget)
            );
        }
        Ok(())
    }

    fn total(&self) -> Size {
        let sum = |of: fn(&Size) -> u64| self.first_load.iter().map(of).sum();
        Size {
            file: "total".into(),
            raw: sum(|size| size.raw),
            brotli: sum(|size| size.brotli),
        }
    }

    fn table(&self) -> String {
        let total = self.total();
        let width = self
            .first_load
            .iter()
            .chain(&self.later)
            .map(|size| size.file.as_os_str().len())
            .max()
            .unwrap_or(0)
            .max(10);
        let mut table = format!("{:<width$}  {:>10}  {:>10}\n", "first load", "bytes", "brotli");
        for Size { file, raw, brotli } in self.first_load.iter().chain([&total]) {
            let (file, raw, brotli) = (file.display().to_string(), grouped(*raw), grouped(*brotli));
            table += &format!("{file:<width$}  {raw:>10}  {brotli:>10}\n");
        }
        table += &format!("{:<width$}  {:>10}  {:>10}\n", "budget", "", grouped(self.budget));
        for Size { file, raw, brotli } in &self.later {
            let (file, raw, brotli) = (file.display().to_string(), grouped(*raw), grouped(*brotli));
            table += &format!("{file:<width$}  {raw:>10}  {brotli:>10}  on use\n");
        }
        table
    }
}

/// What a browser needs to show the page: index.html and the code and style that it names. Whatever code it does not
/// name is loaded on use: that comes second.
fn weigh(dist: &Path) -> Result<(Vec<Size>, Vec<Size>)> {
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("Can't read {}", index.display()))?;
    let size_of = |file: PathBuf| -> Result<Size> {
        let path = dist.join(&file);
        let raw = fs::metadata(&path)
            .with_context(|| format!("Can't read {}", path.display()))?
            .len();
        // A file that brotli would not make smaller is sent as it is.
        let brotli = fs::metadata(with_ending(&path, ".br")).map_or(raw, |metadata| metadata.len());
        Ok(Size { file, raw, brotli })
    };
    let mut files: Vec<_> = compress::files_in(dist)?
        .into_iter()
        .filter(|file| is_code(file) || is_first_load(file, &html))
        .map(size_of)
        .collect::<Result<_>>()?;
    files.sort_by_key(|size| size.raw);
    Ok(files
        .into_iter()
        .partition(|size| is_first_load(&size.file, &html)))
}

/// What the WebAssembly of the first load takes after brotli.
pub(crate) fn wasm_after_brotli() -> Result<u64> {
    let (first_load, _) = weigh(&dist())?;
    let wasm = first_load
        .iter()
        .find(|size| size.file.extension().is_some_and(|it| it == "wasm"));
    Ok(wasm.context("The site has no WebAssembly")?.brotli)
}

fn is_code(file: &Path) -> bool {
    ["css", "js", "mjs", "wasm"]
        .iter()
        .any(|known| file.extension().is_some_and(|it| it == *known))
}

fn is_first_load(file: &Path, html: &str) -> bool {
    let name = file.to_string_lossy().replace('\\', "/");
    name == "index.html" || is_code(file) && html.contains(&name)
}

fn read_budget() -> Result<u64> {
    let path = run::root().join(BUDGET);
    let text = fs::read_to_string(&path).with_context(|| format!("Can't read {}", path.display()))?;
    budget(&text)
}

fn budget(text: &str) -> Result<u64> {
    let table: toml::Table = text
        .parse()
        .with_context(|| format!("{BUDGET} is not valid TOML"))?;
    table
        .get("first_load_brotli_bytes")
        .and_then(|bytes| u64::try_from(bytes.as_integer()?).ok())
        .with_context(|| format!("{BUDGET} must set first_load_brotli_bytes to a number of bytes"))
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

    fn site(budget: u64) -> Site {
        let size = |file: &str, raw, brotli| Size {
            file: file.into(),
            raw,
            brotli,
        };
        Site {
            first_load: vec![size("index.html", 900, 400), size("app.wasm", 200_000, 70_000)],
            later: vec![size("check.wasm", 90_000, 30_000)],
            budget,
        }
    }

    #[test]
    fn the_table_names_every_file_and_the_total() {
        let expected = "\
first load       bytes      brotli
index.html         900         400
app.wasm       200 000      70 000
total          200 900      70 400
budget                     120 000
check.wasm      90 000      30 000  on use
";
        assert_eq!(site(120_000).table(), expected);
    }

    #[test]
    fn a_site_above_its_budget_fails_and_says_by_how_much() {
        assert!(site(70_400).check_budget().is_ok());
        let error = site(70_399).check_budget().unwrap_err().to_string();
        assert!(
            error.contains("70 400 bytes") && error.contains(" 1 more than xtask/bundle-budget.toml"),
            "{error}"
        );
    }

    #[test]
    fn only_what_index_html_names_is_loaded_first() {
        let html = r#"<script type="module">import init from '/app-1a.js'; init('/app-1a_bg.wasm')</script>"#;
        let loaded = |file| is_first_load(Path::new(file), html);
        assert!(loaded("index.html") && loaded("app-1a.js") && loaded("app-1a_bg.wasm"));
        assert!(!loaded("filters-2b.js") && !loaded("app-1a.js.br") && !loaded("config.json"));
    }

    #[test]
    fn a_budget_is_a_number_of_bytes() {
        assert_eq!(budget("first_load_brotli_bytes = 120000").unwrap(), 120_000);
        assert!(budget("first_load_brotli_bytes = \"much\"").is_err());
        assert!(budget("first_load_brotli_bytes = -1").is_err());
        assert!(budget("").is_err());
    }

    #[test]
    fn the_project_has_a_budget() {
        assert!(read_budget().unwrap() > 0);
    }
}
