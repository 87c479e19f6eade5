//! What goes into a session, and what comes out of it.

use visavis_protocol::guest::Guest;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, ConnectionId};
use visavis_protocol::relay::{LeaveReason, PeerText};

use crate::chat::Chat;
use crate::event::{IceTransportPolicy, PeerEvent, PeerOp, PreConnection, Share, Verdict};
use crate::ice_servers::IceServers;
use crate::local_media::Sends;
use crate::safety::Entropy;
use crate::timer::Time;
use crate::view::{EndReason, Written};

use super::encoded::Encoded;

/// What a session has to know of the call around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The time.
    pub(crate) now: Time,
    /// Whether we have a seat, so that signaling takes messages to others who have one.
    pub(crate) is_seated: bool,
    /// What we call ourselves.
    pub(crate) name: &'a PersonName,
    /// What we send.
    pub(crate) sends: Sends,
    /// Which connections are made before a call.
    pub(crate) pre_connection: PreConnection,
    /// Which paths connections may take.
    pub(crate) ice_transport_policy: IceTransportPolicy,
    /// What connections are made with.
    pub(crate) ice_servers: &'a IceServers,
    /// What nonces are made of.
    pub(crate) entropy: &'a Entropy,
    /// What we have written, and show of ourselves.
    pub(crate) chat: &'a Chat,
    /// The call that we take part in, with whomever.
    pub(crate) call: Option<CallKind>,
    /// Whether we want to see and hear nothing of them.
    pub(crate) is_blocked: bool,
    /// Whether there are several others, so that nobody is called without being asked.
    pub(crate) is_crowd: bool,
}

/// What happens to a session.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// Their program is another one, and knows calls of two and nothing else. [`Self::Arrived`] follows.
    Guest(Guest),
    /// They are here, or here again: what was said may be lost with a socket.
    Arrived,
    /// Their socket was lost.
    Away,
    /// Their seat is free.
    Left(LeaveReason),
    /// Signaling has brought a message.
    Text(&'a PeerText),
    /// A peer connection did something.
    Connection(ConnectionId, PeerEvent),
    /// The ICE servers are known now, or known anew.
    IceServers,
    /// The time of [`Session::next_timeout`] has come.
    Timeout,
    /// We call them, or answer their call.
    Call(CallKind),
    /// We don't take part in the call that they want us in.
    Decline {
        /// Because we are in another one.
        busy: bool,
    },
    /// We leave the call.
    HangUp,
    /// We leave the room.
    Leave,
    /// We have become somebody else, of whom they know nothing.
    Abandon,
    /// Something may be wrong with the connection.
    Doubt,
    /// The network may be back, or be another one, or the page has slept.
    Woken,
    /// Our network was found to be down, and what to do about this connection is to be decided anew.
    SignalingLost,
    /// [`Context::pre_connection`] has changed.
    PreConnection,
    /// [`Context::ice_transport_policy`] has changed.
    IceTransportPolicy,
    /// [`Context::sends`] may have changed.
    Media,
    /// They don't know our name, or the call that we take part in.
    Hello,
    /// This is for everybody who hears us.
    Say(&'a PeerText),
    /// There may be something that they have not been told. What of it was encoded for somebody before.
    News(&'a Encoded),
    /// Their part of what we send.
    Share(Share),
    /// What the person says of the code that we have with them.
    Verify(Verdict),
}

/// What a session asks for, or tells.
#[derive(Debug, Clone)]
pub(crate) enum SessionEvent {
    /// Signaling is to take this to them.
    Send(PeerText),
    /// This is to be done to their peer connection.
    Connection(ConnectionId, PeerOp),
    /// It waits for [`Event::IceServers`].
    WantsIceServers,
    /// They have called, and we take part.
    Answered,
    /// Both take part in the call, and are connected.
    Connected,
    /// What was between us is over.
    Ended(Ended, EndReason),
    /// Nothing arrives from them. The relay's socket may be as dead.
    Silent,
    /// The same, and nothing came from the relay since. [`Event::SignalingLost`] is to follow.
    SilentLikeTheRelay,
    /// The statistics have told how much could be sent to them.
    Estimated,
    /// They have written something.
    Wrote(Written),
}

/// What ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A call in which we took part, or which we made.
    Call,
    /// Their call, before we answered.
    Invitation,
    /// A connection for a call that nobody made.
    PreConnection,
}
