//! Every sentence that people read.

use std::time::Duration;

use visavis_call::{
    CallPhase, CallView, EndReason, FailureCause, MediaError, MediaWish, MeetingPointView, Obstacle, Path,
    PersonState, SeatView, Stage, Time,
};

use super::screen::Screen;

/// How long a connection may take before the page says that it takes long.
const LONG_WAIT: Duration = Duration::from_secs(8);

/// The status line.
pub(super) fn status(screen: &Screen) -> String {
    let (view, now) = (&screen.view, screen.now);
    match view.stage() {
        Stage::Start => "See and hear each other, directly from browser to browser.".into(),
        Stage::Asking => {
            "Your browser is asking whether this page may use your camera and microphone.".into()
        }
        Stage::Blocked => media_error(view),
        Stage::Joining => joining(view.meeting_point).into(),
        Stage::InLine => in_line(view.seat),
        Stage::Alone => "Nobody else is here yet. Send somebody this link.".into(),
        Stage::Ready => "Somebody is here.".into(),
        Stage::Connecting => connecting(&view.call, now).into(),
        Stage::InCall => in_call(view).into(),
        Stage::Ended => ended(view),
    }
}

/// The line above the status, in large letters.
pub(super) fn headline(stage: Stage) -> &'static str {
    match stage {
        Stage::Start => "Face to face",
        Stage::Asking => "One moment",
        Stage::Blocked => "No camera yet",
        Stage::Joining => "Entering the room",
        Stage::InLine => "The room is full",
        Stage::Alone => "You are the first",
        Stage::Ready => "Ready when you are",
        Stage::Connecting => "Connecting",
        Stage::InCall => "In a call",
        Stage::Ended => "The call is over",
    }
}

/// On the button that asks for the camera.
pub(super) fn get_video(stage: Stage) -> &'static str {
    match stage {
        Stage::Asking => "Waiting for your permission …",
        _ => "Get Video",
    }
}

/// On the button that calls.
pub(super) fn call(stage: Stage) -> &'static str {
    match stage {
        Stage::Ended => "Call again",
        _ => "Call",
    }
}

fn joining(meeting_point: MeetingPointView) -> &'static str {
    match meeting_point {
        MeetingPointView::Unreachable { .. } => "You get in as soon as the meeting point can be reached.",
        _ => "Looking for the meeting point …",
    }
}

fn in_line(seat: SeatView) -> String {
    let SeatView::InLine { capacity } = seat else {
        return String::new();
    };
    format!("This room is full ({capacity} people). Stay: you get in when somebody leaves.")
}

fn connecting(call: &CallPhase, now: Time) -> &'static str {
    match call {
        CallPhase::Connecting { since } if now.since(*since) >= LONG_WAIT => {
            "This is taking longer than usual. The network between you may be slow, or blocked."
        }
        _ => "Connecting to the other person …",
    }
}

fn in_call(view: &CallView) -> &'static str {
    match view.people.iter().find_map(|person| person.path) {
        Some(Path::Direct) => "In a call, directly from browser to browser.",
        Some(Path::Relayed) => "In a call, through a TURN server. It passes on what it cannot read.",
        None => "In a call.",
    }
}

fn media_error(view: &CallView) -> String {
    let visavis_call::LocalMediaView::Failed(error) = &view.media else {
        return String::new();
    };
    match error {
        MediaError::Refused => {
            "The camera and microphone are blocked for this page. Allow them next to the address bar, then try again."
                .into()
        }
        MediaError::NotFound { camera: true, microphone: true } => {
            "No camera and no microphone were found. You can still see and hear the others.".into()
        }
        MediaError::NotFound { camera: false, .. } => {
            "No microphone was found. You can still call with your picture.".into()
        }
        MediaError::NotFound { .. } => "No camera was found. You can still call with your voice.".into(),
        MediaError::Busy => "Another program is using the camera or the microphone. Close it, then try again.".into(),
        MediaError::Unsatisfiable { constraint } => {
            format!("No camera here can do what this site's config.json asks for (\"{constraint}\").")
        }
        MediaError::Unsupported => {
            "This page may not use a camera: its address must begin with https:// (or be on this machine).".into()
        }
        MediaError::Other(name) => format!("The camera and microphone could not be opened ({name})."),
    }
}

