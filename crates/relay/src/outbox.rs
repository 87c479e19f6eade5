//! What waits for one connection to be sent: bounded in bytes, and fair to the receiver.
//!
//! Messages of other people hold credit of their *sender* ([`Credit`]) until they are written: a sender whose
//! credit is used up is not read until a receiver has taken something. So one sender can't fill a receiver's
//! outbox, and what all of them hold is bounded by the number of senders. Messages of the relay itself are
//! short, and bounded by [`MOST_OWN_BYTES`]; who does not take even those is evicted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use visavis_protocol::relay::RelayMessage;

/// How many bytes of the relay's own messages may wait for one connection: 512 messages about people who come
/// and go. Whoever enters the largest room gets about 120 at once.
pub(crate) const MOST_OWN_BYTES: usize = 128 * 1024;

/// What a message is taken to need in memory, besides its text, in bytes.
const OVERHEAD: usize = 256;

/// The hub's end. The other end is a [`Receiver`].
#[derive(Debug)]
pub(crate) struct Outbox(Arc<Shared>);

/// The connection's end.
#[derive(Debug)]
pub(crate) struct Receiver(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Queued>,
    /// Bytes of all that waits.
    bytes: usize,
    /// Of these, bytes of the relay's own messages.
    own_bytes: usize,
}

/// A message that waits, or is being written.
#[derive(Debug)]
pub(crate) struct Queued {
    /// What is to be sent.
    pub(crate) message: RelayMessage,
    /// Since when it waits.
    pub(crate) since: Instant,
    /// How many bytes waited before it.
    pub(crate) behind: usize,
    /// Held until the message is written or dropped; `None` for the relay's own.
    credit: Option<OwnedSemaphorePermit>,
}

/// More of the relay's own messages wait than may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// An outbox, and its receiver.
pub(crate) fn outbox() -> (Outbox, Receiver) {
    let shared = Arc::new(Shared::default());
    (Outbox(shared.clone()), Receiver(shared))
}

impl Outbox {
    /// Queues a message. One that holds no credit counts as the relay's own.
    pub(crate) fn push(
        &self,
        message: RelayMessage,
        credit: Option<OwnedSemaphorePermit>,
        now: Instant,
    ) -> Result<(), Full> {
        let mut waiting = self.0.lock();
        if waiting.renames(&message) {
            return Ok(());
        }
        let size = size(&message);
        if credit.is_none() {
            if waiting.own_bytes + size > MOST_OWN_BYTES {
                return Err(Full);
            }
            waiting.own_bytes += size;
        }
        let behind = waiting.bytes;
        waiting.bytes += size;
        waiting.messages.push_back(Queued {
            message,
            since: now,
            behind,
            credit,
        });
        drop(waiting);
        self.0.arrived.notify_one();
        Ok(())
    }
}

impl Receiver {
    /// The next message. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Queued {
        loop {
            if let Some(message) = self.try_next() {
                return message;
            }
            // One that arrived since is remembered.
            self.0.arrived.notified().await;
        }
    }

    /// The next message, if one waits.
    pub(crate) fn try_next(&mut self) -> Option<Queued> {
        let mut waiting = self.0.lock();
        let next = waiting.messages.pop_front()?;
        let size = size(&next.message);
        waiting.bytes -= size;
        if next.credit.is_none() {
            waiting.own_bytes -= size;
        }
        Some(next)
    }

    /// Drops all that waits, and gives its credit back.
    pub(crate) fn clear(&mut self) {
        *self.0.lock() = Waiting::default();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // The hub may keep its end a little longer, and must not keep the senders waiting.
        self.clear();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// If this is somebody's knock, and their last one still waits: that one gets the newer name. So whoever
    /// renames themselves in a loop fills nothing.
    fn renames(&mut self, newer: &RelayMessage) -> bool {
        let RelayMessage::Knock { peer, name } = newer else {
            return false;
        };
        let about = |queued: &&mut Queued| match &queued.message {
            RelayMessage::Knock { peer: other, .. } | RelayMessage::KnockOver { peer: other } => {
                other == peer
            }
            _ => false,
        };
        match self
            .messages
            .iter_mut()
            .rev()
            .find(about)
            .map(|queued| &mut queued.message)
        {
            Some(RelayMessage::Knock { name: older, .. }) => {
                older.clone_from(name);
                true
            }
            _ => false,
        }
    }
}

