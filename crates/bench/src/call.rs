//! `cargo xtask bench call`: how long it takes from the click on Call until people see each other, in visavis
//! and in other clients, one after the other in the same two browsers over the same network.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::arms::Arm;
use crate::laboratory::{Folders, Laboratory};
use crate::samples::Sample;
use crate::{plots, results};

/// Round trips between caller, callee and relay, in milliseconds, and the loss of packets in percent.
const NETWORKS: [(u32, f64); 5] = [(0, 0.0), (50, 0.0), (100, 0.0), (200, 0.0), (50, 2.0)];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    folders: Folders,
    /// A folder into which npm has installed peerjs, peer and simple-peer.
    #[arg(long)]
    npm: PathBuf,
    /// How many calls of each client over each network.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// For how many seconds video in full size is awaited: some clients take that long.
    #[arg(long)]
    patience: u64,
}

pub(crate) async fn measure(arguments: Arguments) -> Result<()> {
    let Arguments {
        folders,
        npm,
        rounds,
        patience,
    } = arguments;
    let laboratory = Laboratory::start(&folders.site, &npm).await?;
    let mut samples = Vec::new();
    let all = rounds as usize * NETWORKS.len() * Arm::ALL.len();
    for round in 0..rounds {
        for (rtt, loss) in NETWORKS {
            for turn in 0..Arm::ALL.len() {
                // Each goes first in some round.
                let arm = Arm::ALL[(turn + round as usize) % Arm::ALL.len()];
                let patience = Duration::from_secs(patience);
                let sample = call(&laboratory, arm, (rtt, loss), round, patience).await?;
                samples.push(sample);
                println!("{} of {all}: {}", samples.len(), serde_json::to_string(&sample)?);
            }
        }
    }
    results::write(
        &folders.out,
        "call",
        &samples,
        &plots::tables(&samples),
        &plots::page(&samples),
    )
}

/// One call by one client.
async fn call(
    laboratory: &Laboratory,
    arm: Arm,
    (rtt, loss): (u32, f64),
    round: u32,
    patience: Duration,
) -> Result<Sample> {
    let (caller, callee) = (&laboratory.caller, &laboratory.callee);
    laboratory.lab.set_loss(0.0);
    laboratory.lab.set_rtt(Duration::from_millis(rtt.into()));
    let room = format!(
        "r{round}-{rtt}-{}-{arm:?}",
        if loss > 0.0 { "lossy" } else { "clean" }
    );
    arm.open(&laboratory.origin, &room, caller, callee).await?;
    laboratory.lab.set_loss(loss);
    // What the pages still have to do after they were opened should be done.
    tokio::time::sleep(Duration::from_secs(1)).await;
    caller.run("window.probe.call()").await;
    let seen = "!!(window.probe.first && window.probe.full)";
    let (_, _) = tokio::join!(caller.within(patience, seen), callee.within(patience, seen));
    let clicked = moment(caller, "clicked").await;
    let after = |moment: Option<f64>| Some(moment? - clicked?);
    let (first, full) = (
        [moment(caller, "first").await, moment(callee, "first").await],
        [moment(caller, "full").await, moment(callee, "full").await],
    );
    // Nothing goes on behind the next one.
    for page in [caller, callee] {
        page.go("about:blank").await;
    }
    Ok(Sample {
        arm,
        rtt,
        loss,
        round,
        callee_sees_caller: after(first[1]),
        caller_sees_callee: after(first[0]),
        full_size: after(full[0].zip(full[1]).map(|(one, other)| one.max(other))),
    })
}

async fn moment(page: &visavis_e2e::Page, name: &str) -> Option<f64> {
    page.evaluate(&format!("window.probe.{name}")).await.as_f64()
}
