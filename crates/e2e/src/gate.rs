//! The gate before each test: some tests run two at a time, and others alone.

use std::cell::RefCell;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::servers;

/// The variable that names a directory, into which each test writes how long it took: a file with one line,
/// such as `12.345 passed calls::two_windows_see_and_hear_each_other`. These are seconds; the other outcome
/// is `FAILED`.
pub const TIMES: &str = "VISAVIS_TIMES";

/// After this time, a test has failed: one browser that hangs must not keep all others waiting.
const DEADLINE: Duration = Duration::from_secs(300);

/// The same for tests of which nobody waits for the end.
const DEADLINE_OF_SOAK: Duration = Duration::from_secs(4 * 60 * 60);

/// One for all tests: the connections to browsers live here, and browsers outlive a test.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime can be started")
});

/// Fair: a test that wants to be alone waits for those that run, and others wait for it. It can't be
/// poisoned.
static GATE: RwLock<()> = RwLock::const_new(());

/// Runs a test, while another may run as well: one without a call, or one that mostly waits. A call between
/// two pages takes more than one of two cores; two of them at once fall behind with their video, and take
/// four times as long.
///
/// # Panics
/// The test does, or has not ended after five minutes.
pub fn together(test: impl Future<Output = ()>) {
    RUNTIME.block_on(async {
        let _turn = GATE.read().await;
        run(test, DEADLINE).await;
    });
}

/// Runs a test while no other runs: it has a call, or measures time.
///
/// # Panics
/// The test does, or has not ended after five minutes.
pub fn alone(test: impl Future<Output = ()>) {
    alone_until(DEADLINE, test);
}

/// Runs a test that may take hours, while no other runs.
///
/// # Panics
/// The test does.
pub fn soak(test: impl Future<Output = ()>) {
    alone_until(DEADLINE_OF_SOAK, test);
}

fn alone_until(deadline: Duration, test: impl Future<Output = ()>) {
    RUNTIME.block_on(async {
        let _turn = GATE.write().await;
        run(test, deadline).await;
    });
}

thread_local! {
    /// What the test of this thread has. Other threads have nothing.
    static TEST: RefCell<Option<Holds>> = const { RefCell::new(None) };
}

/// What a test keeps until it ends.
#[derive(Default)]
struct Holds {
    small_site: Option<Arc<TempDir>>,
    endings: Vec<JoinHandle<()>>,
}

/// Whether a test runs in this thread.
pub(crate) fn in_test() -> bool {
    TEST.with_borrow(Option::is_some)
}

/// Does something now that the test of this thread, if there is one, waits for when all else of it is done.
pub(crate) fn before_the_end(ending: impl Future<Output = ()> + Send + 'static) {
    let ending = RUNTIME.spawn(ending);
    TEST.with_borrow_mut(|test| {
        if let Some(test) = test {
            test.endings.push(ending);
        }
    });
}

/// The folder of the site with small cameras, in a test.
pub(crate) fn small_site() -> Option<PathBuf> {
    TEST.with_borrow_mut(|test| {
        let site = test.as_mut()?.small_site.get_or_insert_with(servers::small_site);
        Some(site.path().to_owned())
    })
}

/// As long as this is there, the thread runs a test.
struct InTest;

impl InTest {
    fn begin() -> Self {
        TEST.set(Some(Holds::default()));
        Self
    }
}

impl Drop for InTest {
    fn drop(&mut self) {
        TEST.set(None);
    }
}

async fn run(test: impl Future<Output = ()>, deadline: Duration) {
    let _time = TestTime::begin(env::var_os(TIMES).map(PathBuf::from));
    let _in_test = InTest::begin();
    // It is dropped by a panic, and everything that it has started with it.
    let mut test = Box::pin(test);
    if timeout(deadline, &mut test).await.is_err() {
        panic!(
            "The test has not ended after {} s: a browser hangs, or it waits for what does not come.",
            deadline.as_secs()
        );
    }
    drop(test);
    let endings = TEST.with_borrow_mut(|test| test.as_mut().map(|test| std::mem::take(&mut test.endings)));
    for ending in endings.into_iter().flatten() {
        ending.await.expect("browsers are put back");
    }
}

/// How long a test takes. It is written down when this is dropped.
struct TestTime {
    start: Instant,
    directory: Option<PathBuf>,
}

impl TestTime {
    fn begin(directory: Option<PathBuf>) -> Self {
        Self {
            start: Instant::now(),
            directory,
        }
    }

    fn write(&self, directory: &Path, test: &str) -> std::io::Result<()> {
        let outcome = if thread::panicking() { "FAILED" } else { "passed" };
        let seconds = self.start.elapsed().as_secs_f64();
        let file: String = test
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        fs::write(directory.join(file), format!("{seconds:.3} {outcome} {test}\n"))
    }
}

impl Drop for TestTime {
    fn drop(&mut self) {
        let thread = thread::current();
        if let Some(directory) = &self.directory
            && let Err(error) = self.write(directory, thread.name().unwrap_or("a thread without a name"))
        {
            // A panic here could be the second one.
            eprintln!("how long the test took can't be written: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread::spawn;

    use tokio::time::sleep;

    use super::*;

    #[test]
    fn whoever_is_alone_is_alone_even_after_a_failure() {
        static RUNNING: AtomicU32 = AtomicU32::new(0);
        let test = |others: u32, fails: bool| async move {
            let running = RUNNING.fetch_add(1, Ordering::SeqCst);
            sleep(Duration::from_millis(5)).await;
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            assert!(running <= others);
            assert!(!fails, "as it was to");
        };
        let threads: Vec<_> = (0..40)
            .map(|number| {
                spawn(move || match number % 4 {
                    0 => alone(test(0, false)),
                    1 => alone(test(0, true)),
                    2 => together(test(40, true)),
                    _ => together(test(40, false)),
                })
            })
            .collect();
        let passed = threads.into_iter().map(|thread| thread.join().is_ok());
        let expected = (0..40).map(|number| matches!(number % 4, 0 | 3));
        assert_eq!(passed.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_test_that_hangs_fails() {
        let hung = spawn(|| {
            RUNTIME.block_on(run(std::future::pending(), Duration::from_millis(10)));
        });
        assert!(hung.join().is_err());
    }

    #[test]
    fn the_time_and_the_outcome_are_written_down() {
        let directory = tempfile::tempdir().unwrap();
        let begin = |fails: bool| {
            let time = TestTime::begin(Some(directory.path().to_owned()));
            move || {
                let _time = time;
                assert!(!fails, "as it was to");
            }
        };
        for (name, fails) in [("calls::good", false), ("calls::bad", true)] {
            let thread = thread::Builder::new().name(name.into());
            let ended = thread.spawn(begin(fails)).unwrap().join();
            assert_eq!(ended.is_err(), fails);
        }
        let read = |file| fs::read_to_string(directory.path().join(file)).unwrap();
        let words = |file| {
            read(file)
                .split_whitespace()
                .skip(1)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(words("calls--good"), "passed calls::good");
        assert_eq!(words("calls--bad"), "FAILED calls::bad");
        let seconds = read("calls--good");
        let seconds = seconds.split(' ').next().unwrap().parse::<f64>();
        assert!(seconds.unwrap() < 10.0);
    }
}
