//! What a link is there for.

use visavis_protocol::peer::CallKind;

use crate::disclosure::Disclosure;
use crate::event::{IceTransportPolicy, PreConnection};

/// What a link is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum LinkPurpose {
    /// A call that may come. Nothing is sent.
    PreConnected(PreConnection),
    /// They call, and we have not said yet that we take part. It is made already; nothing is sent.
    Called(CallKind),
    /// We call; they have not said yet that they take part.
    Calling {
        kind: CallKind,
        /// A person has to answer. Nothing is sent before.
        rings: bool,
    },
    /// Both take part in a call.
    Call(CallKind),
}

impl LinkPurpose {
    /// The call that it is part of, of which the other side may not know yet.
    pub(super) fn call_kind(self) -> Option<CallKind> {
        match self {
            Self::Calling { kind, .. } | Self::Call(kind) => Some(kind),
            Self::PreConnected(_) | Self::Called(_) => None,
        }
    }

    /// Whether a person has to answer our call.
    pub(super) fn rings(self) -> bool {
        matches!(self, Self::Calling { rings: true, .. })
    }

    /// What is shown of our addresses, where this is what the person has chosen.
    pub(super) fn disclosure(self, chosen: IceTransportPolicy) -> Disclosure {
        let policy = match self {
            Self::PreConnected(PreConnection::OnlyTurn) => IceTransportPolicy::Relay,
            _ => chosen,
        };
        Disclosure::new(policy, self.is_hidden())
    }

    /// Whether candidates are kept on this side: ours are not sent, and theirs not used.
    pub(super) fn is_hidden(self) -> bool {
        self == Self::PreConnected(PreConnection::Off)
    }
}
