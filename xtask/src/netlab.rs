//! `cargo xtask netlab`: the program of `crates/netlab`, in the place of this one.

use std::{
    env,
    ffi::OsString,
    io,
    process::{Command, ExitCode},
};

use crate::run;

/// Builds the program and becomes it: signals and standard input are meant for it, and so is the current
/// directory.
pub(crate) fn netlab(arguments: &[OsString]) -> ExitCode {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["run", "--quiet", "--package", "visavis-netlab", "--manifest-path"])
        .arg(run::root().join("Cargo.toml"))
        .arg("--")
        .args(arguments);
    match replace_with(&mut cargo) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: Can't start `cargo run --package visavis-netlab`: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn replace_with(command: &mut Command) -> io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    Err(command.exec())
}

#[cfg(not(unix))]
fn replace_with(command: &mut Command) -> io::Result<ExitCode> {
    let success = command.status()?.success();
    Ok(if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
