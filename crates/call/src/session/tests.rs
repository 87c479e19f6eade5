//! Two sessions, joined by nothing but what they ask for: the least that runs them.

mod guest;

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, ConnectionId};

use super::{Context, Encoded, Ended, Event, Session, SessionEvent};
use crate::chat::Chat;
use crate::event::{
    Completion, ConnectionState, DescriptionKind, IceTransportPolicy, Operation, PeerEvent, PeerOp,
    PreConnection, SignalingState,
};
use crate::ice_servers::IceServers;
use crate::local_media::Sends;
use crate::safety::Entropy;
use crate::timer::Time;
use crate::view::{EndReason, PersonState, SealView};

/// One of the two: a session, what is around it, and the other events that it gave.
struct End {
    session: Session,
    ice_servers: IceServers,
    chat: Chat,
    pre_connection: PreConnection,
    now: Time,
    signaling: SignalingState,
    told: Vec<&'static str>,
}

impl End {
    fn new(us: &str, them: &str, pre_connection: PreConnection) -> Self {
        let [us, them] = [us, them].map(|id| PeerId::new(id).unwrap());
        let mut session = Session::new(&us, them, None);
        session.enter();
        let mut ice_servers = IceServers::new(Vec::new());
        ice_servers.unavailable();
        Self {
            session,
            ice_servers,
            chat: Chat::default(),
            pre_connection,
            now: Time(1000),
            signaling: SignalingState::Stable,
            told: Vec::new(),
        }
    }

    fn handle(&mut self, event: Event<'_>) {
        let name = PersonName::default();
        let context = Context {
            now: self.now,
            is_seated: true,
            name: &name,
            sends: Sends::USUAL,
            pre_connection: self.pre_connection,
            ice_transport_policy: IceTransportPolicy::All,
            ice_servers: &self.ice_servers,
            entropy: &Entropy([0; 32]),
            chat: &self.chat,
            call: self.session.call_kind(),
            is_blocked: false,
            is_crowd: false,
        };
        self.session.handle(&context, event);
    }

    /// The browser carries out what is asked of a connection.
    fn connection(&mut self, connection_id: ConnectionId, op: PeerOp) {
        let answers = self.signaling == SignalingState::HaveRemoteOffer;
        let (signaling, completion) = match op {
            PeerOp::Create { .. } => (SignalingState::Stable, Completion::Done),
            PeerOp::Run(Operation::SetLocalDescription) => {
                let (signaling, kind) = if answers {
                    (SignalingState::Stable, DescriptionKind::Answer)
                } else {
                    (SignalingState::HaveLocalOffer, DescriptionKind::Offer)
                };
                let sdp = "a=ice-ufrag:u\r\n".into();
                (signaling, Completion::LocalDescription { kind, sdp })
            }
            PeerOp::Run(Operation::SetRemoteDescription { kind, .. }) => match kind {
                DescriptionKind::Offer => (SignalingState::HaveRemoteOffer, Completion::Done),
                DescriptionKind::Answer => (SignalingState::Stable, Completion::Done),
            },
            _ => return,
        };
        self.signaling = signaling;
        let done = PeerEvent::Done {
            signaling,
            result: Ok(completion),
        };
        self.handle(Event::Connection(connection_id, done));
        if signaling == SignalingState::Stable
            && self
                .session
                .link
                .as_ref()
                .is_some_and(|link| link.remote.is_some() && !link.is_connected())
        {
            let connected = PeerEvent::ConnectionState(ConnectionState::Connected);
            self.handle(Event::Connection(connection_id, connected));
        }
    }

    fn state(&self) -> Option<PersonState> {
        self.session
            .view(None, 1, false, SealView::Open)
            .map(|person| person.state)
    }
}

/// Carries out everything that both ask for, until nothing is left.
fn run(ends: &mut [End; 2]) {
    let mut letters = VecDeque::new();
    loop {
        for (who, end) in ends.iter_mut().enumerate() {
            while let Some(event) = end.session.poll() {
                match event {
                    SessionEvent::Send(text) => letters.push_back((1 - who, text)),
                    SessionEvent::Connection(id, op) => end.connection(id, op),
                    SessionEvent::WantsIceServers => end.handle(Event::IceServers),
                    SessionEvent::Answered => end.told.push("answered"),
                    SessionEvent::Connected => end.told.push("connected"),
                    SessionEvent::Ended(Ended::Call, EndReason::HungUp) => end.told.push("hung up"),
                    SessionEvent::Ended(Ended::Call, EndReason::PeerHungUp) => end.told.push("left"),
                    other => panic!("{other:?}"),
                }
            }
        }
        let Some((who, text)) = letters.pop_front() else {
            break;
        };
        ends[who].handle(Event::Text(&text));
    }
}

fn both(pre_connection: PreConnection) -> [End; 2] {
    let mut ends = [
        End::new("ada", "bob", pre_connection),
        End::new("bob", "ada", pre_connection),
    ];
    for end in &mut ends {
        end.handle(Event::Arrived);
    }
    run(&mut ends);
    ends
}

#[test]
fn two_sessions_call_and_hang_up() {
    for pre_connection in [PreConnection::Nothing, PreConnection::On] {
        let mut ends = both(pre_connection);
        let pre_connected = |end: &End| {
            end.session
                .view(None, 1, false, SealView::Open)
                .is_some_and(|person| person.pre_connected)
        };
        let expected = pre_connection == PreConnection::On;
        assert!(ends.iter().all(|end| pre_connected(end) == expected));

        ends[0].handle(Event::Call(CallKind::Open));
        run(&mut ends);
        assert_eq!(ends[0].told, ["connected"]);
        assert_eq!(ends[1].told, ["answered", "connected"]);
        assert!(ends.iter().all(|end| end.state() == Some(PersonState::Connected)));

        ends[1].handle(Event::HangUp);
        run(&mut ends);
        assert_eq!(ends[0].told.last(), Some(&"left"));
        assert_eq!(ends[1].told.last(), Some(&"hung up"));
        assert!(ends.iter().all(|end| end.state() == Some(PersonState::Here)));
        assert!(
            ends.iter().all(|end| pre_connected(end) == expected),
            "for the next one"
        );
    }
}

#[test]
fn what_is_not_polled_is_not_lost() {
    let mut ends = both(PreConnection::Nothing);
    ends[0].handle(Event::Call(CallKind::Private));
    ends[0].handle(Event::Timeout);
    ends[0].handle(Event::Hello);
    run(&mut ends);
    assert_eq!(ends[1].session.call_kind(), Some(CallKind::Private));
}

#[test]
fn events_that_make_no_sense_change_nothing() {
    let mut ends = both(PreConnection::Nothing);
    let encoded = Encoded::default();
    let senseless = [
        Event::IceServers,
        Event::Timeout,
        Event::Decline { busy: true },
        Event::HangUp,
        Event::SignalingLost,
        Event::Media,
        Event::News(&encoded),
        Event::Connection(ConnectionId(7), PeerEvent::ChannelOpen),
    ];
    for event in senseless {
        let before = format!("{:?}", ends[0].session);
        ends[0].handle(event);
        assert_eq!(format!("{:?}", ends[0].session), before);
    }
}
