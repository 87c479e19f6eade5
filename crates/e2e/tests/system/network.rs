//! Faults of the network: each test is a row of the fault matrix, in a laboratory of network namespaces.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use visavis_e2e::{Network, Page, Trouble, TurnServer, alone, together};
use visavis_netlab::Block;
use visavis_rows::row;

const CHROMIUM: &str = "Chromium";

/// Checks that a video moves for some time, without a pause of a second.
async fn keeps_moving(page: &Page, seconds: u32) {
    let mut before = page.frames("remote-video").await;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1)).await;
        let now = page.frames("remote-video").await;
        assert!(now > before, "the video stands still");
        before = now;
    }
}

/// Waits until the video stands still for a second.
async fn stands_still(page: &Page) {
    loop {
        let before = page.frames("remote-video").await;
        sleep(Duration::from_secs(1)).await;
        if page.frames("remote-video").await == before {
            return;
        }
    }
}

async fn waits_for_no_trouble(page: &Page) {
    page.wait_until("document.getElementById('banner').hidden").await;
}

#[test]
fn row_13_a_relay_that_falls_silent_is_noticed_and_the_call_goes_on() {
    alone(async {
        let row = row(13, CHROMIUM);
        let network = Network::with_clock(Network::hosts(), TurnServer::None, 1).await;
        network.call().await;
        let cut = Instant::now();
        network.lab.cut_pair("alice", "server");
        // The relay pings every 10 s, and 25 s of silence are enough for either side.
        network.alice.let_pass(Duration::from_secs(25), 5).await;
        network.alice.wait_for_trouble(Trouble::Wait).await;
        let noticed = cut.elapsed();
        keeps_moving(&network.alice, 3).await;
        keeps_moving(&network.bob, 3).await;
        network.lab.join_pair("alice", "server");
        let joined = Instant::now();
        waits_for_no_trouble(&network.alice).await;
        let row = row
            .note(format!(
                "noticed after {:.1} s, at five times the speed",
                noticed.as_secs_f64()
            ))
            .recovered_in(joined.elapsed());
        keeps_moving(&network.bob, 2).await;
        assert_eq!(network.connections_made().await, [1, 1]);
        network.alice.click("hang-up").await;
        network.bob.wait_for_stage("ended").await;
        row.passed();
    });
}

#[test]
fn row_14_a_short_cut_of_the_media_path_needs_no_new_connection() {
    alone(async {
        let row = row(14, CHROMIUM);
        let network = Network::start(Network::hosts(), TurnServer::None).await;
        network.call().await;
        let mut back_after = Vec::new();
        // After five seconds the browser itself may not have noticed. After ten, we have begun to help.
        for seconds in [5, 10] {
            network.lab.cut_pair("alice", "bob");
            stands_still(&network.alice).await;
            sleep(Duration::from_secs(seconds - 1)).await;
            network.lab.join_pair("alice", "bob");
            back_after.push(network.until_both_move().await);
            waits_for_no_trouble(&network.alice).await;
            waits_for_no_trouble(&network.bob).await;
            assert_eq!(network.connections_made().await, [1, 1], "after {seconds} s");
        }
        row.note(format!(
            "{:.1} s after a cut of 10 s",
            back_after[1].as_secs_f64()
        ))
        .recovered_in(back_after[0])
        .passed();
    });
}

/// Everything of the page takes a third of its time; ICE keeps its normal speed. In real time: `cargo xtask
/// soak`.
#[test]
fn row_15_an_outage_of_40_seconds_is_survived() {
    alone(async {
        outage_of_40_seconds(3).await;
    });
}

/// With clocks that run so many times as fast. Says in words how soon all was well again.
pub(crate) async fn outage_of_40_seconds(times: u32) -> String {
    let row = row(15, CHROMIUM);
    let network = Network::with_clock(Network::hosts(), TurnServer::None, times).await;
    let both = [&network.alice, &network.bob];
    network.call().await;
    network.lab.cut("alice");
    let outage = Duration::from_secs(40);
    tokio::join!(
        network.alice.let_pass(outage, times),
        network.bob.let_pass(outage, times)
    );
    for page in both {
        page.wait_for_stage("in-call").await;
    }
    network.lab.join("alice");
    let back_after = network.until_both_move().await;
    waits_for_no_trouble(&network.alice).await;
    waits_for_no_trouble(&network.bob).await;
    network.bob.click("hang-up").await;
    network.alice.wait_for_stage("ended").await;
    row.recovered_in(back_after).passed();
    format!("both saw each other again after {back_after:.1?}")
}

#[test]
fn row_16_a_change_of_address_is_survived() {
    alone(async {
        let row = row(16, CHROMIUM);
        let network = Network::start(Network::hosts(), TurnServer::None).await;
        network.call().await;
        network
            .lab
            .readdress("alice")
            .unwrap_or_else(|error| panic!("{error}"));
        let row = row.recovered_in(network.until_both_move().await);
        waits_for_no_trouble(&network.alice).await;
        waits_for_no_trouble(&network.bob).await;
        assert_eq!(network.connections_made().await, [1, 1]);
        network.bob.click("hang-up").await;
        network.alice.wait_for_stage("ended").await;
        row.passed();
    });
}

#[test]
fn row_19_without_udp_a_call_goes_through_turn_over_tcp() {
    alone(async {
        let row = row(19, CHROMIUM);
        // A connection made before the call would begin in another network than the call.
        let network = Network::without_pre_connecting(Network::hosts(), TurnServer::Works).await;
        network.lab.block(Block::udp("alice"));
        // Nothing but the way through the server is left.
        network.lab.cut_pair("alice", "bob");
        let start = Instant::now();
        network.call().await;
        let row = row.recovered_in(start.elapsed());
        network.alice.wait_for_why("relayed").await;
        row.passed();
    });
}

#[test]
fn row_20_a_slow_and_lossy_network_connects() {
    together(async {
        let row = row(20, CHROMIUM);
        let hosts = Network::hosts().rtt(Duration::from_millis(300)).loss(10.0);
        let network = Network::start(hosts, TurnServer::None).await;
        let start = Instant::now();
        network.call().await;
        row.recovered_in(start.elapsed()).passed();
    });
}

/// Calls where no path is left, and expects to be told why.
async fn no_path(variant: &'static str, turn: TurnServer, why: &str) {
    let row = row(23, variant);
    let network = Network::without_pre_connecting(Network::hosts(), turn).await;
    network.lab.cut_pair("alice", "bob");
    let start = Instant::now();
    network.alice.click("call").await;
    network.alice.wait_for_stage("ended").await;
    let row = row.recovered_in(start.elapsed());
    network.alice.wait_for_why(why).await;
    network.bob.wait_for_stage("ended").await;
    network.bob.wait_for_why(why).await;
    network.lab.join_pair("alice", "bob");
    network.call().await;
    row.passed();
}

#[test]
fn row_23_without_a_path_the_missing_turn_server_is_named() {
    together(async {
        no_path("no TURN configured", TurnServer::None, "no-turn").await;
    });
}

#[test]
fn row_23_without_a_path_a_turn_server_that_refuses_is_named() {
    together(async {
        no_path("TURN refused", TurnServer::Refuses, "turn-refuses").await;
    });
}

#[test]
fn row_23_without_a_path_a_turn_server_that_is_not_there_is_named() {
    together(async {
        no_path("TURN unreachable", TurnServer::Missing, "turn-unreachable").await;
    });
}
