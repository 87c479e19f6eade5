use super::*;

#[track_caller]
fn is(finding: &Finding, outcome: Outcome, text: &str) {
    assert_eq!(finding.outcome, outcome, "{}", finding.sentence);
    assert!(finding.sentence.contains(text), "{}", finding.sentence);
    assert!(
        finding.sentence.ends_with('.') || finding.sentence.ends_with(')'),
        "{}",
        finding.sentence
    );
}

#[test]
fn a_camera_shows_something_or_says_why_not() {
    let arrives = Camera::Arrives {
        width: 1280,
        height: 720,
    };
    is(&camera(&arrives), Outcome::Passed, "1280 × 720");
    is(&camera(&Camera::Missing), Outcome::Failed, "no video arrives");
    is(
        &camera(&Camera::Refused(MediaError::Refused)),
        Outcome::Failed,
        "The camera is blocked for this page.",
    );
}

#[test]
fn a_microphone_hears_something_or_says_why_not() {
    is(
        &microphone(&Microphone::Heard),
        Outcome::Passed,
        "You can be heard",
    );
    is(
        &microphone(&Microphone::Silent),
        Outcome::Failed,
        "Nothing was heard",
    );
    is(
        &microphone(&Microphone::Refused(MediaError::Busy)),
        Outcome::Failed,
        "using the microphone",
    );
}

#[test]
fn a_relay_says_how_fast_it_is() {
    let reached = |answer| relay(&Reached::Relay { welcome: 40, answer });
    is(
        &reached(12),
        Outcome::Passed,
        "Reached after 40 ms, and it answers within 12 ms.",
    );
    is(&reached(900), Outcome::Passed, "That is slow");
    is(&relay(&Reached::Mute), Outcome::Failed, "does not answer");
    is(&relay(&Reached::Not), Outcome::Failed, "can't be reached");
    is(
        &relay(&Reached::StaticHost),
        Outcome::Failed,
        "only tabs of this browser",
    );
    is(&relay(&Reached::Unwanted), Outcome::Skipped, "do without one");
}

#[test]
fn servers_that_are_not_there_are_left_out() {
    let servers = |stun, turn, uncertain| Servers {
        stun,
        turn,
        uncertain,
    };
    assert_eq!(without_stun(servers(true, false, true)), None);
    assert_eq!(without_turn(servers(false, true, true)), None);
    let none = servers(false, false, false);
    is(
        &without_stun(none).unwrap(),
        Outcome::Skipped,
        "no STUN server: calls",
    );
    is(
        &without_turn(none).unwrap(),
        Outcome::Skipped,
        "This site has no TURN server: calls work only where the networks let them through.",
    );
    is(
        &without_stun(servers(false, true, false)).unwrap(),
        Outcome::Skipped,
        "Its TURN server",
    );
    let unknown = servers(false, false, true);
    is(
        &without_stun(unknown).unwrap(),
        Outcome::Skipped,
        "could not be asked",
    );
    is(
        &without_turn(unknown).unwrap(),
        Outcome::Skipped,
        "could not be asked",
    );
}

#[test]
fn a_reflexive_candidate_proves_the_stun_server() {
    let none = Gathered {
        own: true,
        complete: true,
        complains: true,
        ..Gathered::default()
    };
    let reflexive = Gathered {
        reflexive: true,
        errors: vec![UNREACHABLE],
        ..none.clone()
    };
    is(&stun(&reflexive), Outcome::Passed, "how others see your network");
    is(&stun(&none), Outcome::Passed, "Nothing translates addresses");
    for unanswered in [
        Gathered {
            errors: vec![UNREACHABLE],
            ..none.clone()
        },
        Gathered {
            complains: false,
            ..none.clone()
        },
        Gathered {
            complete: false,
            ..none.clone()
        },
    ] {
        is(&stun(&unanswered), Outcome::Failed, "does not answer");
    }
    is(
        &stun(&Gathered { own: false, ..none }),
        Outcome::Failed,
        "finds no network",
    );
}

#[test]
fn a_turn_server_works_when_everything_comes_through() {
    let works = Loopback {
        allocated: true,
        connected: Some(350),
        data: true,
        video: Some(true),
        errors: vec![UNREACHABLE],
        exception: None,
    };
    is(
        &turn(&works),
        Outcome::Passed,
        "Video and data went through the TURN server. Connected after 350 ms.",
    );
    let without_camera = Loopback {
        video: None,
        ..works.clone()
    };
    is(&turn(&without_camera), Outcome::Passed, "Data went through");
    let half = Loopback {
        video: Some(false),
        ..works.clone()
    };
    is(&turn(&half), Outcome::Failed, "not everything came through");
    let closed = Loopback {
        connected: None,
        ..works
    };
    is(&turn(&closed), Outcome::Failed, "denied-peer-ip");
}

#[test]
fn a_turn_server_is_blamed_for_what_it_says() {
    for (errors, text) in [
        (vec![], "can't be reached"),
        (vec![UNREACHABLE], "can't be reached"),
        (vec![UNREACHABLE, 401], "refuses this site's credentials (401)"),
        (vec![486], "no room"),
        (vec![508], "no room"),
    ] {
        let loopback = Loopback {
            errors,
            ..Loopback::default()
        };
        is(&turn(&loopback), Outcome::Failed, text);
    }
    let loopback = Loopback {
        exception: Some("SyntaxError".into()),
        ..Loopback::default()
    };
    is(&turn(&loopback), Outcome::Failed, "(SyntaxError)");
}

#[test]
fn an_address_that_browsers_refuse_is_named() {
    let working = || passed("It works.");
    assert_eq!(with_refused(working(), &[]), working());
    let refused = ["stun:h?transport=udp".to_owned()];
    let finding = with_refused(working(), &refused);
    is(
        &finding,
        Outcome::Failed,
        "It works. The browser refuses the address stun:h?transport=udp,",
    );
    let none = without_stun(Servers::default()).unwrap();
    let finding = with_refused(none, &refused);
    is(&finding, Outcome::Failed, "Tell the operator");
    assert!(
        finding.sentence.starts_with("The browser refuses"),
        "{}",
        finding.sentence
    );
}

#[test]
fn the_summary_fits_the_outcomes() {
    use Outcome::{Failed, Passed, Running, Skipped, Waiting};
    assert!(summary(&[Waiting, Waiting]).starts_with("See whether"));
    assert!(summary(&[Passed, Running, Waiting]).starts_with("Checking."));
    assert!(summary(&[Passed, Failed, Skipped]).starts_with("Not everything"));
    assert!(summary(&[Passed, Skipped]).starts_with("All that this site offers"));
    assert!(summary(&[Passed, Passed]).starts_with("Everything works."));
}

#[test]
fn a_report_has_a_line_for_each_check() {
    let findings = Check::ALL.map(|check| (check, waiting(check)));
    let report = report("1.0", "Browser/1", &findings);
    assert_eq!(report.lines().count(), 2 + Check::ALL.len());
    assert!(
        report.contains("Camera: waiting. So that others see you.\n"),
        "{report}"
    );
}
