//! What Trunk leaves undone: makes the site's files smaller, and gives them names that tell their content.
//!
//! Trunk names files before wasm-opt has changed them, and minifies no JavaScript that wasm-bindgen makes.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::split::{self, LOAD, Parts};
use crate::{compress, first_functions, names, order, run};

/// The last line of wasm-bindgen's JavaScript. It leaves the start to whoever imports it.
const EXPORT: &str = "export { initSync, __wbg_init as default };";

/// Starts with the WebAssembly beside the JavaScript, and has the rest of it follow.
const START: &str = include_str!("rest.js");

/// What stands there for the rest's name.
const REST: &str = "REST";

/// Asks for config.json while the WebAssembly is still on its way. Where the answer is found: `ASKED_BEFORE` in
/// src/app.rs. Not from a cache: whoever runs the site may have changed it just now.
const ASK_EARLY: &str = r#"globalThis.visavisConfig = fetch("config.json", { cache: "no-store" });"#;

/// Finishes the site that Trunk built. Without esbuild, JavaScript and style stay as long as they are.
pub(crate) fn finish(dist: &Path, esbuild: Option<&Path>) -> Result<()> {
    let site = Site { dist, esbuild };
    let index = dist.join("index.html");
    let mut html = read(&index)?;

    let wasm = site.only("wasm", &html)?;
    let stem = wasm
        .strip_suffix("_bg.wasm")
        .with_context(|| format!("{wasm} should end in _bg.wasm"))?
        .to_owned();
    let script = format!("{stem}.js");

    let binary = fs::read(dist.join(&wasm)).with_context(|| format!("Can't read {wasm}"))?;
    let list = first_functions::list()?;
    let Parts { first, rest, unknown } = split::split(&binary, &list)?;
    if unknown * 10 > list.len() {
        println!(
            "{unknown} of {} functions that should be loaded first are not known by their names: the site works, and may take longer \
             to start (`cargo xtask first-functions` finds out which they are now)",
            list.len()
        );
    }
    let glue = with_start(&read(&dist.join(&script))?)?;
    let (first, glue) = names::shorten(&first, &glue)?;
    fs::write(dist.join(&wasm), order::by_likeness(&first)?)?;
    let named_wasm = site.name_by_content(&wasm)?;
    html = html.replace(&wasm, &named_wasm);
    let rest_wasm = format!("{}-rest-unnamed.wasm", without_hash(&stem));
    fs::write(dist.join(&rest_wasm), order::by_likeness(&rest)?)?;
    let rest_wasm = site.name_by_content(&rest_wasm)?;

    // wasm-bindgen knows the name before Trunk put a hash into it.
    let plain_wasm = format!("{}_bg.wasm", without_hash(&stem));
    let started = replace_once(&glue, &plain_wasm, &named_wasm)
        .and_then(|glue| replace_once(&glue, &format!("\"{REST}\""), &format!("\"{rest_wasm}\"")))
        .context("wasm-bindgen's JavaScript is not as expected")?;
    let started = order::imports_by_likeness(&started)?;
    fs::write(dist.join(&script), format!("{ASK_EARLY}\n{started}"))?;
    site.minify(&script, &["--format=esm", "--tree-shaking=true"])?;
    html = start_with(&html, &script)?.replace(&script, &site.name_by_content(&script)?);

    let style = site.only("css", &html)?;
    site.minify(&style, &[])?;
    let file = dist.join(&style);
    html = with_style(&html, &style, &read(&file)?)?;
    fs::remove_file(&file).with_context(|| format!("Can't remove {}", file.display()))?;

    let lines: Vec<_> = html
        .lines()
        .map(str::trim)
        // Comments are for us.
        .filter(|line| !line.is_empty() && !line.starts_with("<!--"))
        .collect();
    fs::write(&index, lines.join("\n"))?;
    site.finish_what_is_loaded_on_use()
}

