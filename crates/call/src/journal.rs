//! What has happened, in few words, for a report that a person can give to somebody who helps them.
//!
//! There are no addresses in it, no names, no rooms, no credentials: only what happened when, and to which of
//! the others, who are numbered.

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{AccessPolicy, ErrorCode, LeaveReason, RelayMessage};

use crate::event::{
    CloseCause, Command, ConnectionState, IceTransportPolicy, Input, MediaEvent, Operation, Outcome, Output,
    Path, PeerEvent, PeerOp, PreConnection, Route, SignalingEvent, SignalingOp, Verdict,
};
use crate::ice_diagnostics::kind_of;
use crate::timer::Time;

mod words;

use words::{Detail, What};

/// How many entries are kept: the newest.
const MOST_ENTRIES: usize = 400;

/// What happened.
#[derive(Debug, Clone)]
struct Entry {
    at: Time,
    /// Whom it concerns.
    person: Option<Number>,
    what: What,
    detail: Detail,
}

/// What one of the others is called in a report. Nobody has a number that somebody else had.
type Number = u32;

/// The last things that happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    /// Those whom the entries mention, and nobody else: thousands may come and go.
    people: Vec<(Number, PeerId)>,
    /// The highest number so far.
    last_number: Number,
    entries: VecDeque<Entry>,
}

impl Journal {
    /// Notes what goes in.
    pub(crate) fn input(&mut self, at: Time, input: &Input) {
        match input {
            Input::Command(command) => self.note(at, None, command_word(command), Detail::None),
            Input::Signaling(route, event) => self.signaling(at, *route, event),
            Input::Media(event) => {
                let (what, detail) = media_words(event);
                self.note(at, None, what, detail);
            }
            Input::Peer(id, _, event) => self.peer(at, id, event),
            Input::Timeout => {}
            Input::Woken => self.note(at, None, What::Woken, Detail::None),
        }
    }

    /// Notes what comes out.
    pub(crate) fn output(&mut self, at: Time, output: &Output) {
        match output {
            Output::Peer(id, _, op) => {
                let what = match op {
                    PeerOp::Create { .. } => What::ConnectionMade,
                    PeerOp::RestartIce { .. } => What::IceRestart,
                    PeerOp::Configure { .. } => What::NewIceServers,
                    PeerOp::Close { .. } => What::ConnectionClosed,
                    PeerOp::Send => What::Sends,
                    PeerOp::Run(Operation::SetLocalDescription) => What::SetLocalDescription,
                    PeerOp::Run(Operation::SetRemoteDescription { .. }) => What::SetRemoteDescription,
                    PeerOp::Run(Operation::AddCandidate(_))
                    | PeerOp::FindPath
                    | PeerOp::CountBytes
                    | PeerOp::Watch
                    | PeerOp::Say(_)
                    | PeerOp::SendShare(_) => return,
                };
                let detail = match op {
                    PeerOp::Create { ice_servers, .. }
                    | PeerOp::RestartIce { ice_servers, .. }
                    | PeerOp::Configure { ice_servers, .. } => {
                        let turn = ice_servers.iter().filter(|server| server.is_turn());
                        Detail::Servers(ice_servers.len(), turn.count())
                    }
                    _ => Detail::None,
                };
                let person = Some(self.person(id));
                self.note(at, person, what, detail);
            }
            Output::Signaling(Route::Relay, SignalingOp::Open) => {
                self.note(at, None, What::OpensRelay, Detail::None);
            }
            Output::Signaling(Route::Relay, SignalingOp::Close | SignalingOp::Abandon) => {
                self.note(at, None, What::ClosesRelay, Detail::None);
            }
            _ => {}
        }
    }

