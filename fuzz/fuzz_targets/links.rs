//! Addresses of pages in chat messages, which become links.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The client's own file: the rest of the client would be compiled for minutes.
#[path = "../../src/ui/chat/links.rs"]
mod links;

fuzz_target!(|text: &str| {
    let pieces = links::pieces(text);
    assert_eq!(pieces.concat(), text);
    for piece in pieces {
        assert!(!piece.is_empty());
        if links::is_address(piece) {
            assert!(!piece.contains([' ', '\n']), "{piece:?}");
        }
    }
});
