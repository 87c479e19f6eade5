//! What the relay counts, for `/metrics`. No names, no rooms, no addresses: only what happened how often.

use std::sync::atomic::AtomicI64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// A counter for each value of one label.
type Counters = Family<[(&'static str, &'static str); 1], Counter>;

/// Why a request or a message is refused, or a connection that is not a WebSocket yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too many connections in all.
    Connections,
    /// Too many connections of one address.
    ConnectionsOfAddress,
    /// An `Origin` that may not use this relay, or none.
    Origin,
    /// A request that is no HTTP, or whose headers are too long or come too slowly.
    Headers,
    /// No `Host`, or several.
    Host,
    /// A path that is too long.
    Path,
    /// A client that took too little of a file.
    SlowReader,
    /// A message that is none of the protocol, or too long with the sender's name.
    BadMessage,
    /// TURN credentials for an address that asks for many.
    Token,
}

impl Refusal {
    const ALL: [Self; 9] = [
        Self::Connections,
        Self::ConnectionsOfAddress,
        Self::Origin,
        Self::Headers,
        Self::Host,
        Self::Path,
        Self::SlowReader,
        Self::BadMessage,
        Self::Token,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsOfAddress => "connections_per_address",
            Self::Origin => "origin",
            Self::Headers => "headers",
            Self::Host => "host",
            Self::Path => "path",
            Self::SlowReader => "slow_reader",
            Self::BadMessage => "bad_message",
            Self::Token => "token",
        }
    }
}

/// All counters.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    refused: Counters,
    closed: Counters,
    waited: Counter,
    twilio: Counters,
    /// TCP connections at present.
    pub(crate) connections: Gauge<i64, AtomicI64>,
    /// WebSockets at present.
    pub(crate) sockets: Gauge<i64, AtomicI64>,
    /// Rooms at present.
    pub(crate) rooms: Gauge<i64, AtomicI64>,
}

impl Metrics {
    /// All at zero. `endings` are the names of the ways in which a WebSocket can end, and `twilio` those of
    /// what a request to Twilio can lead to.
    pub(crate) fn new(endings: &[&'static str], twilio: &[&'static str]) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("visavis_relay"),
            refused: Counters::default(),
            closed: Counters::default(),
            waited: Counter::default(),
            twilio: Counters::default(),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            rooms: Gauge::default(),
        };
        // A counter that is not there yet can't be told from one that is never there.
        for refusal in Refusal::ALL {
            drop(metrics.refused.get_or_create(&[("reason", refusal.label())]));
        }
        for ending in endings {
            drop(metrics.closed.get_or_create(&[("reason", ending)]));
        }
        for result in twilio {
            drop(metrics.twilio.get_or_create(&[("result", result)]));
        }
        let registry = &mut metrics.registry;
        registry.register("refused", "Refused, by reason", metrics.refused.clone());
        registry.register(
            "closed",
            "WebSockets that ended, by reason",
            metrics.closed.clone(),
        );
        registry.register(
            "waited",
            "Messages that had to wait, because their sender had sent too many",
            metrics.waited.clone(),
        );
        registry.register(
            "twilio",
            "Requests for TURN servers of Twilio, by result",
            metrics.twilio.clone(),
        );
        registry.register("connections", "TCP connections", metrics.connections.clone());
        registry.register("sockets", "WebSockets", metrics.sockets.clone());
        registry.register("rooms", "Rooms", metrics.rooms.clone());
        metrics
    }

    /// Something was refused.
    pub(crate) fn refused(&self, why: Refusal) {
        self.refused.get_or_create(&[("reason", why.label())]).inc();
    }

    /// A WebSocket has ended in this way.
    pub(crate) fn closed(&self, ending: &'static str) {
        self.closed.get_or_create(&[("reason", ending)]).inc();
    }

    /// A message has to wait.
    pub(crate) fn waited(&self) {
        self.waited.inc();
    }

    /// Twilio was asked, with this result.
    pub(crate) fn twilio(&self, result: &'static str) {
        self.twilio.get_or_create(&[("result", result)]).inc();
    }

    /// The text for Prometheus.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes everything");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_there_before_it_happens_and_counts_when_it_does() {
        let metrics = Metrics::new(&["too_slow"], &[]);
        let text = metrics.text();
        for refusal in Refusal::ALL {
            let line = format!("visavis_relay_refused_total{{reason=\"{}\"}} 0", refusal.label());
            assert!(text.contains(&line), "{line}: {text}");
        }
        metrics.refused(Refusal::Origin);
        metrics.closed("too_slow");
        metrics.waited();
        let text = metrics.text();
        for line in [
            "visavis_relay_refused_total{reason=\"origin\"} 1",
            "visavis_relay_closed_total{reason=\"too_slow\"} 1",
            "visavis_relay_waited_total 1",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}
