//! Whether anybody sits between us and somebody else: what both compare, and what came of it.

use leptos::prelude::*;
use visavis_call::{CallView, Command, PersonView, Safety, SafetyCode, Verdict};
use visavis_protocol::id::PeerId;

use crate::ui::components::{Button, Icon, Kind, Svg};
use crate::ui::context::use_call;
use crate::ui::locale::safety;
use crate::ui::reactive::{memo, not};

/// The code that we have with somebody in the call, and what can be said of it; and what is wrong.
#[component]
pub(super) fn Comparison(id: PeerId, name: Signal<String>) -> impl IntoView {
    let call = use_call();
    let is_open = RwSignal::new(false);
    let has_none = call.about(&id, |person| shown_code(person).is_none());
    let warning = call.about(&id, safety::warning);
    let verdict = call.about(&id, safety::verdict);
    let about = memo(move || safety::code_with(&name.get()));
    let sign = |index| {
        let of = |part: fn(usize) -> &'static str| {
            let id = id.clone();
            memo(move || {
                call.state.call.with(|call| {
                    let code = call.person(&id).and_then(shown_code);
                    let number = code.and_then(|code| code.numbers().nth(index));
                    number.map(part).unwrap_or_default().to_owned()
                })
            })
        };
        view! {
            <span role="listitem">
                <span class="sign" aria-hidden="true" prop:textContent=of(safety::sign)></span>
                <span prop:textContent=of(safety::name)></span>
            </span>
        }
    };
    let signs: Vec<_> = (0..SafetyCode::LENGTH).map(sign).collect();
    let say = {
        let id = id.clone();
        move |verdict| call.send(Command::Verify(id.clone(), verdict))
    };
    let differs = say.clone();
    // One button, which keeps the focus.
    let matches = move || {
        let person = |call: &CallView| call.person(&id).map(|person| (person.safety, shown_code(person)));
        match call.state.call.with_untracked(person) {
            Some((Safety::Verified(_), _)) => say(Verdict::TakeBack),
            Some((_, Some(code))) => say(Verdict::Match(code)),
            _ => {}
        }
    };
    view! {
        <div class="comparison">
            <p class="warning" role="status" prop:textContent=warning></p>
            <span class="safety">
                <Button
                    label=safety::CODE
                    about
                    expanded=is_open
                    hidden=has_none
                    on_click=move || is_open.update(|is_open| *is_open = !*is_open)
                />
            </span>
            <div
                class="code"
                role="group"
                aria-label=about
                hidden=memo(move || has_none.get() || !is_open.get())
            >
                <div class="signs" role="list">
                    {signs}
                </div>
                <p class="hint">{safety::COMPARE}</p>
                <span class="matches">
                    <Button kind=Kind::Primary label=verdict on_click=matches />
                </span>
                <span class="differs">
                    <Button label="They differ" kind=Kind::Danger on_click=move || differs(Verdict::Differ) />
                </span>
            </div>
        </div>
    }
}

/// Beside the name of somebody whose code was compared.
#[component]
pub(super) fn Mark(id: PeerId) -> impl IntoView {
    view! {
        <span class="verified" hidden=not(use_call().about(&id, is_verified))>
            <Svg icon=Icon::VERIFIED />
            {safety::VERIFIED}
        </span>
    }
}

/// The code, while there is somebody to compare it with.
fn shown_code(person: &PersonView) -> Option<SafetyCode> {
    person.safety.code().filter(|_| person.takes_part())
}

fn is_verified(person: &PersonView) -> bool {
    matches!(person.safety, Safety::Verified(_))
}
