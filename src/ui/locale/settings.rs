//! What is chosen once.

use visavis_call::{IceTransportPolicy, PreConnection};

use crate::ui::state::{Addresses, PageState};

/// What is chosen, in short.
pub(in crate::ui) fn choices(page: &PageState) -> String {
    // Of one line, also beside a video.
    let paths = match page.addresses {
        Addresses::Shown => " · direct",
        Addresses::Hidden | Addresses::HiddenBySite => " · relayed",
    };
    ["Instant calls: ", preparation(page.instant_calls), paths].concat()
}

/// A choice of instant calls.
pub(in crate::ui) fn preparation(preparation: PreConnection) -> &'static str {
    match preparation {
        PreConnection::On => "on",
        PreConnection::OnlyTurn => "through TURN only",
        PreConnection::Off => "off",
        PreConnection::Nothing => "nothing at all",
    }
}

/// What that choice means.
pub(in crate::ui) fn preparation_means(page: &PageState) -> &'static str {
    match (page.instant_calls, page.addresses) {
        (PreConnection::On, Addresses::Shown) => {
            "While you are in a room, your browser connects to the others in advance, so that a call starts at once. They \
             can see your network address before you call. Your camera and microphone are not sent before."
        }
        (PreConnection::OnlyTurn, Addresses::Shown) => {
            "Your browser connects in advance through this site's TURN server, which hides your network address until you \
             are in a call. Without a TURN server, nothing is connected in advance."
        }
        (PreConnection::On | PreConnection::OnlyTurn, _) => {
            "While you are in a room, your browser connects to the others in advance, so that a call starts at once. That \
             goes through a TURN server, too. Your camera and microphone are not sent before."
        }
        (PreConnection::Off, _) => {
            "Your browser connects when somebody calls. Nobody sees your network address before, and calls start a \
             little later."
        }
        (PreConnection::Nothing, _) => "Your browser does nothing before somebody calls.",
    }
}

/// How calls go.
pub(in crate::ui) fn addresses(policy: IceTransportPolicy) -> &'static str {
    match policy {
        IceTransportPolicy::All => "Calls go directly",
        IceTransportPolicy::Relay => "Calls go through a relay server only",
    }
}

/// What that means.
pub(in crate::ui) fn addresses_mean(page: &PageState) -> &'static str {
    match page.addresses {
        Addresses::Shown => "People in a call with you can see your network address.",
        Addresses::Hidden => {
            "Calls go through this site's TURN server from beginning to end, and nobody in them sees your network \
             address. Without a TURN server there are no calls."
        }
        Addresses::HiddenBySite => {
            "This site has decided that calls go through its TURN server from beginning to end. Nobody in them sees your \
             network address."
        }
    }
}
