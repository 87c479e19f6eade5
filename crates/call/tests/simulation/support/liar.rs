//! A relay that lies: whatever it can do to what passes through it, without knowing the room's secret.

use std::collections::BTreeMap;

use visavis_call::{Operation, Time};
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{LeaveReason, PeerText, RelayMessage};
use visavis_relay::room::ConnectionId as SocketId;

use super::client::ClientId;
use super::description::Description;
use super::intruder::{about_its_connection, its_offer};
use super::world::{Event, Owner, World, ms};

/// How many messages it remembers.
const REMEMBERED: usize = 300;

/// What it does, and what it knows.
#[derive(Default)]
pub(crate) struct Liar {
    /// It is honest from then on.
    pub(crate) until: Time,
    /// Of so many messages in a hundred it makes something else.
    pub(crate) percent: u64,
    /// It does nothing but to change all that is said to this one.
    pub(crate) forges_to: Option<ClientId>,
    /// What it has heard, and from whom: today, and perhaps yesterday.
    pub(crate) heard: Vec<(PeerId, PeerText)>,
    /// Those who are no concern of ours.
    pub(crate) strangers: Vec<ClientId>,
    /// Whose connection has which fingerprint, and towards whom.
    pub(crate) connections: BTreeMap<u32, (PeerId, PeerId)>,
}

impl World {
    /// From now on the relay lies.
    pub(crate) fn relay_lies(&mut self, liar: Liar) {
        self.liar = Some(liar);
    }

    pub(crate) fn note_connection(&mut self, client: ClientId, toward: &PeerId, serial: u32) {
        let owner = self.clients[client].id.clone();
        if let Some(liar) = &mut self.liar {
            liar.connections.insert(serial, (owner, toward.clone()));
        }
    }

    /// No description may be applied whose fingerprint its claimed owner did not send, to us.
    pub(crate) fn check_description(&self, client: ClientId, from: &PeerId, operation: &Operation) {
        let (Some(liar), Operation::SetRemoteDescription { sdp, .. }) = (&self.liar, operation) else {
            return;
        };
        if liar.strangers.contains(&client) {
            return;
        }
        let fingerprint = Description::parse(sdp).expect("it is one").serial;
        let ours = &self.clients[client].id;
        assert_eq!(
            liar.connections.get(&fingerprint),
            Some(&(from.clone(), ours.clone())),
            "{client} applies a description that {from:?} did not send"
        );
    }

    /// Does something to a message, perhaps. Says whether it still arrives as it is.
    pub(crate) fn lie(&mut self, to: SocketId, message: &RelayMessage) -> bool {
        let Some(liar) = self.liar.as_mut().filter(|liar| self.now < liar.until) else {
            return true;
        };
        if let RelayMessage::Message { from, message } = message
            && liar.heard.len() < REMEMBERED
        {
            liar.heard.push((from.clone(), message.clone()));
        }
        let forges_to = liar.forges_to;
        if let (Some(victim), RelayMessage::Message { from, message }) = (forges_to, message)
            && self.wires[&to].owner == Owner::Client(victim)
        {
            let message = self.changed(message);
            let from = from.clone();
            return self.tell_later(ms(20), to, RelayMessage::Message { from, message }, false);
        }
        if forges_to.is_some() || !self.random.percent(liar.percent) {
            return true;
        }
        let (lie, delay) = (self.random.below(12), ms(self.random.below(4000)));
        let somebody = self.somebody();
        match (lie, message) {
            (0, RelayMessage::Message { .. }) => false,
            (1, _) => self.tell_later(delay, to, message.clone(), false),
            (2, _) => self.tell_later(delay, to, message.clone(), true),
            // Back to its sender, as if from its receiver.
            (3, RelayMessage::Message { from, message }) => {
                let receiver = self.name_at(to);
                let back = RelayMessage::Message {
                    from: receiver,
                    message: message.clone(),
                };
                let sender = self.socket_of(from).unwrap_or(to);
                self.tell_later(delay, sender, back, true)
            }
            (4, RelayMessage::Message { .. }) => {
                let other = self.socket_of(&somebody).unwrap_or(to);
                self.tell_later(delay, other, message.clone(), false)
            }
            (5, RelayMessage::Message { message, .. }) => {
                let from = somebody;
                let renamed = RelayMessage::Message {
                    from,
                    message: message.clone(),
                };
                self.tell_later(delay, to, renamed, false)
            }
            (6, RelayMessage::Message { from, message }) => {
                let message = self.changed(message);
                let from = from.clone();
                self.tell_later(ms(0), to, RelayMessage::Message { from, message }, false)
            }
            (7, _) => {
                let (from, message) = self.heard();
                self.tell_later(delay, to, RelayMessage::Message { from, message }, true)
            }
            (8, _) => {
                let message = its_offer();
                let from = somebody;
                self.tell_later(delay, to, RelayMessage::Message { from, message }, true)
            }
            (9, _) => self.tell_later(delay, to, RelayMessage::Ready { peer: somebody }, true),
            (10, _) => {
                let (peer, reason) = (somebody, LeaveReason::Left);
                self.tell_later(delay, to, RelayMessage::Left { peer, reason }, true)
            }
            // A stranger's page, in an open room, believes it.
            (11, _) if self.is_stranger(to) => true,
            (11, _) => {
                let you = somebody;
                self.tell_later(delay, to, RelayMessage::Joined { you, capacity: 8 }, true)
            }
            _ => true,
        }
    }

    fn tell_later(
        &mut self,
        delay: std::time::Duration,
        to: SocketId,
        message: RelayMessage,
        as_well: bool,
    ) -> bool {
        self.schedule(delay, Event::FromHub(to, message));
        as_well
    }

    fn is_stranger(&self, socket: SocketId) -> bool {
        let strangers = self.liar.as_ref().map_or(&[][..], |liar| &liar.strangers[..]);
        matches!(self.wires[&socket].owner, Owner::Client(client) if strangers.contains(&client))
    }

    /// Somebody who is there, or nobody.
    fn somebody(&mut self) -> PeerId {
        let number = self.random.below(self.clients.len() as u64 + 1) as usize;
        let invented = || PeerId::new("nobody-at-all").unwrap();
        self.clients
            .get(number)
            .map_or_else(invented, |client| client.id.clone())
    }

    fn name_at(&self, socket: SocketId) -> PeerId {
        match self.wires[&socket].owner {
            Owner::Client(client) => self.clients[client].id.clone(),
            Owner::Naive => PeerId::new("naive").unwrap(),
        }
    }

    fn socket_of(&self, name: &PeerId) -> Option<SocketId> {
        let client = self.clients.iter().find(|client| client.id == *name)?;
        client.sockets[0].map(|socket| socket.id)
    }

    fn heard(&mut self) -> (PeerId, PeerText) {
        let heard = &self.liar.as_ref().expect("it lies").heard;
        let count = heard.len() as u64;
        if count == 0 {
            return (PeerId::new("nobody-at-all").unwrap(), its_offer());
        }
        let number = self.random.below(count) as usize;
        self.liar.as_ref().expect("it lies").heard[number].clone()
    }

    /// With another fingerprint, if it can be read; or with another character.
    fn changed(&mut self, text: &PeerText) -> PeerText {
        if let Some(message) = about_its_connection(text) {
            return message;
        }
        let mut characters: Vec<char> = text.0.chars().collect();
        let index = self.random.below(characters.len() as u64) as usize;
        if let Some(character) = characters.get_mut(index) {
            *character = if *character == 'A' { 'B' } else { 'A' };
        }
        PeerText(characters.into_iter().collect())
    }
}
