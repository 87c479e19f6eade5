//! Two people on hosts of a network laboratory; the relay, and a TURN server if one is wanted, on a third.
//!
//! Needs root and Linux, as the laboratory does, and Debian's package `coturn` for TURN.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;
use visavis_netlab::{Builder, Host, Lab};
use visavis_protocol::ice::IceServer;
use visavis_relay::config::Timing;
use visavis_relay::ice::TurnSecret;
use visavis_relay::{Config, Running};

use crate::browser::Browser;
use crate::launch::{Engine, Launch};
use crate::page::Page;
use crate::pair::{enter_room, see_each_other};
use crate::place::Place;
use crate::servers::{site_with, usual_site};

/// Where the relay listens on its host.
const RELAY_PORT: u16 = 8080;

/// Where STUN and TURN listen (RFC 8656, section 3.1).
const TURN_PORT: u16 = 3478;

const TURN_USER: &str = "visavis";
const TURN_PASSWORD: &str = "a-password-of-the-laboratory";

impl Place for Host {
    fn command(&self, program: &str) -> Command {
        Host::command(self, program)
    }

    fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        Host::connect(self, address)
    }
}

/// What the relay tells of a TURN server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnServer {
    /// Nothing: the site has none.
    None,
    /// One that works, over UDP and over TCP.
    Works,
    /// The same, with credentials that the relay makes for each client, good for so many seconds.
    Minted(u32),
    /// One that works, with credentials that it refuses.
    Refuses,
    /// One that is not there.
    Missing,
}

/// Two people in a room with their cameras on, far from each other. Everything ends when this is dropped.
#[derive(Debug)]
pub struct Network {
    /// Who was there first; her host is `alice`.
    pub alice: Page,
    /// Who came later; his host is `bob`.
    pub bob: Page,
    /// The relay, which serves the site as well; its host is `server`.
    pub relay: Running,
    /// The site's address in the laboratory, without a slash at its end.
    pub origin: String,
    // Dropped in this order: the laboratory last, since nobody can go on without it.
    _browsers: [Browser; 2],
    _turn: Option<Coturn>,
    _site: Option<TempDir>,
    /// The network between them.
    pub lab: Lab,
}

impl Network {
    /// The hosts of a laboratory, to which links and translators can be added.
    pub fn hosts() -> Builder {
        Lab::builder().hosts(["alice", "bob", "server"])
    }

    /// Starts the laboratory, the servers and the browsers, and lets both people enter a room.
    ///
    /// # Panics
    /// Something of it is missing; the sentence says what, and how to get it.
    pub async fn start(hosts: Builder, turn: TurnServer) -> Self {
        Self::prepared(hosts, turn, async |_, _| ()).await
    }

    /// As [`Network::start`], but the browsers don't connect before a call.
    pub async fn without_pre_connecting(hosts: Builder, turn: TurnServer) -> Self {
        Self::prepared(hosts, turn, async |_: &str, page: &Page| {
            page.without_pre_connecting().await;
        })
        .await
    }

    /// As [`Network::start`]; but before they enter the room, something is done to each page, by the name of
    /// its host.
    pub async fn prepared(hosts: Builder, turn: TurnServer, set_up: impl AsyncFn(&str, &Page)) -> Self {
        let engines = [Engine::Chromium; 2];
        Self::start_like(hosts, turn, &Timing::default(), engines, set_up).await
    }

    /// As [`Network::prepared`], with Alice in this browser.
    pub async fn prepared_for(
        alice: Engine,
        hosts: Builder,
        turn: TurnServer,
        set_up: impl AsyncFn(&str, &Page),
    ) -> Self {
        let engines = [alice, Engine::Chromium];
        Self::start_like(hosts, turn, &Timing::default(), engines, set_up).await
    }

    /// As [`Network::start`], but pages have a clock that [`Page::hurry`] can turn, so many times as fast as
    /// usual; the relay keeps up with it from the beginning.
    pub async fn with_clock(hosts: Builder, turn: TurnServer, times: u32) -> Self {
        let take_clock = async |_: &str, page: &Page| {
            page.take_clock().await;
            page.reload().await;
        };
        let engines = [Engine::Chromium; 2];
        Self::start_like(hosts, turn, &hurried(times), engines, take_clock).await
    }

