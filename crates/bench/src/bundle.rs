//! `cargo xtask bench bundle`: which crates, and which parts of visavis, the WebAssembly of the first load
//! consists of.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context, Result};
use rustc_demangle::demangle;
use serde::Serialize;
use wasmparser::{Name, NameSectionReader, Parser, Payload, TypeRef};

use crate::results;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The WebAssembly, optimised as for the site, with the names of its functions.
    #[arg(long)]
    wasm: PathBuf,
    /// What the same takes without names, after brotli.
    #[arg(long)]
    brotli: u64,
    /// Where tables and plots are written.
    #[arg(long)]
    out: PathBuf,
}

/// One function.
#[derive(Debug, Serialize)]
struct Function {
    name: String,
    bytes: u64,
}

/// Names, and the bytes of each.
type Sums = Vec<(String, u64)>;

pub(crate) fn measure(arguments: &Arguments) -> Result<()> {
    let wasm =
        fs::read(&arguments.wasm).with_context(|| format!("Can't read {}", arguments.wasm.display()))?;
    let (functions, rest) = parts(&wasm).context("The WebAssembly can't be read")?;
    let mut crates = sums(&functions, |name| owner(name).to_owned());
    crates.extend(rest);
    let ours = sums(&functions, |name| part_of_ours(name).unwrap_or_default());
    let total: u64 = crates.iter().map(|(_, bytes)| bytes).sum();
    let kilobytes = |bytes: u64| bytes as f64 / total as f64 * arguments.brotli as f64 / 1000.0;

    let mut text = String::new();
    let mut plots = String::new();
    for (title, mut parts) in [("by crate", crates), ("visavis, by part", ours)] {
        parts.retain(|(name, bytes)| !name.is_empty() && kilobytes(*bytes) >= 0.05);
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        text += &format!("\n| {title} | bytes | kB after brotli, in proportion |\n| --- | --- | --- |\n");
        for (name, bytes) in &parts {
            text += &format!("| {name} | {bytes} | {:.1} |\n", kilobytes(*bytes));
        }
        let bars: Vec<_> = parts
            .into_iter()
            .map(|(name, bytes)| (name, bytes as f64, format!("{:.1} kB", kilobytes(bytes))))
            .collect();
        plots += &results::bars(title, &bars);
    }
    let sentence = "Code that the compiler has put into its caller counts as the caller's.";
    let page = results::page("What the first load consists of", sentence, &plots);
    results::write(&arguments.out, "bundle", &functions, &text, &page)
}

