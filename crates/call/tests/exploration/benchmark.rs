//! Wider bounds than the tests have time for:
//! `cargo test --release -p visavis-call --test exploration -- --ignored benchmark --nocapture`.

use std::panic::catch_unwind;
use std::time::Instant;

use crate::all_processors;
use crate::model::Exploration;

const BOUNDS: &[&str] = &[
    "calls=1 hang_ups=1 restarts=1",
    "calls=1 hang_ups=1 pre_connected=3 strangers=1",
    "calls=1 refusals=1 pre_connected=3 strangers=1",
    "calls=1 hang_ups=1 off=3",
    "calls=1 hang_ups=1 off=1 pre_connected=2",
    "calls=1 off=3 impatient=1",
    "calls=1 losses=1 strays=1 strangers=1",
    "calls=1 duplicates=1 strays=1 strangers=1",
    "calls=1 restarts=1 tracks=1 strangers=1",
    "calls=1 losses=1 duplicates=1 strays=1 strangers=1",
    "calls=1 restarts=1 tracks=1",
    "calls=1 hang_ups=1 pre_connected=3",
    "calls=1 hang_ups=1 pre_connected=2",
    "calls=1 refusals=1 pre_connected=3",
    "calls=1 losses=1 duplicates=1 strays=1",
    "calls=2 hang_ups=1 restarts=1",
    "calls=2 hang_ups=1 tracks=1",
    "calls=2 hang_ups=2",
    "calls=1 hang_ups=1 restarts=1 tracks=1",
    "calls=2 hang_ups=1 refusals=1",
    "calls=2 hang_ups=1 losses=1",
    "calls=2 hang_ups=1 duplicates=1",
    "calls=2 hang_ups=1 strays=1",
    "calls=1 hang_ups=1 losses=1 duplicates=1 strays=1",
    "calls=1 restarts=1 strays=1",
    "calls=1 cuts=1",
    "calls=2 hang_ups=1 pre_connected=3",
    "calls=1 losses=1 pre_connected=3",
    "calls=1 duplicates=1 pre_connected=3",
    "calls=1 strays=1 pre_connected=3",
    "calls=1 restarts=1 pre_connected=3",
    "calls=1 hang_ups=1 cuts=1",
    "calls=1 off=3 refusals=1",
    "calls=1 off=3 losses=1",
    "calls=1 off=3 strays=1",
    "calls=1 off=2 pre_connected=1 impatient=1",
    "calls=2 off=3 impatient=1",
    "calls=1 hang_ups=1 off=3 impatient=1",
];

/// Prints a line for each, and one for all of them. What does not hold in one does not hide the next.
#[test]
#[ignore = "it takes long, and gigabytes"]
fn bounds() {
    let start = Instant::now();
    let (mut states, mut failed) = (0, Vec::new());
    for bounds in BOUNDS {
        match catch_unwind(|| Exploration::within(bounds).explore(all_processors())) {
            Ok(found) => {
                states += found.states;
                println!("{bounds}: {found}");
            }
            Err(_) => {
                failed.push(bounds);
                println!("{bounds}: FAILED");
            }
        }
    }
    println!(
        "{} sets of bounds: {states} states, {:.1} s, {} failed",
        BOUNDS.len(),
        start.elapsed().as_secs_f64(),
        failed.len()
    );
    assert!(failed.is_empty(), "{failed:?}");
}
