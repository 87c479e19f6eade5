//! TURN servers of Twilio, from a server that answers as Twilio does.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use visavis_protocol::ice::IceServer;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use visavis_relay::twilio::{Timing, TwilioAccount, TwilioToken};
use visavis_relay::{Config, Running};

use crate::client::{Client, PATIENCE, Pair, relay_with};
use crate::http;

/// What the stand-in does with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// A token of the documented shape, good for so many seconds. Its credential is the request's number.
    Token(u32),
    /// This status, and this header.
    Status(u16, &'static str),
    /// A good status, and this instead of a token.
    Garbage(&'static str),
    /// It reads, and says nothing.
    Nothing,
}

#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) text: String,
}

/// Twilio's part.
#[derive(Debug)]
pub(crate) struct StandIn {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// Answers the first request so, the second one so, and all after the last one as that one.
    pub(crate) async fn start(answers: &'static [Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let all = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers, all.clone()));
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until it was asked so often.
    async fn was_asked(&self, often: usize) -> Vec<Asked> {
        eventually(async || {
            let asked = self.asked();
            (asked.len() >= often).then_some(asked)
        })
        .await
    }
}

async fn serve(mut stream: TcpStream, answers: &[Answer], all: Arc<Mutex<Vec<Asked>>>) {
    let mut bytes = Vec::new();
    // The body is the last thing, and ends in a digit; its length is that of `Ttl=43200` at most.
    while !String::from_utf8_lossy(&bytes)
        .split_once("\r\n\r\n")
        .is_some_and(|(head, body)| head.contains(&format!("content-length: {}", body.len())))
    {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let number = {
        let mut all = all.lock().unwrap();
        all.push(Asked {
            at: Instant::now(),
            text: String::from_utf8(bytes).unwrap(),
        });
        all.len()
    };
    let (status, header, body) = match answers[number.min(answers.len()) - 1] {
        Answer::Token(ttl) => (201, "", token(number, ttl)),
        Answer::Status(status, header) => (status, header, r#"{"code":20003}"#.into()),
        Answer::Garbage(body) => (201, "", body.into()),
        Answer::Nothing => return std::future::pending().await,
    };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} So\r\n{header}content-length: {length}\r\n\r\n{body}");
    // Whoever has given up does not read it.
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn token(number: usize, ttl: u32) -> String {
    format!(
        r#"{{"username":"dc2d","password":"{number}","account_sid":"AC1","ttl":"{ttl}",
        "date_created":"Fri, 01 May 2020 01:42:57 +0000","date_updated":"Fri, 01 May 2020 01:42:57 +0000",
        "ice_servers":[{{"url":"stun:stun.twilio.test:3478","urls":"stun:stun.twilio.test:3478"}},
        {{"url":"turn:turn.twilio.test:3478?transport=udp","username":"dc2d","credential":"{number}"}}]}}"#
    )
}

/// What comes about sooner or later.
pub(crate) async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, looking).await.expect("it comes about")
}

fn own() -> IceServer {
    IceServer {
        urls: vec!["stun:own.test".into()],
        username: None,
        credential: None,
    }
}

fn settings(url: &str) -> Config {
    let mut config = Config {
        ice_servers: vec![own()],
        twilio: Some(TwilioAccount::new("AC1", TwilioToken::new("hunter2"))),
        twilio_api: url.into(),
        metrics: Some(([127, 0, 0, 1], 0).into()),
        ..Config::default()
    };
    config.timing.twilio = Timing {
        answer: Duration::from_millis(300),
        first_token: Duration::from_millis(200),
        least_pause: Duration::from_millis(100),
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_secs(600),
        longest_asked: Duration::from_secs(600),
    };
    config
}

/// The credential that a client gets, if it gets TURN, and for how long.
async fn ask(client: &mut Client) -> (Option<String>, Option<u32>) {
    client.send(&ClientMessage::Token).await;
    match client.hear().await {
        RelayMessage::Token {
            ice_servers,
            expires_in,
        } => {
            assert_eq!(ice_servers[0], own(), "the servers of the configuration stay");
            let turn = ice_servers.into_iter().find(IceServer::is_turn);
            (turn.and_then(|turn| turn.credential), expires_in)
        }
        other => panic!("{other:?}"),
    }
}

