//! Access to the room: who wants to come in, who may, and what a host can do about those who are in.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use visavis_call::{AccessPolicy, Command, PersonView, Time};
use visavis_protocol::id::PeerId;
use web_sys::HtmlInputElement;

use super::components::{Button, Kind};
use super::context::use_call;
use super::locale;
use super::reactive::{memo, not};
use crate::browser::{page, property};

/// Somebody who is named now may have followed somebody else a moment ago: for so many milliseconds, nothing
/// can be said to them. A click that comes sooner was meant for the other one.
const TOO_SOON_MS: u32 = 600;

/// Who wants to come in, and what the host says to that. Over the page, so that nothing moves.
#[component]
pub(super) fn Knock() -> impl IntoView {
    let call = use_call();
    let first = call.select(|call| call.access.knocking.first().map(|knocker| knocker.id.clone()));
    // When somebody was first who is first no longer.
    let followed = StoredValue::new(None);
    // Always there, so that screen readers notice when there is something in it.
    view! {
        <div class="knock" role="group" aria-labelledby="knocking">
            <p id="knocking" role="status" prop:textContent=call.select(locale::knocking)></p>
            <For each=move || first.get() key=PeerId::clone let:id>
                <Answers id followed />
            </For>
        </div>
    }
}

/// What can be said to one of those who knock. Others have buttons of their own, so that a click is about the
/// person who was named when it began.
#[component]
fn Answers(id: PeerId, followed: StoredValue<Option<Time>>) -> impl IntoView {
    let call = use_call();
    on_cleanup(move || {
        let _ = followed.try_update_value(|time| *time = Some(page::now()));
    });
    let has_just_followed = followed
        .get_value()
        .is_some_and(|time| page::now().since(time).as_millis() < u128::from(TOO_SOON_MS));
    let is_too_soon = RwSignal::new(has_just_followed);
    if has_just_followed {
        let over = Timeout::new(TOO_SOON_MS, move || {
            let _ = is_too_soon.try_set(false);
        });
        // For as long as they are named.
        StoredValue::new_local(over);
    }
    let refused = id.clone();
    view! {
        <Button
            id="admit"
            kind=Kind::Primary
            label="Let in"
            disabled=is_too_soon
            on_click=move || call.send(Command::Admit(id.clone()))
        />
        <Button
            id="refuse"
            label="Refuse"
            disabled=is_too_soon
            on_click=move || call.send(Command::Refuse(refused.clone()))
        />
    }
}

/// Who may come in: the host's choice, and for others, whose choice it is.
#[component]
pub(super) fn WhoMayComeIn() -> impl IntoView {
    let call = use_call();
    let decides = call.select(|call| locale::who_decides(call).unwrap_or_default());
    let option = move |policy: AccessPolicy| {
        let chosen = memo(move || {
            call.state
                .call
                .with(|call| call.access.is_ours && call.access.policy == policy)
        });
        view! {
            <option value=policy.name() prop:selected=chosen>
                {locale::access_policy(policy)}
            </option>
        }
    };
    view! {
        <div class="field" hidden=call.select(|call| !call.access.is_ours)>
            <label for="door">{locale::WHO_CAN_COME_IN}</label>
            <select
                id="door"
                on:change=move |event| {
                    if let Some(policy) = AccessPolicy::named(&event_target_value(&event)) {
                        call.send(Command::SetAccess(policy));
                    }
                }
            >
                {AccessPolicy::ALL.map(option).collect_view()}
            </select>
        </div>
        <p class="quiet" hidden=memo(move || decides.with(String::is_empty)) prop:textContent=decides></p>
    }
}

/// What one can do about somebody in the room: the one who is picked in the list of people.
#[component]
pub(super) fn AboutPerson(id: PeerId) -> impl IntoView {
    let call = use_call();
    let is_guest = call.select(|call| !call.access.is_ours);
    let is_blocked = call.about(&id, |person| person.blocked);
    let can_come_back = call.select(|call| call.access.is_ours && call.access.policy == AccessPolicy::Open);
    let blocked = id.clone();
    let name = {
        let id = id.clone();
        memo(move || call.state.call.with(|call| locale::name_of(call, &id)))
    };
    let removed = id.clone();
    let decide = move |command: Command| {
        call.state.change(|page| page.picked = None);
        call.send(command);
    };
    // The element is there for as long as the person is, and so is how loud it is.
    let video = call.state.people.with_untracked(|people| {
        let person = people.iter().find(|person| person.id == id);
        person.and_then(|person| person.video.get_value())
    });
    let volume = video.as_ref().map(|video| property::get(video, "volume"));
    let is_heard = call.about(&id, PersonView::takes_part);
    view! {
        <div class="actions quiet">
            <label class="volume" hidden=not(is_heard)>
                <span prop:textContent=memo(move || locale::volume(&name.get()))></span>
                <input
                    id="volume"
                    type="range"
                    min="0"
                    max="1"
                    step="0.05"
                    prop:value=volume.unwrap_or_default()
                    on:input=move |event| {
                        if let Some(video) = &video {
                            let slider = event_target::<HtmlInputElement>(&event);
                            property::set(video, "volume", &property::get(&slider, "valueAsNumber"));
                        }
                    }
                />
            </label>
            <Button
                id="block"
                label=memo(move || locale::block(&name.get(), is_blocked.get()))
                on_click=move || call.send(Command::Block(blocked.clone(), !is_blocked.get_untracked()))
            />
            <p class="hint">{locale::BLOCKING}</p>
            <Button
                id="make-host"
                hidden=is_guest
                label=memo(move || locale::make_host(&name.get()))
                on_click=move || decide(Command::MakeHost(id.clone()))
            />
            <Button
                id="remove"
                kind=Kind::Danger
                hidden=is_guest
                label=memo(move || locale::remove(&name.get()))
                on_click=move || decide(Command::Remove(removed.clone()))
            />
            <p class="hint" hidden=not(can_come_back)>
                {locale::COMES_BACK}
            </p>
            <Button
                id="have-knock"
                label="Have people knock from now on"
                hidden=not(can_come_back)
                on_click=move || call.send(Command::SetAccess(AccessPolicy::Knock))
            />
        </div>
    }
}
