use std::sync::Arc;
use visavis_protocol::id::RoomId;

use visavis_call::{CallKind, CallPhase, ChatText, PersonState, Place, SeatView, SignalingView};
use visavis_protocol::name::PersonName;

use super::*;

pub(super) fn person(id: &str, state: PersonState) -> PersonView {
    PersonView {
        state,
        ..PersonView::new(PeerId::new(id).unwrap())
    }
}

/// A call of these people.
fn call_of(people: Vec<PersonView>) -> CallView {
    CallView {
        signaling_route: SignalingView::Relay,
        seat: SeatView::Seated,
        people,
        call: CallPhase::InCall { since: Time(0) },
        kind: Some(CallKind::Open),
        ..CallView::new(RoomId::new("test").unwrap().into())
    }
}

/// A state, for as long as its owner.
fn state() -> (Owner, State) {
    let owner = Owner::new();
    let page = PageState::new(PreConnection::On, Addresses::Shown, FullScreen::Off, true);
    let state = owner.with(|| State::new(RoomId::new("test").unwrap().into(), page));
    (owner, state)
}

fn names(people: &[Person]) -> Vec<String> {
    people
        .iter()
        .map(|person| person.id.as_str().to_owned())
        .collect()
}

/// How often a value is computed from a signal.
fn count<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> impl Fn() -> usize {
    let runs = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let memo = Memo::new(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        of()
    });
    move || {
        memo.with(|_| ());
        runs.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[test]
fn a_level_or_a_quality_mark_changes_only_what_shows_it() {
    let (owner, state) = state();
    owner.with(|| {
        let (bob, eve) = (
            person("bob", PersonState::Connected),
            person("eve", PersonState::Connected),
        );
        state.follow(call_of(vec![bob.clone(), eve.clone()]));
        let [first, second] = <[Person; 2]>::try_from(state.people.get()).unwrap();
        let call = count(move || state.call.with(|call| call.people.len()));
        let chat = count(move || state.chat.with(|chat| chat.messages.len()));
        let page = count(move || state.page.with(|page| page.panel));
        let speaks = count(move || first.received.get().speaks);
        let others = count(move || second.received.get().speaks);
        let counts = || [call(), chat(), page(), speaks(), others()];
        assert_eq!(counts(), [1; 5]);

        let louder = PersonView {
            speaks: true,
            quality: Some(Quality::Fair),
            ..bob
        };
        state.follow(call_of(vec![louder, eve]));
        assert_eq!(counts(), [1, 1, 1, 2, 1]);
    });
}

#[test]
fn whoever_stays_is_the_same_for_components() {
    let (owner, state) = state();
    owner.with(|| {
        state.follow(call_of(vec![
            person("bob", PersonState::Here),
            person("eve", PersonState::Here),
        ]));
        let before = state.people.get();
        state.follow(call_of(vec![
            person("eve", PersonState::Connected),
            person("mia", PersonState::Here),
        ]));
        let after = state.people.get();
        assert_eq!(names(&after), ["eve", "mia"]);
        assert_eq!(before[1].received, after[0].received);
        assert_eq!(
            names(&state.tiles.get()),
            ["mia", "eve"],
            "who stays is not moved"
        );
    });
}

#[test]
fn what_somebody_begins_to_show_is_large_until_they_stop() {
    let people = |screen: bool| {
        let shows = PersonView {
            screen,
            ..person("bob", PersonState::Connected)
        };
        call_of(vec![shows, person("eve", PersonState::Connected)])
    };
    let (owner, state) = state();
    owner.with(|| {
        let pinned = || {
            state
                .page
                .with(|page| page.pinned.as_ref().map(|id| id.as_str().to_owned()))
        };
        state.follow(people(false));
        assert_eq!(pinned(), None);
        state.follow(people(true));
        assert_eq!(pinned().as_deref(), Some("bob"));
        // A choice of another large video stays.
        state.change(|page| page.pin(&PeerId::new("eve").unwrap()));
        state.follow(people(true));
        assert_eq!(pinned().as_deref(), Some("eve"));
        state.change(|page| page.pin(&PeerId::new("bob").unwrap()));
        state.follow(people(false));
        assert_eq!(pinned(), None);
        // Beside nobody, nobody is large.
        state.change(|page| page.pin(&PeerId::new("eve").unwrap()));
        state.follow(call_of(vec![person("eve", PersonState::Connected)]));
        assert_eq!(pinned(), None);
    });
}

#[test]
fn what_others_write_is_unread_until_it_is_seen() {
    let message = |id, from: Option<&str>| {
        Arc::new(ChatMessage {
            id,
            from: from.map(|id| PeerId::new(id).unwrap()),
            name: PersonName::default(),
            name_number: 1,
            private: false,
            at: Time(0),
            place: Place::default(),
            number: 0,
            text: ChatText::new("hello").unwrap(),
        })
    };
    let talking = |count: u64| {
        let mut view = call_of(vec![person("bob", PersonState::Connected)]);
        let messages = (1..=count).map(|id| message(id, (id != 2).then_some("bob")));
        view.chat.messages = Arc::new(messages.collect());
        view
    };
    let (owner, state) = state();
    owner.with(|| {
        let unread = || {
            state
                .chat
                .with(|chat| state.page.with(|page| page.unread(chat).count()))
        };
        state.follow(talking(3));
        assert_eq!(unread(), 2, "our own is not counted");
        state.change(|page| page.panel = Some(SidePanel::Chat));
        state.follow(talking(4));
        assert_eq!(unread(), 0);
        state.change(|page| page.panel = None);
        state.follow(talking(6));
        assert_eq!(unread(), 2);
    });
}

#[test]
fn a_choice_about_somebody_ends_with_them() {
    let (owner, state) = state();
    owner.with(|| {
        let bob = person("bob", PersonState::Here);
        state.follow(call_of(vec![bob.clone()]));
        state.change(|page| page.pick(&bob.id));
        state.follow(call_of(vec![bob.clone()]));
        assert_eq!(state.page.with(|page| page.picked.clone()), Some(bob.id.clone()));
        state.follow(call_of(Vec::new()));
        state.follow(call_of(vec![bob]));
        assert_eq!(state.page.with(|page| page.picked.clone()), None);
    });
}
