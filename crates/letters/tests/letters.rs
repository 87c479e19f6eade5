//! Letters as people carry them: whole, cut, wrapped, of another version; and what they say.
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use visavis_letters::{
    Address, Age, CandidateType, Description, Desk, DtlsRole, Fault, Invitation, Letter, MARK, Minute, Reply,
    Unreadable,
};

/// As Chromium writes it, with all that is left out of a letter.
const CHROMIUM: &str = "v=0\r\no=- 4596 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\n\
    m=application 56143 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.7\r\n\
    a=candidate:10 1 udp 1677729535 203.0.113.9 40001 typ srflx raddr 192.0.2.7 rport 56143 generation 0\r\n\
    a=candidate:11 1 udp 2122260223 192.0.2.7 56143 typ host generation 0 network-id 1\r\n\
    a=candidate:12 1 udp 2122197247 2001:db8::7 56144 typ host generation 0 network-id 2\r\n\
    a=candidate:13 1 udp 2122131711 0a1b2c3d-0000-4000-8000-0123456789ab.local 56145 typ host generation 0\r\n\
    a=candidate:14 1 udp 33562623 198.51.100.3 49160 typ relay raddr 203.0.113.9 rport 40001 generation 0\r\n\
    a=candidate:15 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active generation 0\r\n\
    a=ice-ufrag:Ab+/\r\na=ice-pwd:0123456789abcdefABCDEF+/\r\na=ice-options:trickle\r\n\
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
    a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

fn description() -> Description {
    Description::from_sdp(CHROMIUM).expect("it is a description")
}

fn invitation() -> Invitation {
    Invitation {
        secret: *b"0123456789abcdef",
        made: Minute(29_000_000),
        description: description(),
    }
}

fn reply() -> Reply {
    Reply {
        to: invitation().id(),
        made: Minute(29_000_005),
        description: description(),
    }
}

fn letters() -> [Letter; 2] {
    [Letter::Invitation(invitation()), Letter::Reply(reply())]
}

#[test]
fn a_description_keeps_what_a_browser_has_to_know() {
    let description = description();
    let types: Vec<_> = description
        .candidates()
        .iter()
        .map(|candidate| candidate.typ)
        .collect();
    use CandidateType::{Host, Relayed, ServerReflexive};
    assert_eq!(
        types,
        [Host, Host, Host, ServerReflexive, Relayed],
        "the best first"
    );
    assert!(matches!(description.candidates()[2].address, Address::Mdns(_)));
    let sdp = description.to_sdp(DtlsRole::Passive);
    for line in [
        "a=ice-ufrag:Ab+/",
        "a=ice-pwd:0123456789abcdefABCDEF+/",
        "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
        "a=setup:passive",
        "a=candidate:1 1 udp 2130706175 192.0.2.7 56143 typ host",
        "a=candidate:2 1 udp 2130705919 2001:db8::7 56144 typ host",
        "a=candidate:3 1 udp 2130705663 0a1b2c3d-0000-4000-8000-0123456789ab.local 56145 typ host",
        "a=candidate:4 1 udp 1694497791 203.0.113.9 40001 typ srflx raddr 0.0.0.0 rport 0",
        "a=candidate:5 1 udp 16775935 198.51.100.3 49160 typ relay raddr 0.0.0.0 rport 0",
    ] {
        assert!(sdp.lines().any(|it| it == line), "{line} is missing:\n{sdp}");
    }
    assert_eq!(sdp.lines().count(), 14 + 5);
    assert!(!sdp.contains("tcp") && !sdp.contains("end-of-candidates"));
    assert!(
        description
            .to_sdp(DtlsRole::Active)
            .contains("a=setup:active\r\n")
    );
    assert_eq!(
        Description::from_sdp(&sdp),
        Some(description),
        "nothing is lost on the way"
    );
}

#[test]
fn what_is_tried_again_looks_new() {
    let lines: Vec<_> = (0..200)
        .flat_map(|round| description().candidate_lines(round))
        .collect();
    let mut foundations: Vec<_> = lines.iter().map(|line| line.split(' ').next()).collect();
    foundations.dedup();
    assert_eq!(foundations.len(), 200 * 5);
    assert_eq!(lines[5], "candidate:17 1 udp 2130702079 192.0.2.7 56143 typ host");
    // However long it goes on.
    assert_eq!(description().candidate_lines(u16::MAX).len(), 5);
}

