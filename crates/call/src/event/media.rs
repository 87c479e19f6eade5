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

/// What became of a [`MediaOp::Open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// It is open.
    Opened {
        /// With video.
        camera: bool,
        /// With audio.
        microphone: bool,
    },
    /// It could not be opened.
    Failed(MediaError),
    /// [`MediaOp::Add`] has opened a device.
    Added(Device),
    /// [`MediaOp::Add`] could not open a device.
    NotAdded(Device, MediaError),
    /// A device that was open has stopped by itself: it was unplugged, or the browser took it away.
    Lost(Device),
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

/// Why camera and microphone can't be had (W3C mediacapture-main, `getUserMedia`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MediaError {
    /// The person or the browser refused (`NotAllowedError`, `SecurityError`).
    Refused,
    /// A device that was asked for does not exist (`NotFoundError`).
    NotFound {
        /// There is no camera.
        camera: bool,
        /// There is no microphone.
        microphone: bool,
    },
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
    /// Open what is wanted; answered by a [`MediaEvent`].
    Open(MediaWish),
    /// Send audio, or silence, from the microphone that is open.
    EnableMicrophone(bool),
    /// Open one more device, or one that was closed, and send what it yields on all connections; answered by
    /// [`MediaEvent::Added`] or [`MediaEvent::NotAdded`].
    Add(Device),
    /// Close one device; its light goes out, and connections send nothing in its place.
    Remove(Device),
    /// Close them; the camera's light goes out.
    Close,
}
