//! One request for a token.

use std::fmt;
use std::io;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use visavis_protocol::ice::{self, IceServer};
use visavis_protocol::json::Object;

use super::{Token, TwilioAccount};
use crate::ice_server;

/// How long an answer may be. Those that were seen have 1 KiB.
const LONGEST_ANSWER: usize = 16 * 1024;

/// How many bytes the servers of an answer may need in a message.
pub(crate) const LONGEST_SERVERS: usize = 8 * 1024;

/// What a request that succeeds is counted as.
pub(super) const TOKEN: &str = "token";

/// What requests are counted as: the names of all failures, and [`TOKEN`].
pub(crate) const RESULTS: [&str; 6] = ["refused", "too_many", "unreachable", "slow", "unusable", TOKEN];

/// Why there is no token. Each text is a part of a sentence for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TwilioFailure {
    /// The account or its password is wrong, or may not do this.
    #[error("it refuses the account ({0}): look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")]
    Refused(u16),
    /// It was asked too often; with the time after which it may be asked again, if it names one.
    #[error("it was asked too often (429): wait, or see what else uses this account")]
    TooMany(Option<Duration>),
    /// There was no connection.
    #[error("it can't be reached: look at the firewall for TCP 443, at name resolution, and at `twilio_api`")]
    Unreachable,
    /// There was no complete answer in time.
    #[error("it does not answer in time: try again later")]
    Slow,
    /// The answer is none that can be used.
    #[error("its answer (status {0}) can't be used: look at status.twilio.com, and at `twilio_api`")]
    Unusable(u16),
}

impl TwilioFailure {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::TooMany(_) => "too_many",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Unusable(_) => "unusable",
        }
    }

    /// The status of the answer, if there was one.
    pub(crate) fn status(self) -> Option<u16> {
        match self {
            Self::Refused(status) | Self::Unusable(status) => Some(status),
            Self::TooMany(_) => Some(StatusCode::TOO_MANY_REQUESTS.as_u16()),
            Self::Unreachable | Self::Slow => None,
        }
    }
}

/// Reads where the API is. Passwords travel encrypted, or within this machine.
pub(crate) fn base(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let is_safe = match uri.scheme_str()? {
        "https" => true,
        "http" => matches!(uri.host()?, "127.0.0.1" | "[::1]" | "localhost"),
        _ => false,
    };
    let is_bare = uri.path() == "/" && uri.query().is_none() && !uri.authority()?.as_str().contains('@');
    (is_safe && is_bare).then_some(uri)
}

/// Asks for tokens.
pub(crate) struct Api {
    client: Client<HttpsConnector<HttpConnector>, String>,
    uri: Uri,
    authorization: HeaderValue,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// Of this account, at this [`base`]. The error is that this system names no certificates to trust.
    pub(crate) fn new(account: &TwilioAccount, base: &Uri) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new().with_native_roots()?;
        let connector = if base.scheme() == Some(&Scheme::HTTP) {
            connector.https_or_http().enable_http1().build()
        } else {
            connector.https_only().enable_http1().build()
        };
        let client = Client::builder(TokioExecutor::new())
            // Requests are hours apart.
            .pool_max_idle_per_host(0)
            .build(connector);
        let base = base.to_string();
        let base = base.trim_end_matches('/');
        let uri = format!("{base}/2010-04-01/Accounts/{}/Tokens.json", account.sid);
        let pair = BASE64_STANDARD.encode(format!("{}:{}", account.sid, account.token.0));
        let mut authorization =
            HeaderValue::try_from(format!("Basic {pair}")).expect("Base64 is fit for a header");
        authorization.set_sensitive(true);
        Ok(Self {
            client,
            uri: uri.parse().expect("a checked account makes a good address"),
            authorization,
        })
    }

    /// A new token that is good for so many seconds.
    pub(crate) async fn token(&self, life: u32, patience: Duration) -> Result<Token, TwilioFailure> {
        timeout(patience, self.ask(life))
            .await
            .unwrap_or(Err(TwilioFailure::Slow))
    }

    async fn ask(&self, life: u32) -> Result<Token, TwilioFailure> {
        let request = Request::post(self.uri.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("Ttl={life}"))
            .expect("these headers are good");
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|_| TwilioFailure::Unreachable)?;
        let status = answer.status();
        let unusable = TwilioFailure::Unusable(status.as_u16());
        match status {
            StatusCode::CREATED => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(TwilioFailure::Refused(status.as_u16()));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                return Err(TwilioFailure::TooMany(retry_after(answer.headers())));
            }
            _ => return Err(unusable),
        }
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|_| unusable)?.to_bytes();
        read(&body).ok_or(unusable)
    }
}

