//! The results of the measurements as sentences: what works or does not, and one thing to do about it.

use visavis_call::MediaError;

use crate::ui::locale::device_trouble;

mod whole;

pub(super) use whole::{report, summary};

/// How long the relay may take to answer before that is worth a word, in milliseconds.
const SLOW_RELAY: u32 = 600;

/// For a STUN or TURN server that can't be reached (W3C webrtc-pc, section 4.8.2).
const UNREACHABLE: u16 = 701;

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Camera,
    Microphone,
    Relay,
    Stun,
    Turn,
}

impl Check {
    pub(super) const ALL: [Self; 5] = [
        Self::Camera,
        Self::Microphone,
        Self::Relay,
        Self::Stun,
        Self::Turn,
    ];

    /// For tests, and for the style.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Microphone => "microphone",
            Self::Relay => "relay",
            Self::Stun => "stun",
            Self::Turn => "turn",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Camera => "Camera",
            Self::Microphone => "Microphone",
            Self::Relay => "Server",
            Self::Stun => "Direct connection",
            Self::Turn => "TURN server",
        }
    }

    /// What it is good for.
    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::Camera => "So that others see you.",
            Self::Microphone => "So that others hear you.",
            Self::Relay => "The server, where people find each other.",
            Self::Stun => "The STUN server, which helps two browsers to connect directly.",
            Self::Turn => "The TURN server, which relays a call when networks block direct ones.",
        }
    }
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Waiting,
    Running,
    Passed,
    Failed,
    Skipped,
}

impl Outcome {
    /// For tests, and for the style.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Not yet",
            Self::Running => "Checking …",
            Self::Passed => "Works",
            Self::Failed => "Trouble",
            Self::Skipped => "Skipped",
        }
    }
}

/// How a check stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) outcome: Outcome,
    pub(super) sentence: String,
}

fn passed(sentence: impl Into<String>) -> Finding {
    Finding {
        outcome: Outcome::Passed,
        sentence: sentence.into(),
    }
}

fn failed(sentence: impl Into<String>) -> Finding {
    Finding {
        outcome: Outcome::Failed,
        sentence: sentence.into(),
    }
}

fn skipped(sentence: impl Into<String>) -> Finding {
    Finding {
        outcome: Outcome::Skipped,
        sentence: sentence.into(),
    }
}

pub(super) fn waiting(check: Check) -> Finding {
    Finding {
        outcome: Outcome::Waiting,
        sentence: check.purpose().into(),
    }
}

pub(super) fn running(check: Check) -> Finding {
    let sentence = match check {
        Check::Camera => "Waiting for video. Your browser may ask whether this page may use the camera.",
        Check::Microphone => "Say something. Your browser may ask whether this page may use the microphone.",
        Check::Relay => "Connecting to the server …",
        Check::Stun => "Asking for the address that others see …",
        Check::Turn => "Calling this very page through the server …",
    };
    Finding {
        outcome: Outcome::Running,
        sentence: sentence.into(),
    }
}

/// What came of opening the camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Camera {
    /// It is this large.
    Arrives { width: u32, height: u32 },
    /// The camera is open, and nothing comes.
    Missing,
    /// It could not be opened.
    Refused(MediaError),
}

pub(super) fn camera(camera: &Camera) -> Finding {
    match camera {
        Camera::Arrives { width, height } => passed(format!("It shows {width} × {height} pixels.")),
        Camera::Missing => failed(
            "It is open, but no video arrives. Look for a cover or a switch on it, or choose another camera in your \
             browser's settings.",
        ),
        Camera::Refused(error) => failed(device_trouble(error, true)),
    }
}

/// What came of listening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Microphone {
    /// Something was heard.
    Heard,
    /// The microphone is open, and all is quiet.
    Silent,
    /// It could not be opened.
    Refused(MediaError),
}

pub(super) fn microphone(microphone: &Microphone) -> Finding {
    match microphone {
        Microphone::Heard => passed("You can be heard: the bar moves when you speak."),
        Microphone::Silent => failed(
            "Nothing was heard. Say something; if the bar stays empty, look for a switch on the microphone, or choose \
             another one in your browser's settings.",
        ),
        Microphone::Refused(error) => failed(device_trouble(error, false)),
    }
}

/// What came of looking for the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reached {
    /// It said welcome after so many milliseconds, and answered a question within so many.
    Relay { welcome: u32, answer: u32 },
    /// It said welcome, and answers nothing.
    Mute,
    /// It can't be reached.
    Not,
    /// The site answers in its place.
    StaticHost,
    /// The site is set to do without one.
    Unwanted,
}

pub(super) fn relay(reached: &Reached) -> Finding {
    match reached {
        Reached::Relay { welcome, answer } if *answer >= SLOW_RELAY => passed(format!(
            "Reached after {welcome} ms, and it answers within {answer} ms. That is slow: calls may take a while to \
             begin."
        )),
        Reached::Relay { welcome, answer } => passed(format!(
            "Reached after {welcome} ms, and it answers within {answer} ms."
        )),
        Reached::Mute => failed(
            "The server can be reached, but does not answer. Try again in a minute. If that does \
             not help, tell the operator of this site.",
        ),
        Reached::Not => failed(
            "It can't be reached. Check your network; if other sites work, a firewall may forbid WebSockets, or the \
             relay may be down: tell the operator of this site.",
        ),
        Reached::StaticHost => failed(
            "This site has none, so only tabs of this browser can meet. The operator can start \
             visavis-relay, and set its address as \"relay\" in config.json.",
        ),
        Reached::Unwanted => skipped(
            "This site is set to do without one, so only tabs of this browser can meet (\"signaling\" in config.json).",
        ),
    }
}

