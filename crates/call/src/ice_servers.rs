//! The ICE servers that connections are made with: those of the site's config.json, and those that the
//! relay's token adds.

use std::time::Duration;

use visavis_protocol::ice::IceServer;

use crate::timer::Time;

/// How long a call waits for the relay's token before it goes on without.
pub(crate) const TOKEN_PATIENCE: Duration = Duration::from_secs(5);

/// The least time between an answer of the relay and the request that renews it. Credentials that live less
/// than twice as long are not renewed: the relay would be asked too often.
const RENEWAL_PAUSE: Duration = Duration::from_secs(5);

/// Whether the relay has been asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    /// Not yet.
    Unknown,
    /// It has, and should answer soon.
    Requested,
    /// It has, early enough: what is known does until it answers.
    Renewing,
    /// It has answered, or will not: what is known has to do.
    Settled,
}

/// The ICE servers to use.
#[derive(Debug, Clone, Hash)]
pub(crate) struct IceServers {
    configured: Vec<IceServer>,
    token: Token,
    /// What the relay said last.
    from_relay: Vec<IceServer>,
    /// How often that has changed.
    number: u32,
    /// When it said that.
    received: Option<Time>,
    /// When that should no longer be relied on.
    stale: Option<Time>,
}

impl IceServers {
    pub(crate) fn new(configured: Vec<IceServer>) -> Self {
        Self {
            configured,
            token: Token::Unknown,
            from_relay: Vec::new(),
            number: 0,
            received: None,
            stale: None,
        }
    }

    /// Whether the relay should be asked now: it was not yet, has not answered, or what it said is stale.
    pub(crate) fn wants_token(&self, now: Time) -> bool {
        let good = self.received.is_some() && self.stale.is_none_or(|stale| now < stale);
        !matches!(self.token, Token::Requested | Token::Renewing) && !good
    }

    /// When connections that last should get newer ones, at the earliest now and a little later.
    pub(crate) fn renewal(&self, now: Time) -> Option<Time> {
        let (received, stale) = (self.received?, self.stale?);
        let is_worth_it = stale.since(received) >= RENEWAL_PAUSE;
        is_worth_it.then(|| stale.max(now + RENEWAL_PAUSE))
    }

    /// Whether the relay has been asked, and may still answer.
    pub(crate) fn is_requested(&self) -> bool {
        self.token == Token::Requested
    }

    pub(crate) fn requested(&mut self) {
        self.token = Token::Requested;
    }

    /// The relay is asked for newer ones. What is known does until then, if it is still alive.
    pub(crate) fn renewing(&mut self, now: Time) {
        let life = self.stale.zip(self.received);
        let is_alive = life.is_some_and(|(stale, received)| now < stale + stale.since(received));
        self.token = if is_alive {
            Token::Renewing
        } else {
            Token::Requested
        };
    }

    /// The way to the relay is a new one: what was asked for on the old one does not come any more. What is
    /// known, and not stale, does without.
    pub(crate) fn request_lost(&mut self) {
        if matches!(self.token, Token::Requested | Token::Renewing) {
            self.token = if self.received.is_some() {
                Token::Settled
            } else {
                Token::Unknown
            };
        }
    }

    /// Credentials count as stale after half their life, so that a call does not start with dying ones.
    pub(crate) fn received(&mut self, now: Time, servers: Vec<IceServer>, expires_in: Option<u32>) {
        self.token = Token::Settled;
        if self.from_relay != servers {
            self.from_relay = servers;
            self.number = self.number.wrapping_add(1);
        }
        self.received = Some(now);
        self.stale = expires_in.map(|seconds| now + Duration::from_secs(u64::from(seconds)) / 2);
    }

    /// There is no relay, or it does not answer. Stale credentials are better than none.
    pub(crate) fn unavailable(&mut self) {
        self.token = Token::Settled;
    }

    /// Whether [`Self::all`] can be used: the relay's answer is not awaited.
    pub(crate) fn are_known(&self) -> bool {
        matches!(self.token, Token::Settled | Token::Renewing)
    }

    /// Which [`Self::all`] these are.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// The site's and the relay's.
    pub(crate) fn all(&self) -> Vec<IceServer> {
        let servers = self.configured.iter().chain(&self.from_relay);
        servers.cloned().collect()
    }

    /// Whether any of the known servers tells browsers their addresses.
    pub(crate) fn has_stun(&self) -> bool {
        let is_stun = |server: &IceServer| server.urls.iter().any(|url| url.starts_with("stun"));
        self.configured.iter().chain(&self.from_relay).any(is_stun)
    }

    /// Whether any of the known servers can relay media.
    pub(crate) fn has_turn(&self) -> bool {
        self.configured
            .iter()
            .chain(&self.from_relay)
            .any(IceServer::is_turn)
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
        assert!(!servers.are_known());
        servers.received(Time(0), vec![server("turn:relay")], None);
        assert!(servers.are_known());
        assert_eq!(servers.all(), [server("stun:site"), server("turn:relay")]);
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
        servers.requested();
        assert!(!servers.are_known());
    }

    #[test]
    fn a_request_that_was_lost_leaves_what_was_known_unless_it_is_stale() {
        let mut servers = IceServers::new(Vec::new());
        servers.requested();
        servers.request_lost();
        assert!(!servers.are_known());
        assert!(servers.wants_token(Time(0)));
        servers.received(Time(0), vec![server("turn:relay")], Some(60));
        servers.requested();
        servers.request_lost();
        assert!(servers.are_known());
        assert_eq!(servers.all(), [server("turn:relay")]);
        assert!(!servers.wants_token(Time(29_999)));
        assert!(servers.wants_token(Time(30_000)));
    }

    #[test]
    fn a_renewal_takes_nothing_away_before_it_comes() {
        let mut servers = IceServers::new(Vec::new());
        assert_eq!(servers.renewal(Time(0)), None);
        servers.received(Time(0), vec![server("turn:relay")], Some(60));
        assert_eq!(servers.renewal(Time(0)), Some(Time(30_000)));
        // It was asked for in vain.
        assert_eq!(servers.renewal(Time(40_000)), Some(Time(45_000)));
        servers.renewing(Time(30_000));
        assert!(servers.are_known() && !servers.is_requested());
        assert!(!servers.wants_token(Time(30_000)));
        servers.request_lost();
        assert!(servers.wants_token(Time(30_000)));
        // What has died is waited for.
        servers.renewing(Time(60_000));
        assert!(!servers.are_known() && servers.is_requested());
        let number = servers.number();
        servers.received(Time(60_000), vec![server("turn:relay")], None);
        assert_eq!((servers.number(), servers.renewal(Time(60_000))), (number, None));
        servers.received(Time(60_000), vec![server("turn:new")], Some(9));
        assert_eq!(servers.number(), number + 1);
        assert_eq!(servers.renewal(Time(60_000)), None, "that would be too often");
    }

    #[test]
    fn stale_credentials_are_better_than_none() {
        let mut servers = IceServers::new(Vec::new());
        servers.received(Time(0), vec![server("turn:relay")], Some(60));
        servers.requested();
        servers.unavailable();
        assert!(servers.are_known());
        assert_eq!(servers.all(), [server("turn:relay")]);
        assert!(servers.wants_token(Time(30_000)));
    }

    #[test]
    fn without_an_answer_the_sites_servers_do() {
        let mut servers = IceServers::new(vec![server("stun:site")]);
        servers.requested();
        servers.unavailable();
        assert!(servers.are_known());
        assert_eq!(servers.all(), [server("stun:site")]);
        assert!(servers.wants_token(Time(0)));
    }
}
