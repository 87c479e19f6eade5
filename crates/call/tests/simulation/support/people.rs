//! What people see and expect: the questions and checks that tests put to the world.

use visavis_call::{Command, Stage};

use super::client::{Client, ClientId};
use super::world::{World, seconds};

impl World {
    pub(crate) fn stages(&self) -> Vec<Stage> {
        self.clients.iter().map(Client::stage).collect()
    }

    /// Of all whose page is open, and there must be some.
    pub(crate) fn all(&self, condition: impl Fn(&Client) -> bool) -> bool {
        let mut open = self.clients.iter().filter(|client| !client.closed).peekable();
        assert!(open.peek().is_some(), "nobody is there");
        open.all(condition)
    }

    /// Both are in a call with each other.
    pub(crate) fn are_in_call(&self, one: ClientId, other: ClientId) -> bool {
        let (one, other) = (&self.clients[one], &self.clients[other]);
        one.is_in_call()
            && other.is_in_call()
            && one.connected_with().contains(&other.id)
            && other.connected_with().contains(&one.id)
    }

    /// Calls, and checks that it works within the time that a person would wait.
    #[track_caller]
    pub(crate) fn call_works(&mut self, caller: ClientId, callee: ClientId) {
        assert!(
            self.clients[caller].view().can_call(),
            "{caller} can't call: {:?}",
            self.clients[caller].view()
        );
        self.command(caller, Command::Call);
        let reached = |world: &Self| {
            world.are_in_call(caller, callee) || world.clients[callee].stage() == Stage::Ringing
        };
        assert!(
            self.run_until(seconds(10), reached),
            "{caller} does not reach {callee}: {:?}",
            self.stages()
        );
        // Between two alone with each other, the browser has answered.
        let _ = self.answer_if_it_rings(callee);
        let works = self.run_until(seconds(10), |world| world.are_in_call(caller, callee));
        assert!(
            works,
            "{caller} calls {callee}: {:?} {:?}",
            self.stages(),
            self.refusals
        );
    }

    /// Answers. It has to ring.
    #[track_caller]
    pub(crate) fn answer(&mut self, client: ClientId) {
        assert!(
            self.answer_if_it_rings(client),
            "it does not ring at {client}: {:?}",
            self.stages()
        );
    }

    /// Says whether it did.
    #[must_use]
    pub(crate) fn answer_if_it_rings(&mut self, client: ClientId) -> bool {
        let rings = self.clients[client].stage() == Stage::Ringing;
        if rings {
            self.command(client, Command::Call);
        }
        rings
    }

    /// Answers wherever it rings, once it does somewhere.
    #[track_caller]
    pub(crate) fn all_answer(&mut self) {
        self.run_for(seconds(1));
        let answered = (0..self.clients.len()).filter(|client| self.answer_if_it_rings(*client));
        assert!(answered.count() > 0, "it rings nowhere: {:?}", self.stages());
    }

    /// Calls somebody whom one meets among the tabs, where names change with each visit.
    #[track_caller]
    pub(crate) fn tabs_call_works(&mut self, caller: ClientId, callee: ClientId) {
        self.command(caller, Command::Call);
        let both = |world: &Self| world.clients[caller].is_in_call() && world.clients[callee].is_in_call();
        assert!(
            self.run_until(seconds(10), both),
            "{caller} calls {callee}: {:?}",
            self.stages()
        );
    }

    /// Hangs up, and checks that both sides are out of the call soon.
    #[track_caller]
    pub(crate) fn hang_up_works(&mut self, client: ClientId) {
        self.command(client, Command::HangUp);
        let ends = self.run_until(seconds(2), |world| {
            world.all(|client| client.stage() == Stage::Ended)
        });
        assert!(ends, "after {client} has hung up: {:?}", self.stages());
    }

    /// Hangs up if there is something to hang up, and lets messages arrive.
    pub(crate) fn hang_up_then_quiet(&mut self, client: ClientId) {
        self.command(client, Command::HangUp);
        self.run_for(seconds(2));
    }

    /// Nobody has asked more of somebody else than they may.
    #[track_caller]
    pub(crate) fn expect_no_excess(&self) {
        let within = |client: &Client| {
            let people = client.view().people;
            let dropped = people
                .iter()
                .map(|person| person.offers_dropped + person.messages_dropped);
            dropped.sum::<u32>() == 0
        };
        assert!(self.all(within), "people and browsers stay below the limits");
    }

    #[track_caller]
    pub(crate) fn expect_no_refusals(&self) {
        assert!(self.refusals.is_empty(), "a browser refused: {:?}", self.refusals);
    }
}
