//! Camera and microphone: what was asked for, what there is, what is wrong.

use crate::event::{Device, MediaError, MediaEvent, MediaOp, MediaWish, Outcome};
use crate::view::{DeviceErrors, DeviceView, LocalMediaView};

#[cfg(test)]
mod tests;

/// Camera and microphone.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct LocalMedia {
    state: State,
    /// What the browser was asked for and has not answered. It can't be asked a second time before, since
    /// nothing would tell one answer from the other.
    question: Option<Question>,
}

/// The state of camera and microphone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
enum State {
    #[default]
    Off,
    Asking(MediaWish),
    Open(Devices),
    Failed(DeviceErrors),
}

/// The devices, and why they could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Devices {
    camera: DeviceView,
    microphone: DeviceView,
    screen: DeviceView,
    errors: DeviceErrors,
    /// Which of them has to be opened anew, since another one was chosen.
    chosen_anew: [bool; 3],
}

/// What is being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sends {
    /// Video, of the camera or a screen.
    pub(crate) camera: bool,
    pub(crate) microphone: bool,
    /// The video is that of a screen.
    pub(crate) screen: bool,
}

impl Sends {
    /// What is taken for granted of somebody who has not said otherwise.
    pub(crate) const USUAL: Self = Self {
        camera: true,
        microphone: true,
        screen: false,
    };
}

/// What a browser can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    Open(MediaWish),
    Add(Device),
    Reopen(Device),
}

impl Devices {
    fn new(camera: Outcome, microphone: Outcome) -> Self {
        let mut errors = DeviceErrors::default();
        let mut shown = |device, outcome| match outcome {
            Outcome::NotAsked => DeviceView::Absent,
            Outcome::Open => DeviceView::On,
            Outcome::Failed(error) => {
                errors.set(device, Some(error));
                DeviceView::Lost
            }
        };
        Self {
            camera: shown(Device::Camera, camera),
            microphone: shown(Device::Microphone, microphone),
            screen: DeviceView::Absent,
            errors,
            chosen_anew: [false; 3],
        }
    }

    /// Whether there is none of what was wanted.
    fn have_failed(&self) -> bool {
        let wanted = [self.camera, self.microphone];
        wanted.contains(&DeviceView::Lost) && !wanted.contains(&DeviceView::On)
    }

    fn get(&mut self, device: Device) -> &mut DeviceView {
        match device {
            Device::Camera => &mut self.camera,
            Device::Microphone => &mut self.microphone,
            Device::Screen => &mut self.screen,
        }
    }

    fn of(&self, device: Device) -> DeviceView {
        match device {
            Device::Camera => self.camera,
            Device::Microphone => self.microphone,
            Device::Screen => self.screen,
        }
    }

    /// Whether another one was chosen since this was asked.
    fn take_choice(&mut self, device: Device) -> bool {
        std::mem::take(&mut self.chosen_anew[device as usize])
    }

    fn is_opening(&self, device: Device) -> bool {
        self.of(device) == DeviceView::Opening
    }

    /// Whether it is open, if only to send nothing.
    fn is_open(&self, device: Device) -> bool {
        match self.of(device) {
            DeviceView::On | DeviceView::Held => true,
            DeviceView::Off => device == Device::Microphone,
            DeviceView::Absent | DeviceView::Opening | DeviceView::Lost => false,
        }
    }
}

impl LocalMedia {
    /// Whether it is settled what can be sent, if only nothing.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// What is being sent.
    pub(crate) fn sends(&self) -> Sends {
        let is_on = |device| {
            let devices = match &self.state {
                State::Open(devices) => Some(devices),
                State::Off | State::Asking(_) | State::Failed(_) => None,
            };
            devices.is_some_and(|devices| devices.of(device) == DeviceView::On)
        };
        let screen = is_on(Device::Screen);
        Sends {
            camera: screen || is_on(Device::Camera),
            microphone: is_on(Device::Microphone),
            screen,
        }
    }

    /// Whether a screen is shown, or was to be.
    pub(crate) fn has_screen(&self) -> bool {
        matches!(&self.state, State::Open(devices) if devices.screen != DeviceView::Absent)
    }

