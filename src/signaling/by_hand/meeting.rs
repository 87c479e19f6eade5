//! How two browsers come together whose people carry their letters, and what they tell each other then.

use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use visavis_call::{IceTransportPolicy, OperationError, SignalingEvent};
use visavis_letters::{Description, DtlsRole, Invitation, Letter, Reply};
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::tabs::{TabMessage, decode_tab, encode_tab};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{LeaveReason, RelayMessage};

use super::{Carried, Core, Event, Obstacle, OpenLink, Part, Progress, now};
use crate::browser::data_link::{DataEvent, DataLink};
use crate::browser::page;
use crate::signaling::Sink;

/// How long a browser may look for its candidates. Those that STUN servers tell come within a second; servers
/// that don't answer are asked for ten.
const GATHERING: Duration = Duration::from_millis(2500);

/// How often it is looked whether it has found them all.
const LOOK_MS: i32 = 50;

/// How often candidates are tried again: Chromium stops after 15 s, Firefox fails after 11.
const TRY_AGAIN_MS: i32 = 5000;

/// How long the other one's reply may take, and how often it is looked at the clock: a machine may sleep.
const INVITATION_PATIENCE: Duration = Duration::from_secs(60 * 60);
const LOOK_AT_CLOCK_MS: i32 = 30_000;

/// How long it may take until both are connected, once both letters have arrived.
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);

/// How long the other one's page may take to use our reply.
const REPLY_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// One of the two, from entering the room to leaving it.
pub(super) struct Meeting {
    core: Rc<Core>,
    sink: Sink,
    us: PeerId,
    open: OpenLink,
    /// How many connections there were.
    links: u32,
    events: UnboundedSender<Event>,
    received: UnboundedReceiver<Event>,
}

/// Whether the other one is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    Left,
}

/// Why it goes no further.
enum End {
    /// There is another letter to be made.
    Restart,
    /// There is none, unless somebody asks for it.
    Over(Obstacle),
}

impl From<OperationError> for End {
    fn from(_: OperationError) -> Self {
        Self::Over(Obstacle::Browser)
    }
}

impl Meeting {
    pub(super) fn new(
        core: &Rc<Core>,
        sink: &Sink,
        us: PeerId,
        open: &OpenLink,
        events: UnboundedSender<Event>,
        received: UnboundedReceiver<Event>,
    ) -> Self {
        Self {
            core: Rc::clone(core),
            sink: Rc::clone(sink),
            us,
            open: Rc::clone(open),
            links: 0,
            events,
            received,
        }
    }