    fn signaling(&mut self, at: Time, route: Route, event: &SignalingEvent) {
        let (what, id) = match (event, route) {
            (SignalingEvent::Opened, Route::Relay) => (What::RelayReached, None),
            (SignalingEvent::Opened, Route::ThisBrowser) => (What::TabsReached, None),
            (SignalingEvent::Opened, Route::ByHand) => (What::ByHand, None),
            (SignalingEvent::Closed(CloseCause::NoRelayHere), _) => (What::NoRelay, None),
            (SignalingEvent::Closed(CloseCause::Unreachable), _) => (What::RelayUnreachable, None),
            (SignalingEvent::Closed(CloseCause::OtherKind(_)), _) => (What::OtherKindOfServer, None),
            (SignalingEvent::Guest(..), _) => (What::GuestIsHere, None),
            (SignalingEvent::Message(message), _) => match message {
                RelayMessage::Joined { .. } => (What::InTheRoom, None),
                RelayMessage::Full {
                    door: AccessPolicy::Open,
                    ..
                } => (What::RoomFull, None),
                RelayMessage::Full { .. } => (What::InLobby, None),
                RelayMessage::Ready { peer } => (What::IsHere, Some(peer)),
                RelayMessage::Away { peer } => (What::IsAway, Some(peer)),
                RelayMessage::Left {
                    peer,
                    reason: LeaveReason::Left,
                } => (What::Left, Some(peer)),
                RelayMessage::Left { peer, .. } => (What::IsLost, Some(peer)),
                RelayMessage::Token { .. } => (What::IceServersKnown, None),
                RelayMessage::Error {
                    code: ErrorCode::Refused | ErrorCode::Removed,
                    ..
                } => (What::KeptOut, None),
                RelayMessage::Error { .. } => (What::RelayFault, None),
                RelayMessage::Message { .. }
                | RelayMessage::Welcome
                | RelayMessage::Ping
                | RelayMessage::Room { .. }
                | RelayMessage::Knock { .. }
                | RelayMessage::KnockOver { .. } => return,
            },
        };
        let person = id.map(|id| self.person(id));
        self.note(at, person, what, Detail::None);
    }

    fn peer(&mut self, at: Time, id: &PeerId, event: &PeerEvent) {
        let (what, detail) = match event {
            PeerEvent::Done {
                result: Err(error), ..
            } => (What::OperationRefused, Detail::Name(error.name.clone())),
            PeerEvent::Candidate(candidate) => (What::OurCandidate, Detail::Kind(kind_of(candidate))),
            PeerEvent::ConnectionState(state) => (state_word(*state), Detail::None),
            PeerEvent::IceError { code, turn } => {
                let what = if *turn { What::TurnError } else { What::StunError };
                (what, Detail::Code(*code))
            }
            PeerEvent::ChannelOpen => (What::DataChannelOpen, Detail::None),
            PeerEvent::ChannelClosed => (What::DataChannelClosed, Detail::None),
            PeerEvent::Path(Some(path), _) => match path {
                Path::Direct => (What::DirectPath, Detail::None),
                Path::Relayed => (What::PathThroughTurn, Detail::None),
                Path::RelayedByThem => (What::PathThroughTheirTurn, Detail::None),
            },
            _ => return,
        };
        let person = Some(self.person(id));
        self.note(at, person, what, detail);
    }

    fn person(&mut self, id: &PeerId) -> Number {
        if let Some((number, _)) = self.people.iter().find(|(_, person)| person == id) {
            return *number;
        }
        self.last_number = self.last_number.saturating_add(1);
        self.people.push((self.last_number, id.clone()));
        self.last_number
    }

    fn note(&mut self, at: Time, person: Option<Number>, what: What, detail: Detail) {
        self.entries.push_back(Entry {
            at,
            person,
            what,
            detail,
        });
        if self.entries.len() > MOST_ENTRIES {
            let oldest = self.entries.pop_front();
            self.forget_unless_mentioned(oldest.and_then(|entry| entry.person));
        }
    }

    fn forget_unless_mentioned(&mut self, person: Option<Number>) {
        if person.is_some() && !self.entries.iter().any(|entry| entry.person == person) {
            self.people.retain(|(number, _)| Some(*number) != person);
        }
    }

