//! Nothing is left behind, and laboratories keep out of each other's way.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use visavis_netlab::{Lab, LabError};

use crate::support::*;

#[test]
fn dropping_a_laboratory_removes_its_namespaces_and_kills_what_runs_there() {
    let lab = start(three());
    let alice = lab.host("alice");
    let namespace = namespace_of(&lab, "alice");
    let mut child = alice.command("sleep").arg("60").spawn().unwrap();
    wait_until("it runs there", || {
        pids(&namespace).contains(&child.id().to_string())
    });
    drop(lab);
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert!(!namespaces().contains(&namespace));
    assert!(alice.listen(0).is_err(), "the host is gone");
}

#[test]
fn killing_a_child_kills_the_program_itself() {
    let lab = start(three());
    let namespace = namespace_of(&lab, "bob");
    let mut child = lab.host("bob").command("sleep").arg("60").spawn().unwrap();
    wait_until("it runs there", || pids(&namespace) == [child.id().to_string()]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(pids(&namespace), [""; 0]);
}

#[test]
fn work_on_a_host_returns_its_value_and_passes_its_panic_on() {
    let lab = start(three());
    let alice = lab.host("alice");
    let text = String::from("borrowed");
    assert_eq!(alice.enter(|| text.len()), 8);
    let panic = std::panic::catch_unwind(|| alice.enter(|| panic!("inside")));
    assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "inside");
}

#[test]
fn laboratories_at_the_same_time_do_not_meet() {
    let (one, two) = (start(three()), start(three()));
    let names = ["alice", "bob"];
    let [(alice_1, bob_1), (alice_2, bob_2)] = [&one, &two].map(|lab| {
        let [alice, bob] = names.map(|name| udp_at(&lab.host(name), 5000));
        (alice, bob)
    });
    let bob = address(&one.host("bob"), &bob_1);
    assert_eq!(bob, address(&two.host("bob"), &bob_2));
    alice_1.send_to(b"one", bob).unwrap();
    alice_2.send_to(b"two", bob).unwrap();
    assert_eq!(expect(&bob_1).0, b"one");
    assert_eq!(expect(&bob_2).0, b"two");
    drop(one);
    assert!(reaches(&alice_2, &bob_2, bob));
}

#[test]
fn a_name_is_taken_while_its_laboratory_runs() {
    let name = format!("taken{}", std::process::id());
    let first = start(three().name(&name));
    let error = three().name(&name).start().unwrap_err();
    assert!(matches!(error, LabError::AlreadyRunning { .. }), "{error}");
    drop(first);
    start(three().name(&name));
}

#[test]
fn a_laboratory_that_can_not_be_made_leaves_nothing() {
    // A namespace that is in the way of the second host.
    let name = format!("way{}", std::process::id());
    let blocker = format!("nl-{name}-bob");
    ip(&["netns", "add", &blocker]);
    let error = three().name(&name).start().unwrap_err();
    ip(&["netns", "del", &blocker]);
    assert!(error.to_string().starts_with("`ip netns add"), "{error}");
    assert!(!namespaces().iter().any(|namespace| namespace.contains(&name)));
    start(three().name(&name));
}

#[test]
fn while_a_packet_is_on_its_way_no_processor_is_busy() {
    let name = format!("idle{}", std::process::id());
    let lab = start(three().name(&name).rtt(3_600_000 * MS));
    let (alice, bob) = (udp(&lab.host("alice")), udp(&lab.host("bob")));
    alice.send_to(b"?", address(&lab.host("bob"), &bob)).unwrap();
    wait_until("it is sent", || lab.counters().host("alice").sent.packets > 0);
    let before = cpu_time(&name);
    thread::sleep(Duration::from_secs(1));
    let used = cpu_time(&name) - before;
    assert!(used < 100 * MS, "{used:?}");
}

/// How long a thread of this process has kept a processor busy.
fn cpu_time(thread: &str) -> Duration {
    let named =
        |task: &PathBuf| fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == thread);
    let mut tasks = fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|task| task.unwrap().path());
    let task = tasks.find(named).expect("the thread runs");
    let stat = fs::read_to_string(task.join("stat")).unwrap();
    // After the name in parentheses: the twelfth and thirteenth, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap();
    ticks * 10 * MS
}

/// The name of a host's namespace: the one in which the kernel says that its threads are.
fn namespace_of(lab: &Lab, host: &str) -> String {
    let host = lab.host(host);
    let output = host.command("ip").args(["netns", "identify"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn namespaces() -> Vec<String> {
    let listed = ip(&["netns", "list"]);
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn pids(namespace: &str) -> Vec<String> {
    ip(&["netns", "pids", namespace])
        .lines()
        .map(str::to_owned)
        .collect()
}

fn ip(arguments: &[&str]) -> String {
    let output = Command::new("ip").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
