//! The report about a call that went wrong: copied, or read in a dialog. It is a chunk.

use leptos::html;
use leptos::prelude::*;

use super::components::{Build, Button, CopyButton, Fetched, Icon, Place};
use super::context::{PageContext, use_call, use_page};
use super::locale;
use super::reactive::{effect, memo};
use super::state::ReportUse;
use crate::chunk::chunk;

chunk!(
    /// The report.
    fn chunk: report -> Build = build
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

fn build(place: Place) -> AnyView {
    match place {
        Place::Top => view! { <Dialog /> }.into_any(),
        Place::Banner => view! { <CopyReport id="copy-report-now" /> }.into_any(),
        Place::Panel => view! {
            <CopyReport id="copy-report" />
            <ReadReport />
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// Copies a report. There is such a button in two places.
#[component]
fn CopyReport(id: &'static str) -> impl IntoView {
    let PageContext { call, copying, .. } = use_page();
    view! {
        <CopyButton
            id
            icon=Icon::COPY
            copying
            label="Copy report"
            said=memo(move || copying.said("The report is copied.").to_owned())
            on_click=move || call.state.change(|page| page.report = Some(ReportUse::Copy))
        />
    }
}

/// Shows a report, to be read before it is passed on.
#[component]
fn ReadReport() -> impl IntoView {
    let call = use_call();
    view! {
        <Button
            id="read-report"
            label="Read it"
            on_click=move || call.state.change(|page| page.report = Some(ReportUse::Read))
        />
    }
}

/// The dialog in which a report is read. Closed until then.
#[component]
fn Dialog() -> impl IntoView {
    let PageContext { call, copying, .. } = use_page();
    let dialog = NodeRef::<html::Dialog>::new();
    let text = NodeRef::<html::Textarea>::new();
    let show = move || {
        if let (Some(dialog), Some(text)) = (dialog.get_untracked(), text.get_untracked()) {
            // Refused only if it is open already.
            let _ = dialog.show_modal();
            text.select();
        }
    };
    effect(move || {
        let Some(wanted) = call.state.page.with(|page| page.report) else {
            return;
        };
        call.state.change(|page| page.report = None);
        let written = call.report();
        if let Some(text) = text.get_untracked() {
            text.set_value(&written);
        }
        match wanted {
            ReportUse::Copy => copying.copy(written, show),
            ReportUse::Read => show(),
        }
    });
    view! {
        <dialog node_ref=dialog aria-labelledby="report-title">
            <form method="dialog">
                <label id="report-title" for="report-text">{locale::REPORT}</label>
                <textarea id="report-text" node_ref=text readonly rows="12"></textarea>
                <p class="quiet">{locale::REPORT_IS_CLEAN}</p>
                <button class="primary">{locale::CLOSE}</button>
            </form>
        </dialog>
    }
}
