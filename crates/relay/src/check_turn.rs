//! `visavis-relay check-turn`: whether the TURN servers of a configuration work, one sentence for each.
//!
//! It does what two browsers do: makes two allocations (RFC 8656), and sends itself a packet from one to the
//! other. A server that lets clients in and passes nothing on is as useless as one that is not there.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;
use visavis_protocol::ice::IceServer;

use crate::StartError;
use crate::config::Config;
use crate::ice::Request;
use crate::twilio::TwilioFailure;

mod allocation;
mod fault;
mod link;
mod url;

use self::allocation::Allocation;
pub use self::fault::Fault;
use self::link::Connector;
pub use self::link::Protocol;
use self::url::Address;

/// For a name to resolve.
const PATIENCE: Duration = Duration::from_secs(5);

/// For how many seconds a token of Twilio's should be good: the check takes less.
const TWILIO_LIFE: u32 = 600;

/// How many seconds later credentials may expire that are tried when a TURN server refuses the usual ones.
const MUCH_LATER: u64 = 10 * 365 * 24 * 3600;

/// What was found out. Each text is a sentence for the operator.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// The server at this address relays.
    Works(String),
    /// It does not.
    Fails(String, Fault),
    /// Twilio names no servers.
    Twilio(TwilioFailure),
    /// There is no server to check.
    NoServer,
}

impl Finding {
    /// Whether calls can rely on that.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Works(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works(url) => write!(f, "{url} works: it lets clients in, and passes on what they send."),
            Self::Fails(url, fault) => write!(f, "{url} does not work: {fault}."),
            Self::Twilio(failure) => write!(f, "Twilio gives no TURN servers: {failure}."),
            Self::NoServer => f.write_str(
                "No TURN server is configured: name one with `--ice-server turn:HOST:PORT` and its secret with \
                 `--turn-secret`, or an account of Twilio with TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
            ),
        }
    }
}

/// Where a credential comes from, which decides what is wrong if it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Minted,
    Configured,
    Twilio,
}

/// Checks every TURN server that clients would be told of, one after the other: all count towards its quota.
/// `now` is in seconds since 1970.
///
/// # Errors
/// [`StartError`] says which setting is wrong.
pub async fn check(config: &Config, now: u64) -> Result<Vec<Finding>, StartError> {
    config.check()?;
    let connector = Connector::new();
    let mut findings = Vec::new();
    let servers = credentials(config, now)
        .into_iter()
        .zip(credentials(config, now + MUCH_LATER));
    for ((server, later), configured) in servers.zip(&config.ice_servers) {
        let origin = match configured.username {
            None => Origin::Minted,
            Some(_) => Origin::Configured,
        };
        for url in server.urls.iter().filter(|url| is_turn(url)) {
            let mut result = check_one(&connector, url, &server, origin, now).await;
            if origin == Origin::Minted
                && result == Err(Fault::Secret)
                && check_one(&connector, url, &later, origin, now).await != result
            {
                result = Err(Fault::Clock);
            }
            findings.push(finding(url, result));
        }
    }
    if let Some(api) = config.twilio_api()? {
        match api.token(TWILIO_LIFE, config.timing.twilio.answer).await {
            Ok(token) => {
                for server in &token.ice_servers {
                    for url in server.urls.iter().filter(|url| is_turn(url)) {
                        let result = check_one(&connector, url, server, Origin::Twilio, now).await;
                        findings.push(finding(url, result));
                    }
                }
            }
            Err(failure) => findings.push(Finding::Twilio(failure)),
        }
    }
    if findings.is_empty() {
        findings.push(Finding::NoServer);
    }
    Ok(findings)
}

fn finding(url: &str, result: Result<(), Fault>) -> Finding {
    match result {
        Ok(()) => Finding::Works(url.to_owned()),
        Err(fault) => Finding::Fails(url.to_owned(), fault),
    }
}

fn is_turn(url: &str) -> bool {
    url.starts_with("turn:") || url.starts_with("turns:")
}

/// The servers of the configuration, as a client gets them at this time.
fn credentials(config: &Config, now: u64) -> Vec<IceServer> {
    let request = Request {
        connection: 0,
        now,
        seated: false,
    };
    config.ice_source().configured(request).0
}

