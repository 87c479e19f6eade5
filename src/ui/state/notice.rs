//! What the page says about devices by itself.

use crate::browser::device_list::{DeviceKind, Listed};

/// Something that the page says by itself, beside everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) enum Notice {
    /// A piece of hardware was plugged in that is not in use: what it consists of.
    Plugged(Vec<Listed>),
    /// What was in use is gone, and something else has taken its place.
    FellOver {
        kind: DeviceKind,
        from: String,
        to: String,
    },
    /// What was in use before, or was chosen, is there again, and in use.
    Back { kind: DeviceKind, label: String },
    /// The person speaks, and is muted.
    SpeaksMuted,
    /// Nothing at all comes from the microphone.
    Silent,
}

impl Notice {
    /// Of which kind another device is in use by now.
    pub(in crate::ui) fn in_use(&self) -> Option<DeviceKind> {
        match self {
            Self::FellOver { kind, .. } | Self::Back { kind, .. } => Some(*kind),
            Self::Plugged(_) | Self::SpeaksMuted | Self::Silent => None,
        }
    }
}
