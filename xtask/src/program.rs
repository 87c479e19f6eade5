//! Makes the site's program from what the compiler leaves: the start, and a file for each feature that is
//! loaded on use.
//!
//! ```text
//! visavis.wasm ─► wasm-split-cli ─► start ─► wasm-bindgen ─┐
//!                        └────────► chunks ────────────────┴─► wasm-opt ─► names that tell the content
//!                        └────────► JavaScript ─► esbuild, together with wasm-bindgen's
//! ```
//!
//! Features begin where the client says `chunk!` (src/chunk.rs). The splitter is Leptos's own.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, ensure};

use crate::{
    run,
    tools::{Tools, WASM},
};

mod script;

use self::script::{bundle, shorten_names};

/// What the files are called before they are named by their content.
const NAME: &str = "visavis";

/// The JavaScript by which the start finds its chunks. wasm-bindgen's imports it.
const LINKS: &str = "__wasm_split.js";

/// What the compiler makes use of. With all that there is, Binaryen's tools write what no browser takes.
const FEATURES: [&str; 9] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-extended-const",
];

/// As small as wasm-opt makes it, after compression: functions of similar names are similar, and compress
/// better side by side. Memory below 1024 holds nothing (`--low-memory-unused`).
const OPTIMIZE: [&str; 11] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    "--converge",
    "--reorder-functions-by-name",
    "--low-memory-unused",
    "--strip-dwarf",
    "--strip-producers",
    "--strip-target-features",
];

/// A finished program, in a folder. Paths are names in it.
pub(crate) struct Program {
    pub(crate) script: String,
    /// More JavaScript that the script imports: only where nothing could bundle it.
    pub(crate) more_scripts: Vec<String>,
    pub(crate) wasm: String,
    /// By feature, or features joined by `+` where several share a file.
    pub(crate) chunks: BTreeMap<String, String>,
}

/// Whether the functions of the WebAssembly keep their names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    Keep,
    Drop,
}

/// Makes the program that was compiled last, in an empty folder.
pub(crate) fn make(tools: &Tools, work: &Path, folder: &Path) -> Result<Program> {
    let bound = bind(tools, work)?;
    if let Some(esbuild) = &tools.esbuild {
        shorten_names(tools, esbuild, &bound.folder)?;
    }
    empty(folder)?;
    let files: Vec<String> = bound.wasm_files().map(str::to_owned).collect();
    let optimized = work.join("optimized");
    empty(&optimized)?;
    // One core each: wasm-opt runs in Node, which hardly uses a second one.
    let results = thread::scope(|scope| {
        let of_half = |half: usize| {
            let (bound, files, optimized) = (&bound, &files, &optimized);
            scope.spawn(move || {
                let mine = files.iter().skip(half).step_by(2);
                mine.map(|file| {
                    optimize(
                        tools,
                        &bound.folder.join(file),
                        &optimized.join(file),
                        Names::Drop,
                    )
                })
                .collect::<Result<Vec<()>>>()
            })
        };
        [of_half(0), of_half(1)].map(|half| half.join())
    });
    for result in results {
        result.map_err(|_| anyhow::anyhow!("wasm-opt could not be run"))??;
    }

    let mut names = BTreeMap::new();
    for file in &files {
        let content = read(&optimized.join(file))?;
        let named = name_by_content(bound.shown_name(file), "wasm", &content);
        write(&folder.join(&named), &content)?;
        names.insert(file.clone(), named);
    }
    let mut scripts = [format!("{NAME}.js"), LINKS.to_owned()].map(|script| (script, String::new()));
    for (script, text) in &mut scripts {
        *text = fs::read_to_string(bound.folder.join(&*script))
            .with_context(|| format!("Can't read {script}"))?;
        for (file, named) in &names {
            *text = text.replace(file.as_str(), named);
        }
        write(&bound.folder.join(&*script), text.as_bytes())?;
    }
    let (script, more_scripts) = bundle(tools, &bound.folder, folder)?;
    let chunks = bound
        .chunks
        .iter()
        .map(|(file, feature)| (feature.clone(), names[file].clone()));
    Ok(Program {
        script,
        more_scripts,
        wasm: names[&format!("{NAME}_bg.wasm")].clone(),
        chunks: chunks.collect(),
    })
}

/// The start as wasm-opt leaves it, with the names of its functions.
pub(crate) fn start_with_names(tools: &Tools, work: &Path) -> Result<PathBuf> {
    let bound = bind(tools, work)?;
    let named = work.join("named.wasm");
    optimize(
        tools,
        &bound.folder.join(format!("{NAME}_bg.wasm")),
        &named,
        Names::Keep,
    )?;
    Ok(named)
}

/// What wasm-bindgen and the splitter leave.
struct Bound {
    folder: PathBuf,
    /// Whose a chunk's file is.
    chunks: BTreeMap<String, String>,
}

