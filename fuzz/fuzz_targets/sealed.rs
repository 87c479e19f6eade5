//! What is sealed, and the links to rooms: nothing made up is opened, and what was sealed comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use visavis_protocol::id::PeerId;
use visavis_sealing::{RoomAddress, RoomSecret, Seal, Subject};

fuzz_target!(|text: &str| {
    if let Ok(address) = RoomAddress::parse(text) {
        assert_eq!(address.to_text(), text);
    }
    let [alice, bob] = ["alice", "bob"].map(|name| PeerId::new(name).expect("it is a name"));
    let secret = RoomSecret::new([7; 16]);
    let (mut ours, mut theirs) = (Seal::new(&secret, [1; 16]), Seal::new(&secret, [2; 16]));
    assert!(theirs.open(Subject::Message, &alice, Some(&bob), text).is_err());
    assert!(theirs.open(Subject::Name, &alice, None, text).is_err());
    let sealed = ours.seal(Subject::Message, &alice, Some(&bob), text);
    let opened = theirs.open(Subject::Message, &alice, Some(&bob), &sealed);
    assert_eq!(opened.as_deref(), Ok(text));
});
