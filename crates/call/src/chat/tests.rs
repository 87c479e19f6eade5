//! The list of what was written, by itself.

use super::*;

fn words(text: &str) -> ChatText {
    ChatText::new(text).unwrap()
}

fn texts(chat: &Chat) -> Vec<String> {
    let messages = chat.messages();
    messages
        .iter()
        .map(|message| message.text.as_str().to_owned())
        .collect()
}

fn read(chat: &mut Chat, at: u64, place: Option<(u64, u64)>, text: &str) {
    let written = Written {
        at: Time(at),
        private: false,
        place: place.map(|(position, tie)| Place { position, tie }),
        text: words(text),
    };
    chat.read(0, written);
}

fn believe(chat: &mut Chat, now: u64, position: u64) -> bool {
    let place = Place { position, tie: 7 };
    chat.believe(Time(now), Some(place)).is_some()
}

fn write(chat: &mut Chat, at: u64) -> Place {
    chat.write(Time(at), None, words("mine"));
    chat.own.last().unwrap().place
}

#[test]
fn places_decide_and_not_when_something_comes_or_was_written() {
    let places = [(10, 2), (20, 1), (20, 3), (21, 0)].map(Some);
    // Each comes first once.
    for first in 0..places.len() {
        let mut chat = Chat::default();
        for index in (0..places.len()).cycle().skip(first).take(places.len()) {
            read(&mut chat, 100 - index as u64, places[index], &index.to_string());
        }
        assert_eq!(texts(&chat), ["0", "1", "2", "3"], "{first} came first");
    }
}

#[test]
fn without_places_what_was_written_before_stands_before() {
    let mut chat = Chat::default();
    for (at, text) in [(10, "a"), (30, "c"), (20, "b"), (30, "d"), (5, "first")] {
        read(&mut chat, at, None, text);
    }
    assert_eq!(texts(&chat), ["first", "a", "b", "c", "d"]);
}

#[test]
fn what_has_no_place_disturbs_no_others() {
    let mut chat = Chat::default();
    // Their clock is far ahead of ours.
    read(&mut chat, 10, Some((1010, 1)), "a");
    read(&mut chat, 20, None, "old");
    read(&mut chat, 30, Some((1030, 1)), "c");
    read(&mut chat, 20, Some((1020, 1)), "b");
    assert_eq!(texts(&chat), ["a", "old", "b", "c"]);
    assert!(chat.messages().is_sorted_by_key(|message| message.place));
    let mut chat = Chat::default();
    read(&mut chat, 1010, Some((10, 1)), "a");
    read(&mut chat, 1000, None, "old");
    read(&mut chat, 1020, Some((5, 1)), "before");
    assert_eq!(texts(&chat), ["before", "old", "a"]);
    assert!(chat.messages().is_sorted_by_key(|message| message.place));
}

#[test]
fn what_we_write_stands_behind_all_that_we_know() {
    let mut chat = Chat::default();
    assert_eq!(write(&mut chat, 10).position, 10);
    assert_eq!(write(&mut chat, 10).position, 11, "twice at once");
    assert!(believe(&mut chat, 12, 50));
    assert_eq!(write(&mut chat, 13).position, 51, "their clock is ahead of ours");
    assert_eq!(write(&mut chat, 5).position, 52, "ours was set back");
    assert_eq!(write(&mut chat, 100).position, 100);
}

#[test]
fn what_we_wrote_before_a_reload_keeps_its_place() {
    let place = Place {
        position: 500,
        tie: 9,
    };
    let written = Written {
        at: Time(100),
        private: false,
        place: Some(place),
        text: words("before"),
    };
    let mut chat = Chat::after_reload(vec![written], u64::MAX);
    assert_eq!(chat.messages()[0].place, place);
    let next = write(&mut chat, 200);
    assert_eq!((next.position, next.tie), (501, MAX_NUMBER));
}

#[test]
fn positions_that_no_clock_can_have_are_not_believed() {
    let now = 1_700_000_000_000;
    let year = 366 * 24 * 3600 * 1000;
    let mut chat = Chat::default();
    for absurd in [MAX_NUMBER, now + 2 * year + 1] {
        assert!(!believe(&mut chat, now, absurd), "{absurd}");
    }
    assert_eq!(write(&mut chat, now).position, now);
    // We do not follow this one, since nobody would follow us.
    assert!(believe(&mut chat, now, now + 2 * year));
    assert_eq!(write(&mut chat, now).position, now + 1);
    // However far somebody leads us, others still believe us.
    assert!(believe(&mut chat, now, now + year));
    let position = write(&mut chat, now + 1000).position;
    assert_eq!(position, now + year + 1);
    assert!(
        believe(&mut Chat::default(), now - 60_000, position),
        "their clock is behind"
    );
}

#[test]
fn the_newest_are_kept() {
    let mut chat = Chat::default();
    for number in 0..1000 {
        chat.write(Time(number), None, words(&number.to_string()));
    }
    assert_eq!(chat.after(0, None).len(), MOST_OWN as usize);
    assert_eq!(texts(&chat).len(), MOST_MESSAGES);
    assert_eq!(texts(&chat).last().unwrap(), "999");
    read(&mut chat, 0, Some((0, 0)), "older than all that is kept");
    assert_eq!(texts(&chat)[0], "500");
    chat.leave();
    assert!(texts(&chat).is_empty() && chat.after(0, None).is_empty());
    chat.write(Time(1000), None, words("again"));
    assert_eq!(chat.after(0, None)[0].number, 1001, "numbers go on");
}

#[test]
fn what_is_written_to_one_is_not_for_all() {
    let mut chat = Chat::default();
    let ada = PeerId::new("ada").unwrap();
    chat.write(Time(1), None, words("to all"));
    chat.write(Time(2), Some(ada.clone()), words("to Ada"));
    let numbers = |with| {
        chat.after(0, with)
            .iter()
            .map(|own| own.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(None), [1]);
    assert_eq!(numbers(Some(&ada)), [2]);
    assert!(numbers(Some(&PeerId::new("eve").unwrap())).is_empty());
}

#[test]
fn what_is_hidden_comes_back_where_it_stood() {
    let mut chat = Chat::default();
    let [ada, eve] = ["ada", "eve"].map(|id| PeerId::new(id).unwrap());
    let hears = |chat: &mut Chat, from: &PeerId, position: u64, is_blocked| {
        let written = Written {
            at: Time(position),
            private: false,
            place: Some(Place { position, tie: 1 }),
            text: words(&position.to_string()),
        };
        let author = Author {
            id: from.clone(),
            name: PersonName::default(),
            name_number: 1,
        };
        chat.heard(Time(position), author, written, is_blocked);
    };
    for position in 1..=4 {
        hears(
            &mut chat,
            if position % 2 == 0 { &eve } else { &ada },
            position,
            false,
        );
    }
    chat.hide(&eve);
    assert_eq!(texts(&chat), ["1", "3"]);
    for position in 5..=600 {
        hears(&mut chat, &eve, position, true);
    }
    assert_eq!(
        texts(&chat),
        ["1", "3"],
        "nothing makes room for what is not shown"
    );
    assert_eq!(chat.hidden.len(), MOST_MESSAGES);
    hears(&mut chat, &ada, 601, false);
    chat.reveal(&ada);
    assert_eq!(texts(&chat), ["1", "3", "601"]);
    chat.reveal(&eve);
    assert_eq!(texts(&chat).len(), MOST_MESSAGES);
    assert!(chat.messages().is_sorted_by_key(|message| message.place));
    assert!(chat.hidden.is_empty());
}
