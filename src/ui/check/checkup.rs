//! One check after the other, and its result.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join;
use gloo_timers::callback::Interval;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{Device, RouteChoice};
use visavis_protocol::ice::IceServer;
use web_sys::MediaStreamTrack;

use super::judgement::{self, Check, Finding, Microphone, Outcome, Reached, Servers};
use super::probes::{self, Ear};
use crate::browser::ice_servers::{Accepted, accepted};
use crate::browser::media::LocalStream;
use crate::browser::page;
use crate::config::Config;
use crate::fault::{NO_CALLS, OTHER_BROWSER};
use crate::site::{fetch_config, relay_address};

/// How long a microphone may be silent before that is said.
const SILENCE: Duration = Duration::from_secs(8);

/// How often the meter moves.
const METER_MS: u32 = 60;

/// What the page shows, and what is open. It lives in the reactive owner that made it; what is open closes
/// with that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checkup {
    /// How each check stands, in their order.
    pub(super) findings: RwSignal<Vec<(Check, Finding)>>,
    /// What keeps everything from being checked.
    pub(super) fault: RwSignal<Option<String>>,
    /// What screen readers hear.
    pub(super) news: RwSignal<String>,
    /// How loud it is, from 0 to 1.
    pub(super) level: RwSignal<f64>,
    /// Whether a camera or a microphone is open.
    pub(super) is_open: RwSignal<bool>,
    /// Shows what the camera sees.
    pub(super) video: NodeRef<html::Video>,
    devices: StoredValue<Devices, LocalStorage>,
    /// Counts the checks: results of an earlier one are dropped.
    run: StoredValue<u32>,
}

/// What is open.
#[derive(Default)]
struct Devices {
    camera: Option<LocalStream>,
    ear: Option<Rc<Ear>>,
    meter: Option<Interval>,
}

impl Checkup {
    /// Nothing was checked yet.
    pub(super) fn new() -> Self {
        Self {
            findings: RwSignal::new(waiting()),
            fault: RwSignal::new(None),
            news: RwSignal::new(String::new()),
            level: RwSignal::new(0.0),
            is_open: RwSignal::new(false),
            video: NodeRef::new(),
            devices: StoredValue::new_local(Devices::default()),
            run: StoredValue::new(0),
        }
    }

    /// Switches everything off. The results stay.
    pub(super) fn stop(self) {
        self.run.update_value(|run| *run += 1);
        self.keep(|devices| *devices = Devices::default());
        if let Some(video) = self.video.get_untracked() {
            video.set_src_object(None);
        }
        self.level.set(0.0);
        self.findings.update(|findings| {
            for (check, finding) in findings {
                if finding.outcome == Outcome::Running {
                    *finding = judgement::waiting(*check);
                }
            }
        });
    }

    /// Checks everything, from the beginning.
    pub(super) fn start(self) {
        self.stop();
        self.findings.set(waiting());
        self.fault.set(None);
        if !page::has_webrtc() {
            return self.fault.set(Some(format!("{NO_CALLS} {OTHER_BROWSER}")));
        }
        let run = self.run.get_value();
        self.say(run, Check::Camera, judgement::running(Check::Camera));
        spawn_local(async move {
            match fetch_config().await {
                Ok(config) => self.check_all(run, &config).await,
                Err(error) => {
                    self.fault
                        .set(Some(format!("{error} The operator of this site can fix it.")));
                    self.stop();
                }
            }
        });
    }

    async fn check_all(self, run: u32, config: &Config) {
        let Some(video) = self.video.get_untracked() else {
            return;
        };
        let (camera, opened) = probes::camera(&config.media, &video).await;
        if !self.is_current(run) {
            return;
        }
        let track = camera.as_ref().and_then(|camera| camera.track(Device::Camera));
        self.keep(|devices| devices.camera = camera);
        self.say(run, Check::Camera, judgement::camera(&opened));

        self.say(run, Check::Microphone, judgement::running(Check::Microphone));
        match Ear::open(&config.media).await {
            Ok(ear) if self.is_current(run) => self.measure(run, Rc::new(ear)),
            Ok(_) => return,
            Err(error) => self.say(
                run,
                Check::Microphone,
                judgement::microphone(&Microphone::Refused(error)),
            ),
        }
        join(self.listen_for_sound(run), self.check_network(run, config, track)).await;
    }

