//! What addresses hosts have, how they change, and how translators hide them.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;

use visavis_netlab::{Host, Nat};

use crate::support::*;

#[test]
fn each_host_has_a_loopback_of_its_own_and_no_ipv6() {
    let lab = start(three());
    let names = ["alice", "bob"];
    // Both have the same address, at the same time.
    let listeners = names.map(|name| {
        lab.host(name)
            .enter(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)))
            .unwrap()
    });
    for (name, listener) in names.iter().zip(&listeners) {
        let host = lab.host(name);
        let connection = host.connect((Ipv4Addr::LOCALHOST, 8080).into()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        assert_eq!(accepted.peer_addr().unwrap(), connection.local_addr().unwrap());
        // A kernel without IPv6 has no such file.
        match host.enter(|| fs::read_to_string("/proc/thread-self/net/if_inet6")) {
            Ok(addresses) => assert_eq!(addresses, ""),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
        }
    }
}

#[test]
fn a_host_that_moves_has_a_new_address_and_the_old_one_is_gone() {
    let lab = start(three());
    let (alice, bob) = (lab.host("alice"), lab.host("bob"));
    let (at_alice, at_bob) = (udp(&alice), udp(&bob));
    let (old, to_bob) = (address(&alice, &at_alice), address(&bob, &at_bob));
    assert!(reaches(&at_bob, &at_alice, old));

    let new = lab.readdress("alice").unwrap();
    assert_ne!(new, old.ip());
    assert_eq!(alice.address(), new);
    let shown = stdout(&alice, &["-o", "-4", "addr", "show", "dev", "lab0"]);
    assert!(shown.contains(&format!("inet {new}/")), "{shown}");
    assert!(!shown.contains(&format!("inet {}/", old.ip())), "{shown}");

    assert!(is_lost(&at_bob, &at_alice, old));
    assert!(reaches(&at_bob, &at_alice, address(&alice, &at_alice)));
    at_alice.send_to(b"?", to_bob).unwrap();
    assert_eq!(expect(&at_bob).1, address(&alice, &at_alice));
}

