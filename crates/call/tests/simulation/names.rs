//! Whoever takes somebody else's name, or a word of the page, is told apart by a number.

use visavis_call::{AccessPolicy, ChatText, Command, PreConnection};
use visavis_protocol::name::PersonName;

use crate::support::{ClientId, ClientOptions, Options, World, ms, seconds};

fn takes(world: &mut World, client: ClientId, name: &str) {
    world.command(client, Command::SetName(PersonName::new(name)));
    world.run_for(ms(200));
}

/// The numbers of these people, as the first one sees them.
fn numbers<const N: usize>(world: &World, people: [ClientId; N]) -> [u32; N] {
    let view = world.clients[0].view();
    people.map(|client| {
        let person = view.person(&world.clients[client].id);
        person.expect("they are here").name_number
    })
}

#[test]
fn whoever_takes_a_name_that_somebody_has_is_the_second() {
    let mut world = World::room_of(5, PreConnection::On);
    for (client, name) in ["Zoe", "Eve", "Ada", "Bob", ""].into_iter().enumerate() {
        takes(&mut world, client, name);
    }
    assert_eq!(numbers(&world, [1, 2, 3, 4]), [1; 4]);
    // Not the order of arrival counts: who was there first may have taken it last.
    takes(&mut world, 1, "Аdа");
    assert_eq!(numbers(&world, [1, 2, 3, 4]), [2, 1, 1, 1]);
    takes(&mut world, 3, "A D A");
    assert_eq!(numbers(&world, [1, 2, 3, 4]), [2, 1, 3, 1]);
    takes(&mut world, 4, "Ada (2)");
    assert_eq!(numbers(&world, [1, 2, 3, 4]), [2, 1, 3, 4]);
    // To say it once more brings nobody to the front.
    takes(&mut world, 2, "Ada");
    assert_eq!(numbers(&world, [1, 2, 3, 4]), [2, 1, 3, 4]);
    takes(&mut world, 2, "Mia");
    assert_eq!(numbers(&world, [1, 2, 3, 4]), [1, 1, 2, 3]);
}

#[test]
fn our_own_name_and_the_words_of_the_page_are_taken() {
    let mut world = World::room_of(3, PreConnection::On);
    takes(&mut world, 0, "Zoe");
    takes(&mut world, 1, "ZOE");
    takes(&mut world, 2, "Ζое");
    assert_eq!(numbers(&world, [1, 2]), [2, 3]);
    for word in ["You", "Yоu", "Host", "Zoe, privately", "Somebody"] {
        takes(&mut world, 1, word);
        assert_eq!(numbers(&world, [1, 2]), [2, 2], "{word}");
    }
    takes(&mut world, 2, "sоmebody");
    assert_eq!(numbers(&world, [1, 2]), [2, 3]);
}

#[test]
fn who_has_left_has_their_name_no_more() {
    let mut world = World::room_of(3, PreConnection::On);
    takes(&mut world, 1, "Ada");
    takes(&mut world, 2, "Ada");
    assert_eq!(numbers(&world, [1, 2]), [1, 2]);
    world.command(1, Command::Leave);
    world.run_for(seconds(1));
    assert_eq!(numbers(&world, [2]), [1]);
}

#[test]
fn what_somebody_writes_under_another_name_bears_their_number() {
    let mut world = World::room_of(3, PreConnection::On);
    takes(&mut world, 1, "Ada");
    takes(&mut world, 2, "You");
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    world.answer(1);
    world.answer(2);
    world.run_for(seconds(2));
    for client in [1, 2] {
        world.command(client, Command::Say(ChatText::new("hello").unwrap()));
        world.run_for(ms(100));
    }
    let messages = world.clients[0].view().chat.messages;
    let numbers: Vec<_> = messages.iter().map(|message| message.name_number).collect();
    assert_eq!(numbers, [1, 2]);
}

/// The numbers of those who knock, as the host sees them.
fn numbers_at_the_door(world: &World) -> Vec<u32> {
    let knocking = world.clients[0].view().access.knocking;
    knocking.iter().map(|knocker| knocker.name_number).collect()
}

#[test]
fn whoever_knocks_under_a_name_that_somebody_has_is_not_the_first() {
    let options = Options {
        capacity: 8,
        ..Options::default()
    };
    let mut world = World::with_people(2, options);
    takes(&mut world, 0, "Zoe");
    takes(&mut world, 1, "Ada");
    world.command(0, Command::SetAccess(AccessPolicy::Knock));
    world.run_for(seconds(1));
    let mut newcomers = Vec::new();
    for name in ["Eve", "Аda", "A d a", "ZOE", "Host", ""] {
        let newcomer = world.join(ClientOptions::default());
        takes(&mut world, newcomer, name);
        newcomers.push(newcomer);
    }
    world.run_for(seconds(1));
    assert_eq!(numbers_at_the_door(&world), [1, 2, 3, 2, 2, 1]);
    // Not the order of arrival counts: who knocked first may have taken it last.
    takes(&mut world, newcomers[0], "Ada");
    assert_eq!(numbers_at_the_door(&world), [4, 2, 3, 2, 2, 1]);
    takes(&mut world, newcomers[1], "Mia");
    assert_eq!(numbers_at_the_door(&world), [3, 1, 2, 2, 2, 1]);
    // Who has left has their name no more.
    world.command(1, Command::Leave);
    world.run_for(seconds(1));
    assert_eq!(numbers_at_the_door(&world), [2, 1, 1, 2, 2, 1]);
}
