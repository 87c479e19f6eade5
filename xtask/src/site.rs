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
    weights: Weights,
    budget: Budget,
}

/// What the site's code weighs.
struct Weights {
    first_load: Vec<Size>,
    /// What follows once the page can be used.
    rest: Vec<Size>,
    /// What is loaded on use.
    later: Vec<Size>,
}

/// What it may weigh, in bytes after brotli.
#[derive(Clone, Copy)]
struct Budget {
    first_load: u64,
    /// With what follows.
    with_rest: u64,
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
    let mut flags: Vec<_> = registries
        .flatten()
        .map(|registry| format!("--remap-path-prefix={}=", registry.path().display()))
        .collect();
    // Names that tell one instance of a generic function from another (see `split`). They don't stay in the site.
    flags.push("-Csymbol-mangling-version=v0".into());
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
    if let Some(flags) = flags() {
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
    let site = Site {
        weights: weigh(&dist())?,
        budget,
    };
    print!("{}", site.table());
    Ok(site)
}

impl Site {
    /// Fails when the site is larger than the project allows itself.
    pub(crate) fn check_budget(&self) -> Result<()> {
        let first_load = total(&self.weights.first_load).brotli;
        let with_rest = first_load + total(&self.weights.rest).brotli;
        for (what, bytes, budget) in [
            ("the first load takes", first_load, self.budget.first_load),
            ("with what follows, it takes", with_rest, self.budget.with_rest),
        ] {
            if bytes > budget {
                bail!(
                    "{what} {} bytes after brotli, {} more than {BUDGET} allows; make it smaller, or raise the budget on \
                     purpose (or has code moved to where `cargo xtask first-functions` has not seen it?)",
                    grouped(bytes),
                    grouped(bytes - budget)
                );
            }
        }
        Ok(())
    }

