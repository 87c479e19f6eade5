//! Somebody rings, raises a hand, shows reactions and says something else of themselves without end. It is
//! limited, and they can be blocked.

use visavis_call::{CallKind, ChatText, Command, EndReason, PersonView, PreConnection, Reaction, Stage};
use visavis_protocol::dialect::native;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::RelayMessage;

use crate::hostile_chat::says;
use crate::support::{ClientId, World, ms, seconds};

fn person(world: &World, of: ClientId, by: ClientId) -> PersonView {
    let view = world.clients[by].view();
    view.person(&world.clients[of].id).expect("they are here").clone()
}

fn id(world: &World, client: ClientId) -> visavis_protocol::id::PeerId {
    world.clients[client].id.clone()
}

/// Rings at somebody's place, and gives up again. Says whether it rang.
fn ring(world: &mut World, from: ClientId, at: ClientId) -> bool {
    let callee = id(world, at);
    world.command(from, Command::CallPerson(callee));
    let rings = world.run_until(ms(140), |world| world.clients[at].stage() == Stage::Ringing);
    world.command(from, Command::HangUp);
    world.run_for(ms(60));
    rings
}

#[test]
fn whoever_rings_all_the_time_is_declined() {
    for pre_connection in [PreConnection::On, PreConnection::Nothing] {
        let mut world = World::room_of(3, pre_connection);
        let (mut rings, mut declined) = (0, 0);
        for _ in 0..150 {
            rings += usize::from(ring(&mut world, 1, 0));
            declined += usize::from(world.clients[1].end() == EndReason::Declined);
        }
        assert!((5..12).contains(&rings), "{rings} in 30 s");
        assert!(
            declined > 20,
            "{declined}: the caller is told, for as long as we connect at all"
        );
        // Others ring at once, and so do they, after a while.
        assert!(ring(&mut world, 2, 0));
        world.run_for(seconds(60));
        assert!(ring(&mut world, 1, 0));
    }
}

#[test]
fn hands_and_reactions_in_a_loop_are_limited() {
    let mut world = World::call_of(3, 3);
    let (mut hands, mut reactions) = (0, 0);
    for number in 0..300 {
        says(&mut world, 1, 0, PeerBody::Hand { up: true });
        hands += usize::from(person(&world, 1, 0).hand);
        says(&mut world, 1, 0, PeerBody::Hand { up: false });
        assert!(!person(&world, 1, 0).hand, "down it goes in any case");
        let reaction = Reaction::ALL[number % 2];
        says(&mut world, 1, 0, PeerBody::React { reaction });
        let is_new = person(&world, 1, 0).reaction == Some(reaction);
        reactions += usize::from(is_new);
    }
    assert!((5..20).contains(&hands), "{hands}");
    // The last one is shown on.
    assert!(reactions < 170, "{reactions}");
    world.run_for(seconds(6));
    assert_eq!(person(&world, 1, 0).reaction, None);
    says(&mut world, 1, 0, PeerBody::Hand { up: true });
    let reaction = Reaction::Wow;
    says(&mut world, 1, 0, PeerBody::React { reaction });
    let seen = person(&world, 1, 0);
    assert!(seen.hand && seen.reaction == Some(Reaction::Wow));
}

#[test]
fn of_sizes_in_a_loop_the_last_one_counts() {
    let mut world = World::call_of(3, 3);
    world.run_for(seconds(3));
    let before = world.clients[0].shares.len();
    for number in 0..1000 {
        let width = if number % 2 == 0 { 100 } else { 1000 };
        says(&mut world, 1, 0, PeerBody::Show { width });
    }
    says(&mut world, 1, 0, PeerBody::Show { width: 0 });
    let told = world.clients[0].shares.len() - before;
    assert!(told < 60, "{told}");
    world.run_for(seconds(3));
    let shares = world.clients[0].shares.iter().rev();
    let bob = id(&world, 1);
    let last = shares.clone().find(|(_, to, _)| *to == bob).unwrap().2;
    assert_eq!((last.percent, last.shown), (0, Some(0)));
    let told = world.clients[0].shares.len() - before;
    assert!(told < 60, "{told}");
}

/// Says by way of the relay what somebody's program would not say.
fn says_by_relay(world: &mut World, from: ClientId, to: ClientId, message: &PeerMessage) {
    let from = id(world, from);
    let message = native::encode_peer(message);
    world.say_to(to, RelayMessage::Message { from, message });
    world.run_for(ms(5));
}

#[test]
fn of_names_in_a_loop_the_last_one_counts() {
    let mut world = World::room_of(3, PreConnection::On);
    let mut names = 0;
    let mut says = |world: &mut World, name: &str, call| {
        let before = person(world, 1, 0);
        let hello = PeerBody::Hello {
            early_candidates: true,
            name: PersonName::new(name),
            call,
        };
        let hello = PeerMessage {
            after: Some(1_000_000),
            ..PeerMessage::unnumbered(hello)
        };
        says_by_relay(world, 1, 0, &hello);
        let after = person(world, 1, 0);
        names += usize::from((after.name, after.call) != (before.name, before.call));
    };
    for number in 0..600 {
        let call = (number % 2 == 0).then_some(CallKind::Private);
        says(&mut world, &number.to_string(), call);
    }
    says(&mut world, "Eve", None);
    assert!((15..30).contains(&names), "{names}");
    world.run_for(seconds(2));
    let eve = person(&world, 1, 0);
    assert_eq!((eve.name, eve.call), (PersonName::new("Eve"), None));
    // After a while, they may again.
    world.run_for(seconds(30));
    world.command(1, Command::SetName(PersonName::new("Mallory")));
    world.run_for(ms(200));
    assert_eq!(person(&world, 1, 0).name, PersonName::new("Mallory"));
}

