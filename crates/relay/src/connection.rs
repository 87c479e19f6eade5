//! One WebSocket: from the upgrade to the end, in one task.
//!
//! | event | answer | connection |
//! | --- | --- | --- |
//! | the upgrade | `welcome` | open |
//! | malformed JSON, an unknown type, a wrong field | `error` `bad-message`, the fault in `detail` | open |
//! | a binary message | `error` `bad-message` | open |
//! | a `send` that would be over-long with the sender's name in it | `error` `bad-message` | open |
//! | the 16th of these in a row | | closed 1008 |
//! | a message above 64 KiB, in one frame or in many | `error` `bad-message` | closed 1009 |
//! | a text message that is not UTF-8 | `error` `bad-message` | closed 1007 |
//! | any other breach of RFC 6455 | | closed 1002 |
//! | no text message within 15 s of the upgrade | | closed 1008 |
//! | nothing at all for 25 s; the relay pings every 10 s | | closed 1008 |
//! | more messages, bytes, or bytes under way to others than one connection may send | it is not read for a while | open |
//! | 4,000 messages had to wait for that, without a pause | `error` `busy` | closed 1008 |
//! | more `join`s, `token`s, `name`s or commands of a host than one connection may send | `error` `busy` | closed 1008 |
//! | 128 KiB of the relay's own messages wait for the client | `error` `too-slow` | closed 1008 |
//! | a message is not taken within 1 s, or has waited for 5 s; and 1 s more for each 32 KiB | `error` `too-slow` | closed 1008 |
//! | the same secret joins the same room elsewhere, or is the `replaces` of a `join` there | `error` `replaced` | closed 1008 |
//! | the host of the room refuses this person, now or before | `error` `refused` | closed 1008 |
//! | the host of the room removes this person, now or before | `error` `removed` | closed 1008 |
//! | too many wait in the room's lobby, or there are too many rooms | `error` `busy` | closed 1008 |
//! | the relay stops | | closed 1012 |
//! | a close frame, whatever its code | a close frame | closed |
//!
//! The others in the room get `left` with the reason `left` after a close frame of the client (or a `leave`),
//! and when a newer page took the place, and when the host removed them; nothing but `ready` when a newer
//! connection of the same person did; nothing when the relay stops; and `away` after anything else, with the
//! seat kept for 30 s, and then `left` with the reason `lost`. They get it at once: the closing handshake,
//! for which a client has 1 s, comes after. [`Ending`] is this table in code.
//!
//! With each ping of the WebSocket goes the message `ping`, for pages to see.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tracing::{debug, info, trace};
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, ErrorCode, PeerText, RelayMessage};

use crate::address::Visit;
use crate::budget::Budget;
use crate::config::Timing;
use crate::ending::Ending;
use crate::hub::Registration;
use crate::metrics::{Metrics, Refusal};
use crate::outbox::{Credit, Queued};
use crate::state::Relay;

/// How many messages in a row may be bad.
const BAD_MESSAGES: u32 = 16;

/// The longest `detail` of an error, in characters. A fault may quote what the client sent, which may be
/// long.
const DETAIL: usize = 200;

/// How long a client may take for this many bytes: anybody whose network can carry a call is faster.
fn time_for(bytes: usize) -> Duration {
    const LEAST_PER_SECOND: usize = 32 * 1024;
    Duration::from_millis((bytes * 1000 / LEAST_PER_SECOND) as u64)
}

/// Sets the limits of a socket. The defaults would hold 128 KiB for each idle connection, and take 64 MiB.
pub(crate) fn limited<F>(upgrade: WebSocketUpgrade<F>) -> WebSocketUpgrade<F> {
    upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(8 * 1024)
        // Nothing is gained by collecting small messages: each is flushed.
        .write_buffer_size(0)
        // One message under way, and one to say goodbye.
        .max_write_buffer_size(2 * MAX_MESSAGE_BYTES + 1024)
}

/// Serves a client until its end.
pub(crate) async fn serve(socket: WebSocket, relay: &Relay, visit: Arc<Visit>) {
    let registration = relay.hub.register(visit);
    let connection = registration.id.0;
    info!(connection, "opened");
    relay.metrics.sockets.inc();
    let mut client = Client {
        socket,
        registration,
        timing: relay.timing,
        metrics: &relay.metrics,
        budget: Budget::new(&relay.limits, Instant::now()),
        credit: Credit::new(relay.limits.queue_bytes),
        held: Held::Nothing,
        bad: 0,
    };
    let ending = client.run().await;
    client.registration.hang_up(ending.leave_reason());
    client.say_goodbye(ending).await;
    relay.metrics.sockets.dec();
    relay.metrics.closed(ending.label());
    info!(connection, reason = %ending, "closed");
}

