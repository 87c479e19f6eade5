//! Two sides, and a relay between them, one step at a time.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use ahash::AHasher;
use visavis_call::{Command, ConnectionState, Input, Stage, Time};
use visavis_protocol::dialect::native::decode_peer;
use visavis_protocol::peer::{MessageNumber, PeerBody};
use visavis_protocol::relay::{PeerText, RelayMessage};

use crate::intruder::{about_its_connection, its_offer};
use crate::side::{Browser, Letter, Outcome, Said, Seen, Settings, Side, Trouble, from_relay, name};

/// One of the two.
pub(crate) type Who = usize;

pub(crate) const BOTH: [Who; 2] = [0, 1];

/// The relay says something so often.
const PING: Duration = Duration::from_secs(9);

/// If nothing happens for so long, nothing will.
const HORIZON: Duration = Duration::from_secs(120);

/// More messages than this from one side mean that something goes round in circles.
const MOST_SENT: usize = 150;

/// More messages than this that wait for one side, too.
const MOST_WAITING: usize = 50;

/// How often something may be done, by people, browsers and the network.
#[derive(Debug, Clone, Copy, Hash, Default)]
pub(crate) struct Bounds {
    pub(crate) calls: u8,
    pub(crate) hang_ups: u8,
    /// A track is added, or removed again.
    pub(crate) tracks: u8,
    pub(crate) restarts: u8,
    /// The browser refuses an operation.
    pub(crate) refusals: u8,
    /// The way that media takes is cut; it is mended at any time later.
    pub(crate) cuts: u8,
    pub(crate) losses: u8,
    pub(crate) duplicates: u8,
    /// A message is held up, and arrives at any time later, or never.
    pub(crate) strays: u8,
    /// The relay lies.
    pub(crate) lies: u8,
}

/// What a relay can do to a message besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// It goes back to its sender, as if from its receiver.
    Reflect,
    /// It is another one: with a fingerprint of the relay's own if it can be read.
    Change,
    /// Before it comes an offer of the relay's own.
    Forge,
}

const LIES: [Lie; 3] = [Lie::Reflect, Lie::Change, Lie::Forge];

/// Something that can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Call(Who),
    HangUp(Who),
    ChangeTrack(Who),
    RestartIce(Who),
    Cut,
    Mend,
    /// The next message from the relay arrives.
    Deliver(Who),
    /// The next message over the data channel arrives.
    Hear(Who),
    /// It does not, because the other side has closed its connection.
    Miss(Who),
    /// The operation in flight ends.
    Complete(Who),
    /// The same on a connection that was closed meanwhile.
    CompleteLate(Who),
    /// The browser refuses the operation in flight.
    Refuse(Who),
    /// `negotiationneeded`.
    Negotiate(Who),
    /// A candidate is found.
    Gather(Who),
    /// `connectionstatechange`.
    TurnIce(Who),
    /// A timer is due.
    Fire(Who),
    /// The next message from the relay is lost.
    Lose(Who),
    /// It arrives once now, and once more at any time later.
    Duplicate(Who),
    /// It is held up.
    Stray(Who),
    /// What was held up arrives.
    DeliverStray(Who, usize),
    /// The relay does something else to the next message.
    Lie(Who, Lie),
    /// Something was lost or held up, and the relay announces both to each other anew.
    Announce,
    /// Nothing happens until something is due.
    Wait,
}

/// A side that is shared between states until it changes, with what takes long to find out about it.
#[derive(Clone)]
struct Held {
    side: Arc<Side>,
    digest: u64,
    seen: Seen,
    /// Its ICE has gone as far as it does at this time, with a path or without.
    settled: Option<(Time, bool)>,
}

impl Held {
    fn new(side: Side) -> Self {
        Self {
            digest: digest(&side),
            seen: side.seen(),
            side: Arc::new(side),
            settled: None,
        }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut Side) -> R) -> R {
        let side = Arc::make_mut(&mut self.side);
        let result = change(side);
        self.digest = digest(side);
        self.seen = side.seen();
        self.settled = None;
        result
    }

    fn settle_ice(&mut self, now: Time, matched: bool) {
        if self.settled == Some((now, matched)) {
            return;
        }
        if let Some(browser) = &self.side.browser {
            let mut settled = browser.clone();
            settled.settle_ice(now, matched);
            if settled != *browser {
                self.change(|side| side.browser = Some(settled));
            }
        }
        self.settled = Some((now, matched));
    }
}

impl Hash for Held {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.digest.hash(hasher);
    }
}

/// The standard library's hash would take a sixth of all the time.
fn digest(value: &impl Hash) -> u64 {
    let mut hasher = AHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The relay's letters for one of the two.
#[derive(Clone, Hash, Default)]
struct Letters {
    waiting: VecDeque<Letter>,
    strays: Vec<Letter>,
    /// How many the other one has sent.
    sent: usize,
}

/// What people want in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wish {
    Nothing,
    Call,
    /// Somebody hung up, and nobody called after they knew.
    NoCall,
}

