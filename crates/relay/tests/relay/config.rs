//! Flags, environment, file, defaults; and the program itself.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use visavis_relay::Config;
use visavis_relay::limits::{Limits, Rate};
use visavis_relay::logging::LogLevel;
use visavis_relay::origin::Origins;

use crate::program::{Program, fails, program};

/// `Config::load` with these arguments, and an environment that says nothing.
fn load(arguments: &[&str]) -> Result<Config, String> {
    let arguments = std::iter::once("visavis-relay").chain(arguments.iter().copied());
    Config::load(arguments.map(Into::into)).map_err(|error| error.to_string())
}

struct File {
    directory: TempDir,
}

impl File {
    fn new(text: &str) -> Self {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("relay.toml"), text).unwrap();
        Self { directory }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("relay.toml")
    }

    fn load(&self, arguments: &[&str]) -> Result<Config, String> {
        let path = self.path();
        load(&[&["--config", path.to_str().unwrap()], arguments].concat())
    }
}

#[test]
fn the_defaults_are_a_relay_for_eight_on_this_machine() {
    let config = load(&[]).unwrap();
    assert_eq!(
        (config.host.as_str(), config.port, config.room_capacity),
        ("127.0.0.1", 8080, 8)
    );
    assert!(config.site.is_none() && config.ice_servers.is_empty() && config.ice_ttl_seconds.is_none());
    assert_eq!(config.log_level, LogLevel::Info);
}

#[test]
fn a_file_sets_everything() {
    let file = File::new(
        r#"
        host = "0.0.0.0"
        port = 9000
        site = "dist"
        room_capacity = 4
        ice_ttl_seconds = 600
        log_level = "warn"
        log_format = "json"

        [[ice_servers]]
        urls = "stun:stun.example.org"

        [[ice_servers]]
        urls = ["turn:turn.example.org:3478", "turns:turn.example.org:5349?transport=tcp"]
        username = "user"
        credential = "pass"
        "#,
    );
    let config = file.load(&[]).unwrap();
    assert_eq!(
        (config.host.as_str(), config.port, config.room_capacity),
        ("0.0.0.0", 9000, 4)
    );
    // A path in a file is meant from that file.
    assert_eq!(config.site, Some(file.directory.path().join("dist")));
    assert_eq!(config.ice_ttl_seconds, Some(600));
    assert_eq!(config.log_level, LogLevel::Warn);
    assert_eq!(config.ice_servers.len(), 2);
    assert_eq!(config.ice_servers[1].credential.as_deref(), Some("pass"));
}

#[test]
fn flags_win_over_the_file() {
    let file =
        File::new("port = 9000\nroom_capacity = 4\nice_servers = [{ urls = 'stun:file.example.org' }]");
    let config = file
        .load(&["--port", "9001", "--ice-server", "stun:flag.example.org"])
        .unwrap();
    assert_eq!((config.port, config.room_capacity), (9001, 4));
    assert_eq!(config.ice_servers.len(), 1);
    assert_eq!(config.ice_servers[0].urls, ["stun:flag.example.org"]);
}

#[test]
fn ice_servers_are_flags_that_repeat() {
    let turn = "turn:turn.example.org:3478,user,pass,with,commas";
    let config = load(&["--ice-server", "stun:stun.example.org:3478", "--ice-server", turn]).unwrap();
    assert_eq!(config.ice_servers.len(), 2);
    assert_eq!(config.ice_servers[1].urls, ["turn:turn.example.org:3478"]);
    assert_eq!(config.ice_servers[1].username.as_deref(), Some("user"));
    assert_eq!(
        config.ice_servers[1].credential.as_deref(),
        Some("pass,with,commas")
    );
}

