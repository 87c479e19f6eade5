//! What is sealed can be opened by those whom it is for, once, in order, and by nobody else.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use proptest::prelude::*;
use visavis_protocol::id::PeerId;
use visavis_sealing::{PADDING, RoomSecret, Seal, Subject, Unopened};

const SECRET: [u8; 16] = *b"0123456789abcdef";

/// What is around a sealed text: version, nonce and tag.
const AROUND: usize = 1 + 24 + 16;

fn person(name: &str) -> PeerId {
    PeerId::new(name).expect("these are names")
}

fn seal(challenge: u8) -> Seal {
    Seal::new(&RoomSecret::new(SECRET), [challenge; 16])
}

/// Alice says it to Bob.
fn say(alice: &mut Seal, text: &str) -> String {
    alice.seal(Subject::Message, &person("alice"), Some(&person("bob")), text)
}

/// Bob hears it, as from Alice.
fn hear(bob: &mut Seal, sealed: &str) -> Result<String, Unopened> {
    bob.open(Subject::Message, &person("alice"), Some(&person("bob")), sealed)
}

/// Another client has to come to the same. docs/protocol.md shows this one.
#[test]
fn the_format_is_the_one_of_the_document() {
    let secret = RoomSecret::new(SECRET);
    let sealed = say(&mut seal(7), r#"{"type":"hang-up"}"#);
    let name = seal(8).seal(Subject::Name, &person("alice"), None, "Ada");
    let document = include_str!("../../../docs/protocol.md");
    for text in [secret.to_text(), secret.room().to_string(), sealed, name] {
        assert!(document.contains(&text), "docs/protocol.md lacks {text}");
    }
}

#[test]
fn what_is_sealed_is_opened_once_and_in_order() {
    let (mut alice, mut bob) = (seal(1), seal(2));
    let [first, second, third] = ["one", "two", "three"].map(|text| say(&mut alice, text));
    assert_eq!(hear(&mut bob, &first).as_deref(), Ok("one"));
    assert_eq!(hear(&mut bob, &first), Err(Unopened::Stale));
    assert_eq!(hear(&mut bob, &third).as_deref(), Ok("three"), "one may be lost");
    assert_eq!(hear(&mut bob, &second), Err(Unopened::Stale));
}

#[test]
fn nothing_is_opened_as_something_else() {
    let (mut alice, mut bob) = (seal(1), seal(2));
    let [a, b, c] = ["alice", "bob", "carol"].map(person);
    let sealed = say(&mut alice, "for Bob");
    for (what, subject, from, to) in [
        ("from somebody else", Subject::Message, &c, Some(&b)),
        ("for somebody else", Subject::Message, &a, Some(&c)),
        ("back to its sender", Subject::Message, &b, Some(&a)),
        ("for nobody", Subject::Message, &a, None),
        ("as a name", Subject::Name, &a, Some(&b)),
    ] {
        assert_eq!(
            bob.open(subject, from, to, &sealed),
            Err(Unopened::Forged),
            "{what}"
        );
    }
    assert!(!bob.knows(&a));
    let mut elsewhere = Seal::new(&RoomSecret::new([9; 16]), [2; 16]);
    assert_eq!(hear(&mut elsewhere, &sealed), Err(Unopened::Forged));
    assert_eq!(
        hear(&mut bob, &sealed).as_deref(),
        Ok("for Bob"),
        "failures change nothing"
    );
    assert!(bob.knows(&a));
}

#[test]
fn a_page_that_comes_back_to_a_room_is_still_heard_there() {
    let (mut alice, mut bob) = (seal(1), seal(2));
    let first = say(&mut alice, "one");
    assert!(hear(&mut bob, &first).is_ok());
    let (here, there) = (RoomSecret::new(SECRET), RoomSecret::new([9; 16]));
    for seal in [&mut alice, &mut bob] {
        seal.enter(&there);
    }
    let elsewhere = say(&mut alice, "elsewhere");
    assert!(!bob.knows(&person("alice")), "she has shown nothing here");
    assert_eq!(hear(&mut bob, &elsewhere).as_deref(), Ok("elsewhere"));
    assert!(bob.knows(&person("alice")));
    for seal in [&mut alice, &mut bob] {
        seal.enter(&here);
    }
    assert_eq!(hear(&mut bob, &elsewhere), Err(Unopened::Forged));
    assert_eq!(hear(&mut bob, &first), Err(Unopened::Stale));
    let last = say(&mut alice, "two");
    assert_eq!(hear(&mut bob, &last).as_deref(), Ok("two"));
}

#[test]
fn a_name_is_opened_by_every_host_and_the_last_one_counts() {
    let (mut ada, mut host) = (seal(1), seal(2));
    let from = person("ada");
    let [older, newer] = ["Ada", "Countess"].map(|name| ada.seal(Subject::Name, &from, None, name));
    let mut read = |sealed: &str| host.open(Subject::Name, &from, None, sealed);
    assert_eq!(read(&older).as_deref(), Ok("Ada"));
    assert_eq!(read(&newer).as_deref(), Ok("Countess"));
    assert_eq!(
        read(&newer).as_deref(),
        Ok("Countess"),
        "the relay tells a host again who knocks"
    );
    assert_eq!(read(&older), Err(Unopened::Stale));
}

#[test]
fn what_is_not_sealed_is_told_from_what_is_forged() {
    let mut bob = seal(2);
    for text in [
        "",
        "{\"number\":1}",
        "AQ",
        "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ä",
    ] {
        assert_eq!(hear(&mut bob, text), Err(Unopened::NotSealed), "{text}");
    }
    let header = Base64UrlUnpadded::encode_string(&[1; 25]);
    assert_eq!(hear(&mut bob, &header), Err(Unopened::Forged));
}

proptest! {
    #[test]
    fn every_text_arrives_as_it_was(text in ".{0,700}") {
        let (mut alice, mut bob) = (seal(1), seal(2));
        let sealed = say(&mut alice, &text);
        let bytes = Base64UrlUnpadded::decode_vec(&sealed).unwrap();
        prop_assert_eq!((bytes.len() - AROUND) % PADDING, 0);
        prop_assert_eq!(bytes.len() - AROUND, (text.len() + 1).next_multiple_of(PADDING));
        prop_assert_eq!(hear(&mut bob, &sealed), Ok(text));
    }

    #[test]
    fn no_bit_can_be_changed(text in ".{0,300}", bit in any::<prop::sample::Index>()) {
        let (mut alice, mut bob) = (seal(1), seal(2));
        let mut bytes = Base64UrlUnpadded::decode_vec(&say(&mut alice, &text)).unwrap();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let opened = hear(&mut bob, &Base64UrlUnpadded::encode_string(&bytes));
        prop_assert_eq!(opened, Err(if bit < 8 { Unopened::NotSealed } else { Unopened::Forged }));
    }

    #[test]
    fn nothing_made_up_is_opened(text in ".{0,400}", bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut bob = seal(2);
        prop_assert!(hear(&mut bob, &text).is_err());
        let mut sealed = vec![1];
        sealed.extend(bytes);
        prop_assert!(hear(&mut bob, &Base64UrlUnpadded::encode_string(&sealed)).is_err());
    }
}
