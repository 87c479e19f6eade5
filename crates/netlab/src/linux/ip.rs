//! Runs `ip`, of iproute2.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use crate::error::LabError;

/// Runs `ip` with these arguments, and returns what it prints.
pub(super) fn ip(arguments: &[&str]) -> Result<String, LabError> {
    batch(arguments, "")
}

/// The same, with lines for its standard input.
pub(super) fn batch(arguments: &[&str], lines: &str) -> Result<String, LabError> {
    let mut child = Command::new("ip")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(LabError::NoIproute)?;
    let failed = |said: &dyn std::fmt::Display| LabError::Ip {
        command: format!("ip {}", arguments.join(" ")),
        said: said.to_string().trim().to_owned(),
    };
    if let Some(mut input) = child.stdin.take() {
        match input.write_all(lines.as_bytes()) {
            // It has ended already, and says why.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            written => written.map_err(|error| failed(&error))?,
        }
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
