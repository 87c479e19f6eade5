//! The route to tabs of the same browser. It is a chunk: with a relay, it is never loaded.

use std::cell::RefCell;
use std::rc::Rc;

use visavis_protocol::relay::ClientMessage;
use wasm_bindgen_futures::spawn_local;

use super::{Connection, Connector, Sink, this_browser};
use crate::browser::page;
use crate::chunk::chunk;

chunk!(
    /// How tabs of one browser meet without any server.
    fn tabs: tabs -> fn(Sink) -> Box<dyn Connection> = this_browser::open
);

/// How long to wait before a chunk that did not come is asked for again.
const RETRY_MS: i32 = 2000;

/// The tabs of this browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisBrowser;

impl Connector for ThisBrowser {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        let connection = Rc::new(RefCell::new(None));
        let opened = Rc::downgrade(&connection);
        spawn_local(async move {
            loop {
                let open = tabs().await;
                // Closed in the meantime, nobody waits for it any more.
                let Some(opened) = opened.upgrade() else { return };
                if let Ok(open) = open {
                    opened.replace(Some(open(sink)));
                    return;
                }
                drop(opened);
                page::sleep(RETRY_MS).await;
            }
        });
        Box::new(Fetched(connection))
    }
}

/// A connection whose code may still be on its way. Nobody sends anything before it is open.
struct Fetched(Rc<RefCell<Option<Box<dyn Connection>>>>);

impl Connection for Fetched {
    fn send(&self, message: ClientMessage) {
        if let Some(connection) = &*self.0.borrow() {
            connection.send(message);
        }
    }
}
