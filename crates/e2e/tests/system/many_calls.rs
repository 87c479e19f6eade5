//! Many calls in one page leave nothing behind, and neither do many people who come and go. Here it is some
//! dozens; `cargo xtask soak` has a thousand calls and two thousand people.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use visavis_e2e::{Browser, Engine, Page, Pair, alone, enter_room, relay};

/// How many calls, or people, and what each may leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// By then everything is there that is made once and kept.
    warm_up: u32,
    times: u32,
    /// Bytes of the heap that a call, or a person, may leave, beside [`HEAP_ANYWAY`] in each round.
    heap_each: i64,
    /// Of so many connections, Chromium itself may keep one: it was closed in the middle of an operation.
    /// Those with people who go at once are closed there more often, the slower the machine.
    keeps_one_of: i64,
}

/// What each of these leaves behind is noticed, if it is counted or large.
const SOME_CALLS: Times = Times {
    warm_up: 20,
    times: 60,
    heap_each: 256,
    keeps_one_of: 16,
};

const SOME_PEOPLE: Times = Times {
    warm_up: 40,
    times: 180,
    heap_each: 256,
    keeps_one_of: 3,
};

/// Fewer bytes than any object takes that belongs to a call.
pub(crate) const A_THOUSAND_CALLS: Times = Times {
    warm_up: 100,
    times: 900,
    heap_each: 128,
    keeps_one_of: 16,
};

pub(crate) const THOUSANDS_OF_PEOPLE: Times = Times {
    warm_up: 100,
    times: 2040,
    heap_each: 128,
    keeps_one_of: 3,
};

/// In so many rounds of as many each: what a call leaves behind comes in every round, what the browser
/// compiles and caches comes once.
const ROUNDS: u32 = 3;

/// By how many bytes the heap may grow in every round without a call's doing: the size of a heap is no exact
/// thing.
const HEAP_ANYWAY: i64 = 16_384;

/// What may be there for another reason than that calls leave it. WebAssembly's memory grows by pages of 64
/// KiB.
const SPARE: [(&str, i64); 4] = [
    ("memory", 65_536),
    ("connections", 20),
    ("streams", 9),
    ("tracks", 18),
];

/// How many bytes of WebAssembly's memory may stay of each call or person. A component that is gone stays in
/// the list of its owner's children; tests/ui.rs measures that to the byte.
const MEMORY_EACH: i64 = 256;

/// How many fit into a room besides who stays.
const OTHERS_THAT_FIT: usize = 7;

/// What counts what the page keeps.
const COUNT_WHAT_IS_KEPT: &str = include_str!("many_calls.js");

/// So many at a time; a script may not take forever.
const AT_A_TIME: u32 = 20;

/// Calls, and hangs up: once there is video of the other side, which is then connected as well, or at once.
/// With instant calls, it first waits until the browsers are pre-connected.
const CALL: &str = "\
    window.callAndHangUp = async (times, { atOnce = false, isPreConnected = false }) => {
        const { connections, stage, until, click, seesSomebody, preConnected } = window.inside;
        for (let i = 0; i < times; i++) {
            if (isPreConnected) {
                await until('the browsers are pre-connected', preConnected);
            }
            await click('call');
            await until('in a call', () => stage() === 'in-call' && (atOnce || seesSomebody()));
            await click('hang-up');
            await until('the call has ended', () => stage() === 'ended' && (isPreConnected || connections.size === 0));
        }
        if (isPreConnected) {
            await until('the browsers are pre-connected', preConnected);
        }
    }";

#[test]
fn many_calls_leave_nothing_behind() {
    alone(async {
        calls_leave_nothing("Chromium", SOME_CALLS).await;
    });
}

#[test]
fn many_calls_over_connections_that_stood_ready_leave_nothing_behind() {
    alone(async {
        calls_leave_nothing("instant calls", SOME_CALLS).await;
    });
}

