//! People who send more than anybody takes, and people who take nothing (rows 33 and 51 of the fault matrix).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::SinkExt as _;
use tokio_tungstenite::tungstenite::Message;
use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, ErrorCode, PeerText, RelayMessage};
use visavis_relay::Config;
use visavis_relay::config::Timing;
use visavis_relay::limits::{Limits, Rate};

use crate::client::{Client, PATIENCE, Pair, relay, relay_with};

/// Nothing comes back while a test runs.
pub(crate) const fn once(burst: u32) -> Rate {
    Rate { burst, per_minute: 1 }
}

pub(crate) fn limited(limits: Limits) -> Config {
    Config {
        limits,
        ..Config::default()
    }
}

fn to(peer: &PeerId, text: &str) -> Message {
    Message::text(native::encode_client(&ClientMessage::Send {
        to: peer.clone(),
        message: PeerText(text.into()),
    }))
}

impl Client {
    /// Sends many messages in one go.
    pub(crate) async fn send_at_once(&mut self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            self.socket.feed(message).await.unwrap();
        }
        self.socket.flush().await.unwrap();
    }
}

/// How many messages each flood of small ones has: more than wait for a receiver of the relay's own.
const BURST: usize = 1_500;

fn burst(to_whom: PeerId) -> impl Iterator<Item = Message> {
    let padding = "x".repeat(1_000);
    (0..BURST).map(move |number| to(&to_whom, &format!("{number} {padding}")))
}

