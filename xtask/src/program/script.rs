//! The program's JavaScript: one bundle, with short names where it meets the WebAssembly.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result};

use super::{FEATURES, LINKS, NAME, name_by_content, read, write};
use crate::{run, tools::Tools};

/// The short names that esbuild has chosen.
const NAMES: &str = "names.json";

/// The names by which WebAssembly and JavaScript know each other, as wasm-bindgen makes them: long, and with
/// a hash in each.
const LONG_NAMES: &str = "^(__(wbg|wbindgen|externref)_|_ZN)";

/// Gives the names by which WebAssembly and JavaScript know each other the short form that esbuild chooses: 7
/// kB after brotli. `bundle` uses the same names.
pub(super) fn shorten_names(tools: &Tools, esbuild: &Path, folder: &Path) -> Result<()> {
    write(&folder.join(NAMES), b"{}")?;
    run::run_quietly(
        bundling(esbuild, folder).arg(format!("--outfile={}", folder.join("unused.js").display())),
    )?;
    let names = String::from_utf8(read(&folder.join(NAMES))?).context("esbuild's names are no text")?;
    let (wasm, text) = (folder.join(format!("{NAME}_bg.wasm")), folder.join("text.wat"));
    // wasm-opt goes by the names of functions.
    let binaryen = |tool: &str, options: &[&str], from: &Path, to: &Path| {
        let folder = tools.wasm_opt.parent().unwrap_or(Path::new(""));
        let program =
            run::program_in(folder, tool).with_context(|| format!("{tool} is not beside wasm-opt"))?;
        run::run_quietly(
            run::command(program)
                .args(FEATURES)
                .args(options)
                .arg(from)
                .arg("--output")
                .arg(to),
        )
    };
    binaryen("wasm-dis", &[], &wasm, &text)?;
    let long = String::from_utf8(read(&text)?).context("wasm-dis writes no text")?;
    write(&text, with_short_names(&long, &names).as_bytes())?;
    binaryen("wasm-as", &["--debuginfo"], &text, &wasm)
}

/// A module as text, with other names for what it imports and exports: `  "long": "short",` in a line each.
fn with_short_names(text: &str, names: &str) -> String {
    let names: BTreeMap<&str, &str> = names
        .lines()
        .filter_map(|line| {
            let mut quoted = line.split('"').skip(1).step_by(2);
            Some((quoted.next()?, quoted.next()?))
        })
        .collect();
    let mut renamed = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let is_border = ["(import \"", "(export \""]
            .iter()
            .any(|it| line.trim_start().starts_with(it));
        for (index, part) in line.split('"').enumerate() {
            if index > 0 {
                renamed.push('"');
            }
            let is_name = is_border && index % 2 == 1;
            renamed += names.get(part).filter(|_| is_name).unwrap_or(&part);
        }
    }
    renamed
}

/// esbuild, for the JavaScript of wasm-bindgen and of the splitter.
fn bundling(esbuild: &Path, folder: &Path) -> Command {
    let mut command = run::command(esbuild);
    command
        .arg(folder.join(format!("{NAME}.js")))
        // It warns of what wasm-bindgen says twice.
        .args(["--bundle", "--minify", "--format=esm", "--log-level=error"])
        .arg(format!("--mangle-props={LONG_NAMES}"))
        .arg(format!("--mangle-cache={}", folder.join(NAMES).display()));
    command
}

/// Puts the JavaScript into a folder: one file where there is esbuild, or else two, of which one imports the
/// other. Says which file comes first, and which it imports.
pub(super) fn bundle(tools: &Tools, from: &Path, into: &Path) -> Result<(String, Vec<String>)> {
    let main = format!("{NAME}.js");
    let Some(esbuild) = &tools.esbuild else {
        for script in [&main, LINKS] {
            fs::copy(from.join(script), into.join(script)).with_context(|| format!("Can't copy {script}"))?;
        }
        return Ok((main, vec![LINKS.to_owned()]));
    };
    let bundled = from.join("bundled.js");
    run::run_quietly(bundling(esbuild, from).arg(format!("--outfile={}", bundled.display())))?;
    let content = read(&bundled)?;
    let named = name_by_content(NAME, "js", &content);
    write(&into.join(&named), &content)?;
    Ok((named, Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_where_the_module_meets_javascript() {
        let names = "{\n  \"__wbg_a_01\": \"a\",\n  \"__wbindgen_free\": \"b\"\n}\n";
        let text = r#"(module
 (import "./visavis_bg.js" "__wbg_a_01" (func $__wbg_a_01))
 (import "./visavis_bg.js" "__wbg_other" (func $other))
 (data $.rodata (i32.const 1) "__wbg_a_01")
 (export "memory" (memory $0))
 (export "__wbindgen_free" (func $free))
)
"#;
        let short = r#"(module
 (import "./visavis_bg.js" "a" (func $__wbg_a_01))
 (import "./visavis_bg.js" "__wbg_other" (func $other))
 (data $.rodata (i32.const 1) "__wbg_a_01")
 (export "memory" (memory $0))
 (export "b" (func $free))
)
"#;
        assert_eq!(with_short_names(text, names), short);
    }
}
