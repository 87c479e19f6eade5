//! Camera, microphone and speaker: chosen, plugged in, unplugged. What the other side sees and hears is what
//! counts.

use std::f64::consts::TAU;
use std::path::Path;

use serde_json::json;
use visavis_e2e::{Engine, Launch, Page, Pair, enter_room, relay, see_each_other, together};

/// What the page sends, by device.
const SENDS: &str = "[...window.inside.connections].flatMap(connection => connection.getSenders())
    .map(sender => sender.track?.getSettings().deviceId).filter(id => id)";

/// What the browser does to the sound of our microphone.
const REMOVES_ECHO: &str = "document.getElementById('local-video').srcObject.getAudioTracks()[0]
    .getSettings().echoCancellation";

/// Three cameras, three microphones and three speakers, all of them fakes.
fn with_several() -> Launch {
    Launch::new(Engine::Chromium).argument("--use-fake-device-for-media-stream=device-count=3")
}

async fn instrumented(launch: Launch, other: Launch) -> Pair {
    let pair = Pair::between(launch, other).await;
    for page in [&pair.alice, &pair.bob] {
        page.reload().await;
        page.instrument().await;
    }
    enter_room(&pair.alice, &pair.bob).await;
    pair.alice.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    pair
}

/// Chooses as a person does.
async fn choose(page: &Page, list: &str, index: usize) -> String {
    page.wait_until(&format!(
        "document.getElementById('{list}')?.options.length > {index}"
    ))
    .await;
    let chosen = page
        .resolve(&format!(
            "(async list => {{
                list.selectedIndex = {index};
                list.dispatchEvent(new Event('change', {{ bubbles: true }}));
                return list.value;
            }})(document.getElementById('{list}'))"
        ))
        .await;
    chosen.as_str().expect("a device has an id").to_owned()
}

/// Opens a tab of the settings.
async fn open_settings(page: &Page, tab: &str) {
    page.click("settings").await;
    page.wait_until("document.getElementById('settings-dialog')?.open === true")
        .await;
    page.click(tab).await;
}

async fn uses(page: &Page, list: &str, id: &str) {
    page.wait_until(&format!("document.getElementById('{list}')?.value === '{id}'"))
        .await;
}

#[test]
fn another_camera_and_microphone_are_sent_without_negotiation_and_remembered() {
    together(async {
        let pair = instrumented(with_several(), with_several()).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        let descriptions = "[...window.inside.connections].map(it => it.localDescription.sdp.length + it.remoteDescription.sdp.length).join()";
        let before = alice.evaluate(descriptions).await;
        let removes_echo = alice.evaluate(REMOVES_ECHO).await;
        open_settings(alice, "video-settings").await;
        // The last option: the first says that there is none.
        let camera = choose(alice, "choose-camera", 3).await;
        alice.wait_until(&format!("({SENDS}).includes('{camera}')")).await;
        uses(alice, "choose-camera", &camera).await;
        bob.wait_for_moving_video("remote-video").await;

        alice.click("audio-settings").await;
        alice.click("close-settings").await;
        alice.click("microphone").await;
        bob.wait_for_silence("remote-video").await;
        // Whoever is muted stays so.
        open_settings(alice, "audio-settings").await;
        let microphone = choose(alice, "choose-microphone", 3).await;
        alice
            .wait_until(&format!("({SENDS}).includes('{microphone}')"))
            .await;
        bob.wait_for_silence("remote-video").await;
        alice.click("close-settings").await;
        alice.click("microphone").await;
        bob.wait_for_audio("remote-video").await;
        assert_eq!(
            alice.evaluate(descriptions).await,
            before,
            "nothing had to be negotiated"
        );
        assert_eq!(
            alice.evaluate(REMOVES_ECHO).await,
            removes_echo,
            "a choice of one thing changes nothing else"
        );

        alice.reload().await;
        alice.instrument().await;
        alice.click("get-video").await;
        // The ids may be others by now: browsers change them where nothing is kept for long.
        let labels =
            "document.getElementById('local-video').srcObject?.getTracks().map(it => it.label).sort().join()";
        alice
            .wait_until(&format!("({labels}) === 'Fake Audio Input 2,fake_device_2'"))
            .await;
        pair.close().await;
    });
}

#[test]
fn the_others_are_heard_from_the_speaker_that_was_chosen() {
    together(async {
        let pair = instrumented(with_several(), with_several()).await;
        let alice = &pair.alice;
        open_settings(alice, "audio-settings").await;
        let speaker = choose(alice, "choose-speaker", 3).await;
        let sink = "document.getElementById('remote-video').sinkId";
        alice.wait_until(&format!("{sink} === '{speaker}'")).await;
        // A sound that can be heard: it plays, and ends.
        alice.click("play-sound").await;
        alice
            .wait_until("document.getElementById('play-sound').disabled")
            .await;
        alice
            .wait_until("!document.getElementById('play-sound').disabled")
            .await;
        alice.wait_for_audio("remote-video").await;
        pair.close().await;
    });
}

