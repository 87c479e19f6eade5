//! Without any server: one person carries an invitation to the other, and a reply back. What a relay would
//! pass on then goes over a data channel between the two browsers.
//!
//! All of this is in a chunk, with the part of the page that shows the letters. `meeting` has how two
//! browsers come together, `progress` how far they are.

mod meeting;
mod progress;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_util::future::{AbortHandle, abortable};
use gloo_events::EventListener;
use visavis_call::{IceTransportPolicy, RoomAddress, RoomSecret, SignalingEvent, peer_id};
use visavis_letters::{Age, Desk, Fault, Invitation, Letter, Minute, Reply};
use visavis_protocol::dialect::tabs::{TabMessage, encode_tab};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use wasm_bindgen_futures::spawn_local;

use super::{Connection, Connector, Sink};
use crate::browser::data_link::{DataEvent, DataLink};
use crate::browser::page;
use meeting::Meeting;
pub use progress::{Carried, Obstacle, Part, Progress};

/// How many people can meet.
const CAPACITY: u32 = 2;

/// Hears of each change.
type OnChange = Rc<dyn Fn(&Progress)>;

/// What happens to a meeting.
enum Event {
    /// The reply to our invitation was carried to us.
    Reply(Reply),
    /// It begins anew.
    Restart,
    /// News from one of its connections, by its number.
    Link(u32, DataEvent),
}

/// The way to one other person.
#[derive(Clone)]
pub struct ByHand(Rc<Core>);

struct Core {
    ice_servers: Vec<IceServer>,
    /// Which paths connections may take at the moment.
    policy: Cell<IceTransportPolicy>,
    state: RefCell<State>,
}

struct State {
    progress: Progress,
    desk: Desk,
    /// The secret of the room where the two meet.
    secret: [u8; 16],
    /// What we reply to.
    invitation: Option<Invitation>,
    on_change: Option<OnChange>,
    /// The way into the meeting, while there is one.
    events: Option<UnboundedSender<Event>>,
}

impl ByHand {
    /// Begins without an invitation.
    #[must_use]
    pub fn new(ice_servers: Vec<IceServer>, policy: IceTransportPolicy) -> Self {
        Self(Rc::new(Core {
            ice_servers,
            policy: Cell::new(policy),
            state: RefCell::new(State {
                progress: Progress::Idle,
                desk: Desk::default(),
                secret: page::random(),
                invitation: None,
                on_change: None,
                events: None,
            }),
        }))
    }

    /// The room where the two meet.
    #[must_use]
    pub fn room(&self) -> RoomAddress {
        RoomAddress::Sealed(RoomSecret::new(self.0.state.borrow().secret))
    }

    /// Takes what was carried to us: an invitation, or the reply to ours. Somebody invited has to enter
    /// [their room](Self::room) then.
    ///
    /// # Errors
    /// [`Fault`] says why it leads nowhere.
    pub fn take(&self, text: &str, age: Age) -> Result<(), Fault> {
        let letter = self.0.state.borrow().desk.read(text, now(), age)?;
        match letter {
            Letter::Invitation(invitation) => {
                let mut state = self.0.state.borrow_mut();
                state.secret = invitation.secret;
                state.invitation = Some(invitation);
                drop(state);
                self.0.restart();
            }
            Letter::Reply(reply) => {
                self.0.state.borrow_mut().desk.end();
                self.0.tell(Event::Reply(reply));
            }
        }
        Ok(())
    }

    /// Makes a new letter, after the last one has led nowhere. Where that leaves nothing to reply to, it is
    /// an invitation to [another room](Self::room), which has to be entered.
    pub fn renew(&self) {
        let mut state = self.0.state.borrow_mut();
        if !state.progress.obstacle().is_some_and(Obstacle::leaves_part) {
            state.invitation = None;
            state.secret = page::random();
        }
        drop(state);
        self.0.restart();
    }

    /// From now on, connections may take these paths. A letter that is not used yet is made anew.
    pub fn set_policy(&self, policy: IceTransportPolicy) {
        if self.0.policy.replace(policy) != policy && self.progress().is_before_connection() {
            self.0.restart();
        }
    }

    /// How far the two have come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.0.state.borrow().progress.clone()
    }

    /// Calls this whenever that changes. It must only enqueue.
    pub fn on_change(&self, changed: impl Fn(&Progress) + 'static) {
        self.0.state.borrow_mut().on_change = Some(Rc::new(changed));
    }
}

