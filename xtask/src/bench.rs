//! `cargo xtask bench`: what takes longer than a test may. Measured in release builds.

use anyhow::Result;
use clap::Subcommand;

use crate::run::{self, run};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run random schedules of the state machine on all processors: how many a second, and which fail.
    Schedules {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// The first seed. Those of the tests are below 1000.
        #[arg(long, default_value_t = 1000)]
        first_seed: u64,
    },
    /// Explore every interleaving of two peers within wider bounds than the tests do. Takes gigabytes, and a while.
    Exploration,
}

pub(crate) fn bench(arguments: &Arguments) -> Result<()> {
    match arguments.what {
        What::Schedules { count, first_seed } => run(of_the_state_machine("simulation", "schedules")
            .env("VISAVIS_SCHEDULES", count.to_string())
            .env("VISAVIS_FIRST_SEED", first_seed.to_string())),
        What::Exploration => run(&mut of_the_state_machine("exploration", "bounds")),
    }
}

/// An ignored test of `crates/call`, named `benchmark::…`, whose name contains this.
fn of_the_state_machine(tests: &str, name: &str) -> std::process::Command {
    let mut test = run::cargo();
    test.args([
        "test",
        "--release",
        "--package",
        "visavis-call",
        "--test",
        tests,
        "--",
    ])
    .args([&format!("benchmark::{name}"), "--ignored", "--nocapture"]);
    test
}