/// No fake device can be plugged in or unplugged: this hides one from the page, as the browser would, and
/// ends its track.
const PLUGGING: &str = "
    window.hidden = new Set();
    const devices = navigator.mediaDevices;
    const list = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (await list()).filter(device => !hidden.has(device.deviceId));
    const open = devices.getUserMedia.bind(devices);
    window.tracks = [];
    devices.getUserMedia = async wanted => {
        if ([wanted.audio, wanted.video].some(it => hidden.has(it?.deviceId?.exact))) {
            throw new OverconstrainedError('deviceId');
        }
        const stream = await open(wanted);
        tracks.push(...stream.getTracks());
        return stream;
    };
    window.unplug = id => {
        hidden.add(id);
        for (const track of tracks) {
            if (track.readyState === 'live' && track.getSettings().deviceId === id) {
                track.stop();
                track.dispatchEvent(new Event('ended'));
            }
        }
        devices.dispatchEvent(new Event('devicechange'));
    };
    window.plugIn = id => {
        hidden.delete(id);
        devices.dispatchEvent(new Event('devicechange'));
    };";

async fn notice(page: &Page, code: &str) {
    page.wait_until(&format!(
        "document.querySelector('.device-notice:not([hidden])')?.dataset.notice === '{code}'"
    ))
    .await;
}

#[test]
fn what_is_unplugged_is_replaced_and_used_again_when_it_is_back() {
    together(async {
        let pair = Pair::between(with_several(), with_several()).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        for page in [alice, bob] {
            page.before_load(PLUGGING).await;
            page.reload().await;
            page.instrument().await;
        }
        enter_room(alice, bob).await;
        alice.click("call").await;
        see_each_other(alice, bob).await;
        for (tab, list, kind) in [
            ("video-settings", "choose-camera", "video"),
            ("audio-settings", "choose-microphone", "audio"),
        ] {
            open_settings(alice, tab).await;
            let chosen = choose(alice, list, 3).await;
            alice.wait_until(&format!("({SENDS}).includes('{chosen}')")).await;
            alice.click("close-settings").await;
            alice.run(&format!("unplug('{chosen}')")).await;
            notice(alice, "fell-over").await;
            alice
                .wait_until(&format!(
                    "({SENDS}).length === 2 && !({SENDS}).includes('{chosen}')"
                ))
                .await;
            if kind == "video" {
                bob.wait_for_moving_video("remote-video").await;
            } else {
                bob.wait_for_audio("remote-video").await;
            }
            alice.run(&format!("plugIn('{chosen}')")).await;
            notice(alice, "back").await;
            alice.wait_until(&format!("({SENDS}).includes('{chosen}')")).await;
            alice.click("close-notice").await;
        }
        bob.wait_for_moving_video("remote-video").await;
        bob.wait_for_audio("remote-video").await;
        pair.close().await;
    });
}

#[test]
fn what_is_plugged_in_is_offered() {
    together(async {
        let (relay, browser) = (relay().await, with_several().start().await);
        let page = browser.window().await;
        page.before_load(PLUGGING).await;
        page.go(&relay.url()).await;
        page.click("get-video").await;
        page.wait_for_moving_video("local-video").await;
        open_settings(&page, "video-settings").await;
        page.wait_until("document.getElementById('choose-camera')?.options.length === 4")
            .await;
        let id = page
            .evaluate("document.getElementById('choose-camera').options[2].value")
            .await;
        let id = id.as_str().expect("a device has an id");
        page.run(&format!("unplug('{id}')")).await;
        page.wait_until("document.getElementById('choose-camera')?.options.length === 3")
            .await;
        page.click("close-settings").await;
        page.run(&format!("plugIn('{id}')")).await;
        notice(&page, "plugged").await;
        page.click("use-device").await;
        let uses =
            "document.getElementById('local-video').srcObject.getVideoTracks()[0].getSettings().deviceId";
        page.wait_until(&format!("{uses} === '{id}'")).await;
        browser.close().await;
    });
}

/// What a microphone hears: a tone all the time, or nothing at all.
fn sound(file: &Path, volume: f64) {
    const RATE: u32 = 48_000;
    let samples = (0..RATE * 2).flat_map(|at| {
        let sample = (f64::from(at) / f64::from(RATE) * 440.0 * TAU).sin() * volume;
        #[expect(clippy::cast_possible_truncation, reason = "it is below 1")]
        let sample = (sample * 32_000.0) as i16;
        sample.to_le_bytes()
    });
    let data: Vec<u8> = samples.collect();
    let length = u32::try_from(data.len()).expect("it is short");
    let mut wav = Vec::from(*b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 2).to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(data);
    std::fs::write(file, wav).expect("the file can be written");
}

async fn in_call_hearing(volume: f64, then: impl AsyncFn(&Page, &Page)) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let file = folder.path().join("sound.wav");
    sound(&file, volume);
    let argument = format!("--use-file-for-fake-audio-capture={}", file.display());
    let pair = Pair::between(
        Launch::new(Engine::Chromium).argument(&argument),
        Engine::Chromium,
    )
    .await
    .in_call()
    .await;
    then(&pair.alice, &pair.bob).await;
    pair.close().await;
}

#[test]
fn who_speaks_while_muted_is_told() {
    together(async {
        in_call_hearing(0.8, async |alice, bob| {
            alice.click("microphone").await;
            notice(alice, "speaks-muted").await;
            bob.wait_for_silence("remote-video").await;
            alice.click("unmute").await;
            bob.wait_for_audio("remote-video").await;
            assert_eq!(
                alice
                    .evaluate("document.querySelector('.device-notice').hidden")
                    .await,
                json!(true)
            );
        })
        .await;
    });
}

#[test]
fn a_microphone_that_yields_nothing_is_noticed() {
    together(async {
        in_call_hearing(0.0, async |alice, _| {
            notice(alice, "silent").await;
            alice.click("see-settings").await;
            alice
                .wait_until("document.getElementById('choose-microphone')?.checkVisibility()")
                .await;
        })
        .await;
    });
}