impl Core {
    fn tell(&self, event: Event) {
        if let Some(events) = &self.state.borrow().events {
            // Refused only by a meeting that is over, as when the room is left.
            let _ = events.unbounded_send(event);
        }
    }

    /// A meeting that is under way begins anew; one that is not will.
    fn restart(&self) {
        if self.state.borrow().events.is_some() {
            self.tell(Event::Restart);
        } else {
            self.set_waiting();
        }
    }

    /// We are not in the room.
    fn set_waiting(&self) {
        let is_invited = self.state.borrow().invitation.is_some();
        self.set(if is_invited {
            Progress::Invited
        } else {
            Progress::Idle
        });
    }

    fn set(&self, progress: Progress) {
        let changed = self.state.borrow().on_change.clone();
        if let Some(changed) = changed {
            changed(&progress);
        }
        self.state.borrow_mut().progress = progress;
    }
}

fn now() -> Minute {
    Minute::at(page::now().0)
}

impl std::fmt::Debug for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ByHand")
    }
}

// ── As a signaling route ───────────────────────────────────────────────────────────────────────────────────

impl Connector for ByHand {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        sink(SignalingEvent::Opened);
        Box::new(ByHandConnection {
            core: Rc::clone(&self.0),
            sink,
            visit: RefCell::new(None),
        })
    }
}

/// Plays the relay, for a room of two.
struct ByHandConnection {
    core: Rc<Core>,
    sink: Sink,
    visit: RefCell<Option<Visit>>,
}

impl Connection for ByHandConnection {
    fn send(&self, message: ClientMessage) {
        match message {
            ClientMessage::Join { secret, .. } => {
                // First the old one: it takes the way into the meeting with it.
                self.visit.take();
                let visit = Visit::start(&self.core, &self.sink, peer_id(&secret));
                self.visit.replace(Some(visit));
            }
            ClientMessage::Leave => drop(self.visit.take()),
            ClientMessage::Send { to, message } => {
                if let Some(visit) = &*self.visit.borrow() {
                    let from = visit.us.clone();
                    say(&visit.link, &TabMessage::Message { from, to, message });
                }
            }
            // Nobody is asked for ICE servers on this route, and nobody is host.
            ClientMessage::Token
            | ClientMessage::Name { .. }
            | ClientMessage::Door { .. }
            | ClientMessage::Admit { .. }
            | ClientMessage::Refuse { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Host { .. } => {}
        }
    }
}

/// Says something to the other one, if there is somebody.
fn say(link: &OpenLink, message: &TabMessage) {
    if let Some(link) = &*link.borrow() {
        link.send(&encode_tab(message));
    }
}

/// The connection with the other one, while it is open. They see when it is closed.
type OpenLink = Rc<RefCell<Option<Rc<DataLink>>>>;

/// From joining to leaving.
struct Visit {
    us: PeerId,
    core: Rc<Core>,
    link: OpenLink,
    /// Ends the meeting, and all that it waits for.
    end: AbortHandle,
    _on_close: EventListener,
}

impl Visit {
    fn start(core: &Rc<Core>, sink: &Sink, us: PeerId) -> Self {
        let (events, received) = unbounded();
        core.state.borrow_mut().events = Some(events.clone());
        let link = OpenLink::default();
        // A browser that closes a page may say nothing to the other one.
        let on_close = {
            let (link, us) = (Rc::clone(&link), us.clone());
            EventListener::new(&page::window(), "pagehide", move |_| {
                say(&link, &TabMessage::Bye { from: us.clone() });
            })
        };
        let joined = RelayMessage::Joined {
            you: us.clone(),
            capacity: CAPACITY,
        };
        sink(SignalingEvent::Message(joined));
        let meeting = Meeting::new(core, sink, us.clone(), &link, events, received);
        let (meeting, end) = abortable(meeting.run());
        spawn_local(async move {
            // It ends when we leave.
            let _ = meeting.await;
        });
        Self {
            us,
            core: Rc::clone(core),
            link,
            end,
            _on_close: on_close,
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        say(
            &self.link,
            &TabMessage::Bye {
                from: self.us.clone(),
            },
        );
        self.end.abort();
        self.link.take();
        {
            let mut state = self.core.state.borrow_mut();
            state.events = None;
            state.desk.end();
        }
        self.core.set_waiting();
    }
}
