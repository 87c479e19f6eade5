//! Numbers what is said to one peer, and keeps it until the peer has it.

use visavis_protocol::peer::{ConnectionId, MessageNumber, PeerBody, PeerMessage};

/// How many messages are kept for a peer. A call that is being set up needs about twenty.
const MOST_KEPT: usize = 256;

/// How many bytes of them, about: two descriptions of the largest size. Usual ones have some 7 kB.
const MOST_BYTES: usize = 128 * 1024;

/// What a message takes beside what [`size`] counts.
const AROUND: usize = 128;

/// The messages to and from one peer.
#[derive(Debug, Clone, Hash, Default)]
pub(super) struct Mailbox {
    last_sent: MessageNumber,
    last_received: MessageNumber,
    /// The last message that the other side must have before the next one.
    predecessor: MessageNumber,
    /// The last of ours that they acknowledged.
    acknowledged: MessageNumber,
    /// The number of the last hang-up that we sent; 0 for none.
    last_hang_up: MessageNumber,
    /// The number of the last hang-up that they sent; 0 for none.
    their_hang_up: MessageNumber,
    /// What the other side has not acknowledged, in order: it could not be sent, or may be lost with a
    /// socket.
    unacknowledged: Vec<PeerMessage>,
}

impl Mailbox {
    /// Numbers a message, and keeps it. A hang-up makes all that was said before it pointless, and what says
    /// what we send takes the place of what said so before.
    ///
    /// Of more than can be kept, the oldest are lost if they have not arrived, but never a hang-up.
    pub(super) fn post(
        &mut self,
        connection: ConnectionId,
        to: Option<ConnectionId>,
        replaces: Option<ConnectionId>,
        body: PeerBody,
    ) -> PeerMessage {
        self.last_sent += 1;
        let number = self.last_sent;
        if body.ends() {
            self.last_hang_up = number;
            self.unacknowledged.clear();
            self.predecessor = 0;
        }
        if matches!(body, PeerBody::Media { .. }) {
            self.forget_media(connection);
        }
        let message = PeerMessage {
            number,
            ack: self.last_received,
            after: (self.predecessor + 1 != number).then_some(self.predecessor),
            connection,
            to,
            replaces,
            body,
        };
        self.unacknowledged.push(message.clone());
        self.predecessor = number;
        self.make_room();
        // What it waits for may be kept no longer.
        self.unacknowledged.last().cloned().unwrap_or(message)
    }

    /// Drops the oldest of what is too much. Never the newest, and never a hang-up, which is the first.
    fn make_room(&mut self) {
        while self.unacknowledged.len() > MOST_KEPT || self.bytes() > MOST_BYTES {
            let oldest = usize::from(self.unacknowledged_hang_up().is_some());
            if oldest + 1 >= self.unacknowledged.len() {
                break;
            }
            self.forget(oldest);
        }
    }

    /// What it takes to say again all that is kept, in bytes, about.
    pub(super) fn bytes(&self) -> usize {
        self.unacknowledged
            .iter()
            .map(|kept| AROUND + size(&kept.body))
            .sum()
    }

    /// Keeps no longer what said what we send: something newer does.
    fn forget_media(&mut self, connection: ConnectionId) {
        let is_media =
            |kept: &PeerMessage| kept.connection == connection && matches!(kept.body, PeerBody::Media { .. });
        if let Some(index) = self.unacknowledged.iter().position(is_media) {
            self.forget(index);
        }
    }

    /// Keeps a message no longer. What comes after it waits for what was before it.
    fn forget(&mut self, index: usize) {
        let old = self.unacknowledged.remove(index);
        let before = old.after.unwrap_or(old.number - 1);
        match self.unacknowledged.get_mut(index) {
            Some(next) => next.after = (before + 1 != next.number).then_some(before),
            None => self.predecessor = before,
        }
    }

