//! Session descriptions with just what a connection needs to be told apart and negotiated.

use std::fmt::Write as _;

/// The media sections of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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

/// The fingerprint of a certificate, as descriptions have it.
pub(crate) fn fingerprint(certificate: u8) -> String {
    vec![format!("{certificate:02X}"); 32].join(":")
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Description {
    /// Whose it is: no two connections have the same.
    pub(crate) serial: u32,
    /// Stands for the certificate, which all connections of a page have in common.
    pub(crate) certificate: Option<u8>,
    /// Counts the descriptions of one connection, as the `o=` line does.
    pub(crate) version: u32,
    /// The offer that this answers: its serial and version. No browser says so; it lets a connection
    /// notice an answer to another offer than its own, which a browser would take.
    pub(crate) answers: Option<(u32, u32)>,
    pub(crate) ufrag: String,
    pub(crate) sections: Sections,
    pub(crate) sends: Sections,
}

impl Description {
    pub(crate) fn to_sdp(&self) -> String {
        let mut sdp = format!(
            "v=0\r\no=- {} {} IN IP4 192.0.2.1\r\na=serial:{}\r\n",
            self.serial, self.version, self.serial
        );
        if let Some(certificate) = self.certificate {
            write!(sdp, "a=fingerprint:sha-256 {}\r\n", fingerprint(certificate)).unwrap();
        }
        if let Some((serial, version)) = self.answers {
            write!(sdp, "a=answers:{serial} {version}\r\n").unwrap();
        }
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
        let (mut serial, mut version, mut certificate) = (None, 0, None);
        let (mut answers, mut ufrag) = (None, None);
        let (mut sections, mut sends) = (Sections::NONE, Sections::NONE);
        let mut video = false;
        for line in sdp.strip_prefix("v=0")?.lines() {
            if let Some(text) = line.strip_prefix("a=serial:") {
                serial = text.parse().ok();
            } else if let Some(text) = line.strip_prefix("a=fingerprint:sha-256 ") {
                certificate = u8::from_str_radix(text.get(..2)?, 16).ok();
            } else if let Some(text) = line.strip_prefix("o=") {
                version = text.split(' ').nth(2)?.parse().ok()?;
            } else if let Some(text) = line.strip_prefix("a=answers:") {
                let (serial, version) = text.split_once(' ')?;
                answers = Some((serial.parse().ok()?, version.parse().ok()?));
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
            serial: serial?,
            version,
            certificate,
            answers,
            ufrag: ufrag?,
            sections,
            sends,
        })
    }
}
