//! The program itself, in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use tempfile::NamedTempFile;

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_visavis-relay"))
}

/// What a program that refuses to start writes.
pub(crate) fn fails(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

/// A program at work. It ends with the test, however that ends.
pub(crate) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    log: NamedTempFile,
    pub(crate) address: SocketAddr,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        // A file never fills up, as a pipe does that nobody reads.
        let log = NamedTempFile::new().unwrap();
        let mut command = program();
        command.args(["--port", "0"]).args(arguments);
        command.stdout(Stdio::piped()).stderr(log.reopen().unwrap());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap();
        let address = url
            .strip_prefix("http://")
            .and_then(|url| url.strip_suffix('/'))
            .unwrap();
        Self {
            child,
            stdout,
            log,
            address: address.parse().unwrap(),
        }
    }

    /// Ends it by a signal, as a service manager does; returns its log.
    pub(crate) fn stop(mut self, signal: &str) -> String {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line on stdout, no more");
        std::fs::read_to_string(self.log.path()).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
