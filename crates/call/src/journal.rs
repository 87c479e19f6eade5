//! What has happened, in few words, for a report that a person can give to somebody who helps them.
//!
//! There are no addresses in it, no names, no rooms, no credentials: only what happened when, and to which of
//! the others, who are numbered.

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{AccessPolicy, ErrorCode, LeaveReason, RelayMessage};

use crate::event::{
    CloseCause, Command, ConnectionState, Device, IceTransportPolicy, Input, MediaEvent, Operation, Output,
    Path, PeerEvent, PeerOp, PreConnection, Route, SignalingEvent, SignalingOp, Verdict,
};
use crate::ice_diagnostics::kind_of;
use crate::timer::Time;

/// How many entries are kept: the newest.
const MOST_ENTRIES: usize = 400;

/// What happened.
#[derive(Debug, Clone)]
struct Entry {
    at: Time,
    /// Whom it concerns.
    person: Option<Number>,
    what: &'static str,
    /// More about it.
    detail: Option<String>,
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
            Input::Command(command) => self.note(at, None, command_word(command), None),
            Input::Signaling(route, event) => self.signaling(at, *route, event),
            Input::Media(event) => {
                let (what, detail) = media_words(event);
                self.note(at, None, what, detail);
            }
            Input::Peer(id, _, event) => self.peer(at, id, event),
            Input::Timeout => {}
            Input::Woken => self.note(at, None, "the network may be back", None),
        }
    }

    /// Notes what comes out.
    pub(crate) fn output(&mut self, at: Time, output: &Output) {
        match output {
            Output::Peer(id, _, op) => {
                let what = match op {
                    PeerOp::Create { .. } => "connection made",
                    PeerOp::RestartIce { .. } => "ICE restart",
                    PeerOp::Close { .. } => "connection closed",
                    PeerOp::Send => "sends",
                    PeerOp::Run(Operation::SetLocalDescription) => "set local description",
                    PeerOp::Run(Operation::SetRemoteDescription { .. }) => "set remote description",
                    PeerOp::Run(Operation::AddCandidate(_))
                    | PeerOp::FindPath
                    | PeerOp::CountBytes
                    | PeerOp::Watch
                    | PeerOp::Say(_)
                    | PeerOp::SendShare(_) => return,
                };
                let servers = match op {
                    PeerOp::Create { ice_servers, .. } | PeerOp::RestartIce { ice_servers, .. } => {
                        Some(ice_servers)
                    }
                    _ => None,
                };
                let detail = servers.map(|servers| {
                    let turn = servers.iter().filter(|server| server.is_turn()).count();
                    let mut detail = servers.len().to_string();
                    detail.push_str(" ICE servers, with TURN: ");
                    detail.push_str(&turn.to_string());
                    detail
                });
                let person = Some(self.person(id));
                self.note(at, person, what, detail);
            }
            Output::Signaling(Route::Relay, SignalingOp::Open) => {
                self.note(at, None, "connects to the relay", None);
            }
            Output::Signaling(Route::Relay, SignalingOp::Close | SignalingOp::Abandon) => {
                self.note(at, None, "closes the connection to the relay", None);
            }
            _ => {}
        }
    }

    fn signaling(&mut self, at: Time, route: Route, event: &SignalingEvent) {
        let (what, id) = match (event, route) {
            (SignalingEvent::Opened, Route::Relay) => ("relay reached", None),
            (SignalingEvent::Opened, Route::ThisBrowser) => ("this browser's tabs reached", None),
            (SignalingEvent::Closed(CloseCause::NoRelayHere), _) => ("there is no relay", None),
            (SignalingEvent::Closed(CloseCause::Unreachable), _) => ("relay lost or not reached", None),
            (SignalingEvent::Closed(CloseCause::OtherKind(_)), _) => ("a server of another kind", None),
            (SignalingEvent::Guest(..), _) => ("somebody with another program is here", None),
            (SignalingEvent::Message(message), _) => match message {
                RelayMessage::Joined { .. } => ("in the room", None),
                RelayMessage::Full {
                    door: AccessPolicy::Open,
                    ..
                } => ("the room is full", None),
                RelayMessage::Full { .. } => ("waits in the lobby", None),
                RelayMessage::Ready { peer } => ("is here", Some(peer)),
                RelayMessage::Away { peer } => ("is away", Some(peer)),
                RelayMessage::Left {
                    peer,
                    reason: LeaveReason::Left,
                } => ("left", Some(peer)),
                RelayMessage::Left { peer, .. } => ("is lost", Some(peer)),
                RelayMessage::Token { .. } => ("ICE servers known", None),
                RelayMessage::Error {
                    code: ErrorCode::Refused | ErrorCode::Removed,
                    ..
                } => ("the host keeps us out", None),
                RelayMessage::Error { .. } => ("the relay reports a fault", None),
                RelayMessage::Message { .. }
                | RelayMessage::Welcome
                | RelayMessage::Ping
                | RelayMessage::Room { .. }
                | RelayMessage::Knock { .. }
                | RelayMessage::KnockOver { .. } => return,
            },
        };
        let person = id.map(|id| self.person(id));
        self.note(at, person, what, None);
    }

    fn peer(&mut self, at: Time, id: &PeerId, event: &PeerEvent) {
        let (what, detail) = match event {
            PeerEvent::Done {
                result: Err(error), ..
            } => ("the browser refuses an operation", Some(error.name.clone())),
            PeerEvent::Candidate(candidate) => ("our candidate", Some(kind_of(candidate).to_owned())),
            PeerEvent::ConnectionState(state) => (state_word(*state), None),
            PeerEvent::IceError { code, turn } => {
                let what = if *turn { "TURN error" } else { "STUN error" };
                (what, Some(code.to_string()))
            }
            PeerEvent::ChannelOpen => ("data channel open", None),
            PeerEvent::ChannelClosed => ("data channel closed", None),
            PeerEvent::Path(Some(path), _) => match path {
                Path::Direct => ("direct path", None),
                Path::Relayed => ("path through TURN", None),
                Path::RelayedByThem => ("path through their TURN", None),
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

    fn note(&mut self, at: Time, person: Option<Number>, what: &'static str, detail: Option<String>) {
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
            text.push_str(entry.what);
            if let Some(detail) = &entry.detail {
                text.push_str(" (");
                text.push_str(detail);
                text.push(')');
            }
            text.push('\n');
        }
        text
    }
}

fn command_word(command: &Command) -> &'static str {
    match command {
        Command::GetMedia(_) => "camera and microphone wanted",
        Command::Call => "call",
        Command::CallPerson(_) => "call one person",
        Command::HangUp => "hang up",
        Command::SetMicrophone(true) => "microphone on",
        Command::SetMicrophone(false) => "microphone off",
        Command::SetCamera(true) => "camera on",
        Command::SetCamera(false) => "camera off",
        Command::ShareScreen(true) => "screen wanted",
        Command::ShareScreen(false) => "screen off",
        Command::RetryNow => "retry now",
        Command::Enter(_) => "another room",
        Command::Leave => "leave",
        Command::PreConnect(PreConnection::On) => "pre-connects",
        Command::PreConnect(PreConnection::OnlyTurn) => "pre-connects through TURN only",
        Command::PreConnect(PreConnection::Off) => "pre-connects without candidates",
        Command::PreConnect(PreConnection::Nothing) => "does not pre-connect",
        Command::SetIceTransportPolicy(policy) => match policy {
            IceTransportPolicy::All => "any path",
            IceTransportPolicy::Relay => "paths through TURN only",
        },
        Command::SetName(_) => "another name",
        Command::Say(_) => "writes",
        Command::React(_) => "reacts",
        Command::RaiseHand(true) => "hand up",
        Command::RaiseHand(false) => "hand down",
        Command::Show(_) => "videos have other sizes",
        Command::Block(_, true) => "somebody is blocked",
        Command::Block(_, false) => "somebody is blocked no longer",
        Command::Verify(_, Verdict::Match(_)) => "safety codes match",
        Command::Verify(_, Verdict::Differ) => "safety codes differ",
        Command::Verify(_, Verdict::TakeBack) => "safety codes to be compared again",
        Command::SetAccess(AccessPolicy::Open) => "the room is opened",
        Command::SetAccess(AccessPolicy::Knock) => "the room is guarded",
        Command::SetAccess(AccessPolicy::Locked) => "the room is locked",
        Command::Admit(_) => "somebody is let in",
        Command::Refuse(_) => "somebody is refused",
        Command::Remove(_) => "somebody is removed",
        Command::MakeHost(_) => "somebody else is made host",
    }
}

fn media_words(event: &MediaEvent) -> (&'static str, Option<String>) {
    let device = |device: &Device| match device {
        Device::Camera => "camera".to_owned(),
        Device::Microphone => "microphone".to_owned(),
        Device::Screen => "screen".to_owned(),
    };
    match event {
        MediaEvent::Opened { camera, microphone } => match (camera, microphone) {
            (true, true) => ("camera and microphone open", None),
            (true, false) => ("camera open", None),
            (false, _) => ("microphone open", None),
        },
        MediaEvent::Failed(_) => ("camera and microphone can't be had", None),
        MediaEvent::Added(which) => ("device open", Some(device(which))),
        MediaEvent::NotAdded(which, _) => ("device can't be had", Some(device(which))),
        MediaEvent::Lost(which) => ("device lost", Some(device(which))),
    }
}

fn state_word(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::New => "new",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected => "connected",
        ConnectionState::Disconnected => "disconnected",
        ConnectionState::Failed => "failed",
        ConnectionState::Closed => "closed",
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
