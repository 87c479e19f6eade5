//! What a client says to the relay.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_protocol::dialect::native::{decode_client, encode_client};

fuzz_target!(|text: &str| visavis_fuzz::reads(text, decode_client, encode_client));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::json(data, size, max_size, seed)
});