    /// All entries, a line each: seconds before `now`, who, what.
    pub(crate) fn text(&self, now: Time) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            let ago = now.since(entry.at);
            text.push('-');
            text.push_str(&ago.as_secs().to_string());
            text.push('.');
            let tenths = ago.subsec_millis() / 100;
            text.push_str(&tenths.to_string());
            text.push_str(" s ");
            if let Some(person) = entry.person {
                text.push_str("person ");
                text.push_str(&person.to_string());
                text.push_str(": ");
            }
            text.push_str(entry.what.words());
            let detail = entry.detail.words();
            if !detail.is_empty() {
                text.push_str(" (");
                text.push_str(&detail);
                text.push(')');
            }
            text.push('\n');
        }
        text
    }
}

fn command_word(command: &Command) -> What {
    match command {
        Command::GetMedia(_) => What::DevicesWanted,
        Command::Call => What::Call,
        Command::CallPerson(_) => What::CallOnePerson,
        Command::HangUp => What::HangUp,
        Command::SetMicrophone(true) => What::MicrophoneOn,
        Command::SetMicrophone(false) => What::MicrophoneOff,
        Command::SetCamera(true) => What::CameraOn,
        Command::SetCamera(false) => What::CameraOff,
        Command::Reopen(_) => What::OtherDevice,
        Command::ShareScreen(true) => What::ScreenWanted,
        Command::ShareScreen(false) => What::ScreenOff,
        Command::RetryNow => What::RetryNow,
        Command::Enter(_) => What::AnotherRoom,
        Command::Leave => What::Leave,
        Command::PreConnect(PreConnection::On) => What::PreConnects,
        Command::PreConnect(PreConnection::OnlyTurn) => What::PreConnectsThroughTurn,
        Command::PreConnect(PreConnection::Off) => What::PreConnectsWithoutCandidates,
        Command::PreConnect(PreConnection::Nothing) => What::DoesNotPreConnect,
        Command::SetIceTransportPolicy(policy) => match policy {
            IceTransportPolicy::All => What::AnyPath,
            IceTransportPolicy::Relay => What::PathsThroughTurnOnly,
        },
        Command::SetName(_) => What::AnotherName,
        Command::Say(_) => What::Writes,
        Command::React(_) => What::Reacts,
        Command::RaiseHand(true) => What::HandUp,
        Command::RaiseHand(false) => What::HandDown,
        Command::Show(_) => What::OtherSizes,
        Command::Block(_, true) => What::Blocked,
        Command::Block(_, false) => What::Unblocked,
        Command::Verify(_, Verdict::Match(_)) => What::SafetyCodesMatch,
        Command::Verify(_, Verdict::Differ) => What::SafetyCodesDiffer,
        Command::Verify(_, Verdict::TakeBack) => What::SafetyCodesTakenBack,
        Command::SetAccess(AccessPolicy::Open) => What::RoomOpened,
        Command::SetAccess(AccessPolicy::Knock) => What::RoomGuarded,
        Command::SetAccess(AccessPolicy::Locked) => What::RoomLocked,
        Command::Admit(_) => What::Admitted,
        Command::Refuse(_) => What::Refused,
        Command::Remove(_) => What::Removed,
        Command::MakeHost(_) => What::HostMade,
    }
}

fn media_words(event: &MediaEvent) -> (What, Detail) {
    match event {
        MediaEvent::Opened { camera, microphone } => match (camera, microphone) {
            (Outcome::Open, Outcome::Open) => (What::DevicesOpen, Detail::None),
            (Outcome::Open, _) => (What::CameraOpen, Detail::None),
            (_, Outcome::Open) => (What::MicrophoneOpen, Detail::None),
            _ => (What::NoDevices, Detail::None),
        },
        MediaEvent::Added(which) => (What::DeviceOpen, Detail::Device(*which)),
        MediaEvent::NotAdded(which, _) => (What::DeviceMissing, Detail::Device(*which)),
        MediaEvent::Lost(which) => (What::DeviceLost, Detail::Device(*which)),
        MediaEvent::Held(which, true) => (What::DeviceHeld, Detail::Device(*which)),
        MediaEvent::Held(which, false) => (What::DeviceReleased, Detail::Device(*which)),
    }
}

