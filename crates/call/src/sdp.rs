//! The little that is read out of session descriptions, and changed in them.

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
/// addresses of the default ones (section 4.2.1.2). A browser puts into it what it has found by then, and
/// tries what it finds in it.
pub(crate) fn without_addresses(sdp: &str) -> String {
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        if line.starts_with("c=") {
            kept += "c=IN IP4 0.0.0.0\r\n";
        } else if !tells_address(line) {
            kept.extend([line, "\r\n"]);
        }
    }
    kept
}

/// Firefox reads names in capitals, and behind spaces and colons, too; and a line may be taken for two.
fn tells_address(line: &str) -> bool {
    // Bytes: what texts have for this would cost every visitor kilobytes.
    let mut name = line.as_bytes();
    if line.bytes().any(|byte| byte == b'\r') {
        return true;
    }
    let (Some(b'a' | b'A'), Some(b'=')) = (name.first(), name.get(1)) else {
        return false;
    };
    name = &name[2..];
    while let [b' ' | b'\t' | b':', rest @ ..] = name {
        name = rest;
    }
    // This bit makes letters small, and leaves the other characters in these names as they are.
    let is = |known: &[u8]| {
        name.len() >= known.len() && name.iter().zip(known).all(|(byte, known)| byte | 0x20 == *known)
    };
    is(b"candidate") || is(b"end-of-candidates") || is(b"rtcp:")
}

fn setup(sdp: &str) -> &str {
    let part = sdp.lines().find_map(|line| line.strip_prefix(SETUP));
    part.unwrap_or_default()
}

#[cfg(test)]
mod tests {
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
        let found = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 48578 UDP/TLS/RTP/SAVPF 111 63\r\n\
            c=IN IP6 2001:db8::1\r\na=rtcp:9 IN IP4 192.0.2.1\r\na=candidate:1 1 udp 1 192.0.2.1 48578 typ host\r\n\
            a=rtcp-mux\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n";
        let kept = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 48578 UDP/TLS/RTP/SAVPF 111 63\r\n\
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
        assert_eq!(without_addresses(kept), kept);
    }

    #[test]
    fn ufrags_are_read_once_each() {
        let sdp =
            "v=0\r\nm=audio 9\r\na=ice-ufrag:AbCd\r\nm=video 9\r\na=ice-ufrag:AbCd\r\na=ice-ufrag:Ef+/\r\n";
        assert_eq!(ufrags(sdp), ["AbCd", "Ef+/"]);
        assert!(ufrags("no description at all").is_empty());
    }
}