/// What is known of the site's servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Servers {
    pub(super) stun: bool,
    pub(super) turn: bool,
    /// The relay may have named more, but was not reached.
    pub(super) uncertain: bool,
}

const UNKNOWN: &str = "The server that names it could not be asked. Fix the connection to the server first.";

/// Why STUN is not checked.
pub(super) fn without_stun(servers: Servers) -> Option<Finding> {
    match servers {
        Servers { stun: true, .. } => None,
        Servers { uncertain: true, .. } => Some(skipped(UNKNOWN)),
        Servers { turn: true, .. } => Some(skipped(
            "This site has no STUN server of its own. Its TURN server is one as well.",
        )),
        _ => Some(skipped(
            "This site has no STUN server: calls work only within one network, and where the networks let them through.",
        )),
    }
}

/// Why TURN is not checked.
pub(super) fn without_turn(servers: Servers) -> Option<Finding> {
    match servers {
        Servers { turn: true, .. } => None,
        Servers { uncertain: true, .. } => Some(skipped(UNKNOWN)),
        _ => Some(skipped(
            "This site has no TURN server: calls work only where the networks let them through.",
        )),
    }
}

/// Adds to a finding which addresses the browser refuses: it takes no call down, but somebody has to correct
/// them.
pub(super) fn with_refused(finding: Finding, refused: &[String]) -> Finding {
    if refused.is_empty() {
        return finding;
    }
    let refused = refused.join(", ");
    let found = match finding.outcome {
        Outcome::Skipped => String::new(),
        _ => format!("{} ", finding.sentence),
    };
    failed(format!(
        "{found}The browser refuses the address {refused}, so calls do without it. Tell the operator of this site."
    ))
}

/// What came of gathering candidates with STUN servers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Gathered {
    /// There was a candidate of our own.
    pub(super) own: bool,
    /// There was one as a STUN server sees it.
    pub(super) reflexive: bool,
    /// The browser has asked all servers.
    pub(super) complete: bool,
    /// This browser says so when a server does not answer.
    pub(super) complains: bool,
    /// What it said.
    pub(super) errors: Vec<u16>,
}

pub(super) fn stun(gathered: &Gathered) -> Finding {
    match gathered {
        Gathered { reflexive: true, .. } => {
            passed("The STUN server was reached, and says how others see your network.")
        }
        // A browser drops what it knows already.
        Gathered {
            own: true,
            complete: true,
            complains: true,
            errors,
            ..
        } if errors.is_empty() => {
            passed("The STUN server was reached. Nothing translates addresses between you and it.")
        }
        Gathered { own: false, .. } => failed(
            "Your browser finds no network to call over. Check your network, and extensions that forbid WebRTC.",
        ),
        _ => failed(
            "The STUN server does not answer. A firewall may forbid UDP: try another network, such as a phone's. If \
             it fails there too, tell the operator of this site.",
        ),
    }
}

/// What came of a call through the TURN server and back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Loopback {
    /// The server returned an address.
    pub(super) allocated: bool,
    /// After how many milliseconds both ends were connected.
    pub(super) connected: Option<u32>,
    /// Data arrived at the other end.
    pub(super) data: bool,
    /// The camera's video arrived there; `None`: there was none to send.
    pub(super) video: Option<bool>,
    /// What the browser said about the server.
    pub(super) errors: Vec<u16>,
    /// The browser did not accept the servers' addresses; the name of its exception.
    pub(super) exception: Option<String>,
}

pub(super) fn turn(loopback: &Loopback) -> Finding {
    let Loopback {
        allocated,
        connected,
        data,
        video,
        errors,
        exception,
    } = loopback;
    if let Some(name) = exception {
        return failed(format!(
            "The browser does not accept the servers' addresses ({name}). Tell the operator of this site."
        ));
    }
    match connected {
        Some(after) if *data && *video != Some(false) => {
            let what = if video.is_some() { "Video and data" } else { "Data" };
            return passed(format!(
                "{what} went through the TURN server. Connected after {after} ms."
            ));
        }
        Some(_) => {
            return failed(
                "The TURN server connects, but not everything came through. Your network \
                 may be very slow: try another one.",
            );
        }
        None => {}
    }
    if *allocated {
        return failed(
            "The TURN server lets you in, but passes nothing on between two of its own addresses. Some servers forbid \
             just that, so calls may work all the same. The operator can look at denied-peer-ip and at the \
             firewall before the server's relay ports.",
        );
    }
    // What the server says itself outweighs that another could not be reached.
    match errors.iter().find(|code| **code != UNREACHABLE) {
        Some(486 | 508) => {
            failed("The TURN server has no room for another call. Check again in a few minutes.")
        }
        Some(code) => failed(format!(
            "The TURN server refuses this site's credentials ({code}). Tell the operator of this site."
        )),
        None => failed(
            "The TURN server can't be reached. A firewall may forbid it: try another network, such as a phone's. If \
             it fails there too, tell the operator of this site.",
        ),
    }
}

#[cfg(test)]
mod tests;
