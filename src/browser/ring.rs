//! Somebody calls or knocks: a tone, and the tab's title. Dropped, it is silent, and the title is what it
//! was.

use gloo_timers::callback::Interval;
use web_sys::{AudioContext, OscillatorType};

use super::page;

/// What is to be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// Somebody calls: again and again, for longer than anything rings.
    Call,
    /// Somebody knocks: twice.
    Knock,
}

impl Sound {
    /// How many tones, how many seconds from one to the next, and how many each is heard.
    const fn rhythm(self) -> (u32, f64, f64) {
        match self {
            Self::Call => (30, 2.0, 0.7),
            Self::Knock => (2, 0.25, 0.1),
        }
    }
}

/// Loud enough to be heard, but not startling.
const VOLUME: f32 = 0.12;

/// How often the title changes, in milliseconds.
const FLASH_MS: u32 = 1000;

/// What the page is called.
const TITLE: &str = "visavis";

/// Rings until it is dropped.
#[derive(Debug)]
pub struct Ring {
    sound: Option<AudioContext>,
    _title: Interval,
}

impl Ring {
    /// Begins to ring, and shows this in the title, in turns with the page's own.
    #[must_use]
    pub fn start(title: String, sound: Sound) -> Self {
        page::document().set_title(&title);
        let mut shows = true;
        let flash = Interval::new(FLASH_MS, move || {
            shows = !shows;
            page::document().set_title(if shows { &title } else { TITLE });
        });
        Self {
            sound: play(sound),
            _title: flash,
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        page::document().set_title(TITLE);
        if let Some(sound) = &self.sound {
            // What was not allowed to begin can't be ended, either.
            let _ = sound.close();
        }
    }
}

/// Two tones together, now and then. A browser that lets no page be heard yet stays silent: the title is
/// enough.
fn play(sound: Sound) -> Option<AudioContext> {
    let (tones, every, length) = sound.rhythm();
    let context = AudioContext::new().ok()?;
    let volume = context.create_gain().ok()?;
    let gain = volume.gain();
    gain.set_value(0.0);
    let now = context.current_time();
    for tone in 0..tones {
        let start = now + f64::from(tone) * every;
        // In 20 ms, so that nothing clicks.
        gain.set_target_at_time(VOLUME, start, 0.02).ok()?;
        gain.set_target_at_time(0.0, start + length, 0.02).ok()?;
    }
    volume.connect_with_audio_node(&context.destination()).ok()?;
    for frequency in [440.0, 554.0] {
        let tone = context.create_oscillator().ok()?;
        tone.set_type(OscillatorType::Sine);
        tone.frequency().set_value(frequency);
        tone.connect_with_audio_node(&volume).ok()?;
        tone.start().ok()?;
    }
    Some(context)
}
