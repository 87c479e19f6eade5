//! `visavis-relay`: the relay as a program. `visavis-relay --help` tells how.

use std::io::{self, Write as _};
use std::process::ExitCode;

use tracing::subscriber::set_global_default;
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
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    // Before the address is printed: a program that waits for it may send a signal right after.
    let stop = stop_signal()?;
    let relay = visavis_relay::start(config).await?;
    // Nobody may be reading, which is no reason to stop.
    let _ = writeln!(io::stdout(), "The relay of visavis is ready at {}", relay.url());
    stop.await;
    relay.shutdown().await;
    Ok(())
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
