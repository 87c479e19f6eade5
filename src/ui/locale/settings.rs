//! What is chosen once.

use visavis_call::PreConnection;

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
pub(in crate::ui) fn preparation_means(preparation: PreConnection) -> &'static str {
    match preparation {
        PreConnection::On => {
            "While you are in a room, your browser connects to the others in advance, so that a call starts at once. They \
             can see your network address before you call. Your camera and microphone are not sent before."
        }
        PreConnection::OnlyTurn => {
            "Your browser connects in advance through this site's TURN server, which hides your network address until you \
             are in a call. Without a TURN server, nothing is connected in advance."
        }
        PreConnection::Off => {
            "Your browser connects when somebody calls. Nobody sees your network address before, and calls start a \
             little later."
        }
        PreConnection::Nothing => "Your browser does nothing before somebody calls.",
    }
}
