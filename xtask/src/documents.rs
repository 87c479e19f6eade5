//! The servers of the documents (crates/e2e/documents), with what npm brings for them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    install::install_packages,
    run::{self, own_dir, root},
};

/// A copy of them with everything that they import, made now if there is none.
pub(crate) fn ready() -> Result<PathBuf> {
    let (from, to) = (root().join("crates/e2e/documents"), own_dir()?.join("documents"));
    copy(&from, &to)?;
    let wanted = read(&to.join("package.json"))?;
    // What was installed last.
    let installed = to.join("node_modules/installed.json");
    if fs::read_to_string(&installed).is_ok_and(|it| it == wanted) {
        return Ok(to);
    }
    if run::on_path("node").is_none() || run::on_path("npm").is_none() {
        install_packages(&["nodejs", "npm"]).context("The servers of the documents need Node and npm")?;
    }
    println!("Installing what the servers of the documents import (seconds)");
    run::run(
        run::command("npm")
            .args([
                "install",
                "--no-package-lock",
                "--no-audit",
                "--no-fund",
                "--prefix",
            ])
            .arg(&to),
    )
    .with_context(|| format!("npm can't install into {}", to.display()))?;
    fs::write(&installed, wanted).with_context(|| format!("Can't write {}", installed.display()))?;
    Ok(to)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("Can't read {}", file.display()))
}

/// Copies a folder, and those within.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        bail!("{} is not there; restore it from git", from.display());
    }
    fs::create_dir_all(to).with_context(|| format!("Can't create {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to).with_context(|| format!("Can't write {}", to.display()))?;
        }
    }
    Ok(())
}
