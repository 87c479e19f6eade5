//! Wider bounds than the tests have time for: `cargo xtask bench exploration`.

use crate::model::Exploration;

const BOUNDS: &[&str] = &[
    "calls=1 restarts=1 tracks=1 strangers=1",
    "calls=1 losses=1 duplicates=1 strays=1 strangers=1",
    "calls=1 restarts=1 tracks=1",
    "calls=1 hang_ups=1 prepared=3",
    "calls=1 hang_ups=1 prepared=2",
    "calls=1 refusals=1 prepared=3",
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
    "calls=2 hang_ups=1 prepared=3",
    "calls=1 losses=1 prepared=3",
    "calls=1 duplicates=1 prepared=3",
    "calls=1 strays=1 prepared=3",
    "calls=1 restarts=1 prepared=3",
    "calls=1 hang_ups=1 cuts=1",
    "calls=1 off=3 refusals=1",
    "calls=1 off=3 losses=1",
    "calls=1 off=3 strays=1",
    "calls=1 off=2 prepared=1 impatient=1",
    "calls=2 off=3 impatient=1",
    "calls=1 hang_ups=1 off=3 impatient=1",
];

#[test]
#[ignore = "it takes long, and gigabytes: cargo xtask bench exploration"]
fn bounds() {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    for bounds in BOUNDS {
        println!("{bounds}: {}", Exploration::within(bounds).explore(processors));
    }
}
