//! A letter that was carried to us.
#![no_main]

use libfuzzer_sys::fuzz_target;
use visavis_letters::{DtlsRole, Letter, MARK};

fuzz_target!(|text: &str| {
    for text in [text.to_owned(), [MARK, text].concat()] {
        let Ok(letter) = Letter::find(&text) else { continue };
        assert_eq!(Letter::find(&letter.to_text()).as_ref(), Ok(&letter));
        let description = match letter {
            Letter::Invitation(invitation) => invitation.description,
            Letter::Reply(reply) => reply.description,
        };
        // A browser is told nothing else.
        let lines = description.to_sdp(DtlsRole::Active).lines().count();
        assert_eq!(lines, 14 + description.candidates().len());
    }
});
