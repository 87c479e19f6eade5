//! Hosts off the network, links that are down, and firewalls.

use visavis_netlab::Block;

use crate::support::*;

#[test]
fn a_cut_host_is_silent_until_it_joins() {
    let lab = start(three());
    let (alice, bob, server) = (lab.host("alice"), lab.host("bob"), lab.host("server"));
    let (from_alice, from_bob, at_server) = (udp(&alice), udp(&bob), udp(&server));
    let server = address(&server, &at_server);
    assert!(reaches(&from_alice, &at_server, server));
    lab.cut("alice");
    assert!(is_lost(&from_alice, &at_server, server));
    assert!(is_lost(&at_server, &from_alice, address(&alice, &from_alice)));
    assert!(reaches(&from_bob, &at_server, server));
    assert_eq!(lab.counters().pair("alice", "server").dropped.packets, 1);
    lab.join("alice");
    assert!(reaches(&from_alice, &at_server, server));
}

#[test]
fn a_cut_pair_still_reaches_the_others() {
    let lab = start(three());
    let (alice, bob, server) = (lab.host("alice"), lab.host("bob"), lab.host("server"));
    let (at_alice, at_bob, at_server) = (udp(&alice), udp(&bob), udp(&server));
    lab.cut_pair("alice", "server");
    assert!(is_lost(&at_alice, &at_server, address(&server, &at_server)));
    assert!(is_lost(&at_server, &at_alice, address(&alice, &at_alice)));
    assert!(reaches(&at_alice, &at_bob, address(&bob, &at_bob)));
    assert!(reaches(&at_bob, &at_server, address(&server, &at_server)));
    lab.join_pair("server", "alice");
    assert!(reaches(&at_alice, &at_server, address(&server, &at_server)));
}

#[test]
fn what_is_on_its_way_to_a_cut_host_never_arrives() {
    let lab = start(three().rtt(200 * MS));
    let (alice, bob) = (lab.host("alice"), lab.host("bob"));
    let (from, to) = (udp(&alice), udp(&bob));
    from.send_to(b"?", address(&bob, &to)).unwrap();
    wait_until("it is sent", || lab.counters().host("alice").sent.packets > 0);
    lab.cut("bob");
    lab.join("bob");
    wait_until("it is dropped", || {
        lab.counters().pair("alice", "bob").dropped.packets == 1
    });
    expect_silence(&to);
}

#[test]
fn blocked_udp_leaves_tcp_alone() {
    let lab = start(three());
    let (alice, bob, server) = (lab.host("alice"), lab.host("bob"), lab.host("server"));
    let (at_alice, at_bob, at_server) = (udp(&alice), udp(&bob), udp(&server));
    let listener = server.listen(0).unwrap();
    let by_tcp = (server.address(), listener.local_addr().unwrap().port()).into();

    lab.block(Block::udp("alice"));
    assert!(is_lost(&at_alice, &at_server, address(&server, &at_server)));
    assert!(is_lost(&at_bob, &at_alice, address(&alice, &at_alice)));
    assert!(reaches(&at_bob, &at_server, address(&server, &at_server)));
    alice.connect(by_tcp).unwrap();
    assert!(lab.unblock(Block::udp("alice")));
    assert!(!lab.unblock(Block::udp("alice")));
    assert!(reaches(&at_alice, &at_server, address(&server, &at_server)));
}

#[test]
fn one_port_of_one_pair_can_be_blocked() {
    let lab = start(three());
    let (alice, bob, server) = (lab.host("alice"), lab.host("bob"), lab.host("server"));
    let (at_alice, at_bob) = (udp(&alice), udp(&bob));
    let (stun, other) = (udp_at(&server, 3478), udp_at(&server, 3479));
    lab.block(Block::udp("alice").with("server").port(3478));
    assert!(is_lost(&at_alice, &stun, address(&server, &stun)));
    assert!(is_lost(&stun, &at_alice, address(&alice, &at_alice)));
    assert!(reaches(&at_alice, &other, address(&server, &other)));
    assert!(reaches(&at_bob, &stun, address(&server, &stun)));
}

#[test]
fn blocked_tcp_leaves_udp_alone() {
    let lab = start(three());
    let (alice, server) = (lab.host("alice"), lab.host("server"));
    let (at_alice, at_server) = (udp(&alice), udp(&server));
    let listener = server.listen(0).unwrap();
    let by_tcp = (server.address(), listener.local_addr().unwrap().port()).into();
    lab.block(Block::tcp("alice").with("server"));
    let connecting = alice.enter(|| std::net::TcpStream::connect_timeout(&by_tcp, SILENCE));
    assert_eq!(connecting.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
    assert!(reaches(&at_alice, &at_server, address(&server, &at_server)));
}
