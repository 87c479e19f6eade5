//! Whether two people can know that nobody sits between them: what they compare is the same, and stays; it
//! differs if somebody does; and whoever tries to choose what they compare is found out.

use visavis_call::{
    Command, Danger, EndReason, FailureCause, Fingerprint, Fingerprints, Input, Path, PeerEvent,
    PreConnection, Safety, SafetyCode, Stage, Verdict,
};
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::RelayMessage;
use visavis_protocol::safety::Hex;

use crate::hostile_chat::{connection_with, says};
use crate::support::description::fingerprint;
use crate::support::intruder::its_offer;
use crate::support::{ClientId, ClientOptions, World, ms, seconds};

/// What somebody sees of the other one in a room of two.
fn seen(world: &World, client: ClientId) -> Safety {
    world.clients[client].view().people[0].safety
}

/// The code that both see.
#[track_caller]
fn common_code(world: &World) -> SafetyCode {
    let [one, other] = [0, 1].map(|client| seen(world, client).code().expect("there is a code"));
    assert_eq!(one, other);
    one
}

/// Two people who can call each other at once.
fn pre_connected() -> World {
    World::room_of(2, PreConnection::On)
}

fn in_call() -> World {
    let mut world = pre_connected();
    world.call_works(0, 1);
    world.run_for(seconds(1));
    world
}

fn verify(world: &mut World, client: ClientId, verdict: Verdict) {
    let other = world.clients[1 - client].id.clone();
    world.command(client, Command::Verify(other, verdict));
}

/// Both compare, and find the same.
fn compare(world: &mut World) -> SafetyCode {
    let code = common_code(world);
    for client in [0, 1] {
        verify(world, client, Verdict::Match(code));
        assert_eq!(seen(world, client), Safety::Verified(code));
    }
    code
}

/// Who gives way to the other, and who does not.
fn polite(world: &World) -> (ClientId, ClientId) {
    if world.clients[0].id < world.clients[1].id {
        (0, 1)
    } else {
        (1, 0)
    }
}

fn is_unsafe(world: &World, client: ClientId, danger: Danger) -> bool {
    world.clients[client].stage() == Stage::Ended
        && world.clients[client].end() == EndReason::Failed(FailureCause::Unsafe(danger))
}

// ── Two, and nobody between them ──────────────────────────────────────────────────────────────────────────

#[test]
fn both_see_the_same_code_before_a_call_and_in_it() {
    let mut world = pre_connected();
    let code = common_code(&world);
    world.call_works(0, 1);
    world.run_for(seconds(1));
    assert_eq!(common_code(&world), code);

    // Without connections from before a call, too, whoever calls.
    for caller in [0, 1] {
        let mut world = World::pair();
        assert_eq!(seen(&world, 0), Safety::Unknown);
        world.call_works(caller, 1 - caller);
        world.run_for(seconds(1));
        assert_ne!(common_code(&world), code, "other nonces, another code");
    }
}

#[test]
fn each_pair_of_three_has_a_code() {
    let world = World::call_of(3, 3);
    let code = |by: ClientId, of: ClientId| {
        let view = world.clients[by].view();
        view.person(&world.clients[of].id).unwrap().safety.code().unwrap()
    };
    let codes = [(0, 1), (0, 2), (1, 2)].map(|(one, other)| {
        assert_eq!(code(one, other), code(other, one));
        code(one, other)
    });
    assert!(codes[0] != codes[1] && codes[1] != codes[2] && codes[0] != codes[2]);
}

#[test]
fn whichever_side_is_late_both_see_the_same_code() {
    for late in [0, 1] {
        for delay in [ms(0), ms(1), ms(40), ms(400)] {
            let mut world = World::pair();
            world.clients[late].options.channel = delay;
            world.call_works(0, 1);
            world.run_for(seconds(3));
            common_code(&world);
        }
    }
}

#[test]
fn a_code_and_its_mark_stay_over_connections_and_calls() {
    let mut world = in_call();
    let code = compare(&mut world);
    let stays = |world: &World| {
        for client in [0, 1] {
            assert_eq!(seen(world, client), Safety::Verified(code));
        }
    };
    // Another connection, in the midst of the call.
    let before = world.clients[0].made.len();
    world.break_connections(0);
    let again = world.run_until(seconds(60), |world| {
        world.clients[0].made.len() > before && world.are_in_call(0, 1)
    });
    assert!(again, "{:?}", world.stages());
    world.run_for(seconds(2));
    stays(&world);
    // And the next call.
    world.hang_up_works(1);
    stays(&world);
    world.run_for(seconds(2));
    world.call_works(1, 0);
    world.run_for(seconds(2));
    stays(&world);
}

