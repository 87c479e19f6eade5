//! Who can see what, in words.

use visavis_call::{Path, RoomAddress, SealView, SignalingView};

use super::*;
use crate::ui::locale::sights;

fn about(view: &CallView, code: &str) -> Vec<String> {
    let mut all = sights(view).into_iter();
    let found = all.find(|sight| sight.code == code).expect("it is there");
    vec![found.who, found.sees, found.not, found.note]
}

#[test]
fn everybody_is_told_of_in_sentences() {
    let mut view = screen().view;
    view.signaling_route = SignalingView::Relay;
    view.people = vec![PersonView {
        path: Some(Path::Direct),
        seal: SealView::Sealed,
        ..PersonView::new(PeerId::new("ada").unwrap())
    }];
    view.servers.stun = true;
    view.servers.turn = true;
    for room in ["tea", "s/MDEyMzQ1Njc4OWFiY2RlZg"] {
        view.room = RoomAddress::parse(room).unwrap();
        let all = sights(&view);
        let codes: Vec<_> = all.iter().map(|sight| sight.code).collect();
        assert_eq!(codes[..4], ["site", "relay", "stun", "turn"]);
        for sight in &all {
            assert!(
                sight.sees.starts_with("Sees: ") && sight.sees.ends_with('.'),
                "{sight:?}"
            );
            assert!(
                sight.not.is_empty() || sight.not.starts_with("Does not see: "),
                "{sight:?}"
            );
            assert!(sight.note.ends_with('.') && !sight.who.is_empty(), "{sight:?}");
        }
        let relay = about(&view, "relay").join(" ");
        assert_eq!(relay.contains("This room is open"), room == "tea");
        assert_eq!(relay.contains("is sealed"), room != "tea");
    }
    let person = about(&view, "person").join(" ");
    assert!(person.contains("Connected directly."), "{person}");
}
