//! Session descriptions with just what a connection needs to be told apart and negotiated.

use std::fmt::Write as _;

/// The media sections of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sections {
    pub(crate) audio: bool,
    pub(crate) video: bool,
}

impl Sections {
    pub(crate) const NONE: Self = Self {
        audio: false,
        video: false,
    };
    pub(crate) const BOTH: Self = Self {
        audio: true,
        video: true,
    };

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            audio: self.audio || other.audio,
            video: self.video || other.video,
        }
    }

    pub(crate) fn covers(self, other: Self) -> bool {
        self.and(other) == self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Description {
    pub(crate) fingerprint: u32,
    pub(crate) ufrag: String,
    pub(crate) sections: Sections,
    pub(crate) sends: Sections,
}

impl Description {
    pub(crate) fn to_sdp(&self) -> String {
        let mut sdp = format!("v=0\r\na=fingerprint:{}\r\n", self.fingerprint);
        let sections = [
            ("audio", self.sections.audio, self.sends.audio),
            ("video", self.sections.video, self.sends.video),
        ];
        for (kind, there, sends) in sections {
            if there {
                let direction = if sends { "sendrecv" } else { "recvonly" };
                write!(
                    sdp,
                    "m={kind} 9\r\na=ice-ufrag:{}\r\na={direction}\r\n",
                    self.ufrag
                )
                .unwrap();
            }
        }
        sdp
    }

    /// `None` for what a browser could not parse.
    pub(crate) fn parse(sdp: &str) -> Option<Self> {
        let mut fingerprint = None;
        let mut ufrag = None;
        let (mut sections, mut sends) = (Sections::NONE, Sections::NONE);
        let mut video = false;
        for line in sdp.strip_prefix("v=0")?.lines() {
            if let Some(text) = line.strip_prefix("a=fingerprint:") {
                fingerprint = text.parse().ok();
            } else if let Some(text) = line.strip_prefix("a=ice-ufrag:") {
                ufrag = Some(text.to_owned());
            } else if let Some(text) = line.strip_prefix("m=") {
                video = text.starts_with("video");
                *(if video {
                    &mut sections.video
                } else {
                    &mut sections.audio
                }) = true;
            } else if line == "a=sendrecv" {
                *(if video { &mut sends.video } else { &mut sends.audio }) = true;
            }
        }
        Some(Self {
            fingerprint: fingerprint?,
            ufrag: ufrag?,
            sections,
            sends,
        })
    }
}
