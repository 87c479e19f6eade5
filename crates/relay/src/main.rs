//! `visavis-relay`: the relay as a program, and the check of its TURN servers. `visavis-relay --help` tells
//! how.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

use tracing::subscriber::set_global_default;
use tracing::warn;
use visavis_relay::check_turn::{self, Finding};
use visavis_relay::config::Task;
use visavis_relay::{Config, ConfigError, logging};

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::load(std::env::args_os()) {
        Ok(config) => config,
        // clap knows where help and usage errors go.
        Err(ConfigError::CommandLine(error)) => error.exit(),
        Err(error) => return fail(&error),
    };
    let logs = logging::subscriber(config.log_level, config.log_format, io::stderr);
    set_global_default(logs).expect("nothing has set a subscriber before");
    let done = match config.task {
        Task::Serve => run(config).await.map(|()| ExitCode::SUCCESS),
        Task::CheckTurn => check(&config).await,
    };
    done.unwrap_or_else(|error| fail(&*error))
}

/// Says whether the TURN servers work.
async fn check(config: &Config) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let findings = check_turn::check(config, now.as_secs()).await?;
    for finding in &findings {
        // Whoever does not read it can still ask for the status.
        let _ = writeln!(io::stdout(), "{finding}");
    }
    Ok(match findings.iter().all(Finding::is_good) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    allow_open_files(u64::from(config.limits.connections) + OTHER_FILES);
    // Before the address is printed: a program that waits for it may send a signal right after.
    let stop = stop_signal()?;
    let relay = visavis_relay::start(config).await?;
    // Nobody may be reading, which is no reason to stop.
    let _ = writeln!(io::stdout(), "The relay of visavis is ready at {}", relay.url());
    stop.await;
    relay.shutdown().await;
    Ok(())
}

/// How many files the relay has open besides connections: what it listens at, and those of the site that are
/// being read.
const OTHER_FILES: u64 = 512;

/// Raises the limit of open files, as far as the system lets us. Many systems begin at 1024, whatever they
/// would allow.
fn allow_open_files(needed: u64) {
    match rlimit::increase_nofile_limit(needed) {
        Ok(allowed) if allowed < needed => warn!(
            needed,
            allowed,
            "the system allows fewer open files than there may be connections: raise LimitNOFILE or `ulimit -n`"
        ),
        Ok(_) => {}
        Err(error) => warn!(kind = %error.kind(), "can't tell how many open files the system allows"),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "visavis-relay: {error}");
    ExitCode::FAILURE
}

/// Resolves at Ctrl-C, or when a service manager wants the program to end.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without the signal, the program ends in the system's own way.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
