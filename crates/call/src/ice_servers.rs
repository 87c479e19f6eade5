//! The ICE servers that connections are made with: those of the site's config.json, and those that the relay's
//! token adds.

use std::time::Duration;

use visavis_protocol::ice::IceServer;

use crate::timer::Time;

/// How long a call waits for the relay's token before it goes on without.
pub(crate) const TOKEN_PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the relay's ICE servers.
#[derive(Debug)]
enum Token {
    /// Not asked for.
    Unknown,
    /// Asked for.
    Requested,
    /// Answered; good until the time, if there is one.
    Known(Vec<IceServer>, Option<Time>),
    /// There is none to be had now: no relay, or it does not answer.
    Unavailable,
}

/// The ICE servers to use.
#[derive(Debug)]
pub(crate) struct IceServers {
    configured: Vec<IceServer>,
    token: Token,
}

impl IceServers {
    pub(crate) fn new(configured: Vec<IceServer>) -> Self {
        Self {
            configured,
            token: Token::Unknown,
        }
    }

    /// Whether the relay should be asked now: it was not yet, or what it said has expired.
    pub(crate) fn wants_token(&self, now: Time) -> bool {
        match self.token {
            Token::Unknown | Token::Unavailable => true,
            Token::Requested => false,
            Token::Known(_, until) => until.is_some_and(|until| until <= now),
        }
    }

    pub(crate) fn requested(&mut self) {
        self.token = Token::Requested;
    }

    /// The way to the relay is a new one: what was asked for on the old one does not come any more.
    pub(crate) fn request_lost(&mut self) {
        if matches!(self.token, Token::Requested) {
            self.token = Token::Unknown;
        }
    }

    /// Credentials count as stale after half their life, so that a call does not start with dying ones.
    pub(crate) fn received(&mut self, now: Time, servers: Vec<IceServer>, expires_in: Option<u32>) {
        let until = expires_in.map(|seconds| now + Duration::from_secs(u64::from(seconds)) / 2);
        self.token = Token::Known(servers, until);
    }

    pub(crate) fn unavailable(&mut self) {
        if matches!(self.token, Token::Unknown | Token::Requested) {
            self.token = Token::Unavailable;
        }
    }

    /// The servers, or nothing while the relay's answer is awaited.
    pub(crate) fn get(&self, now: Time) -> Option<Vec<IceServer>> {
        let from_relay = match &self.token {
            Token::Unknown | Token::Requested => return None,
            Token::Known(_, Some(until)) if *until <= now => return None,
            Token::Known(servers, _) => servers.as_slice(),
            Token::Unavailable => &[],
        };
        Some(self.configured.iter().chain(from_relay).cloned().collect())
    }

    /// Whether any of the known servers can relay media.
    pub(crate) fn has_turn(&self) -> bool {
        let from_relay = match &self.token {
            Token::Known(servers, _) => servers.as_slice(),
            _ => &[],
        };
        self.configured.iter().chain(from_relay).any(IceServer::is_turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> IceServer {
        IceServer {
            urls: vec![url.into()],
            username: None,
            credential: None,
        }
    }

    #[test]
    fn the_sites_servers_come_before_the_relays() {
        let mut servers = IceServers::new(vec![server("stun:site")]);
        assert_eq!(servers.get(Time(0)), None);
        servers.received(Time(0), vec![server("turn:relay")], None);
        assert_eq!(
            servers.get(Time(u64::MAX)),
            Some(vec![server("stun:site"), server("turn:relay")])
        );
        assert!(servers.has_turn());
    }

    #[test]
    fn a_token_is_asked_for_again_after_half_its_life() {
        let mut servers = IceServers::new(Vec::new());
        assert!(servers.wants_token(Time(0)));
        servers.requested();
        assert!(!servers.wants_token(Time(0)));
        servers.received(Time(0), Vec::new(), Some(60));
        assert!(!servers.wants_token(Time(29_999)));
        assert!(servers.wants_token(Time(30_000)));
        assert_eq!(servers.get(Time(30_000)), None);
    }

    #[test]
    fn without_an_answer_the_sites_servers_do() {
        let mut servers = IceServers::new(vec![server("stun:site")]);
        servers.requested();
        servers.unavailable();
        assert_eq!(servers.get(Time(0)), Some(vec![server("stun:site")]));
        assert!(servers.wants_token(Time(0)));
    }
}
