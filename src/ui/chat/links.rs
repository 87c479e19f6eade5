//! Addresses of pages in what is written.

/// What may stand right before an address, and behind it, without being a part of it.
const BEFORE: [char; 5] = ['(', '[', '<', '"', '\''];
const BEHIND: [char; 13] = [' ', '\n', '.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\''];

/// A text in pieces: addresses of pages, and all that is between two of them. Each becomes an element, so
/// that an ordinary text is one.
///
/// Neither slices nor asks what is a letter in some script: that would bring tables as large as all the rest
/// of this.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    // Where the word begins, and where what is not in a piece yet.
    let (mut word_at, mut rest_at) = (0, 0);
    for word in text.split_inclusive([' ', '\n']) {
        let opened = word.trim_start_matches(BEFORE);
        let address = with_own_brackets(opened, opened.trim_end_matches(BEHIND));
        if is_address(address) {
            let begins = word_at + word.len() - opened.len();
            let ends = begins + address.len();
            pieces.extend(text.get(rest_at..begins));
            pieces.push(address);
            rest_at = ends;
        }
        word_at += word.len();
    }
    pieces.extend(text.get(rest_at..));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// An address at the start of a text, with the brackets behind it that it has opened itself: `…/a_(b)`.
fn with_own_brackets<'a>(text: &'a str, address: &'a str) -> &'a str {
    let mut length = address.len();
    for behind in text.bytes().skip(length) {
        let opening = match behind {
            b')' => b'(',
            b']' => b'[',
            _ => break,
        };
        let count = |bracket| text.bytes().take(length).filter(|byte| *byte == bracket).count();
        if count(opening) <= count(behind) {
            break;
        }
        length += 1;
    }
    text.get(..length).unwrap_or(address)
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
                ", or (",
                "http://1.2.3.4:80",
                ")."
            ]
        );
        assert_eq!(pieces("https://example.org"), ["https://example.org"]);
        assert_eq!(
            pieces("words  without\nany"),
            ["words  without\nany"],
            "one element"
        );
        assert_eq!(
            pieces("a\nhttps://ä.example\nb"),
            ["a\n", "https://ä.example", "\nb"]
        );
        assert!(is_address(pieces("x https://e.org y")[1]));
    }

    #[test]
    fn a_bracket_that_an_address_opens_itself_is_a_part_of_it() {
        assert_eq!(pieces("https://e.org/a_(b)"), ["https://e.org/a_(b)"]);
        assert_eq!(
            pieces("(see https://e.org/a_(b)), or https://e.org/[c]."),
            ["(see ", "https://e.org/a_(b)", "), or ", "https://e.org/[c]", "."]
        );
        assert_eq!(pieces("(https://e.org/a)"), ["(", "https://e.org/a", ")"]);
        assert_eq!(pieces("https://e.org/(a"), ["https://e.org/(a"]);
        assert_eq!(pieces("https://e.org/ä(ö)"), ["https://e.org/ä(ö)"]);
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
