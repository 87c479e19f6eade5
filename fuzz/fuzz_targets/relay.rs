//! What the relay says to a client.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_protocol::dialect::native::{decode_relay, encode_relay};

fuzz_target!(|text: &str| visavis_fuzz::reads(text, decode_relay, encode_relay));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::json(data, size, max_size, seed)
});
