//! Who is in the room, where there are several: each can be called alone, and the host decides who stays.

use leptos::prelude::*;
use visavis_call::{AccessPolicy, CallView, Command, PersonState, PersonView, Stage};
use visavis_protocol::id::PeerId;

use super::access::{AboutPerson, Knock, WhoMayComeIn};
use super::components::{Build, Button, Fetched, Place};
use super::context::use_call;
use super::locale;
use super::reactive::memo;
use super::sight::WhoSeesWhat;
use super::state::{PageState, Person, SidePanel};
use crate::chunk::chunk;

mod safety;

use safety::{Comparison, Mark};

chunk!(
    /// People and access: who is in the room, who may come in, who knocks.
    fn chunk: people -> Build = build
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

fn build(place: Place) -> AnyView {
    match place {
        Place::Top => view! { <Knock /> }.into_any(),
        Place::Panel => view! { <People /> }.into_any(),
        Place::AboutRoom => view! { <WhoMayComeIn /> }.into_any(),
        _ => ().into_any(),
    }
}

/// The list. Before a call, with one other person there is nothing to choose, except for a host who restricts
/// access. During a call, it is opened.
#[component]
fn People() -> impl IntoView {
    let call = use_call();
    let picked = call.page(|page| page.picked.clone());
    let hidden = call.select_with_page(|call, page| !is_listed(call, page));
    view! {
        <style>{include_str!("people/people.css")}</style>
        <div class="in-room" hidden=hidden>
            <ul class="people" aria-label="In this room">
                <For each=move || call.state.people.get() key=|person| person.id.clone() let:person>
                    <Entry person />
                </For>
            </ul>
            <div hidden=call.select(|call| !call.is_going_on())>
                <WhoSeesWhat id="who-sees-what-now" />
            </div>
            <For each=move || picked.get() key=PeerId::clone let:id>
                <AboutPerson id />
            </For>
        </div>
    }
}

/// Somebody in the list.
#[component]
fn Entry(person: Person) -> impl IntoView {
    let call = use_call();
    let Person { id, .. } = person;
    let (called, picked, compared) = (id.clone(), id.clone(), id.clone());
    let name = call.about(&id, locale::listed);
    let standing = {
        let id = id.clone();
        memo(move || {
            call.state.call.with(|call| {
                let text = |person| locale::standing(person, call.access.policy);
                call.person(&id).map(text).unwrap_or_default()
            })
        })
    };
    let can_choose = call.select(can_choose);
    let is_free = call.about(&id, is_free);
    let is_picked = {
        let id = id.clone();
        memo(move || call.state.page.with(|page| page.picked.as_ref() == Some(&id)))
    };
    view! {
        <li data-dropped=call.about(&id, |person| person.offers_dropped.to_string())>
            <span class="who">
                <span class="name" prop:textContent=name></span>
                <Mark id=compared.clone() />
            </span>
            <span class="quiet" prop:textContent=standing></span>
            <Button
                label="Call"
                about=memo(move || locale::call_person(&name.get()))
                hidden=memo(move || !(is_free.get() && can_choose.get()))
                on_click=move || call.send(Command::CallPerson(called.clone()))
            />
            <Button
                label="More"
                about=memo(move || locale::pick(&name.get()))
                expanded=is_picked
                on_click=move || call.state.change(|page| page.pick(&picked))
            />
            <Comparison id=compared name />
        </li>
    }
}

fn is_free(person: &PersonView) -> bool {
    person.state == PersonState::Here && person.call.is_none()
}

/// Whether there is somebody to choose.
fn can_choose(call: &CallView) -> bool {
    call.can_call() && call.people.len() > 1
}

/// Whether the list is shown.
fn is_listed(call: &CallView, page: &PageState) -> bool {
    match call.stage() {
        Stage::Ready | Stage::Ringing | Stage::Ended => call.people.len() > usize::from(!guards(call)),
        Stage::Connecting | Stage::InCall => page.shows(SidePanel::People),
        _ => false,
    }
}

/// Whether the host has a reason to look at the list, even if there is only one.
fn guards(call: &CallView) -> bool {
    call.access.is_ours && call.access.policy != AccessPolicy::Open
}
