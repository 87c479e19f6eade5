//! `cargo xtask serve`: the site and the relay on one port, ready to try.

use std::{
    ffi::OsString,
    net::{IpAddr, TcpListener},
};

use anyhow::{Context, Result};

use crate::{run, site};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port of the site and of the relay.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on; 0.0.0.0 lets other machines in. (Browsers give a page the camera on
    /// localhost and over HTTPS only.)
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    host: String,
    /// What follows `--` goes to the relay as it is.
    #[arg(last = true, value_name = "RELAY ARGUMENTS")]
    relay: Vec<OsString>,
}

pub(crate) fn serve(arguments: &Arguments) -> Result<()> {
    let Arguments { host, port, relay } = arguments;
    // Found out before the long build instead of after it. The port is free again at once.
    drop(TcpListener::bind((host.as_str(), *port)).with_context(|| {
        format!("Can't listen on port {port} of {host}; choose another, for example `cargo xtask serve --port 8081`")
    })?);
    let site = site::build()?;
    if let Err(over) = site.check_budget() {
        // This concerns developers, not people who try the site.
        println!("warning: {over}");
    }
    println!("Building the relay (a few minutes the first time)");
    run::run(run::cargo().args(["build", "--release", "--package", "visavis-relay"]))?;

    let program = run::program_in(&run::target_dir()?.join("release"), "visavis-relay")
        .context("The relay was built, but is not in the target directory")?;
    println!();
    println!("visavis is at {}", url(host, *port));
    println!("  Open it in two tabs, click Get Video in both, then Call in one. Ctrl-C here ends it.");
    println!();
    let mut command = run::command(program);
    command
        .arg("--site")
        .arg(site::dist())
        .arg("--port")
        .arg(port.to_string())
        .arg("--host")
        .arg(host)
        .args(relay);
    become_(&mut command)
}

/// Hands this process over to the relay, so that Ctrl-C and signals reach it and nothing waits in between.
#[cfg(unix)]
fn become_(command: &mut std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("Can't start the relay")
}

#[cfg(not(unix))]
fn become_(command: &mut std::process::Command) -> Result<()> {
    run::run(command)
}

/// The address to open in a browser on this machine.
fn url(host: &str, port: u16) -> String {
    match host.parse() {
        // Browsers treat localhost as a secure context, and people can type it.
        Ok(address) if IpAddr::is_loopback(&address) || IpAddr::is_unspecified(&address) => {
            format!("http://localhost:{port}/")
        }
        Ok(IpAddr::V6(address)) => format!("http://[{address}]:{port}/"),
        _ => format!("http://{host}:{port}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_to_open_fits_the_address_to_listen_on() {
        assert_eq!(url("127.0.0.1", 8080), "http://localhost:8080/");
        assert_eq!(url("0.0.0.0", 80), "http://localhost:80/");
        assert_eq!(url("::", 80), "http://localhost:80/");
        assert_eq!(url("192.168.1.5", 80), "http://192.168.1.5:80/");
        assert_eq!(url("fd00::1", 80), "http://[fd00::1]:80/");
        assert_eq!(url("office.lan", 80), "http://office.lan:80/");
    }
}