    fn table(&self) -> String {
        let Weights {
            first_load,
            rest,
            later,
        } = &self.weights;
        let width = [first_load, rest, later]
            .into_iter()
            .flatten()
            .map(|size| size.file.as_os_str().len())
            .max()
            .unwrap_or(0)
            .max(10);
        let mut table = format!("{:<width$}  {:>10}  {:>10}\n", "first load", "bytes", "brotli");
        let mut line = |Size { file, raw, brotli }: &Size, when: &str| {
            let (file, raw, brotli) = (file.display().to_string(), grouped(*raw), grouped(*brotli));
            table += &format!("{file:<width$}  {raw:>10}  {brotli:>10}{when}\n");
        };
        let budget = |name: &str, bytes: u64| format!("{name:<width$}  {:>10}  {:>10}\n", "", grouped(bytes));
        let of_first = total(first_load);
        for size in first_load.iter().chain([&of_first]) {
            line(size, "");
        }
        for size in rest {
            line(size, "  follows");
        }
        for size in later {
            line(size, "  on use");
        }
        table += &budget("budget", self.budget.first_load);
        table += &budget("with rest", self.budget.with_rest);
        table
    }
}

fn total(sizes: &[Size]) -> Size {
    let sum = |of: fn(&Size) -> u64| sizes.iter().map(of).sum();
    Size {
        file: "total".into(),
        raw: sum(|size| size.raw),
        brotli: sum(|size| size.brotli),
    }
}

/// First what a browser needs to show the page: index.html and the code and style that it names. What these name follows.
/// Other code is loaded on use.
fn weigh(dist: &Path) -> Result<Weights> {
    let text = |file: &Path| {
        let path = dist.join(file);
        fs::read_to_string(&path).with_context(|| format!("Can't read {}", path.display()))
    };
    let size_of = |file: &PathBuf| -> Result<Size> {
        let path = dist.join(file);
        let raw = fs::metadata(&path)
            .with_context(|| format!("Can't read {}", path.display()))?
            .len();
        // A file that brotli would not make smaller is sent as it is.
        let brotli = fs::metadata(with_ending(&path, ".br")).map_or(raw, |metadata| metadata.len());
        Ok(Size {
            file: file.clone(),
            raw,
            brotli,
        })
    };
    let html = text(Path::new("index.html"))?;
    let files = compress::files_in(dist)?;
    let (first, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|file| is_code(file) || is_first_load(file, &html))
        .partition(|file| is_first_load(file, &html));
    let scripts = first
        .iter()
        .filter(|file| file.extension().is_some_and(|it| it == "js"))
        .map(|file| text(file))
        .collect::<Result<String>>()?;
    let (rest, later): (Vec<_>, Vec<_>) = others.into_iter().partition(|file| is_named_in(file, &scripts));
    let sizes = |files: Vec<PathBuf>| -> Result<Vec<Size>> {
        let mut sizes: Vec<_> = files.iter().map(size_of).collect::<Result<_>>()?;
        sizes.sort_by_key(|size| size.raw);
        Ok(sizes)
    };
    Ok(Weights {
        first_load: sizes(first)?,
        rest: sizes(rest)?,
        later: sizes(later)?,
    })
}

/// What the app's WebAssembly takes after brotli: that of the first load, and the rest.
pub(crate) fn wasm_after_brotli() -> Result<u64> {
    let weights = weigh(&dist())?;
    let wasm = |size: &&Size| size.file.extension().is_some_and(|it| it == "wasm");
    Ok([weights.first_load, weights.rest]
        .iter()
        .flatten()
        .filter(wasm)
        .map(|size| size.brotli)
        .sum())
}

fn is_code(file: &Path) -> bool {
    ["css", "js", "mjs", "wasm"]
        .iter()
        .any(|known| file.extension().is_some_and(|it| it == *known))
}

fn is_first_load(file: &Path, html: &str) -> bool {
    file == Path::new("index.html") || is_code(file) && is_named_in(file, html)
}

fn is_named_in(file: &Path, text: &str) -> bool {
    text.contains(&file.to_string_lossy().replace('\\', "/"))
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
    let bytes = |name: &str| {
        table
            .get(name)
            .and_then(|bytes| u64::try_from(bytes.as_integer()?).ok())
            .with_context(|| format!("{BUDGET} must set {name} to a number of bytes"))
    };
    Ok(Budget {
        first_load: bytes("first_load_brotli_bytes")?,
        with_rest: bytes("with_rest_brotli_bytes")?,
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

    fn site(first_load: u64, with_rest: u64) -> Site {
        let size = |file: &str, raw, brotli| Size {
            file: file.into(),
            raw,
            brotli,
        };
        Site {
            weights: Weights {
                first_load: vec![size("index.html", 900, 400), size("app.wasm", 200_000, 70_000)],
                rest: vec![size("app-rest.wasm", 60_000, 20_000)],
                later: vec![size("check.wasm", 90_000, 30_000)],
            },
            budget: Budget {
                first_load,
                with_rest,
            },
        }
    }

    #[test]
    fn the_table_names_every_file_and_the_total() {
        let expected = "\
first load          bytes      brotli
index.html            900         400
app.wasm          200 000      70 000
total             200 900      70 400
app-rest.wasm      60 000      20 000  follows
check.wasm         90 000      30 000  on use
budget                         80 000
with rest                     100 000
";
        assert_eq!(site(80_000, 100_000).table(), expected);
    }

    #[test]
    fn a_site_above_its_budget_fails_and_says_by_how_much() {
        assert!(site(70_400, 90_400).check_budget().is_ok());
        let error = site(70_399, 90_400).check_budget().unwrap_err().to_string();
        assert!(
            error.contains("70 400 bytes") && error.contains(" 1 more than xtask/bundle-budget.toml"),
            "{error}"
        );
        let error = site(70_400, 90_398).check_budget().unwrap_err().to_string();
        assert!(
            error.contains("90 400 bytes") && error.contains(" 2 more"),
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
    fn a_budget_is_two_numbers_of_bytes() {
        let parsed = budget("first_load_brotli_bytes = 90000\nwith_rest_brotli_bytes = 120000").unwrap();
        assert_eq!((parsed.first_load, parsed.with_rest), (90_000, 120_000));
        for wrong in [
            "",
            "first_load_brotli_bytes = 90000",
            "first_load_brotli_bytes = \"much\"\nwith_rest_brotli_bytes = 1",
            "first_load_brotli_bytes = -1\nwith_rest_brotli_bytes = 1",
        ] {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_project_has_a_budget() {
        assert!(read_budget().unwrap().first_load > 0);
    }
}
