//! What the network laboratory of the tests needs from the system: `ip`, and coturn for the rows about TURN.

use anyhow::{Context, Result};

use crate::{install, run};

/// Installs what is missing where that is possible without asking. Elsewhere it is said what to type, and the
/// tests that need it fail with a sentence of their own: those without a network between hosts can still run.
pub(crate) fn prepare() {
    if !cfg!(target_os = "linux") {
        println!("The network laboratory needs Linux: its tests will fail here.");
        return;
    }
    for (program, package) in [("ip", "iproute2"), ("turnserver", "coturn")] {
        if let Err(error) = ready(program, package) {
            println!("{error:#}");
        }
    }
}

fn ready(program: &str, package: &str) -> Result<()> {
    if run::on_path(program).is_some() {
        return Ok(());
    }
    install::install_packages(&[package]).with_context(|| {
        format!(
            "The network laboratory needs {program}: install it (Debian: `sudo apt-get install {package}`)"
        )
    })
}
