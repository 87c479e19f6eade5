//! Who lets nobody see their network address: with a real TURN server, and without any.

use serde_json::{Value, json};
use visavis_e2e::{
    Engine, Network, Page, Pair, TurnServer, alone, relay_with, see_each_other, site_with, together,
};
use visavis_relay::Config;
use visavis_rows::row;

/// Notes all that the page says to others, and all addresses at the ends of its selected pairs.
const LISTEN: &str = r#"(() => {
    window.said = [];
    for (const { prototype } of [WebSocket, RTCDataChannel]) {
        const { send } = prototype;
        prototype.send = function (data) {
            said.push(String(data));
            return send.call(this, data);
        };
    }
})()"#;

/// From now on, notes both ends of each selected pair.
const LOOK: &str = r#"(() => {
    window.ends = { looks: 0, ours: [], theirs: [] };
    const note = (list, end) => {
        const text = `${end.candidateType} ${end.address ?? end.ip}`;
        if (!list.includes(text)) {
            list.push(text);
        }
    };
    setInterval(async () => {
        for (const connection of window.inside.connections) {
            const report = await connection.getStats();
            for (const { type, selected, state, nominated, localCandidateId, remoteCandidateId } of report.values()) {
                if (type === "candidate-pair" && (selected ?? (state === "succeeded" && nominated))) {
                    note(ends.ours, report.get(localCandidateId));
                    note(ends.theirs, report.get(remoteCandidateId));
                    ends.looks += 1;
                }
            }
        }
    }, 100);
})()"#;

/// What a page has said of addresses: types of candidates, IPv4 addresses, and names of mDNS.
const TOLD: &str = r#"({
    kinds: [...new Set(said.join().match(/ typ \w+/g))],
    addresses: [...new Set(said.join().match(/\b\d{1,3}(\.\d{1,3}){3}\b|[\w-]+\.local\b/g))].sort(),
    messages: said.length,
})"#;

async fn chooses(page: &Page, policy: &str) {
    page.run(&format!(
        "localStorage.setItem('visavis.iceTransportPolicy', '{policy}')"
    ))
    .await;
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("it is a list");
    list.iter().filter_map(Value::as_str).collect()
}

/// Both look for a path anew, by an ICE restart of this page.
async fn restarts(network: &Network, page: &Page) {
    let generation = "[...window.inside.connections][0].localDescription.sdp.match(/a=ice-ufrag:(.*)/)[1]";
    let before = page.evaluate(generation).await;
    page.run("[...window.inside.connections][0].restartIce()").await;
    page.wait_until(&format!("{generation} !== {before}")).await;
    page.wait_until("[...window.inside.connections][0].signalingState === 'stable'")
        .await;
    network.until_both_move().await;
}

/// All that this page has said tells the TURN server's address, and no other.
async fn expect_turn_alone(network: &Network, page: &Page) {
    let server = network.lab.host("server").address().to_string();
    let told = page.evaluate(TOLD).await;
    assert_eq!(told["kinds"], json!([" typ relay"]), "{told}");
    assert_eq!(told["addresses"], json!(["0.0.0.0", server]), "{told}");
}

/// Alice shows no address, and Bob does. Their network would let them connect directly.
async fn shows_turn_alone(engine: Engine, variant: &'static str) {
    let row = row(64, variant);
    let network = Network::prepared_for(
        engine,
        Network::hosts(),
        TurnServer::Works,
        async |name: &str, page: &Page| {
            if name == "alice" {
                chooses(page, "relay").await;
                page.reload().await;
            }
            page.run(LISTEN).await;
        },
    )
    .await;
    let [alice, bob] = [&network.alice, &network.bob];
    for page in [alice, bob] {
        page.run(LOOK).await;
        page.wait_until("window.inside.preConnected()").await;
    }
    network.call().await;
    for page in [alice, bob] {
        page.wait_for_why("relayed").await;
        restarts(&network, page).await;
    }
    bob.click("hang-up").await;
    alice.wait_for_stage("ended").await;
    bob.wait_for_stage("ended").await;
    bob.click("call").await;
    see_each_other(bob, alice).await;
    alice.wait_until("window.ends.looks > 20").await;

    expect_turn_alone(&network, alice).await;
    let server = network.lab.host("server").address().to_string();
    let ends = alice.evaluate("window.ends").await;
    assert_eq!(texts(&ends["ours"]), [format!("relay {server}")], "{ends}");
    // What Bob has of her, and that he does show himself.
    let ends = bob.evaluate("window.ends").await;
    assert!(
        texts(&ends["theirs"]).iter().all(|end| end.ends_with(&server)),
        "{ends}"
    );
    let told = bob.evaluate(TOLD).await;
    assert!(texts(&told["kinds"]).contains(&" typ host"), "{told}");
    // Nor was anything tried, on either side.
    let counters = network.lab.counters();
    for (from, to) in [("alice", "bob"), ("bob", "alice")] {
        let pair = counters.pair(from, to);
        assert_eq!(
            (pair.delivered.packets, pair.dropped.packets),
            (0, 0),
            "{from} to {to}"
        );
    }
    let looks = ends["looks"].as_u64().unwrap_or_default();
    row.note(format!("{looks} looks at selected pairs")).passed();
}

