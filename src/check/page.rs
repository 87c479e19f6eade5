//! What is seen of the check.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join;
use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use visavis_call::{Device, RouteChoice};
use visavis_protocol::ice::IceServer;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element, HtmlVideoElement, MediaStreamTrack};

use super::judgement::{self, Check, Outcome, Reached, Servers, Sound, Verdict};
use super::probes::{self, Ear};
use crate::app;
use crate::browser::media::LocalStream;
use crate::browser::{clipboard, page};
use crate::config::Config;

/// How long a microphone may be silent before that is said.
const SILENCE: Duration = Duration::from_secs(8);

/// How often the meter moves.
const METER_MS: u32 = 60;

const START: &str = "check-start";
const STOP: &str = "check-stop";
const COPY: &str = "check-copy";
const SUMMARY: &str = "check-summary";
const NEWS: &str = "check-news";
const RESULT: &str = "check-result";
const REPORT: &str = "check-report";
const VIDEO: &str = "check-video";
const METER: &str = "check-meter";

/// The page, with everything that is open.
pub(super) struct Page {
    document: Document,
    verdicts: RefCell<Vec<(Check, Verdict)>>,
    /// What keeps everything from being checked.
    fault: RefCell<Option<String>>,
    /// Counts the checks: what an earlier one still had to say concerns nobody.
    run: Cell<u32>,
    camera: RefCell<Option<LocalStream>>,
    ear: RefCell<Option<Rc<Ear>>>,
    meter: RefCell<Option<Interval>>,
}

impl Page {
    /// Puts the page into the document. `None`: there is no body.
    pub(super) fn show() -> Option<Rc<Self>> {
        let document = page::window().document()?;
        document.body()?.set_inner_html(&markup());
        let page = Rc::new(Self {
            document,
            verdicts: RefCell::default(),
            fault: RefCell::default(),
            run: Cell::new(0),
            camera: RefCell::default(),
            ear: RefCell::default(),
            meter: RefCell::default(),
        });
        page.start_over();
        Some(page)
    }

    /// Does what is clicked on. The listeners detach when they are dropped.
    pub(super) fn listen(self: &Rc<Self>) -> Vec<EventListener> {
        let on = |id: &str, act: fn(&Rc<Self>)| {
            let page = Rc::clone(self);
            let button = self.element(id)?;
            Some(EventListener::new(&button, "click", move |_| act(&page)))
        };
        let listeners = [
            on(START, |page| spawn_local(Rc::clone(page).check())),
            on(STOP, |page| page.stop()),
            on(COPY, |page| spawn_local(Rc::clone(page).copy())),
        ];
        listeners.into_iter().flatten().collect()
    }

    /// Switches everything off. What has been found out stays.
    pub(super) fn stop(&self) {
        self.run.set(self.run.get() + 1);
        self.meter.take();
        self.ear.take();
        self.camera.take();
        if let Some(video) = self.video() {
            video.set_src_object(None);
        }
        self.show_level(0.0);
        for (check, verdict) in &mut *self.verdicts.borrow_mut() {
            if verdict.outcome == Outcome::Running {
                *verdict = judgement::waiting(*check);
            }
        }
        self.render();
    }

    fn start_over(&self) {
        let waiting = Check::ALL.map(|check| (check, judgement::waiting(check)));
        self.verdicts.replace(waiting.to_vec());
        self.fault.take();
        self.render();
    }

    // ── The checks ──────────────────────────────────────────────────────────────────────────────────────────

    async fn check(self: Rc<Self>) {
        self.stop();
        self.start_over();
        let run = self.run.get();
        self.say(run, Check::Camera, judgement::running(Check::Camera));
        match app::fetch_config().await {
            Ok(config) => self.check_all(run, &config).await,
            Err(error) => {
                self.fault
                    .replace(Some(format!("{error} Whoever runs this site can mend it.")));
                self.stop();
            }
        }
    }

    async fn check_all(self: &Rc<Self>, run: u32, config: &Config) {
        let Some(video) = self.video() else { return };
        let (camera, picture) = probes::camera(&config.media, &video).await;
        if self.run.get() != run {
            return;
        }
        let track = camera.as_ref().and_then(|camera| camera.track(Device::Camera));
        self.camera.replace(camera);
        self.say(run, Check::Camera, judgement::camera(&picture));

        self.say(run, Check::Microphone, judgement::running(Check::Microphone));
        match Ear::open(&config.media).await {
            Ok(ear) if self.run.get() == run => self.measure(run, Rc::new(ear)),
            Ok(_) => return,
            Err(error) => self.say(
                run,
                Check::Microphone,
                judgement::microphone(&Sound::Refused(error)),
            ),
        }
        join(self.listen_for_sound(run), self.check_network(run, config, track)).await;
    }

