//! The little that is read out of session descriptions, and changed in them.

use visavis_protocol::MAX_MESSAGE_BYTES;

/// The most media sections that a description may have. Ours have three: audio, video, data. Clients that add
/// the video and audio of a screen have five. Chromium takes some 5 kB to answer each.
const MOST_SECTIONS: usize = 8;

/// How many bytes of a relay message are kept for what is around a description.
const AROUND: usize = 1024;

/// Whether a description is one that a call can need, and passes through the relay. No browser sees what is
/// more, and nobody is sent it.
pub(crate) fn is_acceptable(sdp: &str) -> bool {
    sections(sdp) <= MOST_SECTIONS && bytes_in_relay_message(sdp) <= MAX_MESSAGE_BYTES - AROUND
}

/// How many media sections there are at most, however a browser tells one line from the next.
fn sections(sdp: &str) -> usize {
    let mut before = b'\n';
    let mut sections = 0;
    for pair in sdp.as_bytes().windows(2) {
        let begins = matches!(before, b'\r' | b'\n') && matches!(pair, [b'm' | b'M', b'=']);
        sections += usize::from(begins);
        before = pair[0];
    }
    sections
}

/// What a description takes at most, as a text within a JSON text within another one, or sealed: then it is a
/// third longer than the first of these texts.
fn bytes_in_relay_message(sdp: &str) -> usize {
    let thirds = sdp.bytes().map(|byte| match byte {
        b'\r' | b'\n' => 9,
        b'"' | b'\\' => 12,
        0..b' ' => 24,
        _ => 4,
    });
    thirds.sum::<usize>().div_ceil(3)
}

/// The ICE generations of a description: the values of its `a=ice-ufrag` lines (RFC 8839, section 5.4), each
/// once.
///
/// There may be several, one a media section, unless they are bundled.
pub(crate) fn ufrags(sdp: &str) -> Vec<String> {
    let mut ufrags: Vec<String> = Vec::new();
    for line in sdp.lines() {
        if let Some(ufrag) = line.trim_end().strip_prefix("a=ice-ufrag:")
            && !ufrags.iter().any(|known| known == ufrag)
        {
            ufrags.push(ufrag.to_owned());
        }
    }
    ufrags
}

/// A description does not say clearly which certificate it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclear;

/// The certificate that a description is about, in hexadecimal digits (RFC 8122, section 5). `None` if it
/// names none, which no browser takes.
///
/// # Errors
/// It names several, one by another hash function than SHA-256, or one in a way that browsers may read in
/// different ways.
pub(crate) fn fingerprint(sdp: &str) -> Result<Option<&str>, Unclear> {
    let mut found: Option<&str> = None;
    for line in sdp.lines() {
        if has_return(line) {
            return Err(Unclear);
        }
        if !has_attribute(line, b"fingerprint") {
            continue;
        }
        let value = line
            .strip_prefix("a=fingerprint:")
            .and_then(|value| value.split_at_checked(8));
        let Some((_, digits)) = value.filter(|(function, _)| function.eq_ignore_ascii_case("sha-256 "))
        else {
            return Err(Unclear);
        };
        if found.is_some_and(|found| !found.eq_ignore_ascii_case(digits)) {
            return Err(Unclear);
        }
        found = Some(digits);
    }
    Ok(found)
}

/// Before a side's part in the DTLS association: who connects, and who waits for that (RFC 8842, section 4).
const SETUP: &str = "a=setup:";

/// An answer with the part that we have in the DTLS association already, as the current descriptions tell: it
/// must not change while the association lasts (RFC 8842, section 5.3).
#[must_use]
pub fn in_established_role(answer: String, current_local: &str, current_remote: &str) -> String {
    let ours = match (setup(current_local), setup(current_remote)) {
        // The one who offered left the choice to the other side.
        ("active", _) | ("actpass", "passive") => "active",
        ("passive", _) | ("actpass", "active") => "passive",
        _ => return answer,
    };
    if setup(&answer) == ours {
        return answer;
    }
    // Searching for a text would cost every visitor kilobytes.
    let mut kept = String::with_capacity(answer.len() + SETUP.len());
    for line in answer.lines() {
        match line.strip_prefix(SETUP) {
            Some(_) => kept.extend([SETUP, ours]),
            None => kept += line,
        }
        kept += "\r\n";
    }
    kept
}

/// A description without any address: neither candidates (RFC 8839, section 5.1), nor their end, nor the
/// addresses of the default ones (section 4.2.1.2), nor that of who made it (RFC 8866, section 5.2). A
/// browser puts into it what it has found by then, and tries what it finds in it.
pub(crate) fn without_addresses(sdp: &str) -> String {
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        match line.as_bytes() {
            [b'c' | b'C', b'=', ..] => kept += "c=",
            [b'o' | b'O', b'=', ..] => {
                // A name, and the numbers of the session and its version.
                let words = line.split_ascii_whitespace().take(3);
                for word in words.take_while(|word| *word != "IN") {
                    kept.extend([word, " "]);
                }
            }
            _ => {
                if !tells_address(line) {
                    kept.extend([line, "\r\n"]);
                }
                continue;
            }
        }
        kept += "IN IP4 0.0.0.0\r\n";
    }
    kept
}

