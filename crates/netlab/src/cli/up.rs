//! `netlab up`: runs a laboratory, and does what standard input says.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use visavis_netlab::{Lab, Nat};

use super::{NAME, command, milliseconds, nat, percent, rate};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The hosts, separated by commas.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "alice,bob,server"
    )]
    hosts: Vec<String>,
    /// The laboratory's name, by which `exec` and `address` find it.
    #[arg(long, default_value = NAME)]
    name: String,
    /// How long there and back takes, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "0")]
    rtt: Duration,
    /// By how much a round trip may differ, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "0")]
    jitter: Duration,
    /// How many of a hundred packets are lost.
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "0")]
    loss: f64,
    /// How many kilobits a second each host can send; 0 for no limit.
    #[arg(long, value_name = "KBIT", default_value = "0")]
    rate: u32,
    /// How many kilobytes may wait where there is a rate.
    #[arg(long, value_name = "KB", default_value = "256")]
    queue: u16,
    /// Hosts behind a translator of addresses: HOST=cone or HOST=symmetric, separated by commas.
    #[arg(long, value_name = "HOST=KIND", value_parser = nat, value_delimiter = ',')]
    nat: Vec<(String, Nat)>,
    /// Hosts whose programs are apart: by UDP they meet over the network, too. Separated by commas.
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    apart: Vec<String>,
    /// Go on after the end of standard input, until a signal comes.
    #[arg(long)]
    wait: bool,
}

impl Arguments {
    fn start(self) -> Result<Lab, Box<dyn Error>> {
        let mut builder = Lab::builder()
            .name(self.name)
            .hosts(self.hosts)
            .rtt(self.rtt)
            .jitter(self.jitter)
            .loss(self.loss)
            .rate(rate(&self.rate.to_string())?)
            .queue(usize::from(self.queue) * 1024);
        for (host, kind) in self.nat {
            builder = builder.nat(host, kind);
        }
        for host in self.apart {
            builder = builder.apart(host);
        }
        Ok(builder.start()?)
    }
}

/// What happens to a running laboratory.
enum Event {
    Line(String),
    EndOfInput,
    Signal,
}

/// Runs a laboratory to its end.
pub(crate) fn up(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let wait = arguments.wait;
    let (events, happens) = mpsc::channel();
    // Before there is anything that a signal could leave behind.
    on_signal(events.clone())?;
    let lab = arguments.start()?;
    let hosts = lab
        .hosts()
        .into_iter()
        .map(|host| format!("host {} {}", host.name(), host.address()));
    let ready = std::iter::once("ready".to_owned()).chain(hosts);
    say(&ready.collect::<Vec<_>>().join("\n"))?;
    thread::spawn(move || read_lines(&events));
    for event in happens {
        match event {
            Event::Line(line) => {
                if let Some(answer) = command::obey(&lab, &line) {
                    say(&answer)?;
                }
            }
            Event::EndOfInput if wait => {}
            Event::EndOfInput | Event::Signal => break,
        }
    }
    Ok(())
}

/// Prints at once. Fails when nobody listens any more: then it is time to end, and to clean up.
fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

fn read_lines(events: &Sender<Event>) {
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    // What is not UTF-8 is no command, but no end either.
    while matches!(stdin.read_until(b'\n', &mut line), Ok(1..)) {
        let text = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        if events.send(Event::Line(text)).is_err() {
            return;
        }
    }
    // Nobody is there to hear it only if the end has come already.
    let _ = events.send(Event::EndOfInput);
}

/// Reports the signals that ask for an end.
#[cfg(target_os = "linux")]
fn on_signal(events: Sender<Event>) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        // A second signal while things are put away changes nothing.
        for _ in signals.forever() {
            let _ = events.send(Event::Signal);
        }
    });
    Ok(())
}

/// There is nothing to end.
#[cfg(not(target_os = "linux"))]
fn on_signal(events: Sender<Event>) -> io::Result<()> {
    let _ = Event::Signal;
    drop(events);
    Ok(())
}
