//! The build of the site, which runs beside the first steps.

use std::{
    env,
    fs::{self, File},
    path::PathBuf,
    process::Child,
};

use anyhow::{Context, Result};

use crate::run;

/// A site that is being built: one processor is enough for most of it.
pub(super) struct SiteBuild {
    process: Child,
    output: PathBuf,
}

impl SiteBuild {
    pub(super) fn start() -> Result<Self> {
        let output = run::own_dir()?.join("site.log");
        let file = File::create(&output).with_context(|| format!("Can't write {}", output.display()))?;
        let program = env::current_exe().context("Can't tell where this program is")?;
        let process = run::command(program)
            .arg("build")
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("Can't start this program once more")?;
        Ok(Self { process, output })
    }

    /// Waits for it: its exit status, and what it has printed.
    pub(super) fn finish(mut self) -> Result<(Option<i32>, String)> {
        let status = self.process.wait().context("The build of the site is gone")?;
        let output = fs::read(&self.output).unwrap_or_default();
        Ok((status.code(), String::from_utf8_lossy(&output).into_owned()))
    }
}

impl Drop for SiteBuild {
    fn drop(&mut self) {
        // One that has ended already is gone as well.
        let _ = self.process.kill();
    }
}
