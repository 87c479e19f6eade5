//! `cargo xtask bench`: what takes longer than a test may. Measured in release builds.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::browser::Browser;
use crate::run::{self, run};
use crate::{laboratory, site};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Measure from the click on Call until people see each other, beside other clients, over emulated networks. Needs
    /// root, Linux and npm.
    Call {
        /// How many calls of each client over each network.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
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
        What::Call { rounds } => call(rounds),
        What::Schedules { count, first_seed } => run(of_the_state_machine("simulation", "schedules")
            .env("VISAVIS_SCHEDULES", count.to_string())
            .env("VISAVIS_FIRST_SEED", first_seed.to_string())),
        What::Exploration => run(&mut of_the_state_machine("exploration", "bounds")),
    }
}

/// What npm installs for the comparison, at the versions that were current when it was written.
const CLIENTS: [&str; 3] = ["peerjs@1.5.5", "peer@1.0.2", "simple-peer@9.11.1"];

fn call(rounds: u32) -> Result<()> {
    laboratory::prepare();
    let chromium = Browser::ready()?;
    site::build()?;
    let out = run::target_dir()?.join("xtask").join("bench");
    let npm = out.join("npm");
    fs::create_dir_all(&npm).with_context(|| format!("Can't create {}", npm.display()))?;
    run(Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&npm)
        .args(CLIENTS))?;
    run(run::cargo()
        .args(["run", "--release", "--package", "visavis-bench", "--", "--rounds"])
        .arg(rounds.to_string())
        .arg("--site")
        .arg(site::dist())
        .arg("--npm")
        .arg(npm)
        .arg("--out")
        .arg(out)
        .env("VISAVIS_CHROMIUM", &chromium.chromium)
        .env("VISAVIS_CHROMEDRIVER", &chromium.driver))
}

/// An ignored test of `crates/call`, named `benchmark::…`, whose name contains this.
fn of_the_state_machine(tests: &str, name: &str) -> Command {
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
