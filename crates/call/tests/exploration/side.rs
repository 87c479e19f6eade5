//! One of the two: a `Call`, and the browser that it runs in.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};

use visavis_call::{
    Call, CallConfig, Command, Completion, ConnectionId, ConnectionState, Entropy, IceTransportPolicy, Input,
    MediaEvent, MediaWish, Operation, Output, PeerEvent, PeerOp, PersonState, PersonView, PreConnection,
    Purpose, Reception, Role, RoomAddress, Route, RouteChoice, SignalingEvent, SignalingOp, SignalingState,
    Stage, Time,
};
use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::{PeerId, SeatSecret};
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{MessageNumber, PeerBody, PeerMessage};
use visavis_protocol::relay::{ClientMessage, PeerText, RelayMessage};
use visavis_relay::room::peer_id;

use crate::connection::{FakeConnection, refusal};
use crate::description::{Description, Sections};

/// A sealed room, as its link names it.
const SEALED: &str = "s/MDEyMzQ1Njc4OWFiY2RlZg";

/// In words, what must not happen whatever the relay does.
pub(crate) const FOREIGN: &str = "it applies a description that the other one did not send";

/// What the relay has for somebody. Shared, because states are copied all the time.
pub(crate) type Letter = Arc<RelayMessage>;

/// What must never happen, wherever it does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Trouble {
    /// The call breaks its contract with whoever runs it.
    Contract(&'static str),
    /// The browser refuses an operation, for this reason.
    Refused(String),
}

/// A message over a data channel.
#[derive(Clone, Hash)]
pub(crate) struct Said {
    /// The serials of both ends: a channel ends with its connection.
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) text: PeerText,
}

/// What comes of handing something to a call.
#[derive(Default)]
pub(crate) struct Outcome {
    /// For the other side.
    pub(crate) sent: Vec<Letter>,
    /// The relay's answers.
    pub(crate) answered: Vec<Letter>,
    /// Over the data channel.
    pub(crate) said: Vec<Said>,
    /// The number of a hang-up that was sent.
    pub(crate) hung_up: Option<MessageNumber>,
    pub(crate) trouble: Option<Trouble>,
}

/// A connection, and what its browser is about to say of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Browser {
    pub(crate) connection_id: ConnectionId,
    pub(crate) connection: FakeConnection,
    /// It is being made.
    pub(crate) creating: bool,
    /// Picture and sound may go over it.
    pub(crate) sending: bool,
    /// The task that fires `negotiationneeded` is queued.
    pub(crate) negotiation_task: bool,
    pub(crate) gathered: VecDeque<IceCandidate>,
    /// Its state is about to change.
    pub(crate) ice_turns: bool,
    /// When its state may change.
    pub(crate) look: Option<Time>,
}

impl Browser {
    /// Whether an operation is in flight.
    pub(crate) fn is_busy(&self) -> bool {
        self.creating || self.connection.is_busy()
    }

    fn update_negotiation_needed(&mut self) {
        self.negotiation_task |= self.connection.update_negotiation_needed();
    }

    /// Lets ICE go on until it has something to say.
    pub(crate) fn settle_ice(&mut self, now: Time, matched: bool) {
        loop {
            let mut probe = self.connection.clone();
            let (changes, look) = probe.check_ice(now, matched, std::time::Duration::ZERO);
            self.ice_turns = changes && probe.ice != ConnectionState::Connecting;
            self.look = look;
            if self.ice_turns {
                return;
            }
            // That it is connecting is no news to anybody.
            self.connection = probe;
            if !changes {
                return;
            }
        }
    }
}

#[derive(Clone, Hash)]
pub(crate) struct Side {
    pub(crate) call: Call,
    pub(crate) browser: Option<Browser>,
    /// Connections that were closed with an operation in flight, whose end is still to be reported.
    pub(crate) late: Vec<ConnectionId>,
    /// What its connections send.
    sends: Sections,
    number: u32,
    made: u32,
    /// The candidates of a connection_id, without their end.
    candidates: usize,
    /// For how long ICE servers are good.
    token_lasts: Option<u32>,
    impatient: bool,
    /// It pre-connects without candidates.
    off: bool,
    /// What it says can't be read.
    sealed: bool,
}

/// What there is to see of a side.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) stage: Stage,
    /// It takes itself for connected with the other one.
    pub(crate) is_connected: bool,
    pub(crate) can_call: bool,
}