/// wasm-bindgen's JavaScript, which starts by itself, and has a function that loads the rest.
fn with_start(glue: &str) -> Result<String> {
    let load = format!(
        "{}        {LOAD}: function() {{\n            loadRest();\n        }},\n",
        order::IMPORTS
    );
    replace_once(glue, EXPORT, START)
        .and_then(|glue| replace_once(&glue, order::IMPORTS, &load))
        .context("wasm-bindgen's JavaScript is not as expected")
}

/// Puts another program into a finished site: a whole one, whose memory the page gives to whoever asks for it.
pub(crate) fn replace_program(site: &Path, glue: &Path, wasm: &[u8]) -> Result<()> {
    let html = read(&site.join("index.html"))?;
    let script = Site {
        dist: site,
        esbuild: None,
    }
    .only("js", &html)?;
    const SHOW_MEMORY: &str = "__wbg_init().then(() => { globalThis.visavisMemory = () => wasm.memory; });";
    let started = replace_once(&read(glue)?, EXPORT, SHOW_MEMORY)?;
    let program = "visavis_bg.wasm";
    fs::write(site.join(program), wasm).with_context(|| format!("Can't write {program}"))?;
    fs::write(site.join(&script), format!("{ASK_EARLY}\n{started}"))
        .with_context(|| format!("Can't write {script}"))
}

struct Site<'a> {
    dist: &'a Path,
    esbuild: Option<&'a Path>,
}

impl Site<'_> {
    /// The one file that ends like this and that the page names.
    fn only(&self, ending: &str, html: &str) -> Result<String> {
        let mut files: Vec<PathBuf> = compress::files_in(self.dist)?
            .into_iter()
            .filter(|file| file.extension().is_some_and(|it| it == ending))
            .filter(|file| html.contains(&*file.to_string_lossy()))
            .collect();
        ensure!(
            files.len() == 1,
            "The page should name one .{ending} file, and names {}",
            files.len()
        );
        Ok(files.remove(0).to_string_lossy().into_owned())
    }

    /// Makes the binaries smaller that the page does not name, and that start by a loader of Trunk's. They keep their
    /// names, by which the app asks for them.
    fn finish_what_is_loaded_on_use(&self) -> Result<()> {
        for file in compress::files_in(self.dist)? {
            let file = file.to_string_lossy();
            let Some(stem) = file.strip_suffix("_loader.js") else {
                continue;
            };
            let (script, wasm) = (format!("{stem}.js"), self.dist.join(format!("{stem}_bg.wasm")));
            let binary = fs::read(&wasm).with_context(|| format!("Can't read {}", wasm.display()))?;
            let (binary, glue) = names::shorten(&binary, &read(&self.dist.join(&script))?)?;
            fs::write(&wasm, order::by_likeness(&binary)?)?;
            fs::write(self.dist.join(&script), order::imports_by_likeness(&glue)?)?;
            self.minify(&script, &["--format=esm", "--tree-shaking=true"])?;
        }
        Ok(())
    }

    fn minify(&self, file: &str, options: &[&str]) -> Result<()> {
        let Some(esbuild) = self.esbuild else {
            return Ok(());
        };
        let mut command = run::command(esbuild);
        command
            .args([file, "--minify", "--log-level=warning", "--allow-overwrite"])
            .args(options)
            .arg(format!("--outfile={file}"));
        run::run(command.current_dir(self.dist))
    }

    /// Renames a file after what is in it: a name stands for one content for ever.
    fn name_by_content(&self, file: &str) -> Result<String> {
        let path = self.dist.join(file);
        let content = fs::read(&path).with_context(|| format!("Can't read {}", path.display()))?;
        let named = name_by_content(file, &content);
        fs::rename(&path, self.dist.join(&named))
            .with_context(|| format!("Can't rename {}", path.display()))?;
        Ok(named)
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("Can't read {}", path.display()))
}

/// `app-0123456789abcdef_bg.wasm` → `app-fedcba9876543210.wasm`.
fn name_by_content(file: &str, content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    format!("{}-{:016x}.{ending}", without_hash(stem), hasher.finish())
}

fn without_hash(stem: &str) -> &str {
    stem.rsplit_once('-').map_or(stem, |(name, _)| name)
}

