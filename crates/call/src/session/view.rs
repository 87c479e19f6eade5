//! What there is to see of somebody.

use std::hash::{Hash, Hasher};

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::PeerBody;

use super::link::Link;
use super::purpose::LinkPurpose;
use super::{Presence, Session};
use crate::event::{IceTransportPolicy, Path};
use crate::ice_diagnostics::kind_of;
use crate::local_media::Sends;
use crate::view::{FailureCause, PersonState, PersonView, SealView};

/// Whether something was sent to somebody by which they may know our network address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ShownAddress(bool);

impl ShownAddress {
    /// This is sent to them.
    pub(super) fn note(&mut self, body: &PeerBody) {
        self.0 |= match body {
            PeerBody::Candidate(candidate) => {
                !candidate.is_end_of_candidates() && kind_of(candidate) != "relay"
            }
            PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. } => sdp.lines().any(|line| {
                line.starts_with("a=candidate:") && !line.split_ascii_whitespace().any(|word| word == "relay")
            }),
            _ => false,
        };
    }

    /// Something that was carried to them by hand has it.
    pub(super) fn note_letter(&mut self) {
        self.0 = true;
    }

    /// Media takes this way to them.
    pub(super) fn note_path(&mut self, path: Option<Path>) {
        self.0 |= matches!(path, Some(Path::Direct | Path::RelayedByThem));
    }
}

/// It changes nothing that will happen.
impl Hash for ShownAddress {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Session {
    /// If there is a connection with them, for which servers are asked: by which policy.
    pub(crate) fn asks_servers(&self) -> Option<IceTransportPolicy> {
        let link = self.link.as_ref().filter(|link| link.is_made());
        link.map(Link::policy)
    }

    /// They have a letter of ours, which may say where we are.
    pub(crate) fn has_our_letter(&mut self, policy: IceTransportPolicy) {
        if policy == IceTransportPolicy::All {
            self.shown_address.note_letter();
        }
    }

    /// Why a call that is being made may take long, or fail.
    pub(crate) fn suspicion(&self, has_turn: bool) -> Option<FailureCause> {
        self.link.as_ref().filter(|link| link.is_call())?;
        self.failure(has_turn)
    }

    /// What there is to see of them; nothing if they are gone.
    pub(crate) fn view(
        &self,
        host: Option<&PeerId>,
        name_number: u32,
        blocked: bool,
        seal: SealView,
    ) -> Option<PersonView> {
        let link = self.link.as_ref();
        let call = link.filter(|link| link.is_call());
        let state = match (call, self.presence) {
            (Some(link), _) => link.person_state(),
            // Their connection says so, whatever the relay knows.
            (None, _) if self.invitation().is_some() => PersonState::Calling,
            (None, Presence::Here) => PersonState::Here,
            (None, Presence::Away) => PersonState::Away,
            (None, Presence::Unknown | Presence::Gone) => return None,
        };
        // Nothing that somebody says is to be seen who is blocked.
        let sends = call
            .filter(|_| !blocked)
            .map_or(Sends::USUAL, |link| link.they_send);
        Some(PersonView {
            id: self.id.clone(),
            name: self.name.clone(),
            name_number,
            host: host == Some(&self.id),
            guest: self.guest.map(|guest| guest.presence),
            state,
            call: self.call,
            reachable: self.is_here(),
            camera: sends.camera,
            screen: sends.screen,
            microphone: sends.microphone,
            blocked,
            video: !blocked && call.is_some_and(|link| link.remote_video),
            path: call.and_then(|link| link.path),
            quality: call.and_then(|link| link.hearing.quality()),
            speaks: !blocked && sends.microphone && call.is_some_and(|link| link.hearing.speaks()),
            hand: !blocked && call.is_some_and(|link| link.channel.hand),
            reaction: self.reaction.filter(|_| !blocked),
            messages_dropped: self.limits.messages_dropped,
            offers_dropped: self.limits.offers_dropped,
            seal,
            is_sent: link.is_some_and(Link::is_sending),
            knows_address: self.shown_address.0,
            pre_connected: link.is_some_and(|link| {
                matches!(link.purpose, LinkPurpose::PreConnected(_)) && link.is_connected()
            }),
            safety: self.safety.view(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_descriptions_are_shown_ones() {
        let shows = |line: &str| {
            let mut shown = ShownAddress::default();
            shown.note(&PeerBody::Answer {
                sdp: ["v=0\r\na=rtcp-mux\r\n", line, "\r\n"].concat(),
                exchange: 1,
            });
            shown.0
        };
        assert!(shows("a=candidate:1 1 udp 1 192.0.2.1 9 typ host"));
        assert!(!shows(
            "a=candidate:1 1 udp 1 192.0.2.1 9 typ relay raddr 0.0.0.0 rport 9"
        ));
        assert!(!shows("a=end-of-candidates"));
    }
}