#[test]
fn of_what_somebody_says_that_they_send_the_last_counts() {
    let mut world = World::call_of(3, 3);
    world.run_for(seconds(3));
    let connection = |world: &World, of: ClientId, with: ClientId| {
        let with = id(world, with);
        let mut connections = world.clients[of].connections.keys();
        let own = connections.find(|(peer, _)| *peer == with);
        own.expect("they are connected").1
    };
    let (own, theirs) = (connection(&world, 1, 0), connection(&world, 0, 1));
    let mut changes = 0;
    for number in 0..=600 {
        let before = person(&world, 1, 0).camera;
        let media = PeerBody::Media {
            camera: number % 2 == 0,
            microphone: true,
            screen: false,
        };
        let media = PeerMessage {
            number: 1000 + number,
            ack: 0,
            after: Some(0),
            replaces: None,
            connection: own,
            to: Some(theirs),
            body: media,
        };
        says_by_relay(&mut world, 1, 0, &media);
        changes += usize::from(person(&world, 1, 0).camera != before);
    }
    assert!((15..30).contains(&changes), "{changes}");
    world.run_for(seconds(2));
    assert!(person(&world, 1, 0).camera, "the last one counts");
}

#[test]
fn whoever_is_blocked_is_declined_without_ringing() {
    for people in [2, 3] {
        let mut world = World::room_of(people, PreConnection::On);
        let eve = id(&world, 1);
        world.command(0, Command::Block(eve.clone(), true));
        assert!(person(&world, 1, 0).blocked);
        // Also after they have left the room and come back.
        for _ in 0..2 {
            world.command(1, Command::Call);
            world.run_for(seconds(1));
            assert!(!matches!(
                world.clients[0].stage(),
                Stage::Ringing | Stage::InCall | Stage::Connecting
            ));
            if people == 2 {
                assert_eq!(world.clients[1].end(), EndReason::Declined);
            }
            world.command(1, Command::Leave);
            world.run_for(seconds(1));
            let back = visavis_call::MediaWish::CameraAndMicrophone;
            world.command(1, Command::GetMedia(back));
            world.run_for(seconds(2));
        }
        world.command(0, Command::Block(eve, false));
        world.call_works(1, 0);
    }
}

#[test]
fn blocking_somebody_who_rings_declines_them() {
    let mut world = World::room_of(3, PreConnection::On);
    let (alice, eve) = (id(&world, 0), id(&world, 1));
    world.command(1, Command::CallPerson(alice));
    world.run_for(seconds(1));
    assert_eq!(world.clients[0].stage(), Stage::Ringing);
    world.command(0, Command::Block(eve, true));
    world.run_for(seconds(1));
    assert_eq!(world.clients[0].stage(), Stage::Ready);
    assert_eq!(world.clients[1].end(), EndReason::Declined);
}

#[test]
fn nothing_is_seen_of_whoever_is_blocked() {
    let mut world = World::call_of(3, 3);
    let write = |world: &mut World, client: ClientId, text: &str| {
        world.command(client, Command::Say(ChatText::new(text).unwrap()));
        world.run_for(ms(100));
    };
    let reads = |world: &World| {
        let messages = world.clients[0].view().chat.messages;
        let texts = messages.iter().map(|message| message.text.as_str().to_owned());
        texts.collect::<Vec<_>>()
    };
    write(&mut world, 1, "one");
    write(&mut world, 2, "two");
    let eve = id(&world, 1);
    world.command(0, Command::Block(eve.clone(), true));
    write(&mut world, 1, "three");
    world.command(1, Command::RaiseHand(true));
    world.command(1, Command::React(Reaction::Joy));
    write(&mut world, 2, "four");
    assert_eq!(reads(&world), ["two", "four"]);
    world.command(1, Command::ShareScreen(true));
    world.command(1, Command::SetMicrophone(false));
    world.run_for(seconds(1));
    let seen = person(&world, 1, 0);
    assert!(seen.blocked && !seen.hand && !seen.video && seen.reaction.is_none());
    assert!(
        seen.microphone && !seen.screen,
        "no mark, and no place on the stage"
    );
    assert!(!person(&world, 1, 2).microphone && person(&world, 1, 2).screen);
    // They are not told, and the others see and hear them.
    assert!(world.clients[1].view().chat.unheard.is_empty());
    assert!(person(&world, 1, 2).hand && person(&world, 1, 2).video);
    assert_eq!(world.clients[1].view().kind, Some(CallKind::Open));

    world.command(0, Command::Block(eve, false));
    assert_eq!(reads(&world), ["one", "two", "three", "four"]);
    assert!(person(&world, 1, 0).hand && person(&world, 1, 0).video);
}

/// Who calls everybody means those whom they want to see.
#[test]
fn whoever_is_blocked_is_not_called_with_the_others() {
    let mut world = World::room_of(3, PreConnection::On);
    let eve = id(&world, 1);
    world.command(0, Command::Block(eve, true));
    world.command(0, Command::Call);
    world.run_for(seconds(1));
    assert_eq!(world.clients[1].stage(), Stage::Ready);
    assert_eq!(world.clients[2].stage(), Stage::Ringing);
}
