//! Camera and microphone: what was asked for, what there is, what is wrong.

use crate::event::{Device, MediaError, MediaEvent, MediaOp, MediaWish};
use crate::view::{DeviceView, LocalMediaView};

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
    /// A picture, of whatever.
    pub(crate) camera: bool,
    pub(crate) microphone: bool,
    /// The picture is that of a screen.
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
            // Whoever is asked which screen to show may well say: none.
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

#[cfg(test)]
mod tests {
    use super::*;

    const OPENED: MediaEvent = MediaEvent::Opened {
        camera: true,
        microphone: true,
    };

    fn open() -> LocalMedia {
        let mut media = LocalMedia::default();
        media.get(MediaWish::CameraAndMicrophone);
        media.event(OPENED);
        media
    }

    fn shown(media: &LocalMedia) -> (DeviceView, DeviceView) {
        match media.view() {
            LocalMediaView::Open {
                camera, microphone, ..
            } => (camera, microphone),
            other => panic!("not open: {other:?}"),
        }
    }

    /// A picture, sound, a screen.
    fn sent(media: &LocalMedia) -> (bool, bool, bool) {
        let sends = media.sends();
        (sends.camera, sends.microphone, sends.screen)
    }

    #[test]
    fn a_screen_takes_the_place_of_the_camera_which_stays_as_it_is() {
        let mut media = open();
        media.switch(Device::Camera, false);
        assert_eq!(media.switch(Device::Screen, true), [MediaOp::Add(Device::Screen)]);
        assert_eq!(sent(&media), (false, true, false));
        media.event(MediaEvent::Added(Device::Screen));
        assert_eq!(sent(&media), (true, true, true));
        assert_eq!(
            media.switch(Device::Screen, false),
            [MediaOp::Remove(Device::Screen)]
        );
        assert_eq!(sent(&media), (false, true, false));
        assert_eq!(shown(&media), (DeviceView::Off, DeviceView::On));
    }

    #[test]
    fn a_screen_that_is_shown_no_longer_is_no_trouble() {
        for end in [
            MediaEvent::Lost(Device::Screen),
            MediaEvent::NotAdded(Device::Screen, MediaError::Refused),
        ] {
            let mut media = open();
            media.switch(Device::Screen, true);
            if matches!(end, MediaEvent::Lost(_)) {
                media.event(MediaEvent::Added(Device::Screen));
            }
            media.event(end);
            assert!(matches!(
                media.view(),
                LocalMediaView::Open {
                    screen: DeviceView::Absent,
                    trouble: None,
                    ..
                }
            ));
        }
    }

    #[test]
    fn a_screen_that_comes_when_it_is_not_wanted_any_more_is_closed() {
        let mut media = open();
        media.switch(Device::Screen, true);
        assert_eq!(media.switch(Device::Screen, false), []);
        assert_eq!(
            media.event(MediaEvent::Added(Device::Screen)),
            [MediaOp::Remove(Device::Screen)]
        );
        assert_eq!(sent(&media), (true, true, false));
    }

    #[test]
    fn refused_then_granted() {
        let mut media = LocalMedia::default();
        let wish = MediaWish::CameraAndMicrophone;
        assert_eq!(media.get(wish), [MediaOp::Open(wish)]);
        assert_eq!(media.get(wish), [], "one question at a time");
        media.event(MediaEvent::Failed(MediaError::Refused));
        assert_eq!(media.view(), LocalMediaView::Failed(MediaError::Refused));
        assert_eq!(media.get(wish), [MediaOp::Open(wish)]);
        assert_eq!(media.event(OPENED), []);
        assert_eq!(shown(&media), (DeviceView::On, DeviceView::On));
    }

    #[test]
    fn a_stream_that_comes_too_late_is_closed() {
        let mut media = LocalMedia::default();
        media.get(MediaWish::CameraAndMicrophone);
        media.close();
        assert_eq!(media.event(OPENED), [MediaOp::Close]);
        assert_eq!(media.view(), LocalMediaView::Off);
    }