#[test]
fn what_is_no_description_of_a_browser_is_none() {
    for (old, new) in [
        ("a=ice-ufrag:Ab+/", "a=ice-ufrag:Ab"),
        ("a=ice-ufrag:Ab+/", "a=ice-ufrag:Ab:/"),
        ("a=ice-pwd:", "a=password:"),
        ("sha-256", "sha-1"),
        ("00:11:", "00:1x:"),
        ("00:11:", "00:"),
    ] {
        let changed = CHROMIUM.replace(old, new);
        assert_ne!(changed, CHROMIUM);
        assert_eq!(Description::from_sdp(&changed), None, "{new}");
    }
}

#[test]
fn a_letter_is_found_in_what_people_send() {
    for letter in letters() {
        let text = letter.to_text();
        let (start, end) = text.split_at(60);
        for sent in [
            text.clone(),
            format!("https://calls.example.org/#{text}"),
            format!("Call me: https://calls.example.org/#{text} – see you!"),
            format!("<https://calls.example.org/#{text}>."),
            format!("https://calls.example.org/#{start}\r\n {end}\r\nSee you"),
        ] {
            assert_eq!(Letter::find(&sent).as_ref(), Ok(&letter), "{sent}");
        }
    }
}

#[test]
fn whatever_is_cut_off_is_missed() {
    for letter in letters() {
        let text = letter.to_text();
        for length in MARK.len() + 1..text.len() {
            assert_eq!(
                Letter::find(&text[..length]),
                Err(Unreadable::Truncated),
                "{length}"
            );
        }
        let mut changed = text.into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(Letter::find(&changed), Err(Unreadable::Truncated));
    }
}

#[test]
fn other_texts_are_no_letters() {
    for text in ["", "hello", "https://calls.example.org/#/tea", MARK, "/call=\n"] {
        assert_eq!(Letter::find(text), Err(Unreadable::Nothing), "{text:?}");
    }
    for text in ["/call=i2AAAAAAAA", "/call=x1AAAAAAAA"] {
        assert_eq!(Letter::find(text), Err(Unreadable::OtherVersion), "{text}");
    }
}

#[test]
fn letters_are_short_enough_for_a_code_that_is_easy_to_read() {
    for letter in letters() {
        let length = letter.to_text().len();
        assert!(length < 260, "{length} characters");
    }
}

#[test]
fn letters_grow_old() {
    let at = |minutes: u32| Minute(29_000_000 + minutes);
    assert!(!invitation().is_stale(at(0)) && !invitation().is_stale(at(60)) && invitation().is_stale(at(61)));
    assert!(!invitation().is_stale(Minute(0)), "clocks may disagree");
    assert!(!reply().is_stale(at(15)) && reply().is_stale(at(16)));
    assert_eq!(Minute::at(1_740_000_059_999), Minute(29_000_000));
}

#[test]
fn each_invitation_has_an_id_of_its_own() {
    let mut other = invitation();
    assert_eq!(other.id(), invitation().id());
    other.made = Minute(29_000_001);
    assert_ne!(other.id(), invitation().id());
    assert_eq!(invitation().room(), other.room());
}

