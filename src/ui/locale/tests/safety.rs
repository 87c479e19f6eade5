use std::collections::BTreeSet;

use visavis_call::{PersonView, Safety, SafetyCode};

use super::super::safety::{alarm, name, sign, warning};
use super::*;

const MANUAL: &str = include_str!("../../../../docs/protocol.md");

#[test]
fn each_number_has_a_sign_of_its_own_and_the_manual_has_them() {
    let manual = MANUAL.split_whitespace().collect::<Vec<_>>().join(" ");
    let signs: Vec<_> = (0..SafetyCode::NUMBERS)
        .map(|number| (sign(number), name(number)))
        .collect();
    let listed: Vec<_> = signs
        .iter()
        .map(|(sign, name)| format!("{sign} {name}"))
        .collect();
    assert!(manual.contains(&(listed.join(", ") + ".")), "{listed:?}");
    for (sign, name) in &signs {
        // Neither skin tones nor flags nor variants, of which there would be more.
        assert_eq!(sign.chars().count(), 1, "{sign} {name}");
        assert!(
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()),
            "{name}"
        );
    }
    let pictures: BTreeSet<_> = signs.iter().map(|(sign, _)| sign).collect();
    let names: BTreeSet<_> = signs.iter().map(|(_, name)| name).collect();
    assert_eq!([pictures.len(), names.len()], [SafetyCode::NUMBERS; 2]);
    assert_eq!(sign(SafetyCode::NUMBERS), "");
}

#[test]
fn what_is_wrong_is_a_sentence_and_an_alarm() {
    let mut person = PersonView::new(PeerId::new("ada").unwrap());
    assert_eq!((warning(&person), alarm(&person)), (String::new(), String::new()));
    let dangers = [Danger::Certificate, Danger::Commitment, Danger::Code];
    let broken = dangers.map(|danger| Safety::Broken(danger, None));
    for safety in broken.into_iter().chain([Safety::Changed(None)]) {
        person.safety = safety;
        assert!(warning(&person).ends_with('.'), "{}", warning(&person));
        assert_eq!(alarm(&person), "Compare safety codes again");
    }
}