async fn counts(relay: &Running, result: &str, number: u32) {
    let line = format!("visavis_relay_twilio_total{{result=\"{result}\"}} {number}\n");
    eventually(async || {
        let answer = http::get(relay.metrics.unwrap(), "/metrics").await;
        let text = answer.text();
        assert!(!text.contains("hunter2") && !text.contains("AC1"), "{text}");
        text.contains(&line).then_some(())
    })
    .await;
}

#[tokio::test]
async fn clients_get_the_servers_of_twilio_beside_those_of_the_configuration() {
    let twilio = StandIn::start(&[Answer::Token(43200)]).await;
    let relay = relay_with(settings(&twilio.url)).await;
    let mut client = Client::connect(relay.address).await;
    let (credential, seconds) = ask(&mut client).await;
    assert_eq!(credential.as_deref(), Some("1"));
    assert!((43000..=43200).contains(&seconds.unwrap()), "{seconds:?}");
    let asked = twilio.asked();
    assert_eq!(asked.len(), 1);
    let text = asked[0].text.to_ascii_lowercase();
    for part in [
        "post /2010-04-01/accounts/ac1/tokens.json http/1.1",
        "content-type: application/x-www-form-urlencoded",
        // AC1:hunter2
        &"authorization: Basic QUMxOmh1bnRlcjI=".to_ascii_lowercase(),
        "\r\n\r\nttl=43200",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    counts(&relay, "token", 1).await;
}

#[tokio::test]
async fn however_many_ask_at_once_twilio_is_asked_once() {
    let twilio = StandIn::start(&[Answer::Token(43200)]).await;
    let relay = relay_with(settings(&twilio.url)).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let (first, second) = tokio::join!(ask(&mut pair.a.0), ask(&mut pair.b.0));
    assert_eq!((first.0.as_deref(), second.0.as_deref()), (Some("1"), Some("1")));
    for _ in 0..20 {
        ask(&mut Client::connect(relay.address).await).await;
    }
    assert_eq!(twilio.asked().len(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_at_half_its_life_and_used_to_its_end() {
    let twilio = StandIn::start(&[Answer::Token(2), Answer::Token(4), Answer::Status(500, "")]).await;
    let relay = relay_with(settings(&twilio.url)).await;
    let mut client = Client::connect(relay.address).await;
    assert_eq!(ask(&mut client).await.0.as_deref(), Some("1"));
    let asked = twilio.was_asked(3).await;
    assert!(asked[1].at - asked[0].at >= Duration::from_millis(950));
    assert!(asked[2].at - asked[1].at >= Duration::from_millis(1950));
    // The third time, Twilio failed; the second token has the other half of its life left.
    counts(&relay, "unusable", 1).await;
    assert_eq!(ask(&mut client).await.0.as_deref(), Some("2"));
    // After that, there is nothing, and clients ask again soon.
    let rest = eventually(async || {
        let (credential, seconds) = ask(&mut client).await;
        // Not more often than a client may.
        sleep(Duration::from_millis(100)).await;
        credential.is_none().then_some(seconds)
    })
    .await;
    assert_eq!(rest, Some(60));
}

#[tokio::test]
async fn however_short_tokens_live_there_is_a_pause_between_requests() {
    let twilio = StandIn::start(&[Answer::Token(1)]).await;
    let mut config = settings(&twilio.url);
    config.timing.twilio.least_pause = Duration::from_secs(1);
    let _relay = relay_with(config).await;
    let asked = twilio.was_asked(2).await;
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_refused_account_is_not_asked_for_again_at_once() {
    for status in [401, 403] {
        let twilio = StandIn::start(match status {
            401 => &[Answer::Status(401, "")],
            _ => &[Answer::Status(403, "")],
        })
        .await;
        let relay = relay_with(settings(&twilio.url)).await;
        counts(&relay, "refused", 1).await;
        let mut client = Client::connect(relay.address).await;
        assert_eq!(ask(&mut client).await, (None, Some(60)));
        sleep(Duration::from_millis(400)).await;
        assert_eq!(twilio.asked().len(), 1);
        Pair::meet(relay.address, "room").await.talk().await;
    }
}

#[tokio::test]
async fn twilio_says_when_it_wants_to_be_asked_again() {
    let twilio = StandIn::start(&[
        Answer::Status(429, "retry-after: 1\r\n"),
        Answer::Status(429, ""),
        Answer::Token(60),
    ])
    .await;
    let relay = relay_with(settings(&twilio.url)).await;
    let mut client = Client::connect(relay.address).await;
    assert_eq!(ask(&mut client).await, (None, Some(60)));
    let asked = twilio.was_asked(3).await;
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
    // Without a word about it, the pauses double: 100 ms, 200 ms.
    assert!(asked[2].at - asked[1].at >= Duration::from_millis(200));
    counts(&relay, "too_many", 2).await;
    counts(&relay, "token", 1).await;
    assert_eq!(ask(&mut client).await.0.as_deref(), Some("3"));
}

#[tokio::test]
async fn nobody_waits_for_a_slow_twilio() {
    let twilio = StandIn::start(&[Answer::Nothing, Answer::Token(60)]).await;
    let mut config = settings(&twilio.url);
    config.timing.twilio.answer = Duration::from_secs(1);
    let begun = Instant::now();
    let relay = relay_with(config).await;
    let mut client = Client::connect(relay.address).await;
    assert_eq!(ask(&mut client).await, (None, Some(60)));
    Pair::meet(relay.address, "room").await.talk().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    counts(&relay, "slow", 1).await;
    let asked = twilio.was_asked(2).await;
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
    counts(&relay, "token", 1).await;
    assert_eq!(ask(&mut client).await.0.as_deref(), Some("2"));
}

#[tokio::test]
async fn garbage_is_no_token() {
    let twilio = StandIn::start(&[
        Answer::Garbage("<html>"),
        Answer::Garbage(r#"{"ttl":"60","ice_servers":[{"urls":"http://turn.test"}]}"#),
        Answer::Status(302, "location: http://127.0.0.1:1/\r\n"),
        Answer::Token(60),
    ])
    .await;
    let relay = relay_with(settings(&twilio.url)).await;
    let mut client = Client::connect(relay.address).await;
    assert_eq!(ask(&mut client).await, (None, Some(60)));
    counts(&relay, "unusable", 3).await;
    counts(&relay, "token", 1).await;
    assert_eq!(ask(&mut client).await.0.as_deref(), Some("4"));
}

#[tokio::test]
async fn without_twilio_the_relay_starts_and_says_nothing_secret() {
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let relay = relay_with(settings(&url)).await;
    counts(&relay, "unreachable", 1).await;
    let mut client = Client::connect(relay.address).await;
    assert_eq!(ask(&mut client).await, (None, Some(60)));
    relay.shutdown().await;
}

/// The program itself, since its log is what counts.
#[cfg(unix)]
#[tokio::test]
async fn no_password_of_twilio_is_logged() {
    let twilio = StandIn::start(&[Answer::Status(401, "")]).await;
    let url = twilio.url.clone();
    // Not here, where Twilio answers meanwhile. After that, the relay is ready.
    let start = move || {
        crate::program::Program::start(&[
            "--log-level",
            "trace",
            "--twilio-account-sid",
            "AC1",
            "--twilio-auth-token",
            "hunter2",
            "--twilio-api",
            &url,
        ])
    };
    let relay = tokio::task::spawn_blocking(start).await.unwrap();
    assert_eq!(twilio.asked().len(), 1);
    let log = tokio::task::spawn_blocking(|| relay.stop("-TERM")).await.unwrap();
    assert!(log.contains("Twilio gives no TURN servers"), "{log}");
    assert!(
        log.contains("why=\"refused\"") && log.contains("status=401"),
        "{log}"
    );
    for leak in ["hunter2", "AC1", "127.0.0.1", "QUMx"] {
        assert!(!log.contains(leak), "{leak} is logged: {log}");
    }
}
