//! Compresses the site ahead of time: `x.wasm` gets `x.wasm.br` and `x.wasm.gz` next to it.
//!
//! Trunk empties dist/ on every build, so the results are kept in a cache beside it: each file as it was,
//! with its compressed forms. A file that is byte for byte the same is not compressed again.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// What compresses well. Images and fonts already are compressed.
const COMPRESSIBLE: [&str; 10] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "mjs",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// Operators edit it in place: a compressed copy would go on serving the old text.
const NEVER: &str = "config.json";

/// Compresses every file of the site that is worth it, and removes compressed files that belong to nothing.
pub(crate) fn compress(site: &Path, cache: &Path) -> Result<()> {
    let files = files_in(site)?;
    let originals: BTreeSet<_> = files
        .iter()
        .filter(|path| is_compressible(path))
        .cloned()
        .collect();
    for path in stale(&files, &originals) {
        remove(&site.join(path))?;
    }
    let cached = if cache.is_dir() {
        files_in(cache)?
    } else {
        BTreeSet::new()
    };
    let known: BTreeSet<_> = cached
        .iter()
        .filter(|path| !is_compressed(path))
        .cloned()
        .collect();
    for path in known.difference(&originals).chain(stale(&cached, &originals)) {
        remove(&cache.join(path))?;
    }
    for path in &originals {
        compress_file(&site.join(path), &cache.join(path))
            .with_context(|| format!("Can't compress {}", path.display()))?;
    }
    Ok(())
}

/// The same file with a further ending: `app.js` → `app.js.br`.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn compress_file(file: &Path, cached: &Path) -> Result<()> {
    let original = fs::read(file)?;
    // The original is written last: when it is there, so are its compressed forms.
    if !fs::read(cached).is_ok_and(|known| known == original) {
        if let Some(dir) = cached.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(with_ending(cached, ".br"), brotli(&original)?)?;
        fs::write(with_ending(cached, ".gz"), gzip(&original)?)?;
        fs::write(cached, &original)?;
    }
    for ending in [".br", ".gz"] {
        let compressed = with_ending(cached, ending);
        // A tiny file may grow: the plain one is the better answer then.
        if fs::metadata(&compressed)?.len() < original.len() as u64 {
            fs::copy(&compressed, with_ending(file, ending))?;
        }
    }
    Ok(())
}

pub(crate) fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        // The largest window that every browser must accept, and more than the site will ever fill.
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Compressed files whose original is not there.
fn stale<'a>(files: &'a BTreeSet<PathBuf>, originals: &BTreeSet<PathBuf>) -> Vec<&'a PathBuf> {
    let is_stale = |path: &&PathBuf| is_compressed(path) && !originals.contains(&path.with_extension(""));
    files.iter().filter(is_stale).collect()
}

fn is_compressed(path: &Path) -> bool {
    has_extension(path, &["br", "gz"])
}

fn is_compressible(path: &Path) -> bool {
    has_extension(path, &COMPRESSIBLE) && path != Path::new(NEVER)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|extension| extensions.iter().any(|known| extension == *known))
}

/// Every file below a directory, relative to it.
pub(crate) fn files_in(dir: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(below) = pending.pop() {
        let current = dir.join(&below);
        for entry in fs::read_dir(&current).with_context(|| format!("Can't list {}", current.display()))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                pending.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).with_context(|| format!("Can't remove {}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn paths(names: &[&str]) -> BTreeSet<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    /// An empty directory of this test's own.
    fn scratch(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("visavis-xtask-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    #[test]
    fn compressed_files_without_their_original_are_stale() {
        let files = paths(&[
            "a.js",
            "a.js.br",
            "old.js.br",
            "old.js.gz",
            "config.json.br",
            "x.png",
        ]);
        let stale: Vec<_> = stale(&files, &paths(&["a.js"])).into_iter().cloned().collect();
        assert_eq!(
            stale,
            ["config.json.br", "old.js.br", "old.js.gz"].map(PathBuf::from)
        );
    }

    #[test]
    fn the_configuration_is_never_compressed_because_it_is_edited_in_place() {
        assert!(!is_compressible(Path::new("config.json")));
        assert!(is_compressible(Path::new("locales/de.json")));
        assert!(!is_compressible(Path::new("ring.mp3")));
    }

    #[test]
    fn a_site_is_compressed_once_and_cleaned_of_leftovers() {
        let (site, cache) = (scratch("site"), scratch("cache"));
        let text = "face to face ".repeat(100);
        fs::create_dir(site.join("snippets")).unwrap();
        for name in ["index.html", "snippets/extra.js"] {
            fs::write(site.join(name), &text).unwrap();
        }
        fs::write(site.join("tiny.css"), "a").unwrap();
        fs::write(site.join("gone.js.br"), "old").unwrap();
        fs::write(cache.join("gone.js"), "old").unwrap();
        fs::write(cache.join("gone.js.gz"), "old").unwrap();

        compress(&site, &cache).unwrap();
        let expected = paths(&[
            "index.html",
            "index.html.br",
            "index.html.gz",
            "snippets/extra.js",
            "snippets/extra.js.br",
            "snippets/extra.js.gz",
            "tiny.css",
        ]);
        assert_eq!(files_in(&site).unwrap(), expected);
        assert!(!cache.join("gone.js").exists() && !cache.join("gone.js.gz").exists());
        let mut plain = String::new();
        let brotli = fs::read(site.join("index.html.br")).unwrap();
        brotli::Decompressor::new(&*brotli, 4096)
            .read_to_string(&mut plain)
            .unwrap();
        assert_eq!(plain, text);

        // What the cache holds is used as long as the file stays the same, and not a moment longer.
        fs::write(cache.join("index.html.br"), "from the cache").unwrap();
        compress(&site, &cache).unwrap();
        assert_eq!(fs::read(site.join("index.html.br")).unwrap(), b"from the cache");
        fs::write(site.join("index.html"), "eye to eye ".repeat(100)).unwrap();
        compress(&site, &cache).unwrap();
        assert_ne!(fs::read(site.join("index.html.br")).unwrap(), b"from the cache");

        fs::remove_dir_all(site).unwrap();
        fs::remove_dir_all(cache).unwrap();
    }
}
