//! Who can see what of us, by the state itself.

use visavis_protocol::id::PeerId;

use super::{CallView, DeviceView, PersonState, PersonView, SealView, SeatView, SignalingView};
use crate::event::{Device, Path};

/// Somebody, or something, that learns about us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seer {
    /// Whoever serves the page.
    Site,
    /// Whoever runs the relay.
    Relay,
    /// STUN servers, which tell browsers their addresses.
    StunServers,
    /// TURN servers, which pass on what is encrypted.
    TurnServers,
    /// The host of a room that does not let us in yet.
    Host,
    /// Somebody else in the room.
    Person(PeerId),
}

/// Something that can be seen of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Our network address.
    Address,
    /// When we come, call and go.
    Times,
    /// How much we send, and to whom.
    Sizes,
    /// What we call ourselves.
    Name,
    /// How a call is set up: addresses, and keys by which the two browsers know each other.
    Setup,
    /// Our video.
    Video,
    /// Our audio.
    Audio,
    /// What we write.
    Messages,
}

impl Seen {
    /// All of it, in the order in which it is shown.
    pub const ALL: [Self; 8] = [
        Self::Address,
        Self::Times,
        Self::Sizes,
        Self::Name,
        Self::Setup,
        Self::Video,
        Self::Audio,
        Self::Messages,
    ];
}

/// What somebody can see of us at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Who it is.
    pub who: Seer,
    /// What they see, in the order of [`Seen::ALL`].
    pub sees: Vec<Seen>,
}

/// Which servers our connections ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServersView {
    /// A STUN server.
    pub stun: bool,
    /// A TURN server.
    pub turn: bool,
}

impl CallView {
    /// What everybody can see of us who can see anything. What they don't see, they can't.
    #[must_use]
    pub fn sights(&self) -> Vec<Sight> {
        let mut sights = vec![Sight {
            who: Seer::Site,
            sees: vec![Seen::Address, Seen::Times],
        }];
        let relay = self.relay_sees();
        let stun = self.servers.stun.then(|| vec![Seen::Address, Seen::Times]);
        // Through ours, or that of somebody else.
        let is_relayed = |person: &PersonView| matches!(person.path, Some(path) if path != Path::Direct);
        let relays = self.people.iter().any(is_relayed);
        let turn = (self.servers.turn || relays).then(|| {
            let mut sees = vec![Seen::Address, Seen::Times];
            if relays {
                sees.push(Seen::Sizes);
            }
            sees
        });
        for (who, sees) in [
            (Seer::Relay, relay),
            (Seer::StunServers, stun),
            (Seer::TurnServers, turn),
        ] {
            sights.extend(sees.map(|sees| Sight { who, sees }));
        }
        if matches!(self.seat, SeatView::InLobby { .. }) {
            sights.push(Sight {
                who: Seer::Host,
                sees: vec![Seen::Times, Seen::Name],
            });
        }
        sights.extend(self.people.iter().map(|person| Sight {
            who: Seer::Person(person.id.clone()),
            sees: self.person_sees(person),
        }));
        sights
    }

    fn relay_sees(&self) -> Option<Vec<Seen>> {
        let mut sees = vec![Seen::Address, Seen::Times];
        match self.signaling_route {
            SignalingView::Off | SignalingView::OnlyThisBrowser | SignalingView::ByHand => return None,
            // Whoever is asked for a connection sees who asks.
            SignalingView::Opening | SignalingView::Unreachable { .. } | SignalingView::OtherKind(_) => {}
            SignalingView::Relay if matches!(self.seat, SeatView::None) => {}
            SignalingView::Relay => {
                sees.push(Seen::Sizes);
                if !self.room.is_sealed() {
                    sees.extend([Seen::Name, Seen::Setup]);
                }
            }
        }
        Some(sees)
    }

    fn person_sees(&self, person: &PersonView) -> Vec<Seen> {
        let is_on = |device| self.media.device(device) == DeviceView::On;
        let video = is_on(Device::Camera) || is_on(Device::Screen);
        let audio = is_on(Device::Microphone);
        let understands = !matches!(person.seal, SealView::Unopened(_));
        let is_in_call = matches!(person.state, PersonState::Connected | PersonState::Interrupted);
        let sees = |seen: &Seen| match seen {
            Seen::Times => true,
            Seen::Address => person.knows_address,
            Seen::Name | Seen::Setup => understands,
            Seen::Sizes | Seen::Messages => is_in_call,
            Seen::Video => person.is_sent && video,
            Seen::Audio => person.is_sent && audio,
        };
        Seen::ALL.into_iter().filter(sees).collect()
    }
}