/// Firefox reads names in capitals, and behind spaces and colons, too; and a line may be taken for two.
fn tells_address(line: &str) -> bool {
    has_return(line)
        || has_attribute(line, b"candidate")
        || has_attribute(line, b"end-of-candidates")
        || has_attribute(line, b"rtcp:")
}

/// Whether some browsers read it as two lines.
fn has_return(line: &str) -> bool {
    line.bytes().any(|byte| byte == b'\r')
}

/// Whether the name of an attribute begins like this.
fn has_attribute(line: &str, known: &[u8]) -> bool {
    // Bytes: what texts have for this would cost every visitor kilobytes.
    let mut name = line.as_bytes();
    let (Some(b'a' | b'A'), Some(b'=')) = (name.first(), name.get(1)) else {
        return false;
    };
    name = &name[2..];
    while let [b' ' | b'\t' | b':', rest @ ..] = name {
        name = rest;
    }
    // This bit makes letters small, and leaves the other characters in these names as they are.
    name.len() >= known.len() && name.iter().zip(known).all(|(byte, known)| byte | 0x20 == *known)
}

fn setup(sdp: &str) -> &str {
    let part = sdp.lines().find_map(|line| line.strip_prefix(SETUP));
    part.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_keeps_the_part_that_we_have() {
        let description =
            |setup: &str| format!("m=audio\r\na=setup:{setup}\r\na=mid:0\r\nm=video\r\na=setup:{setup}\r\n");
        let answered = |local: &str, remote: &str, claimed: &str| {
            in_established_role(description(claimed), &description(local), &description(remote))
        };
        for claimed in ["active", "passive"] {
            assert_eq!(answered("active", "actpass", claimed), description("active"));
            assert_eq!(answered("passive", "actpass", claimed), description("passive"));
            assert_eq!(answered("actpass", "active", claimed), description("passive"));
            assert_eq!(answered("actpass", "passive", claimed), description("active"));
        }
        // What nobody has agreed on is left to the browser.
        assert_eq!(
            in_established_role(description("active"), "", ""),
            description("active")
        );
    }

    #[test]
    fn no_address_is_left() {
        let found = "v=0\r\no=- 1 2 IN IP6 2001:db8::1\r\ns=-\r\nt=0 0\r\nm=audio 48578 UDP/TLS/RTP/SAVPF 111 63\r\n\
            c=IN IP6 2001:db8::1\r\na=rtcp:9 IN IP4 192.0.2.1\r\na=candidate:1 1 udp 1 192.0.2.1 48578 typ host\r\n\
            a=rtcp-mux\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n";
        let kept = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 48578 UDP/TLS/RTP/SAVPF 111 63\r\n\
            c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n";
        assert_eq!(without_addresses(found), kept);
        for disguised in [
            "a=Candidate:1",
            "A=candidate:1",
            "a= candidate:1",
            "a=:\tCANDIDATE 1",
            "a=x\ra=candidate:1",
        ] {
            let sdp = format!("v=0\r\n{disguised} 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n");
            assert_eq!(without_addresses(&sdp), "v=0\r\n", "{disguised:?}");
        }
        let default = "v=0\r\nC=IN IP4 192.0.2.1\r\n";
        assert_eq!(without_addresses(default), "v=0\r\nc=IN IP4 0.0.0.0\r\n");
        assert_eq!(without_addresses(kept), kept);
    }

    #[test]
    fn a_description_is_about_one_certificate() {
        let section = |fingerprint: &str| format!("m=audio 9\r\n{fingerprint}\r\na=setup:active\r\n");
        let of = |lines: &[&str]| {
            let sections: String = lines.iter().map(|line| section(line)).collect();
            fingerprint(&format!("v=0\r\n{sections}")).map(|found| found.map(str::to_owned))
        };
        let found = Ok(Some("AB:CD".to_owned()));
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["a=fingerprint:sha-256 AB:CD"]), found);
        assert_eq!(
            of(&["a=fingerprint:SHA-256 AB:CD", "a=fingerprint:sha-256 ab:cd"]),
            Ok(Some("ab:cd".to_owned()))
        );
        assert_eq!(of(&["a=fingerprints:sha-256 AB:CD"]), Err(Unclear));
        for other in [
            "a=fingerprint:sha-256 AB:CE",
            "a=fingerprint:sha-1 AB:CD",
            "a=fingerprint:sha-256AB:CD",
            "a=fingerprint:sha-256",
            "a=fingerprint:",
            "a=fingerprint:ä AB:CD",
            "a=Fingerprint:sha-256 AB:CE",
            "A=fingerprint:sha-256 AB:CE",
            "a= fingerprint:sha-256 AB:CE",
            "a=:\tFINGERPRINT:sha-256 AB:CE",
            "a=x\ra=fingerprint:sha-256 AB:CE",
        ] {
            assert_eq!(
                of(&["a=fingerprint:sha-256 AB:CD", other]),
                Err(Unclear),
                "{other:?}"
            );
            assert_eq!(
                of(&[other, "a=fingerprint:sha-256 AB:CD"]),
                Err(Unclear),
                "{other:?}"
            );
        }
    }

    proptest! {
        /// However a fingerprint is disguised, it is the one that is found, or the description is refused.
        #[test]
        fn another_fingerprint_is_found_wherever_it_is(
            before in "(a=[a-z:\r\n\t ]{0,12})?[\r\n]{1,2}",
            capitals in proptest::collection::vec(any::<bool>(), 11),
            blanks in "[ :\t]{0,2}",
            after in "\\PC{0,12}",
        ) {
            let name = "fingerprint".chars().zip(capitals);
            let name: String = name
                .map(|(letter, capital)| if capital { letter.to_ascii_uppercase() } else { letter })
                .collect();
            let sdp = format!("v=0\r\na=fingerprint:sha-256 AB:CD{before}a={blanks}{name}{after}");
            prop_assert!(fingerprint(&sdp).is_err() || after == ":sha-256 AB:CD");
        }

        #[test]
        fn any_text_has_one_fingerprint_or_none_or_is_unclear(text in "(a=fingerprint:|sha-256 |AB|\\PC|\r|\n){0,20}") {
            if let Ok(Some(digits)) = fingerprint(&text) {
                let known = format!("a=fingerprint:sha-256 {digits}").to_ascii_lowercase();
                prop_assert!(text.to_ascii_lowercase().contains(&known));
            }
        }
    }

    #[test]
    fn descriptions_have_a_handful_of_sections() {
        let with = |sections: usize| format!("v=0\r\na=m=x\r\n{}", "m=audio 9\r\na=x\r\n".repeat(sections));
        assert_eq!(sections(&with(3)), 3);
        assert!(is_acceptable("") && is_acceptable(&with(MOST_SECTIONS)));
        assert!(!is_acceptable(&with(MOST_SECTIONS + 1)));
        // Browsers differ in what they take for the end of a line, and for a name.
        for disguised in ["m=audio\n", "m=audio\r", "M=audio\r\n"] {
            assert_eq!(sections(&disguised.repeat(200)), 200, "{disguised:?}");
        }
    }

    #[test]
    fn what_is_acceptable_passes_through_the_relay() {
        use visavis_protocol::dialect::native;
        use visavis_protocol::id::PeerId;
        use visavis_protocol::peer::{ConnectionId, MAX_NUMBER, PeerBody, PeerMessage};
        use visavis_protocol::relay::{PeerText, RelayMessage};
        use visavis_sealing::{RoomSecret, Seal, Subject};

        for line in [
            "a=x\r\n",
            "a=\"quoted\\\"\n",
            "\u{1}",
            "ä",
            "a=ice-ufrag:AbCd\r\n",
        ] {
            let longer = |count: usize, bit: usize| {
                let more = count | (1 << bit);
                if is_acceptable(&line.repeat(more)) {
                    more
                } else {
                    count
                }
            };
            let sdp = line.repeat((0..17).rev().fold(0, longer));
            let number = Some(MAX_NUMBER);
            let connection = Some(ConnectionId(u32::MAX));
            let message = PeerMessage {
                number: MAX_NUMBER,
                ack: MAX_NUMBER,
                after: number,
                connection: ConnectionId(u32::MAX),
                to: connection,
                replaces: connection,
                body: PeerBody::Offer {
                    sdp,
                    exchange: u32::MAX,
                    warm: true,
                    private: true,
                },
            };
            let from = PeerId::new("x".repeat(64)).unwrap();
            let text = native::encode_peer(&message);
            let mut seal = Seal::new(&RoomSecret::new([7; 16]), [7; 16]);
            let sealed = PeerText(seal.seal(Subject::Message, &from, Some(&from), &text.0));
            let bytes = [text, sealed].map(|message| {
                let from = from.clone();
                native::encode_relay(&RelayMessage::Message { from, message }).len()
            });
            let most = bytes[0].max(bytes[1]);
            assert!(
                (56_000..=MAX_MESSAGE_BYTES).contains(&most),
                "{line:?}: {bytes:?}"
            );
        }
    }

    #[test]
    fn ufrags_are_read_once_each() {
        let sdp =
            "v=0\r\nm=audio 9\r\na=ice-ufrag:AbCd\r\nm=video 9\r\na=ice-ufrag:AbCd\r\na=ice-ufrag:Ef+/\r\n";
        assert_eq!(ufrags(sdp), ["AbCd", "Ef+/"]);
        assert!(ufrags("no description at all").is_empty());
    }
}