/// The number at the beginning of a message.
fn number(message: &PeerText) -> usize {
    message.0.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_burst_of_small_messages_evicts_nobody() {
    let row = visavis_rows::row(51, "one sender");
    let relay = relay(2).await;
    let (mut sender, sender_id) = Client::seated(relay.address, "room", "sender").await;
    let mut receiver = Client::connect_narrow(relay.address).await;
    receiver.join("room", "receiver").await;
    let receiver_id = receiver.joined().await;
    receiver.ready(&sender_id).await;
    let hear = async {
        for due in 0..BURST {
            match receiver.hear().await {
                RelayMessage::Message { from, message } => {
                    assert_eq!((from, number(&message)), (sender_id.clone(), due));
                }
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::join!(sender.send_at_once(burst(receiver_id)), hear);
    receiver.nothing_came().await;
    row.passed();
}

#[tokio::test]
async fn bursts_of_all_others_evict_nobody() {
    let row = visavis_rows::row(51, "all senders");
    let relay = relay(8).await;
    let mut victim = Client::connect_narrow(relay.address).await;
    victim.join("room", "victim").await;
    let victim_id = victim.joined().await;
    let mut due = HashMap::new();
    let mut senders = Vec::new();
    for number in 0..7 {
        let (mut sender, id) = Client::seated(relay.address, "room", &format!("sender-{number}")).await;
        let burst = burst(victim_id.clone());
        due.insert(id, 0);
        senders.push(tokio::spawn(async move {
            sender.send_at_once(burst).await;
            // It stays until all is heard.
            sender
        }));
    }
    let all = 7 * BURST;
    while due.values().sum::<usize>() < all {
        match victim.hear().await {
            RelayMessage::Message { from, message } => {
                let next = due.get_mut(&from).unwrap();
                assert_eq!(number(&message), *next, "each sender's are in order");
                *next += 1;
            }
            RelayMessage::Ready { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    victim.nothing_came().await;
    for sender in senders {
        sender.await.unwrap();
    }
    row.passed();
}

/// A relay with a room for four, and limits that hold nobody back for sending much.
async fn roomy(timing: Timing) -> visavis_relay::Running {
    relay_with(Config {
        room_capacity: 4,
        timing,
        ..limited(Limits {
            messages: once(1_000_000),
            bytes: once(u32::MAX),
            ..Limits::default()
        })
    })
    .await
}

/// Two people, one that reads nothing, and one that sends it as much as it can.
struct Flood {
    pair: Pair,
    slow: Client,
    slow_id: PeerId,
    flooder_id: PeerId,
    sent: Arc<AtomicUsize>,
    flooder: tokio::task::JoinHandle<Client>,
}

const FLOOD: usize = 1_000;
const LONG: usize = 60 * 1024;

impl Flood {
    async fn begin(relay: &visavis_relay::Running) -> Self {
        let mut pair = Pair::meet(relay.address, "room").await;
        let mut slow = Client::connect_narrow(relay.address).await;
        slow.join("room", "slow").await;
        let slow_id = slow.joined().await;
        let (mut flooder, flooder_id) = Client::seated(relay.address, "room", "flooder").await;
        for person in [&mut pair.a.0, &mut pair.b.0] {
            person.ready(&slow_id).await;
            person.ready(&flooder_id).await;
        }
        let sent = Arc::new(AtomicUsize::new(0));
        let (counter, to_slow) = (sent.clone(), to(&slow_id, &"x".repeat(LONG)));
        let flooder = tokio::spawn(async move {
            for _ in 0..FLOOD {
                if flooder.socket.send(to_slow.clone()).await.is_err() {
                    break;
                }
                counter.fetch_add(1, Ordering::Relaxed);
            }
            flooder
        });
        Self {
            pair,
            slow,
            slow_id,
            flooder_id,
            sent,
            flooder,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_to_somebody_who_reads_nothing_waits_and_the_others_go_on() {
    let row = visavis_rows::row(33, "bounded");
    let patient = Timing {
        write_deadline: PATIENCE * 6,
        queued: PATIENCE * 6,
        stalled: PATIENCE * 6,
        ..Timing::default()
    };
    let relay = roomy(patient).await;
    let mut flood = Flood::begin(&relay).await;
    // Others talk, and after a while the flooder gets no further.
    let mut stuck_for = 0;
    let mut before = 0;
    while stuck_for < 100 {
        flood.pair.talk().await;
        let sent = flood.sent.load(Ordering::Relaxed);
        stuck_for = if sent == before { stuck_for + 1 } else { 0 };
        before = sent;
    }
    assert!(
        before < FLOOD,
        "all was taken: the relay holds {} MB",
        FLOOD * LONG / 1_000_000
    );
    let row = row.note(format!("{} kB were under way", before * LONG / 1000));
    // Nothing is lost, and nobody evicted, once it is read.
    for _ in 0..FLOOD {
        loop {
            match flood.slow.hear().await {
                RelayMessage::Message { from, message } => {
                    assert_eq!((from, message.0.len()), (flood.flooder_id.clone(), LONG));
                    break;
                }
                RelayMessage::Ready { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(flood.sent.load(Ordering::Relaxed), FLOOD);
    flood.pair.talk().await;
    row.passed();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_is_evicted_and_its_senders_go_on() {
    let row = visavis_rows::row(33, "evicted");
    let relay = roomy(Timing {
        write_deadline: Duration::from_millis(200),
        ..Timing::default()
    })
    .await;
    let mut flood = Flood::begin(&relay).await;
    flood.pair.a.0.away(&flood.slow_id).await;
    flood.pair.b.0.away(&flood.slow_id).await;
    flood.pair.talk().await;
    // What is sent to somebody who is away reaches nobody, and holds nothing.
    let mut flooder = flood.flooder.await.unwrap();
    flooder.say(&flood.pair.a.1, "at last").await;
    flood.pair.a.0.message(&flood.flooder_id, "at last").await;
    // When it reads again in time, it learns why.
    loop {
        match flood.slow.next().await {
            Ok(RelayMessage::Error { code, .. }) => {
                assert_eq!(code, ErrorCode::TooSlow);
                flood.slow.closed(1008).await;
                break;
            }
            Ok(_) => {}
            // What was being written had no end.
            Err(code) => {
                assert_eq!(code, 1006);
                break;
            }
        }
    }
    row.passed();
}