    /// Lets the meter move, and the verdict improve when something is heard after all.
    fn measure(self: &Rc<Self>, run: u32, ear: Rc<Ear>) {
        let (page, listening) = (Rc::downgrade(self), Rc::clone(&ear));
        let meter = Interval::new(METER_MS, move || {
            let Some(page) = page.upgrade() else { return };
            page.show_level(listening.level());
            if listening.has_heard() && page.outcome(Check::Microphone) != Some(Outcome::Passed) {
                page.say(run, Check::Microphone, judgement::microphone(&Sound::Heard));
            }
        });
        self.ear.replace(Some(ear));
        self.meter.replace(Some(meter));
    }

    async fn listen_for_sound(&self, run: u32) {
        let heard = || self.outcome(Check::Microphone) != Some(Outcome::Running);
        if !probes::until(SILENCE, heard).await {
            self.say(run, Check::Microphone, judgement::microphone(&Sound::Silent));
        }
    }

    async fn check_network(&self, run: u32, config: &Config, camera: Option<MediaStreamTrack>) {
        self.say(run, Check::Relay, judgement::running(Check::Relay));
        let (reached, named) = if config.route() == RouteChoice::ThisBrowser {
            (Reached::Unwanted, Vec::new())
        } else {
            probes::relay(app::relay_address(config)).await
        };
        self.say(run, Check::Relay, judgement::relay(&reached));

        let servers = [&config.ice_servers[..], &named].concat();
        let stun = probes::of_kind(&servers, ["stun:", "stuns:"]);
        let turn = probes::of_kind(&servers, ["turn:", "turns:"]);
        let there = Servers {
            stun: !stun.is_empty(),
            turn: !turn.is_empty(),
            uncertain: matches!(reached, Reached::Not | Reached::Mute),
        };
        join(
            self.check_stun(run, there, &stun),
            self.check_turn(run, there, &turn, camera),
        )
        .await;
    }

    async fn check_stun(&self, run: u32, there: Servers, servers: &[IceServer]) {
        if let Some(left_out) = judgement::without_stun(there) {
            return self.say(run, Check::Stun, left_out);
        }
        self.say(run, Check::Stun, judgement::running(Check::Stun));
        self.say(run, Check::Stun, judgement::stun(&probes::stun(servers).await));
    }

    async fn check_turn(
        &self,
        run: u32,
        there: Servers,
        servers: &[IceServer],
        camera: Option<MediaStreamTrack>,
    ) {
        if let Some(left_out) = judgement::without_turn(there) {
            return self.say(run, Check::Turn, left_out);
        }
        self.say(run, Check::Turn, judgement::running(Check::Turn));
        let loopback = probes::turn(servers, camera).await;
        self.say(run, Check::Turn, judgement::turn(&loopback));
    }

    // ── The picture of it ───────────────────────────────────────────────────────────────────────────────────

    /// Notes how a check stands, unless it is one of an earlier run.
    fn say(&self, run: u32, check: Check, verdict: Verdict) {
        if self.run.get() != run {
            return;
        }
        if !matches!(verdict.outcome, Outcome::Waiting | Outcome::Running) {
            let (title, word) = (check.title(), verdict.outcome.word());
            self.write(NEWS, &format!("{title}: {word}. {}", verdict.sentence));
        }
        for (of, known) in &mut *self.verdicts.borrow_mut() {
            if *of == check {
                known.clone_from(&verdict);
            }
        }
        self.render();
    }

    fn outcome(&self, check: Check) -> Option<Outcome> {
        let verdicts = self.verdicts.borrow();
        verdicts
            .iter()
            .find(|(of, _)| *of == check)
            .map(|(_, verdict)| verdict.outcome)
    }

