//! What a visit costs, and what it may cost.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    compress::{self, with_ending},
    program::Program,
    run,
};

/// The file that limits what a visit may cost.
const BUDGET: &str = "xtask/bundle-budget.toml";

/// What the files weigh together that several features share.
const SHARED: &str = "shared";

/// A built site: what it weighs, and what it may weigh.
pub(crate) struct Site {
    pub(super) weights: Weights,
    pub(super) budget: Budget,
}

/// What the site's files weigh.
pub(super) struct Weights {
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
pub(super) struct Budget {
    start: u64,
    first_script: u64,
    chunks: BTreeMap<String, u64>,
}

pub(super) fn weigh(site: &Path, program: &Program) -> Result<Weights> {
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
    let mut chunks = BTreeMap::<String, Size>::new();
    for (features, file) in &program.chunks {
        let size = size(file)?;
        let feature = if features.contains('+') { SHARED } else { features };
        let chunk = chunks.entry(feature.to_owned()).or_insert_with(|| Size {
            file: feature.to_owned(),
            raw: 0,
            brotli: 0,
        });
        chunk.raw += size.raw;
        chunk.brotli += size.brotli;
    }
    let html = fs::read_to_string(site.join("index.html")).context("Can't read index.html")?;
    let script = first_script(&html).context("index.html has no script in it")?;
    Ok(Weights {
        start: start.map(size).collect::<Result<_>>()?,
        first_script: Size {
            file: "of this, the first script".to_owned(),
            raw: script.len() as u64,
            brotli: compress::brotli(script.as_bytes())?.len() as u64,
        },
        chunks,
    })
}

/// The script that stands in the page and is no module.
pub(super) fn first_script(html: &str) -> Option<&str> {
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

    pub(super) fn table(&self) -> String {
        let Weights {
            start,
            first_script,
            chunks,
        } = &self.weights;
        let before_a_call = total("before a call", start);
        let in_all = total("in all", start.iter().chain(chunks.values()));
        let all = || {
            start
                .iter()
                .chain([first_script, &before_a_call])
                .chain(chunks.values())
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

pub(super) fn read_budget() -> Result<Budget> {
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
                chunks: [("chat".to_owned(), size("chat", 9000, 3000))].into(),
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
    fn refused(site: &Site, text: &[&str]) {
        let error = site.check_budget().unwrap_err().to_string();
        for word in text {
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
