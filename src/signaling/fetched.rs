//! Connections whose code is a chunk.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use visavis_protocol::relay::ClientMessage;
use wasm_bindgen_futures::spawn_local;

use super::Connection;
use crate::browser::page;
use crate::chunk::NotLoaded;

/// How long to wait before a chunk that did not come is asked for again.
const RETRY_MS: i32 = 2000;

/// A connection whose code may still be on its way. Nobody sends anything before it is open.
pub(super) struct Fetched(Rc<RefCell<Option<Box<dyn Connection>>>>);

/// Opens it.
pub(super) type Open = Box<dyn FnOnce() -> Box<dyn Connection>>;

/// The code, fetched.
pub(super) type Fetch = Pin<Box<dyn Future<Output = Result<Open, NotLoaded>>>>;

impl Fetched {
    /// Opened once its code is there, unless nobody wants it any more.
    pub(super) fn connection(fetch: impl Fn() -> Fetch + 'static) -> Box<dyn Connection> {
        let connection = Rc::new(RefCell::new(None));
        spawn_local(open(Box::new(fetch), Rc::downgrade(&connection)));
        Box::new(Self(connection))
    }
}

async fn open(fetch: Box<dyn Fn() -> Fetch>, opened: Weak<RefCell<Option<Box<dyn Connection>>>>) {
    loop {
        let open = fetch().await;
        // Closed in the meantime, nobody waits for it any more.
        let Some(opened) = opened.upgrade() else { return };
        if let Ok(open) = open {
            opened.replace(Some(open()));
            return;
        }
        drop(opened);
        page::sleep(RETRY_MS).await;
    }
}

impl Connection for Fetched {
    fn send(&self, message: ClientMessage) {
        if let Some(connection) = &*self.0.borrow() {
            connection.send(message);
        }
    }

    fn abandon(self: Box<Self>) {
        if let Some(connection) = self.0.take() {
            connection.abandon();
        }
    }
}