#[test]
fn a_mark_can_be_taken_back_and_is_about_the_code_that_was_compared() {
    let mut world = in_call();
    let code = compare(&mut world);
    verify(&mut world, 0, Verdict::TakeBack);
    assert_eq!(seen(&world, 0), Safety::Code(code));
    assert_eq!(seen(&world, 1), Safety::Verified(code), "it is everybody's own");

    let mut other = World::pair();
    other.call_works(0, 1);
    other.run_for(seconds(1));
    let shown_before = common_code(&other);
    verify(&mut world, 0, Verdict::Match(shown_before));
    assert_eq!(seen(&world, 0), Safety::Code(code), "another one was compared");
}

#[test]
fn an_exchange_that_was_cut_off_is_made_anew() {
    let mut world = World::pair();
    let (polite, impolite) = polite(&world);
    // What is said to the polite one takes long: it has no code yet when the other one has.
    world.clients[polite].options.channel = seconds(5);
    world.call_works(0, 1);
    let one_has_it = world.run_until(seconds(9), |world| seen(world, impolite) != Safety::Unknown);
    assert!(one_has_it);
    assert_eq!(seen(&world, polite), Safety::Unknown);
    world.hang_up_works(0);
    world.run_for(seconds(9));
    assert_eq!(
        seen(&world, polite),
        Safety::Unknown,
        "a closed channel brings nothing"
    );

    world.clients[polite].options.channel = ms(15);
    world.call_works(0, 1);
    world.run_for(seconds(1));
    common_code(&world);
}

#[test]
fn with_somebody_of_an_older_version_there_is_no_code() {
    for old in [0, 1] {
        let mut world = World::pair();
        world.clients[old].options.without_codes = true;
        world.call_works(0, 1);
        world.run_for(seconds(5));
        assert!(world.are_in_call(0, 1));
        assert_eq!([seen(&world, 0), seen(&world, 1)], [Safety::Unknown; 2]);
        verify(&mut world, 1 - old, Verdict::TakeBack);
        world.hang_up_works(0);
    }
}

#[test]
fn without_fingerprints_there_is_no_code() {
    let mut world = World::new(crate::support::Options::default());
    for _ in 0..2 {
        let client = world.join(ClientOptions::default());
        world.clients[client].certificate = None;
    }
    world.run_for(seconds(1));
    world.call_works(0, 1);
    world.run_for(seconds(1));
    assert_eq!([seen(&world, 0), seen(&world, 1)], [Safety::Unknown; 2]);
}

// ── Somebody else, or somebody between ────────────────────────────────────────────────────────────────────

#[test]
fn a_mark_falls_when_a_certificate_changes() {
    let mut world = in_call();
    let code = compare(&mut world);
    world.clients[1].certificate = Some(99);
    world.hang_up_works(0);
    world.run_for(seconds(2));
    let other = common_code(&world);
    assert_ne!(other, code);
    assert_eq!(
        [seen(&world, 0), seen(&world, 1)],
        [Safety::Changed(Some(other)); 2]
    );
    world.call_works(0, 1);
    world.run_for(seconds(1));
    assert_eq!(seen(&world, 0), Safety::Changed(Some(other)));
    // Until it is compared again.
    compare(&mut world);
}

/// Whoever is between them may be of a version without codes: it must not look as before.
#[test]
fn a_mark_falls_without_another_code() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.run_for(seconds(1));
    compare(&mut world);
    world.hang_up_works(0);
    world.clients[1].certificate = Some(99);
    world.clients[1].options.without_codes = true;
    world.call_works(0, 1);
    assert_eq!(seen(&world, 0), Safety::Changed(None));
    world.run_for(seconds(5));
    assert_eq!(seen(&world, 0), Safety::Changed(None));
}

/// Somebody takes the place of each of two people towards the other, by name, with a connection to each.
#[test]
fn whoever_sits_in_the_middle_shows_different_codes() {
    let row = visavis_rows::row(41, "simulated");
    for attempt in 0..20 {
        let between = |as_whom: ClientId| {
            let mut world = World::new(crate::support::Options::default());
            for client in [0, 1] {
                world.add(ClientOptions::default());
                if client == as_whom {
                    world.clients[client].certificate = Some(100 + attempt);
                }
                let wish = visavis_call::MediaWish::CameraAndMicrophone;
                world.command(client, Command::GetMedia(wish));
            }
            world.run_for(seconds(1));
            world.call_works(0, 1);
            world.run_for(seconds(1));
            world
        };
        // The same names and nonces everywhere: what differs is whose browsers they are.
        let (left, right) = (between(1), between(0));
        assert_ne!(seen(&left, 0).code().unwrap(), seen(&right, 1).code().unwrap());
    }
    row.passed();
}

