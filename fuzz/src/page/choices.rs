//! What may happen at any time, by number.

use visavis_call::{
    AccessPolicy, ChatText, Command, ConnectionState, Device, Fingerprints, IceTransportPolicy, Path,
    PeerEvent, PreConnection, Reaction, Reception, Verdict,
};
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::name::PersonName;

use super::{person, room};

/// What a browser may say of a connection at any time.
#[must_use]
pub fn event(number: usize) -> PeerEvent {
    let candidate = |candidate: &str| IceCandidate {
        candidate: candidate.to_owned(),
        sdp_mid: Some("0".to_owned()),
        sdp_m_line_index: Some(0),
        username_fragment: Some("ours".to_owned()),
    };
    match number % 16 {
        0 => PeerEvent::ConnectionState(ConnectionState::Connected),
        1 => PeerEvent::ChannelOpen,
        2 => PeerEvent::RemoteVideo(true),
        3 => PeerEvent::Candidate(candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host")),
        4 => PeerEvent::Candidate(candidate("")),
        5 => PeerEvent::NegotiationNeeded,
        6 => PeerEvent::ConnectionState(ConnectionState::Disconnected),
        7 => PeerEvent::ConnectionState(ConnectionState::Failed),
        8 => PeerEvent::ConnectionState(ConnectionState::Connecting),
        9 => PeerEvent::ConnectionState(ConnectionState::Closed),
        10 => PeerEvent::ChannelClosed,
        11 => PeerEvent::RemoteVideo(false),
        12 => PeerEvent::PathChanged,
        13 => PeerEvent::Path(Some(Path::Relayed), Fingerprints::default()),
        14 => PeerEvent::Received(Reception {
            bytes: u64::MAX,
            packets: 7,
            lost: u64::MAX,
            energy: u64::MAX,
            round_trip: u32::MAX,
            estimate: 1,
        }),
        _ => PeerEvent::IceError {
            code: 401,
            turn: true,
        },
    }
}

/// What a person may want at any time.
pub(super) fn command(number: usize) -> Command {
    let (abe, bob) = (person('a'), person('b'));
    match number % 35 {
        0 => Command::Call,
        1 => Command::HangUp,
        2 => Command::CallPerson(bob),
        3 => Command::CallPerson(abe),
        4 => Command::SetMicrophone(false),
        5 => Command::SetMicrophone(true),
        6 => Command::SetCamera(false),
        7 => Command::SetCamera(true),
        8 => Command::ShareScreen(true),
        9 => Command::ShareScreen(false),
        10 => Command::RetryNow,
        11 => Command::Enter(room("another").into()),
        12 => Command::Leave,
        13 => Command::PreConnect(PreConnection::On),
        14 => Command::PreConnect(PreConnection::OnlyTurn),
        15 => Command::PreConnect(PreConnection::Off),
        16 => Command::PreConnect(PreConnection::Nothing),
        17 => Command::SetName(PersonName::new("Ada")),
        18 => Command::Say(ChatText::new("hello").expect("it is a text")),
        19 => Command::React(Reaction::Clap),
        20 => Command::RaiseHand(true),
        21 => Command::Show(vec![(bob, 640), (abe, 0)]),
        22 => Command::Block(bob, true),
        23 => Command::Block(bob, false),
        24 => Command::SetAccess(AccessPolicy::Knock),
        25 => Command::Admit(abe),
        26 => Command::Refuse(abe),
        27 => Command::Remove(bob),
        28 => Command::MakeHost(bob),
        29 => Command::SetIceTransportPolicy(IceTransportPolicy::Relay),
        30 => Command::SetIceTransportPolicy(IceTransportPolicy::All),
        31 => Command::Verify(abe, Verdict::TakeBack),
        32 => Command::Reopen(Device::Camera),
        33 => Command::Reopen(Device::Microphone),
        _ => Command::Verify(bob, Verdict::Differ),
    }
}
