//! What is known about devices, and what is done when it changes.

use gloo_events::EventListener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallView, Command, Device, DeviceView};
use wasm_bindgen::JsCast;
use web_sys::MediaStreamTrack;

use super::plugging::{Plugging, Step, Usage};
use crate::browser::device_list::{self, DeviceKind, Listed};
use crate::browser::preferences::Preferences;
use crate::browser::property;
use crate::ui::call_handle::CallHandle;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::{Notice, SettingsTab};

/// What can be chosen and opened.
const DEVICES: [Device; 2] = [Device::Camera, Device::Microphone];

/// What the components that show devices are within.
pub(super) fn use_devices() -> DevicesHandle {
    use_context().expect("what shows devices is within what follows them")
}

/// What is known about devices.
#[derive(Debug, Clone, Copy)]
pub(super) struct DevicesHandle {
    pub(super) call: CallHandle,
    /// What there is, as far as the browser tells.
    pub(super) list: RwSignal<Vec<Listed>, LocalStorage>,
    /// What was chosen.
    pub(super) preferences: RwSignal<Preferences>,
    /// Which camera and which microphone are open.
    pub(super) open: RwSignal<Open>,
    /// What the page says by itself: the first is shown.
    pub(super) notices: RwSignal<Vec<Notice>, LocalStorage>,
    /// Counts the choices that could not be opened: the lists show again what is used.
    pub(super) refusals: RwSignal<u32>,
    plugging: StoredValue<Plugging, LocalStorage>,
    /// Counts how often the browser was asked for the list: only the last answer counts.
    asked: StoredValue<u32>,
}

/// The devices that are open, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) camera: Option<String>,
    pub(super) microphone: Option<String>,
    /// The camera is that at the back of a phone: it shows what others see, and is no mirror.
    pub(super) faces_away: bool,
}

impl DevicesHandle {
    pub(super) fn watch(call: CallHandle) -> Self {
        let devices = Self {
            call,
            list: RwSignal::new_local(Vec::new()),
            preferences: RwSignal::new(Preferences::kept()),
            open: RwSignal::new(Open::default()),
            notices: RwSignal::new_local(Vec::new()),
            refusals: RwSignal::new(0),
            plugging: StoredValue::new_local(Plugging::default()),
            asked: StoredValue::new(0),
        };
        let listener = device_list::on_change(move || devices.look());
        StoredValue::new_local(listener.map(Listener));
        effect(move || {
            let stream = call.state.local_stream.get();
            let tracks = stream.map(|stream| stream.get_tracks()).unwrap_or_default();
            let tracks = tracks.into_iter().map(JsCast::unchecked_into);
            let mut open = Open::of(tracks);
            if call
                .state
                .call
                .with_untracked(|call| call.media.device(Device::Screen) == DeviceView::On)
            {
                // The camera is behind it.
                let before = devices.open.get_untracked();
                (open.camera, open.faces_away) = (before.camera, before.faces_away);
            }
            if devices.open.get_untracked() != open {
                devices.open.set(open);
            }
            devices.look();
        });
        effect(move || {
            let is_mirror = devices.open.with(|open| !open.faces_away);
            if let Some(video) = call.local_video.get() {
                let class = if is_mirror { "mirrored" } else { "" };
                property::set(&video, "className", &class.into());
            }
        });
        let views = call.select(|call| DEVICES.map(|device| view_of(call, device)));
        effect(move || {
            views.track();
            devices.look();
        });
        let refused = call.select(refused);
        effect(move || {
            // What is lost has nothing to give way to.
            let stays = refused
                .get()
                .map(|view| view.is_some_and(|view| view != DeviceView::Lost));
            if stays != [false; 2] {
                devices.give_way(stays);
            }
        });
        // The style shows the button on phones alone, which have a front and a back.
        let has_other = memo(move || {
            let cameras = |list: &Vec<Listed>| {
                let cameras = list.iter().filter(|device| device.kind == DeviceKind::Camera);
                cameras.count() > 1
            };
            devices.list.with(cameras)
        });
        effect(move || {
            let flip = has_other.get().then_some(false);
            call.state.change(|page| page.flip = flip);
        });
        let flips = call.page(|page| page.flip == Some(true));
        effect(move || {
            if flips.get() {
                call.state.change(|page| page.flip = Some(false));
                devices.flip();
            }
        });
        devices
    }

