//! What the browser tells about paths and networks, and what it does to mend a connection.

#![cfg(target_arch = "wasm32")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use visavis::browser::certificate::Certificate;
use visavis::browser::media::{self, LocalStream, Request};
use visavis::browser::peer_connection::{OnEvent, PeerConnection, Waiting};
use visavis::browser::preferences::Chosen;
use visavis::browser::{ice_servers, session, statistics, wake};
use visavis_call::{
    CallPhase, Command, Completion, DescriptionKind, DeviceView, Fingerprint, Fingerprints,
    IceTransportPolicy, MediaWish, Operation, Path, PeerEvent, PreConnection, Purpose, Role, SignalingState,
    Stage,
};
use visavis_protocol::ice::{IceCandidate, IceServer};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{RtcRtpTransceiver, RtcRtpTransceiverDirection};

mod support;

use support::{
    Person, both_reach, expect_equal, fresh_room, probe, shows_frames, small_video, two_people, until,
};

wasm_bindgen_test_configure!(run_in_browser);

// ── One connection ─────────────────────────────────────────────────────────────────────────────────────────

/// A connection, and what it said.
struct End {
    connection: PeerConnection,
    heard: Rc<RefCell<Vec<PeerEvent>>>,
    local: LocalStream,
}

fn server(url: &str) -> IceServer {
    IceServer {
        urls: vec![url.into()],
        username: Some("somebody".into()),
        credential: Some("something".into()),
    }
}

impl End {
    async fn new(role: Role, servers: &[IceServer]) -> Self {
        Self::made_for(Purpose::Call, role, servers).await
    }

    async fn made_for(purpose: Purpose, role: Role, servers: &[IceServer]) -> Self {
        let local = media::open(Request {
            wish: MediaWish::CameraAndMicrophone,
            site: small_video(),
            person: Chosen::kept(),
            instead_of: None,
        })
        .await;
        let local = local
            .stream
            .expect("there are a fake camera and a fake microphone");
        let heard: Rc<RefCell<Vec<_>>> = Rc::default();
        let events = Rc::clone(&heard);
        let on_event: OnEvent = Rc::new(move |event| events.borrow_mut().push(event));
        let certificate = Certificate::make();
        until("there is a certificate", || certificate.get().is_some()).await;
        let certificate = certificate.get();
        Self {
            connection: PeerConnection::new(
                role,
                servers,
                IceTransportPolicy::All,
                purpose,
                certificate,
                Some(&local),
                &on_event,
            )
            .expect("there can be another connection"),
            heard,
            local,
        }
    }

    async fn run(&self, operation: Operation) -> Completion {
        match self.connection.run(operation).await {
            PeerEvent::Done { result, .. } => result.expect("the browser does as it is asked"),
            other => panic!("an operation ends with {other:?}"),
        }
    }

    async fn describe(&self) -> String {
        match self.run(Operation::SetLocalDescription).await {
            Completion::LocalDescription { sdp, .. } => sdp,
            Completion::Done => panic!("there is no description"),
        }
    }

    fn wants_negotiation(&self) -> bool {
        let heard = self.heard.borrow();
        heard
            .iter()
            .any(|event| matches!(event, PeerEvent::NegotiationNeeded))
    }

    fn candidates(&self) -> Vec<IceCandidate> {
        let heard = self.heard.borrow();
        let candidates = heard.iter().filter_map(|event| match event {
            PeerEvent::Candidate(candidate) => Some(candidate.clone()),
            _ => None,
        });
        candidates.collect()
    }

    /// Hands this end's offer over, and brings the answer back.
    async fn negotiates_with(&self, other: &Self) {
        let kind = DescriptionKind::Offer;
        let sdp = self.describe().await;
        other.run(Operation::SetRemoteDescription { kind, sdp }).await;
        let kind = DescriptionKind::Answer;
        let sdp = other.describe().await;
        self.run(Operation::SetRemoteDescription { kind, sdp }).await;
    }

