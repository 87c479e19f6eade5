//! Who is in the room, where there are several: each can be called alone, and the host decides who stays.

use leptos::prelude::*;
use visavis_call::{Command, Door, PersonState, PersonView, Stage};

use super::door::{AboutPerson, Knock, WhoMayComeIn};
use super::feature::{Build, Fetched, Place};
use super::screen::{Screen, Ui, not};
use super::words;
use crate::chunk::chunk;

chunk!(
    /// People and access: who is in the room, who may come in, who knocks.
    fn chunk: people -> Build = build
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

fn build(ui: Ui, place: Place) -> AnyView {
    match place {
        Place::Top => view! { <Knock ui /> }.into_any(),
        Place::Panel => view! { <People ui /> }.into_any(),
        Place::AboutRoom => view! { <WhoMayComeIn ui /> }.into_any(),
        Place::Bar | Place::Side => ().into_any(),
    }
}

/// The list. With one other person there is nothing to choose, unless for a host who cares who is here. During a call it
/// is for the host alone.
#[component]
fn People(ui: Ui) -> impl IntoView {
    let is_listed = ui.when(is_listed);
    // Entries stay, hidden, when people leave: to make them all anew with each change would leave memory in pieces.
    let most = Memo::new(move |before: Option<&usize>| {
        let now = ui.screen.with(|screen| screen.view.people.len());
        before.copied().unwrap_or_default().max(now)
    });
    view! {
        <div class="in-room" hidden=not(is_listed)>
            <ul class="people" aria-label="In this room">
                {move || (0..most.get()).map(|index| entry(ui, index)).collect_view()}
            </ul>
            <AboutPerson ui />
        </div>
    }
}

/// Whether the list is shown.
pub(super) fn is_listed(screen: &Screen) -> bool {
    match screen.view.stage() {
        Stage::Ready | Stage::Ringing | Stage::Ended => {
            screen.view.people.len() > usize::from(!guards(screen))
        }
        Stage::Connecting | Stage::InCall => screen.manages && screen.view.door.is_ours,
        _ => false,
    }
}

/// An entry of the list.
fn entry(ui: Ui, index: usize) -> impl IntoView {
    let exists = Memo::new(move |_| ui.screen.with(|screen| screen.view.people.len() > index));
    let can_be_called = Memo::new(move |_| {
        ui.screen.with(|screen| {
            let is_free = |person: &PersonView| person.state == PersonState::Here && person.call.is_none();
            screen.view.can_call()
                && screen.view.people.len() > 1
                && person(screen, index).is_some_and(is_free)
        })
    });
    let ours = ui.when(|screen| screen.view.door.is_ours);
    let words = |words: fn(Option<&PersonView>, &Screen) -> String| {
        Memo::new(move |_| ui.screen.with(|screen| words(person(screen, index), screen)))
    };
    let call = move |_| {
        let id = ui
            .screen
            .with_untracked(|screen| person(screen, index).map(|person| person.id.clone()));
        if let Some(id) = id {
            ui.send(Command::CallPerson(id));
        }
    };
    let pick = move |_| {
        ui.change(|screen| {
            let id = person(screen, index).map(|person| person.id.clone());
            screen.picked = id.filter(|id| screen.picked.as_ref() != Some(id));
        });
    };
    view! {
        <li hidden=not(exists)>
            <span class="who">{words(words::listed)}</span>
            <span class="quiet">{words(words::standing)}</span>
            <button aria-label=words(words::call_person) hidden=not(can_be_called) on:click:capture=call>
                "Call"
            </button>
            <button aria-label=words(words::pick) aria-expanded=words(words::is_picked) hidden=not(ours) on:click:capture=pick>
                "More"
            </button>
        </li>
    }
}

/// Whether the host has a reason to look at the list, even if there is only one.
fn guards(screen: &Screen) -> bool {
    screen.view.door.is_ours && screen.view.door.state != Door::Open
}

fn person(screen: &Screen, index: usize) -> Option<&PersonView> {
    screen.view.people.get(index)
}