    fn render(&self) {
        let verdicts = self.verdicts.borrow();
        let outcomes: Vec<_> = verdicts.iter().map(|(_, verdict)| verdict.outcome).collect();
        for (check, verdict) in &*verdicts {
            let item = format!("[data-check={}]", check.name());
            if let Some(item) = self.document.query_selector(&item).ok().flatten() {
                // A name without special characters is always accepted.
                let _ = item.set_attribute("data-result", verdict.outcome.name());
            }
            self.write(&format!("{}-word", check.name()), verdict.outcome.word());
            self.write(&format!("{}-sentence", check.name()), &verdict.sentence);
        }
        let running = outcomes.contains(&Outcome::Running);
        let begun = outcomes.iter().any(|outcome| *outcome != Outcome::Waiting);
        let done = begun && !running && !outcomes.contains(&Outcome::Waiting);
        let open = running || self.camera.borrow().is_some() || self.ear.borrow().is_some();
        let fault = self.fault.borrow();
        self.write(
            SUMMARY,
            fault.as_deref().unwrap_or_else(|| judgement::summary(&outcomes)),
        );
        self.write(START, if begun { "Check again" } else { "Start the check" });
        self.set(START, "disabled", running);
        self.set(STOP, "hidden", !open);
        self.set(RESULT, "hidden", !done);
        let report = judgement::report(env!("CARGO_PKG_VERSION"), &page::user_agent(), &verdicts);
        self.write(REPORT, &report);
    }

    async fn copy(self: Rc<Self>) {
        let text = self.element(REPORT).and_then(|report| report.text_content());
        let copied = clipboard::copy(&text.unwrap_or_default()).await;
        if !copied {
            page::select(REPORT);
        }
        self.write(COPY, if copied { "Copied" } else { "Press Ctrl+C" });
        self.write(
            NEWS,
            if copied {
                "The result is copied."
            } else {
                "The result is selected: press Ctrl+C."
            },
        );
        page::sleep(2500).await;
        self.write(COPY, "Copy result");
    }

    fn show_level(&self, level: f64) {
        if let Some(meter) = self.element(METER) {
            // As above.
            let _ = meter.set_attribute("value", &level.to_string());
        }
    }

    fn element(&self, id: &str) -> Option<Element> {
        self.document.get_element_by_id(id)
    }

    fn video(&self) -> Option<HtmlVideoElement> {
        self.element(VIDEO)?.dyn_into().ok()
    }

    /// Writes a text, unless it stands there already: screen readers would read it again.
    fn write(&self, id: &str, text: &str) {
        if let Some(element) = self.element(id)
            && element.text_content().as_deref() != Some(text)
        {
            element.set_text_content(Some(text));
        }
    }

    fn set(&self, id: &str, attribute: &str, on: bool) {
        if let Some(element) = self.element(id) {
            // As above.
            let _ = element.toggle_attribute_with_force(attribute, on);
        }
    }
}

fn markup() -> String {
    let room = escape(&format!(
        "{}{}",
        page::window().location().pathname().unwrap_or_default(),
        page::hash()
    ));
    let items: String = Check::ALL.map(item).concat();
    let style = include_str!("check.css");
    format!(
        "<style>{style}</style>\
         <main class=check>\
         <a id=check-back href=\"{room}\">Back to the room</a>\
         <h1>Check your set-up</h1>\
         <p id={SUMMARY} class=quiet role=status></p>\
         <div class=row>\
         <button id={START} class=primary></button>\
         <button id={STOP} hidden>Switch everything off</button>\
         </div>\
         <ol>{items}</ol>\
         <section id={RESULT} hidden>\
         <label for={REPORT}>The result, as text. It holds no address, no name and no room.</label>\
         <textarea id={REPORT} readonly rows=8></textarea>\
         <button id={COPY}>Copy result</button>\
         </section>\
         <p id={NEWS} class=visually-hidden role=status></p>\
         </main>"
    )
}

fn item(check: Check) -> String {
    let (name, title) = (check.name(), check.title());
    let more = match check {
        Check::Camera => format!(
            "<video id={VIDEO} class=mirrored autoplay playsinline muted aria-label=\"Your own picture\"></video>"
        ),
        Check::Microphone => format!("<meter id={METER} min=0 max=1 aria-label=Loudness></meter>"),
        _ => String::new(),
    };
    format!(
        "<li data-check={name}><h2>{title}</h2><span id={name}-word class=word></span>\
         <p id={name}-sentence></p>{more}</li>"
    )
}

/// The address is the only text here that is not our own.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}