/// What many calls do to a page, in words.
pub(crate) async fn calls_leave_nothing(variant: &'static str, calls: Times) -> String {
    let row = visavis_rows::row(24, variant);
    let pre_connected = variant == "instant calls";
    let pair = two_who_call_often(pre_connected).await;
    let (alice, bob) = (&pair.alice, &pair.bob);
    let some = format!("callAndHangUp({AT_A_TIME}, {{ isPreConnected: {pre_connected} }})");

    call(alice, &some, calls.warm_up).await;
    let mut caller = vec![left_behind(alice).await];
    let mut callee = vec![left_behind(bob).await];
    let mut took = Duration::ZERO;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        call(alice, &some, calls.times / ROUNDS).await;
        took += start.elapsed();
        caller.push(left_behind(alice).await);
        callee.push(left_behind(bob).await);
    }

    let growth = [("the caller", caller), ("the callee", callee)]
        .map(|(who, rounds)| assert_little_is_left(who, &rounds, calls));
    let note = format!(
        "over {} calls the heaps grew by {} and {} bytes; {} ms per call",
        calls.times,
        growth[0],
        growth[1],
        (took / calls.times).as_millis()
    );
    row.note(note.clone()).passed();
    pair.close().await;
    note
}

#[test]
fn calls_that_end_at_once_leave_no_connection_behind() {
    alone(async {
        end_at_once(40).await;
    });
}

/// How many connections so many calls leave that end at once, in words.
pub(crate) async fn end_at_once(calls: u32) -> String {
    let row = visavis_rows::row(24, "ended at once");
    let pair = two_who_call_often(false).await;
    let some = format!("callAndHangUp({AT_A_TIME}, {{ atOnce: true }})");
    call(&pair.alice, &some, calls).await;
    // The caller's alone: Chromium itself keeps some that are closed while they are being made, as the
    // callee's are.
    let kept = integer(&kept(&pair.alice).await["connections"]);
    assert!(kept <= 1, "{kept} connections are kept");
    let note = format!("{kept} of {calls} connections are kept");
    row.note(note.clone()).passed();
    pair.close().await;
    note
}

/// People without pages: some join the room and leave it again, four at a time; or as many as a room has
/// seats for stay until they are told to leave.
const JOIN: &str = "\
    const join = () => new Promise((done, failed) => {
        const socket = new WebSocket(`ws://${location.host}/signal`);
        const send = message => socket.send(JSON.stringify(message));
        socket.onopen = () => send({ type: 'join', room: 'tea', secret: crypto.randomUUID(), name: 'A passer-by' });
        socket.onmessage = ({ data }) => {
            if (JSON.parse(data).type === 'joined') {
                socket.onclose = null;
                done(() => new Promise(left => {
                    socket.onclose = left;
                    send({ type: 'leave' });
                    socket.close();
                }));
            }
        };
        socket.onclose = ({ code }) => failed(new Error(`closed with ${code}`));
    });
    window.joinAndLeave = async times => {
        const visits = async () => {
            for (let i = 0; i < times / 4; i++) {
                const leave = await join();
                await leave();
            }
        };
        await Promise.all([visits(), visits(), visits(), visits()]);
    };
    let crowd = [];
    window.crowdComes = async others => {
        crowd = await Promise.all(Array.from({ length: others }, join));
    };
    window.crowdLeaves = () => Promise.all(crowd.map(leave => leave()));";

#[test]
fn many_who_come_and_go_leave_nothing_behind() {
    alone(async {
        people_leave_nothing(SOME_PEOPLE).await;
    });
}

