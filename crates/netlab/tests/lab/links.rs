//! Distance, jitter, loss and rates; and that all kinds of traffic get through.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use visavis_netlab::Host;

use crate::support::*;

#[test]
fn hosts_reach_each_other_by_udp_tcp_and_ping() {
    let lab = start(three());
    let (alice, bob) = (lab.host("alice"), lab.host("bob"));
    let (from, to) = (udp(&alice), udp(&bob));
    from.send_to(b"hello", address(&bob, &to)).unwrap();
    assert_eq!(expect(&to), (b"hello".to_vec(), address(&alice, &from)));

    let (mut out, mut back) = connected(&alice, &bob);
    out.write_all(b"hello").unwrap();
    let mut text = [0; 5];
    back.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"hello");
    assert_eq!(back.peer_addr().unwrap().ip(), alice.address());

    assert!(answers_ping(&alice, bob.address(), PATIENCE));
}

#[test]
fn each_direction_takes_half_of_the_round_trip() {
    let lab = start(three().rtt(100 * MS));
    let (alice, bob) = (udp(&lab.host("alice")), udp(&lab.host("bob")));
    let to_bob = address(&lab.host("bob"), &bob);
    let there = |alice: &UdpSocket| {
        let begin = Instant::now();
        alice.send_to(b"?", to_bob).unwrap();
        let (_, from) = expect(&bob);
        (begin.elapsed(), from)
    };
    let (one_way, from) = there(&alice);
    assert!(one_way >= 50 * MS, "{one_way:?}");
    let begin = Instant::now();
    bob.send_to(b"!", from).unwrap();
    expect(&alice);
    assert!(begin.elapsed() >= 50 * MS, "{:?}", begin.elapsed());

    lab.set_rtt(400 * MS);
    assert!(there(&alice).0 >= 200 * MS);
    lab.set_pair_rtt("bob", "alice", 600 * MS);
    assert!(there(&alice).0 >= 300 * MS);
    // Machines are late, but not for ever: the least of some journeys tells that the distance is gone.
    lab.set_rtt(Duration::ZERO);
    lab.reset_pair("alice", "bob");
    wait_until("a journey takes no time", || there(&alice).0 < 50 * MS);
}

#[test]
fn programs_that_are_apart_meet_over_the_network() {
    let lab = start(three().apart("alice").rtt(100 * MS));
    let takes = |name: &str| {
        let host = lab.host(name);
        let (one, other) = (udp(&host), udp(&host));
        let begin = Instant::now();
        one.send_to(b"?", address(&host, &other)).unwrap();
        assert_eq!(expect(&other), (b"?".to_vec(), address(&host, &one)));
        begin.elapsed()
    };
    let counted = |name: &str| lab.counters().pair(name, name).delivered.packets;
    assert!(takes("alice") >= 50 * MS);
    assert_eq!(counted("alice"), 1);
    takes("bob");
    assert_eq!(counted("bob"), 0, "others stay on their host");

    lab.readdress("alice").unwrap();
    assert!(takes("alice") >= 50 * MS);
    assert_eq!(counted("alice"), 2);

    // What is not UDP, or not for the network, stays as well; and others are still reached.
    let alice = lab.host("alice");
    connected(&alice, &alice).0.write_all(b"hello").unwrap();
    let [one, other] = [(), ()].map(|()| alice.enter(|| UdpSocket::bind("127.0.0.1:0")).unwrap());
    one.send_to(b"?", other.local_addr().unwrap()).unwrap();
    expect(&other);
    assert_eq!(counted("alice"), 2);
    let (at_alice, at_bob) = (udp(&alice), udp(&lab.host("bob")));
    assert!(reaches(&at_alice, &at_bob, address(&lab.host("bob"), &at_bob)));
    assert!(reaches(&at_bob, &at_alice, address(&alice, &at_alice)));

    lab.set_pair_loss("alice", "alice", 100.0);
    let (one, other) = (udp(&alice), udp(&alice));
    assert!(is_lost(&one, &other, address(&alice, &other)));
}

