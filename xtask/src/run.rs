//! Starts other programs: says what it runs, and turns a failure into a sentence.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The directory of the workspace, where every command runs.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable when it runs this program; the compile-time value serves a direct start.
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The `target` directory that Cargo put this program in, wherever the user's settings moved it.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let program = env::current_exe().context("Can't tell where this program is")?;
    let target = program.parent().and_then(Path::parent);
    Ok(target
        .context("This program is not in a target directory; start it with `cargo xtask`")?
        .to_path_buf())
}

/// Where this program keeps what it makes on the way, inside of `target`. It exists.
pub(crate) fn own_dir() -> Result<PathBuf> {
    let dir = target_dir()?.join("xtask");
    fs::create_dir_all(&dir).with_context(|| format!("Can't create {}", dir.display()))?;
    Ok(dir)
}

/// A command in the root of the workspace.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // Nothing here may wait for an answer: a person has gone for coffee, and CI has no keyboard.
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// `cargo`, the very one that runs this program.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command, shown, with its output passing through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("  $ {shown}");
    let status = command
        .status()
        .with_context(|| format!("Can't start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a command of which nobody wants to hear unless it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let output = command
        .output()
        .with_context(|| format!("Can't start `{shown}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({}): {}", output.status, said.trim());
    }
    Ok(())
}

/// What a command prints, or nothing if it can't be started or fails. Silent.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first program of this name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find_map(|dir| program_in(&dir, name))
}

/// The program of this name in a directory. On Windows it may be an .exe or one of npm's .cmd wrappers.
pub(crate) fn program_in(dir: &Path, name: &str) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    endings
        .iter()
        .map(|ending| dir.join(format!("{name}{ending}")))
        .find(|path| path.is_file())
}

/// Keeps other starts of this program from doing the same at the same time. The lock ends with the file
/// handle.
pub(crate) fn lock(path: &Path, doing: &str) -> Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(|| format!("Can't create {}", dir.display()))?;
    }
    let file = File::create(path).with_context(|| format!("Can't write {}", path.display()))?;
    let locked = match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            println!("Waiting for another `cargo xtask` that is {doing}");
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
    };
    locked.with_context(|| format!("Can't lock {}", path.display()))?;
    Ok(file)
}

/// The command line as a person would type it from the root of the workspace.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_stem()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    let words = command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains([' ', '*', '\'', '"']) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    });
    std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ")
}

/// An empty directory into which the tests of this run write something.
pub(crate) fn fresh_directory(name: &str) -> Result<PathBuf> {
    let directory = own_dir()?.join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory).with_context(|| format!("Can't remove {}", directory.display()))?;
    }
    fs::create_dir_all(&directory).with_context(|| format!("Can't create {}", directory.display()))?;
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/some/where/cargo");
        command.args(["test", "--test", "*"]);
        assert_eq!(shown(&command), "cargo test --test '*'");
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(cargo().arg("--no-such-option").stderr(Stdio::null())).unwrap_err();
        assert!(
            error.to_string().starts_with("`cargo --no-such-option` failed"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let error = run(&mut command("no-such-program-at-all")).unwrap_err();
        assert_eq!(error.to_string(), "Can't start `no-such-program-at-all`");
    }
}
