//! What passes beside a call: messages, reactions, raised hands, and how large pictures are shown.

use visavis_call::{CallKind, ChatText, Command, Input, PeerEvent, PersonView, PreConnection, Reaction};
use visavis_protocol::dialect::native;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::RelayMessage;

use crate::support::{ClientId, World, ms, seconds};

fn words(text: &str) -> ChatText {
    ChatText::new(text).unwrap()
}

fn write(world: &mut World, client: ClientId, text: &str) {
    world.command(client, Command::Say(words(text)));
    world.run_for(ms(200));
}

/// What somebody reads: who has written it, by number, and what.
fn reads(world: &World, client: ClientId) -> Vec<String> {
    let who = |message: &visavis_call::ChatMessage| {
        let from = message.from.as_ref().unwrap_or(&world.clients[client].id);
        world.clients.iter().position(|other| other.id == *from).unwrap()
    };
    let view = world.clients[client].view();
    let messages = view.chat.messages.iter();
    messages
        .map(|message| format!("{}: {}", who(message), message.text.as_str()))
        .collect()
}

fn person(world: &World, of: ClientId, seen_by: ClientId) -> PersonView {
    let id = &world.clients[of].id;
    let people = world.clients[seen_by].view().people;
    people.into_iter().find(|person| person.id == *id).unwrap()
}

/// The numbers of what somebody has written and not everybody has.
fn unheard(world: &World, client: ClientId) -> Vec<u64> {
    world.clients[client].view().chat.unheard
}

#[test]
fn what_is_written_is_read_by_all_in_the_call_and_by_nobody_else() {
    let mut world = World::call_of(4, 3);
    write(&mut world, 0, "one");
    write(&mut world, 1, "two");
    write(&mut world, 0, "three");
    for client in 0..3 {
        assert_eq!(reads(&world, client), ["0: one", "1: two", "0: three"]);
    }
    assert!(reads(&world, 3).is_empty());
    assert!(unheard(&world, 0).is_empty(), "all have both");
}

#[test]
fn whoever_joins_reads_what_was_written_before() {
    let mut world = World::call_of(3, 2);
    write(&mut world, 0, "one");
    world.run_for(seconds(5));
    write(&mut world, 1, "two");
    world.run_for(seconds(60));
    world.command(2, Command::Call);
    world.run_for(seconds(2));
    write(&mut world, 2, "three");
    for client in 0..3 {
        assert_eq!(reads(&world, client), ["0: one", "1: two", "2: three"]);
    }
    let messages = world.clients[2].view().chat.messages;
    let ago = |index: usize| world.now.since(messages[index].at).as_secs();
    assert!((60..70).contains(&ago(0)) && ago(2) == 0, "{} {}", ago(0), ago(2));
    // And again by whoever comes back, once.
    world.command(2, Command::HangUp);
    world.run_for(seconds(1));
    write(&mut world, 0, "four");
    world.command(2, Command::Call);
    world.run_for(seconds(2));
    assert_eq!(reads(&world, 2), ["0: one", "1: two", "2: three", "0: four"]);
}

#[test]
fn what_two_write_to_each_other_stays_between_them() {
    let mut world = World::call_of(3, 1);
    world.command(0, Command::HangUp);
    world.run_for(seconds(1));
    let id = world.clients[1].id.clone();
    world.command(0, Command::CallPerson(id));
    world.run_for(seconds(1));
    world.answer(1);
    world.run_for(seconds(2));
    write(&mut world, 0, "between us");
    assert_eq!(reads(&world, 1), ["0: between us"]);
    assert!(world.clients[1].view().chat.messages[0].private);
    world.command(0, Command::HangUp);
    world.run_for(seconds(1));
    world.command(0, Command::Call);
    world.all_answer();
    world.run_for(seconds(2));
    write(&mut world, 0, "to all");
    assert_eq!(reads(&world, 2), ["0: to all"]);
    assert_eq!(reads(&world, 1), ["0: between us", "0: to all"]);
}

#[test]
fn what_is_written_meanwhile_comes_when_the_connection_is_back() {
    let mut world = World::call_of(3, 3);
    world.set_path(0, 1, false);
    write(&mut world, 0, "are you there?");
    assert_eq!(reads(&world, 2), ["0: are you there?"]);
    assert!(reads(&world, 1).is_empty());
    assert_eq!(unheard(&world, 0), [1], "not everybody has it");
    world.break_connections(0);
    world.set_path(0, 1, true);
    world.run_for(seconds(60));
    assert_eq!(reads(&world, 1), ["0: are you there?"]);
    assert_eq!(reads(&world, 2), ["0: are you there?"], "once");
    assert!(unheard(&world, 0).is_empty());
}

