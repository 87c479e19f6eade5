//! Names and chat messages, as somebody typed or sent them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use visavis_protocol::chat::{ChatText, MAX_TEXT_CHARACTERS};
use visavis_protocol::name::{MAX_NAME_CHARACTERS, PersonName, is_page_word};

fn is_harmless(character: char) -> bool {
    let changes_direction = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    !character.is_control() && !changes_direction
}

fuzz_target!(|text: &str| {
    let name = PersonName::new(text);
    assert_eq!(PersonName::new(name.as_str()), name, "cleaned is clean");
    assert_eq!(name.as_str().trim(), name.as_str());
    assert!(name.as_str().chars().count() <= MAX_NAME_CHARACTERS);
    assert!(name.as_str().chars().all(is_harmless));

    let likeness = name.likeness();
    assert!(likeness.chars().count() <= MAX_NAME_CHARACTERS);
    assert_eq!(name.is_empty(), likeness.is_empty(), "{:?}", name.as_str());
    // Whoever makes a name louder, or numbers it, does not make it another one.
    let loud = PersonName::new(&name.as_str().to_ascii_uppercase());
    assert_eq!(loud.likeness(), likeness, "{:?}", name.as_str());
    let _ = is_page_word(&likeness);

    if let Some(said) = ChatText::new(text) {
        assert_eq!(
            ChatText::new(said.as_str()).as_ref(),
            Some(&said),
            "cleaned is clean"
        );
        assert!(said.as_str().chars().count() <= MAX_TEXT_CHARACTERS);
        assert!(
            said.as_str()
                .chars()
                .all(|character| character == '\n' || is_harmless(character))
        );
        assert!(!said.as_str().contains("\n\n\n"));
    }
});
