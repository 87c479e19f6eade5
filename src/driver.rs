//! Where the state machine meets the browser: input → handle → drain outputs → publish the view.
//!
//! Everything that happens is put into one queue, and a task of its own empties it. So nothing is ever
//! handled in the middle of something else.
//!
//! What happens is handled at once, and so is a view published if none was since the page has drawn. Further
//! ones wait for the next frame: nobody can make a page show more than it can draw. A page in the background
//! draws nothing, and its timers may sleep for a minute: it has a budget instead, so that it rings in time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::Duration;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use visavis_call::{
    Budget, Call, CallConfig, CallView, Command, ConnectionId, Device, IceTransportPolicy, Input, Output,
    PeerOp, Route, SignalingEvent, Time,
};
use visavis_gateway::Dialect;
use visavis_protocol::id::PeerId;
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStream;

use crate::browser::frame::NextFrame;
use crate::browser::media::{LocalStream, Opened};
use crate::browser::preferences::Chosen;
use crate::browser::{page, wake};
use crate::config::MediaConfig;
use crate::signaling::Connector;

mod effects;

use effects::Effects;

/// Receives everything that can be shown.
pub trait ViewSink {
    /// The view has changed. In each frame that the page draws, this is told once, or twice in the first.
    fn view(&self, view: CallView);
    /// Our own video and audio are there, or gone.
    fn local_stream(&self, stream: Option<MediaStream>);
    /// Somebody's video and audio are there, or gone.
    fn remote_stream(&self, peer: &PeerId, stream: Option<MediaStream>);
    /// How wide each person's video is shown, in pixels of the screen; 0 if it can't be seen. The driver asks
    /// now and then during a call.
    fn shown(&self) -> Vec<(PeerId, u32)>;
}

/// What a driver is made with.
pub struct Setup {
    /// For the state machine.
    pub call: CallConfig,
    /// What the site has decided about network addresses. The page says so; the call has its own policy.
    pub site_policy: IceTransportPolicy,
    /// For camera and microphone.
    pub media: MediaConfig,
    /// What the server speaks, if it is that of another program. The page says so.
    pub dialect: Option<Dialect>,
    /// The way to the relay, or to that server.
    pub relay: Box<dyn Connector>,
    /// The way without a relay: to this browser's tabs, or by hand.
    pub without_relay: Box<dyn Connector>,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup")
    }
}

/// Runs a call. When the last clone is dropped, everything is closed: camera, connections, sockets, timers.
#[derive(Clone)]
pub struct Driver(Rc<Core>);

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

/// Something for the queue.
enum Event {
    Input(Input),
    /// News from a way to the others, and which of its connections it is from.
    Signaling(Route, u32, SignalingEvent),
    /// What could be opened of camera and microphone is open. The stream stays with the driver; the state
    /// machine hears of it.
    Opened(Opened),
    /// One device more is open, or another one in its place.
    Added(LocalStream, Device),
    /// How the person wants devices to be opened.
    Choose(Chosen),
    /// It is time to read what a connection has received.
    PollStats(PeerId, ConnectionId),
    /// The page is about to draw.
    Frame,
}

struct Core {
    queue: RefCell<VecDeque<Event>>,
    /// Whether a task is on its way to empty the queue.
    scheduled: Cell<bool>,
    machine: RefCell<Machine>,
    sink: Box<dyn ViewSink>,
    /// The frame in which the last view is drawn, until then.
    frame: RefCell<Option<NextFrame>>,
    /// What the sink may be told while the page is in the background.
    in_background: RefCell<Budget>,
    /// How wide the videos were shown when the sink was last asked.
    shown: RefCell<Vec<(PeerId, u32)>>,
    _wake: Vec<EventListener>,
}

struct Machine {
    call: Call,
    /// By how many milliseconds the wall clock was ahead when something was handled last.
    wall_clock_was_ahead: f64,
    effects: Effects,
    /// When it is due, until it was.
    timer: Option<(Time, Timeout)>,
    published: Option<CallView>,
}

/// The way into the queue, for callbacks: after the driver is gone it leads nowhere.
#[derive(Clone)]
struct Inbox(Weak<Core>);

impl Inbox {
    fn put(&self, event: Event) {
        if let Some(core) = self.0.upgrade() {
            core.put(event);
        }
    }

    fn input(&self, input: Input) {
        self.put(Event::Input(input));
    }
}

impl Driver {
    /// A call that has not begun. The sink hears of the first view soon, and not before this returns.
    #[must_use]
    pub fn new(setup: Setup, sink: impl ViewSink + 'static) -> Self {
        let Setup {
            call,
            media,
            relay,
            without_relay,
            ..
        } = setup;
        let core = Rc::new_cyclic(|weak| Core {
            queue: RefCell::default(),
            scheduled: Cell::new(false),
            machine: RefCell::new(Machine {
                call: Call::new(call),
                wall_clock_was_ahead: page::wall_clock_is_ahead(),
                effects: Effects::new(Inbox(weak.clone()), media, relay, without_relay),
                timer: None,
                published: None,
            }),
            sink: Box::new(sink),
            frame: RefCell::default(),
            in_background: RefCell::new(Budget::new(20, Duration::from_millis(100))),
            shown: RefCell::default(),
            _wake: {
                let inbox = Inbox(weak.clone());
                wake::listen(&(Rc::new(move || inbox.input(Input::Woken)) as Rc<dyn Fn()>))
            },
        });
        core.schedule();
        Self(core)
    }

    /// What is known about the call, to find out why it went wrong. It holds no name, no address and no room.
    #[must_use]
    pub fn report(&self) -> String {
        let happened = self.0.machine.borrow().call.report(page::now());
        let (version, browser) = (env!("CARGO_PKG_VERSION"), page::user_agent());
        format!("visavis {version}\n{browser}\n{happened}")
    }