/// How both sides are set up.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// Candidates of each connection_id: 0, 1, or 2 with the end.
    pub(crate) candidates: usize,
    /// For how many seconds ICE servers are good; for good if absent.
    pub(crate) token_lasts: Option<u32>,
    /// Who pre-connects: the first one (1), the second one (2), or both (3).
    pub(crate) pre_connected: u8,
    /// Who does so without candidates, in the same way.
    pub(crate) off: u8,
    /// ICE gives up without a candidate, as it does in Firefox.
    pub(crate) impatient: bool,
    /// Neither has heard that the other one keeps early candidates.
    pub(crate) strangers: bool,
    /// The room is sealed.
    pub(crate) sealed: bool,
}

/// Whose secret has which name at the relay. The first one is polite.
static NAMES: LazyLock<[(SeatSecret, PeerId); 2]> = LazyLock::new(|| {
    let mut names = ["one", "other"].map(|text| {
        let secret = SeatSecret::new(text).unwrap();
        (secret.clone(), peer_id(&secret))
    });
    names.sort_by(|(_, one), (_, other)| one.cmp(other));
    names
});

pub(crate) fn name(number: u32) -> PeerId {
    NAMES[number as usize].1.clone()
}

/// The first connection of each has this number, and the next ones follow.
fn first_serial(number: u32) -> u32 {
    1000 * (number + 1)
}

impl Side {
    /// Somebody who is in the room with the other one.
    pub(crate) fn seated(number: u32, now: Time, settings: Settings) -> Self {
        let Settings {
            candidates,
            token_lasts,
            pre_connected,
            off,
            impatient,
            strangers,
            sealed,
        } = settings;
        let config = CallConfig {
            room: RoomAddress::parse(if sealed { SEALED } else { "room" }).unwrap(),
            secret: NAMES[number as usize].0.clone(),
            name: PersonName::default(),
            replaces: None,
            written: Vec::new(),
            route: RouteChoice::Relay,
            ice_servers: Vec::new(),
            pre_connection: match [off, pre_connected].map(|who| who & (1 << number) != 0) {
                [true, _] => PreConnection::Off,
                [false, true] => PreConnection::On,
                [false, false] => PreConnection::Nothing,
            },
            ice_transport_policy: IceTransportPolicy::All,
            seed: 1,
            entropy: Entropy([number as u8; 32]),
        };
        let mut side = Self {
            call: Call::new(config),
            browser: None,
            late: Vec::new(),
            sends: Sections {
                audio: true,
                video: false,
            },
            number,
            made: 0,
            candidates,
            token_lasts,
            impatient,
            off: off & (1 << number) != 0,
            sealed,
        };
        let wish = MediaWish::Microphone;
        let opened = MediaEvent::opened(wish);
        let joined = RelayMessage::Joined {
            you: name(number),
            capacity: 2,
        };
        let ready = RelayMessage::Ready {
            peer: name(1 - number),
        };
        let inputs = [
            Input::Command(Command::GetMedia(wish)),
            Input::Signaling(Route::Relay, SignalingEvent::Opened),
            from_relay(side.token()),
            Input::Media(opened),
            from_relay(joined),
        ];
        for input in inputs {
            side.call.handle(now, input);
            while side.call.poll_output().is_some() {}
        }
        side.input(now, from_relay(ready));
        if !strangers {
            let hello = PeerMessage::unnumbered(PeerBody::Hello {
                early_candidates: true,
                name: PersonName::default(),
                call: None,
            });
            let hello = RelayMessage::Message {
                from: name(1 - number),
                message: encode_peer(&hello),
            };
            side.input(now, from_relay(hello));
        }
        side
    }

    fn token(&self) -> RelayMessage {
        RelayMessage::Token {
            ice_servers: Vec::new(),
            expires_in: self.token_lasts,
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        let view = self.call.view();
        let connected = |person: &PersonView| person.state == PersonState::Connected;
        Seen {
            stage: view.stage(),
            is_connected: view.people.iter().any(connected),
            can_call: view.can_call(),
        }
    }

    /// Hands something to the call, and carries out what it wants.
    pub(crate) fn input(&mut self, now: Time, input: Input) -> Outcome {
        let mut outcome = Outcome::default();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.call.handle(now, input);
            while let Some(output) = self.call.poll_output() {
                if let Err(trouble) = self.carry_out(now, output, &mut outcome, &mut inputs) {
                    outcome.trouble.get_or_insert(trouble);
                }
            }
        }
        outcome
    }

