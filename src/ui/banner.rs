//! Trouble: one sentence at the top, one action. What goes on goes on behind it.

use leptos::prelude::*;
use visavis_call::Command;

use super::button::{Button, ButtonProps, Look};
use super::controls::start_devices;
use super::report::{CopyReport, CopyReportProps};
use super::screen::{Screen, Ui, not};
use super::words::{self, Remedy};

/// The banner. It takes no space while there is no trouble, and covers nothing when there is.
#[component]
pub(super) fn Banner(ui: Ui) -> impl IntoView {
    let trouble = ui.when(|screen| words::trouble(screen).is_some());
    let explained = ui.when(|screen| screen.explains_relay && remedy(screen) == Some(Remedy::ExplainRelay));
    let stopped = ui.when(|screen| remedy(screen) == Some(Remedy::StartDevices));
    let always = ui.when(|_| true);
    // A countdown changes every second, which nobody wants to hear.
    let live = ui.words(|screen| {
        match remedy(screen) {
            Some(Remedy::RetryNow) => "off",
            _ => "polite",
        }
        .to_owned()
    });
    view! {
        <div id="banner" class="banner" hidden=not(trouble)>
            <p id="trouble" aria-live=live>
                {ui.words(|screen| words::trouble(screen).map(|trouble| trouble.sentence).unwrap_or_default())}
            </p>
            {Button(ButtonProps {
                id: "retry-now",
                look: Look::Plain,
                icons: &[],
                words: ui.words(|_| "Retry now".to_owned()),
                shown: ui.when(|screen| remedy(screen) == Some(Remedy::RetryNow)),
                enabled: always,
                on_click: ui.sends(Command::RetryNow),
            })}
            {Button(ButtonProps {
                id: "explain-relay",
                look: Look::Plain,
                icons: &[],
                words: ui.words(|_| "How to change that".to_owned()),
                shown: ui.when(|screen| remedy(screen) == Some(Remedy::ExplainRelay)),
                enabled: always,
                on_click: Box::new(move || ui.change(|screen| screen.explains_relay = !screen.explains_relay)),
            })}
            {Button(ButtonProps {
                id: "start-devices",
                look: Look::Plain,
                icons: &[],
                words: ui.words(|_| "Try again".to_owned()),
                shown: stopped,
                enabled: always,
                on_click: Box::new(move || start_devices(ui)),
            })}
            {Button(ButtonProps {
                id: "go-without",
                look: Look::Plain,
                icons: &[],
                words: ui.words(|_| "Go on without".to_owned()),
                shown: stopped,
                enabled: always,
                on_click: Box::new(move || ui.change(|screen| screen.goes_without = true)),
            })}
            {CopyReport(CopyReportProps {
                ui,
                id: "copy-report-now",
                shown: ui.when(|screen| remedy(screen) == Some(Remedy::Report)),
            })}
            <p role="status" hidden=not(explained)>{words::RELAY_EXPLANATION}</p>
        </div>
    }
}

fn remedy(screen: &Screen) -> Option<Remedy> {
    words::trouble(screen).map(|trouble| trouble.remedy)
}
