//! Camera, microphone and screen.

/// What a person wants to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaWish {
    /// Audio and video.
    CameraAndMicrophone,
    /// Audio only.
    Microphone,
    /// Video only: there is no microphone.
    Camera,
    /// Nothing; only see and hear the others.
    Nothing,
}

impl MediaWish {
    /// One device alone; a screen sends video as a camera does.
    #[must_use]
    pub fn only(device: Device) -> Self {
        match device {
            Device::Microphone => Self::Microphone,
            Device::Camera | Device::Screen => Self::Camera,
        }
    }

    /// Whether this device is part of it.
    #[must_use]
    pub fn wants(self, device: Device) -> bool {
        match device {
            Device::Camera => matches!(self, Self::CameraAndMicrophone | Self::Camera),
            Device::Microphone => matches!(self, Self::CameraAndMicrophone | Self::Microphone),
            Device::Screen => false,
        }
    }
}

/// News of camera, microphone and screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// What became of a [`MediaOp::Open`], for each device.
    Opened {
        /// Of the camera.
        camera: Outcome,
        /// Of the microphone.
        microphone: Outcome,
    },
    /// [`MediaOp::Add`] has opened a device.
    Added(Device),
    /// [`MediaOp::Add`] could not open a device. One that is open stays so, unless [`MediaEvent::Lost`]
    /// follows.
    NotAdded(Device, MediaError),
    /// A device that was open has stopped by itself: it was unplugged, or the browser took it away.
    Lost(Device),
    /// A device that is open yields nothing for now, or does again: a phone call, a lid, a switch on it (W3C
    /// mediacapture-main, `mute` and `unmute` of a local track).
    Held(Device, bool),
}

impl MediaEvent {
    /// All that was wanted is open.
    #[must_use]
    pub fn opened(wish: MediaWish) -> Self {
        Self::all(wish, &Outcome::Open)
    }

    /// Nothing of what was wanted could be opened, all for the same reason.
    #[must_use]
    pub fn failed(wish: MediaWish, error: &MediaError) -> Self {
        Self::all(wish, &Outcome::Failed(error.clone()))
    }

    fn all(wish: MediaWish, outcome: &Outcome) -> Self {
        let outcome = |device| {
            if wish.wants(device) {
                outcome.clone()
            } else {
                Outcome::NotAsked
            }
        };
        Self::Opened {
            camera: outcome(Device::Camera),
            microphone: outcome(Device::Microphone),
        }
    }
}

/// What became of opening one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody wanted it.
    NotAsked,
    /// It is open.
    Open,
    /// It could not be opened.
    Failed(MediaError),
}

/// What sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// Sends video.
    Camera,
    /// Sends audio.
    Microphone,
    /// A screen, a window or a tab: sends video in the place of the camera, which may stay open.
    Screen,
}

/// Why a camera or microphone can't be had (W3C mediacapture-main, `getUserMedia`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MediaError {
    /// The person or the browser has blocked it for this page (`NotAllowedError`, `SecurityError`).
    Refused,
    /// The browser's question was closed without an answer (`NotAllowedError`).
    Dismissed,
    /// The operating system does not let the browser have it (`NotAllowedError`).
    BlockedBySystem,
    /// The page is shown within another one, which does not allow it (`NotAllowedError`; W3C
    /// permissions-policy).
    NotDelegated,
    /// There is none (`NotFoundError`).
    NotFound,
    /// Another program has the device, or it does not start (`NotReadableError`, `AbortError`).
    Busy,
    /// No device can do what config.json asks for (`OverconstrainedError`).
    Unsatisfiable {
        /// The name of the constraint.
        constraint: String,
    },
    /// The page has no secure address, so it may not use devices (W3C secure-contexts).
    Insecure,
    /// The browser has none to give, or can't make calls: it is too old, or that is switched off.
    Unsupported,
    /// Something else; the name of the browser's exception.
    Other(String),
}

/// What is done to camera and microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaOp {
    /// Open what can be opened of this; answered by [`MediaEvent::Opened`].
    Open(MediaWish),
    /// Send audio, or silence, from the microphone that is open.
    EnableMicrophone(bool),
    /// Open one more device, or one in the place of the present one, and send what it yields on all
    /// connections; answered by [`MediaEvent::Added`] or [`MediaEvent::NotAdded`].
    Add(Device),
    /// Close one device; its light goes out, and connections send nothing in its place.
    Remove(Device),
    /// Close them; the camera's light goes out.
    Close,
}