/// Two call each other, one of them privately: both take part in what is open.
#[test]
fn what_was_written_privately_before_a_call_became_open_is_not_lost() {
    let mut world = World::room_of(3, PreConnection::On);
    let bob = world.clients[1].id.clone();
    world.command(0, Command::CallPerson(bob));
    world.command(0, Command::Say(words("between us")));
    world.command(1, Command::Call);
    world.run_for(seconds(1));
    world.answer(2);
    world.run_for(seconds(2));
    assert_eq!(world.clients[0].view().kind, Some(CallKind::Open));
    assert!(unheard(&world, 0).is_empty());
    assert_eq!(reads(&world, 1), ["0: between us"]);
    assert!(world.clients[1].view().chat.messages[0].private);
    assert!(reads(&world, 2).is_empty());
}

#[test]
fn over_a_channel_that_has_closed_nothing_is_said() {
    let mut world = World::call_of(2, 2);
    let (bob, connection) = world.clients[0].connections.keys().next().cloned().unwrap();
    world.input(0, Input::Peer(bob, connection, PeerEvent::ChannelClosed));
    write(&mut world, 0, "lost");
    assert!(reads(&world, 1).is_empty());
    assert_eq!(unheard(&world, 0), [1], "and nobody takes it for delivered");
}

#[test]
fn what_nobody_has_heard_is_not_delivered_when_the_call_is_over() {
    let mut world = World::call_of(2, 2);
    write(&mut world, 0, "heard");
    world.set_path(0, 1, false);
    write(&mut world, 0, "not heard");
    assert_eq!(unheard(&world, 0), [2]);
    world.command(0, Command::HangUp);
    world.run_for(seconds(1));
    assert_eq!(unheard(&world, 0), [2], "it is over, and still nobody has it");
}

#[test]
fn a_raised_hand_is_seen_until_it_is_lowered_or_the_call_is_over() {
    let mut world = World::call_of(3, 2);
    world.command(0, Command::RaiseHand(true));
    world.run_for(ms(100));
    assert!(person(&world, 0, 1).hand && world.clients[0].view().chat.hand);
    world.command(2, Command::Call);
    world.run_for(seconds(1));
    assert!(person(&world, 0, 2).hand, "whoever joins sees it");
    world.command(0, Command::RaiseHand(false));
    world.run_for(ms(100));
    assert!(!person(&world, 0, 1).hand && !person(&world, 0, 2).hand);
    world.command(0, Command::RaiseHand(true));
    world.command(0, Command::HangUp);
    world.run_for(seconds(1));
    assert!(!world.clients[0].view().chat.hand);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    assert!(!person(&world, 0, 1).hand, "another call, another hand");
}

#[test]
fn a_hand_is_as_it_should_be_after_a_connection_was_made_anew() {
    for up in [false, true] {
        let mut world = World::call_of(2, 2);
        world.command(0, Command::RaiseHand(!up));
        world.run_for(ms(100));
        world.set_path(0, 1, false);
        world.command(0, Command::RaiseHand(up));
        world.break_connections(0);
        world.set_path(0, 1, true);
        world.run_for(seconds(60));
        assert_eq!(person(&world, 0, 1).hand, up);
    }
}

#[test]
fn a_reaction_is_seen_for_a_while() {
    let mut world = World::call_of(3, 3);
    world.command(0, Command::React(Reaction::Heart));
    world.run_for(ms(100));
    let seen = |world: &World| {
        let by = |client| person(world, 0, client).reaction;
        [world.clients[0].view().chat.reaction, by(1), by(2)]
    };
    assert_eq!(seen(&world), [Some(Reaction::Heart); 3]);
    world.run_for(seconds(3));
    world.command(0, Command::React(Reaction::Joy));
    world.command(1, Command::React(Reaction::Clap));
    world.run_for(seconds(3));
    assert_eq!(seen(&world), [Some(Reaction::Joy); 3], "the last one counts");
    assert_eq!(person(&world, 1, 2).reaction, Some(Reaction::Clap));
    world.run_for(seconds(3));
    assert_eq!(seen(&world), [None; 3]);
    assert_eq!(person(&world, 1, 2).reaction, None);
}

fn said(body: PeerBody) -> visavis_protocol::relay::PeerText {
    native::encode_peer(&PeerMessage::unnumbered(body))
}