/// The pause that an answer asks for, if it names it in seconds (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// Reads a token, if it is one that every browser takes and that has a TURN server in it.
fn read(body: &[u8]) -> Option<Token> {
    let answer = Object::parse(str::from_utf8(body).ok()?).ok()?;
    let ice_servers = answer.objects("ice_servers", IceServer::read_older).ok()??;
    let ttl = ice::seconds(&answer, "ttl")?;
    let is_taken = |server: &IceServer| ice_server::check(server, false).is_ok();
    let length = serde_json::to_vec(&ice_servers).ok()?.len();
    let is_good = ttl > 0
        && length <= LONGEST_SERVERS
        && ice_servers.iter().all(is_taken)
        && ice_servers.iter().any(IceServer::is_turn);
    is_good.then_some(Token { ice_servers, ttl })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the documentation has it.
    const DOCUMENTED: &str = r#"{
        "username": "dc2d",
        "password": "tE2D",
        "account_sid": "AC1",
        "date_created": "Fri, 01 May 2020 01:42:57 +0000",
        "date_updated": "Fri, 01 May 2020 01:42:57 +0000",
        "ttl": "86400",
        "ice_servers": [
            { "urls": "stun:global.stun.twilio.com:3478", "url": "stun:global.stun.twilio.com:3478" },
            {
                "url": "turn:global.turn.twilio.com:3478?transport=udp",
                "username": "dc2d",
                "credential": "tE2D"
            },
            { "urls": ["turn:global.turn.twilio.com:443?transport=tcp"], "username": "dc2d", "credential": "tE2D" }
        ]
    }"#;

    #[test]
    fn the_documented_answer_is_read_with_old_and_new_names_of_addresses() {
        let token = read(DOCUMENTED.as_bytes()).unwrap();
        assert_eq!(token.ttl, 86400);
        let urls: Vec<&str> = token.ice_servers.iter().map(|server| &*server.urls[0]).collect();
        assert_eq!(
            urls,
            [
                "stun:global.stun.twilio.com:3478",
                "turn:global.turn.twilio.com:3478?transport=udp",
                "turn:global.turn.twilio.com:443?transport=tcp"
            ]
        );
        assert_eq!(token.ice_servers[1].credential.as_deref(), Some("tE2D"));
    }

    #[test]
    fn what_browsers_would_refuse_or_what_helps_nobody_is_no_token() {
        for (good, bad) in [
            ("stun:global", "http:global"),
            ("\"86400\"", "\"0\""),
            ("\"86400\"", "\"soon\""),
            ("\"credential\"", "\"password\""),
            ("turn:", "stun:"),
            ("3478?transport=udp", "99999"),
            ("dc2d", &"long".repeat(1000)),
        ] {
            let text = DOCUMENTED.replace(good, bad);
            assert_eq!(read(text.as_bytes()), None, "{bad}");
        }
        for garbage in ["", "<html>", "[]", "{\"ttl\":\"1\",\"ice_servers\":[{}]}"] {
            assert_eq!(read(garbage.as_bytes()), None, "{garbage}");
        }
    }

    #[test]
    fn passwords_travel_encrypted_or_within_this_machine() {
        for good in [
            "https://api.twilio.com",
            "https://api.dublin.ie1.twilio.com/",
            "http://127.0.0.1:80",
        ] {
            assert!(base(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "api.twilio.com",
            "http://api.twilio.com",
            "ftp://api.twilio.com",
            "https://api.twilio.com/2010",
            "https://user@api.twilio.com",
        ] {
            assert!(base(bad).is_none(), "{bad}");
        }
    }
}
