//! Addresses of pages in what is written.

/// What may stand right before an address, and behind it, without being a part of it.
const BEFORE: [char; 5] = ['(', '[', '<', '"', '\''];
const BEHIND: [char; 13] = [' ', '\n', '.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\''];

/// A text in pieces: addresses of pages, and what is between them.
///
/// Neither slices nor asks what is a letter in some script: that would bring tables as large as all the rest
/// of this.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive([' ', '\n']) {
        let opened = word.trim_start_matches(BEFORE);
        let address = opened.trim_end_matches(BEHIND);
        if is_address(address) {
            let before = word.strip_suffix(opened).unwrap_or_default();
            let behind = opened.strip_prefix(address).unwrap_or_default();
            pieces.extend([before, address, behind]);
        } else {
            pieces.push(word);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether it begins with a scheme of pages, and no other one: `javascript:` is one.
pub(super) fn is_address(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.and_then(|host| host.bytes().next())
        .is_some_and(|first| first.is_ascii_alphanumeric() || !first.is_ascii() || first == b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found() {
        assert_eq!(
            pieces("see https://example.org/a?b=c#d, or (http://1.2.3.4:80)."),
            [
                "see ",
                "https://example.org/a?b=c#d",
                ", ",
                "or ",
                "(",
                "http://1.2.3.4:80",
                ")."
            ]
        );
        assert_eq!(pieces("https://example.org"), ["https://example.org"]);
        assert_eq!(
            pieces("a\nhttps://ä.example\nb"),
            ["a\n", "https://ä.example", "\n", "b"]
        );
        assert!(is_address(pieces("x https://e.org y")[1]));
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http:// nothing",
            "https://",
            "xhttp://example.org",
            "hypertext http",
            "<a href=x>",
        ] {
            assert_eq!(pieces(text).concat(), text);
            assert!(!pieces(text).into_iter().any(is_address), "{text}");
        }
        assert!(pieces("").is_empty());
    }
}
