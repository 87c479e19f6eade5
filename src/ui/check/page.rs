//! The page of the check.

use gloo_events::EventListener;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::PageTransitionEvent;

use super::checkup::Checkup;
use super::judgement::{self, Check, Finding, Outcome};
use crate::browser::page;
use crate::ui::components::{Button, CopyButton, Copying, Icon, Kind};
use crate::ui::locale;
use crate::ui::reactive::memo;

/// At the field with the report.
const RESULT: &str = "The result, as text. It holds no address, no name and no room.";

/// The page.
#[component]
pub(super) fn CheckPage() -> impl IntoView {
    let checkup = Checkup::new();
    close_with_page(checkup);
    let room = format!(
        "{}{}",
        page::window().location().pathname().unwrap_or_default(),
        page::hash()
    );
    let outcomes = memo(move || {
        checkup.findings.with(|findings| {
            findings
                .iter()
                .map(|(_, finding)| finding.outcome)
                .collect::<Vec<_>>()
        })
    });
    let is_running = memo(move || outcomes.with(|outcomes| outcomes.contains(&Outcome::Running)));
    let has_begun =
        memo(move || outcomes.with(|outcomes| outcomes.iter().any(|outcome| *outcome != Outcome::Waiting)));
    let is_done = memo(move || {
        has_begun.get()
            && !is_running.get()
            && outcomes.with(|outcomes| !outcomes.contains(&Outcome::Waiting))
    });
    let summary = memo(move || {
        let fault = checkup.fault.get();
        fault.unwrap_or_else(|| outcomes.with(|outcomes| judgement::summary(outcomes)).to_owned())
    });
    let start = memo(move || match has_begun.get() {
        true => "Check again".to_owned(),
        false => "Start the check".to_owned(),
    });
    view! {
        <style>{include_str!("check.css")}</style>
        <main class="check">
            <a id="check-back" href=room>"Back to the room"</a>
            <h1>{locale::CHECK}</h1>
            <p id="check-summary" class="quiet" role="status" prop:textContent=summary></p>
            <div class="row">
                <Button
                    id="check-start"
                    kind=Kind::Primary
                    label=start
                    disabled=is_running
                    on_click=move || checkup.start()
                />
                <Button
                    id="check-stop"
                    label="Switch everything off"
                    hidden=memo(move || !(is_running.get() || checkup.is_open.get()))
                    on_click=move || checkup.stop()
                />
            </div>
            <ol>{Check::ALL.map(|check| view! { <Item check checkup /> }).collect_view()}</ol>
            <Outcomes checkup hidden=memo(move || !is_done.get()) />
            <p id="check-news" class="visually-hidden" role="status" prop:textContent=checkup.news></p>
        </main>
    }
}

/// The lights go out even if the browser keeps the page for a way back.
fn close_with_page(checkup: Checkup) {
    let leaving = EventListener::new(&page::window(), "pagehide", move |_| checkup.stop());
    let coming_back = EventListener::new(&page::window(), "pageshow", |event| {
        if event.unchecked_ref::<PageTransitionEvent>().persisted() {
            page::reload();
        }
    });
    // For as long as the page is shown.
    StoredValue::new_local([leaving, coming_back]);
}

/// One check, and how it stands.
#[component]
fn Item(check: Check, checkup: Checkup) -> impl IntoView {
    let finding = memo(move || {
        checkup.findings.with(|findings| {
            let finding = findings.iter().find(|(of, _)| *of == check);
            finding.map_or_else(|| judgement::waiting(check), |(_, finding)| finding.clone())
        })
    });
    let of = move |text: fn(&Finding) -> String| memo(move || finding.with(text));
    let more = match check {
        Check::Camera => view! {
            <video
                id="check-video"
                class="mirrored"
                autoplay
                playsinline
                prop:muted=true
                aria-label="Your own picture"
                node_ref=checkup.video
            ></video>
        }
        .into_any(),
        Check::Microphone => view! {
            <meter
                id="check-meter"
                min="0"
                max="1"
                aria-label="Loudness"
                prop:value=checkup.level
            ></meter>
        }
        .into_any(),
        Check::Relay | Check::Stun | Check::Turn => ().into_any(),
    };
    view! {
        <li data-check=check.name() data-result=of(|finding| finding.outcome.name().to_owned())>
            <h2>{check.title()}</h2>
            <span class="word" prop:textContent=of(|finding| finding.outcome.word().to_owned())></span>
            <p prop:textContent=of(|finding| finding.sentence.clone())></p>
            {more}
        </li>
    }
}

/// All of it as text, to be passed on.
#[component]
fn Outcomes(checkup: Checkup, hidden: Signal<bool>) -> impl IntoView {
    let text = memo(move || {
        checkup
            .findings
            .with(|findings| judgement::report(env!("CARGO_PKG_VERSION"), &page::user_agent(), findings))
    });
    let field = NodeRef::<html::Textarea>::new();
    let copying = Copying::new();
    let copy = copying.on_click(text, move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    });
    view! {
        <section id="check-result" hidden=hidden>
            <label for="check-report">{RESULT}</label>
            <textarea id="check-report" readonly rows="8" node_ref=field prop:value=text></textarea>
            <CopyButton
                id="check-copy"
                icon=Icon::COPY
                copying
                label="Copy result"
                said=memo(move || copying.said("The result is copied.").to_owned())
                on_click=copy
            />
        </section>
    }
}
