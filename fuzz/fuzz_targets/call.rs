//! The state machine, told by a relay, by people and by a browser what they like. Each line is a step:
//!
//! ```text
//! {…}     the relay says this          .      the next timer is due
//! a{…}    abe says this by the relay   +50    50 ms pass
//! b{…}    bob does                     _      operations end no more, or do again
//! A{…}    abe, over the data channel   ~      the next operation is refused
//! B{…}    bob, over the data channel   !3     the third command of COMMANDS
//!                                      ?3     the third event of a browser
//! ```
//!
//! Abe is polite to us, and we are to Bob. The relay seats us, and bob is there.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_call::{Command, Input, MediaWish, Route, SignalingEvent};
use visavis_fuzz::page::{Page, event, person};
use visavis_protocol::dialect::native::decode_relay;
use visavis_protocol::relay::{PeerText, RelayMessage};

/// Beyond these, a text shows nothing new.
const MOST_STEPS: usize = 300;

fn step(page: &mut Page, line: &str) {
    let mut characters = line.chars();
    let kind = characters.next();
    let rest = characters.as_str();
    let number = || rest.parse::<usize>().unwrap_or_default();
    match kind {
        Some('{') => {
            if let Ok(message) = decode_relay(line) {
                page.input(Input::Signaling(Route::Relay, SignalingEvent::Message(message)));
            }
        }
        Some(name @ ('a' | 'b')) => {
            let message = RelayMessage::Message {
                from: person(name),
                message: PeerText(rest.to_owned()),
            };
            page.input(Input::Signaling(Route::Relay, SignalingEvent::Message(message)));
        }
        Some(name @ ('A' | 'B')) => page.channel(&person(name.to_ascii_lowercase()), rest),
        Some('.') => page.timeout(),
        Some('+') => page.wait(number() as u64 % 3_600_000),
        Some('_') => page.is_held = !page.is_held,
        Some('~') => page.refuses = true,
        Some('!') => page.command(number()),
        Some('?') => page.browser(event(number())),
        _ => {}
    }
}

fuzz_target!(|text: &str| {
    let mut page = Page::new();
    page.input(Input::Command(Command::GetMedia(MediaWish::CameraAndMicrophone)));
    for line in text.lines().take(MOST_STEPS) {
        step(&mut page, line);
    }
    page.is_bounded(text);
    // What is under way comes to an end.
    page.is_held = false;
    for _ in 0..20 {
        page.timeout();
    }
    page.is_bounded(text);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::steps(data, size, max_size, seed)
});
