//! Which laboratories there are on this machine, and what dead ones have left.
//!
//! Each has a file, named as it is, with one line for each of its hosts. Its owner holds a lock on it. The
//! kernel drops the lock when the owner dies, however it dies, and then the next laboratory clears up. A
//! number of a process would not tell as much: numbers are used again.

use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::namespace;
use crate::error::LabError;

/// Where the files are.
const DIRECTORY: &str = "/run/visavis-netlab";

/// Only one program at a time looks for what dead ones have left. No laboratory can have this name.
const TURN: &str = ".turn";

/// Counts the laboratories of this process.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// A laboratory's right to its name. Dropping it gives the name back; its namespaces must be gone by then.
#[derive(Debug)]
pub(super) struct Claim {
    lab: String,
    file: File,
}

impl Claim {
    /// Claims a name, or one that nobody else has, after clearing up what dead laboratories have left.
    pub(super) fn new(name: Option<&str>, hosts: &[(String, Ipv4Addr)]) -> Result<Self, LabError> {
        let lab = name.map_or_else(own_name, str::to_owned);
        let _turn = take_turn().map_err(|error| failed("use", &directory(), error))?;
        clear_up().map_err(|error| failed("read", &directory(), error))?;
        let path = file_of(&lab);
        let open = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = open.map_err(|error| failed("write", &path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner = read(&path).map_or_else(|_| "by another program".into(), |state| state.owner);
                return Err(LabError::AlreadyRunning { name: lab, owner });
            }
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path, error)),
        }
        let mut claim = Self { lab, file };
        claim.write(hosts)?;
        Ok(claim)
    }

    /// The laboratory's name.
    pub(super) fn lab(&self) -> &str {
        &self.lab
    }

    /// Writes the hosts down. Always with the same length, so that nobody ever reads half of it.
    pub(super) fn write(&mut self, hosts: &[(String, Ipv4Addr)]) -> Result<(), LabError> {
        let mut text = format!("process {}\n", std::process::id());
        for (name, address) in hosts {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{name} {:<15}", address.to_string());
        }
        self.file
            .write_all_at(text.as_bytes(), 0)
            .map_err(|error| failed("write", &file_of(&self.lab), error))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Before the lock goes, so that nobody takes it for one that is left over. If it can't be removed,
        // the next laboratory does it.
        let _ = fs::remove_file(file_of(&self.lab));
    }
}

/// The hosts of a running laboratory, with the addresses at which others see them.
pub(super) fn running(lab: &str) -> Result<Vec<(String, Ipv4Addr)>, LabError> {
    let not_running = || LabError::NotRunning(lab.to_owned());
    // A name that no laboratory can have is not looked for in other directories.
    if lab.contains(['/', '.']) {
        return Err(not_running());
    }
    let path = file_of(lab);
    match is_dead(&path) {
        Ok(None) => Ok(read(&path).map_err(|error| failed("read", &path, error))?.hosts),
        Ok(Some(_)) => Err(not_running()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(not_running()),
        Err(error) => Err(failed("read", &path, error)),
    }
}

/// A name for a laboratory that did not get one.
fn own_name() -> String {
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", std::process::id())
}

/// Waits until no other program is clearing up or starting. The turn ends with the file.
fn take_turn() -> io::Result<File> {
    fs::create_dir_all(DIRECTORY)?;
    let file = File::create(directory().join(TURN))?;
    file.lock()?;
    Ok(file)
}

/// Removes what is left of laboratories whose owners are dead.
fn clear_up() -> io::Result<()> {
    for entry in fs::read_dir(DIRECTORY)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(lab) = name.to_str().filter(|name| *name != TURN) else {
            continue;
        };
        let dead = match is_dead(&path) {
            Ok(dead) => dead,
            // It has just ended, and put everything away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if let Some(_lock) = dead {
            for (host, _) in read(&path).map(|state| state.hosts).unwrap_or_default() {
                namespace::remove(&namespace::name_of(lab, &host));
            }
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The lock of a laboratory whose owner is dead; `None` if it lives.
fn is_dead(path: &Path) -> io::Result<Option<File>> {
    let file = File::open(path)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// What a laboratory's file says.
struct State {
    owner: String,
    hosts: Vec<(String, Ipv4Addr)>,
}

fn read(path: &Path) -> io::Result<State> {
    let text = fs::read_to_string(path)?;
    let mut lines = text.lines();
    let owner = lines.next().unwrap_or_default().to_owned();
    let host = |line: &str| {
        let (name, address) = line.split_once(' ')?;
        Some((name.to_owned(), address.trim().parse().ok()?))
    };
    Ok(State {
        owner,
        hosts: lines.filter_map(host).collect(),
    })
}

fn directory() -> PathBuf {
    PathBuf::from(DIRECTORY)
}

fn file_of(lab: &str) -> PathBuf {
    directory().join(lab)
}

fn failed(what: &str, path: &Path, error: io::Error) -> LabError {
    LabError::System {
        doing: format!("{what} {}", path.display()),
        error,
    }
}
