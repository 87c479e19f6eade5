//! `cargo xtask bench`: what takes longer than a test may. Measured in release builds.

use std::fs;
use std::path::{Path, PathBuf};
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
    /// Measure from the click on Call until people see each other, beside other clients, over emulated
    /// networks. Needs root, Linux and npm.
    Call {
        /// How many calls of each client over each network.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// For how many seconds video in full size is awaited. Some clients take longer than anybody waits.
        #[arg(long, default_value_t = 8)]
        patience: u64,
    },
    /// Measure from the request for the page until it can be used, on an emulated phone, beside a bare page.
    Startup {
        /// How often each page is loaded.
        #[arg(long, default_value_t = 10)]
        rounds: u32,
    },
    /// Measure what a page costs that is only there: while people wait, and in a steady call.
    Idle {
        /// For how many seconds each state is watched.
        #[arg(long, default_value_t = 30)]
        seconds: u32,
    },
    /// Measure what calls of two to eight people cost each of them, with and without the shared budget for
    /// video. Needs Linux.
    Rooms {
        /// For how many seconds each call is watched.
        #[arg(long, default_value_t = 10)]
        seconds: u32,
        /// How many people, one call after the other, separated by commas.
        #[arg(long, default_value = "2,3,4,5,6,7,8")]
        people: String,
        /// How wide the video of all cameras is, in pixels; it is 16:9.
        #[arg(long, default_value_t = 1280)]
        width: u32,
        /// How many frames they take in a second.
        #[arg(long, default_value_t = 10)]
        rate: u32,
        /// Whether they have microphones. Their audio takes as much processor time as small videos.
        #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
        microphones: bool,
    },
    /// Show which crates, and which parts of visavis, the start of the program consists of.
    Bundle,
    /// Run random schedules of the state machine on all processors: how many a second, and which fail.
    Schedules {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// The first seed. Those of the tests are below 1000.
        #[arg(long, default_value_t = 1000)]
        first_seed: u64,
    },
    /// Explore every interleaving of two peers within wider bounds than the tests do. Takes gigabytes, and a
    /// while.
    Exploration,
}

pub(crate) fn bench(arguments: &Arguments) -> Result<()> {
    match arguments.what {
        What::Call { rounds, patience } => call(rounds, patience),
        What::Startup { rounds } => in_a_browser("startup", ["--rounds", &rounds.to_string()]),
        What::Idle { seconds } => {
            let chromium = Browser::ready()?;
            measure_in(
                &chromium,
                &site::build_counting()?,
                "idle",
                ["--seconds", &seconds.to_string()],
            )
        }
        What::Rooms {
            seconds,
            ref people,
            width,
            rate,
            microphones,
        } => in_a_browser(
            "rooms",
            [
                "--seconds",
                &seconds.to_string(),
                "--people",
                people,
                "--width",
                &width.to_string(),
                "--rate",
                &rate.to_string(),
                "--microphones",
                &microphones.to_string(),
            ],
        ),
        What::Bundle => bundle(),
        What::Schedules { count, first_seed } => run(of_the_state_machine("simulation", "schedules")
            .env("VISAVIS_SCHEDULES", count.to_string())
            .env("VISAVIS_FIRST_SEED", first_seed.to_string())),
        What::Exploration => run(&mut of_the_state_machine("exploration", "bounds")),
    }
}

/// What npm installs for the comparison, at the versions that were current when it was written.
const CLIENTS: [&str; 3] = ["peerjs@1.5.5", "peer@1.0.2", "simple-peer@9.11.1"];

fn call(rounds: u32, patience: u64) -> Result<()> {
    laboratory::prepare();
    let npm = out()?.join("npm");
    fs::create_dir_all(&npm).with_context(|| format!("Can't create {}", npm.display()))?;
    run(Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&npm)
        .args(CLIENTS))?;
    let npm = npm.to_string_lossy();
    let [rounds, patience] = [rounds.to_string(), patience.to_string()];
    in_a_browser(
        "call",
        ["--rounds", &rounds, "--patience", &patience, "--npm", &npm],
    )
}

/// Measures the built site in Chromium.
fn in_a_browser<const N: usize>(what: &str, arguments: [&str; N]) -> Result<()> {
    let chromium = Browser::ready()?;
    site::build()?;
    measure_in(&chromium, &site::dist(), what, arguments)
}

fn measure_in<const N: usize>(
    chromium: &Browser,
    site: &Path,
    what: &str,
    arguments: [&str; N],
) -> Result<()> {
    run(measurement(what)?
        .args(arguments)
        .arg("--site")
        .arg(site)
        .env("VISAVIS_CHROMIUM", &chromium.chromium)
        .env("VISAVIS_CHROMEDRIVER", &chromium.driver))
}

fn bundle() -> Result<()> {
    let site = site::build()?;
    let named = site::start_with_names()?;
    run(measurement("bundle")?
        .arg("--brotli")
        .arg(site.wasm_after_brotli().to_string())
        .arg("--wasm")
        .arg(named))
}

/// Where results are written.
fn out() -> Result<PathBuf> {
    Ok(run::own_dir()?.join("bench"))
}

/// A command of `crates/bench`.
fn measurement(what: &str) -> Result<Command> {
    let mut command = run::cargo();
    command
        .args([
            "run",
            "--release",
            "--package",
            "visavis-bench",
            "--",
            what,
            "--out",
        ])
        .arg(out()?);
    Ok(command)
}

/// An ignored test of `crates/call`, named `benchmark::…`, whose name contains this.
pub(crate) fn of_the_state_machine(tests: &str, name: &str) -> Command {
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
