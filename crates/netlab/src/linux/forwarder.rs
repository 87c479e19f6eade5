//! The thread that carries packets: from the hosts' devices into the [network](crate::network), and back when
//! they have arrived. It sleeps until there is a packet to read or one to deliver.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use crate::lab::Shared;
use crate::link::Moment;

/// How many packets of one host are read before the next host's turn.
const BATCH: usize = 64;

/// More than any packet of a device with an MTU of 1500.
const LARGEST: usize = 2048;

/// The running thread. Dropping it ends it, and with it the devices.
#[derive(Debug)]
pub(super) struct Forwarder {
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Forwarder {
    /// Starts to carry packets; the devices are in the order of the network's hosts. The thread has the
    /// laboratory's name, as far as the kernel has room for it.
    pub(super) fn start(lab: &str, devices: Vec<File>, network: Arc<Shared>) -> io::Result<Self> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
        let carrier = Carrier {
            devices: devices.into_iter().map(Some).collect(),
            network,
            start: Instant::now(),
            stop: Arc::clone(&stop),
        };
        let thread = thread::Builder::new()
            .name(lab.to_owned())
            .spawn(move || carrier.run())?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        // An event of 8 bytes always fits, as it is the only one.
        let _ = rustix::io::write(&*self.stop, &1u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            // If it has panicked, it has said so.
            let _ = thread.join();
        }
    }
}

struct Carrier {
    /// `None` for a device that is gone: somebody has removed the namespace by hand.
    devices: Vec<Option<File>>,
    network: Arc<Shared>,
    start: Instant,
    stop: Arc<OwnedFd>,
}

impl Carrier {
    fn run(mut self) {
        while let Some(ready) = self.wait() {
            for host in ready {
                self.take_from(host);
            }
            self.deliver();
        }
    }

    /// Sleeps until something is to be done. The hosts that have sent; `None` at the end.
    fn wait(&mut self) -> Option<Vec<usize>> {
        let due = self.network.lock().next_arrival();
        let timeout = due.map(|due| timespec(due.saturating_sub(self.now())));
        let mut hosts = Vec::new();
        let mut events = vec![PollFd::new(&*self.stop, PollFlags::IN)];
        for (host, device) in self.devices.iter().enumerate() {
            if let Some(device) = device {
                hosts.push(host);
                events.push(PollFd::new(device, PollFlags::IN));
            }
        }
        match poll(&mut events, timeout.as_ref()) {
            // Interrupted by a signal that is somebody else's.
            Err(_) => return Some(Vec::new()),
            Ok(_) if !events[0].revents().is_empty() => return None,
            Ok(_) => {}
        }
        let events: Vec<PollFlags> = events[1..].iter().map(PollFd::revents).collect();
        let mut ready = Vec::new();
        for (host, event) in hosts.into_iter().zip(events) {
            if event.contains(PollFlags::IN) {
                ready.push(host);
            } else if !event.is_empty() {
                // Asking it again would spin.
                self.devices[host] = None;
            }
        }
        Some(ready)
    }

    /// Puts what a host has sent onto the network.
    fn take_from(&self, host: usize) {
        let Some(mut device) = self.devices[host].as_ref() else {
            return;
        };
        let mut packets = Vec::new();
        let mut buffer = [0; LARGEST];
        while packets.len() < BATCH {
            match device.read(&mut buffer) {
                Ok(length) => packets.push(buffer[..length].to_vec()),
                // Mostly: there is no more.
                Err(_) => break,
            }
        }
        let now = self.now();
        let mut network = self.network.lock();
        for packet in packets {
            network.send(now, host, packet);
        }
    }

    /// Hands over what has arrived.
    fn deliver(&self) {
        let now = self.now();
        let arrived: Vec<_> = {
            let mut network = self.network.lock();
            std::iter::from_fn(|| network.arrived(now)).collect()
        };
        for (host, packet) in arrived {
            if let Some(mut device) = self.devices[host].as_ref() {
                // A kernel that does not want it has its reasons, as on any network.
                let _ = device.write(packet.bytes());
            }
        }
    }

    fn now(&self) -> Moment {
        self.start.elapsed()
    }
}

/// A time that `poll` understands. A century is as good as for ever.
fn timespec(duration: Duration) -> Timespec {
    const CENTURY: Duration = Duration::from_secs(3_155_760_000);
    Timespec::try_from(duration.min(CENTURY)).expect("a century is not too long")
}
