//! The little that the state machine reads out of session descriptions.

/// The ICE generations of a description: the values of its `a=ice-ufrag` lines (RFC 8839, section 5.4), each once.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ufrags_are_read_once_each() {
        let sdp =
            "v=0\r\nm=audio 9\r\na=ice-ufrag:AbCd\r\nm=video 9\r\na=ice-ufrag:AbCd\r\na=ice-ufrag:Ef+/\r\n";
        assert_eq!(ufrags(sdp), ["AbCd", "Ef+/"]);
        assert!(ufrags("no description at all").is_empty());
    }
}
