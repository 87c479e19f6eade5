//! What every measurement leaves: raw samples, tables in Markdown, and a page of plots.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

/// Writes all of it, and prints the tables.
pub(crate) fn write<S: Serialize>(
    folder: &Path,
    name: &str,
    samples: &[S],
    tables: &str,
    plots: &str,
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("Can't create {}", folder.display()))?;
    let raw: Vec<_> = samples
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()?;
    for (ending, text) in [
        ("jsonl", raw.join("\n") + "\n"),
        ("md", tables.to_owned()),
        ("html", plots.to_owned()),
    ] {
        let file = folder.join(format!("{name}.{ending}"));
        fs::write(&file, text).with_context(|| format!("Can't write {}", file.display()))?;
    }
    println!("{tables}\nSamples, tables and plots are in {}.", folder.display());
    Ok(())
}

/// A page with a title, a sentence below it, and what follows.
pub(crate) fn page(title: &str, sentence: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>visavis: {title}</title>\
         <style>body{{font:16px system-ui;margin:2rem auto;max-width:56rem;padding:0 1rem;color:#23201c;background:#fffdfa}}\
         svg{{width:100%;height:auto}}text{{font:12px system-ui}}</style>\
         <h1>{title}</h1><p>{sentence}</p>{body}</html>\n"
    )
}

/// Horizontal bars, one below the other, each with its name and its value in words.
pub(crate) fn bars(title: &str, bars: &[(String, f64, String)]) -> String {
    const WIDTH: f64 = 800.0;
    const LEFT: f64 = 260.0;
    const STEP: f64 = 24.0;
    let most = bars
        .iter()
        .map(|(_, value, _)| *value)
        .fold(f64::MIN_POSITIVE, f64::max);
    let height = STEP * bars.len() as f64;
    let mut svg =
        format!("<h2>{title}</h2><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">");
    for (index, (name, value, words)) in bars.iter().enumerate() {
        let (y, width) = (STEP * index as f64, value / most * (WIDTH - LEFT - 110.0));
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{0}\">{name}</text><rect x=\"{LEFT}\" y=\"{1}\" width=\"{width:.1}\" height=\"16\" \
             fill=\"#226b59\"/><text x=\"{2:.1}\" y=\"{0}\">{words}</text>",
            y + 15.0,
            y + 3.0,
            LEFT + width + 6.0
        );
    }
    svg + "</svg>"
}
