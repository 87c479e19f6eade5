//! The room in an invite link.
#![no_main]

use libfuzzer_sys::fuzz_target;
use visavis_fuzz::is_bounded;

// The client's own file: the rest of the client would be compiled for minutes.
#[allow(dead_code)]
#[path = "../../src/config.rs"]
mod config;

fuzz_target!(|hash: &str| {
    match config::room_in_address(hash) {
        Ok(Some(room)) => {
            assert!(hash.contains(&room.to_text()));
            let again = config::room_in_address(&format!("#/{}", room.to_text()));
            assert_eq!(again, Ok(Some(room)));
        }
        Ok(None) => {}
        Err(error) => is_bounded(&error.to_string(), hash),
    }
});