    fn carry_out(
        &mut self,
        now: Time,
        output: Output,
        outcome: &mut Outcome,
        inputs: &mut VecDeque<Input>,
    ) -> Result<(), Trouble> {
        match output {
            Output::Signaling(Route::Relay, SignalingOp::Send(message)) => match message {
                ClientMessage::Send { message, .. } => {
                    // To read each would take long.
                    if !self.sealed && (self.off || message.0.contains("hang-up")) {
                        let said = decode_peer(&message).expect("it was just encoded");
                        let sends = self.browser.as_ref().is_some_and(|browser| browser.sending);
                        if self.off && !sends && shows_address(&said.body) {
                            return Err(Trouble::Contract("it shows an address before a call"));
                        }
                        if said.body == PeerBody::HangUp {
                            outcome.hung_up = Some(said.number);
                        }
                    }
                    let from = name(self.number);
                    outcome
                        .sent
                        .push(Arc::new(RelayMessage::Message { from, message }));
                    Ok(())
                }
                ClientMessage::Token => {
                    outcome.answered.push(Arc::new(self.token()));
                    Ok(())
                }
                _ => Err(Trouble::Contract("it leaves its seat")),
            },
            Output::Signaling(..) => Err(Trouble::Contract("it opens or closes a route")),
            Output::Peer(_, connection_id, op) => {
                self.peer_op(now, connection_id, op, inputs, &mut outcome.said)
            }
            Output::Media(_) | Output::Mark(_) => Ok(()),
        }
    }

    fn peer_op(
        &mut self,
        now: Time,
        connection_id: ConnectionId,
        op: PeerOp,
        inputs: &mut VecDeque<Input>,
        said: &mut Vec<Said>,
    ) -> Result<(), Trouble> {
        if let PeerOp::Create { role, purpose, .. } = op {
            if self.browser.is_some() {
                return Err(Trouble::Contract("a connection is made while there is another"));
            }
            self.made += 1;
            let serial = first_serial(self.number) + self.made;
            let connection = if purpose == Purpose::Call {
                FakeConnection::new(serial, self.sends, false)
            } else {
                FakeConnection::pre_connected(serial, role == Role::Caller)
            };
            self.browser = Some(Browser {
                connection_id,
                connection: connection.with_patience(!self.impatient),
                creating: true,
                sending: purpose == Purpose::Call,
                negotiation_task: false,
                gathered: VecDeque::new(),
                ice_turns: false,
                look: None,
            });
            return Ok(());
        }
        let open = self.browser.as_mut();
        let Some(browser) = open.filter(|browser| browser.connection_id == connection_id) else {
            return Err(Trouble::Contract(
                "something is done to a connection that is not there",
            ));
        };
        match op {
            // Whatever a look could find, it is the browser that says so here.
            PeerOp::Create { .. } | PeerOp::FindPath | PeerOp::SendShare(_) | PeerOp::Watch => {}
            PeerOp::Send if browser.sending => return Err(Trouble::Contract("it sends already")),
            PeerOp::Send => {
                browser.sending = true;
                // Without transceivers, tracks are added.
                if browser.connection.local.is_none() {
                    browser.connection.send(self.sends);
                    browser.update_negotiation_needed();
                }
            }
            PeerOp::Say(text) => {
                let remote = browser.connection.remote.as_ref();
                said.push(Said {
                    from: browser.connection.serial,
                    to: remote.expect("a channel is open").serial,
                    text,
                });
            }
            PeerOp::Run(_) if browser.is_busy() => return Err(Trouble::Contract("two operations at once")),
            PeerOp::Run(operation) => {
                if let Operation::SetRemoteDescription { sdp, .. } = &operation {
                    let theirs = first_serial(1 - self.number);
                    let theirs = theirs..theirs + 1000;
                    let description = Description::parse(sdp).expect("it is one");
                    if !theirs.contains(&description.serial) {
                        return Err(Trouble::Contract(FOREIGN));
                    }
                }
                browser.connection.begin(operation);
            }
            PeerOp::CountBytes => {
                let received = PeerEvent::Received(Reception {
                    bytes: browser.connection.received(now),
                    ..Reception::default()
                });
                inputs.push_back(self.event(connection_id, received));
            }
            PeerOp::Configure { .. } => {}
            PeerOp::RestartIce { .. } => {
                browser.connection.restart_ice();
                browser.update_negotiation_needed();
            }
            PeerOp::Close { .. } => {
                if browser.is_busy() {
                    self.late.push(connection_id);
                }
                self.browser = None;
            }
        }
        Ok(())
    }

    fn event(&self, connection_id: ConnectionId, event: PeerEvent) -> Input {
        Input::Peer(name(1 - self.number), connection_id, event)
    }