    /// From the camera in front to that at the back, or the other way round.
    fn flip(self) {
        let faces_away = self.open.with_untracked(|open| open.faces_away);
        let change = |chosen: &mut Preferences| {
            (chosen.camera, chosen.camera_label) = (None, None);
            chosen.facing_mode = Some(if faces_away { "user" } else { "environment" }.to_owned());
        };
        self.plugging
            .update_value(|plugging| plugging.choose(DeviceKind::Camera));
        self.prefer(change, Some(DeviceKind::Camera));
        self.preferences.with_untracked(Preferences::keep);
    }

    /// Looks at what there is, and does what follows.
    pub(super) fn look(self) {
        let Some(number) = self.asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        }) else {
            return;
        };
        spawn_local(async move {
            let list = device_list::list().await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            if self.list.with_untracked(|known| *known != list) {
                self.list.set(list.clone());
            }
            self.follow(&list);
        });
    }

    fn follow(self, list: &[Listed]) {
        let [camera, microphone] = self
            .call
            .state
            .call
            .with_untracked(|call| DEVICES.map(|device| view_of(call, device)));
        let open = self.open.get_untracked();
        let usage = |open: Option<String>, view| Usage { open, view };
        let chosen = self.preferences.get_untracked();
        let steps = self.plugging.try_update_value(|plugging| {
            plugging.follow(
                list,
                &usage(open.camera, camera),
                &usage(open.microphone, microphone),
                &chosen,
            )
        });
        for step in steps.into_iter().flatten() {
            match step {
                Step::Start(DeviceKind::Camera) => self.call.send(Command::SetCamera(true)),
                Step::Start(_) => self.call.send(Command::SetMicrophone(true)),
                Step::Use(device) => self.prefer(|chosen| note(chosen, &device), Some(device.kind)),
                Step::Rename(device) => {
                    self.prefer(|chosen| note(chosen, &device), Some(device.kind));
                    self.preferences.with_untracked(Preferences::keep);
                }
                Step::Tell(notice) => self.tell(notice),
            }
        }
        // Nobody can use it any more, or somebody does.
        let uses = |device: &Listed| {
            let open = self.open.get_untracked();
            [open.camera, open.microphone].contains(&Some(device.id.clone()))
        };
        self.take_back(|notice| {
            matches!(notice, Notice::Plugged(plugged) if plugged.iter().any(|it| !list.contains(it) || uses(it)))
        });
        let speaker = self.preferences.with_untracked(|chosen| chosen.speaker.clone());
        let is_there = |id: &String| {
            list.iter()
                .any(|device| device.kind == DeviceKind::Speaker && device.id == *id)
        };
        let speaker = speaker.filter(is_there).unwrap_or_default();
        self.call.state.change(|page| page.speaker = speaker);
    }

    /// The person has chosen: it is kept, and used at once where the device is open, or was wanted in vain.
    pub(super) fn choose(self, device: &Listed) {
        self.plugging
            .update_value(|plugging| plugging.choose(device.kind));
        self.prefer(|chosen| note(chosen, device), Some(device.kind));
        self.preferences.with_untracked(Preferences::keep);
        // One that stopped by itself may have been muted: only what was wanted in vain is opened.
        let [camera, microphone] = self.call.state.call.with_untracked(refused);
        let lost = Some(DeviceView::Lost);
        match device.kind {
            DeviceKind::Camera if camera == lost => self.call.send(Command::SetCamera(true)),
            DeviceKind::Microphone if microphone == lost => self.call.send(Command::SetMicrophone(true)),
            DeviceKind::Speaker => self.look(),
            DeviceKind::Camera | DeviceKind::Microphone => {}
        }
    }

    /// Prefers something from now on, and opens the device anew that it is about.
    pub(super) fn prefer(self, change: impl FnOnce(&mut Preferences), about: Option<DeviceKind>) {
        self.preferences.update(change);
        self.call
            .choose(self.preferences.with_untracked(Preferences::chosen));
        match about {
            Some(DeviceKind::Camera) => self.call.send(Command::Reopen(Device::Camera)),
            Some(DeviceKind::Microphone) => self.call.send(Command::Reopen(Device::Microphone)),
            Some(DeviceKind::Speaker) | None => {}
        }
    }

    /// What was chosen could not be opened: what is open stays the choice.
    fn give_way(self, [camera, microphone]: [bool; 2]) {
        self.refusals.update(|refusals| *refusals += 1);
        let open = self.open.get_untracked();
        let list = self.list.get_untracked();
        let find = |kind, id: Option<String>| {
            let id = id?;
            list.iter().find(|device| device.kind == kind && device.id == id)
        };
        let camera = camera.then(|| find(DeviceKind::Camera, open.camera)).flatten();
        let microphone = microphone
            .then(|| find(DeviceKind::Microphone, open.microphone))
            .flatten();
        for device in [camera, microphone].into_iter().flatten() {
            self.prefer(|chosen| note(chosen, device), None);
            self.preferences.with_untracked(Preferences::keep);
        }
    }

    /// Says something, after what is being said, and in the place of what was true before of the same kind.
    pub(super) fn tell(self, notice: Notice) {
        if let Some(kind) = notice.in_use() {
            self.take_back(|before| before.in_use() == Some(kind));
        }
        if self
            .notices
            .try_with_untracked(|notices| !notices.contains(&notice))
            == Some(true)
        {
            self.notices.update(|notices| notices.push(notice));
        }
    }

    /// Says it no longer.
    pub(super) fn take_back(self, is_meant: impl Fn(&Notice) -> bool) {
        if self
            .notices
            .try_with_untracked(|notices| notices.iter().any(&is_meant))
            == Some(true)
        {
            self.notices
                .update(|notices| notices.retain(|notice| !is_meant(notice)));
        }
    }

    /// Whether a part of the settings is seen. What is not seen costs nothing: no preview, no meter.
    pub(super) fn shows(self, tab: SettingsTab) -> Signal<bool> {
        memo(move || self.call.state.page.with(|page| page.settings == Some(tab)))
    }

    /// Opens the settings.
    pub(super) fn open_settings(self, tab: SettingsTab) {
        self.call.state.change(|page| page.settings = Some(tab));
    }
}