    /// Whether a message that arrived is the next one; if so, it counts as received.
    ///
    /// One before it may be missing: it was lost with a socket, and is said again, and this one after it.
    pub(super) fn receive(&mut self, message: &PeerMessage) -> bool {
        let predecessor = message.after.unwrap_or(message.number.saturating_sub(1));
        let next = predecessor <= self.last_received && self.last_received < message.number;
        if next {
            self.last_received = message.number;
            if message.body == PeerBody::HangUp {
                self.their_hang_up = message.number;
            }
            self.acknowledged = self.acknowledged.max(message.ack.min(self.last_sent));
            self.unacknowledged.retain(|kept| kept.number > message.ack);
        }
        next
    }

    /// A message that says how things stand, and says after which other one.
    pub(super) fn unnumbered(&self, body: PeerBody) -> PeerMessage {
        PeerMessage {
            after: Some(self.last_sent).filter(|number| *number > 0),
            ..PeerMessage::unnumbered(body)
        }
    }

    /// Whether an unnumbered message tells how things stood before its sender hung up.
    pub(super) fn was_before_their_hang_up(&self, message: &PeerMessage) -> bool {
        message.after.unwrap_or_default() < self.their_hang_up
    }

    /// The number that the next message will have.
    pub(super) fn next_number(&self) -> MessageNumber {
        self.last_sent + 1
    }

    /// Whether a message was sent before its sender knew of our last hang-up.
    pub(super) fn crossed_our_hang_up(&self, message: &PeerMessage) -> bool {
        message.ack < self.last_hang_up
    }

    /// Whether we have sent something from this number on, and the sender of a message had nothing of it yet.
    pub(super) fn crossed_all_since(&self, first: MessageNumber, message: &PeerMessage) -> bool {
        self.last_sent >= first && message.ack < first
    }

    /// Whether we have sent something from this number on, and know of nothing of it that it has arrived.
    pub(super) fn is_unheard_since(&self, first: MessageNumber) -> bool {
        self.last_sent >= first && self.acknowledged < first
    }

    /// A connection is over: of what was said about it, only a hang-up still matters.
    pub(super) fn forget_connection(&mut self) {
        self.unacknowledged.retain(|kept| kept.body.ends());
        let kept = self.unacknowledged.last().map(|kept| kept.number);
        self.predecessor = kept.unwrap_or(self.acknowledged);
    }

    /// What to say again, in order, now that the peer can be reached again. The peer drops what it has
    /// already.
    pub(super) fn unacknowledged(&self) -> impl Iterator<Item = &PeerMessage> {
        self.unacknowledged.iter()
    }

    /// Our last hang-up, if the other side may not have it.
    pub(super) fn unacknowledged_hang_up(&self) -> Option<&PeerMessage> {
        self.unacknowledged.first().filter(|kept| kept.body.ends())
    }
}

