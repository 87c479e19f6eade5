//! Access to the room: whom its policy keeps out, who decides about that, and what becomes of us then.
//!
//! The relay enforces all of it. Here is what it has told, and what the host asks of it.

use std::time::Duration;

use visavis_protocol::id::PeerId;
use visavis_protocol::name::{GivenName, PersonName};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode};

use super::{Call, Seat};
use crate::session::Session;
use crate::timer::{Time, Timer};
use crate::view::{AccessView, KnockerView, RemovalReason, SeatView};

/// How many people who knock are kept in mind. The relay lets fewer wait.
const MOST_KNOCKING: usize = 64;

/// How long others have to come back to a room whose relay has forgotten its policy.
const RETURN_PATIENCE: Duration = Duration::from_secs(30);

/// What the relay has told of the room where we have a seat.
#[derive(Debug, Clone, Hash, Default)]
pub(super) struct Lobby {
    /// Nobody where there is no relay, or before it has said so.
    pub(super) host: Option<PeerId>,
    policy: AccessPolicy,
    /// In the order in which they knocked.
    knocking: Vec<Knocker>,
    memory: Memory,
}

/// Somebody who wants to come in.
#[derive(Debug, Clone, Hash)]
struct Knocker {
    id: PeerId,
    name: PersonName,
    /// What it looks like: see [`PersonName::likeness`].
    likeness: String,
    /// Since when they have it.
    named_at: Time,
}

/// What is remembered of a policy while the way to the room is lost. A relay stores nothing: one that has
/// restarted opens every room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Memory {
    /// The relay knows better.
    #[default]
    Nothing,
    /// The room was not open. The relay tells soon how it is now.
    Was(AccessPolicy),
    /// It is open, and we are the host: it will be like this again. Until everybody is back, newcomers knock,
    /// and those who were there before are let in.
    Restores(AccessPolicy),
    /// It is open, and somebody else is the host.
    Reopened,
}

impl Lobby {
    /// The way to the room is lost: we can decide about nobody, and hear anew how things stand.
    pub(super) fn lose_sight(&mut self) {
        let memory = match (self.memory, self.policy) {
            (Memory::Was(policy) | Memory::Restores(policy), _) => Memory::Was(policy),
            (_, AccessPolicy::Open) => Memory::Nothing,
            (_, policy) => Memory::Was(policy),
        };
        *self = Self {
            memory,
            ..Self::default()
        };
    }
}

impl Seat {
    pub(super) fn view(&self) -> SeatView {
        match *self {
            Self::None => SeatView::None,
            Self::Joining => SeatView::Joining,
            Self::Waiting { capacity, policy } => match policy {
                AccessPolicy::Open => SeatView::Queued { capacity },
                AccessPolicy::Knock => SeatView::InLobby { locked: false },
                AccessPolicy::Locked => SeatView::InLobby { locked: true },
            },
            Self::Seated => SeatView::Seated,
            Self::Removed(why) => SeatView::Removed(why),
        }
    }
}

impl Call {
    pub(super) fn access_view(&self) -> AccessView {
        AccessView {
            policy: self.lobby.policy,
            is_ours: self.is_host(),
            knocking: self.knocking_view(),
            is_reopened: self.lobby.memory == Memory::Reopened,
        }
    }

    fn knocking_view(&self) -> Vec<KnockerView> {
        let knocking = &self.lobby.knocking;
        let view = |(index, knocker): (usize, &Knocker)| {
            let Knocker {
                id,
                name,
                likeness,
                named_at,
            } = knocker;
            let is_before = |(other_index, other): &(usize, &Knocker)| {
                other.likeness == *likeness && (other.named_at, *other_index) < (*named_at, index)
            };
            let before = knocking.iter().enumerate().filter(is_before).count();
            KnockerView {
                id: id.clone(),
                name: name.clone(),
                name_number: self.room.number_of_knocker(&self.name, id, likeness, before),
            }
        };
        knocking.iter().enumerate().map(view).collect()
    }

    fn is_host(&self) -> bool {
        self.us.is_some() && self.lobby.host == self.us
    }

    /// What only a host may ask for. Nobody else does: the relay would only refuse.
    pub(super) fn ask_as_host(&mut self, message: ClientMessage) {
        if self.is_host() {
            self.signaling_route.send(message, &mut self.outputs);
        }
    }

    /// [`Command::SetAccess`](crate::Command::SetAccess)
    pub(super) fn set_access(&mut self, state: AccessPolicy) {
        if self.is_host() {
            self.lobby.memory = Memory::Nothing;
        }
        self.ask_as_host(ClientMessage::Door { state });
    }

