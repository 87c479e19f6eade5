use std::net::SocketAddrV4;
use std::time::Duration;

use super::*;
use crate::block::Protocol;
use crate::packet::{ICMP, TCP, tests as build};

const ALICE: usize = 0;
const BOB: usize = 1;
const SERVER: usize = 2;
const MS: Duration = Duration::from_millis(1);
const LATER: Moment = Duration::from_secs(3600);

fn network(settings: Settings) -> Network {
    translated(settings, None)
}

/// A network in which alice is behind a translator.
fn translated(settings: Settings, nat: Option<Nat>) -> Network {
    let hosts = [("alice", nat), ("bob", None), ("server", None)];
    let hosts = hosts.map(|(name, nat)| (name.to_owned(), nat)).to_vec();
    Network::new(hosts, settings, 1)
}

fn far() -> Settings {
    Settings {
        rtt: 100 * MS,
        ..Settings::default()
    }
}

/// A packet as a host sends it to the address at which others see somebody.
fn udp(network: &Network, from: usize, to: usize) -> Vec<u8> {
    packet(network, crate::packet::UDP, from, to)
}

fn packet(network: &Network, protocol: u8, from: usize, to: usize) -> Vec<u8> {
    let from = SocketAddrV4::new(network.inner(from), 5000);
    let to = SocketAddrV4::new(network.outer(to), 6000);
    build::packet(protocol, from, to, b"payload!").bytes().to_vec()
}

/// Sends one UDP packet now; whether it arrives at some time.
fn passes(network: &mut Network, from: usize, to: usize) -> bool {
    let bytes = udp(network, from, to);
    network.send(Moment::ZERO, from, bytes);
    network.arrived(LATER).is_some_and(|(host, _)| host == to)
}

#[test]
fn a_packet_arrives_after_half_of_the_round_trip_and_not_before() {
    let mut network = network(far());
    let bytes = udp(&network, ALICE, BOB);
    network.send(10 * MS, ALICE, bytes.clone());
    assert_eq!(network.next_arrival(), Some(60 * MS));
    assert_eq!(network.arrived(59 * MS), None);
    let (host, packet) = network.arrived(60 * MS).unwrap();
    assert_eq!((host, packet.bytes()), (BOB, &bytes[..]));
    assert_eq!(network.next_arrival(), None);
}

#[test]
fn no_packet_overtakes_another_of_its_pair() {
    let mut network = network(Settings {
        jitter: 100 * MS,
        ..far()
    });
    for number in 0..200 {
        let mut bytes = udp(&network, ALICE, BOB);
        bytes[35] = number;
        network.send(Duration::from_millis(number.into()), ALICE, bytes);
    }
    // A shorter way does not help either.
    network.settings.rtt = Duration::ZERO;
    let mut last = udp(&network, ALICE, BOB);
    last[35] = 200;
    network.send(201 * MS, ALICE, last);
    let order: Vec<u8> = std::iter::from_fn(|| network.arrived(LATER))
        .map(|(_, packet)| packet.bytes()[35])
        .collect();
    assert_eq!(order, (0..=200).collect::<Vec<_>>());
}

#[test]
fn lost_packets_are_counted() {
    let mut network = network(Settings {
        loss: 50.0,
        ..Settings::default()
    });
    let arrived = (0..1000).filter(|_| passes(&mut network, ALICE, BOB)).count() as u64;
    assert!((400..600).contains(&arrived), "{arrived}");
    let counters = network.counters();
    let pair = counters.pair("alice", "bob");
    assert_eq!(pair.delivered.packets, arrived);
    assert_eq!(pair.dropped.packets, 1000 - arrived);
    assert_eq!(pair.delivered.bytes, arrived * 36);
    assert_eq!(counters.host("alice").sent.packets, 1000);
    assert_eq!(counters.host("alice").dropped, pair.dropped);
    assert_eq!(counters.host("bob").received, pair.delivered);
    assert_eq!(counters.pair("bob", "alice"), PairCounters::default());
}