/// The bytes of what can be large.
fn size(body: &PeerBody) -> usize {
    match body {
        PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. } => sdp.len(),
        PeerBody::Candidate(candidate) => candidate.candidate.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hang_up(mailbox: &mut Mailbox) -> PeerMessage {
        mailbox.post(ConnectionId(1), None, None, PeerBody::HangUp)
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
    fn what_overtakes_a_lost_message_waits_for_it() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let [lost, late] = [offer(&mut us), offer(&mut us)];
        assert!(!them.receive(&late));
        for again in kept(&us) {
            assert!(them.receive(&again));
        }
        assert_eq!(kept(&us), [lost, late]);
    }

    #[test]
    fn what_is_not_said_any_more_is_not_waited_for() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        offer(&mut us);
        us.forget_connection();
        assert!(them.receive(&offer(&mut us)));
        offer(&mut us);
        assert!(them.receive(&hang_up(&mut us)));
        assert!(them.receive(&offer(&mut us)));
    }

    #[test]
    fn a_message_that_crosses_a_hang_up_is_told_from_one_that_follows_it() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let ours = hang_up(&mut us);
        let crossing = them.post(ConnectionId(1), None, None, PeerBody::HangUp);
        them.receive(&ours);
        let following = them.post(ConnectionId(1), None, None, PeerBody::HangUp);
        assert!(us.crossed_our_hang_up(&crossing));
        assert!(!us.crossed_our_hang_up(&following));
    }

    fn kept(mailbox: &Mailbox) -> Vec<PeerMessage> {
        mailbox.unacknowledged().cloned().collect()
    }

    fn offer(mailbox: &mut Mailbox) -> PeerMessage {
        mailbox.post(
            ConnectionId(1),
            None,
            None,
            PeerBody::Offer {
                sdp: String::new(),
                exchange: 1,
                warm: false,
                private: false,
            },
        )
    }

    #[test]
    fn of_what_says_what_we_send_the_newest_is_kept() {
        let media = |mailbox: &mut Mailbox, camera| {
            let body = PeerBody::Media {
                camera,
                microphone: true,
                screen: false,
            };
            mailbox.post(ConnectionId(1), None, None, body)
        };
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let first = offer(&mut us);
        for number in 0..3 * MOST_KEPT {
            media(&mut us, number % 2 == 0);
        }
        let between = offer(&mut us);
        let last = media(&mut us, true);
        assert_eq!(kept(&us).len(), 3);
        assert_eq!(kept(&us).last().map(|kept| kept.number), Some(last.number));
        assert_eq!(kept(&us)[1].number, between.number);
        for message in [first, kept(&us)[1].clone(), kept(&us)[2].clone()] {
            assert!(
                them.receive(&message),
                "nothing that is left is waited for in vain"
            );
        }
    }

    #[test]
    fn a_hang_up_survives_a_full_outbox() {
        let mut mailbox = Mailbox::default();
        for _ in 0..2 * MOST_KEPT {
            offer(&mut mailbox);
        }
        assert_eq!(kept(&mailbox).len(), MOST_KEPT);
        let message = hang_up(&mut mailbox);
        assert_eq!(kept(&mailbox), [message]);
    }

    fn answer(mailbox: &mut Mailbox, bytes: usize) -> PeerMessage {
        let answer = PeerBody::Answer {
            sdp: "x".repeat(bytes),
            exchange: 1,
        };
        mailbox.post(ConnectionId(1), None, None, answer)
    }

    #[test]
    fn of_what_is_too_much_the_newest_is_kept_and_waits_for_nothing_that_is_lost() {
        for bytes in [100, 4000, 60_000] {
            let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
            let hang_up = hang_up(&mut us);
            let mut last = hang_up.clone();
            for _ in 0..3 * MOST_KEPT {
                last = answer(&mut us, bytes);
            }
            assert!(us.bytes() <= MOST_BYTES && kept(&us).len() <= MOST_KEPT);
            assert_eq!(kept(&us).first(), Some(&hang_up));
            assert_eq!(kept(&us).last(), Some(&last));
            for message in kept(&us) {
                assert!(them.receive(&message), "nothing is waited for in vain");
            }
        }
        let mut mailbox = Mailbox::default();
        answer(&mut mailbox, 2000);
        let huge = answer(&mut mailbox, 2 * MOST_BYTES);
        assert_eq!(kept(&mailbox), std::slice::from_ref(&huge));
        assert!(Mailbox::default().receive(&huge));
    }

    #[test]
    fn everything_is_kept_until_it_is_acknowledged() {
        let (mut us, mut them) = (Mailbox::default(), Mailbox::default());
        let messages = [hang_up(&mut us), offer(&mut us), offer(&mut us)];
        assert_eq!(kept(&us), messages);
        assert_eq!(us.unacknowledged_hang_up(), Some(&messages[0]));
        them.receive(&messages[0]);
        them.receive(&messages[1]);
        us.receive(&offer(&mut them));
        assert_eq!(kept(&us), messages[2..]);
        assert_eq!(us.unacknowledged_hang_up(), None);
    }

    #[test]
    fn of_a_connection_that_is_over_only_the_hang_up_is_kept() {
        let mut mailbox = Mailbox::default();
        offer(&mut mailbox);
        mailbox.forget_connection();
        assert!(kept(&mailbox).is_empty());
        let message = hang_up(&mut mailbox);
        mailbox.forget_connection();
        assert_eq!(kept(&mailbox), [message]);
    }
}
