//! What follows when devices are plugged in and unplugged. Pure: it hears what there is and what is in use,
//! and says what to do.

use visavis_call::DeviceView;

use crate::browser::device_list::{DeviceKind, Listed};
use crate::browser::preferences::Preferences;
use crate::ui::state::Notice;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Open a camera or microphone in the place of the one that is gone.
    Start(DeviceKind),
    /// Use this device from now on.
    Use(Listed),
    /// The chosen device has another id by now.
    Rename(Listed),
    /// Say something.
    Tell(Notice),
}

/// How a camera or a microphone is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// The device that is open.
    pub(super) open: Option<String>,
    /// What the state machine says of it.
    pub(super) view: Option<DeviceView>,
}

/// What is remembered of one kind of device.
#[derive(Debug, Clone, Default)]
struct Seat {
    /// What was open last, and sent something.
    in_use: Option<Listed>,
    /// What it was in the place of, or what was chosen and is not there.
    away: Option<Listed>,
    /// Whether something else is being opened in its place.
    falls_over: bool,
    /// Whether what was chosen was taken, if it was there: the page may have opened another one before the
    /// app was there.
    is_settled: bool,
}

/// What is remembered of all devices.
#[derive(Debug, Clone, Default)]
pub(super) struct Plugging {
    listed: Vec<Listed>,
    camera: Seat,
    microphone: Seat,
    speaker: Seat,
}

/// Chromium lists the system's choice once more under these ids.
fn is_alias(id: &str) -> bool {
    matches!(id, "default" | "communications")
}

fn find<'a>(list: &'a [Listed], kind: DeviceKind, id: &str) -> Option<&'a Listed> {
    list.iter().find(|device| device.kind == kind && device.id == id)
}

impl Plugging {
    /// There are these devices now, and these are in use.
    pub(super) fn follow(
        &mut self,
        list: &[Listed],
        camera: &Usage,
        microphone: &Usage,
        chosen: &Preferences,
    ) -> Vec<Step> {
        // Browsers fall over to the system's speaker by themselves once they are told.
        let is_there = |id: &String| find(list, DeviceKind::Speaker, id).is_some();
        let speaker = &Usage {
            open: chosen.speaker.clone().filter(is_there),
            view: None,
        };
        let mut steps = Vec::new();
        for (kind, usage, id, label) in [
            (DeviceKind::Camera, camera, &chosen.camera, &chosen.camera_label),
            (
                DeviceKind::Microphone,
                microphone,
                &chosen.microphone,
                &chosen.microphone_label,
            ),
            (
                DeviceKind::Speaker,
                speaker,
                &chosen.speaker,
                &chosen.speaker_label,
            ),
        ] {
            let seat = self.seat(kind);
            seat.remember_choice(list, kind, id.as_ref(), label.as_ref(), &mut steps);
            seat.follow(list, kind, usage, id.as_ref(), &mut steps);
        }
        if let Some(plugged) = self.plugged(list, &steps) {
            steps.push(Step::Tell(Notice::Plugged(plugged)));
        }
        // Without labels, the page may not know yet what there is.
        self.listed = list
            .iter()
            .filter(|device| !device.label.is_empty())
            .cloned()
            .collect();
        steps
    }

    /// The person has chosen one of this kind: nothing else takes its place by itself.
    pub(super) fn choose(&mut self, kind: DeviceKind) {
        let seat = self.seat(kind);
        seat.away = None;
        seat.falls_over = false;
        seat.is_settled = true;
    }

    fn seat(&mut self, kind: DeviceKind) -> &mut Seat {
        match kind {
            DeviceKind::Camera => &mut self.camera,
            DeviceKind::Microphone => &mut self.microphone,
            DeviceKind::Speaker => &mut self.speaker,
        }
    }