#[test]
fn jitter_does_not_change_the_order() {
    let lab = start(three().rtt(20 * MS).jitter(20 * MS));
    let (alice, bob) = (udp(&lab.host("alice")), udp(&lab.host("bob")));
    let to = address(&lab.host("bob"), &bob);
    for number in 0..100u8 {
        alice.send_to(&[number], to).unwrap();
        thread::sleep(MS);
    }
    let order: Vec<u8> = (0..100).map(|_| expect(&bob).0[0]).collect();
    assert_eq!(order, (0..100).collect::<Vec<_>>());
}

#[test]
fn every_packet_is_counted_as_delivered_or_dropped() {
    const SENT: u64 = 400;
    let lab = start(three().loss(50.0));
    let (alice, bob) = (udp(&lab.host("alice")), udp(&lab.host("bob")));
    let to = address(&lab.host("bob"), &bob);
    for _ in 0..SENT {
        alice.send_to(&[0; 72], to).unwrap();
        thread::sleep(MS / 10);
    }
    let pair = || lab.counters().pair("alice", "bob");
    wait_until("all are counted", || {
        pair().delivered.packets + pair().dropped.packets == SENT
    });
    let delivered = pair().delivered;
    assert!(
        (SENT / 4..SENT * 3 / 4).contains(&delivered.packets),
        "{delivered:?}"
    );
    assert_eq!(delivered.bytes, delivered.packets * 100);
    for _ in 0..delivered.packets {
        expect(&bob);
    }
    expect_silence(&bob);
    assert_eq!(lab.counters().host("bob").received, delivered);

    lab.set_loss(0.0);
    lab.set_pair_loss("alice", "bob", 100.0);
    assert!(is_lost(&alice, &bob, to));
    lab.reset_pair("alice", "bob");
    assert!(reaches(&alice, &bob, to));
}

#[test]
fn a_rate_makes_packets_wait_and_a_full_queue_drops_them() {
    const SENT: u32 = 50;
    let lab = start(three().rate(Some(1000)));
    let (alice, bob) = (udp(&lab.host("alice")), udp(&lab.host("bob")));
    let to = address(&lab.host("bob"), &bob);
    let begin = Instant::now();
    for _ in 0..SENT {
        alice.send_to(&[0; 972], to).unwrap();
    }
    for _ in 0..SENT {
        expect(&bob);
    }
    // A packet of 1000 bytes takes 8 ms.
    assert!(begin.elapsed() >= SENT * 8 * MS, "{:?}", begin.elapsed());

    let lab = start(three().rate(Some(8)).queue(3000));
    let (alice, bob) = (udp(&lab.host("alice")), udp(&lab.host("bob")));
    let to = address(&lab.host("bob"), &bob);
    for _ in 0..20 {
        alice.send_to(&[0; 972], to).unwrap();
    }
    let pair = || lab.counters().pair("alice", "bob");
    // A packet takes a second: some wait, and the others find no room.
    wait_until("some are dropped", || pair().dropped.packets >= 10);
}

#[test]
fn a_large_transfer_arrives_whole() {
    const BYTES: usize = 20_000_000;
    let lab = start(three().rtt(2 * MS));
    let (mut out, mut back) = connected(&lab.host("alice"), &lab.host("bob"));
    let sender = thread::spawn(move || out.write_all(&vec![7; BYTES]));
    let mut received = Vec::new();
    back.read_to_end(&mut received).unwrap();
    sender.join().unwrap().unwrap();
    assert!(received.len() == BYTES && received.iter().all(|byte| *byte == 7));
}

/// Both ends of a connection.
fn connected(from: &Host, to: &Host) -> (TcpStream, TcpStream) {
    let listener = to.listen(0).unwrap();
    let at = (to.address(), listener.local_addr().unwrap().port()).into();
    let out = from.connect(at).unwrap();
    (out, listener.accept().unwrap().0)
}
