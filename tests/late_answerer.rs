//! The bug on which the first tutorial ends: who is called needs seconds before they have a connection, and
//! must not lose what is said meanwhile.

#![cfg(target_arch = "wasm32")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Promise, Reflect};
use visavis::signaling::{Connection, Connector, Sink, ThisBrowser};
use visavis_call::{Command, MediaWish, SignalingEvent, Stage};
use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::{ClientMessage, PeerText, RelayMessage};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    RtcIceCandidateInit, RtcPeerConnection, RtcPeerConnectionState, RtcSdpType, RtcSessionDescriptionInit,
};

mod support;

use support::{Person, both_reach, fresh_room, probe, sleep, until};

wasm_bindgen_test_configure!(run_in_browser);

// ── A relay that takes its time over tokens ────────────────────────────────────────────────────────────────

/// What went through a connection, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Passed {
    Token,
    Sent(PeerBody),
    Received(PeerBody),
}

type Log = Rc<RefCell<Vec<Passed>>>;

/// Tabs of this browser, in the guise of a relay whose tokens take so many milliseconds.
struct SlowTokens {
    wait: i32,
    log: Log,
}

struct SlowConnection {
    wait: i32,
    log: Log,
    sink: Sink,
    tab: Box<dyn Connection>,
}

fn body_of(text: &PeerText) -> PeerBody {
    decode_peer(text).expect("drivers speak the protocol").body
}

impl Connector for SlowTokens {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        let (log, up) = (Rc::clone(&self.log), Rc::clone(&sink));
        let tab = ThisBrowser.open(Rc::new(move |event| {
            if let SignalingEvent::Message(RelayMessage::Message { message, .. }) = &event {
                log.borrow_mut().push(Passed::Received(body_of(message)));
            }
            up(event);
        }));
        Box::new(SlowConnection {
            wait: self.wait,
            log: Rc::clone(&self.log),
            sink,
            tab,
        })
    }
}

impl Connection for SlowConnection {
    fn send(&self, message: ClientMessage) {
        match message {
            ClientMessage::Token => {
                let (wait, log, sink) = (self.wait, Rc::clone(&self.log), Rc::clone(&self.sink));
                spawn_local(async move {
                    sleep(wait).await;
                    log.borrow_mut().push(Passed::Token);
                    sink(SignalingEvent::Message(RelayMessage::Token {
                        ice_servers: Vec::new(),
                        expires_in: None,
                    }));
                });
            }
            message => {
                if let ClientMessage::Send { message, .. } = &message {
                    self.log.borrow_mut().push(Passed::Sent(body_of(message)));
                }
                self.tab.send(message);
            }
        }
    }
}

fn candidates(log: &Log, which: impl Fn(&Passed) -> Option<&PeerBody>) -> Vec<IceCandidate> {
    let log = log.borrow();
    let bodies = log.iter().filter_map(which);
    bodies
        .filter_map(|body| match body {
            PeerBody::Candidate(candidate) => Some(candidate.clone()),
            _ => None,
        })
        .collect()
}

#[wasm_bindgen_test]
async fn who_waits_seconds_for_a_token_loses_nothing() {
    let room = fresh_room();
    let (caller_log, callee_log) = (Log::default(), Log::default());
    let callee = Person::behind_relay(
        &room,
        SlowTokens {
            wait: 3000,
            log: Rc::clone(&callee_log),
        },
    );
    let caller = Person::behind_relay(
        &room,
        SlowTokens {
            wait: 0,
            log: Rc::clone(&caller_log),
        },
    );
    for person in [&caller, &callee] {
        person.send(Command::GetMedia(MediaWish::CameraAndMicrophone));
    }
    both_reach(&caller, &callee, Stage::Ready).await;
    let made = probe::made_connections();
    caller.send(Command::Call);
    both_reach(&caller, &callee, Stage::InCall).await;
    caller.sees_the_other().await;
    callee.sees_the_other().await;

    let heard = callee_log.borrow().clone();
    let position = |what: &dyn Fn(&Passed) -> bool| heard.iter().position(what).expect("it has passed");
    let offer = position(&|it| matches!(it, Passed::Received(PeerBody::Offer { .. })));
    let token = position(&|it| *it == Passed::Token);
    let answer = position(&|it| matches!(it, Passed::Sent(PeerBody::Answer { .. })));
    assert!(
        offer < token && token < answer,
        "the call arrived before there was a token: {heard:?}"
    );

    let received = |it: &Passed| matches!(it, Passed::Received(PeerBody::Candidate(_)));
    let first = position(&received);
    assert!(
        offer < first && first < token,
        "candidates come early to whoever keeps them: {heard:?}"
    );
    let sent = || {
        candidates(&caller_log, |it| {
            if let Passed::Sent(body) = it {
                Some(body)
            } else {
                None
            }
        })
    };
    let arrived = || {
        candidates(&callee_log, |it| {
            if let Passed::Received(body) = it {
                Some(body)
            } else {
                None
            }
        })
    };
    until("all candidates are gathered", || {
        sent().last().is_some_and(IceCandidate::is_end_of_candidates)
    })
    .await;
    until("all candidates arrive", || arrived() == sent()).await;
    until("all candidates are used", || {
        probe::added_to(made + 1) as usize == sent().len()
    })
    .await;
    let texts: Vec<_> = sent().into_iter().map(|candidate| candidate.candidate).collect();
    assert_eq!(
        texts,
        probe::gathered_by(made),
        "what was gathered was sent, in order"
    );
    assert!(texts.len() > 1, "there is a network");
}

