//! The budget for all outgoing video on a network that carries less.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use visavis_e2e::{Engine, Launch, Page, Screen, alone, other_camera, relay_on};
use visavis_netlab::Lab;
use visavis_relay::Config;

/// What Alice can send, in kilobits a second: a fourth of the video budget.
const UPLINK: u32 = 400;

/// What waits for the uplink at most, in bytes: half a second of it.
const QUEUE: usize = 25_000;

/// The size of the video. A whole number of squares.
const WIDTH: usize = 640;
const HEIGHT: usize = 384;

/// How long estimates may take to follow the network.
const PATIENCE: Duration = Duration::from_secs(90);

/// What Alice's camera sees: as much new detail in each frame as any uplink could carry.
fn film(file: &Path) -> std::io::Result<()> {
    const SQUARE: usize = 16;
    let mut file = BufWriter::new(File::create(file)?);
    writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F15:1 Ip A1:1 C420jpeg")?;
    let mut chance = 1_u32;
    for _ in 0..30 {
        writeln!(file, "FRAME")?;
        for _ in 0..HEIGHT / SQUARE {
            let squares = (0..WIDTH / SQUARE).map(|_| {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                chance.to_be_bytes()[0]
            });
            let row: Vec<u8> = squares.flat_map(|shade| [shade; SQUARE]).collect();
            for _ in 0..SQUARE {
                file.write_all(&row)?;
            }
        }
        // Grey.
        file.write_all(&vec![128; WIDTH * HEIGHT / 2])?;
    }
    file.flush()
}

/// What Alice's connections may send for each video, in bits a second: to whom she sends most first.
const LIMITS: &str = "[...window.inside.connections]
    .flatMap(connection => connection.getSenders())
    .filter(sender => sender.track?.kind === 'video')
    .map(sender => sender.getParameters().encodings[0].maxBitrate ?? Infinity)
    .sort((a, b) => b - a)";

/// Waits until the limits of all videos together are like this.
async fn all_together(page: &Page, comparison: &str) -> [f64; 2] {
    let all = format!("{LIMITS}.reduce((a, b) => a + b) {comparison}");
    let come = page.within(PATIENCE, &all).await;
    let limits = page.evaluate(LIMITS).await;
    assert!(come, "not {comparison} in all: {limits}");
    let [Some(large), Some(small)] = [limits[0].as_f64(), limits[1].as_f64()] else {
        panic!("two videos have limits: {limits}")
    };
    println!("{large} and {small} bit/s");
    [large, small]
}

/// What Alice sends goes to Bob, who shows it large, and to Carol, who shows it small. A narrow uplink is
/// shared out in the same way as a wide one; the browser itself would give both as much.
#[test]
fn a_narrow_uplink_is_shared_out_like_a_wide_one() {
    alone(async {
        let hosts = ["alice", "others", "server"];
        let lab = Lab::builder().hosts(hosts).rtt(Duration::from_millis(40));
        let lab = lab.queue(QUEUE).start().unwrap_or_else(|error| panic!("{error}"));
        let (_relay, origin) = relay_on(&lab.host("server"), Config::default()).await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let camera = folder.path().join("squares.y4m");
        film(&camera).expect("a film can be written");
        let browser = |host: &str| Launch::new(Engine::Chromium).at(lab.host(host)).trust(&origin);
        let (alices, others) =
            tokio::join!(browser("alice").film(&camera).start(), browser("others").start());
        let [alice, bob, carol] = [
            alices.window().await,
            others.window().await,
            others.window().await,
        ];
        for page in [&alice, &bob, &carol] {
            page.before_load(&other_camera((640, 384), 15, false)).await;
            page.go(&format!("{origin}/#/narrow")).await;
            page.instrument().await;
        }
        for (page, width, height) in [(&bob, 1280, 800), (&carol, 640, 400)] {
            page.show_on(Screen {
                width,
                height,
                dark: false,
            })
            .await;
        }
        for page in [&alice, &bob, &carol] {
            page.click("get-video").await;
            page.wait_until("!document.getElementById('camera').disabled")
                .await;
        }
        // Nobody else sends anything that would have to be encoded.
        for page in [&bob, &carol] {
            page.click("camera").await;
        }
        lab.set_pair_rate("alice", "others", Some(UPLINK));
        alice.wait_for_stage("ready").await;
        alice.click("call").await;
        for page in [&bob, &carol] {
            page.wait_for_stage("ringing").await;
            page.click("call").await;
        }
        for page in [&bob, &carol] {
            page.wait_until("document.querySelectorAll('.tile.remote:not([hidden], .off)').length === 1")
                .await;
        }
        let [large, small] = all_together(&alice, "< 1_000_000").await;
        assert!(large > small * 2.0, "who shows it large has more");
        // Alice has no microphone. What is promised to audio is taken from the video.
        let for_audio = "[...window.inside.connections]
        .flatMap(connection => connection.getTransceivers())
        .filter(({ receiver }) => receiver.track.kind === 'audio')
        .flatMap(({ sender }) => sender.getParameters().encodings.map(({ maxBitrate }) => maxBitrate ?? null))";
        assert_eq!(alice.evaluate(for_audio).await, json!([null, null]));

        lab.reset_pair("alice", "others");
        let [large, small] = all_together(&alice, "> 1_600_000").await;
        assert!(large > small * 2.0, "and of a wide one as well");
        for browser in [alices, others] {
            browser.close().await;
        }
    });
}