#[test]
fn row_64_a_turn_server_is_all_that_is_seen_of_chromium() {
    alone(shows_turn_alone(Engine::Chromium, "Chromium"));
}

#[test]
fn row_64_a_turn_server_is_all_that_is_seen_of_firefox() {
    alone(shows_turn_alone(Engine::Firefox, "Firefox"));
}

const SELECT: &str = "document.getElementById('addresses')";

/// Shows what is chosen.
async fn unfold(page: &Page) {
    page.run("document.querySelector('.preparation').open = true")
        .await;
    page.wait_until(&format!("!!{SELECT}")).await;
}

async fn choose_on_page(page: &Page, policy: &str) {
    page.run(&format!(
        "{SELECT}.value = '{policy}'; {SELECT}.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    ))
    .await;
    let means = if policy == "relay" { "relayed" } else { "direct" };
    page.wait_until(&format!(
        "document.querySelector('.preparation summary').textContent.endsWith('{means}')"
    ))
    .await;
}

/// A call that goes on directly goes on through the TURN server, by a new connection.
/// When the credential dies that the newest connection of a page would use for another address, in seconds
/// since 1970. coturn lets what it has lent be used after that, and lends nothing more.
const DIES: &str = "Number.parseInt([...window.inside.connections].at(-1).getConfiguration().iceServers
    .find(({ username }) => username).username)";

#[test]
fn a_call_outlives_its_first_turn_credential() {
    alone(async {
        let network = Network::prepared(
            Network::hosts(),
            TurnServer::Minted(20),
            async |_: &str, page: &Page| {
                chooses(page, "relay").await;
                page.reload().await;
            },
        )
        .await;
        network.call().await;
        for page in [&network.alice, &network.bob] {
            page.wait_for_why("relayed").await;
            let first = page.evaluate(DIES).await;
            page.wait_until(&format!("Date.now() / 1000 > {first} + 2")).await;
            // It was renewed before it died, and the path in use is the one from the beginning.
            page.wait_until(&format!("{DIES} > Date.now() / 1000 + 5")).await;
        }
        assert_eq!(network.connections_made().await, [1, 1]);
        // Every path is through TURN: without a good credential there would be no new one. The one who
        // begins needs it as much as the other.
        for page in [&network.alice, &network.bob] {
            restarts(&network, page).await;
            page.wait_for_why("relayed").await;
        }
        assert_eq!(network.connections_made().await, [1, 1]);
    });
}

#[test]
fn whoever_changes_their_mind_in_a_call_shows_no_address_from_then_on() {
    alone(async {
        let network = Network::prepared(Network::hosts(), TurnServer::Works, async |_, page: &Page| {
            page.run(LISTEN).await;
        })
        .await;
        let [alice, bob] = [&network.alice, &network.bob];
        unfold(alice).await;
        network.call().await;
        alice.wait_for_why("direct").await;
        alice.run("said.length = 0").await;
        choose_on_page(alice, "relay").await;
        for page in [alice, bob] {
            page.wait_for_why("relayed").await;
        }
        network.until_both_move().await;
        expect_turn_alone(&network, alice).await;
        let before = network.lab.counters();
        network.until_both_move().await;
        let after = network.lab.counters();
        for (from, to) in [("alice", "bob"), ("bob", "alice")] {
            assert_eq!(before.pair(from, to), after.pair(from, to), "{from} to {to}");
        }
        alice.click("hang-up").await;
        bob.wait_for_stage("ended").await;
    });
}

#[test]
fn without_a_turn_server_whoever_shows_no_address_is_told_at_once() {
    alone(async {
        let pair = Pair::in_room().await;
        unfold(&pair.alice).await;
        choose_on_page(&pair.alice, "relay").await;
        let kept = "localStorage.getItem('visavis.iceTransportPolicy')";
        assert_eq!(pair.alice.evaluate(kept).await, json!("relay"));
        pair.bob.click("call").await;
        pair.alice.wait_for_end("no-turn").await;
        pair.bob.wait_for_stage("ended").await;
        choose_on_page(&pair.alice, "all").await;
        pair.alice.click("call").await;
        see_each_other(&pair.alice, &pair.bob).await;
        pair.close().await;
    });
}

#[test]
fn a_site_can_decide_that_nobody_shows_an_address() {
    together(async {
        let site = site_with(r#"{"iceTransportPolicy": "relay"}"#);
        let relay = relay_with(Config {
            port: 0,
            room_capacity: 2,
            site: Some(site.path().to_owned()),
            ..Config::default()
        })
        .await;
        let pair = Pair::in_room_of(relay).await;
        for page in [&pair.alice, &pair.bob] {
            unfold(page).await;
            let state = format!("[{SELECT}.value, {SELECT}.disabled]");
            assert_eq!(page.evaluate(&state).await, json!(["relay", true]));
        }
        pair.alice.click("call").await;
        pair.alice.wait_for_end("no-turn").await;
        pair.close().await;
    });
}
