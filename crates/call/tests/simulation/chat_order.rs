//! The order of what is written is the same for everybody, whatever their clocks say, whenever they hear of
//! it.

use visavis_call::{ChatText, Command, Input, PeerEvent, Place, PreConnection, RouteChoice};
use visavis_protocol::dialect::native;
use visavis_protocol::peer::{MAX_NUMBER, PeerBody, PeerMessage};

use crate::support::{ClientId, ClientOptions, Options, Random, World, ms, seconds};

/// A call of people whose clocks are so many milliseconds ahead, and who hear the others so many milliseconds
/// late.
fn call_of(people: &[(i64, u64)]) -> World {
    let mut world = World::new(Options {
        capacity: people.len() + 1,
        ..Options::default()
    });
    for (clock, channel) in people {
        world.join(page(*clock, *channel));
    }
    world.run_for(seconds(2));
    world.command(0, Command::Call);
    world.run_for(seconds(2));
    // To one who is alone with us, the browser answers.
    for client in (1..people.len()).filter(|_| people.len() > 2) {
        world.answer(client);
    }
    world.run_for(seconds(3));
    for client in 1..people.len() {
        assert!(world.are_in_call(0, client));
    }
    world
}

fn page(clock: i64, channel: u64) -> ClientOptions {
    ClientOptions {
        route: RouteChoice::Relay,
        pre_connection: PreConnection::On,
        clock,
        channel: ms(channel),
        ..ClientOptions::default()
    }
}

/// Somebody joins the call that goes on.
fn join_call(world: &mut World, client: ClientId) {
    world.run_for(seconds(2));
    world.command(client, Command::Call);
    world.run_for(seconds(3));
}

/// Writes, and sees it at the end: behind all that it may be an answer to.
fn write(world: &mut World, client: ClientId, text: &str) {
    world.command(client, Command::Say(ChatText::new(text).unwrap()));
    assert_eq!(reads(world, client).last().unwrap(), text);
}

fn reads(world: &World, client: ClientId) -> Vec<String> {
    let messages = world.clients[client].view().chat.messages;
    let texts = messages.iter().map(|message| message.text.as_str().to_owned());
    texts.collect()
}

#[test]
fn after_a_reload_ones_own_stands_where_it_stood() {
    // In whole seconds, the second message is from before the first one.
    let mut world = call_of(&[(0, 15), (0, 15)]);
    let to_the_second = 1000 - world.now.0 % 1000;
    world.run_for(ms(to_the_second + 300));
    write(&mut world, 0, "one");
    world.run_for(ms(200));
    write(&mut world, 1, "two");
    world.run_for(seconds(1));
    let bob = world.reload(1);
    join_call(&mut world, bob);
    write(&mut world, bob, "three");
    world.run_for(seconds(1));
    assert_eq!(reads(&world, bob), ["one", "two", "three"]);
    assert_eq!(reads(&world, 0), ["one", "two", "three"]);
}

#[test]
fn an_answer_stands_behind_what_it_answers_whatever_the_clocks_say() {
    let hour = 3_600_000;
    for clocks in [[0, 0], [0, hour], [hour, 0], [-hour, 800], [1, 0]] {
        let mut world = call_of(&clocks.map(|clock| (clock, 0)));
        let texts: Vec<_> = (0..8).map(|number| format!("{number}")).collect();
        for (number, text) in texts.iter().enumerate() {
            write(&mut world, number % 2, text);
            world.run_for(ms(1));
        }
        let late = world.join(page(-1000, 15));
        join_call(&mut world, late);
        for client in [0, 1, late] {
            assert_eq!(reads(&world, client), texts, "{client}, {clocks:?}");
        }
    }
}

#[test]
fn who_write_at_the_same_moment_are_read_in_one_order_by_all() {
    let mut world = call_of(&[(0, 40), (0, 15), (0, 90)]);
    for round in 0..5 {
        for client in 0..3 {
            write(&mut world, client, &format!("{client} in {round}"));
        }
        world.run_for(ms(500));
    }
    let order = reads(&world, 0);
    assert_eq!(order.len(), 15);
    assert_eq!(reads(&world, 1), order);
    assert_eq!(reads(&world, 2), order);
}

/// Those of the texts that the other one reads as well.
fn common(ours: &[String], theirs: &[String]) -> Vec<String> {
    let in_both = ours.iter().filter(|text| theirs.contains(text));
    in_both.cloned().collect()
}

