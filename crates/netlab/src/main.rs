//! `netlab`: the network laboratory by hand. docs/netlab.md is its manual.

mod cli;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use visavis_netlab::Running;

/// A network laboratory on this machine: hosts with distance, loss, outages and translators of addresses
/// between them.
///
/// Needs Linux and root.
#[derive(Parser)]
#[command(bin_name = "cargo xtask netlab")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Start a laboratory, and read commands from standard input until it ends; `help` lists them.
    ///
    /// Prints "ready", and a line "host NAME ADDRESS" for each host. Each command is answered by one line
    /// that begins with "ok" or "error". In the end everything is removed, and what still runs on the hosts
    /// is killed.
    Up(cli::up::Arguments),
    /// Run a program on a host of a running laboratory.
    Exec {
        #[command(flatten)]
        lab: LabName,
        /// The host.
        host: String,
        /// The program and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Print the address at which others see a host of a running laboratory.
    Address {
        #[command(flatten)]
        lab: LabName,
        /// The host.
        host: String,
    },
}

#[derive(clap::Args)]
struct LabName {
    /// The laboratory: what `up` was told as --name.
    #[arg(long = "name", value_name = "NAME", default_value = cli::NAME)]
    name: String,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Up(arguments) => cli::up::up(arguments).map(|()| ExitCode::SUCCESS),
        Chore::Exec { lab, host, command } => cli::exec::exec(&lab.name, &host, &command),
        Chore::Address { lab, host } => Running::find(&lab.name, &host).map_err(Into::into).map(|host| {
            println!("{}", host.address());
            ExitCode::SUCCESS
        }),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
