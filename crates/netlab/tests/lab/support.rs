//! What the tests share.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use visavis_netlab::{Builder, Host, Lab};

/// Longer than anything takes, on any machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Long enough that a packet that is let through would have come, on most machines: where nothing must come,
/// more patience would only make the tests slower.
pub(crate) const SILENCE: Duration = Duration::from_millis(300);

pub(crate) const MS: Duration = Duration::from_millis(1);

/// A laboratory of alice, bob and a server, to be changed before it starts.
pub(crate) fn three() -> Builder {
    Lab::builder().hosts(["alice", "bob", "server"])
}

/// Starts it, or says what is missing.
pub(crate) fn start(builder: Builder) -> Lab {
    builder.start().unwrap_or_else(|error| panic!("{error}"))
}

/// A UDP socket of a host, at a free port.
pub(crate) fn udp(host: &Host) -> UdpSocket {
    udp_at(host, 0)
}

/// A UDP socket of a host, at a port.
pub(crate) fn udp_at(host: &Host, port: u16) -> UdpSocket {
    host.enter(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)))
        .unwrap()
}

/// Where others find a socket of a host.
pub(crate) fn address(host: &Host, socket: &UdpSocket) -> SocketAddr {
    (host.address(), socket.local_addr().unwrap().port()).into()
}

/// What comes next, and from whom; `None` if nothing comes in this time.
pub(crate) fn next(socket: &UdpSocket, patience: Duration) -> Option<(Vec<u8>, SocketAddr)> {
    socket.set_read_timeout(Some(patience)).unwrap();
    let mut buffer = [0; 2048];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => return Some((buffer[..length].to_vec(), from)),
            // The kernel does not resume what has a timeout, when the process was stopped for a while.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// What comes next, and from whom.
pub(crate) fn expect(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    next(socket, PATIENCE).expect("a packet comes")
}

/// Asserts that nothing comes.
pub(crate) fn expect_silence(socket: &UdpSocket) {
    assert_eq!(next(socket, SILENCE), None);
}

/// Whether a packet to this address gets from one socket to the other.
pub(crate) fn reaches(from: &UdpSocket, to: &UdpSocket, at: SocketAddr) -> bool {
    from.send_to(b"?", at).unwrap();
    next(to, PATIENCE).is_some()
}

/// Whether a packet to this address does not get from one socket to the other.
pub(crate) fn is_lost(from: &UdpSocket, to: &UdpSocket, at: SocketAddr) -> bool {
    from.send_to(b"?", at).unwrap();
    next(to, SILENCE).is_none()
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "still not: {what}");
        thread::sleep(5 * MS);
    }
}

/// Whether an echo comes back within this time. The kernel of the other host answers.
pub(crate) fn answers_ping(from: &Host, to: Ipv4Addr, patience: Duration) -> bool {
    use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, ipproto, recv, sendto, sockopt};
    let socket = from
        .enter(|| rustix::net::socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP)))
        .unwrap();
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(patience)).unwrap();
    // Type 8, and the identifier 0x1234; the checksum is the complement of their sum.
    let request = [8, 0, 0xE5, 0xCB, 0x12, 0x34, 0, 0];
    sendto(&socket, &request, SendFlags::empty(), &SocketAddr::from((to, 0))).unwrap();
    let mut answer = [0; 100];
    loop {
        match recv(&socket, &mut answer, RecvFlags::empty()) {
            // The IP header comes first; then an answer has type 0.
            Ok((length, _)) if length >= 28 && answer[20] == 0 && answer[24..26] == [0x12, 0x34] => {
                return true;
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => return false,
            Err(error) => panic!("{error}"),
        }
    }
}
