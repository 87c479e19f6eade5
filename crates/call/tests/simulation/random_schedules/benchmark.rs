//! As many random schedules as one likes, on all processors: `cargo xtask bench schedules`.

use std::any::Any;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use super::try_schedule;

/// How often it says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

/// After so many failures there is no point in going on.
const MOST_FAILURES: usize = 20;

#[test]
#[ignore = "it takes as long as one likes"]
fn schedules() {
    let count = number("VISAVIS_SCHEDULES").expect("VISAVIS_SCHEDULES has to say how many");
    // Beyond the seeds of the tests, or wherever one likes.
    let first = number("VISAVIS_FIRST_SEED").unwrap_or(1000);
    // The failures are shown below.
    std::panic::set_hook(Box::new(|_| {}));
    let (next, failures) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    let start = Instant::now();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for thread in 0..processors {
            let (next, failures) = (&next, &failures);
            scope.spawn(move || {
                let mut said = Instant::now();
                while failures.lock().unwrap().len() < MOST_FAILURES {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    if let Err(panic) = try_schedule(seed) {
                        println!("seed {seed} fails: {}", words(&*panic));
                        failures.lock().unwrap().push(seed);
                    }
                    if thread == 0 && said.elapsed() >= PROGRESS {
                        said = Instant::now();
                        println!(
                            "{} of {count}, {:.0} s",
                            seed - first,
                            start.elapsed().as_secs_f64()
                        );
                    }
                }
            });
        }
    });
    let _ = std::panic::take_hook();
    let failures = failures.into_inner().unwrap();
    let done = count.min(next.into_inner() - first);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{done} schedules in {seconds:.1} s: {:.0} schedules per second, on {processors} processors; {} failed",
        done as f64 / seconds,
        failures.len()
    );
    assert!(
        failures.is_empty(),
        "VISAVIS_SEED=<seed> VISAVIS_TRACE=1 cargo test -p visavis-call --test simulation -- --ignored \
         random_schedules::chosen_schedule --nocapture shows one of {failures:?}"
    );
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panics")
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}
