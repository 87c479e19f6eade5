//! What a letter means to a page, by what the page has sent itself.

use crate::letter::{Invitation, InvitationId, Letter, Minute, Reply, Unreadable};

/// How many of our own invitations are known again.
const MOST_KEPT: usize = 100;

/// The letters of one page.
#[derive(Debug, Default)]
pub struct Desk {
    /// Our invitations, the last one at the end.
    invitations: Vec<InvitationId>,
    /// Whether the last of them is answered, or was given up.
    is_over: bool,
    /// The invitation that we have replied to.
    replied: Option<InvitationId>,
}

/// What is done about letters that are too old, by the clocks of both devices, which may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// They are not used.
    Counts,
    /// They are used all the same.
    Ignored,
}

/// Why a letter leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The text is none.
    Unreadable(Unreadable),
    /// It is an invitation of ours: the other one has to have it.
    OwnInvitation,
    /// It is our reply: the other one has to have it.
    OwnReply,
    /// It is an invitation that is no longer good.
    StaleInvitation,
    /// It is a reply that is no longer good.
    StaleReply,
    /// It is a reply to an earlier invitation of ours.
    EarlierReply,
    /// It is a reply to our invitation, but we have replied to one ourselves.
    CrossedReply,
    /// It is a reply to somebody else's invitation, or to one of a page that is closed.
    ForeignReply,
}

impl Desk {
    /// We have made this invitation. Those before are over.
    pub fn invited(&mut self, invitation: &Invitation) {
        if self.invitations.len() == MOST_KEPT {
            self.invitations.remove(0);
        }
        self.invitations.push(invitation.id());
        (self.is_over, self.replied) = (false, None);
    }

    /// We have made this reply.
    pub fn replied(&mut self, reply: &Reply) {
        self.replied = Some(reply.to);
        self.is_over = true;
    }

    /// Our last invitation leads nowhere any more.
    pub fn end(&mut self) {
        self.is_over = true;
    }

    /// Whether it is we who have made this invitation.
    #[must_use]
    pub fn has_made(&self, invitation: InvitationId) -> bool {
        self.invitations.contains(&invitation)
    }

    /// Finds a letter in a text: an invitation that can be replied to, or the reply that we wait for. Of
    /// several, as where a message quotes another one, the first that leads on.
    ///
    /// # Errors
    /// [`Fault`] says why there is none: why the first leads nowhere.
    pub fn read(&self, text: &str, now: Minute, age: Age) -> Result<Letter, Fault> {
        let judged: Vec<_> = Letter::all(text)
            .into_iter()
            .map(|letter| self.judge(letter.map_err(Fault::Unreadable)?, now, age))
            .collect();
        let best = judged.iter().position(Result::is_ok).unwrap_or(0);
        judged
            .into_iter()
            .nth(best)
            .unwrap_or(Err(Fault::Unreadable(Unreadable::Nothing)))
    }

    fn judge(&self, letter: Letter, now: Minute, age: Age) -> Result<Letter, Fault> {
        let counts = age == Age::Counts;
        match &letter {
            Letter::Invitation(invitation) if self.has_made(invitation.id()) => Err(Fault::OwnInvitation),
            Letter::Invitation(invitation) if counts && invitation.is_stale(now) => {
                Err(Fault::StaleInvitation)
            }
            Letter::Reply(reply) if self.replied == Some(reply.to) => Err(Fault::OwnReply),
            Letter::Reply(reply) if !self.has_made(reply.to) => Err(Fault::ForeignReply),
            Letter::Reply(reply) if self.invitations.last() != Some(&reply.to) => Err(Fault::EarlierReply),
            Letter::Reply(_) if self.replied.is_some() => Err(Fault::CrossedReply),
            Letter::Reply(_) if self.is_over => Err(Fault::EarlierReply),
            Letter::Reply(reply) if counts && reply.is_stale(now) => Err(Fault::StaleReply),
            _ => Ok(letter),
        }
    }
}
