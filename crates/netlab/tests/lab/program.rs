//! The program `netlab`, as a person or a script uses it.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::*;

#[test]
fn it_tells_its_hosts_and_does_what_it_is_told() {
    let mut lab = Up::start("told", &["--rtt", "20", "--nat", "bob=cone,alice=symmetric"]);
    assert_eq!(
        lab.hosts,
        [
            "host alice 10.99.0.1",
            "host bob 10.99.0.2",
            "host server 10.99.0.3"
        ]
    );
    for (command, answer) in [
        ("rtt 100", "ok rtt 100"),
        ("jitter 2.5", "ok jitter 2.5"),
        ("loss alice bob 10", "ok loss 10 between alice and bob"),
        ("rate 0", "ok rate 0"),
        ("reset alice bob", "ok between alice and bob it is as everywhere"),
        ("cut alice", "ok alice is off the network"),
        ("join alice", "ok alice is on the network"),
        ("cut alice server", "ok alice and server can't reach each other"),
        ("join alice server", "ok alice and server are linked"),
        ("block alice udp", "ok blocked: alice udp"),
        ("unblock alice udp", "ok no longer blocked: alice udp"),
        (
            "unblock alice udp",
            "error nothing is blocked by exactly: alice udp",
        ),
        ("readdress alice", "ok alice 10.99.1.1"),
        ("hosts", "ok alice 10.99.1.1, bob 10.99.0.2, server 10.99.0.3"),
        (
            "counters alice bob",
            "ok from alice to bob: delivered 0 packets 0 bytes, dropped 0 packets 0 bytes",
        ),
        (
            "cut carol",
            "error There is no host \"carol\". There are: alice, bob, server.",
        ),
        (
            "block carol udp",
            "error There is no host \"carol\". There are: alice, bob, server.",
        ),
        ("cut alice alice", "error alice and alice are the same host"),
        (
            "loss 101",
            "error \"101\" is no percentage; it goes from 0 to 100",
        ),
        ("dance", "error \"dance\" is not a command; `help` lists them"),
    ] {
        assert_eq!(lab.ask(command), answer, "{command}");
    }
    assert!(lab.ask("counters").starts_with("ok alice: sent "));
    let mut line = lab.ask("help");
    while line != "ok" {
        assert!(!line.starts_with("error"), "{line}");
        line = lab.line();
    }
}

#[test]
fn other_programs_find_its_hosts() {
    let mut lab = Up::start("found", &[]);
    assert_eq!(
        text(&netlab(&["address", "--name", &lab.name, "bob"])),
        "10.99.0.2\n"
    );
    lab.ask("readdress bob");
    assert_eq!(
        text(&netlab(&["address", "--name", &lab.name, "bob"])),
        "10.99.1.2\n"
    );
    let shown = netlab(&[
        "exec", "--name", &lab.name, "bob", "ip", "-4", "addr", "show", "lab0",
    ]);
    assert!(text(&shown).contains("inet 10.99.1.2/16"));
    let status = netlab(&["exec", "--name", &lab.name, "bob", "sh", "-c", "exit 7"]).status;
    assert_eq!(status.code(), Some(7));
    let error = netlab(&["address", "--name", &lab.name, "carol"]).stderr;
    assert!(
        String::from_utf8(error)
            .unwrap()
            .starts_with("error: There is no host \"carol\"")
    );
    let error = netlab(&["address", "--name", "nowhere", "bob"]).stderr;
    let expected = "error: No laboratory named \"nowhere\" is running. \
                    Start one: `cargo xtask netlab up --name nowhere`.\n";
    assert_eq!(String::from_utf8(error).unwrap(), expected);
}

#[test]
fn it_ends_with_its_input_and_leaves_nothing() {
    let mut lab = Up::start("ends", &[]);
    let mut sleeper = lab.exec("alice", &["sleep", "60"]);
    drop(lab.commands.take());
    assert!(lab.program.wait().unwrap().success());
    assert!(!sleeper.wait().unwrap().success());
    assert_eq!(namespaces_of(&lab.name), [""; 0]);
}

#[test]
fn a_signal_ends_it_and_nothing_is_left() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut lab = Up::start("signal", &["--wait"]);
        let mut twin = Up::start("twin", &[]);
        drop(lab.commands.take());
        drop(twin.commands.take());
        twin.program.wait().unwrap();
        assert_eq!(lab.program.try_wait().unwrap(), None, "--wait");
        kill_process(Pid::from_child(&lab.program), signal).unwrap();
        assert!(lab.program.wait().unwrap().success());
        assert_eq!(namespaces_of(&lab.name), [""; 0]);
    }
}

#[test]
fn what_a_killed_laboratory_leaves_goes_when_the_next_one_starts() {
    let living = Up::start("living", &[]);
    let mut dead = Up::start("dead", &[]);
    let mut sleeper = dead.exec("alice", &["sleep", "60"]);
    dead.program.kill().unwrap();
    dead.program.wait().unwrap();
    // Somebody else's laboratory may be clearing up at this moment; what counts is the end.
    drop(start(three()));
    assert_eq!(namespaces_of(&dead.name), [""; 0]);
    assert!(!sleeper.wait().unwrap().success());
    assert_eq!(namespaces_of(&living.name).len(), 3);
}

#[test]
fn an_ordinary_user_is_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("netlab");
    fs::copy(env!("CARGO_BIN_EXE_netlab"), &program).unwrap();
    let output = Command::new(program)
        .arg("up")
        .stdin(Stdio::null())
        .current_dir(folder.path())
        .uid(65534)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("sudo -E cargo xtask test"), "{error}");
}

/// A running `netlab up`. Dropping it kills it.
struct Up {
    name: String,
    program: Child,
    commands: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    hosts: Vec<String>,
}

impl Up {
    fn start(name: &str, arguments: &[&str]) -> Self {
        // Tests of another checkout may run at the same time.
        let name = format!("{name}-{}", std::process::id());
        let mut program = Command::new(env!("CARGO_BIN_EXE_netlab"))
            .args(["up", "--name", &name])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(program.stdout.take().unwrap()).lines();
        let ready = answers.next().expect("it starts").unwrap();
        assert_eq!(ready, "ready");
        let hosts = answers.by_ref().take(3).map(Result::unwrap).collect();
        Self {
            name,
            commands: program.stdin.take(),
            program,
            answers,
            hosts,
        }
    }

    /// The first line of the answer to a command.
    fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        self.line()
    }

    fn line(&mut self) -> String {
        self.answers.next().expect("it answers").unwrap()
    }

    /// A program on a host, running by now.
    fn exec(&self, host: &str, command: &[&str]) -> Child {
        let child = Command::new(env!("CARGO_BIN_EXE_netlab"))
            .args(["exec", "--name", &self.name, host])
            .args(command)
            .spawn()
            .unwrap();
        let comm = format!("/proc/{}/comm", child.id());
        wait_until("the program runs", || {
            fs::read_to_string(&comm).is_ok_and(|name| name.trim() == command[0] || name.is_empty())
        });
        child
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // At the end of its input, it puts everything away.
        drop(self.commands.take());
        let _ = kill_process(Pid::from_child(&self.program), Signal::TERM);
        let _ = self.program.wait();
    }
}

fn netlab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netlab"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn namespaces_of(lab: &str) -> Vec<String> {
    let listed = Command::new("ip")
        .args(["netns", "list"])
        .output()
        .unwrap()
        .stdout;
    let listed = String::from_utf8(listed).unwrap();
    listed
        .lines()
        .filter(|line| line.contains(lab))
        .map(str::to_owned)
        .collect()
}