async fn check_one(
    connector: &Connector,
    url: &str,
    server: &IceServer,
    origin: Origin,
    now: u64,
) -> Result<(), Fault> {
    let address = Address::read(url).ok_or(Fault::Address)?;
    let username = server.username.as_deref().unwrap_or_default();
    let password = server.credential.as_deref().unwrap_or_default();
    let open = async || {
        let link = connector.connect(&address, resolve(&address).await?).await?;
        Allocation::make(link, username, password).await
    };
    let result = relay(open).await;
    // The same number has a cause for each kind of credential.
    result.map_err(|fault| match (fault, origin) {
        (Fault::Secret, Origin::Minted) => Fault::Secret,
        (Fault::Secret, Origin::Twilio) => Fault::Token,
        (Fault::Secret, Origin::Configured) if has_expired(username, now) => Fault::Expired,
        (Fault::Secret, Origin::Configured) => Fault::Password,
        (fault, _) => fault,
    })
}

/// Whether a username says itself that its time is over, as those of `use-auth-secret` do.
fn has_expired(username: &str, now: u64) -> bool {
    let end = username.split_once(':').map_or(username, |(end, _)| end);
    end.parse().is_ok_and(|end: u64| end <= now)
}

/// One address of the server; IPv4 comes first, because not every machine has more.
async fn resolve(address: &Address) -> Result<SocketAddr, Fault> {
    let lookup = timeout(PATIENCE, lookup_host((address.host.as_str(), address.port)));
    let all = lookup.await.map_err(|_| Fault::Name)?.map_err(|_| Fault::Name)?;
    all.min_by_key(|address| !address.is_ipv4()).ok_or(Fault::Name)
}

/// Sends a packet from one allocation to another.
async fn relay(open: impl AsyncFn() -> Result<Allocation, Fault>) -> Result<(), Fault> {
    let mut first = open().await?;
    let result = match open().await {
        Ok(mut second) => {
            let result = pass_on(&mut first, &mut second).await;
            second.release().await;
            result
        }
        Err(fault) => Err(fault),
    };
    first.release().await;
    result
}

async fn pass_on(from: &mut Allocation, to: &mut Allocation) -> Result<(), Fault> {
    if from.is_hidden() {
        return Err(Fault::Hidden(from.relayed().ip()));
    }
    from.permit(to.relayed()).await?;
    to.permit(from.relayed()).await?;
    let text = allocation::fresh();
    for _ in 0..allocation::TRIES {
        from.send(to.relayed(), &text).await?;
        if to.hears(&text).await? {
            return Ok(());
        }
    }
    Err(Fault::Lost)
}

/// As `tests/relay` has it.
#[cfg(all(test, target_os = "linux"))]
#[path = "../tests/relay/coturn.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    reason = "others use the rest, and it is a test"
)]
mod coturn;

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/deploy.md says so of coturn, and that the next address needs another credential.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_coturn_has_lent_outlives_the_credential() {
        use std::time::SystemTime;

        use tokio::time::sleep;

        use crate::ice::TurnSecret;

        const LIFE: u32 = 2;
        // It asks for a new nonce, and so for the credential, all the time.
        let server = coturn::Coturn::start(&[coturn::USUAL, &["--stale-nonce=1"]].concat()).await;
        let config = Config {
            ice_servers: vec![IceServer {
                urls: vec![server.url()],
                username: None,
                credential: None,
            }],
            ice_ttl_seconds: Some(LIFE),
            turn_secret: Some(TurnSecret::new("shared")),
            ..Config::default()
        };
        let now = || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.unwrap().as_secs()
        };
        let begun = now();
        let login = credentials(&config, begun).remove(0);
        let [username, password] = [login.username, login.credential].map(Option::unwrap);
        let connector = Connector::new();
        let address = Address::read(&server.url()).unwrap();
        let make = async || {
            let link = connector.connect(&address, resolve(&address).await?).await?;
            Allocation::make(link, &username, &password).await
        };
        let mut first = make().await.unwrap_or_else(|fault| panic!("{fault}"));
        let mut second = make().await.unwrap_or_else(|fault| panic!("{fault}"));
        while now() <= begun + u64::from(LIFE) + 1 {
            sleep(Duration::from_millis(100)).await;
        }
        first.refresh().await.unwrap();
        assert_eq!(pass_on(&mut first, &mut second).await, Ok(()));
        assert_eq!(make().await.err(), Some(Fault::Secret));
    }

    #[test]
    fn a_username_can_say_that_its_time_is_over() {
        assert!(has_expired("1000:7", 1000));
        assert!(has_expired("1000", 2000));
        assert!(!has_expired("3000:7", 2000));
        assert!(!has_expired("visavis", 2000));
    }
}