/// The functions, and the bytes of everything else by its kind.
fn parts(wasm: &[u8]) -> Result<(Vec<Function>, Sums)> {
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), BTreeMap::new());
    let mut rest = BTreeMap::<&str, u64>::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                *rest.entry("imports and exports").or_default() += length(&imports.range());
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::ExportSection(exports) => {
                *rest.entry("imports and exports").or_default() += length(&exports.range());
            }
            Payload::CodeSectionEntry(body) => sizes.push(length(&body.range())),
            Payload::DataSection(data) => {
                *rest.entry("texts and constants").or_default() += length(&data.range())
            }
            Payload::TypeSection(types) => {
                *rest.entry("types and tables").or_default() += length(&types.range())
            }
            Payload::FunctionSection(functions) => {
                *rest.entry("types and tables").or_default() += length(&functions.range());
            }
            Payload::ElementSection(elements) => {
                *rest.entry("types and tables").or_default() += length(&elements.range());
            }
            Payload::CustomSection(section) if section.name() == "name" => {
                let reader = NameSectionReader::new(wasmparser::BinaryReader::new(
                    section.data(),
                    section.data_offset(),
                ));
                for kind in reader {
                    if let Name::Function(functions) = kind? {
                        for naming in functions {
                            let naming = naming?;
                            // The splitter needs names as the linker knows them.
                            names.insert(naming.index, format!("{:#}", demangle(naming.name)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let functions = (imported..).zip(sizes).map(|(index, bytes)| Function {
        name: names.remove(&index).unwrap_or_else(|| "?".to_owned()),
        bytes,
    });
    let functions = functions.collect();
    let rest = rest.into_iter().map(|(kind, bytes)| (kind.to_owned(), bytes));
    Ok((functions, rest.collect()))
}

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

fn sums(functions: &[Function], of: impl Fn(&str) -> String) -> Sums {
    let mut sums = BTreeMap::<String, u64>::new();
    for Function { name, bytes } in functions {
        *sums.entry(of(name)).or_default() += bytes;
    }
    sums.into_iter().collect()
}

/// The crate that a function is counted for: one of ours if its name has one, or else the first one but the
/// standard library, which is everywhere.
fn owner(name: &str) -> &str {
    let mut crates = crates_in(name);
    let first = crates.next();
    let all = || first.into_iter().chain(crates_in(name));
    all()
        .find(|it| it.starts_with("visavis"))
        .or_else(|| all().find(|it| !["core", "alloc", "std"].contains(it)))
        .or(first)
        .map_or(
            "glue of wasm-bindgen",
            |it| if it == "__rustc" { "std" } else { it },
        )
}

/// A part of visavis: its crate, and the module in it.
fn part_of_ours(name: &str) -> Option<String> {
    let start = name.find("visavis")?;
    let path: Vec<_> = name[start..]
        .split("::")
        .map(|word| word.split(|c: char| !is_name(c)).next().unwrap_or_default())
        .collect();
    let modules: Vec<_> = path[1..]
        .iter()
        .take(1)
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .copied()
        .collect();
    Some([&path[..1], &modules[..]].concat().join("::"))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The crates in a function's name: what is followed by `::`, and does not follow it.
fn crates_in(name: &str) -> impl Iterator<Item = &str> {
    let mut end = 0;
    std::iter::from_fn(move || {
        loop {
            let start = end + name[end..].find(is_name)?;
            let length = name[start..].find(|c| !is_name(c)).unwrap_or(name.len() - start);
            end = start + length;
            let mut after = &name[end..];
            // Names of the newer kind have a hash behind the crate: `core[c5930c85a12de822]::fmt`.
            if let Some(hash) = after.strip_prefix('[') {
                after = hash.split_once(']').map_or("", |(_, after)| after);
            }
            let word = &name[start..end];
            let leads = after.starts_with("::") && !name[..start].ends_with("::");
            if leads && word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
                return Some(word);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_counted_for_whoever_needs_it() {
        for (name, crate_) in [
            ("visavis::app::run::{{closure}}::h84fe31ffa230e369", "visavis"),
            (
                "core::ptr::drop_in_place<visavis_call::link::Link>::h1",
                "visavis_call",
            ),
            ("<alloc::rc::Rc<T,A> as core::ops::drop::Drop>::drop::h1", "alloc"),
            ("core[c5930c85a12de822]::fmt::write", "core"),
            ("core::ptr::drop_in_place<tachys::html::Element>::h1", "tachys"),
            (
                "<core::cell::RefCell<T> as serde_core::de::Visitor>::expecting",
                "serde_core",
            ),
            ("__rustc[b7974e8690430dd9]::__rdl_realloc", "std"),
            ("__externref_table_alloc", "glue of wasm-bindgen"),
            ("?", "glue of wasm-bindgen"),
        ] {
            assert_eq!(owner(name), crate_, "{name}");
        }
    }

    #[test]
    fn parts_of_ours_are_modules() {
        for (name, part) in [
            ("visavis::app::run::{{closure}}::h1", Some("visavis::app")),
            (
                "<visavis::ui::screen::Signals as visavis::driver::ViewSink>::view",
                Some("visavis::ui"),
            ),
            ("visavis_call::call::Call::handle::h1", Some("visavis_call::call")),
            ("core::fmt::write", None),
        ] {
            assert_eq!(part_of_ours(name).as_deref(), part, "{name}");
        }
    }
}
