//! What must not be in the logs.

use std::io;
use std::sync::{Arc, Mutex};

use visavis_relay::logging::{self, LogFormat, LogLevel};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn other_crates_are_never_logged() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = logging::subscriber(LogLevel::Trace, LogFormat::Text, move || writer.clone());
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!(target: "hyper", "private");
        tracing::error!(target: "visavis_relay", "ours");
    });
    let log = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("ours") && !log.contains("private"), "{log}");
}

/// The program itself, since its log is what counts, and since the subscriber of one test thread misses
/// events while others run.
#[cfg(unix)]
#[tokio::test]
async fn no_room_no_secret_no_text_and_no_address_is_logged() {
    use visavis_protocol::relay::ErrorCode;

    use crate::client::Client;
    use crate::http;
    use crate::program::Program;

    for format in ["text", "json"] {
        let relay = Program::start(&["--log-level", "trace", "--log-format", format]);
        let (mut a, a_id) = Client::seated(relay.address, "private-room", "secret-a").await;
        let (mut b, b_id) = Client::seated(relay.address, "private-room", "secret-b").await;
        a.ready(&b_id).await;
        b.ready(&a_id).await;
        a.say(&b_id, "private-text").await;
        b.message(&a_id, "private-text").await;
        a.send_text(r#"{"type":"private-type"}"#).await;
        a.error(ErrorCode::BadMessage).await;
        let (_newer, _) = Client::seated(relay.address, "private-room", "secret-a").await;
        a.error(ErrorCode::Replaced).await;
        a.closed(1008).await;
        http::get(relay.address, "/private-path").await;
        let log = relay.stop("-TERM");

        for hint in [
            "started",
            "opened",
            "join",
            "send",
            "bad message",
            "closed",
            "stopped",
        ] {
            assert!(log.contains(hint), "{hint} is missing: {log}");
        }
        for leak in [
            "private-",
            "secret-",
            a_id.as_str(),
            b_id.as_str(),
            "127.0.0.1",
            "::1",
            "localhost",
        ] {
            assert!(!log.contains(leak), "{leak} is logged: {log}");
        }
    }
}