// ── A tutorial's answerer ──────────────────────────────────────────────────────────────────────────────────

/// A wire between a driver and a test.
#[derive(Clone, Default)]
struct Wire {
    sink: Rc<RefCell<Option<Sink>>>,
    sent: Rc<RefCell<Vec<ClientMessage>>>,
}

impl Connector for Wire {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        sink(SignalingEvent::Opened);
        self.sink.replace(Some(sink));
        Box::new(self.clone())
    }
}

impl Connection for Wire {
    fn send(&self, message: ClientMessage) {
        self.sent.borrow_mut().push(message);
    }
}

impl Wire {
    fn say(&self, message: RelayMessage) {
        let sink = self.sink.borrow();
        sink.as_ref().expect("the wire is open")(SignalingEvent::Message(message));
    }
}

/// Somebody who answers as the tutorials do: a connection is made when the token is there, and a candidate
/// that comes before is lost.
///
/// Its own candidates it keeps to itself, as if none of them led anywhere: so there is a connection only if
/// it gets the caller's.
#[derive(Default)]
struct NaiveAnswerer {
    connection: RefCell<Option<RtcPeerConnection>>,
    answered: Cell<bool>,
    /// Each candidate that came, and whether it could be used.
    candidates: RefCell<Vec<(IceCandidate, bool)>>,
    /// The caller's last message.
    heard: Cell<u64>,
}

fn naive() -> PeerId {
    PeerId::new("naive").expect("this is a name")
}

