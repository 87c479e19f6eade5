//! How people stand in the room.

use visavis_call::{AccessPolicy, CallKind, PersonState, PersonView, SealView, Unopened};

use super::{HOST, append};

/// How somebody stands in the room, beside their name.
pub(in crate::ui) fn standing(person: &PersonView, policy: AccessPolicy) -> String {
    let standing = match (person.state, person.call) {
        (PersonState::Away, _) => "reconnecting",
        (PersonState::Calling, _) => "calling",
        (_, Some(_)) if person.screen => "shares the screen",
        (_, Some(CallKind::Open)) => "in the call",
        (_, Some(CallKind::Private)) => "in a private call",
        (_, None) => "",
    };
    // While everybody may come in, it means nothing.
    let is_host = person.host && policy != AccessPolicy::Open;
    let mut text = String::new();
    let seal = match person.seal {
        SealView::Unopened(Unopened::NotSealed) => "did not use the sealed link",
        SealView::Unopened(_) => "can't be understood",
        SealView::Open | SealView::Unheard | SealView::Sealed => "",
    };
    let is_host = if is_host { HOST } else { "" };
    for part in [is_host, standing, seal, &offers_dropped(person)] {
        append(&mut text, ", ", part);
    }
    text
}

/// That somebody wants more connections than anybody needs.
fn offers_dropped(person: &PersonView) -> String {
    match person.offers_dropped {
        0 => String::new(),
        1 => "1 connection too many".into(),
        many => many.to_string() + " connections too many",
    }
}