#[test]
fn every_broken_commitment_ends_the_connection() {
    let row = visavis_rows::row(41, "simulated");
    let commit = || PeerBody::Commit {
        commitment: Hex([7; 32]),
    };
    let reveal = || PeerBody::Reveal { nonce: Hex([7; 16]) };
    type Steps = Vec<PeerBody>;
    // What is said to the polite one, and to the impolite one, before and after an exchange; the last step is
    // one too many.
    let to_polite: [Steps; 3] = [vec![reveal()], vec![commit(), commit()], vec![commit(), reveal()]];
    let to_impolite: [Steps; 3] = [vec![commit()], vec![reveal(), reveal()], vec![reveal(), commit()]];
    for (is_polite, all) in [(true, to_polite), (false, to_impolite)] {
        for steps in all {
            let mut world = World::pair();
            let (polite, impolite) = polite(&world);
            let (victim, attacker) = if is_polite {
                (polite, impolite)
            } else {
                (impolite, polite)
            };
            world.clients[attacker].options.without_codes = true;
            world.call_works(0, 1);
            world.run_for(seconds(1));
            let last = steps.len() - 1;
            for (index, step) in steps.iter().enumerate() {
                // Heard at any time, and no harm.
                says(&mut world, attacker, victim, PeerBody::NoCode);
                assert!(world.are_in_call(0, 1), "{steps:?}: step {index}");
                says(&mut world, attacker, victim, step.clone());
                assert_eq!(
                    is_unsafe(&world, victim, Danger::Commitment),
                    index == last,
                    "{steps:?}"
                );
            }
            world.run_for(seconds(20));
            assert_eq!(
                world.clients[victim].stage(),
                Stage::Ended,
                "nothing is tried again"
            );
        }
    }
    // After an exchange that came to its end, too.
    for victim in [0, 1] {
        for step in [commit(), reveal()] {
            let mut world = in_call();
            common_code(&world);
            says(&mut world, 1 - victim, victim, PeerBody::NoCode);
            says(&mut world, 1 - victim, victim, step);
            assert!(is_unsafe(&world, victim, Danger::Commitment));
        }
    }
    row.passed();
}

#[test]
fn a_commitment_that_is_broken_before_a_call_closes_the_connection_for_good() {
    for victim in [0, 1] {
        let mut world = pre_connected();
        let nonce = Hex([7; 16]);
        says(&mut world, 1 - victim, victim, PeerBody::Reveal { nonce });
        let made = [0, 1].map(|client| world.clients[client].made.len());
        world.run_for(seconds(30));
        assert!(world.all(|client| client.connections.is_empty()));
        assert_eq!([0, 1].map(|client| world.clients[client].made.len()), made);
        // Who calls nevertheless is warned. It rings where the commitment was broken: nobody is seen there
        // by themselves.
        world.command(0, Command::Call);
        if victim == 1 {
            world.run_for(seconds(1));
            world.answer(1);
        }
        assert!(world.run_until(seconds(5), |world| world.are_in_call(0, 1)));
        world.run_for(seconds(1));
        let code = common_code(&world);
        assert_eq!(
            seen(&world, victim),
            Safety::Broken(Danger::Commitment, Some(code))
        );
    }
}

#[test]
fn in_a_call_of_several_only_that_connection_ends_and_stays_away() {
    let mut world = World::call_of(3, 3);
    let other = world.clients[1].id.clone();
    world.command(0, Command::Verify(other.clone(), Verdict::Differ));
    // What they say of themselves is no reason to connect again.
    let name = visavis_protocol::name::PersonName::new("Ada");
    world.command(1, Command::SetName(name));
    world.run_for(seconds(10));
    assert!(!world.are_in_call(0, 1) && world.are_in_call(0, 2) && world.are_in_call(1, 2));
    let view = world.clients[0].view();
    let safety = view.person(&other).unwrap().safety;
    assert!(matches!(safety, Safety::Broken(Danger::Code, _)), "{safety:?}");
}

