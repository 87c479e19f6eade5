//! Where a browser runs: on this machine as it is, or in a network of a test's own making.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use tower_service::Service;

/// Somewhere that programs run, with a network of its own perhaps.
pub trait Place: Debug + Send + Sync + 'static {
    /// A command that runs a program there.
    fn command(&self, program: &str) -> Command;

    /// A connection to a program there, at an address as seen from there. It may block.
    ///
    /// # Errors
    /// Nobody listens.
    fn connect(&self, address: SocketAddr) -> io::Result<TcpStream>;
}

/// This machine, as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisMachine;

impl Place for ThisMachine {
    fn command(&self, program: &str) -> Command {
        Command::new(program)
    }

    fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(address)
    }
}

/// The way to a driver, for hyper: through its place.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) place: Arc<dyn Place>,
    pub(crate) address: SocketAddr,
}

impl Way {
    pub(crate) async fn connect(self) -> io::Result<tokio::net::TcpStream> {
        let connection = tokio::task::spawn_blocking(move || self.place.connect(self.address));
        let connection = connection.await.map_err(io::Error::other)??;
        connection.set_nodelay(true)?;
        connection.set_nonblocking(true)?;
        tokio::net::TcpStream::from_std(connection)
    }
}

impl Service<Uri> for Way {
    type Response = TokioIo<tokio::net::TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        // The URI says the same address: there is nobody else to talk to.
        let way = self.clone();
        Box::pin(async move { Ok(TokioIo::new(way.connect().await?)) })
    }
}