/// Has the page load a script that starts by itself, where Trunk's page has a script of its own that starts it.
fn start_with(html: &str, script: &str) -> Result<String> {
    const OPENING: &str = "<script type=\"module\">";
    const CLOSING: &str = "</script>";
    let expected = || format!("Trunk's index.html has no script that loads {script}");
    let start = html.find(OPENING).with_context(expected)?;
    let end = start + html[start..].find(CLOSING).with_context(expected)?;
    let url = html[start..end]
        .split('\'')
        .find(|text| text.ends_with(script))
        .with_context(expected)?;
    let loaded = format!("<script type=\"module\" src=\"{url}\">");
    let html = [&html[..start], &loaded, &html[end..]].concat();
    // The browser finds the script by itself now.
    let preload = html
        .split_inclusive('>')
        .find(|tag| tag.contains("\"modulepreload\""))
        .with_context(expected)?
        .to_owned();
    Ok(html.replacen(&preload, "", 1))
}

/// Puts the style into the page, which is shown a round trip sooner then. (There is one page, so nothing is gained by a
/// file of its own.)
fn with_style(html: &str, file: &str, style: &str) -> Result<String> {
    let link = html
        .split_inclusive('>')
        .find(|tag| tag.contains("rel=\"stylesheet\"") && tag.contains(file))
        .and_then(|tag| tag.find("<link").map(|start| &tag[start..]))
        .with_context(|| format!("Trunk's index.html has no link to {file}"))?;
    ensure!(
        !style.contains("</"),
        "The style would end the page's style element"
    );
    Ok(html.replacen(link, &format!("<style>{}</style>", style.trim_end()), 1))
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.matches(from).count() == 1, "It must say {from:?} once");
    Ok(text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_content_and_only_then() {
        let named = name_by_content("two-words-0123456789abcdef_bg.wasm", b"content");
        let hash = named
            .strip_prefix("two-words-")
            .and_then(|rest| rest.strip_suffix(".wasm"))
            .unwrap();
        assert!(
            hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{named}"
        );
        assert_eq!(
            named,
            name_by_content("two-words-fedcba9876543210_bg.wasm", b"content")
        );
        assert_ne!(
            named,
            name_by_content("two-words-0123456789abcdef_bg.wasm", b"other")
        );
    }

    #[test]
    fn the_page_loads_the_script_that_starts_by_itself() {
        let html = "<head>\n<script type=\"module\">\nimport init from '/calls/app-01.js';\n\
            init('/calls/app-01_bg.wasm');\n</script><link rel=\"modulepreload\" href=\"/calls/app-01.js\" \
            crossorigin=\"anonymous\"><link rel=\"preload\" href=\"/calls/app-01_bg.wasm\"></head>";
        assert_eq!(
            start_with(html, "app-01.js").unwrap(),
            "<head>\n<script type=\"module\" src=\"/calls/app-01.js\"></script><link rel=\"preload\" \
             href=\"/calls/app-01_bg.wasm\"></head>"
        );
        assert!(start_with(html, "app-02.js").is_err());
        assert!(start_with("<head></head>", "app-01.js").is_err());
    }

    #[test]
    fn the_page_has_its_style_within() {
        let html = "<head>\n<title>a</title><link rel=\"stylesheet\" href=\"/style-01.css\" integrity=\"x\"/>\n</head>";
        assert_eq!(
            with_style(html, "style-01.css", "p{margin:0}\n").unwrap(),
            "<head>\n<title>a</title><style>p{margin:0}</style>\n</head>"
        );
        assert!(with_style(html, "style-02.css", "").is_err());
        assert!(with_style(html, "style-01.css", "</style>").is_err());
    }

    #[test]
    fn a_text_is_replaced_where_it_stands_once() {
        assert_eq!(replace_once("a b", "b", "c").unwrap(), "a c");
        assert!(replace_once("a b b", "b", "c").is_err());
        assert!(replace_once("a", "b", "c").is_err());
    }
}
