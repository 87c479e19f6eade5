//! Somebody in the call writes far more than a person can, or claims to have written it at another time. What
//! people write, and all that they have written when somebody joins, still arrives.

use visavis_call::{
    ChatMessage, ChatText, Command, ConnectionId, Input, PeerEvent, Place, PreConnection, Time,
};
use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{PeerBody, PeerMessage};

use crate::support::{ClientId, World, ms, seconds};

/// How many of its own messages a page keeps for those who join.
const KEPT: u32 = 200;

/// A room in which all are in a call but the last so many.
fn call_without(people: usize, out: usize) -> World {
    let mut world = World::room_of(people, PreConnection::On);
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    for client in (1..people - out).filter(|_| people > 2) {
        world.answer(client);
    }
    world.run_for(seconds(2));
    world
}

/// Says something over the data channel of a page that its program would not say.
pub(crate) fn says(world: &mut World, from: ClientId, to: ClientId, body: PeerBody) {
    let (id, connection) = connection_with(world, from, to);
    let said = PeerEvent::Said(native::encode_peer(&PeerMessage::unnumbered(body)));
    world.input(to, Input::Peer(id, connection, said));
}

pub(crate) fn connection_with(world: &World, from: ClientId, to: ClientId) -> (PeerId, ConnectionId) {
    let id = &world.clients[from].id;
    let mut connections = world.clients[to].connections.keys();
    let connection = connections.find(|(peer, _)| peer == id);
    connection.cloned().expect("they are connected")
}

fn say(number: u64, text: &str) -> PeerBody {
    PeerBody::Say {
        number,
        ago: 0,
        private: false,
        place: Some(Place {
            position: 1_700_000_100_000 + number,
            tie: 7,
        }),
        text: ChatText::new(text).unwrap(),
    }
}

/// What somebody reads of what another has written.
fn read_of(world: &World, from: ClientId, by: ClientId) -> Vec<ChatMessage> {
    let messages = world.clients[by].view().chat.messages;
    let theirs = |message: &ChatMessage| message.from.as_ref() == Some(&world.clients[from].id);
    let messages = messages.iter().map(|message| (**message).clone());
    messages.filter(theirs).collect()
}

fn dropped(world: &World, from: ClientId, by: ClientId) -> u32 {
    let view = world.clients[by].view();
    let person = view.person(&world.clients[from].id);
    person.expect("they are here").messages_dropped
}

#[test]
fn of_a_flood_of_messages_some_are_read_and_the_others_counted() {
    let row = visavis_rows::row(47, "simulated");
    let mut world = call_without(3, 0);
    let long = "x".repeat(2000);
    let start = std::time::Instant::now();
    for number in 1..=6000 {
        // The page holds what it shows.
        let _shown = world.clients[0].view();
        let text = if number % 2 == 0 { &long } else { "short" };
        says(&mut world, 2, 0, say(number, text));
    }
    let row = row.note(format!("6,000 messages: {} ms", start.elapsed().as_millis()));
    let read = read_of(&world, 2, 0).len() as u32;
    assert!((KEPT..300).contains(&read), "{read}");
    assert_eq!(dropped(&world, 2, 0), 6000 - read, "all others are counted");
    // Nobody else pays for that, and nobody is silenced for good.
    world.command(1, Command::Say(ChatText::new("hello").unwrap()));
    world.run_for(seconds(10));
    assert_eq!(read_of(&world, 1, 0).len(), 1);
    assert_eq!(dropped(&world, 1, 0), 0);
    says(&mut world, 2, 0, say(6001, "sorry"));
    assert_eq!(read_of(&world, 2, 0).last().unwrap().text.as_str(), "sorry");
    row.passed();
}

#[test]
fn whoever_joins_gets_all_that_seven_people_have_kept_for_them() {
    let mut world = call_without(8, 1);
    for number in 0..KEPT {
        for client in 0..7 {
            let text = ChatText::new(&format!("{number} of {client}")).unwrap();
            world.command(client, Command::Say(text));
        }
        world.run_for(ms(1));
    }
    world.run_for(seconds(1));
    world.command(7, Command::Call);
    world.run_for(seconds(3));
    let heard = |world: &World| (0..7).map(|client| dropped(world, client, 7)).collect::<Vec<_>>();
    assert_eq!(heard(&world), [0; 7]);
    for client in 0..7 {
        assert!(world.clients[client].view().chat.unheard.is_empty(), "{client}");
    }
    // What there is to read is the newest of it, in the same order for everybody.
    let texts = |client: ClientId| {
        let messages = world.clients[client].view().chat.messages;
        let texts = messages.iter().map(|message| message.text.clone());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(texts(7).len(), 500);
    for client in 0..7 {
        assert_eq!(texts(client), texts(7), "{client}");
    }
}

#[test]
fn what_was_too_much_is_said_again_over_the_next_connection() {
    let mut world = call_without(2, 0);
    // More than a person writes.
    for number in 0..300 {
        world.command(0, Command::Say(ChatText::new(&number.to_string()).unwrap()));
    }
    world.run_for(seconds(1));
    let lost = dropped(&world, 0, 1);
    assert!(lost > 0);
    assert_eq!(
        world.clients[0].view().chat.unheard.len(),
        lost as usize,
        "the writer knows"
    );
    world.run_for(seconds(200));
    world.command(0, Command::HangUp);
    world.run_for(seconds(1));
    world.call_works(0, 1);
    world.run_for(seconds(1));
    assert_eq!(read_of(&world, 0, 1).len(), 300);
    assert!(world.clients[0].view().chat.unheard.is_empty());
}

/// When somebody has written something, by their own word so many seconds ago.
fn written(world: &mut World, from: ClientId, number: u64, ago: u32) -> Time {
    let body = PeerBody::Say {
        number,
        ago,
        private: false,
        place: None,
        text: ChatText::new("x").unwrap(),
    };
    says(world, from, 0, body);
    // Without a place, it stands where its time says.
    read_of(world, from, 0)
        .iter()
        .map(|message| message.at)
        .min()
        .unwrap()
}

#[test]
fn nobody_has_written_anything_before_they_came() {
    let mut world = World::new(crate::support::Options {
        capacity: 3,
        ..crate::support::Options::default()
    });
    let page = || crate::support::ClientOptions {
        pre_connection: PreConnection::On,
        ..crate::support::ClientOptions::default()
    };
    world.join(page());
    world.join(page());
    world.run_for(seconds(60));
    let came = world.now;
    world.join(page());
    world.run_for(seconds(2));
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    world.answer(1);
    world.answer(2);
    world.run_for(seconds(30));

    let claimed = written(&mut world, 2, 1, 10);
    assert_eq!(world.now.since(claimed), seconds(10), "that may be true");
    for (number, ago) in [(2, 3600), (3, u32::MAX)] {
        let claimed = written(&mut world, 2, number, ago);
        assert!(claimed >= came, "{ago}");
    }
    // Of the other one, nobody knows how long they had been there.
    let claimed = written(&mut world, 1, 1, 3600);
    assert_eq!(world.now.since(claimed), seconds(3600));
    let claimed = written(&mut world, 1, 2, u32::MAX);
    assert_eq!(world.now.since(claimed), seconds(24 * 3600));
}