    /// What has come since, of one piece of hardware, and is not taken anyway.
    fn plugged(&self, list: &[Listed], steps: &[Step]) -> Option<Vec<Listed>> {
        if self.listed.is_empty() {
            return None;
        }
        let is_taken = |device: &Listed| {
            let seats = [&self.camera, &self.microphone, &self.speaker];
            let in_use = seats.iter().filter_map(|seat| seat.in_use.as_ref());
            in_use
                .chain(steps.iter().filter_map(Step::device))
                .any(|used| used == device)
        };
        // The page may have been told of a whole kind only now that it may use it.
        let is_known = |kind| self.listed.iter().any(|device| device.kind == kind);
        let is_new = |device: &&Listed| {
            !is_alias(&device.id)
                && is_known(device.kind)
                && !device.label.is_empty()
                && find(&self.listed, device.kind, &device.id).is_none()
                && !is_taken(device)
        };
        let first = list.iter().find(is_new)?;
        let same = |device: &&Listed| device.group == first.group;
        Some(list.iter().filter(is_new).filter(same).cloned().collect())
    }
}

impl Step {
    fn device(&self) -> Option<&Listed> {
        match self {
            Self::Use(device) | Self::Rename(device) => Some(device),
            Self::Start(_) | Self::Tell(_) => None,
        }
    }
}

impl Seat {
    /// What was chosen may not be there, or have another id.
    fn remember_choice(
        &mut self,
        list: &[Listed],
        kind: DeviceKind,
        id: Option<&String>,
        label: Option<&String>,
        steps: &mut Vec<Step>,
    ) {
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return;
        };
        if list.iter().all(|device| device.label.is_empty()) || find(list, kind, id).is_some() {
            return;
        }
        let label = label.cloned().unwrap_or_default();
        let same = |device: &&Listed| device.kind == kind && !label.is_empty() && device.label == label;
        if let Some(device) = list.iter().find(same) {
            steps.push(Step::Rename(device.clone()));
        } else if self.away.is_none() {
            self.away = Some(Listed {
                kind,
                id: id.clone(),
                label,
                group: String::new(),
            });
        }
    }

    fn follow(
        &mut self,
        list: &[Listed],
        kind: DeviceKind,
        usage: &Usage,
        chosen: Option<&String>,
        steps: &mut Vec<Step>,
    ) {
        let open = usage.open.as_deref().and_then(|id| find(list, kind, id));
        let is_lost = usage.view == Some(DeviceView::Lost);
        let gone = self.in_use.take_if(|device| {
            // An alias stays, and means another device by now.
            let same = find(list, kind, &device.id).filter(|same| same.label == device.label);
            same.is_none() && (is_lost || kind == DeviceKind::Speaker)
        });
        if let Some(gone) = gone {
            let other = list.iter().find(|device| device.kind == kind);
            if let Some(other) = other {
                if kind == DeviceKind::Speaker {
                    steps.push(Step::Tell(Notice::FellOver {
                        kind,
                        from: gone.label.clone(),
                        to: other.label.clone(),
                    }));
                } else {
                    self.falls_over = true;
                    steps.push(Step::Start(kind));
                }
            }
            self.away = Some(gone);
        }
        let Some(open) = open else {
            return;
        };
        let chosen = chosen.and_then(|id| find(list, kind, id));
        if !std::mem::replace(&mut self.is_settled, true)
            && let Some(chosen) = chosen.filter(|chosen| *chosen != open)
        {
            steps.push(Step::Use(chosen.clone()));
            return;
        }
        if std::mem::take(&mut self.falls_over)
            && let Some(away) = &self.away
        {
            steps.push(Step::Tell(Notice::FellOver {
                kind,
                from: away.label.clone(),
                to: open.label.clone(),
            }));
        }
        // A muted microphone that is unplugged stays away until it is wanted: nothing opens by itself that
        // was off.
        let sends = !matches!(usage.view, Some(DeviceView::Off));
        self.in_use = sends.then(|| open.clone());
        let back = self.away.take_if(|away| find(list, kind, &away.id).is_some());
        if let Some(back) = back
            && let Some(back) = find(list, kind, &back.id)
        {
            if back.id != open.id {
                steps.push(Step::Use(back.clone()));
            }
            steps.push(Step::Tell(Notice::Back {
                kind,
                label: back.label.clone(),
            }));
        }
    }
}

#[cfg(test)]
mod tests;
