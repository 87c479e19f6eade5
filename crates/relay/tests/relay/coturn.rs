//! A real TURN server for tests, also for those of `src/check_turn`.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// Peers on this machine are what coturn allows only if it is told to.
pub(crate) const USUAL: &[&str] = &[
    "--use-auth-secret",
    "--static-auth-secret=shared",
    "--allow-loopback-peers",
];

/// coturn on this machine. It ends with the test, however that ends.
pub(crate) struct Coturn {
    process: Child,
    pub(crate) folder: TempDir,
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
}

impl Coturn {
    pub(crate) async fn start(settings: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), settings).await
    }

    /// `settings` may name files of the folder, in which it runs.
    pub(crate) async fn start_in(folder: TempDir, settings: &[&str]) -> Self {
        let program = std::env::var("VISAVIS_TURNSERVER").unwrap_or_else(|_| "turnserver".into());
        let [port, tls_port] = free_ports();
        let process = Command::new(&program)
            .current_dir(folder.path())
            .args(["-n", "--no-cli", "--no-dtls", "--realm=test", "--log-file=stdout"])
            .args(["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"])
            .arg(format!("--listening-port={port}"))
            .arg(format!("--tls-listening-port={tls_port}"))
            .args(["--pidfile=pid", "--userdb=users"])
            .args(settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start ({error}): {INSTALL}"));
        let mut server = Self {
            process,
            folder,
            port,
            tls_port,
        };
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
                return server;
            }
            if let Ok(Some(status)) = server.process.try_wait() {
                panic!("{program} ends at once ({status}): {INSTALL}");
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{program} does not listen after ten seconds");
    }

    pub(crate) fn url(&self) -> String {
        format!("turn:127.0.0.1:{}", self.port)
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const INSTALL: &str = "run the tests by `cargo xtask test`, which installs what it needs, or install coturn, on Debian \
    by `sudo apt-get install coturn`.";

/// Two ports that nothing has, for UDP or for TCP.
pub(crate) fn free_ports() -> [u16; 2] {
    let sockets = [(); 2].map(|()| {
        loop {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            let udp = UdpSocket::bind(tcp.local_addr().unwrap());
            if let Ok(udp) = udp {
                break (tcp, udp);
            }
        }
    });
    sockets
        .each_ref()
        .map(|(tcp, _)| tcp.local_addr().unwrap().port())
}
