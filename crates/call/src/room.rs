//! Who is in the room, and what goes on with each of them.

use visavis_protocol::chat::Reaction;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, ConnectionId, MessageNumber, PeerBody, PeerMessage};

use crate::chat::ByKind;
use crate::event::Role;
use crate::link::{Link, LinkPurpose};
use crate::local_media::Sends;
use crate::mailbox::Mailbox;
use crate::negotiation::{Negotiation, Politeness};
use crate::timer::Time;
use crate::view::{PersonState, PersonView};

/// How many people who have gone are remembered, so that what they sent before they went is still known as
/// stale if they come back.
const MOST_GONE: usize = 32;

/// How many candidates may come before the offer that they belong to.
const MOST_EARLY: usize = 128;

/// Whether somebody can be reached through the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Presence {
    /// In the room.
    Here,
    /// Their socket was lost; the relay keeps their seat for a while.
    Away,
    /// Our socket was lost, or theirs for long; a call with them goes on for as long as its own connection
    /// lasts.
    Unknown,
    /// Not in the room.
    Gone,
}

/// Somebody else.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    /// What they call themselves.
    pub(crate) name: PersonName,
    /// The call that they take part in, by their own word.
    pub(crate) call: Option<CallKind>,
    /// The call that we have told them that we take part in.
    pub(crate) told_call: Option<CallKind>,
    pub(crate) presence: Presence,
    pub(crate) mailbox: Mailbox,
    pub(crate) link: Option<Link>,
    politeness: Politeness,
    last_connection_id: ConnectionId,
    /// The number of the first message about the link.
    link_opens: MessageNumber,
    /// The newest of their connections that is over.
    finished_remote: Option<ConnectionId>,
    early: Vec<(ConnectionId, IceCandidate)>,
    /// Whether they keep candidates that come too early.
    takes_early_candidates: bool,
    /// No connection to them is prepared: the last one failed, or they don't want any.
    pub(crate) unprepared: bool,
    /// The last of what they have written that we have.
    pub(crate) heard: ByKind,
    /// The last of what we have written that they have.
    pub(crate) has_heard: ByKind,
    /// What they feel like, and until when that is shown.
    pub(crate) reaction: Option<(Reaction, Time)>,
    /// How wide we show their picture.
    pub(crate) shown: Option<u32>,
}

/// What a message that arrived asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It is a duplicate, or about something that is over.
    Stale,
    /// It is for the link.
    ForLink,
    /// Somebody calls who does not know yet that we have hung up.
    MissedOurHangUp,
    /// Somebody opens a connection: they call, or prepare that, or make a connection anew.
    Opening,
    /// The other side has hung up.
    HungUp,
}

impl Peer {
    pub(crate) fn new(us: &PeerId, id: PeerId) -> Self {
        // Both sides compare the same two names, so exactly one of them is polite.
        let politeness = if *us < id {
            Politeness::Polite
        } else {
            Politeness::Impolite
        };
        Self {
            id,
            name: PersonName::default(),
            call: None,
            told_call: None,
            presence: Presence::Gone,
            mailbox: Mailbox::default(),
            link: None,
            politeness,
            last_connection_id: ConnectionId(0),
            link_opens: 1,
            finished_remote: None,
            early: Vec::new(),
            takes_early_candidates: false,
            unprepared: false,
            heard: ByKind::default(),
            has_heard: ByKind::default(),
            reaction: None,
            shown: None,
        }
    }

    /// Whether we give way to them when both offer at once.
    pub(crate) fn is_polite(&self) -> bool {
        self.politeness == Politeness::Polite
    }

    /// Starts a new link.
    pub(crate) fn start_link(&mut self, role: Role, used_for: LinkPurpose) -> &mut Link {
        self.last_connection_id = ConnectionId(self.last_connection_id.0 + 1);
        self.link_opens = self.mailbox.next_number();
        // What is prepared has time, and whoever declines it need not hear where we are.
        let early_candidates = self.takes_early_candidates && used_for.is_call();
        let negotiation = Negotiation::new(role, self.politeness, early_candidates, used_for.is_hidden());
        self.link
            .insert(Link::new(self.last_connection_id, role, used_for, negotiation))
    }

