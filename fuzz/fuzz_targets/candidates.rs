//! Candidates that arrive, and wait for their descriptions.
//!
//! Each line is a step: `{…}` is a candidate as it travels, in a message; `=a b` applies a description of
//! these generations, `-a` ignores an offer of one.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_protocol::dialect::native::decode_peer;
use visavis_protocol::peer::PeerBody;
use visavis_protocol::relay::PeerText;

// The state machine's own file, which it keeps to itself.
#[allow(dead_code)]
#[path = "../../crates/call/src/candidates.rs"]
mod candidates;

use candidates::{Arrival, LocalCandidates, RemoteCandidates};

fn generations(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fuzz_target!(|text: &str| {
    let (mut ours, mut theirs) = (LocalCandidates::default(), RemoteCandidates::default());
    let (mut arrived, mut applied) = (0, 0);
    let mut waiting = 0_usize;
    for line in text.lines() {
        if let Some(ufrags) = line.strip_prefix('=') {
            ours.description_sent(generations(ufrags));
            ours.description_agreed();
            let ready = theirs.description_applied(generations(ufrags));
            assert!(ready.len() <= waiting);
            waiting -= ready.len();
            applied += ready.len();
            for candidate in ours.release() {
                assert!(ours.belongs(&candidate));
            }
        } else if let Some(ufrags) = line.strip_prefix('-') {
            theirs.offer_ignored(generations(ufrags));
        } else if let Ok(message) = decode_peer(&PeerText(line.to_owned()))
            && let PeerBody::Candidate(candidate) = message.body
        {
            arrived += 1;
            ours.hold(candidate.clone());
            match theirs.arrive(candidate) {
                Arrival::Apply(_) => applied += 1,
                Arrival::Waiting => waiting += 1,
                Arrival::Dropped => {}
            }
        }
    }
    assert!(applied <= arrived);
    assert!(ours.release().len() <= 128);
    // Whatever came, it does not pile up: 128 candidates wait on either side, and 32 generations are known.
    let kept = format!("{ours:?}{theirs:?}").len();
    assert!(kept <= 20_000 + 12 * text.len(), "{kept}");
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::steps(data, size, max_size, seed)
});