#[derive(Clone, Hash)]
#[expect(
    clippy::derived_hash_with_manual_eq,
    reason = "worlds are equal when their hashes are"
)]
pub(crate) struct World {
    now: Time,
    sides: [Held; 2],
    letters: [Letters; 2],
    /// What is on its way to each over the data channel.
    said: [VecDeque<Said>; 2],
    left: Bounds,
    cut: bool,
    /// Something was lost or held up since the relay announced them to each other.
    to_announce: bool,
    pub(crate) wish: Wish,
    /// The last hang-up of each that the other one does not have.
    unheard: [Option<MessageNumber>; 2],
    pub(crate) trouble: Option<Trouble>,
    /// When something happens by itself next, once there is nothing that happens without time.
    next: Option<Time>,
    /// Nothing will happen any more, unless people do something.
    pub(crate) quiet: bool,
}

/// Two worlds in which the same can happen.
impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        digest(self) == digest(other)
    }
}

/// About the relay's own connection, if it can be read; with another last character, if not.
fn changed(text: &PeerText) -> PeerText {
    about_its_connection(text).unwrap_or_else(|| {
        let last = if text.0.ends_with('A') { 'Q' } else { 'A' };
        PeerText(text.0[..text.0.len() - 1].to_owned() + &last.to_string())
    })
}

impl World {
    pub(crate) fn new(bounds: Bounds, settings: Settings) -> Self {
        let now = Time(1_000_000);
        let side = |who| Held::new(Side::seated(who, now, settings));
        let mut world = Self {
            now,
            sides: [side(0), side(1)],
            letters: [Letters::default(), Letters::default()],
            said: [VecDeque::new(), VecDeque::new()],
            left: bounds,
            cut: false,
            to_announce: false,
            wish: Wish::Nothing,
            unheard: [None; 2],
            trouble: None,
            next: None,
            quiet: true,
        };
        world.settle();
        world
    }

    /// What is on its way over the data channel, if it can arrive: whether its sender is still there.
    fn next_said(&self, who: Who) -> Option<bool> {
        let said = self.said[who].front()?;
        let here = self.side(who).browser.as_ref()?;
        let there = self.side(1 - who).browser.as_ref();
        let arrives = !self.cut && here.connection.ice == ConnectionState::Connected;
        arrives.then(|| there.is_some_and(|there| there.connection.serial == said.from))
    }

    pub(crate) fn side(&self, who: Who) -> &Side {
        &self.sides[who].side
    }

    pub(crate) fn seen(&self, who: Who) -> Seen {
        self.sides[who].seen
    }

    /// Whether media could flow.
    pub(crate) fn matched(&self) -> bool {
        let [one, other] = BOTH.map(|who| self.side(who).browser.as_ref());
        let both = one.zip(other);
        both.is_some_and(|(one, other)| !self.cut && one.connection.matches(&other.connection))
    }

    /// All that can happen now.
    pub(crate) fn actions(&self, actions: &mut Vec<Action>) {
        if self.trouble.is_some() {
            return;
        }
        self.machinery(actions);
        // Time passes only when there is nothing else to do; computers are fast.
        if actions.is_empty() {
            if self.to_announce {
                actions.push(Action::Announce);
            }
            if self.next.is_some() {
                actions.push(Action::Wait);
            }
        }
        for who in BOTH {
            let strays = self.letters[who].strays.len();
            actions.extend((0..strays).map(|stray| Action::DeliverStray(who, stray)));
            self.faults(who, actions);
            self.people(who, actions);
        }
        if self.cut {
            actions.push(Action::Mend);
        } else if self.left.cuts > 0 && self.matched() {
            actions.push(Action::Cut);
        }
    }

    /// What happens by itself, without time.
    fn machinery(&self, actions: &mut Vec<Action>) {
        for who in BOTH {
            let side = self.side(who);
            let mut add = |enabled: bool, action: Action| {
                if enabled {
                    actions.push(action);
                }
            };
            add(!self.letters[who].waiting.is_empty(), Action::Deliver(who));
            let said = self.next_said(who);
            add(said.is_some(), Action::Hear(who));
            add(said == Some(false), Action::Miss(who));
            add(!side.late.is_empty(), Action::CompleteLate(who));
            add(
                side.call.next_timeout().is_some_and(|due| due <= self.now),
                Action::Fire(who),
            );
            if let Some(browser) = &side.browser {
                add(browser.is_busy(), Action::Complete(who));
                add(browser.negotiation_task, Action::Negotiate(who));
                add(!browser.gathered.is_empty(), Action::Gather(who));
                add(browser.ice_turns, Action::TurnIce(who));
            }
        }
    }

