//! Camera and microphone: what was asked for, what there is, what is wrong.

use crate::event::{MediaError, MediaEvent, MediaOp, MediaWish};
use crate::view::LocalMediaView;

/// Camera and microphone.
#[derive(Debug, Default)]
pub(crate) struct LocalMedia {
    state: State,
    /// What the browser was asked for and has not answered. It can't be asked a second time before, since nothing
    /// would tell one answer from the other.
    question: Option<MediaWish>,
}

/// The state of camera and microphone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum State {
    #[default]
    Off,
    Asking(MediaWish),
    Open {
        camera: Device,
        microphone: Device,
    },
    Failed(MediaError),
}

/// One device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    /// There is none, or it is not wanted.
    Absent,
    /// It is sending.
    On,
    /// It is open, and sends silence or black.
    Off,
}

impl Device {
    fn present(present: bool) -> Self {
        if present { Self::On } else { Self::Absent }
    }

    fn switch(&mut self, on: bool) {
        if *self != Self::Absent {
            *self = if on { Self::On } else { Self::Off };
        }
    }
}

impl LocalMedia {
    /// Whether it is settled what can be sent, if only nothing.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// The person wants this.
    pub(crate) fn get(&mut self, wish: MediaWish) -> Option<MediaOp> {
        if wish == MediaWish::Nothing {
            self.state = State::Open {
                camera: Device::Absent,
                microphone: Device::Absent,
            };
            return Some(MediaOp::Close);
        }
        if matches!(self.state, State::Asking(_)) {
            return None;
        }
        self.state = State::Asking(wish);
        self.ask(wish)
    }

    fn ask(&mut self, wish: MediaWish) -> Option<MediaOp> {
        if self.question.is_some() {
            return None;
        }
        self.question = Some(wish);
        Some(MediaOp::Open(wish))
    }

    /// The browser answers. An answer that nobody waits for any more is closed again.
    pub(crate) fn answered(&mut self, event: MediaEvent) -> Vec<MediaOp> {
        let question = self.question.take();
        let close = matches!(event, MediaEvent::Opened { .. }).then_some(MediaOp::Close);
        let State::Asking(wish) = self.state else {
            return close.into_iter().collect();
        };
        if question.is_some_and(|question| question != wish) {
            return close.into_iter().chain(self.ask(wish)).collect();
        }
        self.state = match event {
            MediaEvent::Opened { camera, microphone } => State::Open {
                camera: Device::present(camera),
                microphone: Device::present(microphone),
            },
            MediaEvent::Failed(error) => State::Failed(error),
        };
        Vec::new()
    }

    pub(crate) fn set_camera(&mut self, on: bool) -> Option<MediaOp> {
        let State::Open { camera, .. } = &mut self.state else {
            return None;
        };
        camera.switch(on);
        self.enable()
    }

    pub(crate) fn set_microphone(&mut self, on: bool) -> Option<MediaOp> {
        let State::Open { microphone, .. } = &mut self.state else {
            return None;
        };
        microphone.switch(on);
        self.enable()
    }

    fn enable(&self) -> Option<MediaOp> {
        let State::Open { camera, microphone } = &self.state else {
            return None;
        };
        Some(MediaOp::Enable {
            microphone: *microphone == Device::On,
            camera: *camera == Device::On,
        })
    }

    /// Closes everything.
    pub(crate) fn close(&mut self) -> MediaOp {
        self.state = State::Off;
        MediaOp::Close
    }

    pub(crate) fn view(&self) -> LocalMediaView {
        let switch = |device: Device| match device {
            Device::Absent => None,
            Device::On => Some(true),
            Device::Off => Some(false),
        };
        match &self.state {
            State::Off => LocalMediaView::Off,
            State::Asking(_) => LocalMediaView::Asking,
            State::Open { camera, microphone } => LocalMediaView::Open {
                camera: switch(*camera),
                microphone: switch(*microphone),
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
        microphone: false,
    };

    #[test]
    fn refused_then_granted() {
        let mut media = LocalMedia::default();
        let wish = MediaWish::CameraAndMicrophone;
        assert_eq!(media.get(wish), Some(MediaOp::Open(wish)));
        assert_eq!(media.get(wish), None, "one question at a time");
        media.answered(MediaEvent::Failed(MediaError::Refused));
        assert_eq!(media.view(), LocalMediaView::Failed(MediaError::Refused));
        assert_eq!(media.get(wish), Some(MediaOp::Open(wish)));
        assert_eq!(media.answered(OPENED), []);
        assert_eq!(
            media.view(),
            LocalMediaView::Open {
                camera: Some(true),
                microphone: None
            }
        );
    }

    #[test]
    fn a_stream_that_comes_too_late_is_closed() {
        let mut media = LocalMedia::default();
        media.get(MediaWish::CameraAndMicrophone);
        media.close();
        assert_eq!(media.answered(OPENED), [MediaOp::Close]);
        assert_eq!(media.view(), LocalMediaView::Off);
    }

    #[test]
    fn a_device_that_is_not_there_cannot_be_switched_on() {
        let mut media = LocalMedia::default();
        media.get(MediaWish::CameraAndMicrophone);
        media.answered(OPENED);
        assert_eq!(
            media.set_microphone(true),
            Some(MediaOp::Enable {
                microphone: false,
                camera: true
            })
        );
        assert_eq!(
            media.set_camera(false),
            Some(MediaOp::Enable {
                microphone: false,
                camera: false
            })
        );
    }

    #[test]
    fn the_answer_to_an_earlier_question_is_not_taken_for_that_to_a_later_one() {
        let mut media = LocalMedia::default();
        media.get(MediaWish::CameraAndMicrophone);
        media.close();
        assert_eq!(media.get(MediaWish::Microphone), None, "one question at a time");
        assert_eq!(
            media.answered(OPENED),
            [MediaOp::Close, MediaOp::Open(MediaWish::Microphone)]
        );
        assert_eq!(media.view(), LocalMediaView::Asking);
        assert_eq!(
            media.answered(MediaEvent::Opened {
                camera: false,
                microphone: true
            }),
            []
        );
        assert_eq!(
            media.view(),
            LocalMediaView::Open {
                camera: None,
                microphone: Some(true)
            }
        );
    }
}
