//! Camera and microphone: what was asked for, what there is, what is wrong.

use crate::event::{Device, MediaError, MediaEvent, MediaOp, MediaWish};
use crate::view::{DeviceView, LocalMediaView};

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
    Failed(MediaError),
}

/// Both devices, and what is wrong with the one that was asked for last.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Devices {
    camera: DeviceView,
    microphone: DeviceView,
    screen: DeviceView,
    trouble: Option<MediaError>,
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
}

impl Devices {
    fn open(camera: bool, microphone: bool) -> Self {
        Self {
            camera: present(camera),
            microphone: present(microphone),
            screen: DeviceView::Absent,
            trouble: None,
        }
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

    fn is_opening(&self, device: Device) -> bool {
        self.of(device) == DeviceView::Opening
    }
}

fn present(present: bool) -> DeviceView {
    if present {
        DeviceView::On
    } else {
        DeviceView::Absent
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
            self.state = State::Open(Devices::open(false, false));
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
            Question::Add(device) => MediaOp::Add(device),
        });
        op.into_iter().collect()
    }

    /// What the browser should be asked for.
    fn wanted(&self) -> Option<Question> {
        match &self.state {
            State::Asking(wish) => Some(Question::Open(*wish)),
            State::Open(devices) => [Device::Camera, Device::Microphone, Device::Screen]
                .into_iter()
                .find(|device| devices.is_opening(*device))
                .map(Question::Add),
            State::Off | State::Failed(_) => None,
        }
    }

    /// News from the browser. What nobody waits for any more is closed again.
    pub(crate) fn event(&mut self, event: MediaEvent) -> Vec<MediaOp> {
        if let MediaEvent::Lost(device) = event {
            return self.lost(device);
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
            _ => false,
        }
    }

    fn answered(&mut self, event: MediaEvent) {
        match (&mut self.state, event) {
            (State::Asking(_), MediaEvent::Opened { camera, microphone }) => {
                self.state = State::Open(Devices::open(camera, microphone));
            }
            (State::Asking(_), MediaEvent::Failed(error)) => self.state = State::Failed(error),
            (State::Open(devices), MediaEvent::Added(device)) => *devices.get(device) = DeviceView::On,
            // A person who is asked which screen to show may answer: none.
            (State::Open(devices), MediaEvent::NotAdded(Device::Screen, MediaError::Refused)) => {
                devices.screen = DeviceView::Absent;
            }
            (State::Open(devices), MediaEvent::NotAdded(device, error)) => {
                *devices.get(device) = DeviceView::Lost;
                devices.trouble = Some(error);
            }
            _ => {}
        }
    }

    fn lost(&mut self, device: Device) -> Vec<MediaOp> {
        let State::Open(devices) = &mut self.state else {
            return Vec::new();
        };
        let state = devices.get(device);
        if matches!(state, DeviceView::On | DeviceView::Off) {
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

    /// Switches a device on or off. A camera that is off is closed, so that its light is out; a microphone
    /// stays open, so that it is back without a delay.
    pub(crate) fn switch(&mut self, device: Device, on: bool) -> Vec<MediaOp> {
        let State::Open(devices) = &mut self.state else {
            return Vec::new();
        };
        devices.trouble = None;
        let state = devices.get(device);
        match (*state, on, device) {
            (DeviceView::Off, true, Device::Microphone) => {
                *state = DeviceView::On;
                vec![MediaOp::EnableMicrophone(true)]
            }
            (DeviceView::On, false, Device::Microphone) => {
                *state = DeviceView::Off;
                vec![MediaOp::EnableMicrophone(false)]
            }
            (DeviceView::On, false, Device::Camera) => {
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
                trouble: devices.trouble.clone(),
            },
            State::Failed(error) => LocalMediaView::Failed(error.clone()),
        }
    }
}
