//! A thousand calls in one page leave nothing behind, and neither do thousands of people who come and go.

use std::time::Instant;

use serde_json::{Value, json};
use visavis_e2e::{Browser, Engine, Page, Pair, alone, enter_room, relay};

/// By then everything is there that is made once and kept.
const WARM_UP: u32 = 100;
const CALLS: u32 = 1000;

/// So many people come and go.
const JOINS: u32 = 2000;

/// Bytes of the heap that a call, or a person, may leave: fewer than any object takes that belongs to one. (Over the first few hundred
/// it grows by more, while the browser still compiles and caches.)
const HEAP_EACH: i64 = 128;

/// What may be there for another reason than that calls leave it. WebAssembly's memory grows by pages of 64 KiB; and of
/// a few hundred connections, Chromium itself keeps one that was closed in the middle of an operation.
const SPARE: [(&str, i64); 5] = [
    ("WebAssembly memory", 65_536),
    ("connections", 20),
    ("streams", 9),
    ("tracks", 18),
    // What a caller of JavaScript compiles when it is first needed; a callback that a call leaves is two of them.
    ("functions", 20),
];

/// So many at a time; a script may not take forever.
const AT_A_TIME: u32 = 50;

/// Keeps the memory of the page's WebAssembly where a test can see it, and the pictures small, so that a thousand calls
/// don't take all day.
const BEFORE_LOAD: &str = "\
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = () => open({ audio: true, video: { width: 320, height: 240 } });
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const real = WebAssembly[name];
        WebAssembly[name] = async (...program) => {
            const made = await real.apply(WebAssembly, program);
            window.wasmMemory = (made.instance ?? made).exports.memory;
            return made;
        };
    }";

/// Calls, and hangs up: once there is a picture of the other side, which is then connected as well, or at once. Where
/// calls are prepared, it waits for that before.
const CALL: &str = "\
    window.callAndHangUp = async (times, { atOnce = false, isPrepared = false }) => {
        const { connections, stage, until, click, seesSomebody, prepared } = window.inside;
        for (let i = 0; i < times; i++) {
            if (isPrepared) {
                await until('a connection stands ready', prepared);
            }
            await click('call');
            await until('in a call', () => stage() === 'in-call' && (atOnce || seesSomebody()));
            await click('hang-up');
            await until('the call has ended', () => stage() === 'ended' && (isPrepared || connections.size === 0));
        }
        if (isPrepared) {
            await until('a connection stands ready', prepared);
        }
    }";

#[test]
fn a_thousand_calls_leave_nothing_behind() {
    alone(async {
        leave_nothing_behind("Chromium", false).await;
    });
}

#[test]
fn a_thousand_calls_over_connections_that_stood_ready_leave_nothing_behind() {
    alone(async {
        leave_nothing_behind("instant calls", true).await;
    });
}

async fn leave_nothing_behind(variant: &'static str, prepared: bool) {
    let row = visavis_rows::row(24, variant);
    let pair = two_who_call_often(prepared).await;
    let (alice, bob) = (&pair.alice, &pair.bob);
    let calls = format!("callAndHangUp({AT_A_TIME}, {{ isPrepared: {prepared} }})");

    call(alice, &calls, WARM_UP).await;
    let before = [left_behind(alice).await, left_behind(bob).await];
    let start = Instant::now();
    call(alice, &calls, CALLS - WARM_UP).await;
    let per_call = start.elapsed() / (CALLS - WARM_UP);
    let after = [left_behind(alice).await, left_behind(bob).await];

    for ((who, before), after) in ["the caller", "the callee"].iter().zip(&before).zip(&after) {
        after.assert_no_more_than(before, CALLS - WARM_UP, who);
    }
    let growth = |who: usize| after[who].heap - before[who].heap;
    row.note(format!(
        "the heaps grew by {} and {} bytes; {} ms per call",
        growth(0),
        growth(1),
        per_call.as_millis()
    ))
    .passed();
    pair.close().await;
}

#[test]
fn calls_that_end_at_once_leave_no_connection_behind() {
    alone(async {
        let row = visavis_rows::row(24, "ended at once");
        let pair = two_who_call_often(false).await;
        let calls = format!("callAndHangUp({AT_A_TIME}, {{ atOnce: true }})");
        call(&pair.alice, &calls, 300).await;
        // The caller's alone: Chromium itself keeps some that are closed while they are being made, as the callee's are.
        let kept = count(&pair.alice, "RTCPeerConnection").await;
        assert!(kept <= 1, "{kept} connections are kept");
        row.note(format!("{kept} of 300 connections are kept")).passed();
        pair.close().await;
    });
}

/// Joins the room and leaves it again, four at a time, without a page.
const JOIN: &str = "\
    window.joinAndLeave = async times => {
        const visit = () => new Promise((done, failed) => {
            const socket = new WebSocket(`ws://${location.host}/signal`);
            const send = message => socket.send(JSON.stringify(message));
            socket.onopen = () => send({ type: 'join', room: 'tea', secret: crypto.randomUUID(), name: 'A passer-by' });
            let joined = false;
            socket.onmessage = ({ data }) => {
                if (JSON.parse(data).type === 'joined') {
                    joined = true;
                    send({ type: 'leave' });
                    socket.close();
                }
            };
            socket.onclose = ({ code }) => joined ? done() : failed(new Error(`closed with ${code}`));
        });
        const visits = async () => {
            for (let i = 0; i < times / 4; i++) await visit();
        };
        await Promise.all([visits(), visits(), visits(), visits()]);
    }";

