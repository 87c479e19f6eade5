//! What takes longer than a test may: `cargo xtask soak`, which keeps what each of these says.

use visavis_e2e::{Engine, soak};

use crate::engines::Engines;
use crate::glare::glare;
use crate::many_calls::{
    A_THOUSAND_CALLS, THOUSANDS_OF_PEOPLE, calls_leave_nothing, end_at_once, people_leave_nothing,
};
use crate::network::outage_of_40_seconds;
use crate::pre_connected::both_click_call_at_once;
use crate::recovery::frozen_for_90_seconds;

/// How often each side gives way.
const GLARES_EACH: u32 = 50;

/// Clocks run as they do.
const REAL_TIME: u32 = 1;

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn of_two_chromiums_each_gives_way_fifty_times() {
    soak(async {
        println!("{}", glare(Engine::Chromium, Engine::Chromium, GLARES_EACH).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn of_chromium_and_firefox_each_gives_way_fifty_times() {
    soak(async {
        println!("{}", glare(Engine::Chromium, Engine::Firefox, GLARES_EACH).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn fifty_pre_connected_calls_of_both_at_once_are_one_call_each() {
    soak(both_click_call_at_once(Engines::CHROMIUM, 50));
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn a_thousand_calls_leave_nothing_behind() {
    soak(async {
        println!("{}", calls_leave_nothing("Chromium", A_THOUSAND_CALLS).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn a_thousand_calls_over_connections_that_stood_ready_leave_nothing_behind() {
    soak(async {
        println!("{}", calls_leave_nothing("instant calls", A_THOUSAND_CALLS).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn hundreds_of_calls_that_end_at_once_leave_no_connection_behind() {
    soak(async {
        println!("{}", end_at_once(300).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn thousands_who_come_and_go_leave_nothing_behind() {
    soak(async {
        println!("{}", people_leave_nothing(THOUSANDS_OF_PEOPLE).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn an_outage_of_40_seconds_in_real_time_is_survived() {
    soak(async {
        println!("{}", outage_of_40_seconds(REAL_TIME).await);
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn a_browser_that_was_frozen_for_90_seconds_in_real_time_comes_back_or_the_call_ends_clearly() {
    soak(async {
        println!("{}", frozen_for_90_seconds(REAL_TIME).await);
    });
}