fn state_word(state: ConnectionState) -> What {
    match state {
        ConnectionState::New => What::New,
        ConnectionState::Connecting => What::Connecting,
        ConnectionState::Connected => What::Connected,
        ConnectionState::Disconnected => What::Disconnected,
        ConnectionState::Failed => What::Failed,
        ConnectionState::Closed => What::Closed,
    }
}

#[cfg(test)]
mod tests {
    use visavis_protocol::ice::{IceCandidate, IceServer};
    use visavis_protocol::id::RoomId;
    use visavis_protocol::peer::ConnectionId;

    use super::*;

    #[test]
    fn a_report_tells_what_happened_and_gives_nothing_away() {
        let mut journal = Journal::default();
        let id = PeerId::new("someone").unwrap();
        let candidate = IceCandidate {
            candidate: "candidate:1 1 udp 1 192.0.2.7 9 typ relay raddr 198.51.100.9 rport 9".into(),
            sdp_mid: None,
            sdp_m_line_index: None,
            username_fragment: Some("SECRET".into()),
        };
        let events = [
            PeerEvent::Candidate(candidate),
            PeerEvent::IceError {
                code: 401,
                turn: true,
            },
            PeerEvent::ConnectionState(ConnectionState::Failed),
        ];
        journal.input(
            Time(1000),
            &Input::Command(Command::Enter(RoomId::new("hidden").unwrap().into())),
        );
        for event in events {
            journal.input(Time(2500), &Input::Peer(id.clone(), ConnectionId(1), event));
        }
        let server = IceServer {
            urls: vec!["turn:turn.example.org".into()],
            username: Some("user".into()),
            credential: Some("password".into()),
        };
        let ice_servers = vec![server];
        journal.output(
            Time(3000),
            &Output::Peer(
                id,
                ConnectionId(1),
                PeerOp::RestartIce {
                    ice_servers,
                    policy: IceTransportPolicy::All,
                },
            ),
        );
        let text = journal.text(Time(3000));
        assert_eq!(
            text,
            "-2.0 s another room\n\
             -0.5 s person 1: our candidate (relay)\n\
             -0.5 s person 1: TURN error (401)\n\
             -0.5 s person 1: failed\n\
             -0.0 s person 1: ICE restart (1 ICE servers, with TURN: 1)\n"
        );
    }

    #[test]
    fn only_the_newest_entries_are_kept() {
        let mut journal = Journal::default();
        for _ in 0..2 * MOST_ENTRIES {
            journal.input(Time(0), &Input::Woken);
        }
        assert_eq!(journal.text(Time(0)).lines().count(), MOST_ENTRIES);
    }

    #[test]
    fn who_is_not_mentioned_any_more_is_forgotten() {
        let comes = |id: &str| {
            let peer = PeerId::new(id).unwrap();
            Input::Signaling(
                Route::Relay,
                SignalingEvent::Message(RelayMessage::Ready { peer }),
            )
        };
        let mut journal = Journal::default();
        journal.input(Time(0), &comes("stays"));
        for index in 0..3 * MOST_ENTRIES {
            journal.input(Time(0), &comes(&index.to_string()));
            if index % 100 == 0 {
                journal.input(Time(0), &comes("stays"));
            }
        }
        assert!(journal.people.len() <= MOST_ENTRIES);
        let text = journal.text(Time(0));
        assert!(text.ends_with("person 1201: is here\n"), "{text}");
        assert!(text.contains(" person 1: is here"), "{text}");
    }
}