#[test]
fn what_a_host_sends_to_itself_is_late_and_meets_no_translator() {
    for nat in [None, Some(Nat::Symmetric)] {
        let mut network = translated(far(), nat);
        let inner = network.inner(ALICE);
        let bytes = build::packet(
            crate::packet::UDP,
            SocketAddrV4::new(inner, 5000),
            SocketAddrV4::new(inner, 6000),
            b"payload!",
        );
        network.send(Moment::ZERO, ALICE, bytes.bytes().to_vec());
        assert_eq!(network.next_arrival(), Some(50 * MS));
        let (host, arrived) = network.arrived(50 * MS).unwrap();
        assert_eq!((host, arrived.bytes()), (ALICE, bytes.bytes()));
        assert_eq!(network.counters().pair("alice", "alice").delivered.packets, 1);
    }
}

#[test]
fn a_cut_host_reaches_nobody_until_it_joins() {
    let mut network = network(far());
    network.cut(ALICE);
    assert!(!passes(&mut network, ALICE, BOB));
    assert!(!passes(&mut network, SERVER, ALICE));
    assert!(passes(&mut network, SERVER, BOB));
    network.join(ALICE);
    assert!(passes(&mut network, ALICE, BOB));
}

#[test]
fn a_cut_pair_still_reaches_everybody_else() {
    let mut network = network(far());
    network.cut_pair(ALICE, SERVER);
    assert!(!passes(&mut network, ALICE, SERVER));
    assert!(!passes(&mut network, SERVER, ALICE));
    assert!(passes(&mut network, ALICE, BOB));
    assert!(passes(&mut network, BOB, SERVER));
    network.join_pair(SERVER, ALICE);
    assert!(passes(&mut network, ALICE, SERVER));
}

/// Sends a packet each way between alice and bob, then does something; how many arrive.
fn arriving_after(change: impl FnOnce(&mut Network)) -> usize {
    let mut network = network(far());
    for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
        let bytes = udp(&network, from, to);
        network.send(Moment::ZERO, from, bytes);
    }
    change(&mut network);
    std::iter::from_fn(|| network.arrived(LATER)).count()
}

#[test]
fn what_is_on_the_way_is_lost_with_the_link_even_if_that_comes_back_at_once() {
    assert_eq!(arriving_after(|_| ()), 2);
    assert_eq!(arriving_after(|network| network.readdress(ALICE)), 0);
    assert_eq!(
        arriving_after(|network| {
            network.cut(BOB);
            network.join(BOB);
        }),
        0
    );
    assert_eq!(
        arriving_after(|network| {
            network.cut_pair(ALICE, BOB);
            network.join_pair(ALICE, BOB);
        }),
        0
    );
    assert_eq!(arriving_after(|network| network.readdress(SERVER)), 2);
}

#[test]
fn blocked_traffic_is_stopped_also_on_its_way() {
    let rule = Rule {
        protocol: Protocol::Udp,
        host: ALICE,
        peer: None,
        port: None,
    };
    assert_eq!(arriving_after(|network| network.block(rule)), 0);
    let mut network = network(far());
    network.block(rule);
    network.block(rule);
    assert!(!passes(&mut network, BOB, ALICE));
    for protocol in [TCP, ICMP] {
        let bytes = packet(&network, protocol, ALICE, BOB);
        network.send(Moment::ZERO, ALICE, bytes);
        assert!(network.arrived(LATER).is_some());
    }
    assert!(network.unblock(rule));
    assert!(!network.unblock(rule));
    assert!(passes(&mut network, BOB, ALICE));
}

