//! The report about a call that went wrong: copied, or read. What makes its text, and the dialog that shows
//! it, are a chunk.

use leptos::html;
use leptos::prelude::*;

use super::call_handle::CallHandle;
use super::components::{Build, Button, Chunk, CopyButton, Fetched, Icon, Lazy, Place};
use super::context::{PageContext, use_page};
use super::locale;
use super::reactive::{effect, memo};
use super::state::ReportUse;
use crate::chunk::chunk;

chunk!(
    /// The report.
    fn chunk: report -> Build = |_| view! { <Dialog /> }.into_any()
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

/// The place of the dialog.
#[component]
pub(super) fn ReportDialog() -> impl IntoView {
    // The button says what does not come.
    view! { <Lazy chunk=use_page().chunks.report place=Place::Top /> }
}

/// Copies a report. There is such a button in two places.
#[component]
pub(super) fn CopyReport(id: &'static str, #[prop(into)] hidden: Signal<bool>) -> impl IntoView {
    let PageContext {
        call,
        chunks,
        copying,
        ..
    } = use_page();
    let chunk = chunks.report;
    let is_wanted = call.page(|page| page.report.is_some());
    let is_missing = memo(move || chunk.is_missing() && is_wanted.get());
    view! {
        <CopyButton
            id
            icon=Icon::COPY
            copying
            label=memo(move || if is_missing.get() { locale::NOT_LOADED } else { "Copy report" }.to_owned())
            said=memo(move || {
                let missing = is_missing.get().then_some(locale::REPORT_NOT_LOADED);
                missing.unwrap_or_else(|| copying.said("The report is copied.")).to_owned()
            })
            hidden
            on_click=move || ask(call, ReportUse::Copy, chunk)
        />
    }
}

/// Shows a report, to be read before it is passed on.
#[component]
pub(super) fn ReadReport(#[prop(into)] hidden: Signal<bool>) -> impl IntoView {
    let PageContext { call, chunks, .. } = use_page();
    let chunk = chunks.report;
    view! { <Button id="read-report" label="Read it" hidden on_click=move || ask(call, ReportUse::Read, chunk) /> }
}

fn ask(call: CallHandle, what: ReportUse, chunk: Chunk) {
    call.state.change(|page| page.report = Some(what));
    chunk.load();
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
                <button class="primary">"Close"</button>
            </form>
        </dialog>
    }
}
