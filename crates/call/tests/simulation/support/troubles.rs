//! What befalls pages and their networks, and what a test plans for later.

use std::time::Duration;

use visavis_call::{Input, Route, Time, Written};
use visavis_protocol::relay::LeaveReason;

use super::client::{ClientId, ClientOptions};
use super::world::{Event, Faults, Owner, World, ms, seconds};

/// When a relay misses somebody who does not answer its pings.
const MISSED: Duration = seconds(25);

impl World {
    /// Does something later.
    pub(crate) fn later(&mut self, delay: Duration, deed: impl FnOnce(&mut Self) + 'static) {
        self.schedule(delay, Event::Deed(Box::new(deed)));
    }

    /// Cuts or mends the way that media takes between two pages.
    pub(crate) fn set_path(&mut self, one: ClientId, other: ClientId, works: bool) {
        let pair = (Owner::Client(one.min(other)), Owner::Client(one.max(other)));
        self.cut_paths.retain(|cut| *cut != pair);
        if !works {
            self.cut_paths.push(pair);
        }
        self.schedule(ms(0), Event::Ice);
    }

    /// A page gets another address: what it told of the old one is worth nothing any more. It must have
    /// connections.
    #[track_caller]
    pub(crate) fn change_address(&mut self, client: ClientId) {
        let page = &self.clients[client];
        assert!(
            !page.connections.is_empty(),
            "{client} has told nobody an address"
        );
        let generations = page
            .connections
            .values()
            .filter_map(|connection| connection.local.as_ref());
        self.dead_generations
            .extend(generations.map(|local| local.ufrag.clone()));
        self.schedule(ms(0), Event::Ice);
    }

    /// From now on, browsers take longer to say that a connection is silent.
    pub(crate) fn be_patient_with_silence(&mut self, patience: Duration) {
        let pages = self.clients.iter_mut();
        let mut connections = pages.flat_map(|page| page.connections.values_mut()).peekable();
        assert!(connections.peek().is_some(), "nobody is connected");
        connections.for_each(|connection| connection.silence_noticed = patience);
    }

    /// What a page has connected so far breaks, and no ICE restart mends it. It must have connections.
    #[track_caller]
    pub(crate) fn break_connections(&mut self, client: ClientId) {
        let page = &self.clients[client];
        assert!(
            !page.connections.is_empty(),
            "{client} has nothing that could break"
        );
        self.dead_connections
            .extend(page.connections.values().map(|connection| connection.serial));
        self.schedule(ms(0), Event::Ice);
    }

    /// A page is loaded anew. Another one comes in its place, with what the tab has kept: of our own
    /// messages, and of times whole seconds.
    pub(crate) fn reload(&mut self, client: ClientId) -> ClientId {
        let page = &self.clients[client];
        let messages = page.view().chat.messages;
        let ours = messages.iter().filter(|message| message.from.is_none());
        let written = ours.map(|message| Written {
            at: Time(message.at.0 / 1000 * 1000),
            private: message.private,
            place: Some(message.place),
            text: message.text.clone(),
        });
        let options = ClientOptions {
            written: written.collect(),
            ..page.options.clone()
        };
        self.close_page(client, LeaveReason::Left);
        self.join(options)
    }

    /// A page's thread stands still.
    pub(crate) fn freeze(&mut self, client: ClientId) {
        self.clients[client].frozen.get_or_insert_default();
    }

    pub(crate) fn thaw(&mut self, client: ClientId) {
        let waiting = self.clients[client].frozen.take().unwrap_or_default();
        for (socket, input) in waiting {
            self.hear(client, socket, input);
        }
        self.alarm(client);
    }

    /// The browser says that the network may be back.
    pub(crate) fn wake(&mut self, client: ClientId) {
        self.input(client, Input::Woken);
    }

    /// Nothing passes between a page and the relay for a while, and neither is told. What is sent meanwhile
    /// arrives afterwards, if both still have the socket.
    pub(crate) fn black_hole(&mut self, client: ClientId, lasts: Duration) {
        let page = &mut self.clients[client];
        page.hole_until = page.hole_until.max(self.now + lasts);
        if let Some(socket) = *page.socket(Route::Relay)
            && lasts > MISSED
        {
            self.schedule(MISSED, Event::HubLoses(socket.id, LeaveReason::Lost));
            self.schedule(lasts, Event::SocketCloses(socket.id));
        }
    }

    /// All is as it should be from now on, but for what must be noticed yet.
    pub(crate) fn mend_all(&mut self) {
        self.cut_paths.clear();
        self.options.faults = Faults::default();
        self.options.failing_operations = 0..0;
        for client in 0..self.clients.len() {
            self.clients[client].hole_until = self.now;
            self.thaw(client);
        }
        self.schedule(ms(0), Event::Ice);
    }
}