    /// They say what they can do, and who they are.
    pub(crate) fn hello(&mut self, message: PeerMessage) {
        // It has no number; if it has, the next message comes after it.
        self.mailbox.receive(&message);
        let is_late = self.mailbox.was_before_their_hang_up(&message);
        let PeerBody::Hello {
            early_candidates,
            name,
            call,
        } = message.body
        else {
            return;
        };
        self.name = name;
        // What they said when they left a call may have come another way, and sooner.
        if !is_late {
            self.call = call;
        }
        self.takes_early_candidates = early_candidates;
        if let Some(link) = self.link.as_mut().filter(|link| link.is_call()) {
            link.negotiation.allow_early_candidates(early_candidates);
        }
    }

    /// Takes the link away; what still comes for it is stale.
    pub(crate) fn finish_link(&mut self) -> Option<Link> {
        let link = self.link.take()?;
        self.finished_remote = self.finished_remote.max(link.remote);
        self.mailbox.forget_connection();
        Some(link)
    }

    /// Whether whoever said this had heard nothing yet of what we have said about our link.
    pub(crate) fn has_not_heard_of_link(&self, message: &PeerMessage) -> bool {
        message.ack < self.link_opens
    }

    /// Judges a message that arrived, and notes what it tells about the other side.
    pub(crate) fn judge(&mut self, message: &PeerMessage) -> Disposition {
        if !self.mailbox.receive(message) {
            return Disposition::Stale;
        }
        // Whoever hung up before they had heard of our link will take its opening for a part of the call that
        // is over: see below. Whatever call the hang-up was meant for, nobody will answer ours. And whoever
        // hung up a connection that we are making anew meant the call that ours would go on with.
        if let Some(link) = &mut self.link
            && message.body.ends()
            && (self.mailbox.crossed_all_since(self.link_opens, message)
                || link.goes_on_from(message.connection))
        {
            link.remote = link.remote.max(Some(message.connection));
            return Disposition::HungUp;
        }
        if self.finished_remote >= Some(message.connection) {
            return Disposition::Stale;
        }
        let is_offer = matches!(message.body, PeerBody::Offer { .. });
        // Whoever had not heard of our hang-up meant the call that is over: hanging up always wins.
        if self.mailbox.crossed_our_hang_up(message) {
            return if is_offer {
                Disposition::MissedOurHangUp
            } else {
                Disposition::Stale
            };
        }
        let Some(link) = &mut self.link else {
            return match &message.body {
                PeerBody::Offer { .. } if message.to.is_none() => Disposition::Opening,
                PeerBody::Candidate(candidate) if message.to.is_none() => {
                    self.keep_early(message.connection, candidate.clone());
                    Disposition::Stale
                }
                _ => Disposition::Stale,
            };
        };
        if message.to.is_some_and(|to| to != link.connection_id) {
            return Disposition::Stale;
        }
        if is_offer && message.to.is_none() && message.replaces == Some(link.connection_id) {
            return Disposition::Opening;
        }
        if link.remote.is_some_and(|remote| remote != message.connection) {
            // Theirs is newer (older ones are finished): they have given up the connection that we know.
            if message.body.ends() {
                // And the newer one as well, before they could offer.
                link.remote = Some(message.connection);
                return Disposition::HungUp;
            }
            let anew = is_offer && message.to.is_none() && link.remote < Some(message.connection);
            return if anew {
                Disposition::Opening
            } else {
                Disposition::Stale
            };
        }
        link.remote = Some(message.connection);
        if message.body.ends() {
            Disposition::HungUp
        } else {
            Disposition::ForLink
        }
    }

    fn keep_early(&mut self, connection: ConnectionId, candidate: IceCandidate) {
        if self.early.len() < MOST_EARLY {
            self.early.push((connection, candidate));
        }
    }

    /// Takes the candidates that came before the offer of this connection.
    pub(crate) fn take_early(&mut self, connection: ConnectionId) -> Vec<IceCandidate> {
        let early = std::mem::take(&mut self.early);
        early
            .into_iter()
            .filter(|(of, _)| *of == connection)
            .map(|(_, candidate)| candidate)
            .collect()
    }

    /// Whether they can be told something now: by the relay, or over a data channel.
    pub(crate) fn can_hear(&self) -> bool {
        self.presence == Presence::Here || self.link.as_ref().is_some_and(|link| link.channel_open)
    }

    /// Whether they are in the room, for all we know.
    pub(crate) fn is_present(&self) -> bool {
        matches!(self.presence, Presence::Here | Presence::Away)
    }