/// What one sender may have under way to its receivers, in bytes.
#[derive(Debug)]
pub(crate) struct Credit(Arc<Semaphore>);

impl Credit {
    /// All of it unused. It must be enough for the longest message.
    pub(crate) fn new(bytes: u32) -> Self {
        Self(Arc::new(Semaphore::new(bytes as usize)))
    }

    /// Waits for the credit that a message with a text of this length needs. Cancel-safe.
    pub(crate) async fn get(&self, text_bytes: usize) -> OwnedSemaphorePermit {
        let needed = u32::try_from(text_bytes + OVERHEAD).unwrap_or(u32::MAX);
        let permit = self.0.clone().acquire_many_owned(needed).await;
        permit.expect("the semaphore is never closed")
    }
}

/// About how many bytes a message takes.
fn size(message: &RelayMessage) -> usize {
    OVERHEAD
        + match message {
            RelayMessage::Message { message, .. } => message.0.len(),
            RelayMessage::Error { detail, .. } => detail.len(),
            // The rest is short, except for the answer to `token`: who does not take that is not read.
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use visavis_protocol::id::PeerId;
    use visavis_protocol::name::GivenName;
    use visavis_protocol::relay::PeerText;

    use super::*;

    fn peer(name: &str) -> PeerId {
        PeerId::new(name).unwrap()
    }

    fn knock(of: &str, name: &str) -> RelayMessage {
        RelayMessage::Knock {
            peer: peer(of),
            name: GivenName::new(name),
        }
    }

    fn push(outbox: &Outbox, message: RelayMessage) -> Result<(), Full> {
        outbox.push(message, None, Instant::now())
    }

    fn all(receiver: &mut Receiver) -> Vec<RelayMessage> {
        std::iter::from_fn(|| receiver.try_next())
            .map(|queued| queued.message)
            .collect()
    }

    #[test]
    fn of_many_knocks_of_one_person_the_last_name_waits_where_the_first_did() {
        let (outbox, mut receiver) = outbox();
        push(&outbox, knock("a", "Ada")).unwrap();
        push(&outbox, knock("b", "Bob")).unwrap();
        for number in 0..10_000 {
            push(&outbox, knock("a", &format!("Ada {number}"))).unwrap();
        }
        assert_eq!(all(&mut receiver), [knock("a", "Ada 9999"), knock("b", "Bob")]);
    }

    #[test]
    fn a_knock_after_one_that_is_over_is_another_one() {
        let (outbox, mut receiver) = outbox();
        let over = RelayMessage::KnockOver { peer: peer("a") };
        for message in [knock("a", "1"), over.clone(), knock("a", "2"), knock("a", "3")] {
            push(&outbox, message).unwrap();
        }
        assert_eq!(all(&mut receiver), [knock("a", "1"), over, knock("a", "3")]);
    }

    #[test]
    fn what_the_relay_itself_says_is_bounded_in_bytes() {
        let (outbox, mut receiver) = outbox();
        let ready = || RelayMessage::Ready { peer: peer("a") };
        let mut fitted = 0;
        while push(&outbox, ready()).is_ok() {
            fitted += 1;
        }
        assert_eq!(fitted, MOST_OWN_BYTES / OVERHEAD);
        receiver.try_next().unwrap();
        assert_eq!(push(&outbox, ready()), Ok(()));
        assert_eq!(push(&outbox, ready()), Err(Full));
        receiver.clear();
        assert_eq!(push(&outbox, ready()), Ok(()));
    }

    #[tokio::test]
    async fn what_a_sender_has_under_way_comes_back_when_it_is_taken_or_dropped() {
        let credit = Credit::new(2 * 1024);
        let (outbox, mut receiver) = outbox();
        let message = || RelayMessage::Message {
            from: peer("a"),
            message: PeerText("x".repeat(1024 - OVERHEAD)),
        };
        let send = async || {
            let permit = credit.get(1024 - OVERHEAD).await;
            outbox.push(message(), Some(permit), Instant::now()).unwrap();
        };
        send().await;
        send().await;
        assert_eq!(credit.0.available_permits(), 0);
        let written = receiver.next().await;
        assert_eq!(credit.0.available_permits(), 0, "it is being written");
        drop(written);
        assert_eq!(credit.0.available_permits(), 1024);
        send().await;
        drop(receiver);
        assert_eq!(credit.0.available_permits(), 2 * 1024);
    }
}