    /// The same, and then the candidates of both.
    async fn offers_to(&self, other: &Self) {
        self.negotiates_with(other).await;
        for (from, to) in [(self, other), (other, self)] {
            until("all candidates are gathered", || {
                from.candidates()
                    .last()
                    .is_some_and(IceCandidate::is_end_of_candidates)
            })
            .await;
            for candidate in from.candidates() {
                to.run(Operation::AddCandidate(candidate)).await;
            }
            from.heard.borrow_mut().clear();
        }
    }

    async fn receives_more(&self) {
        let received = async || {
            statistics::received(self.connection.raw(), Waiting::default())
                .await
                .bytes
        };
        let before = received().await;
        for _ in 0..500 {
            if received().await > before {
                return;
            }
            support::sleep(20).await;
        }
        panic!("no more than {before} bytes arrive");
    }
}

#[wasm_bindgen_test]
async fn a_restart_takes_new_servers_and_another_path_and_keeps_the_connection() {
    let made = probe::made_connections();
    let (one, other) = (
        End::new(Role::Caller, &[]).await,
        End::new(Role::Callee, &[]).await,
    );
    until("the caller wants to offer", || one.wants_negotiation()).await;
    one.offers_to(&other).await;
    let states = || [made, made + 1].map(probe::state_of);
    let connected = ["connected stable", "connected stable"].map(str::to_owned);
    expect_equal("both are connected", connected.clone(), states).await;
    one.receives_more().await;

    for (end, from, to, new, known) in [
        (made, &one, &other, "turn:127.0.0.1:1", Some("turn:127.0.0.1:1")),
        // An invalid server changes nothing, and does not stop the restart.
        (made + 1, &other, &one, "pigeon:127.0.0.1:1", None),
    ] {
        let before = [made, made + 1].map(probe::ufrag_of);
        assert!(!from.wants_negotiation());
        from.connection
            .restart_ice(&[server(new)], IceTransportPolicy::All);
        until("the restart is to be negotiated", || from.wants_negotiation()).await;
        let servers = probe::servers_of(end);
        assert_eq!(servers.first().map(String::as_str), known);
        from.offers_to(to).await;
        let after = [made, made + 1].map(probe::ufrag_of);
        assert!(before[0] != after[0] && before[1] != after[1], "both look anew");
        expect_equal("both are connected", connected.clone(), states).await;
        one.receives_more().await;
        other.receives_more().await;
    }
}

#[wasm_bindgen_test]
async fn a_look_comes_once_however_often_it_is_asked_for_and_not_after_the_end() {
    let end = End::new(Role::Caller, &[]).await;
    let looks: Rc<Cell<u32>> = Rc::default();
    let look = || {
        let looks = Rc::clone(&looks);
        move || looks.set(looks.get() + 1)
    };
    end.connection.poll_later(look());
    end.connection.poll_later(look());
    assert_eq!(Rc::strong_count(&looks), 2, "the first one is forgotten");
    until("it is time to look", || looks.get() == 1).await;
    end.connection.poll_later(look());
    drop(end);
    assert_eq!(Rc::strong_count(&looks), 1, "nothing is looked at any more");
}