#[test]
fn a_page_knows_which_letters_concern_it() {
    let at = |minutes: u32| Minute(29_000_000 + minutes);
    let [invitation_text, reply_text] = letters().map(|letter| letter.to_text());
    let mut theirs = Desk::default();
    let read = |desk: &Desk, text: &str, minutes| desk.read(text, at(minutes), Age::Counts);
    assert_eq!(
        read(&theirs, &invitation_text, 6),
        Ok(Letter::Invitation(invitation()))
    );
    assert_eq!(read(&theirs, &invitation_text, 61), Err(Fault::StaleInvitation));
    assert_eq!(
        theirs.read(&invitation_text, at(61), Age::Ignored),
        Ok(Letter::Invitation(invitation()))
    );
    assert_eq!(read(&theirs, &reply_text, 6), Err(Fault::ForeignReply));
    theirs.replied(&reply());
    assert_eq!(read(&theirs, &reply_text, 6), Err(Fault::OwnReply));

    let mut ours = Desk::default();
    ours.invited(&invitation());
    assert_eq!(read(&ours, &invitation_text, 6), Err(Fault::OwnInvitation));
    assert_eq!(read(&ours, &reply_text, 6), Ok(Letter::Reply(reply())));
    let quoted = format!("{reply_text}\n> {invitation_text}");
    let quoting = format!("> {invitation_text}\n{reply_text}");
    for text in [quoted, quoting] {
        assert_eq!(read(&ours, &text, 6), Ok(Letter::Reply(reply())), "{text}");
    }
    assert_eq!(read(&ours, &reply_text, 16), Err(Fault::StaleReply));
    assert!(ours.read(&reply_text, at(16), Age::Ignored).is_ok());
    let next = Invitation {
        made: at(6),
        ..invitation()
    };
    ours.invited(&next);
    assert_eq!(read(&ours, &reply_text, 6), Err(Fault::EarlierReply));
    assert_eq!(read(&ours, &invitation_text, 6), Err(Fault::OwnInvitation));
    let answer = Reply {
        to: next.id(),
        ..reply()
    };
    let answer_text = Letter::Reply(answer.clone()).to_text();
    assert_eq!(read(&ours, &answer_text, 6), Ok(Letter::Reply(answer)));
    ours.end();
    assert_eq!(
        read(&ours, &answer_text, 6),
        Err(Fault::EarlierReply),
        "it was taken already"
    );
    assert_eq!(
        read(&ours, "hello", 6),
        Err(Fault::Unreadable(Unreadable::Nothing))
    );
}

#[test]
fn two_who_reply_to_each_other_are_told() {
    let theirs = Invitation {
        secret: [7; 16],
        ..invitation()
    };
    let mut ours = Desk::default();
    ours.invited(&invitation());
    ours.replied(&Reply {
        to: theirs.id(),
        ..reply()
    });
    let text = Letter::Reply(reply()).to_text();
    assert_eq!(
        ours.read(&text, Minute(29_000_006), Age::Counts),
        Err(Fault::CrossedReply)
    );
}

#[test]
fn where_nobody_can_be_is_left_out() {
    let changed = CHROMIUM
        .replace("192.0.2.7 56143 typ host", "0.0.0.0 56143 typ host")
        .replace("2001:db8::7", "ff02::1")
        .replace("203.0.113.9 40001 typ", "203.0.113.9 0 typ");
    let description = Description::from_sdp(&changed).unwrap();
    let types = |description: &Description| -> Vec<_> {
        let candidates = description.candidates().iter();
        candidates.map(|candidate| candidate.typ).collect()
    };
    assert_eq!(types(&description), [CandidateType::Host, CandidateType::Relayed]);
    assert_eq!(types(&description.through_turn()), [CandidateType::Relayed]);
}

#[test]
fn what_leads_to_somebody_never_reaches_a_log() {
    let logged = format!("{:?}", letters());
    for secret in ["192.0.2", "Ab+/", "abcdef", "2001", "01234"] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

/// The example of docs/protocol.md.
#[test]
fn the_format_stays_what_it_is() {
    let manual = include_str!("../../../docs/protocol.md");
    for letter in letters() {
        let text = letter.to_text();
        assert!(manual.contains(&text), "docs/protocol.md lacks {text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,300}") {
        let _ = Letter::find(&text);
        let _ = Letter::find(&format!("{MARK}i1{text}"));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        use base64ct::{Base64UrlUnpadded, Encoding as _};
        use sha2::{Digest as _, Sha256};
        let mut all = u16::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
        all.extend(bytes);
        let sum = Sha256::digest(&all);
        all.extend(&sum[..4]);
        let code = Base64UrlUnpadded::encode_string(&all);
        for kind in ["i1", "r1"] {
            match Letter::find(&format!("{MARK}{kind}{code}")) {
                // It says nothing but what a description says.
                Ok(letter) => prop_assert_eq!(Letter::find(&letter.to_text()), Ok(letter)),
                Err(error) => prop_assert_eq!(error, Unreadable::OtherVersion),
            }
        }
    }
}