/// What many who come and go do to the page of who stays, in words.
pub(crate) async fn people_leave_nothing(people: Times) -> String {
    let (relay, browser) = (relay().await, Browser::start().await);
    let (alice, others) = (browser.window().await, browser.window().await);
    alice.before_load(COUNT_WHAT_IS_KEPT).await;
    for page in [&alice, &others] {
        page.go(&format!("http://{}/#/tea", relay.address)).await;
    }
    alice.instrument().await;
    alice.click("get-video").await;
    alice.wait_for_stage("alone").await;
    others.run(JOIN).await;

    // What the page makes for as many as are there at once comes from memory that it has had before.
    others.resolve(&format!("crowdComes({OTHERS_THAT_FIT})")).await;
    let all_are_listed =
        format!("document.querySelectorAll('.people li:not([hidden])').length === {OTHERS_THAT_FIT}");
    alice.wait_until(&all_are_listed).await;
    others.resolve("crowdLeaves()").await;
    alice.wait_for_stage("alone").await;

    let some = format!("joinAndLeave({AT_A_TIME})");
    call(&others, &some, people.warm_up).await;
    alice.wait_for_stage("alone").await;
    let mut rounds = vec![left_behind(&alice).await];
    let made = alice.evaluate("window.inside.connectionsMade()").await;
    let mut took = Duration::ZERO;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        call(&others, &some, people.times / ROUNDS).await;
        took += start.elapsed();
        alice.wait_for_stage("alone").await;
        rounds.push(left_behind(&alice).await);
    }
    assert!(
        integer(&alice.evaluate("window.inside.connectionsMade()").await) > integer(&made),
        "nobody was pre-connected"
    );
    let growth = assert_little_is_left("who stays", &rounds, people);
    browser.close().await;
    format!(
        "{} came and went in {took:.1?}, and the heap grew by {growth} bytes",
        people.times
    )
}

async fn two_who_call_often(pre_connected: bool) -> Pair {
    let pair = Pair::between(Engine::Chromium, Engine::Chromium).await;
    for page in [&pair.alice, &pair.bob] {
        page.before_load(COUNT_WHAT_IS_KEPT).await;
        if pre_connected {
            page.reload().await;
        } else {
            page.without_pre_connecting().await;
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

/// By how many bytes the heap grew between the first of these and the last, each of them after one more
/// round.
fn assert_little_is_left(who: &str, rounds: &[LeftBehind], limits: Times) -> i64 {
    let Times {
        times,
        heap_each,
        keeps_one_of,
        ..
    } = limits;
    println!("{who}, before and after each round: {rounds:#?}");
    let [before, .., after] = rounds else {
        panic!("there was no round");
    };
    let in_every_round = rounds.windows(2).map(|round| round[1].heap - round[0].heap).min();
    assert!(
        in_every_round < Some(HEAP_ANYWAY + i64::from(times / ROUNDS) * heap_each),
        "{who} leaves more in the heap in every round: {rounds:#?}"
    );
    for ((kind, now), (_, then)) in after.others.iter().zip(&before.others) {
        let spare = SPARE.iter().find(|(with_spare, _)| with_spare == kind);
        let grows = match *kind {
            "memory" => MEMORY_EACH * i64::from(times),
            "connections" => i64::from(times) / keeps_one_of,
            _ => 0,
        };
        let spare = spare.map_or(0, |(_, spare)| *spare) + grows;
        assert!(now - then <= spare, "{who} leaves {kind} behind: {rounds:#?}");
    }
    after.heap - before.heap
}

async fn left_behind(page: &Page) -> LeftBehind {
    let kept = kept(page).await;
    let kept = |kind: &'static str| (kind, integer(&kept[kind]));
    page.devtools("Performance.enable", json!({})).await;
    collect_garbage(page).await;
    let metrics = page.devtools("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| {
        let mut all = metrics["metrics"].as_array().into_iter().flatten();
        let found = all.find(|metric| metric["name"] == name);
        found
            .and_then(|metric| metric["value"].as_i64())
            .unwrap_or_else(|| panic!("Chromium measures no {name}: {metrics}"))
    };
    LeftBehind {
        heap: metric("JSHeapUsedSize"),
        others: [
            ("nodes", metric("Nodes")),
            // What counts connections listens to each of them.
            ("listeners", metric("JSEventListeners") - kept("connections").1),
            kept("memory"),
            kept("connections"),
            kept("streams"),
            kept("tracks"),
            kept("callbacks"),
        ],
    }
}

async fn collect_garbage(page: &Page) {
    for _ in 0..3 {
        page.devtools("HeapProfiler.collectGarbage", json!({})).await;
    }
}

/// How many of each kind are alive.
async fn kept(page: &Page) -> Value {
    collect_garbage(page).await;
    page.evaluate("window.kept()").await
}

fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no integer"))
}