    /// Lets Alice and Bob, in these browsers, load the page of calls without any server from the host
    /// `server`, and take their cameras. Bob's has this behind its `#` instead of [`Network::BY_HAND`], once
    /// Alice is ready. The page itself knows the TURN server.
    ///
    /// # Panics
    /// Something of it is missing; the sentence says what, and how to get it.
    pub async fn by_hand(
        hosts: Builder,
        turn: TurnServer,
        engines: [Engine; 2],
        policy: &str,
        bobs: impl AsyncFnOnce(&Page) -> String,
    ) -> Self {
        let lab = hosts.start().unwrap_or_else(|error| panic!("{error}"));
        let server = lab.host("server");
        let turn_server = match turn {
            TurnServer::None => None,
            _ => Some(Coturn::start(&server, turn).await),
        };
        let site = site_with(
            &json!({
                "iceServers": turn.ice_servers(server.address()),
                "iceTransportPolicy": policy,
                "media": { "width": 640, "height": 360, "frameRate": 10 },
            })
            .to_string(),
        );
        let config = Config {
            site: Some(site.path().to_owned()),
            ..Config::default()
        };
        let (relay, origin) = relay_on(&server, config).await;
        let [alices, bobs_browser] = engines_on(&lab, ["alice", "bob"], engines, &origin).await;
        let (alice, bob) = (alices.window().await, bobs_browser.window().await);
        for (page, engine) in [(&alice, engines[0]), (&bob, engines[1])] {
            if engine == Engine::Chromium {
                page.take_clock().await;
            }
        }
        alice.go(&format!("{origin}/{}", Self::BY_HAND)).await;
        alice.instrument().await;
        alice.click("get-video").await;
        let hash = bobs(&alice).await;
        bob.go(&format!("{origin}/{hash}")).await;
        bob.instrument().await;
        bob.click("get-video").await;
        Self {
            alice,
            bob,
            relay,
            origin,
            _browsers: [alices, bobs_browser],
            _turn: turn_server,
            _site: Some(site),
            lab,
        }
    }

    /// What the page of calls without any server has behind its `#`.
    pub const BY_HAND: &str = "#/call=";

    async fn start_like(
        hosts: Builder,
        turn: TurnServer,
        timing: &Timing,
        engines: [Engine; 2],
        set_up: impl AsyncFn(&str, &Page),
    ) -> Self {
        let lab = hosts.start().unwrap_or_else(|error| panic!("{error}"));
        let server = lab.host("server");
        let turn_server = match turn {
            TurnServer::Works | TurnServer::Minted(_) | TurnServer::Refuses => {
                Some(Coturn::start(&server, turn).await)
            }
            TurnServer::None | TurnServer::Missing => None,
        };
        let config = Config {
            ice_servers: turn.ice_servers(server.address()),
            ice_ttl_seconds: turn.lifetime(),
            turn_secret: turn.lifetime().map(|_| TurnSecret::new(TURN_PASSWORD)),
            timing: *timing,
            ..Config::default()
        };
        let (relay, origin) = relay_on(&server, config).await;
        let [alices, bobs] = engines_on(&lab, ["alice", "bob"], engines, &origin).await;
        let (alice, bob) = (alices.window().await, bobs.window().await);
        for (name, page) in [("alice", &alice), ("bob", &bob)] {
            page.go(&format!("{origin}/#/laboratory")).await;
            set_up(name, page).await;
            page.instrument().await;
        }
        enter_room(&alice, &bob).await;
        Self {
            alice,
            bob,
            relay,
            origin,
            _browsers: [alices, bobs],
            _turn: turn_server,
            _site: None,
            lab,
        }
    }

    /// Lets Alice call Bob, and waits until they see each other.
    pub async fn call(&self) {
        self.alice.click("call").await;
        see_each_other(&self.alice, &self.bob).await;
    }

    /// How long it takes from now until both see each other move again.
    pub async fn until_both_move(&self) -> Duration {
        let start = Instant::now();
        let before = [
            self.alice.frames("remote-video").await,
            self.bob.frames("remote-video").await,
        ];
        for (page, before) in [&self.alice, &self.bob].into_iter().zip(before) {
            page.wait_for_frames("remote-video", before + 5).await;
        }
        start.elapsed()
    }

    /// How many connections each has made since the page was loaded.
    pub async fn connections_made(&self) -> [u64; 2] {
        let made = async |page: &Page| {
            let count = page.evaluate("window.inside.connectionsMade()").await;
            count.as_u64().expect("the connections are watched")
        };
        [made(&self.alice).await, made(&self.bob).await]
    }
}

/// What a relay waits for, so many times as fast as usual.
#[must_use]
pub fn hurried(times: u32) -> Timing {
    let usual = Timing::default();
    Timing {
        ping_every: usual.ping_every / times,
        lost_after: usual.lost_after / times,
        seat_kept: usual.seat_kept / times,
        ..usual
    }
}

