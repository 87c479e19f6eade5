//! Invitations and replies that people carry themselves: calls without any server.
//!
//! One person makes an [`Invitation`], and brings it to the other by whatever means they have: a messenger,
//! or a QR code in front of a camera. The other brings back a [`Reply`]. Each says how its browser can be
//! reached, and by which key the other knows it. With both, the two browsers connect, and tell each other
//! over a data channel what a relay would pass on.
//!
//! A letter is short, since nothing of a session description is left in it that both sides know anyway:
//! see [`Description`]. As text it is a link, `…/#/call=i1…` or `…/#/call=r1…`. docs/protocol.md has the
//! format.

mod bytes;
mod candidate;
mod description;
mod desk;
mod letter;

pub use candidate::{Address, Candidate, CandidateType};
pub use description::{Description, DtlsRole};
pub use desk::{Age, Desk, Fault};
pub use letter::{Invitation, InvitationId, Letter, MARK, Minute, Reply, Unreadable};