    #[test]
    fn the_answer_to_an_earlier_question_is_not_taken_for_that_to_a_later_one() {
        let mut media = LocalMedia::default();
        media.get(MediaWish::CameraAndMicrophone);
        media.close();
        assert_eq!(media.get(MediaWish::Microphone), [], "one question at a time");
        assert_eq!(
            media.event(OPENED),
            [MediaOp::Close, MediaOp::Open(MediaWish::Microphone)]
        );
        assert_eq!(media.view(), LocalMediaView::Asking);
        let answer = MediaEvent::Opened {
            camera: false,
            microphone: true,
        };
        assert_eq!(media.event(answer), []);
        assert_eq!(shown(&media), (DeviceView::Absent, DeviceView::On));
    }

    #[test]
    fn a_camera_that_is_off_is_closed_and_a_microphone_only_silent() {
        let mut media = open();
        assert_eq!(
            media.switch(Device::Camera, false),
            [MediaOp::Remove(Device::Camera)]
        );
        assert_eq!(
            media.switch(Device::Microphone, false),
            [MediaOp::EnableMicrophone(false)]
        );
        assert_eq!(sent(&media), (false, false, false));
        assert_eq!(media.switch(Device::Camera, true), [MediaOp::Add(Device::Camera)]);
        assert_eq!(shown(&media), (DeviceView::Opening, DeviceView::Off));
        assert_eq!(media.event(MediaEvent::Added(Device::Camera)), []);
        assert_eq!(sent(&media), (true, false, false));
    }

    #[test]
    fn a_camera_that_is_switched_off_while_it_opens_is_closed_when_it_comes() {
        let mut media = open();
        media.switch(Device::Camera, false);
        media.switch(Device::Camera, true);
        assert_eq!(media.switch(Device::Camera, false), []);
        assert_eq!(
            media.event(MediaEvent::Added(Device::Camera)),
            [MediaOp::Remove(Device::Camera)]
        );
        assert_eq!(shown(&media).0, DeviceView::Off);
    }

    #[test]
    fn a_microphone_that_is_switched_off_while_it_opens_is_asked_for_again() {
        for answers_before in [true, false] {
            let mut media = open();
            media.event(MediaEvent::Lost(Device::Microphone));
            media.switch(Device::Microphone, true);
            assert_eq!(media.switch(Device::Microphone, false), []);
            let add = MediaOp::Add(Device::Microphone);
            if answers_before {
                assert_eq!(
                    media.event(MediaEvent::Added(Device::Microphone)),
                    [MediaOp::Remove(Device::Microphone)]
                );
                assert_eq!(media.switch(Device::Microphone, true), [add]);
            } else {
                assert_eq!(
                    media.switch(Device::Microphone, true),
                    [],
                    "one question at a time"
                );
            }
            assert_eq!(media.event(MediaEvent::Added(Device::Microphone)), []);
            assert_eq!(sent(&media), (true, true, false));
        }
    }

    #[test]
    fn two_devices_are_opened_one_after_the_other() {
        let mut media = open();
        media.event(MediaEvent::Lost(Device::Camera));
        media.event(MediaEvent::Lost(Device::Microphone));
        assert_eq!(
            media.switch(Device::Microphone, true),
            [MediaOp::Add(Device::Microphone)]
        );
        assert_eq!(media.switch(Device::Camera, true), []);
        assert_eq!(
            media.event(MediaEvent::Added(Device::Microphone)),
            [MediaOp::Add(Device::Camera)]
        );
        media.event(MediaEvent::Added(Device::Camera));
        assert_eq!(shown(&media), (DeviceView::On, DeviceView::On));
    }

    #[test]
    fn a_camera_that_is_unplugged_is_told_and_can_be_had_again() {
        let mut media = open();
        assert_eq!(
            media.event(MediaEvent::Lost(Device::Camera)),
            [MediaOp::Remove(Device::Camera)]
        );
        assert_eq!(shown(&media), (DeviceView::Lost, DeviceView::On));
        media.switch(Device::Camera, true);
        media.event(MediaEvent::NotAdded(Device::Camera, MediaError::Busy));
        let LocalMediaView::Open { camera, trouble, .. } = media.view() else {
            panic!("it is open");
        };
        assert_eq!((camera, trouble), (DeviceView::Lost, Some(MediaError::Busy)));
    }
}
