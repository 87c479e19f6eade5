//! Camera and microphone: what was asked for, what there is, what is wrong.

use crate::event::{MediaError, MediaEvent, MediaOp, MediaWish};
use crate::view::LocalMediaView;

/// The state of camera and microphone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LocalMedia {
    Off,
    Asking,
    Open { camera: Device, microphone: Device },
    Failed(MediaError),
}

/// One device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
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
        matches!(self, Self::Open { .. })
    }

    /// The person wants this.
    pub(crate) fn get(&mut self, wish: MediaWish) -> Option<MediaOp> {
        if wish == MediaWish::Nothing {
            *self = Self::Open { camera: Device::Absent, microphone: Device::Absent };
            return Some(MediaOp::Close);
        }
        if *self == Self::Asking {
            return None;
        }
        *self = Self::Asking;
        Some(MediaOp::Open(wish))
    }

    /// The browser answers. An answer that nobody waits for any more is closed again.
    pub(crate) fn answered(&mut self, event: MediaEvent) -> Option<MediaOp> {
        if *self != Self::Asking {
            return matches!(event, MediaEvent::Opened { .. }).then_some(MediaOp::Close);
        }
        *self = match event {
            MediaEvent::Opened { camera, microphone } => {
                Self::Open { camera: Device::present(camera), microphone: Device::present(microphone) }
            }
            MediaEvent::Failed(error) => Self::Failed(error),
        };
        None
    }

    pub(crate) fn set_camera(&mut self, on: bool) -> Option<MediaOp> {
        let Self::Open { camera, .. } = self else { return None };
        camera.switch(on);
        self.enable()
    }

    pub(crate) fn set_microphone(&mut self, on: bool) -> Option<MediaOp> {
        let Self::Open { microphone, .. } = self else { return None };
        microphone.switch(on);
        self.enable()
    }

    fn enable(&self) -> Option<MediaOp> {
        let Self::Open { camera, microphone } = self else { return None };
        Some(MediaOp::Enable { microphone: *microphone == Device::On, camera: *camera == Device::On })
    }

    /// Closes everything.
    pub(crate) fn close(&mut self) -> MediaOp {
        *self = Self::Off;
        MediaOp::Close
    }

    pub(crate) fn view(&self) -> LocalMediaView {
        let switch = |device: Device| match device {
            Device::Absent => None,
            Device::On => Some(true),
            Device::Off => Some(false),
        };
        match self {
            Self::Off => LocalMediaView::Off,
            Self::Asking => LocalMediaView::Asking,
            Self::Open { camera, microphone } => {
                LocalMediaView::Open { camera: switch(*camera), microphone: switch(*microphone) }
            }
            Self::Failed(error) => LocalMediaView::Failed(error.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENED: MediaEvent = MediaEvent::Opened { camera: true, microphone: false };

    #[test]
    fn refused_then_granted() {
        let mut media = LocalMedia::Off;
        let wish = MediaWish::CameraAndMicrophone;
        assert_eq!(media.get(wish), Some(MediaOp::Open(wish)));
        assert_eq!(media.get(wish), None, "one question at a time");
        media.answered(MediaEvent::Failed(MediaError::Refused));
        assert_eq!(media.view(), LocalMediaView::Failed(MediaError::Refused));
        assert_eq!(media.get(wish), Some(MediaOp::Open(wish)));
        assert_eq!(media.answered(OPENED), None);
        assert_eq!(media.view(), LocalMediaView::Open { camera: Some(true), microphone: None });
    }

    #[test]
    fn a_stream_that_comes_too_late_is_closed() {
        let mut media = LocalMedia::Off;
        media.get(MediaWish::CameraAndMicrophone);
        media.close();
        assert_eq!(media.answered(OPENED), Some(MediaOp::Close));
        assert_eq!(media.view(), LocalMediaView::Off);
    }

    #[test]
    fn a_device_that_is_not_there_cannot_be_switched_on() {
        let mut media = LocalMedia::Asking;
        media.answered(OPENED);
        assert_eq!(media.set_microphone(true), Some(MediaOp::Enable { microphone: false, camera: true }));
        assert_eq!(media.set_camera(false), Some(MediaOp::Enable { microphone: false, camera: false }));
    }
}
