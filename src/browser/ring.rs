//! A call that rings: a sound, and the tab's title. Dropped, it is silent, and the title is what it was.

use gloo_timers::callback::Interval;
use web_sys::{AudioContext, OscillatorType};

use super::page;

/// For how many seconds a sound is planned: longer than anything rings.
const LONGEST: u32 = 60;

/// The seconds from one tone to the next, and how long each is heard.
const EVERY: u32 = 2;
const TONE: f64 = 0.7;

/// Loud enough to be heard, and no shock.
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
    pub fn start(title: String) -> Self {
        page::document().set_title(&title);
        let mut shows = true;
        let flash = Interval::new(FLASH_MS, move || {
            shows = !shows;
            page::document().set_title(if shows { &title } else { TITLE });
        });
        Self {
            sound: sound(),
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

/// Two tones together, now and then. A browser that lets no page be heard yet stays silent: the title is enough.
fn sound() -> Option<AudioContext> {
    let context = AudioContext::new().ok()?;
    let volume = context.create_gain().ok()?;
    let gain = volume.gain();
    gain.set_value(0.0);
    let now = context.current_time();
    for start in (0..LONGEST).step_by(EVERY as usize) {
        let start = now + f64::from(start);
        // In 20 ms, so that nothing clicks.
        gain.set_target_at_time(VOLUME, start, 0.02).ok()?;
        gain.set_target_at_time(0.0, start + TONE, 0.02).ok()?;
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