    fn faults(&self, who: Who, actions: &mut Vec<Action>) {
        let left = &self.left;
        let next = self.letters[who].waiting.front();
        if next.is_some_and(|letter| matches!(**letter, RelayMessage::Message { .. })) {
            let faults = [
                (left.losses, Action::Lose(who)),
                (left.duplicates, Action::Duplicate(who)),
                (left.strays, Action::Stray(who)),
            ];
            actions.extend(
                faults
                    .into_iter()
                    .filter(|(left, _)| *left > 0)
                    .map(|(_, fault)| fault),
            );
            if left.lies > 0 {
                actions.extend(LIES.map(|lie| Action::Lie(who, lie)));
            }
        }
        // There is but one candidate, and no path without it.
        let refusable = |browser: &&Browser| browser.is_busy() && !browser.connection.adds_candidate();
        if left.refusals > 0 && self.side(who).browser.as_ref().filter(refusable).is_some() {
            actions.push(Action::Refuse(who));
        }
    }

    fn people(&self, who: Who, actions: &mut Vec<Action>) {
        let (left, side, seen) = (&self.left, self.side(who), self.seen(who));
        if left.calls > 0 && seen.can_call {
            actions.push(Action::Call(who));
        }
        if left.hang_ups > 0 && matches!(seen.stage, Stage::Connecting | Stage::InCall) {
            actions.push(Action::HangUp(who));
        }
        if let Some(browser) = &side.browser {
            if left.tracks > 0 {
                actions.push(Action::ChangeTrack(who));
            }
            if left.restarts > 0 && browser.connection.local.is_some() && !browser.connection.wants_restart()
            {
                actions.push(Action::RestartIce(who));
            }
        }
    }

    /// When something happens by itself next, if it does at all.
    fn next_moment(&self) -> Option<Time> {
        let end = self.now + HORIZON;
        let looks = BOTH.map(|who| self.side(who).browser.as_ref().and_then(|browser| browser.look));
        let looks = looks.into_iter().flatten().filter(|look| *look > self.now);
        let calls = BOTH.map(|who| {
            let mut call = self.side(who).call.clone();
            let mut now = self.now;
            // While the relay talks, its silence is no reason to do something.
            while now < end {
                call.handle(now, from_relay(RelayMessage::Ping));
                if let Some(due) = call.next_timeout().filter(|due| *due <= now + PING) {
                    return Some(due);
                }
                now = now + PING;
            }
            None
        });
        looks.chain(calls.into_iter().flatten()).min()
    }

    /// What is the case after this.
    pub(crate) fn after(&self, action: Action) -> Self {
        let mut world = self.clone();
        world.happen(action);
        world.settle();
        world
    }

    fn happen(&mut self, action: Action) {
        let (now, matched) = (self.now, self.matched());
        match action {
            Action::Call(who) => {
                self.left.calls -= 1;
                // Who does not know yet that the other one has hung up means the call that is over.
                if self.unheard[1 - who].is_none() {
                    self.wish = Wish::Call;
                    self.unheard[who] = None;
                }
                self.on(who, |side| side.input(now, Input::Command(Command::Call)));
            }
            Action::HangUp(who) => {
                self.left.hang_ups -= 1;
                self.wish = Wish::NoCall;
                let outcome = self.sides[who].change(|side| side.input(now, Input::Command(Command::HangUp)));
                self.unheard[who] = outcome.hung_up;
                self.take(who, outcome);
            }
            Action::ChangeTrack(who) => {
                self.left.tracks -= 1;
                self.sides[who].change(Side::change_track);
            }
            Action::RestartIce(who) => {
                self.left.restarts -= 1;
                self.sides[who].change(Side::restart_ice);
            }
            Action::Cut => {
                self.left.cuts -= 1;
                self.cut = true;
            }
            Action::Mend => self.cut = false,
            Action::Deliver(who) => {
                let letter = self.letters[who].waiting.pop_front().expect("there is one");
                self.deliver(who, &letter);
            }
            Action::Hear(who) => {
                let said = self.said[who].pop_front().expect("there is one");
                self.heard(who, &said.text);
                self.on(who, |side| side.hear(now, said.text));
            }
            Action::Miss(who) => {
                self.said[who].pop_front();
            }
            Action::Complete(who) => self.on(who, |side| side.complete(now, false)),
            Action::CompleteLate(who) => self.on(who, |side| side.complete_late(now)),
            Action::Refuse(who) => {
                self.left.refusals -= 1;
                self.on(who, |side| side.complete(now, true));
            }
            Action::Negotiate(who) => self.on(who, |side| side.negotiate(now)),
            Action::Gather(who) => self.on(who, |side| side.gather(now)),
            Action::TurnIce(who) => self.on(who, |side| side.turn_ice(now, matched)),
            Action::Fire(who) => self.on(who, |side| side.input(now, Input::Timeout)),
            Action::Lose(who) => {
                self.left.losses -= 1;
                self.letters[who].waiting.pop_front();
                self.to_announce = true;
            }
            Action::Duplicate(who) => {
                self.left.duplicates -= 1;
                let letter = self.letters[who].waiting.pop_front().expect("there is one");
                self.letters[who].strays.push(Arc::clone(&letter));
                self.deliver(who, &letter);
            }
            Action::Stray(who) => {
                self.left.strays -= 1;
                let letter = self.letters[who].waiting.pop_front().expect("there is one");
                self.letters[who].strays.push(letter);
                self.to_announce = true;
            }
            Action::Lie(who, lie) => {
                self.left.lies -= 1;
                self.to_announce = true;
                self.lie(who, lie);
            }
            Action::DeliverStray(who, stray) => {
                let letter = self.letters[who].strays.remove(stray);
                self.deliver(who, &letter);
            }
            Action::Announce => {
                self.to_announce = false;
                for who in BOTH {
                    let ready = RelayMessage::Ready {
                        peer: name(1 - who as u32),
                    };
                    self.letters[who].waiting.push_back(Arc::new(ready));
                }
            }
            Action::Wait => self.wait(),
        }
    }