/// Three people, with any clocks, write by chance. One loads the page anew, one loses a connection, and
/// somebody joins late.
fn chance(seed: u64) {
    let mut random = Random::new(seed);
    let people = [(); 3].map(|()| {
        let clock = [0, 900, -900, 40_000, -7_200_000, 86_400_000][random.below(6) as usize];
        (clock, [0, 15, 120, 700][random.below(4) as usize])
    });
    let mut world = call_of(&people);
    let mut pages = vec![0, 1, 2];
    let reloads = (random.below(3) as usize, random.below(12));
    let mut texts = Vec::new();
    for round in 0..12 {
        if round == reloads.1 {
            // What nobody has heard yet is lost with the page.
            world.run_for(seconds(60));
            pages[reloads.0] = world.reload(pages[reloads.0]);
            join_call(&mut world, pages[reloads.0]);
        }
        if round == 4 {
            world.break_connections(pages[random.below(3) as usize]);
        }
        if round == 8 {
            let late = world.join(page([0, -5000, 5000][random.below(3) as usize], 50));
            join_call(&mut world, late);
            pages.push(late);
        }
        let writer = pages[random.below(pages.len() as u64) as usize];
        texts.push(format!("{round} by {writer}"));
        write(&mut world, writer, &texts[texts.len() - 1]);
        let pause = [0, 3, 100, 1500][random.below(4) as usize];
        world.run_for(ms(pause));
    }
    // Connections that broke are made anew.
    world.run_for(seconds(60));
    let read: Vec<_> = pages.iter().map(|client| reads(&world, *client)).collect();
    for (index, ours) in read.iter().enumerate() {
        // The page before a reload had things to say that nobody says to whoever joins later.
        if index < 3 {
            assert_eq!(ours.len(), texts.len(), "seed {seed}: {index} reads all");
        }
        assert!(!ours.is_empty());
        for theirs in &read {
            assert_eq!(common(ours, theirs), common(theirs, ours), "seed {seed}");
        }
    }
}

#[test]
fn all_read_the_same_order_whatever_happens() {
    (0..60).for_each(chance);
}

/// As if this page had said it to another one, over their connection.
fn say(world: &mut World, from: ClientId, to: ClientId, number: u64, position: u64, tie: u64) {
    let id = world.clients[from].id.clone();
    let connections = world.clients[to].connections.keys();
    let theirs = connections.filter(|(peer, _)| *peer == id);
    let (peer, connection_id) = theirs.max().cloned().expect("they are connected");
    let say = PeerBody::Say {
        number,
        ago: 0,
        private: false,
        place: Some(Place { position, tie }),
        text: ChatText::new(&format!("forged {number}")).unwrap(),
    };
    let said = PeerEvent::Said(native::encode_peer(&PeerMessage::unnumbered(say)));
    world.input(to, Input::Peer(peer, connection_id, said));
}

#[test]
fn nobody_can_put_the_others_out_of_order() {
    let mut world = call_of(&[(0, 15), (2000, 15), (-2000, 15)]);
    write(&mut world, 1, "one");
    world.run_for(ms(200));
    let taken = world.clients[2].view().chat.messages[0].place;
    let year = 366 * 24 * 3_600_000;
    let now = world.now.0;
    // Absurd ones; as far as one can lead the others; what somebody else has; twice the same.
    let places = [
        (MAX_NUMBER, MAX_NUMBER),
        (now + 2 * year + 1000, 0),
        (now + 2 * year - 5000, 0),
        (now + year, 0),
        (now + year, 0),
        (0, 0),
        (taken.position, taken.tie),
    ];
    let mut texts = vec!["one".to_owned()];
    let mut both_write = |world: &mut World, when: &str| {
        for client in [1, 2, 1] {
            texts.push(format!("{when}, {client}, {}", texts.len()));
            let words = ChatText::new(&texts[texts.len() - 1]).unwrap();
            world.command(client, Command::Say(words));
            world.run_for(ms(50));
        }
    };
    for (number, (position, tie)) in (1..).zip(places) {
        for to in [1, 2] {
            say(&mut world, 0, to, number, position, tie);
        }
        both_write(&mut world, "meanwhile");
    }
    // By now, what one of them followed, the other one does, too.
    world.run_for(seconds(5));
    both_write(&mut world, "afterwards");
    let late = world.join(page(-4000, 15));
    join_call(&mut world, late);
    let honest = [1, 2, late].map(|client| common(&reads(&world, client), &texts));
    assert_eq!(honest[0].len(), texts.len());
    assert_eq!(honest[0], honest[1]);
    assert_eq!(honest[0], honest[2]);
    assert!(honest[0].ends_with(&texts[texts.len() - 3..]), "{:?}", honest[0]);
}