/// Notes a device as the chosen one of its kind.
fn note(chosen: &mut Preferences, device: &Listed) {
    let (id, label) = match device.kind {
        DeviceKind::Camera => {
            // Front or back was another choice of the same thing.
            chosen.facing_mode = None;
            (&mut chosen.camera, &mut chosen.camera_label)
        }
        DeviceKind::Microphone => (&mut chosen.microphone, &mut chosen.microphone_label),
        DeviceKind::Speaker => (&mut chosen.speaker, &mut chosen.speaker_label),
    };
    *id = Some(device.id.clone());
    *label = Some(device.label.clone());
}

impl Open {
    fn of(tracks: impl Iterator<Item = MediaStreamTrack>) -> Self {
        let mut open = Self::default();
        for track in tracks {
            let settings = track.get_settings();
            let id = settings.get_device_id();
            if track.kind() == "audio" {
                open.microphone = id;
            } else {
                open.faces_away = settings.get_facing_mode().as_deref() == Some("environment");
                open.camera = id;
            }
        }
        open
    }
}

/// How a device is, once devices are open at all.
pub(super) fn view_of(call: &CallView, device: Device) -> Option<DeviceView> {
    call.media.is_open().then(|| call.media.device(device))
}

/// Of camera and microphone: which could not be opened when it was wanted, or when another one was chosen.
fn refused(call: &CallView) -> [Option<DeviceView>; 2] {
    DEVICES.map(|device| call.media.error(device).and_then(|_| view_of(call, device)))
}

/// Listens until it is dropped.
struct Listener(#[allow(dead_code, reason = "it listens until it is dropped")] EventListener);
