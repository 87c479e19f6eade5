//! What a tab says to the others.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_protocol::dialect::tabs::{decode_tab, encode_tab};

fuzz_target!(|text: &str| visavis_fuzz::reads(text, decode_tab, encode_tab));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::json(data, size, max_size, seed)
});
