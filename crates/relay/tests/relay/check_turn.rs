//! `visavis-relay check-turn`, against a real TURN server.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use visavis_protocol::ice::IceServer;
use visavis_relay::Config;
use visavis_relay::check_turn::{Fault, Finding, Protocol, check};
use visavis_relay::ice::TurnSecret;
use visavis_relay::twilio::{TwilioAccount, TwilioFailure, TwilioToken};

use crate::coturn::{Coturn, USUAL, free_ports};
use crate::program::program;
use crate::twilio::{Answer, StandIn, eventually};

const SECRET: &str = "shared";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn server(url: &str, login: Option<(&str, &str)>) -> IceServer {
    IceServer {
        urls: vec![url.into()],
        username: login.map(|(username, _)| username.into()),
        credential: login.map(|(_, credential)| credential.into()),
    }
}

fn with_secret(url: &str, secret: &str) -> Config {
    Config {
        ice_servers: vec![server(url, None)],
        turn_secret: Some(TurnSecret::new(secret)),
        ..Config::default()
    }
}

async fn findings(config: &Config) -> Vec<Finding> {
    check(config, now()).await.unwrap()
}

/// What is wrong with the one server of a configuration.
async fn fault(config: &Config) -> Fault {
    match findings(config).await.as_slice() {
        [Finding::Fails(_, fault)] => fault.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_works_works_for_datagrams_and_streams() {
    let turn = Coturn::start(USUAL).await;
    let (udp, tcp) = (turn.url(), format!("{}?transport=tcp", turn.url()));
    let config = Config {
        ice_servers: vec![IceServer {
            urls: vec!["stun:stun.test".into(), udp.clone(), tcp.clone()],
            username: None,
            credential: None,
        }],
        ..with_secret("", SECRET)
    };
    // Twice: the first check has given back what it used.
    for _ in 0..2 {
        let findings = findings(&config).await;
        assert_eq!(
            findings,
            [Finding::Works(udp.clone()), Finding::Works(tcp.clone())]
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_a_wrong_clock() {
    let turn = Coturn::start(USUAL).await;
    assert_eq!(fault(&with_secret(&turn.url(), "forged")).await, Fault::Secret);
    let config = with_secret(&turn.url(), SECRET);
    let yesterday = now() - 24 * 3600;
    let findings = check(&config, yesterday).await.unwrap();
    assert_eq!(findings, [Finding::Fails(turn.url(), Fault::Clock)]);
}

#[tokio::test]
async fn a_fixed_credential_can_be_wrong_or_of_yesterday() {
    let turn = Coturn::start(USUAL).await;
    let yesterday = format!("{}:7", now() - 24 * 3600);
    for (username, expected) in [(&*yesterday, Fault::Expired), ("visavis", Fault::Password)] {
        let config = Config {
            ice_servers: vec![server(&turn.url(), Some((username, "hunter2")))],
            ..Config::default()
        };
        assert_eq!(fault(&config).await, expected);
    }
}

#[tokio::test]
async fn a_fixed_credential_can_work() {
    let turn = Coturn::start(&["--lt-cred-mech", "--user=u:p", "--allow-loopback-peers"]).await;
    let config = Config {
        ice_servers: vec![server(&turn.url(), Some(("u", "p")))],
        ..Config::default()
    };
    assert_eq!(findings(&config).await, [Finding::Works(turn.url())]);
}

#[tokio::test]
async fn a_quota_is_named() {
    for quota in ["--user-quota=1", "--total-quota=1"] {
        let turn = Coturn::start(&[USUAL, &[quota]].concat()).await;
        // Also the second time: what the first one used does not count any more.
        for _ in 0..2 {
            assert_eq!(
                fault(&with_secret(&turn.url(), SECRET)).await,
                Fault::Quota,
                "{quota}"
            );
        }
    }
    // Two are enough, each time, if each check gives them back. coturn takes a moment to count that.
    let turn = Coturn::start(&[USUAL, &["--user-quota=2", "--total-quota=2"]].concat()).await;
    let config = with_secret(&turn.url(), SECRET);
    for _ in 0..3 {
        eventually(async || (findings(&config).await == [Finding::Works(turn.url())]).then_some(())).await;
    }
}

#[tokio::test]
async fn a_server_that_lets_clients_in_and_passes_nothing_on_is_found() {
    let denied = Coturn::start(&USUAL[..2]).await;
    let fault_of_denied = fault(&with_secret(&denied.url(), SECRET)).await;
    assert_eq!(fault_of_denied, Fault::Denied(Ipv4Addr::LOCALHOST.into()));
    // It says that its address is another one, which is nobody's.
    let elsewhere = Coturn::start(&[USUAL, &["--external-ip=192.0.2.1"]].concat()).await;
    assert_eq!(fault(&with_secret(&elsewhere.url(), SECRET)).await, Fault::Lost);
}

#[tokio::test]
async fn a_server_for_everybody_is_found() {
    let turn = Coturn::start(&["--no-auth", "--allow-loopback-peers"]).await;
    assert_eq!(fault(&with_secret(&turn.url(), SECRET)).await, Fault::Open);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_one_that_says_nothing() {
    let [port, _] = free_ports();
    let url = format!("turn:127.0.0.1:{port}");
    let closed = fault(&with_secret(&url, SECRET)).await;
    assert_eq!(closed, Fault::Closed(Protocol::Udp, port));
    let closed = fault(&with_secret(&format!("{url}?transport=tcp"), SECRET)).await;
    assert_eq!(closed, Fault::Closed(Protocol::Tcp, port));
    let dtls = format!("turns:127.0.0.1:{port}?transport=udp");
    assert_eq!(fault(&with_secret(&dtls, SECRET)).await, Fault::Dtls);

    // They take what comes, and nobody reads it.
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp_port = tcp.local_addr().unwrap().port();
    let config = with_secret(&format!("turn:127.0.0.1:{udp_port}"), SECRET);
    let over_tcp = with_secret(&format!("turn:127.0.0.1:{tcp_port}?transport=tcp"), SECRET);
    let (silent, silent_over_tcp) = tokio::join!(fault(&config), fault(&over_tcp));
    assert_eq!(silent, Fault::Silent(Protocol::Udp, udp_port));
    assert_eq!(silent_over_tcp, Fault::Silent(Protocol::Tcp, tcp_port));
}

#[tokio::test]
async fn a_name_that_nobody_has_is_named() {
    let config = with_secret("turn:nobody.invalid", SECRET);
    assert_eq!(fault(&config).await, Fault::Name);
}

#[tokio::test]
async fn servers_of_twilio_are_checked_as_well() {
    const BODY: &str = r#"{"ttl":"600","ice_servers":[
        {"urls":"turn:127.0.0.1:9?transport=tcp","username":"u","credential":"p"}]}"#;
    let twilio = StandIn::start(&[Answer::Garbage(BODY), Answer::Status(401, "")]).await;
    let config = Config {
        twilio: Some(TwilioAccount::new("AC1", TwilioToken::new("hunter2"))),
        twilio_api: twilio.url.clone(),
        ..Config::default()
    };
    let closed = Fault::Closed(Protocol::Tcp, 9);
    let url = "turn:127.0.0.1:9?transport=tcp".into();
    assert_eq!(findings(&config).await, [Finding::Fails(url, closed)]);
    assert_eq!(
        findings(&config).await,
        [Finding::Twilio(TwilioFailure::Refused(401))]
    );
}

/// What the program writes, and whether its status is 0.
async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (String, bool) {
    let mut command = program();
    command
        .arg("check-turn")
        .args(arguments)
        .envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

#[tokio::test]
async fn the_program_says_it_in_a_sentence_and_by_its_status() {
    let turn = Coturn::start(USUAL).await;
    let url = turn.url();
    let arguments = |secret| ["--ice-server", url.as_str(), "--turn-secret", secret];
    let (text, is_good) = run(&arguments(SECRET), &[]).await;
    let works = format!("{url} works: it lets clients in, and passes on what they send.\n");
    assert_eq!((text, is_good), (works, true));
    let (text, is_good) = run(&arguments("forged-secret"), &[]).await;
    assert!(!is_good && text.lines().count() == 1, "{text}");
    assert!(
        text.contains("(401)") && text.contains("`static-auth-secret`"),
        "{text}"
    );
    assert!(!text.contains("forged-secret"), "{text}");
    // One that does not work is enough.
    let both = [
        &arguments(SECRET)[..],
        &["--ice-server", "turn:127.0.0.1:9?transport=tcp"],
    ]
    .concat();
    let (text, is_good) = run(&both, &[]).await;
    assert!(!is_good && text.lines().count() == 2, "{text}");
    let (text, is_good) = run(&[], &[]).await;
    assert!(
        !is_good && text.starts_with("No TURN server is configured"),
        "{text}"
    );
}

#[tokio::test]
async fn encrypted_streams_need_a_certificate_that_the_system_trusts() {
    let folder = TempDir::new().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".into()]).unwrap();
    let certificate = folder.path().join("certificate.pem");
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let files = ["--cert=certificate.pem", "--pkey=key.pem"];
    let turn = Coturn::start_in(folder, &[USUAL, &files].concat()).await;
    let url = format!("turns:127.0.0.1:{}", turn.tls_port);
    let arguments = ["--ice-server", &url, "--turn-secret", SECRET];
    let trusted = turn.folder.path().join("certificate.pem");
    let (text, is_good) = run(&arguments, &[("SSL_CERT_FILE", trusted.to_str().unwrap())]).await;
    assert!(is_good && text.contains(" works: "), "{text}");
    let (text, is_good) = run(&arguments, &[]).await;
    assert!(
        !is_good && text.contains("its certificate is not accepted"),
        "{text}"
    );
}
