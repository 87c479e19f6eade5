//! The features that are chunks.

use leptos::prelude::*;
use visavis_call::{AccessPolicy, CallPhase, CallView, LocalMediaView};

use super::call_handle::CallHandle;
use super::components::Chunk;
use super::reactive::effect;

/// All of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunks {
    /// The others, and what can be done with a call.
    pub(super) stage: Chunk,
    /// Messages, and reactions.
    pub(super) chat: Chunk,
    /// Who is in the room, who may come in, who knocks.
    pub(super) people: Chunk,
    /// What is chosen once, devices, and who can see what.
    pub(super) settings: Chunk,
    /// The report about a call.
    pub(super) report: Chunk,
}

impl Chunks {
    /// Fetches what may be needed soon, so that nobody has to wait for it.
    pub(super) fn load_ahead(self, call: CallHandle) {
        // At once, since a call may begin with the next click; and once more then, if it did not come.
        self.stage.load_ahead();
        let is_going_on = call.select(CallView::is_going_on);
        effect(move || {
            if is_going_on.get() {
                self.stage.load();
            }
        });
        let chat = call.select(|call| !call.people.is_empty());
        let people = call.select(may_need_people);
        // A call for which a report may be wanted can be one without a network.
        let report = call.select(|call| matches!(call.call, CallPhase::Connecting { .. }));
        let devices = call.select(|call| !matches!(call.media, LocalMediaView::Off | LocalMediaView::Asking));
        let needs = [
            (chat, self.chat),
            (people, self.people),
            (report, self.report),
            (devices, self.settings),
        ];
        effect(move || {
            for (needed, chunk) in needs {
                if needed.get() {
                    chunk.load_ahead();
                }
            }
        });
    }
}

fn may_need_people(call: &CallView) -> bool {
    !call.people.is_empty() || call.access.is_ours || call.access.policy != AccessPolicy::Open
}
