//! How far two people have come who carry their letters.

use std::fmt;

/// How far two people have come, for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// We are not in the room yet, and are to invite.
    Idle,
    /// We are not in the room yet, and have an invitation.
    Invited,
    /// A letter is being made.
    Writing,
    /// Our invitation is to be carried to the other one, and their reply back.
    Invites(Carried),
    /// Our reply is to be carried to the other one.
    Replies(Carried),
    /// Both letters are there: the browsers are looking for each other.
    Connecting,
    /// They have found each other.
    Connected(Part),
    /// They have not, or no longer.
    Over(Obstacle),
}

/// What stands behind the `#` of a letter's link.
#[derive(Clone, PartialEq, Eq)]
pub struct Carried(pub(super) String);

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carried(…)")
    }
}

/// Who of the two one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The one who has invited. Their page calls.
    Inviting,
    /// The one who was invited.
    Invited,
}

impl Progress {
    /// The letter that is to be carried: what stands behind the `#` of its link.
    #[must_use]
    pub fn letter(&self) -> Option<&str> {
        match self {
            Self::Invites(letter) | Self::Replies(letter) => Some(&letter.0),
            _ => None,
        }
    }

    /// Why there is no connection, if it is over.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        match self {
            Self::Over(obstacle) => Some(*obstacle),
            _ => None,
        }
    }

    /// Whether no letter of ours is used yet: it could be another one.
    pub(super) fn is_before_connection(&self) -> bool {
        matches!(
            self,
            Self::Writing | Self::Invites(_) | Self::Replies(_) | Self::Over(Obstacle::NoTurn)
        )
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The browsers don't reach each other.
    NoPath,
    /// Nobody has replied for so long that what leads here may be gone.
    InvitationUnused,
    /// Nobody has used our reply for so long that the browser waits no longer.
    ReplyUnused,
    /// Our address is to be hidden behind a TURN server, and there is none, or it does not answer.
    NoTurn,
    /// The browser has found no way by which it could be reached.
    NoNetwork,
    /// The browser takes nothing of what the other one's letter says.
    BadLetter,
    /// The browser refuses to make a letter.
    Browser,
    /// The other one has left, or their page is closed.
    Left,
    /// The connection is lost.
    Lost,
}

impl Obstacle {
    /// Whether the same letter, made anew, could do: nothing has come of the other one's part yet.
    pub(super) fn leaves_part(self) -> bool {
        matches!(
            self,
            Self::ReplyUnused | Self::NoTurn | Self::NoNetwork | Self::Browser
        )
    }
}
