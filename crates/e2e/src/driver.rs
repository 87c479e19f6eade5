//! The program that drives a browser, and the processes that it starts.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::place::{Place, Way};

/// USER_HZ, in which Linux counts what processes have used.
const TICKS_A_SECOND: f64 = 100.0;

/// A script that runs a program until its own standard input ends, as it does when the tests end, however
/// they do; then nothing is left of the program and all that it has started. (`kill 0` is about the process
/// group.)
const GUARDED: &str =
    r#"command -v "$0" >/dev/null || exit 127; "$0" "$@" </dev/null & read -r _; kill -KILL 0"#;

/// A WebDriver server. It ends, with the browsers that it has started, when this is dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) address: SocketAddr,
    processes: ProcessGroup,
}

impl Driver {
    /// Starts one in a place, and waits until it listens. It keeps its files, and those of its browsers, in
    /// this folder.
    ///
    /// # Panics
    /// It does not start; the sentence ends with what to do about that.
    pub(crate) async fn start(
        place: &Arc<dyn Place>,
        program: &str,
        arguments: impl Fn(u16) -> Vec<String>,
        files: &Path,
        install: &str,
    ) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut command = place.command("sh");
        command
            .args(["-c", GUARDED, program])
            .args(arguments(address.port()))
            .env("TMPDIR", files)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start ({error}): {install}"));
        let mut driver = Self {
            address,
            processes: ProcessGroup(child),
        };
        driver.wait(place, program, install).await;
        driver
    }

    /// Sends a signal to the driver and all that it has started.
    pub(crate) fn signal(&self, name: &str) {
        self.processes.signal(name);
    }

    /// How long the driver and all that it has started have kept processors busy, in seconds. Linux only.
    pub(crate) fn processor_time(&self) -> f64 {
        let group = self.processes.0.id().to_string();
        let entries = std::fs::read_dir("/proc").expect("Linux has /proc");
        let ticks = entries.flatten().filter_map(|entry| {
            // Processes come and go.
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // proc(5): the name is in parentheses, and may contain anything.
            let (_, rest) = stat.rsplit_once(") ")?;
            let fields: Vec<_> = rest.split(' ').collect();
            let number = |index: usize| fields.get(index)?.parse::<f64>().ok();
            (*fields.get(2)? == group).then(|| number(11).zip(number(12)))?
        });
        ticks.map(|(user, system)| user + system).sum::<f64>() / TICKS_A_SECOND
    }

    async fn wait(&mut self, place: &Arc<dyn Place>, program: &str, install: &str) {
        let way = Way {
            place: place.clone(),
            address: self.address,
        };
        for _ in 0..500 {
            if way.clone().connect().await.is_ok() {
                return;
            }
            if let Ok(Some(status)) = self.processes.0.try_wait() {
                panic!("{program} does not start ({status}): {install}");
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{program} does not listen after ten seconds");
    }
}

/// The driver and the browsers that it has started. A test that panics has no time to end them one by one,
/// and a browser that goes on slows the tests after it.
#[derive(Debug)]
struct ProcessGroup(Child);

impl ProcessGroup {
    fn signal(&self, name: &str) {
        // If there is no `kill`, or nobody left, then so be it.
        let _ = Command::new("kill")
            .args([&format!("-{name}"), "--", &format!("-{}", self.0.id())])
            .status();
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.signal("KILL");
        let _ = self.0.wait();
    }
}

/// One on which nobody listens yet.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    listener.local_addr().expect("a listener has an address").port()
}
