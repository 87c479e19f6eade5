//! What is measured of visavis, for `cargo xtask bench`: each part writes raw samples, tables, and a page of
//! plots.

mod arms;
mod bundle;
mod call;
mod idle;
mod laboratory;
mod plots;
mod results;
mod rooms;
mod samples;
mod startup;

use anyhow::Result;
use clap::Parser;

/// Measures visavis, and other clients beside it.
#[derive(Parser)]
enum Bench {
    /// From the click on Call until people see each other.
    Call(call::Arguments),
    /// From the request for the page until it can be used, on a slow phone.
    Startup(startup::Arguments),
    /// What a page costs that is only there.
    Idle(idle::Arguments),
    /// What calls of several people cost each of them.
    Rooms(rooms::Arguments),
    /// What the bytes of the first load are for.
    Bundle(bundle::Arguments),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Bench::parse() {
        Bench::Call(arguments) => call::measure(arguments).await,
        Bench::Startup(arguments) => startup::measure(arguments).await,
        Bench::Idle(arguments) => idle::measure(arguments).await,
        Bench::Rooms(arguments) => rooms::measure(arguments).await,
        Bench::Bundle(arguments) => bundle::measure(&arguments),
    }
}
