//! Who can read what passes through the relay, and what is not understood of it.

use visavis_call::{CallView, RoomAddress, Unopened};

use super::away;

/// Beside the link to a room: who else can read what passes through the relay.
pub(in crate::ui) fn about_room(room: &RoomAddress) -> String {
    let mut about = match room {
        RoomAddress::Sealed(_) => {
            return "Sealed: whoever runs the server sees neither names nor messages. Whoever has the link can come \
                    in, so share it as it is, and only with them."
                .into();
        }
        RoomAddress::Open(_) => {
            "An open room: whoever runs the server can read names, and put themselves between you.".to_owned()
        }
    };
    if room.to_text().bytes().any(|byte| byte.is_ascii_uppercase()) {
        about += " Capital and small letters are different in this link: share it as it is.";
    }
    about
}

/// Why nobody who is here can be called.
pub(super) fn out_of_reach(view: &CallView) -> String {
    view.unopened()
        .map_or_else(|| away(view), |why| not_understood(why).into())
}

/// Why nothing is heard of those who are here.
pub(super) fn not_understood(why: Unopened) -> &'static str {
    match why {
        Unopened::NotSealed => {
            "Somebody here did not use your link, so nothing that they send is taken. Ask them to open it."
        }
        Unopened::Forged | Unopened::Stale => {
            "Somebody is here whose messages can't be opened: they have another link than you, or somebody \
             interferes. Send them your link again in another way."
        }
    }
}