    /// The call that they want us to take part in.
    pub(crate) fn invitation(&self) -> Option<CallKind> {
        self.link.as_ref().and_then(Link::invitation)
    }

    /// Whether a call with them goes on, or is being made.
    pub(crate) fn is_in_call(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_call)
    }

    fn is_gone(&self) -> bool {
        !self.is_present() && self.link.is_none()
    }

    /// What there is to see of them; nothing if they are gone.
    fn view(&self, host: Option<&PeerId>) -> Option<PersonView> {
        let link = self.link.as_ref();
        let call = link.filter(|link| link.is_call());
        let is_invited = link.is_some_and(|link| link.invitation().is_some());
        let state = match (call, self.presence) {
            (Some(link), _) => link.person_state(),
            // Their connection says so, whatever the relay knows.
            (None, _) if is_invited => PersonState::Calling,
            (None, Presence::Here) => PersonState::Here,
            (None, Presence::Away) => PersonState::Away,
            (None, Presence::Unknown | Presence::Gone) => return None,
        };
        let video = call.is_some_and(|link| link.remote_video);
        let path = call.and_then(|link| link.path);
        let sends = call.map_or(Sends::USUAL, |link| link.they_send);
        Some(PersonView {
            id: self.id.clone(),
            name: self.name.clone(),
            host: host == Some(&self.id),
            state,
            call: self.call,
            reachable: self.presence == Presence::Here,
            camera: sends.camera,
            screen: sends.screen,
            microphone: sends.microphone,
            video,
            path,
            quality: call.and_then(|link| link.hearing.quality()),
            speaks: sends.microphone && call.is_some_and(|link| link.hearing.speaks()),
            hand: call.is_some_and(|link| link.hand),
            reaction: self.reaction.map(|(reaction, _)| reaction),
            prepared: link
                .is_some_and(|link| matches!(link.used_for, LinkPurpose::Prepared(_)) && link.is_connected()),
        })
    }
}

/// The others, in the order of their arrival.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct Room {
    peers: Vec<Peer>,
}

impl Room {
    pub(crate) fn get(&mut self, id: &PeerId) -> Option<&mut Peer> {
        self.peers.iter_mut().find(|peer| peer.id == *id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.peers.iter_mut()
    }

    /// The names of those whom the condition holds for, to go through while the room changes.
    pub(crate) fn ids(&self, condition: impl Fn(&Peer) -> bool) -> Vec<PeerId> {
        self.peers
            .iter()
            .filter(|peer| condition(peer))
            .map(|peer| peer.id.clone())
            .collect()
    }

    /// Somebody is here.
    pub(crate) fn arrive(&mut self, us: &PeerId, id: PeerId) -> &mut Peer {
        let known = self.peers.iter().position(|peer| peer.id == id);
        // Who had gone and is back comes last.
        let mut peer = match known {
            Some(index) if !self.peers[index].is_gone() => {
                let peer = &mut self.peers[index];
                peer.presence = Presence::Here;
                return peer;
            }
            Some(index) => self.peers.remove(index),
            None => Peer::new(us, id),
        };
        peer.presence = Presence::Here;
        self.forget_long_gone();
        self.peers.push_mut(peer)
    }

    fn forget_long_gone(&mut self) {
        let gone = self.peers.iter().filter(|peer| peer.is_gone()).count();
        if gone >= MOST_GONE
            && let Some(oldest) = self.peers.iter().position(Peer::is_gone)
        {
            self.peers.remove(oldest);
        }
    }

    /// Our way to the room is lost: nobody can be said to be here.
    pub(crate) fn lose_sight(&mut self) {
        for peer in &mut self.peers {
            if peer.is_present() {
                peer.presence = Presence::Unknown;
            }
        }
    }

    /// We have left the room. Who was there is remembered: our name and theirs are the same in every room,
    /// and so is the numbering of what we say to each other.
    pub(crate) fn leave(&mut self) {
        for peer in &mut self.peers {
            peer.presence = Presence::Gone;
            (peer.call, peer.told_call) = (None, None);
            peer.early.clear();
        }
    }

    /// We have become somebody else, to whom nobody has said anything yet.
    pub(crate) fn clear(&mut self) {
        self.peers.clear();
    }

    pub(crate) fn view(&self, host: Option<&PeerId>) -> Vec<PersonView> {
        self.peers.iter().filter_map(|peer| peer.view(host)).collect()
    }
}
