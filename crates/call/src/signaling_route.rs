//! The way to the others: which route is used, and when it is tried again.

use std::collections::VecDeque;
use std::time::Duration;

use visavis_protocol::dialect::ServerKind;
use visavis_protocol::relay::ClientMessage;

use crate::event::{CloseCause, Output, Route, RouteChoice, SignalingOp};
use crate::timer::{Jitter, Time, Timer, Timers};
use crate::view::SignalingView;

/// The waits between attempts to reach the relay, without the jitter. The last one repeats.
const RETRY_DELAYS: [Duration; 6] = [
    Duration::from_millis(0),
    Duration::from_millis(300),
    Duration::from_millis(1200),
    Duration::from_millis(2700),
    Duration::from_millis(4800),
    Duration::from_millis(7000),
];

/// The waits where a site says that it has no relay. That may pass, as when a proxy answers before it knows
/// of the relay behind it; most likely it is so. The last one repeats.
const ABSENT_DELAYS: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(600),
];

/// Added to a wait, at most.
const MOST_JITTER: Duration = Duration::from_secs(1);

/// The shortest wait between attempts while tabs meet without the relay: most likely there is none.
const CALM_RETRY: Duration = Duration::from_secs(15);

/// How long the relay may be silent: it says something every 10 s.
const SILENCE: Duration = Duration::from_secs(25);

/// How long it may be silent after it was asked something.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);

/// How long a socket may take to open.
const OPEN_PATIENCE: Duration = Duration::from_secs(6);

/// The state of the relay's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Relay {
    /// Not wanted.
    Off,
    /// An attempt is under way.
    Opening,
    /// It can be used.
    Open,
    /// It failed; [`Timer::RelayRetry`] says when it is tried again.
    Waiting,
    /// The site says that it has none; [`Timer::RelayRetry`] says when it is asked again.
    Absent,
}

/// The state of the route without a relay: between this browser's tabs, or by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum WithoutRelay {
    Off,
    Opening,
    Open,
}

/// The ways to the others.
#[derive(Debug, Clone, Hash)]
pub(crate) struct SignalingRoute {
    choice: RouteChoice,
    relay: Relay,
    without_relay: WithoutRelay,
    /// The relay was open once: everybody we know is there, and nowhere else.
    relay_known: bool,
    /// How many attempts in a row came to nothing: the relay was not reached, or lost before it answered a
    /// `join`.
    failures: usize,
    /// How many attempts in a row were answered by a site without a relay.
    absences: usize,
    /// What answered instead of the relay, the last time.
    other_kind: Option<ServerKind>,
    jitter: Jitter,
}

/// What a change of the routes means for the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteChange {
    /// Nothing.
    None,
    /// A route can be used: join through it. Those who were met through the other one are gone.
    Usable,
    /// The route in use was lost.
    Lost,
}

impl SignalingRoute {
    pub(crate) fn new(choice: RouteChoice, seed: u64) -> Self {
        Self {
            choice,
            relay: Relay::Off,
            without_relay: WithoutRelay::Off,
            relay_known: false,
            failures: 0,
            absences: 0,
            other_kind: None,
            jitter: Jitter::new(seed),
        }
    }

    /// The route in use.
    pub(crate) fn route(&self) -> Option<Route> {
        match (self.relay, self.without_relay) {
            (Relay::Open, _) => Some(Route::Relay),
            (_, WithoutRelay::Open) => Some(self.without_relay_route()),
            _ => None,
        }
    }

    /// Sends through the route in use. There has to be one.
    pub(crate) fn send(&self, message: ClientMessage, outputs: &mut VecDeque<Output>) {
        if let Some(route) = self.route() {
            outputs.push_back(Output::Signaling(route, SignalingOp::Send(message)));
        }
    }

    /// Opens the chosen route, if that was not done yet.
    pub(crate) fn start(&mut self, now: Time, timers: &mut Timers<Timer>, outputs: &mut VecDeque<Output>) {
        if self.relay != Relay::Off || self.without_relay != WithoutRelay::Off {
            return;
        }
        match self.choice {
            RouteChoice::Auto | RouteChoice::Relay => self.open_relay(now, timers, outputs),
            RouteChoice::ThisBrowser | RouteChoice::ByHand => self.open_without_relay(outputs),
        }
    }

