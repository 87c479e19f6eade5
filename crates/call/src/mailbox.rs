//! Numbers what is said to one peer, and keeps what can't be sent now.

use std::collections::VecDeque;

use visavis_protocol::peer::{Generation, MessageNumber, PeerBody, PeerMessage};

/// How many messages wait for a peer that can't be reached now.
const MOST_UNSENT: usize = 64;

/// The messages to and from one peer.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    last_sent: MessageNumber,
    last_received: MessageNumber,
    /// The number of the last hang-up that we sent; 0 for none.
    last_hang_up: MessageNumber,
    /// That hang-up, until the other side says that it has it.
    unacknowledged: Option<PeerMessage>,
    unsent: VecDeque<PeerMessage>,
}

impl Mailbox {
    /// Numbers a message.
    pub(crate) fn post(&mut self, connection: Generation, to: Option<Generation>, body: PeerBody) -> PeerMessage {
        self.last_sent += 1;
        let message = PeerMessage { number: self.last_sent, ack: self.last_received, connection, to, body };
        if message.body == PeerBody::HangUp {
            self.last_hang_up = message.number;
            self.unacknowledged = Some(message.clone());
        }
        message
    }

    /// Whether a message that arrived is new; if so, it counts as received.
    pub(crate) fn receive(&mut self, message: &PeerMessage) -> bool {
        let new = message.number > self.last_received;
        if new {
            self.last_received = message.number;
            if message.ack >= self.last_hang_up {
                self.unacknowledged = None;
            }
        }
        new
    }

    /// Whether a message was sent before its sender knew of our last hang-up.
    pub(crate) fn crossed_our_hang_up(&self, message: &PeerMessage) -> bool {
        message.ack < self.last_hang_up
    }

    /// Keeps a message until the peer can be reached. A hang-up makes all that waits before it pointless.
    pub(crate) fn keep(&mut self, message: PeerMessage) {
        if matches!(message.body, PeerBody::HangUp) {
            self.unsent.clear();
        }
        if self.unsent.len() < MOST_UNSENT {
            self.unsent.push_back(message);
        }
    }

    /// Takes what was kept, in order, now that the peer can be reached again. A hang-up that may have been lost
    /// comes first: until the other side has it, what it says counts as said before.
    pub(crate) fn take_unsent(&mut self) -> VecDeque<PeerMessage> {
        let mut unsent = std::mem::take(&mut self.unsent);
        if let Some(hang_up) = &self.unacknowledged
            && unsent.front().is_none_or(|first| first.number > hang_up.number)
        {
            unsent.push_front(hang_up.clone());
        }
        unsent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hang_up(mailbox: &mut Mailbox) -> PeerMessage {
        mailbox.post(Generation(1), None, PeerBody::HangUp)
    }

    #[test]
    fn duplicates_and_older_messages_are_not_new() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let first = hang_up(&mut us);
        let second = hang_up(&mut us);
        assert!(them.receive(&first));
        assert!(!them.receive(&first));
        assert!(them.receive(&second));
        assert!(!them.receive(&first));
    }

    #[test]
    fn a_message_that_crosses_a_hang_up_is_told_from_one_that_follows_it() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let ours = hang_up(&mut us);
        let crossing = them.post(Generation(1), None, PeerBody::HangUp);
        them.receive(&ours);
        let following = them.post(Generation(1), None, PeerBody::HangUp);
        assert!(us.crossed_our_hang_up(&crossing));
        assert!(!us.crossed_our_hang_up(&following));
    }

    #[test]
    fn a_hang_up_survives_a_full_outbox() {
        let mut mailbox = Mailbox::default();
        for _ in 0..2 * MOST_UNSENT {
            let message = mailbox.post(
                Generation(1),
                None,
                PeerBody::Offer { sdp: String::new(), exchange: 1 },
            );
            mailbox.keep(message);
        }
        let message = hang_up(&mut mailbox);
        mailbox.keep(message.clone());
        assert_eq!(mailbox.take_unsent(), [message]);
    }

    #[test]
    fn a_hang_up_is_sent_again_until_it_is_acknowledged() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let lost = hang_up(&mut us);
        assert_eq!(us.take_unsent(), [lost.clone()]);
        them.receive(&lost);
        us.receive(&them.post(Generation(1), None, PeerBody::HangUp));
        assert!(us.take_unsent().is_empty());
    }
}