    /// Lets the meter move, and the finding improve when something is heard after all.
    fn measure(self, run: u32, ear: Rc<Ear>) {
        let listening = Rc::clone(&ear);
        let meter = Interval::new(METER_MS, move || {
            self.level.set(listening.level());
            if listening.has_heard() && self.outcome(Check::Microphone) != Some(Outcome::Passed) {
                self.say(run, Check::Microphone, judgement::microphone(&Microphone::Heard));
            }
        });
        self.keep(|devices| {
            devices.ear = Some(ear);
            devices.meter = Some(meter);
        });
    }

    async fn listen_for_sound(self, run: u32) {
        let heard = || self.outcome(Check::Microphone) != Some(Outcome::Running);
        if !probes::until(SILENCE, heard).await {
            self.say(run, Check::Microphone, judgement::microphone(&Microphone::Silent));
        }
    }

    async fn check_network(self, run: u32, config: &Config, camera: Option<MediaStreamTrack>) {
        self.say(run, Check::Relay, judgement::running(Check::Relay));
        let (reached, named) = if config.route() == RouteChoice::ThisBrowser {
            (Reached::Unwanted, Vec::new())
        } else {
            probes::relay(relay_address(config)).await
        };
        self.say(run, Check::Relay, judgement::relay(&reached));

        let Accepted { servers, refused } = accepted(&[&config.ice_servers[..], &named].concat());
        let stun = probes::of_kind(&servers, ["stun:", "stuns:"]);
        let turn = probes::of_kind(&servers, ["turn:", "turns:"]);
        let (refused_turn, refused_stun): (Vec<_>, Vec<_>) =
            refused.into_iter().partition(|url| url.starts_with("turn"));
        let there = Servers {
            stun: !stun.is_empty(),
            turn: !turn.is_empty(),
            uncertain: matches!(reached, Reached::Not | Reached::Mute),
        };
        join(
            self.check_stun(run, there, &stun, &refused_stun),
            self.check_turn(run, there, &turn, &refused_turn, camera),
        )
        .await;
    }

    async fn check_stun(self, run: u32, there: Servers, servers: &[IceServer], refused: &[String]) {
        let finding = match judgement::without_stun(there) {
            Some(left_out) => left_out,
            None => {
                self.say(run, Check::Stun, judgement::running(Check::Stun));
                judgement::stun(&probes::stun(servers).await)
            }
        };
        self.say(run, Check::Stun, judgement::with_refused(finding, refused));
    }

    async fn check_turn(
        self,
        run: u32,
        there: Servers,
        servers: &[IceServer],
        refused: &[String],
        camera: Option<MediaStreamTrack>,
    ) {
        let finding = match judgement::without_turn(there) {
            Some(left_out) => left_out,
            None => {
                self.say(run, Check::Turn, judgement::running(Check::Turn));
                judgement::turn(&probes::turn(servers, camera).await)
            }
        };
        self.say(run, Check::Turn, judgement::with_refused(finding, refused));
    }

    /// Notes the result of a check, unless it is from an earlier run.
    fn say(self, run: u32, check: Check, finding: Finding) {
        if !self.is_current(run) {
            return;
        }
        if !matches!(finding.outcome, Outcome::Waiting | Outcome::Running) {
            let (title, word) = (check.title(), finding.outcome.word());
            self.news.set(format!("{title}: {word}. {}", finding.sentence));
        }
        self.findings.update(|findings| {
            for (of, known) in findings {
                if *of == check {
                    known.clone_from(&finding);
                }
            }
        });
    }

    fn outcome(self, check: Check) -> Option<Outcome> {
        self.findings.with_untracked(|findings| {
            let finding = findings.iter().find(|(of, _)| *of == check);
            finding.map(|(_, finding)| finding.outcome)
        })
    }

    /// Whether this is the check that goes on.
    fn is_current(self, run: u32) -> bool {
        self.run.try_get_value() == Some(run)
    }

    fn keep(self, change: impl FnOnce(&mut Devices)) {
        let is_open = self.devices.try_update_value(|devices| {
            change(devices);
            devices.camera.is_some() || devices.ear.is_some()
        });
        self.is_open.set(is_open == Some(true));
    }
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Devices")
    }
}

fn waiting() -> Vec<(Check, Finding)> {
    Check::ALL
        .map(|check| (check, judgement::waiting(check)))
        .to_vec()
}
