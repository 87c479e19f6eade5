//! A TCP stream that gives up on clients that ask for files and don't take them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::metrics::{Metrics, Refusal};

/// How many bytes a second a client has to take, on average, while we wait for it: a modem takes more.
const LEAST_PER_SECOND: u64 = 2 * 1024;

/// A stream whose writes fail if the other side, during some seconds in which we wait for it, does not take
/// enough. What the system takes for it in advance does not count.
#[derive(Debug)]
pub(crate) struct Slow<S> {
    stream: S,
    /// For how long we wait until we look at what was taken.
    patience: Duration,
    /// What is left of that, without the wait that goes on.
    left: Duration,
    /// What was taken since it began.
    taken: u64,
    waits_since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    metrics: Arc<Metrics>,
}

impl<S> Slow<S> {
    pub(crate) fn new(stream: S, patience: Duration, metrics: Arc<Metrics>) -> Self {
        Self {
            stream,
            patience,
            left: patience,
            taken: 0,
            waits_since: None,
            timer: Box::pin(sleep_until(Instant::now())),
            metrics,
        }
    }

    /// Follows what became of a write.
    fn follow(&mut self, cx: &mut Context<'_>, write: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match write {
            Poll::Ready(result) => {
                if let Some(since) = self.waits_since.take() {
                    self.left = self.left.saturating_sub(since.elapsed());
                }
                if let Ok(bytes) = result {
                    self.taken += bytes as u64;
                }
                Poll::Ready(result)
            }
            Poll::Pending => {
                let now = Instant::now();
                if self.waits_since.is_none() {
                    if self.left == self.patience {
                        // Until now, the system took everything.
                        self.taken = 0;
                    }
                    self.wait(now);
                }
                while self.timer.as_mut().poll(cx).is_ready() {
                    if !self.has_taken_enough() {
                        self.metrics.refused(Refusal::SlowReader);
                        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                    }
                    self.left = self.patience;
                    self.taken = 0;
                    self.wait(now);
                }
                Poll::Pending
            }
        }
    }

    fn wait(&mut self, now: Instant) {
        self.waits_since = Some(now);
        self.timer.as_mut().reset(now + self.left);
    }

    fn has_taken_enough(&self) -> bool {
        u128::from(self.taken) * 1000 >= u128::from(LEAST_PER_SECOND) * self.patience.as_millis()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Slow<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Slow<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.follow(cx, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.follow(cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::sleep;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);
    /// What the other side takes in advance.
    const BUFFER: usize = 1024;

    fn slow() -> (Slow<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(BUFFER);
        let metrics = Arc::new(Metrics::new(&[], &[]));
        (Slow::new(ours, PATIENCE, metrics), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up() {
        let (mut ours, theirs) = slow();
        let begun = Instant::now();
        let error = ours.write_all(&[0; 2 * BUFFER]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
        assert!(ours.metrics.text().contains("{reason=\"slow_reader\"} 1"));
        drop(theirs);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_byte_now_and_then_is_given_up() {
        let (mut ours, mut theirs) = slow();
        let reader = tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(3)).await;
                if theirs.read_u8().await.is_err() {
                    return;
                }
            }
        });
        let begun = Instant::now();
        ours.write_all(&[0; 2 * BUFFER]).await.unwrap_err();
        assert!(begun.elapsed() <= PATIENCE + Duration::from_secs(3));
        drop(ours);
        reader.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_enough_gets_everything_however_long_it_takes() {
        let (mut ours, mut theirs) = slow();
        let all = 200 * LEAST_PER_SECOND as usize;
        let reader = tokio::spawn(async move {
            let mut chunk = vec![0; BUFFER];
            let mut taken = 0;
            while taken < all {
                sleep(Duration::from_millis(200)).await;
                taken += theirs.read(&mut chunk).await.unwrap();
            }
        });
        let begun = Instant::now();
        ours.write_all(&vec![0; all]).await.unwrap();
        assert!(
            begun.elapsed() > 5 * PATIENCE,
            "the reader was to be slow: {:?}",
            begun.elapsed()
        );
        reader.await.unwrap();
    }
}
