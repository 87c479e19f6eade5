//! Which STUN and TURN servers a client is told of, and with which credentials.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha1::Sha1;
use tokio::time::Instant;
use visavis_protocol::ice::IceServer;
use visavis_protocol::relay::RelayMessage;

use crate::twilio::Kept;

/// For how many seconds minted credentials are good, unless a setting says otherwise: longer than a call.
pub(crate) const LIFETIME: u32 = 12 * 3600;

/// For how many seconds those are good that a client without a seat gets: the check needs less, and whoever
/// takes a seat asks again.
const LIFETIME_WITHOUT_SEAT: u32 = 120;

/// After how many seconds a client may ask again that got no TURN servers.
const SOON: u32 = 60;

/// The secret that the relay shares with a TURN server (coturn's `static-auth-secret`).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct TurnSecret(String);

impl TurnSecret {
    /// Anything but an empty text.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The credential for a username that says when it expires
    /// (<https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00>, section 2.2).
    fn credential(&self, username: &str) -> String {
        let mac = Hmac::<Sha1>::new_from_slice(self.0.as_bytes()).expect("keys have any length");
        let tag = mac.chain_update(username).finalize().into_bytes();
        BASE64_STANDARD.encode(tag)
    }
}

impl fmt::Debug for TurnSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnSecret")
    }
}

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// A number of the connection, which a TURN server can count by.
    pub connection: u64,
    /// Seconds since 1970.
    pub now: u64,
    /// Whether the client has a seat.
    pub seated: bool,
}

/// The source of ICE servers.
#[derive(Debug, Clone)]
pub struct IceSource {
    servers: Vec<IceServer>,
    ttl_seconds: Option<u32>,
    secret: Option<TurnSecret>,
    twilio: Option<Arc<Kept>>,
}

impl IceSource {
    /// These servers for everybody. `ttl_seconds` is for how long clients may keep them; `None`: for good.
    /// With a secret, TURN servers without a username get credentials that are minted for each client.
    #[must_use]
    pub fn new(servers: Vec<IceServer>, ttl_seconds: Option<u32>, secret: Option<TurnSecret>) -> Self {
        Self {
            servers,
            ttl_seconds,
            secret,
            twilio: None,
        }
    }

    /// These, and the servers that Twilio gives.
    #[must_use]
    pub(crate) fn with_twilio(self, kept: Arc<Kept>) -> Self {
        Self {
            twilio: Some(kept),
            ..self
        }
    }

    /// The answer to one client's request for ICE servers.
    #[must_use]
    pub fn token(&self, request: Request) -> RelayMessage {
        let (mut ice_servers, mut expires_in) = self.configured(request);
        if let Some(twilio) = &self.twilio {
            let others = twilio.get(Instant::now());
            // Without them, clients do with what there is, and ask again soon.
            let (others, seconds) = others.unwrap_or((Vec::new(), SOON));
            ice_servers.extend(others);
            expires_in = Some(expires_in.map_or(seconds, |own| own.min(seconds)));
        }
        RelayMessage::Token {
            ice_servers,
            expires_in,
        }
    }

    /// The servers of the configuration, and for how many seconds they are good.
    pub(crate) fn configured(&self, request: Request) -> (Vec<IceServer>, Option<u32>) {
        let Some(secret) = &self.secret else {
            return (self.servers.clone(), self.ttl_seconds);
        };
        let lifetime = self.ttl_seconds.unwrap_or(LIFETIME);
        let lifetime = if request.seated {
            lifetime
        } else {
            lifetime.min(LIFETIME_WITHOUT_SEAT)
        };
        let username = format!("{}:{}", request.now + u64::from(lifetime), request.connection);
        let credential = secret.credential(&username);
        let ice_servers = self.servers.iter().cloned().map(|mut server| {
            if server.is_turn() && server.username.is_none() {
                server.username = Some(username.clone());
                server.credential = Some(credential.clone());
            }
            server
        });
        (ice_servers.collect(), Some(lifetime))
    }

    /// The answer to a client that must do without TURN for now, and may ask again soon.
    #[must_use]
    pub fn token_without_turn(&self) -> RelayMessage {
        let servers = self.servers.iter().filter(|server| !server.is_turn());
        RelayMessage::Token {
            ice_servers: servers.cloned().collect(),
            expires_in: Some(SOON),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEATED: Request = Request {
        connection: 7,
        now: 1_000_000,
        seated: true,
    };

    fn turn(username: Option<&str>) -> IceServer {
        IceServer {
            urls: vec!["turn:turn.example.org".into()],
            username: username.map(Into::into),
            credential: username.map(|_| "secret".into()),
        }
    }

    fn stun() -> IceServer {
        IceServer {
            urls: vec!["stun:stun.example.org".into()],
            username: None,
            credential: None,
        }
    }

    fn answer(source: &IceSource, request: Request) -> (Vec<IceServer>, Option<u32>) {
        match source.token(request) {
            RelayMessage::Token {
                ice_servers,
                expires_in,
            } => (ice_servers, expires_in),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_token_holds_what_was_configured() {
        let servers = vec![turn(Some("user"))];
        let source = IceSource::new(servers.clone(), Some(600), None);
        assert_eq!(answer(&source, SEATED), (servers, Some(600)));
        let source = IceSource::new(Vec::new(), None, None);
        assert_eq!(answer(&source, SEATED), (Vec::new(), None));
    }

    #[test]
    fn a_credential_is_that_of_the_standard() {
        // RFC 2202, section 3, test case 2, in Base64.
        let credential = TurnSecret::new("Jefe").credential("what do ya want for nothing?");
        assert_eq!(credential, "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn minted_credentials_say_when_they_expire_and_soon_do_without_a_seat() {
        let secret = TurnSecret::new("shared");
        let servers = vec![stun(), turn(None), turn(Some("user"))];
        let source = IceSource::new(servers, Some(600), Some(secret.clone()));
        for (request, lifetime, username) in [
            (SEATED, 600, "1000600:7"),
            (
                Request {
                    seated: false,
                    ..SEATED
                },
                120,
                "1000120:7",
            ),
        ] {
            let (servers, expires_in) = answer(&source, request);
            assert_eq!(expires_in, Some(lifetime));
            assert_eq!(servers[0], stun());
            assert_eq!(servers[1].username.as_deref(), Some(username));
            assert_eq!(servers[1].credential, Some(secret.credential(username)));
            assert_eq!(servers[2], turn(Some("user")), "static ones stay");
        }
        let source = IceSource::new(vec![turn(None)], None, Some(secret));
        assert_eq!(answer(&source, SEATED).1, Some(LIFETIME));
    }

    #[test]
    fn without_turn_only_stun_is_left_and_may_be_asked_for_again_soon() {
        let source = IceSource::new(vec![stun(), turn(Some("user"))], None, None);
        assert_eq!(
            source.token_without_turn(),
            RelayMessage::Token {
                ice_servers: vec![stun()],
                expires_in: Some(SOON),
            }
        );
    }

    #[test]
    fn a_secret_reaches_no_log() {
        let source = IceSource::new(Vec::new(), None, Some(TurnSecret::new("hunter2")));
        assert!(!format!("{source:?}").contains("hunter2"));
    }
}