#[test]
fn programs_on_a_host_that_moves_are_told_so() {
    let lab = start(three());
    let alice = lab.host("alice");
    let old = alice.address();
    let mut monitor = alice
        .command("ip")
        .args(["monitor", "address"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(monitor.stdout.take().unwrap());
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || output.lines().try_for_each(|line| sender.send(line.unwrap())));
    let told = || lines.recv_timeout(PATIENCE).expect("it is told");
    // It listens when the kernel knows a netlink socket of its.
    wait_until("the monitor listens", || {
        let sockets = alice.enter(|| fs::read_to_string("/proc/thread-self/net/netlink"));
        let pid = monitor.id().to_string();
        sockets
            .unwrap()
            .lines()
            .any(|line| line.split_whitespace().nth(2) == Some(&pid))
    });
    let new = lab.readdress("alice").unwrap();
    let gone = told();
    let old_one = gone.starts_with("Deleted") && gone.contains(&format!("inet {old}/"));
    assert!(old_one, "{gone}");
    while !told().contains(&format!("inet {new}/")) {}
    monitor.kill().unwrap();
    monitor.wait().unwrap();
}

#[test]
fn what_is_on_its_way_to_a_host_that_moves_never_arrives() {
    let lab = start(three().rtt(400 * MS));
    let (alice, bob) = (lab.host("alice"), lab.host("bob"));
    let (at_alice, at_bob) = (udp(&alice), udp(&bob));
    at_bob.send_to(b"?", address(&alice, &at_alice)).unwrap();
    wait_until("it is sent", || lab.counters().host("bob").sent.packets > 0);
    lab.readdress("alice").unwrap();
    wait_until("it is dropped", || {
        lab.counters().pair("bob", "alice").dropped.packets == 1
    });
    expect_silence(&at_alice);
}

#[test]
fn through_a_cone_what_stun_finds_out_is_good_for_others() {
    let lab = start(three().nat("alice", Nat::Cone));
    let (alice, bob, server) = (lab.host("alice"), lab.host("bob"), lab.host("server"));
    let (at_alice, at_bob, at_server) = (udp(&alice), udp(&bob), udp(&server));
    let seen = seen_at(&at_alice, &at_server, address(&server, &at_server));
    assert_eq!(seen.ip(), alice.address());
    assert_ne!(alice.inner_address(), alice.address());

    // Unasked, nobody gets in. Once alice has sent to bob, he reaches her where the server has seen her.
    assert!(is_lost(&at_bob, &at_alice, seen));
    assert_eq!(seen_at(&at_alice, &at_bob, address(&bob, &at_bob)), seen);
    assert!(reaches(&at_bob, &at_alice, seen));
    let other_port = udp(&bob);
    assert!(is_lost(&other_port, &at_alice, seen), "port-restricted");
    assert!(reaches(&at_server, &at_alice, seen));
}

#[test]
fn through_a_symmetric_translator_what_stun_finds_out_is_good_for_nobody_else() {
    let lab = start(three().nat("alice", Nat::Symmetric));
    let (bob, server) = (lab.host("bob"), lab.host("server"));
    let (at_alice, at_bob, at_server) = (udp(&lab.host("alice")), udp(&bob), udp(&server));
    let by_server = seen_at(&at_alice, &at_server, address(&server, &at_server));
    let by_bob = seen_at(&at_alice, &at_bob, address(&bob, &at_bob));
    assert_ne!(by_server, by_bob);
    assert!(is_lost(&at_bob, &at_alice, by_server));
    assert!(reaches(&at_bob, &at_alice, by_bob));
    assert!(reaches(&at_server, &at_alice, by_server));
}

#[test]
fn tcp_and_ping_work_from_behind_a_translator_and_not_towards_it() {
    for kind in [Nat::Cone, Nat::Symmetric] {
        let lab = start(three().nat("alice", kind));
        let (alice, bob) = (lab.host("alice"), lab.host("bob"));
        let listener = bob.listen(0).unwrap();
        let at = (bob.address(), listener.local_addr().unwrap().port()).into();
        let mut connection = alice.connect(at).unwrap();
        let (mut accepted, from) = listener.accept().unwrap();
        assert_eq!(from.ip(), alice.address());
        // Both directions, in more than one packet.
        accepted.write_all(&[7; 20_000]).unwrap();
        drop(accepted);
        let mut received = Vec::new();
        connection.read_to_end(&mut received).unwrap();
        assert_eq!(received, [7; 20_000]);
        assert!(answers_ping(&alice, bob.address(), PATIENCE));

        let listener = alice.listen(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        for address in [alice.address(), alice.inner_address()] {
            let at = SocketAddr::from((address, port));
            assert!(bob.enter(|| TcpStream::connect_timeout(&at, SILENCE)).is_err());
            assert!(!answers_ping(&bob, address, SILENCE));
        }
    }
}

#[test]
fn a_translator_forgets_its_mappings_when_its_address_changes() {
    let lab = start(three().nat("alice", Nat::Cone));
    let (alice, bob) = (lab.host("alice"), lab.host("bob"));
    let (at_alice, at_bob) = (udp(&alice), udp(&bob));
    let to_bob = address(&bob, &at_bob);
    let old = seen_at(&at_alice, &at_bob, to_bob);
    let outer = lab.readdress("alice").unwrap();
    let new = (outer, old.port()).into();
    assert!(is_lost(&at_bob, &at_alice, old) && is_lost(&at_bob, &at_alice, new));
    assert_eq!(seen_at(&at_alice, &at_bob, to_bob).ip(), outer);
}

/// Sends a packet, and returns where it seems to come from.
fn seen_at(from: &std::net::UdpSocket, to: &std::net::UdpSocket, at: SocketAddr) -> SocketAddr {
    from.send_to(b"who am I?", at).unwrap();
    expect(to).1
}

/// What `ip` prints on a host.
fn stdout(host: &Host, arguments: &[&str]) -> String {
    let output = host.command("ip").args(arguments).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
