//! The report about a call that went wrong: copied, or read. What makes its text is a chunk.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::button::{Button, ButtonProps, Look};
use super::copying::copy;
use super::screen::{Copying, Ui};
use super::words;
use crate::browser::page;
use crate::chunk::chunk;

chunk!(
    /// What makes a report's text.
    fn writer: report -> fn(Ui) -> String = |ui| ui.report_text()
);

/// Where the report can be read.
const DIALOG: &str = "report";

/// The text in it, which is selected.
const TEXT: &str = "report-text";

/// Copies a report. There is such a button in two places.
#[component]
pub(super) fn CopyReport(ui: Ui, id: &'static str, shown: Memo<bool>) -> impl IntoView {
    Button(ButtonProps {
        id,
        look: Look::Plain,
        icons: &[],
        words: ui.words(|screen| {
            match screen.copying {
                Copying::Report => "Copied",
                Copying::NoReport => words::NOT_LOADED,
                _ => "Copy report",
            }
            .to_owned()
        }),
        shown,
        enabled: shown,
        on_click: Box::new(move || make(ui, |ui, report| copy(ui, report, Copying::Report, read))),
    })
}

/// Shows the report, to be read before it is passed on.
pub(super) fn show(ui: Ui) {
    make(ui, |_, _| read());
}

/// The dialog in which a report is read. Closed until then.
#[component]
pub(super) fn Report(ui: Ui) -> impl IntoView {
    view! {
        <dialog id=DIALOG aria-labelledby="report-title">
            <form method="dialog">
                <label id="report-title" for=TEXT>{words::REPORT}</label>
                <textarea id=TEXT readonly rows="12" prop:value=ui.words(|screen| screen.report.clone())></textarea>
                <p class="quiet">{words::REPORT_IS_CLEAN}</p>
                <button class="primary">"Close"</button>
            </form>
        </dialog>
    }
}

/// Fetches what makes reports: a call for which one may be wanted can be one without a network.
pub(super) fn load() {
    spawn_local(async {
        // Who wants a report asks again.
        let _ = writer().await;
    });
}

fn make(ui: Ui, then: fn(Ui, String)) {
    spawn_local(async move {
        let Ok(write) = writer().await else {
            return ui.change(|screen| screen.copying = Copying::NoReport);
        };
        let report = write(ui);
        ui.change(|screen| screen.report.clone_from(&report));
        then(ui, report);
    });
}

fn read() {
    page::show_dialog(DIALOG);
    page::select(TEXT);
}