#[wasm_bindgen_test]
async fn video_that_goes_and_comes_is_told_once_each_time() {
    let (one, other) = (
        End::new(Role::Caller, &[]).await,
        End::new(Role::Callee, &[]).await,
    );
    one.offers_to(&other).await;
    let told = || {
        let heard = one.heard.borrow();
        let told = heard.iter().filter_map(|event| match event {
            PeerEvent::RemoteVideo(arrives) => Some(*arrives),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    one.receives_more().await;
    let transceivers = other.connection.raw().get_transceivers();
    let camera: RtcRtpTransceiver = transceivers.get(1).unchecked_into();
    assert_eq!(camera.receiver().track().kind(), "video");
    let listeners = probe::Open::now().listeners;
    for _ in 0..3 {
        one.heard.borrow_mut().clear();
        camera.set_direction(RtcRtpTransceiverDirection::Recvonly);
        other.negotiates_with(&one).await;
        expect_equal("it is gone", vec![false], told).await;
        one.heard.borrow_mut().clear();
        camera.set_direction(RtcRtpTransceiverDirection::Sendrecv);
        other.negotiates_with(&one).await;
        expect_equal("it is announced, and then comes", vec![false, true], told).await;
        shows_frames(one.connection.remote()).await;
        assert_eq!(probe::Open::now().listeners, listeners);
    }
}

#[wasm_bindgen_test]
async fn what_gave_way_to_another_offer_is_wanted_again() {
    let made = probe::made_connections();
    let (polite, impolite) = (
        End::new(Role::Caller, &[]).await,
        End::new(Role::Callee, &[]).await,
    );
    polite.offers_to(&impolite).await;
    let states = || [made, made + 1].map(probe::state_of);
    let connected = ["connected stable", "connected stable"].map(str::to_owned);
    expect_equal("both are connected", connected.clone(), states).await;
    polite.heard.borrow_mut().clear();
    let before = probe::ufrag_of(made);

    polite.connection.restart_ice(&[], IceTransportPolicy::All);
    until("a restart is to be negotiated", || polite.wants_negotiation()).await;
    let sdp = polite.describe().await;
    assert!(sdp.contains("ice-ufrag") && !sdp.contains(&before));
    polite.heard.borrow_mut().clear();
    // The other side has made an offer without a restart meanwhile, and does not answer this one.
    let kind = DescriptionKind::Offer;
    let sdp = impolite.describe().await;
    let set = Operation::SetRemoteDescription { kind, sdp };
    assert_eq!(
        polite.leaves(set).await,
        SignalingState::HaveRemoteOffer,
        "it is not in the way"
    );
    let kind = DescriptionKind::Answer;
    let sdp = polite.describe().await;
    impolite.run(Operation::SetRemoteDescription { kind, sdp }).await;
    assert_eq!(probe::ufrag_of(made), before);
    until("the restart is still wanted", || polite.wants_negotiation()).await;
    assert_eq!(
        polite.leaves(Operation::SetLocalDescription).await,
        SignalingState::HaveLocalOffer,
        "an offer that is out counts, whatever the browser knows of it"
    );
    assert_eq!(states(), connected);
}

/// A browser refuses a whole list for one address in it.
#[wasm_bindgen_test]
async fn addresses_that_the_browser_refuses_are_left_out() {
    let server = |urls: &[&str]| IceServer {
        urls: urls.iter().map(|url| (*url).to_owned()).collect(),
        username: None,
        credential: None,
    };
    let good = "stun:127.0.0.1:3478";
    let bad = ["stun:h?transport=udp", "stun:127.0.0.1:99999", "turn:127.0.0.1"];
    let servers = [server(&[bad[0]]), server(&[bad[1], good]), server(&[bad[2]])];
    let accepted = ice_servers::accepted(&servers);
    assert_eq!(accepted.servers, [server(&[good])]);
    assert_eq!(accepted.refused, bad, "the last one lacks a password");

    let end = End::made_for(Purpose::Call, Role::Caller, &servers).await;
    end.connection.restart_ice(&servers, IceTransportPolicy::All);
    assert!(end.describe().await.contains("ice-ufrag"));
}

/// Both would have offered before the call, and one of them has begun to send before the other's offer came.
#[wasm_bindgen_test]
async fn video_is_seen_whichever_of_two_offers_they_come_with() {
    for begins_early in [false, true] {
        let before_call = Purpose::PreConnection;
        let made = probe::made_connections();
        let (one, other) = (
            End::made_for(before_call, Role::Caller, &[]).await,
            End::made_for(before_call, Role::Caller, &[]).await,
        );
        if begins_early {
            one.connection.start_sending(Some(&one.local));
        }
        other.offers_to(&one).await;
        expect_equal("they are connected", "connected stable".to_owned(), || {
            probe::state_of(made)
        })
        .await;
        one.negotiates_with(&other).await;
        if !begins_early {
            one.connection.start_sending(Some(&one.local));
        }
        other.connection.start_sending(Some(&other.local));
        for end in [&one, &other] {
            shows_frames(end.connection.remote()).await;
        }
    }
}

impl End {
    /// The signaling state after an operation.
    async fn leaves(&self, operation: Operation) -> SignalingState {
        match self.connection.run(operation).await {
            PeerEvent::Done { signaling, .. } => signaling,
            other => panic!("an operation ends with {other:?}"),
        }
    }

    /// The complaints about ICE servers: codes, and whether they are about TURN servers.
    fn complaints(&self) -> Vec<(u16, bool)> {
        let heard = self.heard.borrow();
        let complaints = heard.iter().filter_map(|event| match event {
            PeerEvent::IceError { code, turn } => Some((*code, *turn)),
            _ => None,
        });
        complaints.collect()
    }
}

#[wasm_bindgen_test]
async fn all_connections_with_a_certificate_have_its_fingerprint() {
    let certificate = Certificate::make();
    assert!(certificate.get().is_none(), "nobody waits for it");
    until("there is a certificate", || certificate.get().is_some()).await;
    let fingerprint = async |certificate| {
        let on_event: OnEvent = Rc::new(|_| {});
        let connection = PeerConnection::new(
            Role::Caller,
            &[],
            IceTransportPolicy::All,
            Purpose::PreConnection,
            certificate,
            None,
            &on_event,
        );
        let connection = connection.expect("there can be another connection");
        let done = connection.run(Operation::SetLocalDescription).await;
        let PeerEvent::Done {
            result: Ok(Completion::LocalDescription { sdp, .. }),
            ..
        } = done
        else {
            panic!("there is no description: {done:?}")
        };
        let line = sdp.lines().find(|line| line.starts_with("a=fingerprint:"));
        line.expect("a description has a fingerprint").to_owned()
    };
    let first = fingerprint(certificate.get()).await;
    assert_eq!(fingerprint(certificate.get()).await, first);
    assert_ne!(fingerprint(None).await, first);
}

#[wasm_bindgen_test]
async fn a_turn_server_that_does_not_exist_is_told() {
    let end = End::new(Role::Caller, &[server("turn:no-such-server.invalid")]).await;
    end.describe().await;
    until("the error is told", || end.complaints().contains(&(701, true))).await;
}

#[wasm_bindgen_test]
async fn what_servers_complain_of_is_told() {
    let made = probe::made_connections();
    let end = End::new(Role::Caller, &[]).await;
    probe::complain(made, "turn:turn.example.org:3478?transport=udp", 401);
    probe::complain(made, "turns:turn.example.org", 486);
    probe::complain(made, "stun:stun.example.org", 701);
    probe::complain(made, "", 701);
    assert_eq!(
        end.complaints(),
        [(401, true), (486, true), (701, false), (701, false)]
    );
}

async fn count(entries: Option<&str>) -> u64 {
    statistics::received(probe::with_statistics(entries), Waiting::default())
        .await
        .bytes
}

async fn find(entries: Option<&str>) -> Option<Path> {
    statistics::path(probe::with_statistics(entries), Waiting::default())
        .await
        .0
}

#[wasm_bindgen_test]
async fn certificates_are_those_that_the_transport_names() {
    let of = async |entries: &str| {
        statistics::path(probe::with_statistics(Some(entries)), Waiting::default())
            .await
            .1
    };
    let pairs = |pair: &str| vec![pair; 32].join(":");
    let (ours, theirs) = (pairs("0A"), pairs("B1"));
    let certificates = format!(
        r#"{{"id": "C", "type": "certificate", "fingerprint": "{ours}", "fingerprintAlgorithm": "sha-256"}},
        {{"id": "D", "type": "certificate", "fingerprint": "{theirs}", "fingerprintAlgorithm": "sha-256"}},
        {{"id": "E", "type": "certificate", "fingerprint": "0A:0B", "fingerprintAlgorithm": "sha-1"}}"#
    );
    let transport = |named: &str| format!(r#"[{certificates}, {{"id": "T", "type": "transport"{named}}}]"#);
    let read = |text: &str| Fingerprint::read(text);
    assert_eq!(
        of(&transport(
            r#", "localCertificateId": "C", "remoteCertificateId": "D""#
        ))
        .await,
        Fingerprints {
            ours: read(&ours),
            theirs: read(&theirs)
        }
    );
    for silent in ["", r#", "localCertificateId": "E", "remoteCertificateId": "F""#] {
        assert_eq!(of(&transport(silent)).await, Fingerprints::default());
    }
    assert!(read(&ours).is_some());
}

#[wasm_bindgen_test]
async fn bytes_are_counted_whatever_the_browser_calls_them() {
    let chromium = r#"[
        {"id": "T", "type": "transport", "bytesReceived": 70},
        {"id": "P", "type": "candidate-pair", "bytesReceived": 60},
        {"id": "U", "type": "transport", "bytesReceived": 7},
        {"id": "I", "type": "inbound-rtp", "bytesReceived": 50}]"#;
    assert_eq!(count(Some(chromium)).await, 77);
    let firefox = r#"[
        {"id": "T", "type": "transport"},
        {"id": "P", "type": "candidate-pair", "bytesReceived": 60},
        {"id": "Q", "type": "candidate-pair"},
        {"id": "I", "type": "inbound-rtp", "bytesReceived": 50}]"#;
    assert_eq!(count(Some(firefox)).await, 60);
    let media = r#"[
        {"id": "I", "type": "inbound-rtp", "bytesReceived": 50},
        {"id": "O", "type": "outbound-rtp", "bytesReceived": 1},
        {"id": "J", "type": "inbound-rtp", "bytesReceived": 5}]"#;
    assert_eq!(count(Some(media)).await, 55);
    assert_eq!(count(Some("[]")).await, 0);
    assert_eq!(count(None).await, 0, "it is answered in any case");
}

#[wasm_bindgen_test]
async fn losses_distance_and_loudness_are_told() {
    let entries = r#"[
        {"id": "T", "type": "transport", "selectedCandidatePairId": "P"},
        {"id": "P", "type": "candidate-pair", "currentRoundTripTime": 0.25},
        {"id": "Q", "type": "candidate-pair", "currentRoundTripTime": 9},
        {"id": "A", "type": "inbound-rtp", "packetsReceived": 500, "packetsLost": -3, "totalAudioEnergy": 0.5},
        {"id": "V", "type": "inbound-rtp", "packetsReceived": 700, "packetsLost": 5},
        {"id": "O", "type": "outbound-rtp", "packetsSent": 9}]"#;
    let reception = statistics::received(probe::with_statistics(Some(entries)), Waiting::default()).await;
    assert_eq!((reception.packets, reception.lost), (1200, 5));
    assert_eq!((reception.energy, reception.round_trip), (500_000, 250));
}