    /// The person wants this.
    pub(crate) fn get(&mut self, wish: MediaWish) -> Vec<MediaOp> {
        if wish == MediaWish::Nothing {
            self.state = State::Open(Devices::new(Outcome::NotAsked, Outcome::NotAsked));
            return vec![MediaOp::Close];
        }
        if matches!(self.state, State::Asking(_)) {
            return Vec::new();
        }
        self.state = State::Asking(wish);
        self.ask()
    }

    /// Asks the browser for what is wanted, unless it has yet to answer something else.
    fn ask(&mut self) -> Vec<MediaOp> {
        if self.question.is_some() {
            return Vec::new();
        }
        let question = self.wanted();
        self.question = question;
        let op = question.map(|question| match question {
            Question::Open(wish) => MediaOp::Open(wish),
            Question::Add(device) | Question::Reopen(device) => MediaOp::Add(device),
        });
        op.into_iter().collect()
    }

    /// What the browser should be asked for.
    fn wanted(&mut self) -> Option<Question> {
        match &mut self.state {
            State::Asking(wish) => Some(Question::Open(*wish)),
            State::Open(devices) => {
                let all = [Device::Camera, Device::Microphone, Device::Screen];
                if let Some(device) = all.into_iter().find(|device| devices.is_opening(*device)) {
                    return Some(Question::Add(device));
                }
                // What was switched off meanwhile need not be opened anew.
                all.into_iter()
                    .find(|device| devices.take_choice(*device) && devices.is_open(*device))
                    .map(Question::Reopen)
            }
            State::Off | State::Failed(_) => None,
        }
    }

    /// Another camera or microphone was chosen. One that is not open is opened as it was chosen when it is
    /// wanted.
    pub(crate) fn reopen(&mut self, device: Device) -> Vec<MediaOp> {
        let State::Open(devices) = &mut self.state else {
            return Vec::new();
        };
        if devices.is_open(device) || devices.is_opening(device) {
            devices.errors.set(device, None);
            devices.chosen_anew[device as usize] = true;
        }
        self.ask()
    }

    /// News from the browser. What nobody waits for any more is closed again.
    pub(crate) fn event(&mut self, event: MediaEvent) -> Vec<MediaOp> {
        match event {
            MediaEvent::Lost(device) => return self.lost(device),
            MediaEvent::Held(device, held) => {
                self.held(device, held);
                return Vec::new();
            }
            MediaEvent::Opened { .. } | MediaEvent::Added(_) | MediaEvent::NotAdded(..) => {}
        }
        let Some(question) = self.question.take() else {
            return Vec::new();
        };
        let mut ops = Vec::new();
        if self.is_wanted(question) {
            self.answered(event);
        } else {
            match event {
                MediaEvent::Opened { .. } => ops.push(MediaOp::Close),
                MediaEvent::Added(device) => ops.push(MediaOp::Remove(device)),
                _ => {}
            }
        }
        ops.extend(self.ask());
        ops
    }

    fn is_wanted(&self, question: Question) -> bool {
        match (&self.state, question) {
            (State::Asking(wish), Question::Open(asked)) => *wish == asked,
            (State::Open(devices), Question::Add(device)) => devices.is_opening(device),
            (State::Open(devices), Question::Reopen(device)) => devices.is_open(device),
            _ => false,
        }
    }

    fn answered(&mut self, event: MediaEvent) {
        match (&mut self.state, event) {
            (State::Asking(_), MediaEvent::Opened { camera, microphone }) => {
                let devices = Devices::new(camera, microphone);
                self.state = if devices.have_failed() {
                    State::Failed(devices.errors)
                } else {
                    State::Open(devices)
                };
            }
            (State::Open(devices), MediaEvent::Added(device)) => {
                devices.errors.set(device, None);
                let state = devices.get(device);
                // A muted microphone stays muted when another one is chosen.
                if *state != DeviceView::Off {
                    *state = DeviceView::On;
                }
            }
            // A person who is asked which screen to show may answer: none.
            (State::Open(devices), MediaEvent::NotAdded(Device::Screen, MediaError::Refused)) => {
                devices.screen = DeviceView::Absent;
            }
            (State::Open(devices), MediaEvent::NotAdded(device, error)) => {
                let is_opening = devices.is_opening(device);
                // Another one was chosen meanwhile: it is asked for next, and may be there.
                if !(is_opening && devices.take_choice(device)) {
                    devices.errors.set(device, Some(error));
                    if is_opening {
                        *devices.get(device) = DeviceView::Lost;
                    }
                }
            }
            _ => {}
        }
    }

