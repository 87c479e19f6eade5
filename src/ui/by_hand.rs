//! Calls without any server, on the page: the letter to be carried to the other one, and what was carried
//! here. All of it is a chunk.

mod code;
mod panel;
mod scan;

use std::rc::Rc;

use leptos::prelude::*;
use visavis_call::RoomAddress;
use visavis_letters::{Age, Fault, Unreadable};

use crate::browser::page;
use crate::config::{BY_HAND, Config};
use crate::signaling::Connector;
use crate::signaling::by_hand::ByHand;
use crate::ui::settings::policy_chosen_before;

/// Shows the letters, in the place of the invite link. It is called within the reactive owner of that place.
pub type LettersView = Rc<dyn Fn() -> AnyView>;

/// A page without any server.
pub(crate) struct Begun {
    /// The room where the two meet.
    pub(crate) room: RoomAddress,
    /// The way to the other one.
    pub(crate) connector: Box<dyn Connector>,
    /// What they carry to each other.
    pub(crate) letters: LettersView,
}

/// Begins with what the address has: an invitation, or nothing.
pub(crate) fn begin(config: &Config) -> Begun {
    let policy = policy_chosen_before(config.ice_transport_policy());
    let by_hand = ByHand::new(config.ice_servers.clone(), policy);
    let hash = page::hash();
    // A link without a letter asks for an invitation.
    let fault = match by_hand.take(&hash, Age::Counts) {
        Err(Fault::Unreadable(Unreadable::Nothing)) if hash == BY_HAND => None,
        taken => taken.err(),
    };
    Begun {
        room: by_hand.room(),
        connector: Box::new(by_hand.clone()),
        letters: Rc::new(move || {
            let by_hand = by_hand.clone();
            view! { <panel::Letters by_hand fault /> }.into_any()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_page_that_reads_letters() {
        assert_eq!(BY_HAND.trim_start_matches('#'), visavis_letters::MARK);
        assert_eq!(crate::config::room_in_address(BY_HAND).map_err(drop), Err(()));
    }
}
