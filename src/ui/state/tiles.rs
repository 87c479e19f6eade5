//! Who has which tile.

use visavis_call::PersonView;
use visavis_protocol::id::PeerId;

/// How many others can be seen at once.
pub(in crate::ui) const MOST: usize = 7;

/// The tiles, in their order, for these people: first those who take part in the call, then, so that their
/// videos are there when it begins, the others.
///
/// People who stay keep their places, and newcomers get the places of those who have gone: an element that is
/// moved within the document stops playing for a moment.
pub(super) fn arrange(before: &[PeerId], people: &[PersonView]) -> Vec<PeerId> {
    let find = |id: &PeerId| people.iter().find(|person| person.id == *id);
    let mut tiles: Vec<Option<PeerId>> = before
        .iter()
        .map(|id| find(id).map(|person| person.id.clone()))
        .collect();
    for (takes_part, person) in [true, false]
        .into_iter()
        .flat_map(|takes_part| people.iter().map(move |person| (takes_part, person)))
    {
        let has_one = tiles.iter().flatten().any(|id| *id == person.id);
        if person.takes_part() != takes_part || has_one {
            continue;
        }
        let waits = |tile: &Option<PeerId>| {
            let occupant = tile.as_ref().and_then(find);
            occupant.is_none_or(|occupant| !occupant.takes_part())
        };
        if let Some(free) = tiles.iter().position(Option::is_none) {
            tiles[free] = Some(person.id.clone());
        } else if tiles.len() < MOST {
            tiles.push(Some(person.id.clone()));
        } else if takes_part && let Some(waiting) = tiles.iter().position(waits) {
            tiles[waiting] = Some(person.id.clone());
        }
    }
    tiles.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use visavis_call::PersonState;

    use super::super::tests::person;
    use super::*;

    fn arranged(before: &[&str], people: &[(&str, PersonState)]) -> Vec<String> {
        let before: Vec<_> = before.iter().map(|id| PeerId::new(*id).unwrap()).collect();
        let people: Vec<_> = people.iter().map(|(id, state)| person(id, *state)).collect();
        arrange(&before, &people)
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect()
    }

    #[test]
    fn whoever_stays_keeps_their_place() {
        use PersonState::{Connected, Here, Interrupted};
        assert_eq!(
            arranged(&[], &[("a", Here), ("b", Connected), ("c", Connected)]),
            ["b", "c", "a"]
        );
        assert_eq!(
            arranged(
                &["b", "c", "a"],
                &[("a", Connected), ("b", Here), ("c", Interrupted)]
            ),
            ["b", "c", "a"],
            "nothing is moved when somebody joins the call, or leaves it"
        );
        assert_eq!(
            arranged(
                &["b", "c", "a"],
                &[("a", Here), ("c", Connected), ("d", Connected)]
            ),
            ["d", "c", "a"],
            "whoever is new takes the place of somebody who has gone"
        );
        assert_eq!(arranged(&["b", "c", "a"], &[("a", Here)]), ["a"]);
        assert!(arranged(&["a"], &[]).is_empty());
    }

    #[test]
    fn there_are_only_so_many_places_and_those_in_the_call_come_first() {
        use PersonState::{Connected, Here};
        let names: Vec<_> = (0..9).map(|index| format!("p{index}")).collect();
        let mut people: Vec<_> = names.iter().map(|name| (name.as_str(), Here)).collect();
        let tiles = arranged(&[], &people);
        assert_eq!(tiles, names[..MOST]);
        people[8].1 = Connected;
        let tiles: Vec<_> = tiles.iter().map(String::as_str).collect();
        assert_eq!(
            arranged(&tiles, &people),
            ["p8", "p1", "p2", "p3", "p4", "p5", "p6"]
        );
    }
}
