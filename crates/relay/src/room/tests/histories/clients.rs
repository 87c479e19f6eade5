//! Clients, as they know a room from what they are told.

use super::*;

pub(super) type Clients = BTreeMap<ConnectionId, Client>;

/// What one connection was told, as a client would keep it.
#[derive(Default)]
pub(super) struct Client {
    /// By which name they have a seat.
    pub(super) seated: Option<PeerId>,
    /// Who else has a seat, and whether they are there.
    pub(super) others: BTreeMap<PeerId, bool>,
    pub(super) state: Option<(PeerId, AccessPolicy)>,
    pub(super) knocks: BTreeSet<PeerId>,
    /// What they wait for.
    pub(super) waits: Option<AccessPolicy>,
}

/// Each client believes what it is told, and is told nothing that it can't believe.
pub(super) fn apply(effects: &[Effect], clients: &mut Clients, context: &str) {
    let replaced = effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Close {
                reason: CloseReason::Replaced,
                ..
            }
        )
    });
    let mut newcomers = BTreeSet::new();
    for effect in effects {
        let (to, message) = match effect {
            Effect::Close { connection, .. } => {
                clients.remove(connection).expect("closed once");
                continue;
            }
            Effect::Deliver { to, message } => (to, message),
        };
        let client = clients
            .get_mut(to)
            .unwrap_or_else(|| panic!("{context}: {message:?} for nobody"));
        match message {
            RelayMessage::Joined { you, .. } => {
                assert!(client.seated.is_none(), "{context}: joined twice");
                client.seated = Some(you.clone());
                client.waits = None;
                newcomers.insert(*to);
            }
            RelayMessage::Full { door, .. } => {
                assert!(client.seated.is_none(), "{context}: waiting on a seat");
                client.waits = Some(*door);
            }
            RelayMessage::Room { host, door } => {
                assert!(
                    client.seated.is_some(),
                    "{context}: a stranger learns of the room"
                );
                let state = (host.clone(), *door);
                let known = client.state.replace(state.clone());
                assert!(known != Some(state), "{context}: no news of the room");
                if client.seated.as_ref() != Some(host) {
                    client.knocks.clear();
                }
            }
            RelayMessage::Knock { peer, .. } => {
                assert!(client.is_host(), "{context}: a knock at somebody who is no host");
                let news = client.knocks.insert(peer.clone());
                assert!(news, "{context}: the same knock twice");
            }
            RelayMessage::KnockOver { peer } => {
                assert!(client.knocks.remove(peer), "{context}: what knock is over?");
            }
            RelayMessage::Ready { peer } => {
                assert!(client.seated.is_some(), "{context}: ready before joined");
                let known = client.others.insert(peer.clone(), true);
                assert!(known != Some(true) || replaced, "{context}: ready twice");
            }
            RelayMessage::Away { peer } => {
                let known = client.others.insert(peer.clone(), false);
                let news = known.is_none() && newcomers.contains(to);
                assert!(known == Some(true) || news, "{context}: away without ready");
            }
            RelayMessage::Left { peer, reason } => {
                let known = client.others.remove(peer);
                assert!(known.is_some(), "{context}: left without ready");
                let lost = *reason == LeaveReason::Lost;
                assert!(known == Some(false) || !lost, "{context}: lost without away");
            }
            RelayMessage::Message { from, .. } => {
                let here = client.others.get(from) == Some(&true);
                assert!(here, "{context}: a message from a stranger");
            }
            _ => {}
        }
    }
}

impl Client {
    pub(super) fn is_host(&self) -> bool {
        let host = self.state.as_ref().map(|(host, _)| host);
        host.is_some() && host == self.seated.as_ref()
    }
}
