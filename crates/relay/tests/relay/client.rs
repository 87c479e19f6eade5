//! A client for tests, and relays for it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use visavis_protocol::dialect::native;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, LeaveReason, PeerText, RelayMessage};
use visavis_relay::{Config, Running};

/// Longer than anything takes that works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a browser says that shows the relay's own site.
const OWN_ORIGIN: (&str, &str) = ("origin", "http://relay.test");

pub(crate) async fn relay(room_capacity: usize) -> Running {
    relay_with(Config {
        room_capacity,
        ..Config::default()
    })
    .await
}

pub(crate) async fn relay_with(config: Config) -> Running {
    visavis_relay::start(Config { port: 0, ..config }).await.unwrap()
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(relay: SocketAddr) -> Self {
        Self::upgrade(TcpStream::connect(relay).await.unwrap()).await
    }

    /// A client whose system takes little in advance.
    pub(crate) async fn connect_narrow(relay: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::upgrade(socket.connect(relay).await.unwrap()).await
    }

    async fn upgrade(stream: TcpStream) -> Self {
        Self::upgrade_with(stream, &[OWN_ORIGIN]).await.unwrap()
    }

    /// A client that comes through a proxy which says that it has this address.
    pub(crate) async fn connect_from(relay: SocketAddr, address: &str) -> Result<Self, u16> {
        let stream = TcpStream::connect(relay).await.unwrap();
        Self::upgrade_with(stream, &[OWN_ORIGIN, ("x-forwarded-for", address)]).await
    }

    /// A client whose request has these headers; or the status with which it is refused.
    pub(crate) async fn upgrade_with(
        stream: TcpStream,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let mut request = "ws://relay.test/signal".into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => {
                let mut client = Self { socket };
                // Before it is asked anything.
                assert_eq!(client.hear().await, RelayMessage::Welcome);
                Ok(client)
            }
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects, and gets a seat.
    pub(crate) async fn seated(relay: SocketAddr, room: &str, secret: &str) -> (Self, PeerId) {
        let mut client = Self::connect(relay).await;
        client.join(room, secret).await;
        let you = client.joined().await;
        (client, you)
    }

    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        self.send_text(&native::encode_client(message)).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send_raw(Message::text(text)).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        timeout(PATIENCE, self.socket.send(message))
            .await
            .expect("the relay reads")
            .unwrap();
    }

    pub(crate) async fn join(&mut self, room: &str, secret: &str) {
        self.join_as(room, secret, "").await;
    }

    pub(crate) async fn join_as(&mut self, room: &str, secret: &str, name: &str) {
        self.send(&ClientMessage::Join {
            room: RoomId::new(room).unwrap(),
            secret: SeatSecret::new(secret).unwrap(),
            replaces: None,
            name: GivenName::new(name),
        })
        .await;
    }

    pub(crate) async fn join_replacing(&mut self, room: &str, secret: &str, replaces: &str) {
        self.send(&ClientMessage::Join {
            room: RoomId::new(room).unwrap(),
            secret: SeatSecret::new(secret).unwrap(),
            replaces: Some(SeatSecret::new(replaces).unwrap()),
            name: GivenName::default(),
        })
        .await;
    }

    pub(crate) async fn say(&mut self, to: &PeerId, text: &str) {
        self.send(&ClientMessage::Send {
            to: to.clone(),
            message: PeerText(text.into()),
        })
        .await;
    }

    /// The next message that is no ping, or `Err` with the close code; 1006 is a socket that broke.
    pub(crate) async fn next(&mut self) -> Result<RelayMessage, u16> {
        // Around the loop: pings keep coming, and are no answer.
        timeout(PATIENCE, async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let message = native::decode_relay(&text).unwrap();
                        if message != RelayMessage::Ping {
                            return Ok(message);
                        }
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return Err(frame.map_or(1005, |frame| frame.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(1006),
                }
            }
        })
        .await
        .expect("the relay says something")
    }

    pub(crate) async fn hear(&mut self) -> RelayMessage {
        self.next().await.expect("a message, no close")
    }

    /// Hears of a seat, and right behind that how things stand in the room.
    pub(crate) async fn joined(&mut self) -> PeerId {
        let you = match self.hear().await {
            RelayMessage::Joined { you, .. } => you,
            other => panic!("expected joined, got {other:?}"),
        };
        match self.hear().await {
            RelayMessage::Room { .. } => you,
            other => panic!("expected room, got {other:?}"),
        }
    }

    /// Hears that there is no seat at present, and why.
    pub(crate) async fn waits(&mut self, capacity: u32, door: AccessPolicy) {
        assert_eq!(self.hear().await, RelayMessage::Full { capacity, door });
    }

    pub(crate) async fn room(&mut self, host: &PeerId, door: AccessPolicy) {
        let host = host.clone();
        assert_eq!(self.hear().await, RelayMessage::Room { host, door });
    }

    /// Hears somebody knock who calls themselves this; returns who it is.
    pub(crate) async fn knock(&mut self, expected: &str) -> PeerId {
        match self.hear().await {
            RelayMessage::Knock { peer, name } if name.as_str() == expected => peer,
            other => panic!("expected {expected} to knock, got {other:?}"),
        }
    }

    pub(crate) async fn knock_over(&mut self, peer: &PeerId) {
        assert_eq!(self.hear().await, RelayMessage::KnockOver { peer: peer.clone() });
    }

    pub(crate) async fn ready(&mut self, peer: &PeerId) {
        assert_eq!(self.hear().await, RelayMessage::Ready { peer: peer.clone() });
    }

    pub(crate) async fn away(&mut self, peer: &PeerId) {
        assert_eq!(self.hear().await, RelayMessage::Away { peer: peer.clone() });
    }

    pub(crate) async fn left(&mut self, peer: &PeerId, reason: LeaveReason) {
        assert_eq!(
            self.hear().await,
            RelayMessage::Left {
                peer: peer.clone(),
                reason
            }
        );
    }

    pub(crate) async fn message(&mut self, from: &PeerId, text: &str) {
        let message = PeerText(text.into());
        assert_eq!(
            self.hear().await,
            RelayMessage::Message {
                from: from.clone(),
                message
            }
        );
    }

    /// The next message is this error; returns the fault in words.
    pub(crate) async fn error(&mut self, expected: ErrorCode) -> String {
        match self.hear().await {
            RelayMessage::Error { code, detail } if code == expected => detail,
            other => panic!("expected {expected:?}, got {other:?}"),
        }
    }

    /// The next thing is a close frame with this code.
    pub(crate) async fn closed(&mut self, code: u16) {
        assert_eq!(self.next().await, Err(code));
    }

    /// Nothing has come: the answer to a question asked now is the next message.
    pub(crate) async fn nothing_came(&mut self) {
        self.send(&ClientMessage::Token).await;
        assert!(matches!(self.hear().await, RelayMessage::Token { .. }));
    }
}

/// Two people in a room of their own, who notice nothing of what others do.
pub(crate) struct Pair {
    pub(crate) a: (Client, PeerId),
    pub(crate) b: (Client, PeerId),
}

impl Pair {
    pub(crate) async fn meet(relay: SocketAddr, room: &str) -> Self {
        let mut a = Client::seated(relay, room, &format!("{room}-a")).await;
        let mut b = Client::seated(relay, room, &format!("{room}-b")).await;
        a.0.ready(&b.1).await;
        b.0.ready(&a.1).await;
        Self { a, b }
    }

    pub(crate) async fn talk(&mut self) {
        self.a.0.say(&self.b.1, "hello").await;
        self.b.0.message(&self.a.1, "hello").await;
        self.b.0.say(&self.a.1, "hello yourself").await;
        self.a.0.message(&self.b.1, "hello yourself").await;
    }
}