    /// How devices are opened from now on. One that is open is left as it is; see [`Command::Reopen`].
    pub fn choose(&self, chosen: Chosen) {
        self.0.put(Event::Choose(chosen));
    }

    /// The person asks for something.
    pub fn send(&self, command: Command) {
        self.0.put(Event::Input(Input::Command(command)));
    }
}

impl Core {
    fn put(self: &Rc<Self>, event: Event) {
        self.queue.borrow_mut().push_back(event);
        self.schedule();
    }

    fn schedule(self: &Rc<Self>) {
        if self.scheduled.replace(true) {
            return;
        }
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            if let Some(core) = weak.upgrade() {
                core.scheduled.set(false);
                core.run();
            }
        });
    }

    /// Handles everything that is in the queue, then tells the sink, if that is due.
    fn run(self: &Rc<Self>) {
        let mut news = Vec::new();
        let mut polls = false;
        let view = {
            let mut machine = self.machine.borrow_mut();
            loop {
                let Some(event) = self.queue.borrow_mut().pop_front() else {
                    break;
                };
                polls |= matches!(event, Event::PollStats(..));
                if let Event::Frame = event {
                    self.frame.take();
                } else {
                    machine.handle(event, &mut news);
                }
            }
            machine.set_timer(&Inbox(Rc::downgrade(self)));
            // Streams are of people who are in the view.
            let is_due = !news.is_empty() || self.may_tell();
            is_due.then(|| machine.take_new_view()).flatten()
        };
        // The machine is free again: anything that the sink does now comes back through the queue.
        if let Some(view) = view {
            let inbox = Inbox(Rc::downgrade(self));
            self.frame
                .replace(Some(NextFrame::request(move || inbox.put(Event::Frame))));
            self.sink.view(view);
        }
        for stream in news {
            stream.tell(&*self.sink);
        }
        if polls {
            self.tell_shown();
        }
    }

    /// Whether the sink may be told of a view now.
    fn may_tell(&self) -> bool {
        self.frame.borrow().is_none()
            || page::is_hidden() && self.in_background.borrow_mut().take(page::now())
    }

    /// Tells how wide videos are shown, if that has changed.
    fn tell_shown(self: &Rc<Self>) {
        let shown = self.sink.shown();
        if *self.shown.borrow() != shown {
            self.shown.replace(shown.clone());
            self.put(Event::Input(Input::Command(Command::Show(shown))));
        }
    }
}

/// A stream that came or went.
enum StreamNews {
    Local(Option<MediaStream>),
    Remote(PeerId, Option<MediaStream>),
}

impl StreamNews {
    fn tell(self, sink: &dyn ViewSink) {
        match self {
            Self::Local(stream) => sink.local_stream(stream),
            Self::Remote(peer, stream) => sink.remote_stream(&peer, stream),
        }
    }
}

impl Machine {
    fn handle(&mut self, event: Event, news: &mut Vec<StreamNews>) {
        if self.has_slept() {
            self.take(Input::Woken, news);
        }
        let input = match event {
            Event::Input(input) => {
                if let Input::Timeout = input {
                    self.timer = None;
                }
                input
            }
            Event::Signaling(route, connection, event) if self.effects.is_current(route, connection) => {
                Input::Signaling(route, event)
            }
            Event::Signaling(..) => return,
            Event::PollStats(peer, connection_id) => {
                let count = Output::Peer(peer, connection_id, PeerOp::CountBytes);
                return self.effects.carry_out(count, news);
            }
            Event::Opened(opened) => self.effects.opened(opened, news),
            Event::Added(stream, device) => self.effects.added(stream, device, news),
            Event::Choose(chosen) => return self.effects.choose(chosen),
            Event::Frame => return,
        };
        self.take(input, news);
    }

    fn take(&mut self, input: Input, news: &mut Vec<StreamNews>) {
        self.call.handle(page::now(), input);
        while let Some(output) = self.call.poll_output() {
            self.effects.carry_out(output, news);
        }
    }

    /// Whether the machine has slept since this was asked last, and its clock with it. That somebody has set
    /// the wall clock looks the same, and does no harm: all connections are looked at once.
    fn has_slept(&mut self) -> bool {
        let ahead = page::wall_clock_is_ahead();
        let before = std::mem::replace(&mut self.wall_clock_was_ahead, ahead);
        ahead - before >= SLEPT_MS
    }

    fn set_timer(&mut self, inbox: &Inbox) {
        let due = self.call.next_timeout();
        // Most of what happens leaves it as it was, and a browser's timer costs more than that.
        if self.timer.as_ref().map(|(due, _)| *due) == due {
            return;
        }
        // Dropping the old timer stops it.
        self.timer = due.map(|due| {
            let wait = due.0.saturating_sub(page::now().0);
            let inbox = inbox.clone();
            // Longer waits are cut, and found not to be over when they end.
            let timer = Timeout::new(
                u32::try_from(wait).unwrap_or(MOST_WAIT).min(MOST_WAIT),
                move || inbox.input(Input::Timeout),
            );
            (due, timer)
        });
    }

    fn take_new_view(&mut self) -> Option<CallView> {
        let view = self.call.view();
        if self.published.as_ref() == Some(&view) {
            return None;
        }
        self.published = Some(view.clone());
        Some(view)
    }
}

/// A wall clock that has gained so many milliseconds has gone on while the machine slept.
const SLEPT_MS: f64 = 10_000.0;

/// The longest wait that a browser's timer takes, in milliseconds.
const MOST_WAIT: u32 = i32::MAX as u32;
