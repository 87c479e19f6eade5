//! `netlab exec`: another program takes the place of this one, on a host.

use std::error::Error;
use std::process::ExitCode;

use visavis_netlab::Running;

/// Becomes the program. Returns only if it can't.
#[cfg(unix)]
pub(crate) fn exec(lab: &str, host: &str, command: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    use std::os::unix::process::CommandExt;

    let (program, arguments) = command.split_first().ok_or("There is no command to run.")?;
    let error = Running::find(lab, host)?.command(program).args(arguments).exec();
    Err(format!("`ip` can't be started: {error}. Install it: `apt-get install iproute2`.").into())
}

/// There are no laboratories.
#[cfg(not(unix))]
pub(crate) fn exec(lab: &str, host: &str, _command: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    Running::find(lab, host)?;
    Ok(ExitCode::FAILURE)
}
