//! `cargo xtask`: the project's chores as a program, so that they work the same for everyone.
//!
//! Each command installs what it needs and does not find; see [`install`] for the rules.

mod bench;
mod browser;
mod compress;
mod deny;
mod documents;
mod firefox;
mod fuzz;
mod install;
mod laboratory;
mod netlab;
mod program;
mod rows;
mod run;
mod serve;
mod site;
mod slowest;
mod soak;
mod test;
mod tools;
mod wrap;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

/// The chores of visavis. Every command first installs what it needs and is missing.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build the optimised site and the relay, and serve both on one port.
    ///
    /// The first time takes several minutes, because it builds the tools too; later it takes seconds.
    Serve(serve::Arguments),
    /// Run every check and every test, in this order: formatting, clippy, documentation, dependencies, native
    /// tests, fuzz targets, tests in headless Chrome, the site with its budget, whole-system tests in real
    /// browsers, and whether every row of the fault matrix was among them.
    ///
    /// The last line is "N passed, N failed", counted in steps.
    Test(test::Arguments),
    /// Run what takes long and finds little: thousands of calls, wider bounds, a million schedules, fuzz
    /// targets, what is known against dependencies. Takes hours.
    ///
    /// What it ran and found is written to docs/soak.md.
    Soak,
    /// Measure, or try for longer than the tests do.
    Bench(bench::Arguments),
    /// Build the site for deployment into dist/, compressed ahead of time, and check its size.
    ///
    /// Ends with status 2 if the site is there, and above its budget.
    Build,
    /// Install or check the tools that the other commands need, and say where they are.
    Tools,
    /// Start a network laboratory for experiments by hand, or run something in it. Linux only, as root.
    ///
    /// `cargo xtask netlab --help` says more, and docs/netlab.md everything.
    #[command(disable_help_flag = true)]
    Netlab {
        /// What the program `netlab` is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Serve(arguments) => serve::serve(&arguments),
        Chore::Test(arguments) => return test::test(&arguments),
        Chore::Soak => soak::soak(),
        Chore::Bench(arguments) => bench::bench(&arguments),
        Chore::Build => return build(),
        Chore::Tools => tools::report(),
        Chore::Netlab { arguments } => return netlab::netlab(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error, 1),
    }
}

fn build() -> ExitCode {
    match site::build().map(|site| site.check_budget()) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(over)) => failure(&over, site::OVER_BUDGET),
        Err(error) => failure(&error, 1),
    }
}

fn failure(error: &anyhow::Error, status: u8) -> ExitCode {
    eprintln!("\nerror: {error:#}");
    ExitCode::from(status)
}