impl NaiveAnswerer {
    /// Plays both the relay and the person behind it.
    fn hear(self: &Rc<Self>, wire: &Wire, message: ClientMessage) {
        match message {
            ClientMessage::Join { .. } => {
                wire.say(RelayMessage::Joined {
                    you: PeerId::new("caller").expect("this is a name"),
                    capacity: 2,
                });
                wire.say(RelayMessage::Ready { peer: naive() });
            }
            ClientMessage::Token => {
                wire.say(RelayMessage::Token {
                    ice_servers: Vec::new(),
                    expires_in: None,
                });
            }
            ClientMessage::Send { message, .. } => {
                let message = decode_peer(&message).expect("drivers speak the protocol");
                self.heard.set(self.heard.get().max(message.number));
                match message.body {
                    PeerBody::Offer { sdp, exchange, .. } => {
                        spawn_local(Rc::clone(self).answer(wire.clone(), message.connection, sdp, exchange));
                    }
                    PeerBody::Candidate(candidate) => self.candidate(candidate),
                    // It knows no more than the tutorials.
                    PeerBody::Hello { .. }
                    | PeerBody::Answer { .. }
                    | PeerBody::Call { .. }
                    | PeerBody::Ringing
                    | PeerBody::Decline { .. }
                    | PeerBody::Media { .. }
                    | PeerBody::HangUp
                    | PeerBody::GiveUp
                    | PeerBody::Say { .. }
                    | PeerBody::Heard { .. }
                    | PeerBody::React { .. }
                    | PeerBody::Hand { .. }
                    | PeerBody::Show { .. }
                    | PeerBody::NoCode
                    | PeerBody::Commit { .. }
                    | PeerBody::Reveal { .. }
                    | PeerBody::Unknown => {}
                }
            }
            ClientMessage::Name { .. }
            | ClientMessage::Leave
            | ClientMessage::Door { .. }
            | ClientMessage::Admit { .. }
            | ClientMessage::Refuse { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Host { .. } => {}
        }
    }

    async fn answer(self: Rc<Self>, wire: Wire, caller: ConnectionId, sdp: String, exchange: u32) {
        // This is how long its token takes.
        sleep(2000).await;
        let connection = RtcPeerConnection::new().expect("there can be another connection");
        let offer = RtcSessionDescriptionInit::new(RtcSdpType::Offer);
        offer.set_sdp(&sdp);
        settled(connection.set_remote_description(&offer).unchecked_into()).await;
        let answer = settled(connection.create_answer().unchecked_into()).await;
        settled(
            connection
                .set_local_description(answer.unchecked_ref())
                .unchecked_into(),
        )
        .await;
        let sdp = Reflect::get(&answer, &"sdp".into())
            .ok()
            .and_then(|sdp| sdp.as_string());
        let message = PeerMessage {
            number: 1,
            ack: self.heard.get(),
            after: None,
            replaces: None,
            connection: ConnectionId(1),
            to: Some(caller),
            body: PeerBody::Answer {
                sdp: sdp.expect("an answer has a text"),
                exchange,
            },
        };
        self.connection.replace(Some(connection));
        self.answered.set(true);
        wire.say(RelayMessage::Message {
            from: naive(),
            message: encode_peer(&message),
        });
    }

    fn candidate(&self, candidate: IceCandidate) {
        let connection = self.connection.borrow();
        if let Some(connection) = &*connection {
            let init = RtcIceCandidateInit::new(&candidate.candidate);
            init.set_sdp_mid(candidate.sdp_mid.as_deref());
            init.set_sdp_m_line_index(candidate.sdp_m_line_index);
            let added = connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&init));
            spawn_local(async move {
                settled(added.unchecked_into()).await;
            });
        }
        self.candidates
            .borrow_mut()
            .push((candidate, connection.is_some()));
    }

    fn is_connected(&self) -> bool {
        let connection = self.connection.borrow();
        connection
            .as_ref()
            .is_some_and(|it| it.connection_state() == RtcPeerConnectionState::Connected)
    }

    /// How many candidates came, and how many of these too early.
    fn count(&self) -> (usize, usize) {
        let candidates = self.candidates.borrow();
        (
            candidates.len(),
            candidates.iter().filter(|(_, used)| !used).count(),
        )
    }
}

impl Drop for NaiveAnswerer {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close();
        }
    }
}

async fn settled(promise: Promise) -> JsValue {
    JsFuture::from(promise)
        .await
        .expect("the browser does as it is asked")
}

#[wasm_bindgen_test]
async fn a_tutorials_answerer_who_is_late_gets_every_candidate() {
    let wire = Wire::default();
    let answerer = Rc::new(NaiveAnswerer::default());
    let (line, listener) = (wire.clone(), Rc::downgrade(&answerer));
    spawn_local(async move {
        while let Some(answerer) = listener.upgrade() {
            let messages = std::mem::take(&mut *line.sent.borrow_mut());
            messages
                .into_iter()
                .for_each(|message| answerer.hear(&line, message));
            drop(answerer);
            sleep(5).await;
        }
    });
    let caller = Person::behind_relay(&fresh_room(), wire);
    caller.send(Command::GetMedia(MediaWish::CameraAndMicrophone));
    caller.reaches(Stage::Ready).await;
    let made = probe::made_connections();
    caller.send(Command::Call);
    caller.reaches(Stage::Connecting).await;
    until("the caller has gathered all candidates", || {
        probe::made_connections() > made && probe::gathered_by(made).last().is_some_and(String::is_empty)
    })
    .await;
    assert!(!answerer.answered.get(), "the answerer is late");
    until("the answerer answers", || answerer.answered.get()).await;
    until("some candidate comes", || answerer.count().0 > 0).await;
    assert_eq!(
        answerer.count().1,
        0,
        "no candidate comes before there is a connection to take it"
    );

    caller.reaches(Stage::InCall).await;
    until("the answerer is connected", || answerer.is_connected()).await;
    let came: Vec<_> = answerer
        .candidates
        .borrow()
        .iter()
        .map(|(it, _)| it.candidate.clone())
        .collect();
    assert_eq!(
        came,
        probe::gathered_by(made),
        "every candidate came, in order, and the end of candidates last"
    );
    assert!(came.len() > 1, "there is a network");
}