#[test]
fn somebody_whose_codes_differ_is_not_seen_again_by_calling_again() {
    for people in [2, 3] {
        let mut world = World::call_of(people, people);
        let other = world.clients[1].id.clone();
        world.command(0, Command::Verify(other.clone(), Verdict::Differ));
        world.run_for(seconds(2));
        world.command(1, Command::HangUp);
        world.run_for(seconds(1));
        world.command(1, Command::CallPerson(world.clients[0].id.clone()));
        world.run_for(seconds(5));
        world.command(1, Command::Call);
        world.run_for(seconds(5));
        assert!(!world.are_in_call(0, 1));
        let sends = world.clients[0].sending.iter().any(|(peer, _)| *peer == other);
        assert!(!sends, "nothing goes to them in a room of {people}");
    }
}

#[test]
fn somebody_whose_codes_differ_is_not_seen_again_by_joining_the_call_anew() {
    let mut world = World::call_of(3, 3);
    let other = world.clients[1].id.clone();
    world.command(0, Command::Verify(other.clone(), Verdict::Differ));
    world.run_for(seconds(2));
    // Their page would ask first; this is a program that does not.
    let made = world.clients[0].made.len();
    let message = its_offer();
    let from = other.clone();
    world.say_to(0, RelayMessage::Message { from, message });
    world.run_for(seconds(5));
    assert!(world.are_in_call(0, 2) && !world.are_in_call(0, 1));
    assert_eq!(
        world.clients[0].made.len(),
        made,
        "no connection is made for them"
    );
}

#[test]
fn steps_that_the_relay_brings_do_not_count() {
    use visavis_protocol::dialect::native;

    let mut world = in_call();
    let code = common_code(&world);
    let from = world.clients[0].id.clone();
    for number in [0, 1000] {
        let mut message = PeerMessage::unnumbered(PeerBody::Reveal { nonce: Hex([7; 16]) });
        message.number = number;
        let message = native::encode_peer(&message);
        world.say_to(
            1,
            RelayMessage::Message {
                from: from.clone(),
                message,
            },
        );
    }
    world.run_for(seconds(2));
    assert!(world.are_in_call(0, 1));
    assert_eq!(common_code(&world), code);
}

#[test]
fn codes_that_differ_end_the_call() {
    let mut world = in_call();
    compare(&mut world);
    verify(&mut world, 0, Verdict::Differ);
    assert!(is_unsafe(&world, 0, Danger::Code));
    assert_eq!(seen(&world, 0), Safety::Broken(Danger::Code, None));
    world.run_for(seconds(1));
    assert_eq!(world.clients[1].end(), EndReason::PeerHungUp);
    // Whoever wants to can call again, and compare.
    world.call_works(1, 0);
    world.run_for(seconds(1));
    let code = common_code(&world);
    assert_eq!(seen(&world, 0), Safety::Broken(Danger::Code, Some(code)));
    compare(&mut world);
}

/// A description that comes later names another certificate: whoever changed it wants the browser to talk to
/// somebody else.
#[test]
fn a_connection_has_one_certificate() {
    for (liar, victim) in [(0, 1), (1, 0)] {
        let mut world = in_call();
        for ((_, _), connection) in &mut world.clients[liar].connections {
            *connection = connection.clone().with_certificate(Some(99));
        }
        world.restart_ice(liar);
        let ends = world.run_until(seconds(5), |world| {
            is_unsafe(world, victim, Danger::Certificate) || is_unsafe(world, liar, Danger::Certificate)
        });
        assert!(ends, "{:?}", world.stages());
    }
}

#[test]
fn the_browser_has_the_last_word_about_certificates() {
    let certificate = |number: u8| Fingerprint::read(&fingerprint(number));
    let tell = |ours: Option<Fingerprint>, theirs: Option<Fingerprint>| {
        let mut world = in_call();
        let (peer, connection) = connection_with(&world, 1, 0);
        let path = PeerEvent::Path(Some(Path::Direct), Fingerprints { ours, theirs });
        world.input(0, Input::Peer(peer, connection, path));
        world
    };
    // Not every browser tells.
    for (ours, theirs) in [
        (None, None),
        (certificate(0), None),
        (None, certificate(1)),
        (certificate(0), certificate(1)),
    ] {
        assert!(tell(ours, theirs).are_in_call(0, 1));
    }
    for (ours, theirs) in [
        (certificate(9), None),
        (None, certificate(9)),
        (certificate(0), certificate(0)),
        (certificate(1), certificate(1)),
    ] {
        assert!(is_unsafe(&tell(ours, theirs), 0, Danger::Certificate));
    }
}
