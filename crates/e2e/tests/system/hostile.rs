//! What people who keep to no limit can do to others: rows 47 to 50, 53 and 54 of the fault matrix.

mod chat;
mod crowd;
mod door;
mod fidgets;
mod offers;

use serde_json::{Value, json};
use visavis_e2e::{Group, Page};

/// As many as there may be in a room.
const PLACES: usize = 8;

/// Where the honest ones are.
const ROOM: &str = "tea";

/// What counts in honest pages what they do: `window.watched`.
const WATCH: &str = include_str!("hostile/watch.js");

/// Attackers, all in one window. An attack is on everybody else in the room, and ends when
/// all of it is on its way.
struct Attackers(Page);

impl Attackers {
    /// Opens their window.
    async fn near(group: &Group) -> Self {
        let origin = format!("http://{}", group.relay.address);
        // No other file may connect to the relay, by the policy of the site. Nobody clicks on anything there.
        let page = group.browser.open(&format!("{origin}/?attackers")).await;
        page.run(include_str!("hostile/attacker.js")).await;
        Self(page)
    }

    /// Lets some with these names come, to a seat or to the door.
    async fn join(&self, room: &str, names: &[&str]) {
        let join = format!("attackers.join('{room}', {})", json!(names));
        self.0.resolve(&join).await;
    }

    /// Begins something that others do something beside.
    async fn begin(&self, attack: &str) {
        self.0
            .run(&format!("window.attack = attackers.each(it => it.{attack})"))
            .await;
    }

    /// Waits until what was begun has come to its end.
    async fn end(&self) {
        self.0.resolve("window.attack.then(() => null)").await;
    }

    async fn attack(&self, attack: &str) {
        self.begin(attack).await;
        self.end().await;
    }

    /// Calls the others, so many, or takes part in their call.
    async fn call(&self, others: usize) {
        self.attack(&format!("callAll({others})")).await;
    }

    /// Writes so many messages.
    async fn chat(&self, messages: u32) {
        self.attack(&format!("chat({messages})")).await;
    }

    /// Offers so many connections, before a call or as a call.
    async fn offers(&self, offers: u32, warm: bool) {
        self.attack(&format!("offers({offers}, {warm})")).await;
    }

    /// Sends descriptions with so many more media sections than it takes. What the relay does not carry goes
    /// over the data channel.
    async fn sections(&self, sections: u32) {
        self.attack(&format!("sections({sections})")).await;
    }

    /// Has the others answer so many offers, acknowledges nothing, and has them say it again so many times.
    async fn fill_mailbox(&self, offers: u32, times: u32) {
        self.attack(&format!("fillMailbox({offers}, {times})")).await;
    }

    /// Takes so many names.
    async fn rename(&self, names: u32) {
        self.attack(&format!("rename({names})")).await;
    }

    /// The same, while the host has not let them in, until the relay closes the connection.
    async fn rename_at_door(&self, names: u32) {
        self.attack(&format!("renameAtDoor({names})")).await;
    }

    /// Rings so many times.
    async fn ring(&self, times: u32) {
        self.attack(&format!("ring({times})")).await;
    }

    /// So many raised hands, reactions, sizes of video and muted microphones.
    async fn fidget(&self, times: u32) {
        self.attack(&format!("fidget({times})")).await;
    }

    /// What an expression says about each attacker, `it`.
    async fn tell(&self, about: &str) -> Vec<Value> {
        let told = self.0.resolve(&format!("attackers.each(it => {about})")).await;
        told.as_array().cloned().unwrap_or_default()
    }
}

/// Two honest people in a room, and Mallory.
async fn two_and_mallory() -> (Group, Attackers) {
    let group = Group::in_room_for(PLACES, 2, WATCH).await;
    let attackers = Attackers::near(&group).await;
    attackers.join(ROOM, &["Mallory"]).await;
    group.pages[0].wait_for_others(2).await;
    (group, attackers)
}

/// How long the page's own thread has kept a processor busy, in seconds. That does not depend on what else
/// the machine does.
async fn processor_time(page: &Page) -> f64 {
    let domain = json!({ "timeDomain": "threadTicks" });
    page.devtools("Performance.enable", domain).await;
    let metrics = page.devtools("Performance.getMetrics", json!({})).await;
    let mut all = metrics["metrics"].as_array().into_iter().flatten();
    let found = all.find(|metric| metric["name"] == "TaskDuration");
    let time = found.and_then(|metric| metric["value"].as_f64());
    time.unwrap_or_else(|| panic!("Chromium measures no time: {metrics}"))
}

/// One of the counts of watch.js.
async fn watched(page: &Page, what: &str) -> f64 {
    let count = page.evaluate(&format!("window.watched.{what} ?? 0")).await;
    count.as_f64().expect("a count is a number")
}

/// Nobody has cost them the relay.
async fn keeps_the_relay(page: &Page) {
    assert_eq!(watched(page, "sockets").await, 1.0, "the relay was reached again");
    assert!(
        watched(page, "largest").await <= 65_536.0,
        "something too large was sent"
    );
}

/// An expression for the row of the person with this name in the list of people.
fn row_of(name: &str) -> String {
    format!("[...document.querySelectorAll('.people li')].find(it => it.innerText.includes('{name}'))")
}

/// How many connections of the person with this name were not made.
async fn offers_dropped(page: &Page, name: &str) -> u32 {
    let count = page.evaluate(&format!("{}.dataset.dropped", row_of(name))).await;
    let count = count.as_str().and_then(|count| count.parse().ok());
    count.expect("a count is a number")
}

/// Blocks the person with this name, in a call.
async fn block(page: &Page, name: &str) {
    page.click("people").await;
    page.wait_until(&format!("!!{}", row_of(name))).await;
    page.run(&format!(
        "[...{}.querySelectorAll('button')].find(button => button.textContent.trim() === 'More').click()",
        row_of(name)
    ))
    .await;
    page.click("block").await;
    page.click("people").await;
}