/// Chromium on two hosts of a laboratory. To both, pages of this origin are as good as encrypted ones, so
/// that cameras work on them.
///
/// # Panics
/// Chromium does not start; the sentence says what is missing.
pub async fn browsers_on(lab: &Lab, hosts: [&str; 2], origin: &str) -> [Browser; 2] {
    engines_on(lab, hosts, [Engine::Chromium; 2], origin).await
}

async fn engines_on(lab: &Lab, hosts: [&str; 2], engines: [Engine; 2], origin: &str) -> [Browser; 2] {
    let browser = |index: usize| {
        Launch::new(engines[index])
            .at(lab.host(hosts[index]))
            .trust(origin)
            .start()
    };
    tokio::join!(browser(0), browser(1)).into()
}

/// A relay with these settings on a host of a laboratory, and the origin of what it serves: the built site,
/// if they name no other. Where it listens is always the same.
///
/// # Panics
/// It does not start.
pub async fn relay_on(host: &Host, config: Config) -> (Running, String) {
    let origin = format!("http://{}:{RELAY_PORT}", host.address());
    let config = Config {
        host: Ipv4Addr::UNSPECIFIED.to_string(),
        port: RELAY_PORT,
        site: config.site.or_else(|| Some(usual_site())),
        ..config
    };
    let (host, runtime) = (host.clone(), tokio::runtime::Handle::current());
    // The socket belongs to the host in whose thread it is made, and the relay to the runtime of the test.
    let start = move || host.enter(|| runtime.block_on(visavis_relay::start(config)));
    let started = tokio::task::spawn_blocking(start).await;
    let relay = started
        .expect("starting a relay does not panic")
        .unwrap_or_else(|error| panic!("the relay does not start: {error}"));
    (relay, origin)
}

impl TurnServer {
    fn ice_servers(self, host: Ipv4Addr) -> Vec<IceServer> {
        let credential = match self {
            Self::None => return Vec::new(),
            Self::Minted(_) => None,
            Self::Works | Self::Missing => Some(TURN_PASSWORD),
            Self::Refuses => Some("not-the-password"),
        };
        vec![IceServer {
            urls: vec![
                format!("stun:{host}:{TURN_PORT}"),
                format!("turn:{host}:{TURN_PORT}"),
                format!("turn:{host}:{TURN_PORT}?transport=tcp"),
            ],
            username: credential.map(|_| TURN_USER.into()),
            credential: credential.map(Into::into),
        }]
    }

    /// Of the credentials that the relay makes.
    fn lifetime(self) -> Option<u32> {
        match self {
            Self::Minted(seconds) => Some(seconds),
            _ => None,
        }
    }
}

/// coturn on a host of the laboratory.
#[derive(Debug)]
struct Coturn {
    process: Child,
    _folder: tempfile::TempDir,
}

impl Coturn {
    async fn start(host: &Host, turn: TurnServer) -> Self {
        let credentials = match turn {
            TurnServer::Minted(_) => vec![
                "--use-auth-secret".to_owned(),
                format!("--static-auth-secret={TURN_PASSWORD}"),
            ],
            _ => vec![
                "--lt-cred-mech".to_owned(),
                format!("--user={TURN_USER}:{TURN_PASSWORD}"),
            ],
        };
        let program = std::env::var("VISAVIS_TURNSERVER").unwrap_or_else(|_| "turnserver".into());
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let address = host.address().to_string();
        let process = host
            .command(&program)
            .args(["-n", "--realm=laboratory", "--no-tls", "--no-dtls", "--no-cli"])
            .args([
                format!("--listening-ip={address}"),
                format!("--relay-ip={address}"),
            ])
            .arg(format!("--listening-port={TURN_PORT}"))
            .args(credentials)
            .args(["--min-port=49152", "--max-port=49252", "--log-file=stdout"])
            .arg(format!("--pidfile={}", folder.path().join("pid").display()))
            .arg(format!("--userdb={}", folder.path().join("users").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start ({error}): {INSTALL}"));
        let mut server = Self {
            process,
            _folder: folder,
        };
        for _ in 0..100 {
            if host.connect((host.address(), TURN_PORT).into()).is_ok() {
                return server;
            }
            if let Ok(Some(status)) = server.process.try_wait() {
                panic!("{program} ends at once ({status}): {INSTALL}");
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{program} does not listen after ten seconds");
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        // One that has ended already is gone as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const INSTALL: &str = "run the tests by `cargo xtask test`, which installs what it needs, or install coturn, on Debian \
    by `sudo apt-get install coturn`.";
