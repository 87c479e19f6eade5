//! `cargo xtask`: the project's chores as a program, so that they work the same for everyone.
//!
//! Each command installs what it needs and does not find; see [`install`] for the rules.

mod browser;
mod compress;
mod finish;
mod install;
mod names;
mod run;
mod serve;
mod site;
mod test;
mod tools;

use std::process::ExitCode;

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
    /// tests in headless Chrome, the site with its budget, whole-system tests in real browsers.
    ///
    /// The last line is "N passed, N failed", counted in steps.
    Test(test::Arguments),
    /// Build the site for deployment into dist/, compressed ahead of time, and check its size.
    Build,
    /// Install or check the tools that the other commands need, and say where they are.
    Tools,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Serve(arguments) => serve::serve(&arguments),
        Chore::Test(arguments) => return test::test(&arguments),
        Chore::Build => site::build().and_then(|site| site.check_budget()),
        Chore::Tools => tools::report(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
