//! The report about a call that went wrong: copied, or read.

use leptos::prelude::*;

use super::button::{Button, ButtonProps, Look};
use super::copying::copy;
use super::screen::{Copying, Ui};
use super::words;
use crate::browser::page;

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
                _ => "Copy report",
            }
            .to_owned()
        }),
        shown,
        enabled: shown,
        on_click: Box::new(move || copy(ui, make(ui), Copying::Report, read)),
    })
}

/// Shows the report, to be read before it is passed on.
pub(super) fn show(ui: Ui) {
    make(ui);
    read();
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

fn make(ui: Ui) -> String {
    let report = ui.report();
    ui.change(|screen| screen.report.clone_from(&report));
    report
}

fn read() {
    page::show_dialog(DIALOG);
    page::select(TEXT);
}
