//! Which STUN and TURN servers a client is told of.

use visavis_protocol::ice::IceServer;
use visavis_protocol::relay::RelayMessage;

/// After how many seconds a client may ask again that got no TURN servers.
const SOON: u32 = 60;

/// The source of ICE servers. Today they are the configured ones; credentials that are minted for each client
/// (coturn's `use-auth-secret`) would be minted in [`IceSource::token`], and nowhere else.
#[derive(Debug, Clone)]
pub struct IceSource {
    servers: Vec<IceServer>,
    ttl_seconds: Option<u32>,
}

impl IceSource {
    /// The same servers for everybody. `ttl_seconds` is for how long clients may keep them; `None`: for good.
    #[must_use]
    pub fn fixed(servers: Vec<IceServer>, ttl_seconds: Option<u32>) -> Self {
        Self { servers, ttl_seconds }
    }

    /// The answer to the request of a client without a seat.
    #[must_use]
    pub fn token_without_seat(&self) -> RelayMessage {
        self.token()
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

    /// The answer to one client's request for ICE servers.
    #[must_use]
    pub fn token(&self) -> RelayMessage {
        RelayMessage::Token {
            ice_servers: self.servers.clone(),
            expires_in: self.ttl_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_what_was_configured() {
        let servers = vec![IceServer {
            urls: vec!["turn:turn.example.org".into()],
            username: Some("user".into()),
            credential: Some("secret".into()),
        }];
        assert_eq!(
            IceSource::fixed(servers.clone(), Some(600)).token(),
            RelayMessage::Token {
                ice_servers: servers,
                expires_in: Some(600)
            }
        );
        assert_eq!(
            IceSource::fixed(Vec::new(), None).token(),
            RelayMessage::Token {
                ice_servers: Vec::new(),
                expires_in: None
            }
        );
    }
}