struct Client<'a> {
    socket: WebSocket,
    registration: Registration<'a>,
    timing: Timing,
    metrics: &'a Metrics,
    budget: Budget,
    credit: Credit,
    held: Held,
    /// How many bad messages came since the last good one.
    bad: u32,
}

/// What was read, and must wait. Nothing else is read meanwhile, so the client has to wait as well.
enum Held {
    Nothing,
    /// The client has sent too much lately.
    Until(Instant, Message),
    /// A `send` with a text of this length: as much of this client's is under way to others as may be.
    ForCredit(ClientMessage, usize),
}

impl Held {
    /// Waits until what is held may go on; for ever if nothing is.
    async fn may_go_on(&self, credit: &Credit) -> Option<OwnedSemaphorePermit> {
        match self {
            Self::Nothing => pending().await,
            Self::Until(due, _) => {
                sleep_until(*due).await;
                None
            }
            Self::ForCredit(_, bytes) => Some(credit.get(*bytes).await),
        }
    }
}

impl Client<'_> {
    async fn run(&mut self) -> Ending {
        let opened = Instant::now();
        let mut heard = opened;
        let mut spoke = false;
        let mut ping = interval_at(opened + self.timing.ping_every, self.timing.ping_every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let reads = matches!(self.held, Held::Nothing);
            // Writing comes before reading: a client that doesn't take its answers can't ask for more.
            // Reading comes before the deadlines: what has arrived is in time.
            let step = tokio::select! {
                biased;
                Ok(ending) = &mut self.registration.end => Err(ending),
                queued = self.registration.queue.next() => self.write_queued(queued).await,
                credit = self.held.may_go_on(&self.credit) => {
                    // It could say nothing, because nobody listened.
                    heard = Instant::now();
                    self.go_on(credit)
                }
                received = self.socket.recv(), if reads => {
                    heard = Instant::now();
                    match received {
                        None => Err(Ending::Gone),
                        Some(Err(error)) => Err(Ending::of(error)),
                        Some(Ok(message)) => {
                            spoke |= matches!(message, Message::Text(_));
                            self.arrived(message)
                        }
                    }
                }
                _ = ping.tick() => self.ping().await,
                () = sleep_until(heard + self.timing.lost_after), if reads => Err(Ending::Silent),
                () = sleep_until(opened + self.timing.first_message), if !spoke => Err(Ending::NoFirstMessage),
            };
            if let Err(ending) = step {
                return ending;
            }
        }
    }

    async fn write_queued(&mut self, queued: Queued) -> Result<(), Ending> {
        if queued.since.elapsed() > self.timing.queued + time_for(queued.behind) {
            return Err(Ending::TooSlow);
        }
        // What is queued holds its sender's credit until it is written.
        self.write(text(&queued.message)).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Ending> {
        let patience = self.timing.write_deadline + time_for(length(&message));
        match timeout(patience, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ending::Gone),
            Err(_) => Err(Ending::TooSlow),
        }
    }

    /// Asks whether the client is there, and tells it that the relay is.
    async fn ping(&mut self) -> Result<(), Ending> {
        self.write(Message::Ping(Default::default())).await?;
        self.write(text(&RelayMessage::Ping)).await
    }

    /// Reads a message, at once or when its time comes.
    fn arrived(&mut self, message: Message) -> Result<(), Ending> {
        let now = Instant::now();
        let wait = self.budget.arrived(length(&message), now);
        let wait = wait.map_err(Ending::TooMuch)?;
        if wait.is_zero() {
            return self.read(message);
        }
        self.metrics.waited();
        self.held = Held::Until(now + wait, message);
        Ok(())
    }

    /// The time of what is held has come.
    fn go_on(&mut self, credit: Option<OwnedSemaphorePermit>) -> Result<(), Ending> {
        match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Nothing => Ok(()),
            Held::Until(_, message) => self.read(message),
            Held::ForCredit(message, _) => {
                self.registration.receive(message, credit);
                Ok(())
            }
        }
    }

    fn read(&mut self, message: Message) -> Result<(), Ending> {
        match message {
            Message::Text(text) => match decode(&text) {
                Ok(message) => {
                    trace!(
                        connection = self.registration.id.0,
                        kind = kind(&message),
                        bytes = text.len(),
                        "received"
                    );
                    self.bad = 0;
                    self.obey(message)
                }
                Err(detail) => self.refuse(&detail),
            },
            Message::Binary(_) => self.refuse("a message must be text, this one is binary"),
            Message::Close(frame) => Err(Ending::at_close(frame.map(|frame| frame.code))),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    fn obey(&mut self, message: ClientMessage) -> Result<(), Ending> {
        let paid = self
            .budget
            .spend(&message, &self.registration.visit, Instant::now());
        paid.map_err(Ending::TooMuch)?;
        if let ClientMessage::Send { message: text, .. } = &message {
            let bytes = text.0.len();
            self.held = Held::ForCredit(message, bytes);
        } else {
            self.registration.receive(message, None);
        }
        Ok(())
    }

    fn refuse(&mut self, detail: &str) -> Result<(), Ending> {
        self.bad += 1;
        // Not the detail, which may quote the client.
        debug!(
            connection = self.registration.id.0,
            in_a_row = self.bad,
            "bad message"
        );
        self.metrics.refused(Refusal::BadMessage);
        let detail = detail.chars().take(DETAIL).collect();
        self.registration.tell(RelayMessage::Error {
            code: ErrorCode::BadMessage,
            detail,
        });
        if self.bad < BAD_MESSAGES {
            Ok(())
        } else {
            Err(Ending::BadMessages)
        }
    }

    /// Sends the last messages, and leaves the client some time to read them.
    async fn say_goodbye(&mut self, ending: Ending) {
        if !ending.empties_queue() {
            // The senders wait for nothing any more.
            self.registration.queue.clear();
        }
        // Not hearing them in time changes nothing.
        let _ = timeout(self.timing.goodbye, async {
            if ending.empties_queue() {
                while let Some(queued) = self.registration.queue.try_next() {
                    self.socket.send(text(&queued.message)).await?;
                }
            }
            if let Some(message) = ending.last_message() {
                self.socket.send(text(&message)).await?;
            }
            if let Some(code) = ending.close_code() {
                let reason = ending.to_string().into();
                self.socket
                    .send(Message::Close(Some(CloseFrame { code, reason })))
                    .await?;
            }
            if ending.is_readable() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            } else if ending.close_code().is_some() {
                // Closing with something unread resets the connection, and the reset may overtake the
                // messages.
                pending::<()>().await;
            }
            Ok::<(), axum::Error>(())
        })
        .await;
    }
}

fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}

fn text(message: &RelayMessage) -> Message {
    Message::text(native::encode_relay(message))
}

/// Reads a message; the error is a description of the fault.
fn decode(text: &str) -> Result<ClientMessage, String> {
    let message = native::decode_client(text).map_err(|error| error.to_string())?;
    if let ClientMessage::Send { to, message } = &message
        && let Some(excess) = excess(to, message)
    {
        return Err(format!(
            "with the sender's name in it, this message is {excess} bytes over the {MAX_MESSAGE_BYTES} that it may have"
        ));
    }
    Ok(message)
}

/// By how much a message would be too long for its receiver. What the relay passes on differs a little in
/// length from what it gets, and clients refuse what is over-long.
fn excess(to: &PeerId, message: &PeerText) -> Option<usize> {
    // Quoting at most doubles a text, except for control characters, which take six times their length.
    if message.0.len() < MAX_MESSAGE_BYTES / 8 {
        return None;
    }
    // The relay's names are all of one length, so the receiver's can stand for the sender's.
    let passed_on = RelayMessage::Message {
        from: to.clone(),
        message: message.clone(),
    };
    native::encode_relay(&passed_on)
        .len()
        .checked_sub(MAX_MESSAGE_BYTES)
        .filter(|excess| *excess > 0)
}

fn kind(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Join { .. } => "join",
        ClientMessage::Name { .. } => "name",
        ClientMessage::Leave => "leave",
        ClientMessage::Token => "token",
        ClientMessage::Send { .. } => "send",
        ClientMessage::Door { .. } => "door",
        ClientMessage::Admit { .. } => "admit",
        ClientMessage::Refuse { .. } => "refuse",
        ClientMessage::Remove { .. } => "remove",
        ClientMessage::Host { .. } => "host",
    }
}
