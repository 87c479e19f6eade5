//! Both click Call in the same instant: that is one call, no matter who gives way.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use visavis_e2e::{Engine, Page, Pair, alone, enter_room};

/// How often each side must have given way. Fifty times: `cargo xtask soak`.
const TIMES_EACH: u32 = 5;

/// Two clicks in the same instant are not always glare. Hardly ever they are not.
const ROUNDS_AT_MOST_EACH: u32 = 6;

/// How long before the clicks the pages are told, in milliseconds: long enough for a busy machine.
const NOTICE: u128 = 60;

#[test]
fn of_two_chromiums_each_gives_way() {
    alone(async {
        let row = visavis_rows::row(5, "Chromium");
        let note = glare(Engine::Chromium, Engine::Chromium, TIMES_EACH).await;
        row.note(note).passed();
    });
}

#[test]
fn of_chromium_and_firefox_each_gives_way() {
    alone(async {
        let chromium_yields = visavis_rows::row(5, "Chromium yields to Firefox");
        let firefox_yields = visavis_rows::row(5, "Firefox yields to Chromium");
        let note = glare(Engine::Chromium, Engine::Firefox, TIMES_EACH).await;
        chromium_yields.note(note).passed();
        firefox_yields.passed();
    });
}

/// Lets two people call at once until each has given way so often.
pub(crate) async fn glare(alice: Engine, bob: Engine, times_each: u32) -> String {
    let pair = Pair::between(alice, bob).await;
    for page in [&pair.alice, &pair.bob] {
        page.without_pre_connecting().await;
    }
    let (start, mut rounds, mut seatings) = (Instant::now(), 0, 0);
    let mut given_way = Yielded::default();
    while given_way.alice < times_each || given_way.bob < times_each {
        // Names are drawn when a page is loaded, and decide who gives way.
        seatings += 1;
        let address = format!("{}?{seatings}#/glare-{seatings}", pair.relay.url());
        for page in [&pair.alice, &pair.bob] {
            page.go(&address).await;
            page.instrument().await;
            page.run(include_str!("glare.js")).await;
        }
        enter_room(&pair.alice, &pair.bob).await;
        while !given_way.enough_of_these_names(times_each) {
            rounds += 1;
            assert!(
                rounds <= times_each * ROUNDS_AT_MOST_EACH,
                "two clicks at once are hardly ever glare: {given_way:?}"
            );
            let round = round(&pair.alice, &pair.bob, rounds).await;
            given_way.count(round);
        }
        given_way.names_are_drawn_anew();
    }
    pair.close().await;
    let per_round = start.elapsed() / rounds;
    format!(
        "{} + {} glares in {rounds} calls, {} ms each",
        given_way.alice,
        given_way.bob,
        per_round.as_millis()
    )
}

/// How often each has given way.
#[derive(Debug, Default)]
struct Yielded {
    alice: u32,
    bob: u32,
    /// Who does, with the names of the moment.
    now: Option<GivesWay>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GivesWay {
    Alice,
    Bob,
}

impl Yielded {
    fn count(&mut self, who: Option<GivesWay>) {
        match who {
            Some(GivesWay::Alice) => self.alice += 1,
            Some(GivesWay::Bob) => self.bob += 1,
            // One offer came before the other was made.
            None => return,
        }
        assert!(
            self.now.is_none() || self.now == who,
            "with the same names it is always the same one who gives way"
        );
        self.now = who;
    }

    fn enough_of_these_names(&self, times_each: u32) -> bool {
        match self.now {
            Some(GivesWay::Alice) => self.alice >= times_each,
            Some(GivesWay::Bob) => self.bob >= times_each,
            None => false,
        }
    }

    fn names_are_drawn_anew(&mut self) {
        self.now = None;
    }
}

/// Both call at once, and one hangs up. Says who gave way, if somebody had to.
async fn round(alice: &Page, bob: &Page, round: u32) -> Option<GivesWay> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970");
    let call = format!("callAt({})", now.as_millis() + NOTICE);
    let (at_alice, at_bob) = match tokio::join!(alice.attempt(&call), bob.attempt(&call)) {
        (Ok(at_alice), Ok(at_bob)) => (at_alice, at_bob),
        failed => panic!("round {round}: {failed:?}"),
    };
    let gave_way = one_call(&at_alice, &at_bob);

    let alice_hangs_up = round.is_multiple_of(2);
    let (ends, ended) = (
        format!("end({alice_hangs_up})"),
        format!("end({})", !alice_hangs_up),
    );
    let open = tokio::join!(alice.resolve(&ends), bob.resolve(&ended));
    assert_eq!(
        open,
        (0.into(), 0.into()),
        "connections are left open after a hang-up"
    );
    gave_way
}

/// Both sides have one connection, and it is the same one.
fn one_call(alice: &Value, bob: &Value) -> Option<GivesWay> {
    let (Some([a]), Some([b])) = (
        alice.as_array().map(Vec::as_slice),
        bob.as_array().map(Vec::as_slice),
    ) else {
        panic!("not one connection each: {alice} and {bob}");
    };
    assert!(
        a["here"] == b["there"] && a["there"] == b["here"],
        "they are not connected with each other: {a} and {b}"
    );
    match (a["yielded"] == true, b["yielded"] == true) {
        (true, false) => Some(GivesWay::Alice),
        (false, true) => Some(GivesWay::Bob),
        (false, false) => None,
        (true, true) => panic!("both gave way"),
    }
}
