//! What is said of a call that is being made, or is over.

use std::time::Duration;

use visavis_call::{CallPhase, CallView, PersonState, PersonView, Stage, Time};

use super::ending::{ended, explain};
use super::names;

/// How long a connection may take before the page says that it takes long.
const LONG_WAIT: Duration = Duration::from_secs(8);

/// Makes a sentence.
pub(in crate::ui) type OfCall = fn(&CallView, &dyn Fn() -> Time) -> String;

/// These sentences come with what shows a call: they are long, and nobody needs them earlier.
pub(in crate::ui) const OF_CALL: OfCall = |view, now| match view.stage() {
    Stage::Connecting => connecting(view, now),
    Stage::Ended => ended(view),
    _ => String::new(),
};

pub(super) fn connecting(view: &CallView, now: impl FnOnce() -> Time) -> String {
    let rings = |person: &&PersonView| person.state == PersonState::Ringing;
    if view.people.iter().any(|person| rings(&person)) {
        return format!("Calling {} …", names(view.people.iter().filter(rings)).0);
    }
    match (&view.call, &view.suspicion) {
        (CallPhase::Connecting { since }, suspicion) if now().since(*since) >= LONG_WAIT => {
            let why = suspicion
                .as_ref()
                .map_or(String::new(), |cause| format!(": {}", explain(cause).0));
            format!("This is taking longer than usual{why}.")
        }
        _ => "Connecting …".into(),
    }
}