fn unasked() -> [PeerBody; 3] {
    [
        PeerBody::Say {
            number: 1,
            ago: 0,
            private: false,
            place: None,
            text: words("I am somebody else"),
        },
        PeerBody::Hand { up: true },
        PeerBody::React {
            reaction: Reaction::Wow,
        },
    ]
}

#[test]
fn nothing_of_it_is_believed_when_the_relay_says_it() {
    let mut world = World::call_of(2, 2);
    for body in unasked() {
        let from = world.clients[0].id.clone();
        world.say_to(
            1,
            RelayMessage::Message {
                from,
                message: said(body),
            },
        );
    }
    world.run_for(seconds(1));
    let person = person(&world, 0, 1);
    assert!(reads(&world, 1).is_empty() && !person.hand && person.reaction.is_none());
}

#[test]
fn nobody_is_heard_who_is_not_in_the_call() {
    let mut world = World::call_of(3, 2);
    let key = world.clients[0]
        .connections
        .keys()
        .find(|(id, _)| *id == world.clients[2].id)
        .cloned()
        .expect("a connection stands ready");
    for body in unasked() {
        let event = PeerEvent::Said(said(body));
        world.input(0, Input::Peer(key.0.clone(), key.1, event));
    }
    let person = person(&world, 2, 0);
    assert!(reads(&world, 0).is_empty() && !person.hand && person.reaction.is_none());
    // Nor is there anybody to write to, alone.
    world.command(2, Command::Say(words("hello?")));
    world.command(2, Command::RaiseHand(true));
    world.command(2, Command::React(Reaction::Wow));
    world.run_for(seconds(1));
    let talk = world.clients[2].view().chat;
    assert!(talk.messages.is_empty() && !talk.hand && talk.reaction.is_none());
}

#[test]
fn each_is_sent_what_they_show() {
    let mut world = World::call_of(3, 3);
    world.run_for(seconds(2));
    let share = |world: &World, to: ClientId| {
        let shares = world.clients[0].shares.iter().rev();
        let mut to_them = shares.filter(|(_, id, _)| *id == world.clients[to].id);
        to_them.next().map(|(.., share)| share.percent)
    };
    let show = |world: &mut World, client: ClientId, width| {
        let id = world.clients[0].id.clone();
        world.command(client, Command::Show(vec![(id, width)]));
        world.run_for(ms(200));
    };
    assert_eq!((share(&world, 1), share(&world, 2)), (Some(50), Some(50)));
    show(&mut world, 1, 400);
    show(&mut world, 2, 200);
    assert_eq!((share(&world, 1), share(&world, 2)), (Some(80), Some(20)));
    show(&mut world, 1, 0);
    assert_eq!((share(&world, 1), share(&world, 2)), (Some(0), Some(100)));
    let told = world.clients[0].shares.len();
    show(&mut world, 1, 0);
    assert_eq!(world.clients[0].shares.len(), told, "nothing has changed");
}

#[test]
fn a_narrow_uplink_is_shared_out_like_a_wide_one() {
    let mut world = World::call_of(3, 3);
    world.run_for(seconds(2));
    let last_shares = |world: &mut World, estimate| {
        world.clients[0].estimate = estimate;
        let told = world.clients[0].shares.len();
        world.run_for(seconds(6));
        let told = &world.clients[0].shares[told..];
        told.iter()
            .map(|(.., share)| (share.percent, share.uplink))
            .collect::<Vec<_>>()
    };
    assert_eq!(last_shares(&mut world, 2000), [], "enough for everything");
    assert_eq!(
        last_shares(&mut world, 200),
        [(50, 35); 2],
        "400 kilobits, and half as much again"
    );
    assert_eq!(last_shares(&mut world, 210), [], "it has these");
    assert_eq!(last_shares(&mut world, 0), [], "nothing is known any more");
    let wide = last_shares(&mut world, 600);
    assert!(wide.ends_with(&[(50, 100); 2]), "{wide:?}");

    // Whoever does not see us needs nothing of it, and whoever is left is alone.
    let id = world.clients[0].id.clone();
    world.command(1, Command::Show(vec![(id, 0)]));
    assert_eq!(last_shares(&mut world, 200), [(0, 100), (100, 100)]);
}

#[test]
fn what_was_said_stays_in_its_room() {
    let mut world = World::call_of(2, 2);
    write(&mut world, 0, "here");
    world.command(0, Command::Leave);
    world.run_for(seconds(1));
    assert!(reads(&world, 0).is_empty());
    assert_eq!(reads(&world, 1), ["0: here"]);
}