    /// Goes on until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            let invitation = self.core.state.borrow().invitation.clone();
            let end = match invitation {
                Some(invitation) => self.reply(invitation).await,
                None => self.invite().await,
            };
            let Err(end) = end;
            self.open.take();
            if let End::Over(obstacle) = end {
                self.core.set(Progress::Over(obstacle));
                while !matches!(self.next().await, Event::Restart) {}
            }
        }
    }

    // ── Letters ────────────────────────────────────────────────────────────────────────────────────────────

    async fn invite(&mut self) -> Result<Never, End> {
        let link = self.link()?;
        link.describe().await?;
        let description = self.describe(&link).await?;
        let invitation = Invitation {
            secret: self.core.state.borrow().secret,
            made: now(),
            description,
        };
        self.core.state.borrow_mut().desk.invited(&invitation);
        let id = invitation.id();
        let text = Letter::Invitation(invitation).to_text();
        self.core.set(Progress::Invites(Carried(text)));
        let start = page::now();
        let reply = loop {
            match self.next_within(LOOK_AT_CLOCK_MS).await {
                Some(Event::Reply(reply)) if reply.to == id => break reply,
                Some(Event::Restart) => return Err(End::Restart),
                Some(Event::Link(..) | Event::Reply(_)) => {}
                None if page::now().since(start) > INVITATION_PATIENCE => {
                    return Err(End::Over(Obstacle::InvitationUnused));
                }
                None => {}
            }
        };
        self.core.set(Progress::Connecting);
        // Whoever replies waits until we begin: a handshake that nobody answers is repeated ever less often.
        let heard = link.hear("answer", reply.description.to_sdp(DtlsRole::Passive));
        heard.await.map_err(|_| End::Over(Obstacle::BadLetter))?;
        let patience = (CONNECT_PATIENCE, Obstacle::NoPath);
        self.connect(link, &reply.description, patience, Part::Inviting)
            .await
    }

    async fn reply(&mut self, invitation: Invitation) -> Result<Never, End> {
        let link = self.link()?;
        let heard = link.hear("offer", invitation.description.to_sdp(DtlsRole::Active));
        heard.await.map_err(|_| End::Over(Obstacle::BadLetter))?;
        link.describe().await?;
        let description = self.describe(&link).await?;
        let reply = Reply {
            to: invitation.id(),
            made: now(),
            description,
        };
        self.core.state.borrow_mut().desk.replied(&reply);
        let text = Letter::Reply(reply).to_text();
        self.core.set(Progress::Replies(Carried(text)));
        let patience = (REPLY_PATIENCE, Obstacle::ReplyUnused);
        self.connect(link, &invitation.description, patience, Part::Invited)
            .await
    }

    /// Waits until all candidates are found, or for long enough.
    async fn describe(&self, link: &DataLink) -> Result<Description, End> {
        let start = page::now();
        while !link.has_gathered() && page::now().since(start) < GATHERING {
            page::sleep(LOOK_MS).await;
        }
        let description = Description::from_sdp(&link.description()).ok_or(End::Over(Obstacle::Browser))?;
        // What the browser was asked for is not what it must do.
        let (description, nothing) = match self.core.policy.get() {
            IceTransportPolicy::All => (description, Obstacle::NoNetwork),
            IceTransportPolicy::Relay => (description.through_turn(), Obstacle::NoTurn),
        };
        if description.candidates().is_empty() {
            return Err(End::Over(nothing));
        }
        Ok(description)
    }

    fn link(&mut self) -> Result<Rc<DataLink>, End> {
        // What was written before leads nowhere from now on.
        self.core.state.borrow_mut().desk.end();
        self.core.set(Progress::Writing);
        let policy = self.core.policy.get();
        let servers = &self.core.ice_servers;
        if policy == IceTransportPolicy::Relay && !servers.iter().any(IceServer::is_turn) {
            return Err(End::Over(Obstacle::NoTurn));
        }
        self.links += 1;
        let (events, number) = (self.events.clone(), self.links);
        let link = DataLink::new(servers, policy, move |event| {
            // Refused only by a meeting that is over.
            let _ = events.unbounded_send(Event::Link(number, event));
        })?;
        Ok(Rc::new(link))
    }

    // ── Together ───────────────────────────────────────────────────────────────────────────────────────────

    /// Both descriptions are set: tries until the channel is open, then talks over it.
    async fn connect(
        &mut self,
        link: Rc<DataLink>,
        theirs: &Description,
        (patience, obstacle): (Duration, Obstacle),
        part: Part,
    ) -> Result<Never, End> {
        let start = page::now();
        for round in 1.. {
            match self.next_within(TRY_AGAIN_MS).await {
                Some(Event::Link(_, DataEvent::Opened)) => break,
                Some(Event::Link(_, DataEvent::Closed | DataEvent::Failed)) => {
                    return Err(End::Over(obstacle));
                }
                Some(Event::Restart) => return Err(End::Restart),
                Some(Event::Link(_, DataEvent::Text(_)) | Event::Reply(_)) => continue,
                None if page::now().since(start) > patience => return Err(End::Over(obstacle)),
                None => {}
            }
            for line in theirs.candidate_lines(round) {
                // One that the browser can't use is none.
                let _ = link.add_candidate(line).await;
            }
        }
        link.send(&encode_tab(&TabMessage::Hello {
            from: self.us.clone(),
            to: None,
        }));
        self.open.replace(Some(link));
        // It has led here, and is good for nothing more.
        self.core.state.borrow_mut().invitation = None;
        self.core.set(Progress::Connected(part));
        Err(self.talk().await)
    }

    /// Hands on what the other one says.
    async fn talk(&mut self) -> End {
        let mut other = None;
        let (end, reason) = loop {
            match self.next().await {
                Event::Link(_, DataEvent::Text(text)) => {
                    if self.hear(&text, &mut other) == Presence::Left {
                        break (End::Over(Obstacle::Left), LeaveReason::Left);
                    }
                }
                Event::Link(_, DataEvent::Closed) => break (End::Over(Obstacle::Left), LeaveReason::Left),
                Event::Link(_, DataEvent::Failed) => break (End::Over(Obstacle::Lost), LeaveReason::Lost),
                Event::Restart => break (End::Restart, LeaveReason::Left),
                Event::Link(_, DataEvent::Opened) | Event::Reply(_) => {}
            }
        };
        if let Some(peer) = other {
            self.tell(RelayMessage::Left { peer, reason });
        }
        end
    }

    fn hear(&self, text: &str, other: &mut Option<PeerId>) -> Presence {
        // No relay would pass on what is longer, nor what is no message.
        let message = if text.len() > MAX_MESSAGE_BYTES {
            None
        } else {
            decode_tab(text).ok()
        };
        match (message, other) {
            (Some(TabMessage::Hello { from, .. }), other @ None) if from != self.us => {
                self.tell(RelayMessage::Ready { peer: from.clone() });
                *other = Some(from);
            }
            (Some(TabMessage::Message { message, .. }), Some(from)) => self.tell(RelayMessage::Message {
                from: from.clone(),
                message,
            }),
            (Some(TabMessage::Bye { .. }), _) => return Presence::Left,
            _ => {}
        }
        Presence::Here
    }

    fn tell(&self, message: RelayMessage) {
        (self.sink)(SignalingEvent::Message(message));
    }

    // ── What happens ───────────────────────────────────────────────────────────────────────────────────────

    async fn next(&mut self) -> Event {
        loop {
            match self.received.next().await {
                // From a connection that is over.
                Some(Event::Link(number, _)) if number != self.links => {}
                Some(event) => return event,
                // We hold a sender.
                None => std::future::pending().await,
            }
        }
    }

    /// `None`: nothing happens for so long.
    async fn next_within(&mut self, milliseconds: i32) -> Option<Event> {
        let next = std::pin::pin!(self.next());
        match select(next, std::pin::pin!(page::sleep(milliseconds))).await {
            Either::Left((event, _)) => Some(event),
            Either::Right(_) => None,
        }
    }
}

/// What never is: a meeting has no end of its own.
type Never = std::convert::Infallible;