    fn lost(&mut self, device: Device) -> Vec<MediaOp> {
        if self.question == Some(Question::Reopen(device)) {
            // Another one comes in its place, or it is told again that there is none.
            return Vec::new();
        }
        let State::Open(devices) = &mut self.state else {
            return Vec::new();
        };
        if devices.is_open(device) {
            let state = devices.get(device);
            *state = match device {
                Device::Camera | Device::Microphone => DeviceView::Lost,
                // The person has stopped it by what the browser has for that.
                Device::Screen => DeviceView::Absent,
            };
            vec![MediaOp::Remove(device)]
        } else {
            Vec::new()
        }
    }

    /// The system keeps a device from yielding anything, or no longer.
    fn held(&mut self, device: Device, held: bool) {
        if let State::Open(devices) = &mut self.state {
            let state = devices.get(device);
            match (*state, held) {
                (DeviceView::On, true) => *state = DeviceView::Held,
                (DeviceView::Held, false) => *state = DeviceView::On,
                _ => {}
            }
        }
    }

    /// Switches a device on or off. A camera that is off is closed, so that its light is out; a microphone
    /// stays open, so that it is back without a delay.
    pub(crate) fn switch(&mut self, device: Device, on: bool) -> Vec<MediaOp> {
        let State::Open(devices) = &mut self.state else {
            return Vec::new();
        };
        devices.errors.set(device, None);
        if device == Device::Camera && !on {
            // When it is opened next, it is as it was chosen.
            devices.take_choice(device);
        }
        let state = devices.get(device);
        match (*state, on, device) {
            (DeviceView::Off, true, Device::Microphone) => {
                *state = DeviceView::On;
                vec![MediaOp::EnableMicrophone(true)]
            }
            (DeviceView::On | DeviceView::Held, false, Device::Microphone) => {
                *state = DeviceView::Off;
                vec![MediaOp::EnableMicrophone(false)]
            }
            (DeviceView::On | DeviceView::Held, false, Device::Camera) => {
                *state = DeviceView::Off;
                vec![MediaOp::Remove(Device::Camera)]
            }
            (DeviceView::On, false, Device::Screen) => {
                *state = DeviceView::Absent;
                vec![MediaOp::Remove(Device::Screen)]
            }
            // It could not be had, and is not wanted any more.
            (DeviceView::Lost, false, Device::Screen) => {
                *state = DeviceView::Absent;
                Vec::new()
            }
            (DeviceView::Opening, false, _) => {
                // A microphone that is off is open. This one is not, and has to be asked for again.
                *state = match device {
                    Device::Camera => DeviceView::Off,
                    Device::Microphone => DeviceView::Lost,
                    Device::Screen => DeviceView::Absent,
                };
                Vec::new()
            }
            (DeviceView::Off | DeviceView::Lost | DeviceView::Absent, true, _) => {
                *state = DeviceView::Opening;
                self.ask()
            }
            _ => Vec::new(),
        }
    }

    /// Closes everything.
    pub(crate) fn close(&mut self) -> MediaOp {
        self.state = State::Off;
        MediaOp::Close
    }

    pub(crate) fn view(&self) -> LocalMediaView {
        match &self.state {
            State::Off => LocalMediaView::Off,
            State::Asking(_) => LocalMediaView::Asking,
            State::Open(devices) => LocalMediaView::Open {
                camera: devices.camera,
                microphone: devices.microphone,
                screen: devices.screen,
                errors: devices.errors.clone(),
            },
            State::Failed(errors) => LocalMediaView::Failed(errors.clone()),
        }
    }
}
