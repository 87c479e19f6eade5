//! How loud a microphone is (W3C webaudio, `AnalyserNode`).

use wasm_bindgen::JsValue;
use web_sys::{AnalyserNode, AudioContext, MediaStream, MediaStreamTrack};

/// Measures what a track yields. Dropped, it stops; the track goes on.
#[derive(Debug)]
pub struct LevelMeter {
    context: AudioContext,
    analyser: AnalyserNode,
}

impl LevelMeter {
    /// Listens to a track.
    ///
    /// # Errors
    /// What the browser throws: it has no more audio contexts to give, for one.
    pub fn new(track: &MediaStreamTrack) -> Result<Self, JsValue> {
        let stream = MediaStream::new()?;
        stream.add_track(track);
        let context = AudioContext::new()?;
        // From here on, the context is closed whatever fails.
        let meter = Self {
            analyser: context.create_analyser()?,
            context,
        };
        meter
            .context
            .create_media_stream_source(&stream)?
            .connect_with_audio_node(&meter.analyser)?;
        // It runs by itself after a click; asked again, it does no harm.
        let _ = meter.context.resume()?;
        Ok(meter)
    }

    /// How loud it is now, from 0 to 1: the highest of the last samples. Exactly 0 is no quiet room, but a
    /// device that yields nothing.
    #[must_use]
    pub fn level(&self) -> f64 {
        let mut samples = [0.0; 1024];
        self.analyser.get_float_time_domain_data(&mut samples);
        f64::from(
            samples
                .into_iter()
                .fold(0.0_f32, |loudest, sample| loudest.max(sample.abs())),
        )
    }
}

impl Drop for LevelMeter {
    fn drop(&mut self) {
        // Fails only if it is closed already.
        let _ = self.context.close();
    }
}
