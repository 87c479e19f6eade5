//! Which functions run before anybody does something: the list, and the names by which it knows them.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use anyhow::{Context, Result};

/// Names are cut where they are listed: only their digests count.
const LISTED_NAME: usize = 72;

/// The functions that run before anybody does something. A list of digests of their names, since with all their types some names
/// are longer than the functions. Whatever it does not have is moved: at worst, a page asks for the rest too early.
pub(crate) struct FirstFunctions(HashSet<u32>);

impl FirstFunctions {
    /// # Errors
    /// A line does not begin with eight hexadecimal digits.
    pub(crate) fn parse(list: &str) -> Result<Self> {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        let digests = lines.map(|line| {
            let digest = line.split(' ').next().unwrap_or_default();
            u32::from_str_radix(digest, 16).with_context(|| format!("{line:?} does not begin with a digest"))
        });
        Ok(Self(digests.collect::<Result<_>>()?))
    }

    /// How many of them there are none of, among functions with these names.
    pub(super) fn missing<'a>(&self, names: impl Iterator<Item = &'a str>) -> usize {
        let known: HashSet<u32> = names.map(|name| digest(&plain(name))).collect();
        self.0.difference(&known).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(&digest(&plain(name)))
    }

    /// The list for functions with these names.
    pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
        let lines: BTreeSet<(String, u32)> = names
            .into_iter()
            .map(|name| {
                let name = plain(name);
                (name.chars().take(LISTED_NAME).collect(), digest(&name))
            })
            .collect();
        let mut list = String::from(
            "# The functions that run before anybody does something with the page: all others are loaded after them.\n\
             # Written by `cargo xtask first-functions`.\n",
        );
        for (name, digest) in lines {
            let _ = writeln!(list, "{}", format!("{digest:08x} {name}").trim_end());
        }
        list
    }
}

/// FNV-1a, of 32 bits.
fn digest(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// A function's name without what a compiler adds: `core[c5930c85a12de822]::mem::take.15` → `core::mem::take`.
pub(super) fn plain(name: &str) -> String {
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut plain = String::with_capacity(name.len());
    for (index, piece) in name.split('[').enumerate() {
        match piece.split_once(']') {
            Some((hash, after)) if index > 0 && is_hash(hash) => plain += after,
            _ => {
                if index > 0 {
                    plain.push('[');
                }
                plain += piece;
            }
        }
    }
    if let Some((before, number)) = plain.rsplit_once('.')
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        plain.truncate(before.len());
    }
    plain
}
