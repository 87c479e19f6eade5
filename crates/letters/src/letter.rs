//! Invitations and replies, and their text.

use std::fmt;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};
use visavis_sealing::{RoomAddress, RoomSecret};

use crate::bytes::{Reader, Writer};
use crate::description::Description;

/// What stands before a letter in an address, behind its `#`.
pub const MARK: &str = "/call=";

/// What stands before the bytes of a letter: what it is, and by which version of this format.
const INVITATION: &str = "i1";
const REPLY: &str = "r1";

/// How many bytes at its end tell whether all of a letter is there.
const CHECKSUM: usize = 4;

/// How long an invitation is good for. Its page has to stay open as long, and what leads to it in the network
/// must stay the same.
const INVITATION_LASTS: Duration = Duration::from_secs(60 * 60);

/// How long a reply is good for: browsers wait only so long for the other one.
const REPLY_LASTS: Duration = Duration::from_secs(10 * 60);

/// Something that one person brings to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// From the one who begins.
    Invitation(Invitation),
    /// From the one who was invited.
    Reply(Reply),
}

/// "Call me here."
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The secret of the room where the two meet; random.
    pub secret: [u8; 16],
    /// When it was made.
    pub made: Minute,
    /// How the one who begins can be reached.
    pub description: Description,
}

/// "You reach me here."
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The invitation that it is for.
    pub to: InvitationId,
    /// When it was made.
    pub made: Minute,
    /// How the one who was invited can be reached.
    pub description: Description,
}

/// Tells one invitation from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvitationId([u8; 8]);

/// A time, in minutes since 1970, by the clock of whoever made a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(pub u32);

/// Why a text is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is none in it.
    #[error("there is no invitation and no reply in this text")]
    Nothing,
    /// It is one, but not all of it is there, or something was changed.
    #[error("a part of it is missing")]
    Truncated,
    /// By a version of this format that this one does not know.
    #[error("it is from another version")]
    OtherVersion,
}

impl Minute {
    /// This many milliseconds after 1970.
    #[must_use]
    pub fn at(milliseconds: u64) -> Self {
        Self(u32::try_from(milliseconds / 60_000).unwrap_or(u32::MAX))
    }

    /// How long ago it was; nothing, if clocks disagree.
    fn age(self, now: Self) -> Duration {
        Duration::from_secs(u64::from(now.0.saturating_sub(self.0)) * 60)
    }
}

impl Letter {
    /// Finds the letters in a text: a link, or a message with links in it. Line breaks that were added on the
    /// way don't matter. There is at least one, or why there is none.
    pub(crate) fn all(text: &str) -> Vec<Result<Self, Unreadable>> {
        let found: Vec<_> = text.split(MARK).skip(1).map(Self::read).collect();
        if found.is_empty() {
            vec![Err(Unreadable::Nothing)]
        } else {
            found
        }
    }

    /// Finds the first letter in a text.
    ///
    /// # Errors
    /// [`Unreadable`] says why there is none.
    pub fn find(text: &str) -> Result<Self, Unreadable> {
        Self::all(text).swap_remove(0)
    }

    /// Reads what stands behind the mark.
    fn read(text: &str) -> Result<Self, Unreadable> {
        let is_letter = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let found: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .take_while(is_letter)
            .collect();
        let Some((kind, code)) = found.split_at_checked(INVITATION.len()) else {
            return Err(if found.is_empty() {
                Unreadable::Nothing
            } else {
                Unreadable::Truncated
            });
        };
        match kind {
            INVITATION => read(code, |reader| {
                Some(Self::Invitation(Invitation {
                    secret: reader.array()?,
                    made: minute(reader)?,
                    description: Description::read(reader)?,
                }))
            }),
            REPLY => read(code, |reader| {
                Some(Self::Reply(Reply {
                    to: InvitationId(reader.array()?),
                    made: minute(reader)?,
                    description: Description::read(reader)?,
                }))
            }),
            _ => Err(Unreadable::OtherVersion),
        }
    }

    /// What stands behind the `#` of its link.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (kind, mut bytes) = match self {
            Self::Invitation(invitation) => (INVITATION, invitation.bytes()),
            Self::Reply(Reply {
                to,
                made,
                description,
            }) => {
                let mut writer = Writer::default();
                writer.bytes(&to.0);
                writer.bytes(&made.0.to_be_bytes());
                description.write(&mut writer);
                (REPLY, writer.0)
            }
        };
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        bytes.splice(0..0, length.to_be_bytes());
        bytes.extend(checksum(&bytes));
        [MARK, kind, &Base64UrlUnpadded::encode_string(&bytes)].concat()
    }
}

impl Invitation {
    /// The room where the two meet.
    #[must_use]
    pub fn room(&self) -> RoomAddress {
        RoomAddress::Sealed(RoomSecret::new(self.secret))
    }

    /// Tells it from others.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        let hash = Sha256::digest(self.bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        InvitationId(id)
    }

    /// Whether it is too old: its page may be closed, and what led to it in the network another way.
    #[must_use]
    pub fn is_stale(&self, now: Minute) -> bool {
        self.made.age(now) > INVITATION_LASTS
    }

    fn bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes(&self.secret);
        writer.bytes(&self.made.0.to_be_bytes());
        self.description.write(&mut writer);
        writer.0
    }
}

impl Reply {
    /// Whether it is too old: the other browser waits no longer.
    #[must_use]
    pub fn is_stale(&self, now: Minute) -> bool {
        self.made.age(now) > REPLY_LASTS
    }
}

/// Reads the bytes of a letter. What follows them is not part of it.
fn read(code: &str, value: impl FnOnce(&mut Reader<'_>) -> Option<Letter>) -> Result<Letter, Unreadable> {
    // Bytes are written in groups of three as four characters, so the length is in the first four.
    let mut start = [0; 3];
    let first = code.get(..4).ok_or(Unreadable::Truncated)?;
    Base64UrlUnpadded::decode(first, &mut start).map_err(|_| Unreadable::Truncated)?;
    let length = usize::from(u16::from_be_bytes([start[0], start[1]])) + 2 + CHECKSUM;
    let code = code
        .get(..(length * 4).div_ceil(3))
        .ok_or(Unreadable::Truncated)?;
    let bytes = Base64UrlUnpadded::decode_vec(code).map_err(|_| Unreadable::Truncated)?;
    let (content, sum) = bytes
        .split_last_chunk::<CHECKSUM>()
        .ok_or(Unreadable::Truncated)?;
    if checksum(content) != *sum {
        return Err(Unreadable::Truncated);
    }
    let mut reader = Reader(&content[2..]);
    value(&mut reader)
        .filter(|_| reader.0.is_empty())
        .ok_or(Unreadable::OtherVersion)
}

fn minute(reader: &mut Reader<'_>) -> Option<Minute> {
    reader.array().map(u32::from_be_bytes).map(Minute)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let hash = Sha256::digest(bytes);
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&hash[..CHECKSUM]);
    sum
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({:?}, {:?}, …)", self.made, self.description)
    }
}