    /// The relay has restarted, and we are the first who knew how the room was.
    fn restore(&mut self, now: Time, policy: AccessPolicy) {
        self.lobby.memory = Memory::Restores(policy);
        self.timers.set(Timer::Restore, now + RETURN_PATIENCE);
        let state = AccessPolicy::Knock;
        self.ask_as_host(ClientMessage::Door { state });
    }

    /// [`Timer::Restore`], or somebody is back: if that was the last one, the room is as it was.
    pub(super) fn restored_if_due(&mut self, is_over: bool) {
        let Memory::Restores(state) = self.lobby.memory else {
            return;
        };
        let all_are_back =
            self.lobby.policy == AccessPolicy::Knock && !self.room.iter().any(Session::is_missed);
        if is_over || all_are_back {
            self.lobby.memory = Memory::Nothing;
            self.timers.stop(Timer::Restore);
            if state != self.lobby.policy {
                self.ask_as_host(ClientMessage::Door { state });
            }
        }
    }

    // ── What the relay tells ───────────────────────────────────────────────────────────────────────────────

    pub(super) fn policy_is(&mut self, now: Time, host: PeerId, policy: AccessPolicy) {
        self.lobby.host = Some(host);
        self.lobby.policy = policy;
        if !self.is_host() || policy != AccessPolicy::Knock {
            self.lobby.knocking.clear();
        }
        match (self.lobby.memory, policy) {
            (Memory::Was(before), AccessPolicy::Open) if self.is_host() => self.restore(now, before),
            (Memory::Was(_), AccessPolicy::Open) => self.lobby.memory = Memory::Reopened,
            (Memory::Restores(_), AccessPolicy::Knock) if self.is_host() => self.restored_if_due(false),
            (Memory::Reopened, AccessPolicy::Open) => {}
            _ => self.lobby.memory = Memory::Nothing,
        }
    }

    pub(super) fn somebody_knocks(&mut self, now: Time, id: PeerId, name: &GivenName) {
        let name = self.sealing.open_name(&id, name);
        let is_host = self.is_host();
        let is_back = self.room.get(&id).is_some_and(Session::is_missed);
        if is_back && matches!(self.lobby.memory, Memory::Restores(_)) {
            return self.ask_as_host(ClientMessage::Admit { peer: id });
        }
        let knocking = &mut self.lobby.knocking;
        let known = knocking.iter().position(|known| known.id == id);
        if known.is_some_and(|index| knocking[index].name == name) {
            return;
        }
        let knocker = Knocker {
            likeness: name.likeness(),
            named_at: now,
            id,
            name,
        };
        match known {
            Some(index) => knocking[index] = knocker,
            None if is_host && knocking.len() < MOST_KNOCKING => knocking.push(knocker),
            None => {}
        }
    }

    pub(super) fn knock_is_over(&mut self, id: &PeerId) {
        self.lobby.knocking.retain(|knocker| knocker.id != *id);
    }

    pub(super) fn relay_reports(&mut self, now: Time, code: ErrorCode) {
        match code {
            ErrorCode::Refused => self.turned_away(now, RemovalReason::Refused),
            ErrorCode::Removed => self.turned_away(now, RemovalReason::Removed),
            // A call needs no relay, and who has a seat can wait until there is one again.
            ErrorCode::Busy if self.seat == Seat::Seated || self.in_call() => {}
            ErrorCode::Busy => self.turned_away(now, RemovalReason::Crowded),
            // Faults of ours, to be found in development: the driver logs them. What is closed is reopened.
            ErrorCode::BadMessage
            | ErrorCode::NotJoined
            | ErrorCode::AlreadyJoined
            | ErrorCode::NoSuchPeer
            | ErrorCode::Replaced
            | ErrorCode::TooSlow
            | ErrorCode::NotHost
            | ErrorCode::Unknown => {}
        }
    }

    /// We have no place any more, and the relay closes the connection. To come back at once would only lead
    /// to the same again.
    fn turned_away(&mut self, now: Time, why: RemovalReason) {
        let is_about_this_room = match self.seat {
            Seat::Waiting { .. } | Seat::Seated => true,
            // It may be about a room that we have left since. If not, the next connection brings the same
            // answer.
            Seat::Joining => !self.has_moved,
            Seat::None | Seat::Removed(_) => false,
        };
        if is_about_this_room {
            self.leave_room(now);
            self.answers_due = 0;
            self.seat = Seat::Removed(why);
            self.signaling_route.stop(&mut self.timers, &mut self.outputs);
        }
    }

    /// Asks for a place once more, where too many did before us. What a host has decided stays so.
    pub(super) fn ask_again(&mut self, now: Time) {
        if self.seat == Seat::Removed(RemovalReason::Crowded) {
            self.seat = Seat::None;
            self.signaling_route
                .start(now, &mut self.timers, &mut self.outputs);
        }
    }
}