/// What would do without the missing device: a call with voice only, or with picture only.
pub(super) fn call_with_less(error: &MediaError) -> Option<(&'static str, MediaWish)> {
    match error {
        MediaError::NotFound {
            camera: true,
            microphone: false,
        } => Some(("Call with voice", MediaWish::Microphone)),
        MediaError::NotFound {
            camera: false,
            microphone: true,
        } => Some(("Call without sound", MediaWish::Camera)),
        _ => None,
    }
}

fn ended(view: &CallView) -> String {
    let CallPhase::Ended { reason, lasted } = &view.call else {
        return String::new();
    };
    let what = match reason {
        EndReason::HungUp if lasted.is_none() => "You cancelled the call.".into(),
        EndReason::HungUp => "You hung up.".into(),
        EndReason::PeerHungUp => "The other person hung up.".into(),
        EndReason::PeerLeft => "The other person left.".into(),
        EndReason::Failed(cause) => failure(cause),
    };
    let how_long = lasted.map_or(String::new(), |lasted| {
        format!(" You talked for {}.", spoken_duration(lasted))
    });
    let what_now = match view.people.iter().any(|person| person.state == PersonState::Here) {
        true if matches!(reason, EndReason::Failed(_)) => "",
        true => " They are still here.",
        false => " When somebody comes, you can call them.",
    };
    format!("{what}{how_long}{what_now}")
}

fn failure(cause: &FailureCause) -> String {
    match cause {
        FailureCause::NoAnswer => {
            "The other person's page did not answer. Ask them to reload it, then call again.".into()
        }
        FailureCause::NoPath(obstacle) => no_path(*obstacle),
        FailureCause::ConnectionLost => {
            "The connection was lost. Call again when your network is back.".into()
        }
        FailureCause::Browser(name) => {
            format!("The browser could not make the connection ({name}). Reload the page, then call again.")
        }
    }
}

/// What is in the way, and one thing to do about it.
fn no_path(obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::NothingToOffer => {
            "Your browser found no network to call over. Check your connection, and extensions that forbid WebRTC."
        }
        Obstacle::NothingOffered => {
            "The other person's browser found no network to call over. Ask them to check their connection, and \
             extensions that forbid WebRTC."
        }
        Obstacle::HiddenAddresses => {
            "A browser hides its address until the page may use the camera or the microphone. Allow one of them on \
             both sides, then call again."
        }
        Obstacle::NoTurn => {
            "The networks between you let no call through, and this site has no TURN server that could help. Try \
             another network, such as a phone's."
        }
        Obstacle::TurnRefuses(code) => {
            return format!(
                "The networks between you let no direct call through, and the TURN server refuses this site's \
                 credentials ({code}). Tell whoever runs this site."
            );
        }
        Obstacle::TurnIsFull => {
            "The networks between you let no direct call through, and the TURN server has no room for another call. \
             Try again in a few minutes."
        }
        Obstacle::TurnUnreachable => {
            "The networks between you let no direct call through, and your network does not reach the TURN server \
             either. Try another network, such as a phone's."
        }
        Obstacle::EvenWithTurn => {
            "The other person could not be reached, not even through the TURN server. Ask them to try another network."
        }
    }
    .into()
}

/// In whole seconds, begun ones included.
fn seconds_ceil(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// `3 min 20 s`.
fn spoken_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// How long the call has been going on.
pub(super) fn call_clock(screen: &Screen) -> String {
    match screen.view.call {
        CallPhase::InCall { since } => clock(screen.now.since(since)),
        _ => String::new(),
    }
}

/// `3:20`.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

/// Something is wrong beside the main matter: what, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) sentence: String,
    pub(super) remedy: Option<Remedy>,
}

/// What can be done about a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    RetryNow,
    ExplainRelay,
}

