//! What the status says, as codes for tests: they stay when sentences change.

use visavis_call::{
    CallKind, CallPhase, CallView, EndReason, FailureCause, LocalMediaView, MediaError, Obstacle, Path,
    RemovalReason, SeatView, SignalingView, Stage, Unopened,
};
use visavis_protocol::dialect::ServerKind;

/// What is behind the status line, within its stage.
pub(in crate::ui) fn why(view: &CallView) -> String {
    match view.stage() {
        Stage::Blocked => match &view.media {
            LocalMediaView::Failed(errors) => {
                let error = errors.camera.as_ref().or(errors.microphone.as_ref());
                error.map_or("", refusal)
            }
            _ => "",
        },
        Stage::Joining => match view.signaling_route {
            SignalingView::OtherKind(kind) => kind_of_server(kind),
            _ => "",
        },
        Stage::InLobby | Stage::Removed => match view.seat {
            SeatView::InLobby { locked: true } => "locked",
            SeatView::Removed(RemovalReason::Refused) => "refused",
            SeatView::Removed(RemovalReason::Removed) => "removed",
            SeatView::Removed(RemovalReason::Crowded) => "crowded",
            _ => "",
        },
        Stage::Ready if view.to_join().next().is_some() => "to-join",
        Stage::Ready if view.can_call() => "here",
        Stage::Ready => match view.unopened() {
            Some(Unopened::NotSealed) => "not-sealed",
            Some(_) => "unopened",
            None => "away",
        },
        Stage::Ringing => match view.caller().and_then(|caller| caller.call) {
            Some(CallKind::Private) => "private",
            _ => "open",
        },
        Stage::InCall => match view.people.iter().find_map(|person| person.path) {
            Some(Path::Direct) => "direct",
            Some(Path::Relayed | Path::RelayedByThem) => "relayed",
            None => "",
        },
        Stage::Ended => match &view.call {
            CallPhase::Ended { reason, .. } => end(reason),
            _ => "",
        },
        _ => "",
    }
    .to_owned()
}

pub(super) fn kind_of_server(kind: ServerKind) -> &'static str {
    match kind {
        ServerKind::Visavis => "visavis",
        ServerKind::SocketIo => "socket.io",
        ServerKind::Broadcast => "broadcast",
        ServerKind::Plain => "plain",
        ServerKind::Silent => "silent",
    }
}

fn refusal(error: &MediaError) -> &'static str {
    match error {
        MediaError::Refused => "refused",
        MediaError::Dismissed => "dismissed",
        MediaError::BlockedBySystem => "blocked-by-system",
        MediaError::NotDelegated => "not-delegated",
        MediaError::NotFound => "not-found",
        MediaError::Busy => "busy",
        _ => "other",
    }
}

fn end(reason: &EndReason) -> &'static str {
    match reason {
        EndReason::HungUp => "hung-up",
        EndReason::PeerHungUp => "they-hung-up",
        EndReason::PeerLeft => "left",
        EndReason::Busy => "busy",
        EndReason::Failed(FailureCause::NoPath(obstacle)) => match obstacle {
            Obstacle::NoTurn | Obstacle::NoTurnToHideBehind => "no-turn",
            Obstacle::TurnRefuses(_) => "turn-refuses",
            Obstacle::TurnUnreachable => "turn-unreachable",
            _ => "no-path",
        },
        EndReason::Failed(FailureCause::TooLarge) => "too-large",
        EndReason::Failed(FailureCause::Unopened(_)) => "unopened",
        EndReason::Failed(FailureCause::Unsafe(_)) => "unsafe",
        _ => "other",
    }
}