    fn on(&mut self, who: Who, act: impl FnOnce(&mut Side) -> Outcome) {
        let outcome = self.sides[who].change(act);
        self.take(who, outcome);
    }

    fn take(&mut self, who: Who, outcome: Outcome) {
        let theirs = &mut self.letters[1 - who];
        theirs.sent += outcome.sent.len();
        theirs.waiting.extend(outcome.sent);
        self.letters[who].waiting.extend(outcome.answered);
        self.said[1 - who].extend(outcome.said);
        self.trouble = self.trouble.take().or(outcome.trouble);
        let busy = |letters: &Letters| letters.sent > MOST_SENT || letters.waiting.len() > MOST_WAITING;
        if self.letters.iter().any(busy) {
            self.trouble = Some(Trouble::Contract("it goes round in circles"));
        }
    }

    fn deliver(&mut self, who: Who, letter: &Letter) {
        if let RelayMessage::Message { message, .. } = &**letter {
            self.heard(who, message);
        }
        let now = self.now;
        self.on(who, |side| side.input(now, from_relay((**letter).clone())));
    }

    /// Notes what somebody hears of a hang-up.
    fn heard(&mut self, who: Who, text: &PeerText) {
        let Some(unheard) = self.unheard[1 - who] else {
            return;
        };
        let said = decode_peer(text).expect("it was encoded by the other side");
        if said.body == PeerBody::HangUp && said.number >= unheard {
            self.unheard[1 - who] = None;
        }
    }

    /// Does something else to the next message.
    fn lie(&mut self, who: Who, lie: Lie) {
        let letter = self.letters[who].waiting.pop_front().expect("there is one");
        let RelayMessage::Message { from, message } = &*letter else {
            return;
        };
        let to = |who: Who, from: Who, message: PeerText| {
            let from = name(from as u32);
            (who, Arc::new(RelayMessage::Message { from, message }))
        };
        let told = match lie {
            Lie::Reflect => vec![to(1 - who, who, message.clone())],
            Lie::Change => vec![to(who, 1 - who, changed(message))],
            Lie::Forge => vec![to(who, 1 - who, its_offer()), (who, Arc::clone(&letter))],
        };
        debug_assert_eq!(*from, name(1 - who as u32));
        for (who, letter) in told.into_iter().rev() {
            self.letters[who].waiting.push_front(letter);
        }
    }

    fn wait(&mut self) {
        let next = self.next.expect("something will happen");
        loop {
            let now = self.now;
            for who in BOTH {
                self.on(who, |side| side.input(now, from_relay(RelayMessage::Ping)));
            }
            if next <= now + PING {
                break;
            }
            self.now = now + PING;
        }
        self.now = next;
    }

    fn settle(&mut self) {
        // A channel ends with its connection at the receiver's end.
        for who in BOTH {
            let serial = self
                .side(who)
                .browser
                .as_ref()
                .map(|browser| browser.connection.serial);
            self.said[who].retain(|said| Some(said.to) == serial);
        }
        let (now, matched) = (self.now, self.matched());
        for held in &mut self.sides {
            held.settle_ice(now, matched);
        }
        let mut actions = Vec::new();
        self.machinery(&mut actions);
        self.next = if actions.is_empty() {
            self.next_moment()
        } else {
            None
        };
        self.quiet = actions.is_empty() && !self.to_announce && !self.cut && self.next.is_none();
    }
}
