//! How messages get to a TURN server and back: datagrams, or a stream, which may be encrypted.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Address, Fault};

/// For a connection, and for an answer over a stream, where nothing is lost.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How a TURN server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream, encrypted.
    Tls,
    /// Datagrams, encrypted.
    Dtls,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp | Self::Dtls => "UDP",
            Self::Tcp | Self::Tls => "TCP",
        })
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

enum Socket {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>),
}

/// A way to one server.
pub(super) struct Link {
    socket: Socket,
    protocol: Protocol,
    pub(super) server: SocketAddr,
}

/// Makes links.
pub(super) struct Connector {
    tls: TlsConnector,
}

impl Connector {
    pub(super) fn new() -> Self {
        let mut roots = RootCertStore::empty();
        // Without any, no certificate is accepted, and the sentence about that names the reason.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    pub(super) async fn connect(&self, address: &Address, server: SocketAddr) -> Result<Link, Fault> {
        let protocol = address.protocol;
        let fault = |error: io::Error| fault(&error, protocol, server);
        let in_time = Fault::Silent(protocol, server.port());
        let socket = match protocol {
            Protocol::Dtls => return Err(Fault::Dtls),
            Protocol::Udp => {
                let any = match server {
                    SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                    SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
                };
                let socket = UdpSocket::bind((any, 0)).await.map_err(fault)?;
                // So that the system tells when nothing listens there.
                socket.connect(server).await.map_err(fault)?;
                Socket::Datagrams(socket)
            }
            Protocol::Tcp | Protocol::Tls => {
                let stream = timeout(PATIENCE, TcpStream::connect(server)).await;
                let stream = stream.map_err(|_| in_time.clone())?.map_err(fault)?;
                if protocol == Protocol::Tcp {
                    Socket::Stream(Box::new(stream))
                } else {
                    let name = ServerName::try_from(address.host.clone()).map_err(|_| Fault::Address)?;
                    let stream = timeout(PATIENCE, self.tls.connect(name, stream)).await;
                    let stream = stream
                        .map_err(|_| in_time)?
                        .map_err(|error| Fault::Certificate(error.to_string()))?;
                    Socket::Stream(Box::new(stream))
                }
            }
        };
        Ok(Link {
            socket,
            protocol,
            server,
        })
    }
}

impl Link {
    /// The pauses after which a message is sent again, if there is no answer.
    pub(super) fn pauses(&self) -> &'static [Duration] {
        const DATAGRAMS: [Duration; 4] = [
            Duration::from_millis(500),
            Duration::from_millis(1000),
            Duration::from_millis(1500),
            Duration::from_millis(2000),
        ];
        match self.socket {
            Socket::Datagrams(_) => &DATAGRAMS,
            Socket::Stream(_) => &[PATIENCE],
        }
    }

    pub(super) fn silent(&self) -> Fault {
        Fault::Silent(self.protocol, self.server.port())
    }

    pub(super) async fn send(&mut self, message: &[u8]) -> Result<(), Fault> {
        let sent = match &mut self.socket {
            Socket::Datagrams(socket) => socket.send(message).await.map(|_| ()),
            Socket::Stream(stream) => stream.write_all(message).await,
        };
        sent.map_err(|error| fault(&error, self.protocol, self.server))
    }

    /// The next message. Whoever gives up waiting has read a datagram, or loses the stream.
    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, Fault> {
        /// The type, the length, and what identifies a message (RFC 8489, section 5).
        const HEADER: usize = 20;
        let read = async {
            match &mut self.socket {
                Socket::Datagrams(socket) => {
                    let mut message = vec![0; 2048];
                    let length = socket.recv(&mut message).await?;
                    message.truncate(length);
                    Ok(message)
                }
                Socket::Stream(stream) => {
                    let mut message = vec![0; HEADER];
                    stream.read_exact(&mut message).await?;
                    let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
                    message.resize(HEADER + length, 0);
                    stream.read_exact(&mut message[HEADER..]).await?;
                    Ok(message)
                }
            }
        };
        read.await
            .map_err(|error: io::Error| fault(&error, self.protocol, self.server))
    }
}

fn fault(error: &io::Error, protocol: Protocol, server: SocketAddr) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Fault::Closed(protocol, server.port()),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            Fault::Strange
        }
        kind => Fault::Unreachable(kind),
    }
}
