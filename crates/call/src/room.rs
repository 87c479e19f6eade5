//! The others in the room: one [`Session`] for each.

use visavis_protocol::id::PeerId;
use visavis_protocol::name::{PersonName, is_page_word};

use crate::session::Session;
use crate::timer::Time;
use crate::view::{PersonView, SealView};

/// How many people who have gone are remembered, so that what they sent before they went is still known as
/// stale if they come back.
const MOST_GONE: usize = 32;

/// The others, in the order of their arrival.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct Room {
    sessions: Vec<Session>,
}

impl Room {
    pub(crate) fn get(&self, id: &PeerId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id() == id)
    }

    pub(crate) fn get_mut(&mut self, id: &PeerId) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id() == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter()
    }

    /// The ids of those whom the condition holds for, to go through while the room changes.
    pub(crate) fn ids(&self, condition: impl Fn(&Session) -> bool) -> Vec<PeerId> {
        let mut ids = Vec::new();
        for session in &self.sessions {
            if condition(session) {
                ids.push(session.id().clone());
            }
        }
        ids
    }

    /// Somebody is here. If we don't know them, they came then, or before us.
    pub(crate) fn enter(&mut self, us: &PeerId, id: &PeerId, came: Option<Time>) -> &mut Session {
        let known = self.sessions.iter().position(|session| session.id() == id);
        // Who had gone and is back comes last.
        let mut session = match known {
            Some(index) if !self.sessions[index].is_gone() => {
                let session = &mut self.sessions[index];
                session.enter();
                return session;
            }
            Some(index) => self.sessions.remove(index),
            None => Session::new(us, id.clone(), came),
        };
        session.enter();
        self.forget_long_gone();
        let last = self.sessions.len();
        self.sessions.push(session);
        &mut self.sessions[last]
    }

    fn forget_long_gone(&mut self) {
        let gone = self.sessions.iter().filter(|session| session.is_gone()).count();
        if gone >= MOST_GONE
            && let Some(oldest) = self.sessions.iter().position(Session::is_gone)
        {
            self.sessions.remove(oldest);
        }
    }

    /// Our way to the room is lost: nobody can be said to be here.
    pub(crate) fn lose_sight(&mut self) {
        for session in &mut self.sessions {
            session.lose_sight();
        }
    }

    /// We have become somebody else, to whom nobody has said anything yet.
    pub(crate) fn clear(&mut self) {
        self.sessions.clear();
    }

    /// What tells somebody from others whose names look the same: see [`PersonView::name_number`].
    pub(crate) fn name_number(&self, us: &PersonName, session: &Session) -> u32 {
        let likeness = session.likeness();
        // Of two who took it in the same moment, whoever came first.
        let order = |index: usize, session: &Session| (session.named_at(), index);
        let mut sessions = self.sessions.iter().enumerate();
        let own = sessions.find_map(|(index, one)| (one.id() == session.id()).then(|| order(index, one)));
        let is_before = |(index, other): &(usize, &Session)| {
            !other.is_gone() && other.likeness() == likeness && Some(order(*index, other)) < own
        };
        let before = self.sessions.iter().enumerate().filter(is_before).count();
        number(us, likeness, before)
    }

    /// The same for somebody who knocks, whose name so many others had before who knock.
    pub(crate) fn number_of_knocker(
        &self,
        us: &PersonName,
        id: &PeerId,
        likeness: &str,
        before: usize,
    ) -> u32 {
        let has_it = |other: &&Session| !other.is_gone() && other.id() != id && other.likeness() == likeness;
        number(us, likeness, before + self.sessions.iter().filter(has_it).count())
    }

    /// What there is to see of the others.
    pub(crate) fn view(
        &self,
        us: &PersonName,
        host: Option<&PeerId>,
        blocked: &[PeerId],
        seal: impl Fn(&Session) -> SealView,
    ) -> Vec<PersonView> {
        let view = |session: &Session| {
            let name_number = self.name_number(us, session);
            session.view(host, name_number, blocked.contains(session.id()), seal(session))
        };
        self.sessions.iter().filter_map(view).collect()
    }
}

/// The number of a name that so many others had before, beside us and the page itself.
fn number(us: &PersonName, likeness: &str, before: usize) -> u32 {
    if likeness.is_empty() {
        return 1;
    }
    let taken = usize::from(us.likeness() == likeness) + usize::from(is_page_word(likeness));
    u32::try_from(1 + before + taken).unwrap_or(u32::MAX)
}