#[wasm_bindgen_test]
async fn a_path_is_found_whatever_names_it() {
    let ends = r#"
        {"id": "H", "type": "local-candidate", "candidateType": "host"},
        {"id": "R", "type": "remote-candidate", "candidateType": "relay"},
        {"id": "L", "type": "local-candidate", "candidateType": "relay", "relayProtocol": "udp"},
        {"id": "M", "type": "local-candidate", "candidateType": "prflx", "relayProtocol": "udp"},
        {"id": "U", "type": "candidate-pair", "localCandidateId": "L", "remoteCandidateId": "H"},
        {"id": "V", "type": "candidate-pair", "localCandidateId": "M", "remoteCandidateId": "R"},
        {"id": "P", "type": "candidate-pair", "localCandidateId": "H", "remoteCandidateId": "H"},
        {"id": "Q", "type": "candidate-pair", "localCandidateId": "H", "remoteCandidateId": "R""#;
    let named = |pair| {
        format!(r#"[{ends}}}, {{"id": "T", "type": "transport", "selectedCandidatePairId": "{pair}"}}]"#)
    };
    assert_eq!(find(Some(&named("P"))).await, Some(Path::Direct));
    assert_eq!(find(Some(&named("Q"))).await, Some(Path::RelayedByThem));
    assert_eq!(find(Some(&named("U"))).await, Some(Path::Relayed));
    assert_eq!(
        find(Some(&named("V"))).await,
        Some(Path::Relayed),
        "behind a translator"
    );
    assert_eq!(
        find(Some(&format!(r#"[{ends}, "selected": true}}]"#))).await,
        Some(Path::RelayedByThem)
    );
    assert_eq!(find(Some(&format!("[{ends}}}]"))).await, None);
    assert_eq!(find(None).await, None);
}

// ── Whole calls ────────────────────────────────────────────────────────────────────────────────────────────

/// What the driver hears when a laptop is opened again.
fn network_is_back() {
    probe::happens("window", "online", "{}");
}

#[wasm_bindgen_test]
async fn a_call_whose_bytes_move_is_left_alone_when_the_network_is_back() {
    let made = probe::made_connections();
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;
    other.sees_the_other().await;
    let connections = [made, made + 1];
    let descriptions = connections.map(probe::descriptions_of);
    let counted = connections.map(probe::counted_by);
    network_is_back();
    for (connection, before) in connections.into_iter().zip(counted) {
        // Twice for the doubt, and once a second in any case, for more than the three seconds that it takes.
        until("bytes are counted, and enough of them", || {
            probe::counted_by(connection) >= before + 7
        })
        .await;
    }
    one.sees_the_other().await;
    assert_eq!(connections.map(probe::descriptions_of), descriptions);
}

#[wasm_bindgen_test]
async fn offers_that_meet_again_and_again_leave_video_and_audio_alone() {
    let made = probe::made_connections();
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;
    other.sees_the_other().await;
    for _ in 0..5 {
        let before = [made, made + 1].map(probe::ufrag_of);
        [made, made + 1].into_iter().for_each(probe::restart_ice);
        let settled = ["connected stable", "connected stable"].map(str::to_owned);
        until("both have looked for another path", || {
            let after = [made, made + 1].map(probe::ufrag_of);
            before[0] != after[0] && before[1] != after[1] && [made, made + 1].map(probe::state_of) == settled
        })
        .await;
        for person in [&one, &other] {
            person.sees_the_other().await;
            person.hears_the_other().await;
        }
    }
}

/// An offer that is set only when its answer comes is still there if the browser refuses to set it at first.
#[wasm_bindgen_test]
async fn an_answer_to_an_offer_that_was_held_is_tried_again() {
    let made = probe::made_connections();
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;
    let before = probe::ufrag_of(made);
    refuse_one_offer();
    probe::restart_ice(made);
    until("another path was looked for", || {
        probe::ufrag_of(made) != before && probe::state_of(made) == "connected stable"
    })
    .await;
    one.sees_the_other().await;
    other.sees_the_other().await;
    assert_eq!(probe::made_connections(), made + 2, "no connection was made anew");
}

/// The next offer that is set, not made and set in one, is refused.
fn refuse_one_offer() {
    const REFUSE: &str = "(() => {
        const { prototype } = RTCPeerConnection;
        const real = prototype.setLocalDescription;
        prototype.setLocalDescription = function (...of) {
            if (of[0]?.type !== 'offer') return real.apply(this, of);
            prototype.setLocalDescription = real;
            return Promise.reject(new DOMException('', 'OperationError'));
        };
    })()";
    js_sys::eval(REFUSE).expect("it is a program");
}

#[wasm_bindgen_test]
async fn a_clock_that_is_set_changes_no_deadline_and_no_length() {
    let made = probe::made_connections();
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;
    for hours in [-1, 1] {
        set_clock(hours);
        let before = probe::counted_by(made);
        until("what is done each second is done", || {
            probe::counted_by(made) >= before + 3
        })
        .await;
        assert_eq!(
            (one.stage(), other.stage()),
            (Some(Stage::InCall), Some(Stage::InCall))
        );
    }
    one.send(Command::HangUp);
    one.reaches(Stage::Ended).await;
    set_clock(0);
    let call = one.view().map(|view| view.call);
    let Some(CallPhase::Ended {
        lasted: Some(lasted), ..
    }) = call
    else {
        panic!("it has lasted for a while: {call:?}");
    };
    assert!(
        lasted > Duration::ZERO && lasted < Duration::from_secs(600),
        "{lasted:?}"
    );
}

/// Sets the wall clock to so many hours ahead of the truth.
fn set_clock(hours: i32) {
    let set = format!("Date.real ??= Date.now; Date.now = () => Date.real() + {hours} * 3_600_000");
    js_sys::eval(&set).expect("it is a program");
}

/// After so many questions to its statistics, a page knows that something arrives. Some were about the path.
const LOOKS: u32 = 8;

/// Two who are in a call receive nothing any more, as far as their pages can tell. Both look for another
/// path, and keep the connection.
async fn look_for_another_path(happens: impl FnOnce()) {
    let made = probe::made_connections();
    let (one, other) = two_people(&fresh_room()).await;
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    one.sees_the_other().await;
    other.sees_the_other().await;
    let before = [made, made + 1].map(probe::ufrag_of);
    until("both have seen a stream", || {
        [made, made + 1]
            .map(probe::counted_by)
            .iter()
            .all(|looks| *looks >= LOOKS)
    })
    .await;
    probe::be_deaf(true);
    happens();
    until("both look for another path", || {
        let now = [made, made + 1].map(probe::ufrag_of);
        now[0] != before[0] && now[1] != before[1]
    })
    .await;
    probe::be_deaf(false);
    one.sees_the_other().await;
    other.sees_the_other().await;
    both_reach(&one, &other, Stage::InCall).await;
    assert_eq!(
        probe::made_connections(),
        made + 2,
        "the connections are the same"
    );
}

#[wasm_bindgen_test]
async fn a_call_that_seems_silent_when_the_network_is_back_looks_for_another_path() {
    look_for_another_path(network_is_back).await;
}

#[wasm_bindgen_test]
async fn a_call_that_falls_silent_looks_for_another_path_before_the_browser_says_anything() {
    look_for_another_path(|| {}).await;
}

#[wasm_bindgen_test]
async fn what_arrives_is_looked_at_in_a_call_only() {
    let (one, other) = two_people(&fresh_room()).await;
    let stand_ready = async |made| {
        until("there are connections", || probe::made_connections() == made + 2).await;
        let states = || [made, made + 1].map(probe::state_of);
        let connected = ["connected stable"; 2].map(str::to_owned);
        expect_equal("the browsers are pre-connected", connected, states).await;
    };
    let made = probe::made_connections();
    for person in [&one, &other] {
        person.send(Command::PreConnect(PreConnection::On));
    }
    stand_ready(made).await;
    let waiting = probe::Open::now();
    let looks = |made: u32| [made, made + 1].map(probe::counted_by);
    let before = looks(made);
    one.send(Command::Call);
    both_reach(&one, &other, Stage::InCall).await;
    until("both look twice", || {
        let now = looks(made);
        now[0] >= before[0] + 2 && now[1] >= before[1] + 2
    })
    .await;

    one.send(Command::HangUp);
    stand_ready(made + 2).await;
    until("both have found their path", || !looks(made + 2).contains(&0)).await;
    let before = looks(made + 2);
    waiting.again().await;
    assert_eq!(looks(made + 2), before);
}

#[wasm_bindgen_test]
async fn both_switch_their_cameras_on_and_look_for_another_path_at_once() {
    let room = fresh_room();
    for round in 0..4 {
        let made = probe::made_connections();
        let (one, other) = (Person::outside(&room), Person::outside(&room));
        for person in [&one, &other] {
            person.send(Command::GetMedia(MediaWish::Microphone));
        }
        both_reach(&one, &other, Stage::Ready).await;
        one.send(Command::Call);
        both_reach(&one, &other, Stage::InCall).await;
        let before = [made, made + 1].map(probe::ufrag_of);
        for person in [&one, &other] {
            person.send(Command::SetCamera(true));
        }
        // Before the cameras are there, in the same moment, and after.
        if round == 1 {
            until("a camera is there", || {
                [&one, &other]
                    .iter()
                    .any(|it| it.devices().is_some_and(|(camera, _)| camera == DeviceView::On))
            })
            .await;
        } else {
            support::sleep(round * 20).await;
        }
        [made, made + 1].into_iter().for_each(probe::restart_ice);
        for person in [&one, &other] {
            person.has_devices(DeviceView::On, DeviceView::On).await;
        }
        for person in [&one, &other] {
            person.sees_the_other().await;
            person.hears_the_other().await;
        }
        let settled = ["connected stable", "connected stable"].map(str::to_owned);
        expect_equal("the negotiation is over", settled, || {
            [made, made + 1].map(probe::state_of)
        })
        .await;
        let after = [made, made + 1].map(probe::ufrag_of);
        assert!(before[0] != after[0] && before[1] != after[1], "both looked anew");
        // Audio, video, and the data channel.
        assert_eq!([made, made + 1].map(probe::lines_of), [3, 3]);
        assert_eq!(probe::made_connections(), made + 2);
    }
}

// ── The page ───────────────────────────────────────────────────────────────────────────────────────────────

#[wasm_bindgen_test]
async fn signs_of_another_network_are_heard_until_nobody_listens() {
    let heard = Rc::new(Cell::new(0));
    let count = Rc::clone(&heard);
    let on_wake: Rc<dyn Fn()> = Rc::new(move || count.set(count.get() + 1));
    let before = probe::Open::now();
    let listeners = wake::listen(&on_wake);
    let signs = [
        ("window", "online", "{}", 1),
        ("window", "pageshow", r#"{"persisted": true}"#, 1),
        ("window", "pageshow", r#"{"persisted": false}"#, 0),
        ("document", "visibilitychange", "{}", 1),
        ("document", "resume", "{}", 1),
        ("network", "change", "{}", 1),
    ];
    for (target, event, properties, times) in signs {
        heard.set(0);
        probe::happens(target, event, properties);
        assert_eq!(heard.get(), times, "{event} {properties}");
    }
    probe::hide(true);
    heard.set(0);
    probe::happens("document", "visibilitychange", "{}");
    assert_eq!(heard.get(), 0, "a page that is hidden sleeps");
    probe::happens("window", "online", "{}");
    assert_eq!(heard.get(), 1, "its call goes on");
    probe::hide(false);
    drop(listeners);
    heard.set(0);
    for (target, event, properties, _) in signs {
        probe::happens(target, event, properties);
    }
    assert_eq!(heard.get(), 0);
    before.again().await;
}

#[wasm_bindgen_test]
fn a_tab_keeps_one_value_from_page_to_page() {
    let key = "visavis.test";
    assert_eq!(session::kept(key), None);
    session::keep(key, "first");
    assert_eq!(session::kept(key).as_deref(), Some("first"));
    probe::forbid_storage(true);
    session::keep(key, "second");
    let forbidden = session::kept(key);
    probe::forbid_storage(false);
    assert_eq!(forbidden, None);
    assert_eq!(session::kept(key).as_deref(), Some("first"));
    assert!(!session::was_reloaded(), "the tests' page is opened once");
}
