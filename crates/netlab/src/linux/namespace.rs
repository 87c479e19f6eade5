//! A host's network namespace: made, set up, entered and removed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::device::{self, DEVICE};
use super::ip::{batch, ip};
use crate::error::LabError;
use crate::network::PREFIX;

/// For how long the end of killed processes is awaited. Only one that hangs inside the kernel takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The table of routes that leads to a host's own address over the network, for what its programs send by
/// UDP.
const APART: u8 = 100;

/// A namespace. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Namespace {
    name: String,
    /// Whether its programs meet over the network only.
    apart: bool,
}

/// The name of a host's namespace. As a host's name has no hyphen, no two hosts share one.
pub(super) fn name_of(lab: &str, host: &str) -> String {
    format!("nl-{lab}-{host}")
}

/// A program that will run in a namespace. `ip` becomes that program, so killing the one kills the other.
pub(super) fn command(namespace: &str, program: &OsStr) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(program);
    command
}

/// Does some work in a namespace, on a thread of its own: this one stays where it is.
pub(super) fn enter<T: Send>(namespace: &str, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    let place = File::open(Path::new("/run/netns").join(namespace))?;
    let visit = || {
        move_into_link_name_space(place.as_fd(), Some(LinkNameSpaceType::Network))?;
        Ok(work())
    };
    thread::scope(|scope| scope.spawn(visit).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Kills what runs in a namespace, and removes it.
pub(super) fn remove(namespace: &str) {
    kill_all(namespace);
    // If it can't be removed, it is gone already.
    let _ = ip(&["netns", "del", namespace]);
}

impl Namespace {
    /// A new, empty namespace.
    pub(super) fn create(lab: &str, host: &str, apart: bool) -> Result<Self, LabError> {
        let name = name_of(lab, host);
        ip(&["netns", "add", &name])?;
        Ok(Self { name, apart })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Gives it a loopback, an address, and a device as its only way to anywhere. The packets that go there
    /// can be read from the file, also from outside.
    pub(super) fn set_up(&self, address: Ipv4Addr) -> Result<File, LabError> {
        let made = enter(&self.name, || {
            without_ipv6()?;
            let device = device::open()?;
            if self.apart {
                take_own_packets()?;
            }
            Ok(device)
        });
        let device = made.flatten().map_err(LabError::NoTun)?;
        let apart = if self.apart {
            ask_first_for_the_way_apart()
        } else {
            String::new()
        };
        let lines = format!(
            "link set lo up\nlink set {DEVICE} mtu 1500 up\n{apart}{}",
            self.use_address(address)
        );
        batch(&["-n", &self.name, "-batch", "-"], &lines)?;
        Ok(device)
    }

    /// Exchanges its address. The old one goes first: nobody has both.
    pub(super) fn readdress(&self, address: Ipv4Addr) -> Result<(), LabError> {
        let lines = format!("addr flush dev {DEVICE}\n{}", self.use_address(address));
        batch(&["-n", &self.name, "-batch", "-"], &lines).map(drop)
    }

    /// Commands for `ip -batch`: an address, and everything else that way. Losing the last address takes the
    /// routes too.
    fn use_address(&self, address: Ipv4Addr) -> String {
        let mut lines =
            format!("addr add {address}/{PREFIX} dev {DEVICE}\nroute replace default dev {DEVICE}\n");
        if self.apart {
            lines += &format!("route replace {address} dev {DEVICE} table {APART}\n");
        }
        lines
    }

    /// Kills what runs in it, and waits for the end of it.
    pub(super) fn kill_all(&self) {
        kill_all(&self.name);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Commands for `ip -batch`: the table is asked first for what programs send. The kernel would look for its
/// own addresses before anything else, so that rule goes, and comes back in a later place.
fn ask_first_for_the_way_apart() -> String {
    format!(
        "rule add pref 1 iif lo ipproto udp lookup {APART}\nrule add pref 2 lookup local\nrule del pref 0\n"
    )
}

/// Lets the device of this thread's namespace deliver packets from the namespace's own address.
fn take_own_packets() -> io::Result<()> {
    fs::write(format!("/proc/sys/net/ipv4/conf/{DEVICE}/accept_local"), "1")?;
    for devices in ["all", DEVICE] {
        fs::write(format!("/proc/sys/net/ipv4/conf/{devices}/rp_filter"), "0")?;
    }
    Ok(())
}

/// Turns IPv6 off on the devices of this thread's namespace, now and later: the laboratory forwards none.
fn without_ipv6() -> io::Result<()> {
    for devices in ["all", "default"] {
        match fs::write(format!("/proc/sys/net/ipv6/conf/{devices}/disable_ipv6"), "1") {
            // A kernel without IPv6.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            written => written?,
        }
    }
    Ok(())
}

fn kill_all(namespace: &str) {
    let deadline = Instant::now() + PATIENCE;
    // What is being started at this moment is found at the next turn.
    loop {
        let processes = processes(namespace);
        if processes.is_empty() || Instant::now() > deadline {
            return;
        }
        for process in processes {
            // One that has ended by itself is as good.
            let _ = kill_process(process, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The processes in a namespace, but never this one.
fn processes(namespace: &str) -> Vec<Pid> {
    let listed = ip(&["netns", "pids", namespace]).unwrap_or_default();
    listed
        .lines()
        .filter_map(|line| Pid::from_raw(line.trim().parse().ok()?))
        .filter(|process| *process != getpid())
        .collect()
}