    /// Closes everything.
    pub(crate) fn stop(&mut self, timers: &mut Timers<Timer>, outputs: &mut VecDeque<Output>) {
        timers.stop(Timer::RelayOpen);
        timers.stop(Timer::RelayRetry);
        timers.stop(Timer::RelaySilent);
        if matches!(self.relay, Relay::Opening | Relay::Open) {
            outputs.push_back(Output::Signaling(Route::Relay, SignalingOp::Close));
        }
        self.relay = Relay::Off;
        self.close_without_relay(outputs);
        (self.failures, self.absences) = (0, 0);
    }

    /// A route was opened. A call between this browser's tabs is not disturbed by that either.
    pub(crate) fn opened(
        &mut self,
        route: Route,
        in_call: bool,
        now: Time,
        timers: &mut Timers<Timer>,
        outputs: &mut VecDeque<Output>,
    ) -> RouteChange {
        match route {
            Route::Relay
                if self.relay == Relay::Opening && in_call && self.without_relay == WithoutRelay::Open =>
            {
                timers.stop(Timer::RelayOpen);
                self.relay = Relay::Waiting;
                timers.set(Timer::RelayRetry, now + CALM_RETRY);
                outputs.push_back(Output::Signaling(Route::Relay, SignalingOp::Close));
                RouteChange::None
            }
            Route::Relay if self.relay == Relay::Opening => {
                timers.stop(Timer::RelayOpen);
                self.relay = Relay::Open;
                self.relay_known = true;
                self.absences = 0;
                self.other_kind = None;
                self.heard(now, timers);
                self.close_without_relay(outputs);
                RouteChange::Usable
            }
            Route::ThisBrowser | Route::ByHand if self.without_relay == WithoutRelay::Opening => {
                self.without_relay = WithoutRelay::Open;
                RouteChange::Usable
            }
            _ => RouteChange::None,
        }
    }

    /// The relay said something.
    pub(crate) fn heard(&self, now: Time, timers: &mut Timers<Timer>) {
        if self.relay == Relay::Open {
            timers.set(Timer::RelaySilent, now + SILENCE);
        }
    }

    /// The relay was asked something because its socket may be dead.
    pub(crate) fn suspected(&self, now: Time, timers: &mut Timers<Timer>) {
        let soon = now + ANSWER_PATIENCE;
        if self.relay == Relay::Open && timers.get(Timer::RelaySilent).is_none_or(|silent| soon < silent) {
            timers.set(Timer::RelaySilent, soon);
        }
    }

    /// [`Timer::RelaySilent`]: the socket is dead, whatever the browser thinks of it.
    pub(crate) fn silent(
        &mut self,
        now: Time,
        timers: &mut Timers<Timer>,
        outputs: &mut VecDeque<Output>,
    ) -> RouteChange {
        if self.relay != Relay::Open {
            return RouteChange::None;
        }
        outputs.push_back(Output::Signaling(Route::Relay, SignalingOp::Abandon));
        self.closed(Route::Relay, CloseCause::Unreachable, now, timers, outputs)
    }

    /// A `join` was answered. To be open is not enough: a relay that accepts everybody and closes at once
    /// must not be asked again and again without a wait.
    pub(crate) fn proved_useful(&mut self) {
        if self.relay == Relay::Open {
            self.failures = 0;
        }
    }

    /// A route was closed by the other end, or could not be opened.
    pub(crate) fn closed(
        &mut self,
        route: Route,
        cause: CloseCause,
        now: Time,
        timers: &mut Timers<Timer>,
        outputs: &mut VecDeque<Output>,
    ) -> RouteChange {
        match route {
            Route::Relay => {
                if !matches!(self.relay, Relay::Opening | Relay::Open) {
                    return RouteChange::None;
                }
                let lost = self.relay == Relay::Open;
                timers.stop(Timer::RelayOpen);
                timers.stop(Timer::RelaySilent);
                self.relay_failed(cause, now, timers, outputs);
                if lost {
                    RouteChange::Lost
                } else {
                    RouteChange::None
                }
            }
            Route::ThisBrowser | Route::ByHand => {
                let lost = self.without_relay == WithoutRelay::Open;
                self.without_relay = WithoutRelay::Off;
                if lost {
                    RouteChange::Lost
                } else {
                    RouteChange::None
                }
            }
        }
    }

    /// [`Timer::RelayOpen`]: the socket takes too long.
    pub(crate) fn open_timed_out(
        &mut self,
        now: Time,
        timers: &mut Timers<Timer>,
        outputs: &mut VecDeque<Output>,
    ) {
        if self.relay == Relay::Opening {
            outputs.push_back(Output::Signaling(Route::Relay, SignalingOp::Close));
            self.relay_failed(CloseCause::Unreachable, now, timers, outputs);
        }
    }