#[test]
fn a_wrong_file_is_named_with_the_field_and_the_line() {
    for (text, named) in [
        ("port = 9000\nprot = 1", &["prot", "line 2"][..]),
        ("port = 'many'", &["`port`", "line 1"]),
        ("port = 70000", &["`port`", "70000"]),
        ("room_capacity = -1", &["`room_capacity`"]),
        ("log_level = 'loud'", &["`log_level`", "loud"]),
        ("[[ice_servers]]\nurl = 'stun:x'", &["ice_servers[0]", "`url`"]),
        ("[[ice_servers]]\nusername = 'x'", &["ice_servers[0]", "`urls`"]),
        ("port 9000", &["line 1"]),
    ] {
        let error = File::new(text).load(&[]).unwrap_err();
        for word in named.iter().chain(&["relay.toml"]) {
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}

#[test]
fn a_credential_is_never_repeated_in_an_error() {
    for text in [
        "[[ice_servers]]\nurls = 'turn:x'\nusername = 'u'\ncredential = 'hunter2' x",
        "[[ice_servers]]\nurls = 'turn:x'\ncredential = 'hunter2'",
        "[[ice_servers]]\ncredential = ['hunter2']\nurls = 'turn:x'",
    ] {
        let error = File::new(text).load(&[]).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn an_account_of_twilio_is_whole_and_looks_like_one() {
    const SID: &str = "twilio_account_sid = 'AC1'\n";
    const TOKEN: &str = "twilio_auth_token = 'hunter2'\n";
    assert!(File::new("").load(&[]).unwrap().twilio.is_none());
    assert!(
        File::new(&format!("{SID}{TOKEN}"))
            .load(&[])
            .unwrap()
            .twilio
            .is_some()
    );
    assert!(
        File::new(SID)
            .load(&["--twilio-auth-token", "x"])
            .unwrap()
            .twilio
            .is_some()
    );
    for (text, named) in [
        (SID.to_owned(), "TWILIO_AUTH_TOKEN is not"),
        (TOKEN.to_owned(), "TWILIO_ACCOUNT_SID is not"),
        (format!("{SID}twilio_auth_token = ''"), "TWILIO_AUTH_TOKEN is not"),
        (
            format!("{TOKEN}twilio_account_sid = 'AC/../1'"),
            "must be `AC` and letters",
        ),
        (
            format!("{SID}{TOKEN}twilio_api = 'http://api.twilio.com'"),
            "https://api.twilio.com",
        ),
    ] {
        let error = File::new(&text).load(&[]).unwrap_err();
        assert!(
            error.contains(named) && !error.contains("hunter2"),
            "{text}: {error}"
        );
    }
    let error = fails(program().env("TWILIO_ACCOUNT_SID", "AC1"));
    assert!(error.contains("TWILIO_AUTH_TOKEN is not"), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = load(&["--config", "no/such/relay.toml"]).unwrap_err();
    assert!(error.contains("no/such/relay.toml"), "{error}");
}

#[test]
fn a_room_has_from_2_to_100_seats() {
    for good in ["2", "100"] {
        assert!(load(&["--room-capacity", good]).is_ok());
    }
    for bad in ["0", "1", "101"] {
        let error = load(&["--room-capacity", bad]).unwrap_err();
        assert!(
            error.contains("from 2 to 100") && error.contains("--room-capacity"),
            "{error}"
        );
    }
}

#[test]
fn a_wrong_ice_server_is_named_with_the_way_out() {
    for (server, named) in [
        ("stun.example.org", "must begin with `stun:`"),
        ("https://stun.example.org", "must begin with `stun:`"),
        ("stun://stun.example.org", "no slashes"),
        ("stun:", "needs a host"),
        ("stun::3478", "needs a host"),
        ("stun:a%20host", "needs a host"),
        ("stun:h/path", "needs a host"),
        ("stun:user@h", "needs a host"),
        ("stun:[::1", "needs a host"),
        ("stun:[h]:3478", "needs a host"),
        ("stun:h:99999", "from 1 to 65535"),
        ("stun:h:0", "from 1 to 65535"),
        ("stun:h:", "from 1 to 65535"),
        ("stun:::1", "needs a host"),
        ("stun:fe80::1", "from 1 to 65535"),
        ("stun:[::1]3478", "from 1 to 65535"),
        ("stun:h?transport=udp", "?transport=udp"),
        ("turn:h?transport=sctp,u,c", "?transport=udp"),
        ("turn:h?x=y,u,c", "?transport=udp"),
        ("turn:turn.example.org", "needs a username"),
        ("turns:turn.example.org", "needs a username"),
        ("turn:turn.example.org,,pass", "needs a username"),
        ("turn:turn.example.org,user", "needs a credential"),
        ("turn:turn.example.org,user,", "needs a credential"),
    ] {
        let error = load(&["--ice-server", "stun:fine", "--ice-server", server]).unwrap_err();
        assert!(
            error.contains(named) && error.contains("ICE server 2"),
            "{server}: {error}"
        );
    }
    let error = File::new("ice_servers = [{ urls = [] }]").load(&[]).unwrap_err();
    assert!(error.contains("no address"), "{error}");
}

#[test]
fn addresses_that_browsers_take_are_taken() {
    for server in [
        "stun:stun.example.org",
        "stun:192.0.2.1:3478",
        "stun:[2001:db8::1]:3478",
        "stuns:stun.example.org:5349",
        "turn:turn.example.org?transport=udp,u,c",
        "turns:turn.example.org:443?transport=tcp,u,c",
        "turn:[2001:db8::1],u,c",
    ] {
        assert!(load(&["--ice-server", server]).is_ok(), "{server}");
    }
}

#[test]
fn turn_servers_that_share_a_secret_need_no_username() {
    let servers = [
        "--ice-server",
        "turn:turn.example.org",
        "--ice-server",
        "stun:stun.example.org",
    ];
    assert!(load(&servers).unwrap_err().contains("turn_secret"));
    let config = load(&[&servers[..], &["--turn-secret", "hunter2"]].concat()).unwrap();
    assert!(config.turn_secret.is_some());
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(
        load(&["--turn-secret", ""])
            .unwrap_err()
            .contains("--turn-secret")
    );
    let file = File::new("turn_secret = 'hunter2'\nice_servers = [{ urls = 'turn:turn.example.org' }]");
    assert!(file.load(&[]).is_ok());
}

#[test]
fn limits_come_from_the_file_and_from_flags() {
    let file = File::new(
        "[limits]\nrooms = 10\nconnections_per_address = 20\nmessages = { burst = 5, per_minute = 6 }\n",
    );
    let limits = file
        .load(&["--limit", "rooms=11", "--limit", "joins=7/8"])
        .unwrap()
        .limits;
    let rate = |burst, per_minute| Rate { burst, per_minute };
    assert_eq!((limits.rooms, limits.connections_per_address), (11, 20));
    assert_eq!((limits.messages, limits.joins), (rate(5, 6), rate(7, 8)));
    assert_eq!(limits.tokens, Limits::default().tokens);
    assert_eq!(load(&[]).unwrap().limits, Limits::default());

    for (flag, named) in [
        ("people=7", "unknown"),
        ("rooms", "NAME=NUMBER"),
        ("rooms=0", "at least 1"),
    ] {
        let error = load(&["--limit", flag]).unwrap_err();
        assert!(error.contains(named) && error.contains("--limit"), "{error}");
    }
    let error = File::new("[limits]\nroom = 1").load(&[]).unwrap_err();
    assert!(error.contains("limits") && error.contains("room"), "{error}");
}

#[test]
fn origins_are_those_of_the_relays_own_site_unless_it_is_told_otherwise() {
    assert_eq!(load(&[]).unwrap().origins, Origins::default());
    let file = File::new("origins = ['own', 'missing', 'https://example.org']");
    let origins = file.load(&[]).unwrap().origins;
    assert!(origins.own && origins.missing && !origins.any);
    assert_eq!(origins.listed, ["https://example.org"]);
    assert!(file.load(&["--origin", "any"]).unwrap().origins.any);
    let error = load(&["--origin", "https://example.org/calls"]).unwrap_err();
    assert!(
        error.contains("example.org/calls") && error.contains("--origin"),
        "{error}"
    );
}

#[test]
fn proxies_frames_and_metrics_are_off_unless_they_are_named() {
    let config = load(&[]).unwrap();
    assert!(
        config.trusted_proxies.is_empty() && config.frame_ancestors.is_empty() && config.metrics.is_none()
    );
    let config = load(&[
        "--trusted-proxy",
        "10.0.0.0/8",
        "--trusted-proxy",
        "::1",
        "--frame-ancestor",
        "https://example.org",
        "--metrics",
        "127.0.0.1:9100",
    ])
    .unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.frame_ancestors, ["https://example.org"]);
    assert_eq!(config.metrics.unwrap().port(), 9100);
    for (flag, value) in [
        ("--trusted-proxy", "proxy.example.org"),
        ("--frame-ancestor", "*"),
        ("--frame-ancestor", "https://example.org;script-src"),
    ] {
        let error = load(&[flag, value]).unwrap_err();
        assert!(error.contains(value) && error.contains(flag), "{error}");
    }
}

#[test]
fn credentials_that_are_good_for_no_time_are_refused() {
    assert!(
        load(&["--ice-ttl-seconds", "0"])
            .unwrap_err()
            .contains("--ice-ttl-seconds")
    );
}

#[test]
fn ice_servers_that_fit_into_no_message_are_refused() {
    let long = format!("stun:{}", "x".repeat(70_000));
    assert!(
        load(&["--ice-server", &long])
            .unwrap_err()
            .contains("configure fewer")
    );
}

#[tokio::test]
async fn a_config_that_was_made_by_hand_is_checked_too() {
    let config = Config {
        room_capacity: 1,
        port: 0,
        ..Config::default()
    };
    assert!(visavis_relay::start(config).await.is_err());
}

#[test]
fn the_environment_wins_over_the_file_and_flags_over_the_environment() {
    let file = File::new("room_capacity = 1000");
    let mut command = program();
    command.env("VISAVIS_CONFIG", file.path());
    assert!(fails(&mut command).contains("1000 people"));
    command.env("VISAVIS_ROOM_CAPACITY", "1001");
    assert!(fails(&mut command).contains("1001 people"));
    command.args(["--room-capacity", "1002"]);
    assert!(fails(&mut command).contains("1002 people"));
}

#[test]
fn ice_servers_in_the_environment_are_apart_by_spaces() {
    let mut command = program();
    command.env(
        "VISAVIS_ICE_SERVERS",
        "stun:a.example.org turn:b.example.org,user,pass http:c",
    );
    assert!(fails(&mut command).contains("ICE server 3"));
}

#[test]
fn help_explains_and_keeps_secrets() {
    let output = program()
        .env("VISAVIS_ICE_SERVERS", "turn:x,user,hunter2")
        .env("VISAVIS_TURN_SECRET", "hunter2")
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && help.contains("--ice-server") && help.contains("VISAVIS_PORT"),
        "{help}"
    );
    assert!(!help.contains("hunter2"), "{help}");
}

#[test]
fn an_unknown_flag_is_named() {
    assert!(fails(program().arg("--prot")).contains("--prot"));
}

#[cfg(unix)]
#[test]
fn the_program_tells_its_address_and_ends_when_it_is_told_to() {
    for signal in ["-TERM", "-INT"] {
        let log = Program::start(&["--log-format", "json"]).stop(signal);
        assert!(log.contains(r#""message":"stopped""#), "{log}");
    }
}
