//! What may be a dependency, by `deny.toml`: `cargo deny`.

use anyhow::{Context, Result};

use crate::{run, tools};

/// What nobody else knows: neither the network nor the day changes the result.
pub(crate) fn check() -> Result<()> {
    let path = tools::deny()?;
    let deny = || {
        let mut deny = run::cargo();
        deny.arg("deny").env("PATH", &path);
        deny
    };
    run::run(deny().args(["check", "bans", "licenses", "sources"]))?;
    // The fuzz targets are a workspace of their own, and nobody gets them as a program.
    let fuzz = ["--manifest-path", "fuzz/Cargo.toml", "--config", "deny.toml"];
    run::run(deny().args(fuzz).args(["check", "licenses", "sources"]))
}

/// Whether something is known against a dependency today.
///
/// # Errors
/// Something is; or the list of what is known can't be had, so nobody knows.
pub(crate) fn advisories() -> Result<()> {
    let path = tools::deny()?;
    let fetch = run::run(run::cargo().args(["deny", "fetch", "db"]).env("PATH", &path));
    fetch.context("nothing was checked: the list of advisories (rustsec.org) can't be fetched")?;
    let check = ["deny", "check", "advisories"];
    run::run(run::cargo().args(check).env("PATH", &path))
        .context("something is known against a dependency: see above")
}
