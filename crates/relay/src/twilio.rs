//! TURN servers of Twilio, whose tokens endpoint makes credentials that expire
//! (<https://www.twilio.com/docs/stun-turn/api>).
//!
//! One task asks, for all clients, and asks again at half the life of what it has; whoever wants ICE servers
//! takes what is there, and never waits. A token for each client would be a request for each page that loads,
//! and as many at once after a restart as there are people: Twilio answers 429 to that. It would also protect
//! nothing. Twilio bills the account for what is relayed, whichever token it was, and has no quota for a
//! token. How often one client or one address gets them is limited as for all ICE servers (`limits.rs`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};
use visavis_protocol::ice::IceServer;

use crate::metrics::Metrics;

mod api;

use self::api::TOKEN;
pub use self::api::TwilioFailure;
pub(crate) use self::api::{Api, LONGEST_SERVERS, RESULTS, base};

/// For how many seconds Twilio makes credentials at most.
const LONGEST_LIFE: u32 = 24 * 3600;

/// Whose TURN servers they are: the *Account SID*, and the *Auth Token*, which is as good as a password.
#[derive(Clone, PartialEq, Eq)]
pub struct TwilioAccount {
    sid: String,
    token: TwilioToken,
}

impl TwilioAccount {
    /// Both as Twilio's console shows them.
    #[must_use]
    pub fn new(sid: impl Into<String>, token: TwilioToken) -> Self {
        Self {
            sid: sid.into(),
            token,
        }
    }

    /// Whether it can be an account's: it becomes a part of an address.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.sid.starts_with("AC") && self.sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

impl fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TwilioAccount")
    }
}

/// An *Auth Token*.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct TwilioToken(String);

impl TwilioToken {
    /// Any text.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for TwilioToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TwilioToken")
    }
}

/// The deadlines for Twilio.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// For a complete answer.
    pub answer: Duration,
    /// For the first token, before the relay takes clients without one.
    pub first_token: Duration,
    /// Between two requests, however short the life of a token is.
    pub least_pause: Duration,
    /// After the first failure; twice as long after each one that follows.
    pub first_pause: Duration,
    /// After many failures, and after one that only the operator can mend.
    pub longest_pause: Duration,
    /// Twilio may ask for a longer pause, up to this.
    pub longest_asked: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(5),
            first_token: Duration::from_secs(2),
            least_pause: Duration::from_secs(10),
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(300),
            longest_asked: Duration::from_secs(3600),
        }
    }
}

/// What Twilio has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) ice_servers: Vec<IceServer>,
    /// For how many seconds it is good, from its request on.
    pub(crate) ttl: u32,
}

/// The token that clients get at present.
#[derive(Debug)]
pub(crate) struct Kept {
    token: Mutex<Option<(Token, Instant)>>,
    /// Whether Twilio has been asked.
    asked: watch::Sender<bool>,
}

impl Kept {
    pub(crate) fn new() -> Self {
        Self {
            token: Mutex::new(None),
            asked: watch::Sender::new(false),
        }
    }

    /// The servers, and for how many seconds they are good; nothing if there are none that are.
    pub(crate) fn get(&self, now: Instant) -> Option<(Vec<IceServer>, u32)> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, since) = kept.as_ref()?;
        let end = *since + Duration::from_secs(token.ttl.into());
        let left = end.saturating_duration_since(now).as_secs();
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        (left > 0).then(|| (token.ice_servers.clone(), left))
    }

    fn put(&self, token: Token, since: Instant) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some((token, since));
    }

    /// Waits until Twilio was asked, but not for long: with the first token, nobody is told to do without.
    pub(crate) async fn asked(&self, timing: Timing) {
        let mut asked = self.asked.subscribe();
        // Without an answer, clients get the servers of the configuration.
        let _ = timeout(timing.first_token, asked.wait_for(|asked| *asked)).await;
    }
}

/// Keeps a good token, for ever.
pub(crate) async fn keep(kept: Arc<Kept>, api: Api, life: u32, timing: Timing, metrics: Arc<Metrics>) {
    let life = life.min(LONGEST_LIFE);
    let mut failures = 0;
    loop {
        let since = Instant::now();
        let answer = api.token(life, timing.answer).await;
        let pause = match answer {
            Ok(token) => {
                metrics.twilio(TOKEN);
                if failures > 0 {
                    info!("Twilio gives TURN servers again");
                }
                failures = 0;
                let half = Duration::from_secs(token.ttl.into()) / 2;
                kept.put(token, since);
                half.max(timing.least_pause)
            }
            Err(failure) => {
                metrics.twilio(failure.label());
                failures += 1;
                let pause = pause(failure, failures, timing);
                warn!(
                    why = failure.label(),
                    status = failure.status(),
                    again_in_seconds = pause.as_secs(),
                    "Twilio gives no TURN servers: `visavis-relay check-turn` tells more"
                );
                pause
            }
        };
        kept.asked.send_replace(true);
        sleep(pause).await;
    }
}

/// How long not to ask after so many failures in a row, of which this is the last.
fn pause(failure: TwilioFailure, failures: u32, timing: Timing) -> Duration {
    let doubled = timing
        .first_pause
        .saturating_mul(1 << (failures - 1).min(16))
        .min(timing.longest_pause);
    match failure {
        TwilioFailure::Refused(_) => timing.longest_pause,
        TwilioFailure::TooMany(Some(asked)) => doubled.max(asked.min(timing.longest_asked)),
        _ => doubled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_longer_it_fails_the_longer_are_the_pauses() {
        let timing = Timing::default();
        let pauses = |failure| [1, 2, 3, 100].map(|failures| pause(failure, failures, timing));
        assert_eq!(
            pauses(TwilioFailure::Unreachable),
            [5 * SECOND, 10 * SECOND, 20 * SECOND, 300 * SECOND]
        );
        // Asking again does not mend a wrong password.
        assert_eq!(pauses(TwilioFailure::Refused(401)), [300 * SECOND; 4]);
        let asked = |seconds| TwilioFailure::TooMany(Some(Duration::from_secs(seconds)));
        assert_eq!(pause(asked(30), 1, timing), 30 * SECOND);
        assert_eq!(pause(asked(30), 100, timing), 300 * SECOND);
        assert_eq!(pause(asked(1_000_000), 1, timing), 3600 * SECOND);
    }

    #[test]
    fn a_token_is_handed_out_for_the_rest_of_its_life() {
        let kept = Kept::new();
        let now = Instant::now();
        assert!(kept.get(now).is_none());
        let token = Token {
            ice_servers: Vec::new(),
            ttl: 60,
        };
        kept.put(token, now);
        for (age, left) in [
            (0, Some(60)),
            (20, Some(40)),
            (59, Some(1)),
            (60, None),
            (99, None),
        ] {
            assert_eq!(kept.get(now + age * SECOND).map(|(_, left)| left), left, "{age}");
        }
    }

    #[test]
    fn no_password_reaches_a_log() {
        let account = TwilioAccount::new("AC1", TwilioToken::new("hunter2"));
        assert_eq!(format!("{account:?}"), "TwilioAccount");
        assert_eq!(format!("{:?}", account.token), "TwilioToken");
    }
}
