//! The site's config.json.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_fuzz::is_bounded;

// The client's own file: the rest of the client would be compiled for minutes.
#[allow(dead_code)]
#[path = "../../src/config.rs"]
mod config;

fuzz_target!(|text: &str| {
    match config::Config::parse(text) {
        Ok(config) => {
            is_bounded(&format!("{config:?}"), text);
            let addresses = config.ice_servers.iter().flat_map(|server| &server.urls);
            assert!(addresses.map(String::len).sum::<usize>() <= text.len());
            let (_, _) = (config.route(), config.preparation());
        }
        Err(error) => is_bounded(&error.to_string(), text),
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::json(data, size, max_size, seed)
});