    fn open(&mut self) -> &mut Browser {
        self.browser.as_mut().expect("there is a connection")
    }

    /// The operation in flight ends.
    pub(crate) fn complete(&mut self, now: Time, refused: bool) -> Outcome {
        let candidates = self.candidates;
        let browser = self.open();
        let connection_id = browser.connection_id;
        let mut trouble = None;
        let result = if std::mem::take(&mut browser.creating) {
            if refused {
                Err(refusal("NotSupportedError"))
            } else {
                Ok(Completion::Done)
            }
        } else {
            let ended = browser.connection.end(refused);
            if let (Err(error), false) = (&ended.result, refused) {
                trouble = Some(Trouble::Refused(error.name.clone()));
            }
            if let Some(ufrag) = ended.gather {
                let found = gathered(&ufrag).into_iter().take(candidates);
                browser.gathered.extend(found);
            }
            ended.result
        };
        let signaling = browser.connection.state;
        let mut outcome = self.input(
            now,
            self.event(connection_id, PeerEvent::Done { signaling, result }),
        );
        if let Some(browser) = self
            .browser
            .as_mut()
            .filter(|browser| browser.connection_id == connection_id)
        {
            browser.update_negotiation_needed();
        }
        outcome.trouble = trouble.or(outcome.trouble);
        outcome
    }

    /// The end of an operation on a connection that was closed meanwhile.
    pub(crate) fn complete_late(&mut self, now: Time) -> Outcome {
        let connection_id = self.late.remove(0);
        let done = PeerEvent::Done {
            signaling: SignalingState::Closed,
            result: Err(refusal("InvalidStateError")),
        };
        self.input(now, self.event(connection_id, done))
    }

    /// `negotiationneeded`, unless it is not any more.
    pub(crate) fn negotiate(&mut self, now: Time) -> Outcome {
        let browser = self.open();
        browser.negotiation_task = false;
        let connection_id = browser.connection_id;
        if browser.connection.fire_negotiation_needed() {
            self.input(now, self.event(connection_id, PeerEvent::NegotiationNeeded))
        } else {
            Outcome::default()
        }
    }

    pub(crate) fn gather(&mut self, now: Time) -> Outcome {
        let browser = self.open();
        let connection_id = browser.connection_id;
        let candidate = browser.gathered.pop_front().expect("something was gathered");
        self.input(now, self.event(connection_id, PeerEvent::Candidate(candidate)))
    }

    /// `connectionstatechange`.
    pub(crate) fn turn_ice(&mut self, now: Time, matched: bool) -> Outcome {
        let browser = self.open();
        let connection_id = browser.connection_id;
        browser
            .connection
            .check_ice(now, matched, std::time::Duration::ZERO);
        let state = browser.connection.ice;
        let mut outcome = self.input(now, self.event(connection_id, PeerEvent::ConnectionState(state)));
        if state == ConnectionState::Connected {
            let opened = self.input(now, self.event(connection_id, PeerEvent::ChannelOpen));
            outcome.trouble = outcome.trouble.or(opened.trouble);
        }
        outcome
    }

    /// A message comes over the data channel.
    pub(crate) fn hear(&mut self, now: Time, text: PeerText) -> Outcome {
        let connection_id = self.open().connection_id;
        self.input(now, self.event(connection_id, PeerEvent::Said(text)))
    }

    /// A track is added, or removed again.
    pub(crate) fn change_track(&mut self) {
        self.sends.video = !self.sends.video;
        let sends = self.sends;
        let browser = self.open();
        browser.connection.send(sends);
        browser.update_negotiation_needed();
    }

    /// `restartIce()`, as if somebody else wanted it.
    pub(crate) fn restart_ice(&mut self) {
        let browser = self.open();
        browser.connection.restart_ice();
        browser.update_negotiation_needed();
    }
}

pub(crate) fn from_relay(message: RelayMessage) -> Input {
    Input::Signaling(Route::Relay, SignalingEvent::Message(message))
}

fn shows_address(body: &PeerBody) -> bool {
    match body {
        PeerBody::Candidate(_) => true,
        PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. } => sdp.contains("a=candidate:"),
        _ => false,
    }
}

/// A candidate of a connection_id, and their end.
fn gathered(ufrag: &str) -> [IceCandidate; 2] {
    ["candidate:1 1 udp 1 192.0.2.1 9 typ host", ""].map(|candidate| IceCandidate {
        candidate: candidate.into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: Some(ufrag.to_owned()),
    })
}