    /// [`Timer::RelayRetry`], or the person does not want to wait for it.
    ///
    /// A call between this browser's tabs is not disturbed: the relay can wait for its end.
    pub(crate) fn retry(
        &mut self,
        in_call: bool,
        now: Time,
        timers: &mut Timers<Timer>,
        outputs: &mut VecDeque<Output>,
    ) {
        if !matches!(self.relay, Relay::Waiting | Relay::Absent) {
            return;
        }
        if in_call && self.without_relay == WithoutRelay::Open {
            timers.set(Timer::RelayRetry, now + CALM_RETRY);
            return;
        }
        self.open_relay(now, timers, outputs);
    }

    pub(crate) fn view(&self, timers: &Timers<Timer>) -> SignalingView {
        let retry_at = timers.get(Timer::RelayRetry);
        match (self.relay, self.without_relay) {
            _ if self.choice == RouteChoice::ByHand => SignalingView::ByHand,
            (Relay::Off, WithoutRelay::Off) => SignalingView::Off,
            (Relay::Open, _) => SignalingView::Relay,
            (Relay::Absent, _) | (Relay::Off, _) => SignalingView::OnlyThisBrowser,
            (Relay::Opening | Relay::Waiting, _) if self.other_kind.is_some() => self
                .other_kind
                .map_or(SignalingView::Opening, SignalingView::OtherKind),
            (Relay::Opening, _) if self.absences > 0 => SignalingView::OnlyThisBrowser,
            (Relay::Opening, _) if self.failures == 0 => SignalingView::Opening,
            (Relay::Opening | Relay::Waiting, _) => SignalingView::Unreachable {
                retry_at,
                tabs_can_meet: self.without_relay == WithoutRelay::Open,
            },
        }
    }

    fn open_relay(&mut self, now: Time, timers: &mut Timers<Timer>, outputs: &mut VecDeque<Output>) {
        self.relay = Relay::Opening;
        timers.stop(Timer::RelayRetry);
        timers.set(Timer::RelayOpen, now + OPEN_PATIENCE);
        outputs.push_back(Output::Signaling(Route::Relay, SignalingOp::Open));
    }

    fn relay_failed(
        &mut self,
        cause: CloseCause,
        now: Time,
        timers: &mut Timers<Timer>,
        outputs: &mut VecDeque<Output>,
    ) {
        let fall_back = self.choice == RouteChoice::Auto && !self.relay_known;
        self.other_kind = match cause {
            CloseCause::OtherKind(kind) => Some(kind),
            CloseCause::NoRelayHere | CloseCause::Unreachable => None,
        };
        if fall_back {
            self.open_without_relay(outputs);
        }
        if fall_back && cause == CloseCause::NoRelayHere {
            self.relay = Relay::Absent;
            let delay = ABSENT_DELAYS[self.absences.min(ABSENT_DELAYS.len() - 1)];
            self.absences += 1;
            let deadline = now + delay + self.jitter.below(MOST_JITTER);
            timers.set(Timer::RelayRetry, deadline);
            return;
        }
        self.absences = 0;
        self.relay = Relay::Waiting;
        let delay = RETRY_DELAYS[self.failures.min(RETRY_DELAYS.len() - 1)];
        self.failures += 1;
        let floor = if fall_back && self.failures > 3 {
            CALM_RETRY
        } else {
            Duration::ZERO
        };
        timers.set(
            Timer::RelayRetry,
            now + delay.max(floor) + self.jitter.below(MOST_JITTER),
        );
    }

    /// Which of the routes without a relay it is.
    fn without_relay_route(&self) -> Route {
        match self.choice {
            RouteChoice::ByHand => Route::ByHand,
            RouteChoice::Auto | RouteChoice::Relay | RouteChoice::ThisBrowser => Route::ThisBrowser,
        }
    }

    fn open_without_relay(&mut self, outputs: &mut VecDeque<Output>) {
        if self.without_relay == WithoutRelay::Off {
            self.without_relay = WithoutRelay::Opening;
            let route = self.without_relay_route();
            outputs.push_back(Output::Signaling(route, SignalingOp::Open));
        }
    }

    fn close_without_relay(&mut self, outputs: &mut VecDeque<Output>) {
        if self.without_relay != WithoutRelay::Off {
            self.without_relay = WithoutRelay::Off;
            let route = self.without_relay_route();
            outputs.push_back(Output::Signaling(route, SignalingOp::Close));
        }
    }
}
