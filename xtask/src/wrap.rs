//! Prose wraps at 110 characters. rustfmt wraps Rust; this checks comments and Markdown.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::run;

/// How long a line may be, in characters; rustfmt.toml says the same.
const WIDTH: usize = 110;

/// Where prose is.
const PLACES: [&str; 7] = ["src", "crates", "xtask", "tests", "docs", "fuzz", "build.rs"];

/// Checks all prose of the repository.
pub(crate) fn check() -> Result<()> {
    let root = run::root();
    let mut long = Vec::new();
    for entry in fs::read_dir(&root).with_context(|| format!("Can't read {}", root.display()))? {
        let path = entry?.path();
        if path.is_file() || PLACES.iter().any(|place| path.ends_with(place)) {
            look(&path, &mut long)?;
        }
    }
    if long.is_empty() {
        return Ok(());
    }
    bail!(
        "These lines have more than {WIDTH} characters:\n{}",
        long.join("\n")
    )
}

fn look(path: &Path, long: &mut Vec<String>) -> Result<()> {
    if path.ends_with("fuzz/target") {
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("Can't read {}", path.display()))? {
            look(&entry?.path(), long)?;
        }
        return Ok(());
    }
    let ending = path.extension().and_then(|extension| extension.to_str());
    let text = match ending {
        Some("rs" | "js" | "css" | "md") => {
            fs::read_to_string(path).with_context(|| format!("Can't read {}", path.display()))?
        }
        _ => return Ok(()),
    };
    let (mut is_code, mut is_block) = (false, false);
    for (number, line) in (1..).zip(text.lines()) {
        let start = line.trim_start();
        is_code ^= start.starts_with("```");
        is_block |= start.starts_with("/*");
        let is_too_long = match ending {
            Some("md") => !is_code && is_long_prose(line),
            _ => !is_code && (is_long_comment(line) || is_block && is_long_prose(line)),
        };
        if is_too_long {
            long.push(format!("{}:{number}", path.display()));
        }
        is_block &= !line.contains("*/");
    }
    Ok(())
}

fn is_long_comment(line: &str) -> bool {
    line.trim_start().starts_with("//") && is_long_prose(line)
}

/// A row of a table can't be wrapped, and neither can what has no space, such as an address.
fn is_long_prose(line: &str) -> bool {
    let text = line.trim_start_matches(['/', '!', ' ']);
    line.chars().count() > WIDTH && !text.starts_with('|') && text.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_prose_that_can_be_wrapped_is_too_long() {
        let words = "word ".repeat(22);
        assert_eq!(words.trim_end().chars().count(), 109);
        for (line, prose, comment) in [
            (words.trim_end().to_owned(), false, false),
            (format!("{words}ää"), true, false),
            (format!("    /// {words}"), true, true),
            (format!("| {words} |"), false, false),
            (format!("//! | {words} |"), false, false),
            (format!("/// {}", "x".repeat(200)), false, false),
            (format!("let text = \"{words}\";"), true, false),
        ] {
            assert_eq!(
                (is_long_prose(&line), is_long_comment(&line)),
                (prose, comment),
                "{line}"
            );
        }
    }
}
