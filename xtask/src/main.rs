//! `cargo xtask`: the project's chores as a program, so that they work the same for everyone.
//!
//! Each command installs what it needs and does not find; see [`install`] for the rules.

mod bench;
mod browser;
mod compress;
mod finish;
mod firefox;
mod first_functions;
mod install;
mod laboratory;
mod names;
mod netlab;
mod order;
mod rows;
mod run;
mod serve;
mod site;
mod split;
mod test;
mod tools;

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
    /// Run every check and every test, in this order: formatting, clippy, documentation, native tests,
    /// tests in headless Chrome, the site with its budget, whole-system tests in real browsers, and whether every row
    /// of the fault matrix was among them.
    ///
    /// The last line is "N passed, N failed", counted in steps.
    Test(test::Arguments),
    /// Measure, or try for longer than the tests do.
    Bench(bench::Arguments),
    /// Build the site for deployment into dist/, compressed ahead of time, and check its size.
    Build,
    /// Find out in real browsers which functions run before anybody does something with the page, and write
    /// xtask/first-functions.txt, by which the WebAssembly is split.
    FirstFunctions,
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
        Chore::Bench(arguments) => bench::bench(&arguments),
        Chore::Build => site::build().and_then(|site| site.check_budget()),
        Chore::FirstFunctions => first_functions::find(),
        Chore::Tools => tools::report(),
        Chore::Netlab { arguments } => return netlab::netlab(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
