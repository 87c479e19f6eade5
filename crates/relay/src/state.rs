//! What all parts of a running relay share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ipnet::IpNet;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::address::Addresses;
use crate::config::Timing;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::origin::Origins;

/// What every request and every socket shares.
#[derive(Debug)]
pub(crate) struct Relay {
    /// Rooms and connections.
    pub(crate) hub: Arc<Hub>,
    /// How long to wait for what.
    pub(crate) timing: Timing,
    /// How much may be asked.
    pub(crate) limits: Limits,
    /// Whose pages may connect.
    pub(crate) origins: Origins,
    /// Whose `X-Forwarded-For` is believed.
    pub(crate) trusted: Vec<IpNet>,
    /// Where clients come from.
    pub(crate) addresses: Arc<Addresses>,
    /// One permit for each connection that there may be.
    pub(crate) slots: Arc<Semaphore>,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// Whether the log says already that a proxy is not trusted.
    pub(crate) hinted: AtomicBool,
    /// Every task that a shutdown waits for.
    pub(crate) tasks: TaskTracker,
    /// Take nobody new, and come to an end.
    pub(crate) stop: CancellationToken,
    /// End at once.
    pub(crate) abort: CancellationToken,
}
