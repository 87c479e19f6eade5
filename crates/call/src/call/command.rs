//! What the person asks for.

use visavis_protocol::relay::ClientMessage;

use super::access::Lobby;
use super::{Call, Seat};
use crate::event::{Command, Device, MediaOp, Output};
use crate::session::{Event, Session};
use crate::timer::Time;
use crate::view::CallPhase;

impl Call {
    pub(super) fn command(&mut self, now: Time, command: Command) {
        match command {
            Command::GetMedia(wish) => {
                if self.in_call() {
                    return;
                }
                // The way to the others opens while the browser asks the person.
                if !matches!(self.seat, Seat::Removed(_)) {
                    self.signaling_route
                        .start(now, &mut self.timers, &mut self.outputs);
                }
                let ops = self.media.get(wish);
                self.media_ops(now, ops);
                self.join_if_due();
            }
            Command::Call => self.call(now),
            Command::CallPerson(id) => self.call_person(now, id),
            Command::HangUp => self.hang_up(now),
            Command::SetMicrophone(on) => {
                let ops = self.media.switch(Device::Microphone, on);
                self.media_ops(now, ops);
            }
            Command::SetCamera(on) => {
                let ops = self.media.switch(Device::Camera, on);
                self.media_ops(now, ops);
            }
            Command::Reopen(device) => {
                let ops = self.media.reopen(device);
                self.media_ops(now, ops);
            }
            Command::ShareScreen(on) => {
                let ops = self.media.switch(Device::Screen, on && self.in_call());
                self.media_ops(now, ops);
            }
            Command::RetryNow => {
                self.ask_again(now);
                self.retry_relay(now);
            }
            Command::Enter(room) => {
                let was_removed = matches!(self.seat, Seat::Removed(_));
                self.leave_room(now);
                if room.is_sealed() != self.sealing.address().is_sealed() {
                    std::mem::swap(&mut self.room, &mut self.other_room);
                }
                self.sealing.enter(room);
                if was_removed {
                    self.signaling_route
                        .start(now, &mut self.timers, &mut self.outputs);
                }
                self.join_if_due();
            }
            Command::Leave => {
                self.leave_room(now);
                self.answers_due = 0;
                self.signaling_route.stop(&mut self.timers, &mut self.outputs);
                let op = self.media.close();
                self.media_ops(now, vec![op]);
            }
            Command::PreConnect(pre_connection) => {
                if self.pre_connection != pre_connection {
                    self.pre_connection = pre_connection;
                    self.all_sessions(now, |_| true, || Event::PreConnection);
                }
            }
            Command::SetIceTransportPolicy(policy) => {
                if self.ice_transport_policy != policy {
                    self.ice_transport_policy = policy;
                    self.all_sessions(now, |_| true, || Event::IceTransportPolicy);
                }
            }
            Command::SetAccess(policy) => self.set_access(policy),
            Command::Admit(peer) => self.ask_as_host(ClientMessage::Admit { peer }),
            Command::Refuse(peer) => self.ask_as_host(ClientMessage::Refuse { peer }),
            Command::Remove(peer) => self.ask_as_host(ClientMessage::Remove { peer }),
            Command::MakeHost(peer) => self.ask_as_host(ClientMessage::Host { peer }),
            Command::SetName(name) => {
                self.name = name.clone();
                // The host knows those who wait by it.
                if matches!(self.seat, Seat::Joining | Seat::Waiting { .. }) {
                    let name = self.sealing.given_name(&self.name_at_relay, &name);
                    self.signaling_route
                        .send(ClientMessage::Name { name }, &mut self.outputs);
                }
                // Who is away is told when they are back.
                self.all_sessions(now, Session::is_here, || Event::Hello);
            }
            Command::Say(text) => self.write(now, text),
            Command::React(reaction) => self.react(now, reaction),
            Command::RaiseHand(up) => self.raise_hand(up),
            Command::Show(widths) => self.show(widths),
            Command::Verify(id, verdict) => self.session(now, &id, Event::Verify(verdict)),
            Command::Block(id, is_blocked) => self.block(now, id, is_blocked),
        }
    }

    pub(super) fn leave_room(&mut self, now: Time) {
        self.all_sessions(now, |_| true, || Event::Leave);
        if self.seat != Seat::None {
            self.signaling_route.send(ClientMessage::Leave, &mut self.outputs);
            self.has_moved = true;
        }
        self.seat = Seat::None;
        self.lobby = Lobby::default();
        self.chat.leave();
        self.phase = CallPhase::Idle;
    }

    pub(super) fn media_ops(&mut self, now: Time, ops: Vec<MediaOp>) {
        self.outputs.extend(ops.into_iter().map(Output::Media));
        self.all_sessions(now, |_| true, || Event::Media);
    }
}
