//! Microphone and speaker.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{Device, DeviceView};
use wasm_bindgen::JsCast;
use web_sys::MediaStreamTrack;

use super::choice::DeviceChoice;
use crate::browser::device_list::{DeviceKind, Listed};
use crate::browser::level::LevelMeter;
use crate::browser::preferences::Preferences;
use crate::browser::{property, speaker};
use crate::ui::components::Button;
use crate::ui::devices::handle::{DevicesHandle, use_devices, view_of};
use crate::ui::locale;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::SettingsTab;

/// How often the meter moves, in milliseconds.
const METER_MS: u32 = 60;

/// Microphone, speaker, and what is done to the sound.
pub(super) fn audio(devices: DevicesHandle) -> AnyView {
    let call = devices.call;
    view! {
            <DeviceChoice id="choose-microphone" kind=DeviceKind::Microphone />
            <Meter />
            <Speaker />
            <fieldset>
                <legend>{locale::SOUND_OF_MICROPHONE}</legend>
                {SWITCHES.map(|switch| view! { <AudioSwitch switch /> }).collect_view()}
            </fieldset>
            <p class="fault" role="alert" prop:textContent=call.select(locale::microphone_fault)></p>
    }
    .into_any()
}

/// Something that the browser does to what the microphone hears.
#[derive(Clone, Copy)]
struct Switch {
    id: &'static str,
    label: &'static str,
    /// What the browser calls it among a track's settings.
    constraint: &'static str,
    chosen: fn(&mut Preferences) -> &mut Option<bool>,
}

const SWITCHES: [Switch; 3] = [
    Switch {
        id: "echo-cancellation",
        label: locale::ECHO_CANCELLATION,
        constraint: "echoCancellation",
        chosen: |chosen| &mut chosen.echo_cancellation,
    },
    Switch {
        id: "browser-noise-suppression",
        label: locale::NOISE_SUPPRESSION,
        constraint: "noiseSuppression",
        chosen: |chosen| &mut chosen.noise_suppression,
    },
    Switch {
        id: "auto-gain-control",
        label: locale::AUTO_GAIN_CONTROL,
        constraint: "autoGainControl",
        chosen: |chosen| &mut chosen.auto_gain_control,
    },
];

#[component]
fn AudioSwitch(switch: Switch) -> impl IntoView {
    let devices = use_devices();
    // What is chosen; otherwise what the microphone does, or would by default.
    let is_on = memo(move || {
        let chosen = devices
            .preferences
            .with(|chosen| *(switch.chosen)(&mut chosen.clone()));
        devices.open.track();
        let does = microphone(devices).and_then(|track| {
            let settings = track.get_settings();
            property::get(&settings, switch.constraint).as_bool()
        });
        chosen.or(does).unwrap_or(true)
    });
    view! {
        <label class="switch">
            <input
                id=switch.id
                type="checkbox"
                prop:checked=is_on
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    devices.prefer(|chosen| *(switch.chosen)(chosen) = Some(on), Some(DeviceKind::Microphone));
                    devices.preferences.with_untracked(Preferences::keep);
                }
            />
            <span>{switch.label}</span>
        </label>
    }
}

/// The microphone that is open.
fn microphone(devices: DevicesHandle) -> Option<MediaStreamTrack> {
    let stream = devices.call.state.local_stream.get()?;
    let mut tracks = stream.get_audio_tracks().into_iter();
    tracks.next().map(JsCast::unchecked_into)
}

/// How loud the microphone is, while this is seen.
#[component]
fn Meter() -> impl IntoView {
    let devices = use_devices();
    let level = RwSignal::new(0.0);
    let view = devices.call.select(|call| view_of(call, Device::Microphone));
    // Of a muted microphone there is nothing to measure.
    let is_seen = devices.shows(SettingsTab::Audio);
    let is_on = memo(move || is_seen.get() && view.get() == Some(DeviceView::On));
    let mut measuring: Option<Interval> = None;
    effect(move || {
        devices.open.track();
        drop(measuring.take());
        level.set(0.0);
        let track = is_on.get().then(|| microphone(devices)).flatten();
        // A browser without a meter shows none.
        measuring = track.and_then(|track| LevelMeter::new(&track).ok()).map(|meter| {
            Interval::new(METER_MS, move || {
                let _ = level.try_set(meter.level());
            })
        });
    });
    view! {
        <meter id="microphone-level" min="0" max="1" aria-label=locale::LOUDNESS prop:value=level></meter>
        <p class="quiet" prop:textContent=memo(move || locale::meter_means(view.get()).to_owned())></p>
    }
}

/// The speaker, where the browser lets a page choose it, and a sound to try it with.
#[component]
fn Speaker() -> impl IntoView {
    let devices = use_devices();
    let has_list = memo(move || {
        devices
            .list
            .with(|list| list.iter().any(|device| device.kind == DeviceKind::Speaker))
    });
    let can_be_chosen = speaker::can_be_chosen();
    let is_playing = RwSignal::new(false);
    let play = move || {
        if is_playing.get_untracked() {
            return;
        }
        is_playing.set(true);
        let id = devices
            .call
            .state
            .page
            .with_untracked(|page| page.speaker.clone());
        spawn_local(async move {
            // Without a sound there is nothing to hear, which is what it is there to find out.
            let _ = speaker::play_sound(&id).await;
            let _ = is_playing.try_set(false);
        });
    };
    let ask = move || {
        spawn_local(async move {
            if let Some((id, label)) = speaker::ask().await {
                devices.choose(&Listed {
                    kind: DeviceKind::Speaker,
                    id,
                    label,
                    group: String::new(),
                });
            }
        });
    };
    view! {
        <div class="speaker">
            <div class="field" hidden=!can_be_chosen>
                <DeviceChoice id="choose-speaker" kind=DeviceKind::Speaker />
            </div>
            <p class="quiet" hidden=can_be_chosen>
                {locale::SPEAKER_OF_SYSTEM}
            </p>
            <Button id="play-sound" label=locale::PLAY_SOUND disabled=is_playing on_click=play />
            <Button
                id="ask-for-speaker"
                label=locale::ASK_FOR_SPEAKER
                hidden=memo(move || has_list.get() || !speaker::can_be_asked_for())
                on_click=ask
            />
        </div>
    }
}
