//! What passes through signaling in a sealed room. All that a session says goes through here on its way out,
//! and all that it hears on its way in; nothing else in the crate knows of sealing.

use std::hash::{Hash, Hasher};

use visavis_protocol::id::PeerId;
use visavis_protocol::name::{GivenName, PersonName};
use visavis_protocol::relay::PeerText;
use visavis_sealing::{RoomAddress, Seal, Subject, Unopened};

use crate::session::Session;
use crate::view::SealView;

/// The room that is meant, and what seals there.
#[derive(Debug, Clone)]
pub(super) struct Sealing {
    address: RoomAddress,
    /// Kept for as long as the page: see [`Seal`].
    seal: Option<Seal>,
    /// Makes our nonces the page's own.
    challenge: [u8; 16],
    dropped: Dropped,
}

/// How much was not opened, by the reason.
#[derive(Debug, Clone, Copy, Default)]
struct Dropped {
    not_sealed: u32,
    forged: u32,
    stale: u32,
    /// How often the relay gave us a name that is not ours.
    foreign_names: u32,
}

impl Sealing {
    pub(super) fn new(address: RoomAddress, challenge: [u8; 16]) -> Self {
        let mut sealing = Self {
            address: address.clone(),
            seal: None,
            challenge,
            dropped: Dropped::default(),
        };
        sealing.enter(address);
        sealing
    }

    /// Goes to another room.
    pub(super) fn enter(&mut self, address: RoomAddress) {
        if let RoomAddress::Sealed(secret) = &address {
            match &mut self.seal {
                Some(seal) => seal.enter(secret),
                None => self.seal = Some(Seal::new(secret, self.challenge)),
            }
        }
        self.address = address;
    }

    pub(super) fn address(&self) -> &RoomAddress {
        &self.address
    }

    fn seal(&mut self) -> Option<&mut Seal> {
        self.seal.as_mut().filter(|_| self.address.is_sealed())
    }

    /// A message as signaling takes it.
    pub(super) fn message(&mut self, us: &PeerId, to: &PeerId, text: PeerText) -> PeerText {
        match self.seal() {
            Some(seal) => PeerText(seal.seal(Subject::Message, us, Some(to), &text.0)),
            None => text,
        }
    }

    /// A message that signaling has brought.
    pub(super) fn open(&mut self, us: &PeerId, from: &PeerId, text: PeerText) -> Result<PeerText, Unopened> {
        let Some(seal) = self.seal() else { return Ok(text) };
        let opened = seal.open(Subject::Message, from, Some(us), &text.0);
        opened.map(PeerText).inspect_err(|why| self.dropped.count(*why))
    }

    /// Our name, for whoever may let us in.
    pub(super) fn given_name(&mut self, us: &PeerId, name: &PersonName) -> GivenName {
        match self.seal() {
            Some(seal) if !name.is_empty() => {
                GivenName::new(&seal.seal(Subject::Name, us, None, name.as_str()))
            }
            _ => GivenName::new(name.as_str()),
        }
    }

    /// The name of somebody who knocks. One that can't be read is none.
    pub(super) fn open_name(&mut self, from: &PeerId, name: &GivenName) -> PersonName {
        let Some(seal) = self.seal().filter(|_| !name.is_empty()) else {
            return PersonName::new(name.as_str());
        };
        match seal.open(Subject::Name, from, None, name.as_str()) {
            Ok(name) => PersonName::new(&name),
            Err(why) => {
                self.dropped.count(why);
                PersonName::default()
            }
        }
    }

    /// The relay has given us somebody else's name.
    pub(super) fn count_foreign_name(&mut self) {
        self.dropped.foreign_names = self.dropped.foreign_names.saturating_add(1);
    }

    /// Whether what somebody says can be opened.
    pub(super) fn view(&self, session: &Session) -> SealView {
        match &self.seal {
            _ if !self.address.is_sealed() => SealView::Open,
            Some(seal) if seal.knows(session.id()) => SealView::Sealed,
            _ => session.unopened().map_or(SealView::Unheard, SealView::Unopened),
        }
    }

    /// For a report: what was not opened. Empty if there is nothing.
    pub(super) fn report(&self) -> String {
        let Dropped {
            not_sealed,
            forged,
            stale,
            foreign_names,
        } = self.dropped;
        let mut report = String::new();
        for (number, what) in [
            (not_sealed, " messages dropped: not sealed\n"),
            (
                forged,
                " messages dropped: sealed for something else, or changed\n",
            ),
            (stale, " messages dropped: too old, or repeated\n"),
            (
                foreign_names,
                " times the relay gave us a name that is not ours\n",
            ),
        ] {
            if number > 0 {
                report.push_str(&number.to_string());
                report.push_str(what);
            }
        }
        report
    }
}

/// What was dropped changes nothing that will happen.
impl Hash for Sealing {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self {
            address,
            seal,
            challenge: _,
            dropped: _,
        } = self;
        (address.room(), seal).hash(hasher);
    }
}

impl Dropped {
    fn count(&mut self, why: Unopened) {
        let number = match why {
            Unopened::NotSealed => &mut self.not_sealed,
            Unopened::Forged => &mut self.forged,
            Unopened::Stale => &mut self.stale,
        };
        *number = number.saturating_add(1);
    }
}