/// The trouble to show, the gravest first.
pub(super) fn trouble(screen: &Screen) -> Option<Trouble> {
    let (view, now) = (&screen.view, screen.now);
    if let Some(sentence) = &screen.address_error {
        return Some(Trouble {
            sentence: sentence.clone(),
            remedy: None,
        });
    }
    if view
        .people
        .iter()
        .any(|person| person.state == PersonState::Interrupted)
    {
        let sentence = "The connection is interrupted. Waiting for it to come back …".into();
        return Some(Trouble {
            sentence,
            remedy: None,
        });
    }
    let in_call = matches!(view.stage(), Stage::InCall | Stage::Connecting);
    match view.meeting_point {
        MeetingPointView::Unreachable { .. } if in_call => {
            let sentence = "Lost touch with the meeting point. Your call goes on; reconnecting …".into();
            Some(Trouble {
                sentence,
                remedy: None,
            })
        }
        MeetingPointView::Unreachable {
            retry_at,
            tabs_can_meet,
        } => {
            let retry = match retry_at.map(|at| seconds_ceil(at.since(now))) {
                Some(seconds) if seconds > 0 => format!("Retrying in {seconds} s."),
                _ => "Retrying …".into(),
            };
            let meanwhile = if tabs_can_meet {
                " Meanwhile, tabs of this browser can meet."
            } else {
                ""
            };
            let sentence = format!("The meeting point can't be reached. {retry}{meanwhile}");
            Some(Trouble {
                sentence,
                remedy: Some(Remedy::RetryNow),
            })
        }
        MeetingPointView::OnlyThisBrowser if !in_call => Some(Trouble {
            sentence: "This site has no meeting point: only tabs of this browser can meet here.".into(),
            remedy: Some(Remedy::ExplainRelay),
        }),
        _ => None,
    }
}

/// What [`Remedy::ExplainRelay`] explains.
pub(super) const RELAY_EXPLANATION: &str = "To meet people on other devices, this site needs a relay. Whoever \
    runs the site can start visavis-relay, and name its address as \"relay\" in config.json.";

#[cfg(test)]
mod tests {
    use visavis_call::{DeviceView, LocalMediaView};
    use visavis_protocol::id::RoomId;

    use super::*;
    use crate::ui::screen::Copying;

    fn screen() -> Screen {
        Screen {
            view: CallView {
                room: RoomId::new("test").unwrap(),
                media: LocalMediaView::Open {
                    camera: DeviceView::On,
                    microphone: DeviceView::On,
                    trouble: None,
                },
                meeting_point: MeetingPointView::Relay,
                seat: SeatView::Seated,
                people: Vec::new(),
                call: CallPhase::Idle,
                suspicion: None,
            },
            now: Time(0),
            address_error: None,
            explains_relay: false,
            copying: Copying::Idle,
            silenced: false,
        }
    }

    #[test]
    fn a_long_connection_says_so_after_eight_seconds() {
        let mut screen = screen();
        screen.view.call = CallPhase::Connecting { since: Time(1000) };
        screen.now = Time(8_999);
        assert!(!status(&screen).contains("longer than usual"));
        screen.now = Time(9_000);
        assert!(status(&screen).contains("longer than usual"));
    }

    #[test]
    fn the_retry_counts_down() {
        let mut screen = screen();
        screen.view.meeting_point = MeetingPointView::Unreachable {
            retry_at: Some(Time(5000)),
            tabs_can_meet: false,
        };
        for (now, words) in [
            (2000, "Retrying in 3 s."),
            (4001, "Retrying in 1 s."),
            (5000, "Retrying …"),
        ] {
            screen.now = Time(now);
            let sentence = trouble(&screen).unwrap().sentence;
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn an_end_says_why_and_how_long() {
        let mut screen = screen();
        let lasted = Some(Duration::from_secs(200));
        screen.view.call = CallPhase::Ended {
            reason: EndReason::PeerHungUp,
            lasted,
        };
        let words = status(&screen);
        assert!(
            words.starts_with("The other person hung up. You talked for 3 min 20 s."),
            "{words}"
        );
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(clock(Duration::from_secs(62)), "1:02");
        assert_eq!(clock(Duration::from_secs(3662)), "1:01:02");
        assert_eq!(spoken_duration(Duration::from_secs(59)), "59 s");
        assert_eq!(spoken_duration(Duration::from_secs(3720)), "1 h 2 min");
    }
}