#[test]
fn thousands_who_come_and_go_leave_nothing_behind() {
    alone(async {
        let (relay, browser) = (relay().await, Browser::start().await);
        let (alice, others) = (browser.window().await, browser.window().await);
        alice.before_load(BEFORE_LOAD).await;
        for page in [&alice, &others] {
            page.go(&format!("http://{}/#/tea", relay.address)).await;
        }
        alice.instrument().await;
        alice.click("get-video").await;
        others.run(JOIN).await;
        let joins = format!("joinAndLeave({AT_A_TIME})");

        call(&others, &joins, WARM_UP).await;
        alice.wait_for_stage("alone").await;
        let before = left_behind(&alice).await;
        let made = alice.evaluate("window.inside.connectionsMade()").await;
        let start = Instant::now();
        call(&others, &joins, JOINS).await;
        println!("{JOINS} came and went in {:.1?}", start.elapsed());
        alice.wait_for_stage("alone").await;
        assert!(
            integer(&alice.evaluate("window.inside.connectionsMade()").await) > integer(&made),
            "nothing was prepared for anybody"
        );
        left_behind(&alice)
            .await
            .assert_no_more_than(&before, JOINS, "who stays");
        browser.close().await;
    });
}

async fn two_who_call_often(prepared: bool) -> Pair {
    let pair = Pair::between(Engine::Chromium, Engine::Chromium).await;
    for page in [&pair.alice, &pair.bob] {
        page.before_load(BEFORE_LOAD).await;
        if prepared {
            page.reload().await;
        } else {
            page.prepare_nothing().await;
        }
        page.instrument().await;
        page.run(CALL).await;
    }
    enter_room(&pair.alice, &pair.bob).await;
    pair
}

async fn call(page: &Page, some_calls: &str, times: u32) {
    for _ in 0..times / AT_A_TIME {
        page.resolve(some_calls).await;
    }
}

/// What there is in a page after its garbage has been collected: how much of each kind.
#[derive(Debug)]
struct LeftBehind {
    /// Bytes of JavaScript's heap.
    heap: i64,
    others: [(&'static str, i64); 7],
}

impl LeftBehind {
    /// After so many calls or people.
    fn assert_no_more_than(&self, before: &Self, times: u32, who: &str) {
        println!("{who}, before and after: {before:?}, {self:?}");
        assert!(
            self.heap - before.heap < i64::from(times) * HEAP_EACH,
            "{who} leaves more in the heap: {before:?}, then {self:?}"
        );
        for ((kind, now), (_, then)) in self.others.iter().zip(&before.others) {
            let spare = SPARE.iter().find(|(with_spare, _)| with_spare == kind);
            let spare = spare.map_or(0, |(_, spare)| *spare);
            assert!(
                now - then <= spare,
                "{who} leaves {kind} behind: {before:?}, then {self:?}"
            );
        }
    }
}

async fn left_behind(page: &Page) -> LeftBehind {
    page.devtools("Performance.enable", json!({})).await;
    for _ in 0..3 {
        page.devtools("HeapProfiler.collectGarbage", json!({})).await;
    }
    let metrics = page.devtools("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| {
        let mut all = metrics["metrics"].as_array().into_iter().flatten();
        let found = all.find(|metric| metric["name"] == name);
        found
            .and_then(|metric| metric["value"].as_i64())
            .unwrap_or_else(|| panic!("Chromium measures no {name}: {metrics}"))
    };
    let memory = page.evaluate("wasmMemory.buffer.byteLength").await;
    LeftBehind {
        heap: metric("JSHeapUsedSize"),
        others: [
            ("nodes", metric("Nodes")),
            ("listeners", metric("JSEventListeners")),
            ("WebAssembly memory", integer(&memory)),
            ("connections", count(page, "RTCPeerConnection").await),
            ("streams", count(page, "MediaStream").await),
            ("tracks", count(page, "MediaStreamTrack").await),
            ("functions", count(page, "Function").await),
        ],
    }
}

/// How many objects of a class are alive, whoever holds them.
async fn count(page: &Page, class: &str) -> i64 {
    let prototype = json!({ "expression": format!("{class}.prototype") });
    let prototype = page.devtools("Runtime.evaluate", prototype).await["result"]["objectId"].take();
    let objects = json!({ "prototypeObjectId": prototype, "objectGroup": "counted" });
    let objects = page.devtools("Runtime.queryObjects", objects).await["objects"]["objectId"].take();
    let length = json!({
        "objectId": objects,
        "functionDeclaration": "function() { return this.length; }",
        "returnByValue": true,
    });
    let length = page.devtools("Runtime.callFunctionOn", length).await;
    page.devtools("Runtime.releaseObjectGroup", json!({ "objectGroup": "counted" }))
        .await;
    integer(&length["result"]["value"])
}

fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no integer"))
}
