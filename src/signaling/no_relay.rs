//! What there is to do without a relay: tabs of this browser meet, and it is found out what else answers. It
//! is a chunk: with a relay, it is never loaded.

use std::pin::Pin;
use std::rc::{Rc, Weak};

use gloo_net::http::Request;
use visavis_call::CloseCause;
use visavis_protocol::dialect::ServerKind;

use super::attempt::{Attempt, Doubt};
use super::fetched::Fetched;
use super::servers::identify;
use super::{Connection, Connector, Sink, this_browser};
use crate::browser::page::{self, Scheme};
use crate::chunk::{NotLoaded, chunk};

/// What a relay answers to a request that is no WebSocket (RFC 9110, section 15.5.22).
const UPGRADE_REQUIRED: u16 = 426;

/// What some proxies in front of a relay answer to it.
const BAD_REQUEST: u16 = 400;

/// How long a relay may take to welcome us, once its socket is open.
const WELCOME_MS: i32 = 2000;

/// What there is to do without a relay.
#[derive(Debug, Clone, Copy)]
struct NoRelay {
    /// Tells the attempt why it has failed.
    find_out: fn(Weak<Attempt>, Doubt) -> FoundOut,
    /// Opens the route to other tabs.
    open_tabs: fn(Sink) -> Box<dyn Connection>,
}

/// Once it is found out.
type FoundOut = Pin<Box<dyn Future<Output = ()>>>;

chunk!(
    /// What there is to do without a relay.
    fn no_relay: no_relay -> NoRelay = NoRelay {
        find_out: |attempt, doubt| Box::pin(find_out(attempt, doubt)),
        open_tabs: this_browser::open,
    }
);

/// The tabs of this browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisBrowser;

impl Connector for ThisBrowser {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        Fetched::connection(move || {
            let sink = Rc::clone(&sink);
            Box::pin(async move {
                let NoRelay { open_tabs, .. } = no_relay().await?;
                Ok(Box::new(move || open_tabs(sink)) as _)
            })
        })
    }
}

/// There may be no relay: tells the attempt what there is.
pub(super) async fn doubt(attempt: Weak<Attempt>, doubt: Doubt) {
    if doubt == Doubt::NoWelcome {
        page::sleep(WELCOME_MS).await;
        if !attempt
            .upgrade()
            .is_some_and(|attempt| attempt.is_in_question.get())
        {
            return;
        }
    }
    match no_relay().await {
        Ok(NoRelay { find_out, .. }) => find_out(attempt, doubt).await,
        Err(NotLoaded) => {
            // The owner may have gone meanwhile.
            if let Some(attempt) = attempt.upgrade() {
                attempt.close(CloseCause::Unreachable);
            }
        }
    }
}

async fn find_out(attempt: Weak<Attempt>, doubt: Doubt) {
    let what = |attempt: Rc<Attempt>| (attempt.address.clone(), Rc::clone(&attempt.is_in_question));
    let Some((address, is_in_question)) = attempt.upgrade().map(what) else {
        return;
    };
    let cause = match doubt {
        Doubt::NotOpened => Some(ask(&address).await),
        Doubt::NoWelcome => None,
    };
    let mut kind = None;
    if is_in_question.take() {
        kind = identify(&address)
            .await
            .filter(|kind| *kind != ServerKind::Visavis);
    }
    // The owner may have gone meanwhile.
    if let Some(attempt) = attempt.upgrade()
        && let Some(cause) = kind.map(CloseCause::OtherKind).or(cause)
    {
        attempt.close(cause);
    }
}

/// A plain request tells a relay from a static host.
async fn ask(address: &str) -> CloseCause {
    match Request::get(&page::resolve(address, Scheme::Http)).send().await {
        Ok(response) => match response.status() {
            UPGRADE_REQUIRED | BAD_REQUEST | 500.. => CloseCause::Unreachable,
            _ => CloseCause::NoRelayHere,
        },
        Err(_) => CloseCause::Unreachable,
    }
}
