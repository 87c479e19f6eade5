//! What a client says to another one.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::relay::PeerText;

fuzz_target!(|text: &str| {
    let decode = |text: &str| decode_peer(&PeerText(text.to_owned()));
    visavis_fuzz::reads(text, decode, |message| encode_peer(message).0);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::json(data, size, max_size, seed)
});
