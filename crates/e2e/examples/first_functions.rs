//! Which functions of a site have run before anybody does something, where each notes that it ran: `cargo xtask
//! first-functions` makes such a site, and runs this with the address of the notes in memory, their number, and the file into
//! which it writes the number of each function that ran, a line each.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;
use visavis_e2e::{Browser, Page, StaticHost, relay, site};

/// How long a page is left alone once it can be used.
const SETTLES: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [at, count, file] = &arguments[..] else {
        panic!("Say where the notes are, how many, and where to write which have run");
    };
    let notes = format!(
        "[...new Uint8Array(visavisMemory().buffer, {at}, {count})].flatMap((ran, index) => ran ? [index] : [])"
    );
    let (relay, static_host) = (relay().await, StaticHost::start(site()).await);
    let mut ran = BTreeSet::new();
    for browser in [Browser::start().await, Browser::firefox().await] {
        for address in [
            relay.url(),
            format!("http://{}/#/tea", relay.address),
            format!("http://{}/", static_host.address),
        ] {
            let page = browser.window().await;
            // A first visit, and one after that.
            page.go(&address).await;
            ran.extend(what_ran(&page, &notes).await);
            page.reload().await;
            ran.extend(what_ran(&page, &notes).await);
        }
        browser.close().await;
    }
    let lines: String = ran.iter().map(|function| format!("{function}\n")).collect();
    std::fs::write(file, lines).unwrap_or_else(|error| panic!("{file} can't be written: {error}"));
}

async fn what_ran(page: &Page, notes: &str) -> Vec<u64> {
    page.wait_until("!document.getElementById('boot') && !!document.querySelector('#get-video:enabled')")
        .await;
    sleep(SETTLES).await;
    let ran = page.evaluate(notes).await;
    ran.as_array()
        .expect("a list")
        .iter()
        .map(|function| function.as_u64().expect("a number"))
        .collect()
}