#[test]
fn after_a_move_the_old_address_is_gone_at_both_ends() {
    let mut network = network(far());
    let (to_old, from_old) = (udp(&network, BOB, ALICE), udp(&network, ALICE, BOB));
    let old = network.outer(ALICE);
    network.readdress(ALICE);
    assert_ne!(network.outer(ALICE), old);
    network.send(Moment::ZERO, BOB, to_old);
    network.send(Moment::ZERO, ALICE, from_old);
    assert_eq!(network.arrived(LATER), None);
    assert_eq!(network.counters().host("bob").dropped.packets, 1);
    assert!(passes(&mut network, BOB, ALICE) && passes(&mut network, ALICE, BOB));
}

#[test]
fn a_host_may_move_for_ever() {
    let mut network = network(far());
    for _ in 0..1000 {
        let old = network.outer(ALICE);
        network.readdress(ALICE);
        assert_ne!(network.outer(ALICE), old);
    }
}

#[test]
fn a_rate_is_shared_by_what_a_host_sends_unless_a_pair_has_its_own() {
    let mut network = network(Settings {
        rate: Some(8), // a byte a millisecond
        ..Settings::default()
    });
    let arrival = |network: &mut Network, to| {
        let bytes = udp(network, ALICE, to);
        network.send(Moment::ZERO, ALICE, bytes);
        let arrivals = network.on_the_way.iter().map(|Reverse(flight)| flight.due);
        arrivals.max().unwrap()
    };
    assert_eq!(arrival(&mut network, BOB), 36 * MS);
    assert_eq!(arrival(&mut network, SERVER), 72 * MS);
    network.override_pair(ALICE, BOB, |overrides| overrides.rate = Some(Some(1)));
    assert_eq!(arrival(&mut network, BOB), 288 * MS);
    network.on_the_way.clear();
    assert_eq!(arrival(&mut network, SERVER), 108 * MS);
}

#[test]
fn a_pair_may_differ_from_the_others_in_both_directions() {
    let mut network = network(far());
    network.override_pair(BOB, ALICE, |overrides| overrides.loss = Some(100.0));
    assert!(!passes(&mut network, ALICE, BOB) && !passes(&mut network, BOB, ALICE));
    assert!(passes(&mut network, ALICE, SERVER));
    network.override_pair(ALICE, BOB, |overrides| *overrides = Overrides::default());
    assert!(passes(&mut network, ALICE, BOB));
}

#[test]
fn behind_a_translator_a_host_is_seen_at_its_public_address_and_gets_answers() {
    for kind in [Nat::Cone, Nat::Symmetric] {
        let mut network = translated(far(), Some(kind));
        assert_ne!(network.inner(ALICE), network.outer(ALICE));
        assert!(!passes(&mut network, BOB, ALICE), "{kind:?}: nobody asked for it");
        let bytes = udp(&network, ALICE, BOB);
        network.send(Moment::ZERO, ALICE, bytes);
        let (_, seen) = network.arrived(LATER).unwrap();
        let (alice, bob) = seen.endpoints(End::Source, End::Destination).unwrap();
        assert_eq!(*alice.ip(), network.outer(ALICE));
        let answer = build::udp(bob, alice).bytes().to_vec();
        network.send(Moment::ZERO, BOB, answer);
        let (to, answer) = network.arrived(LATER).unwrap();
        assert_eq!(to, ALICE);
        let home = SocketAddrV4::new(network.inner(ALICE), 5000);
        assert_eq!(answer.endpoints(End::Destination, End::Source).unwrap().0, home);
    }
}

#[test]
fn what_nobody_can_deliver_is_counted_against_its_sender() {
    let mut network = network(far());
    let nowhere = SocketAddrV4::new(Ipv4Addr::new(224, 0, 0, 251), 5353);
    let bytes = build::udp(SocketAddrV4::new(network.inner(ALICE), 5000), nowhere);
    network.send(Moment::ZERO, ALICE, bytes.bytes().to_vec());
    network.send(Moment::ZERO, ALICE, vec![0x60; 40]);
    assert_eq!(network.next_arrival(), None);
    assert_eq!(network.counters().host("alice").dropped.packets, 2);
}