impl Bound {
    fn wasm_files(&self) -> impl Iterator<Item = &str> {
        self.chunks.keys().map(String::as_str).chain(["visavis_bg.wasm"])
    }

    /// The name that people see.
    fn shown_name(&self, file: &str) -> &str {
        self.chunks.get(file).map_or(NAME, String::as_str)
    }
}

fn bind(tools: &Tools, work: &Path) -> Result<Bound> {
    let compiled = run::target_dir()?
        .join(WASM)
        .join("site")
        .join(format!("{NAME}.wasm"));
    let (parts, folder) = (work.join("parts"), work.join("bound"));
    empty(&parts)?;
    empty(&folder)?;
    run::run(
        run::command(&tools.wasm_split)
            .args([&compiled, &parts])
            .args(["--out-name", NAME]),
    )?;
    // Only with `--keep-lld-exports` do the chunks find the memory and the table of the start.
    run::run(
        run::command(&tools.wasm_bindgen)
            .args([
                "--target",
                "web",
                "--no-typescript",
                "--keep-lld-exports",
                "--no-demangle",
            ])
            .arg("--out-dir")
            .arg(&folder)
            .arg(parts.join(format!("{NAME}.wasm"))),
    )?;
    let links = fs::read_to_string(parts.join(LINKS)).with_context(|| format!("Can't read {LINKS}"))?;
    let chunks = chunks(&links)?;
    for file in chunks.keys() {
        fs::copy(parts.join(file), folder.join(file)).with_context(|| format!("Can't copy {file}"))?;
    }
    write(&folder.join(LINKS), links.as_bytes())?;
    Ok(Bound { folder, chunks })
}

/// The files that the splitter's JavaScript loads, each with its feature. What several features share stands
/// below a comment that names them: `/* chat, people */`.
fn chunks(links: &str) -> Result<BTreeMap<String, String>> {
    let mut chunks = BTreeMap::new();
    let mut sharing = String::new();
    for line in links.lines() {
        if let Some(features) = line.strip_prefix("/* ").and_then(|rest| rest.strip_suffix(" */")) {
            sharing = features.replace(", ", "+");
        }
        let Some((_, rest)) = line.split_once("fetch(new URL(\"./") else {
            continue;
        };
        let (file, _) = rest
            .split_once('"')
            .context("The splitter's JavaScript is not as expected")?;
        let stem = file.strip_suffix(".wasm").unwrap_or(file);
        let feature = stem.strip_prefix("split_").unwrap_or(&sharing).to_owned();
        ensure!(!feature.is_empty(), "Nobody says whose {file} is");
        chunks.insert(file.to_owned(), feature);
    }
    ensure!(
        !chunks.is_empty(),
        "The program has no chunks: was it built without `--features split`?"
    );
    Ok(chunks)
}

fn optimize(tools: &Tools, from: &Path, to: &Path, names: Names) -> Result<()> {
    let mut command = run::command(&tools.wasm_opt);
    command
        .args(FEATURES)
        .args(OPTIMIZE)
        .arg(from)
        .arg("--output")
        .arg(to);
    command.arg(match names {
        Names::Keep => "--debuginfo",
        Names::Drop => "--strip-debug",
    });
    run::run_quietly(&mut command)
}

/// A name that stands for one content for ever: `chat-fedcba9876543210.wasm`.
fn name_by_content(name: &str, ending: &str, content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    format!("{name}-{:016x}.{ending}", hasher.finish())
}

/// Makes a folder that holds nothing.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("Can't remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("Can't create {}", folder.display()))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("Can't read {}", file.display()))
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    fs::write(file, content).with_context(|| format!("Can't write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_content_and_only_then() {
        let named = name_by_content("chat", "wasm", b"content");
        let hash = named
            .strip_prefix("chat-")
            .and_then(|rest| rest.strip_suffix(".wasm"))
            .unwrap();
        assert!(
            hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{named}"
        );
        assert_eq!(named, name_by_content("chat", "wasm", b"content"));
        assert_ne!(named, name_by_content("chat", "wasm", b"other"));
    }

    #[test]
    fn chunks_are_told_by_the_splitters_javascript() {
        let links = "\
/* chat, people */
const __chunk_3 = makeLoad(() => {
    const src = fetch(new URL(\"./chunk_3.wasm\", import.meta.url));
}
, []);
export const __wasm_split_load_chat = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL(\"./split_chat.wasm\", import.meta.url));
}
, [__chunk_3]));
";
        let chunks = chunks(links).unwrap();
        let chunks: Vec<_> = chunks
            .iter()
            .map(|(file, feature)| (file.as_str(), feature.as_str()))
            .collect();
        assert_eq!(
            chunks,
            [("chunk_3.wasm", "chat+people"), ("split_chat.wasm", "chat")]
        );
    }

    #[test]
    fn a_program_in_one_piece_is_refused() {
        let error = super::chunks("let sharedImports = undefined;").unwrap_err();
        assert!(error.to_string().contains("--features split"), "{error}");
    }
}
