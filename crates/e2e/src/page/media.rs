//! What is seen and heard of a video element.

use super::{PATIENCE, Page};

/// Below this, nothing is to be heard; above it, something is.
const AUDIBLE: f64 = 0.01;

/// A JavaScript function that counts the frames that a video element shows, from the first time that it is
/// asked: none, as long as there is no such element. (Firefox's getVideoPlaybackQuality knows nothing about
/// streams.)
const FRAMES: &str = "(video => { \
    if (!video) return 0; \
    if (video.visavisFrames === undefined) { \
        video.visavisFrames = 0; \
        const count = () => { video.visavisFrames++; video.requestVideoFrameCallback(count); }; \
        video.requestVideoFrameCallback(count); \
    } \
    return video.visavisFrames; \
})";

impl Page {
    /// How many frames a video element has shown since this was asked first. Over a slow network, a page is
    /// in a call before what shows it has come; there are no frames then.
    ///
    /// # Panics
    /// The page can't be asked.
    pub async fn frames(&self, video: &str) -> u64 {
        self.evaluate(&format!("{FRAMES}(document.getElementById('{video}'))"))
            .await
            .as_u64()
            .expect("a count is a number")
    }

    /// Waits until a video element has shown this many frames.
    pub async fn wait_for_frames(&self, video: &str, count: u64) {
        self.wait_until(&format!(
            "{FRAMES}(document.getElementById('{video}')) >= {count}"
        ))
        .await;
    }

    /// Waits until a video element shows moving video.
    ///
    /// # Panics
    /// It doesn't within a minute.
    pub async fn wait_for_moving_video(&self, video: &str) {
        let before = self.frames(video).await;
        self.wait_until(&format!(
            "(v => v.videoWidth > 2 && !v.paused && {FRAMES}(v) > {})(document.getElementById('{video}'))",
            before + 5
        ))
        .await;
    }

    /// Waits until something is to be heard of a video element's stream.
    ///
    /// # Panics
    /// Nothing is for a minute, or it has no audio track.
    pub async fn wait_for_audio(&self, video: &str) {
        let heard = format!("(level, _) => level > {AUDIBLE}");
        let level = self.listen(video, &heard).await;
        assert!(level > AUDIBLE, "{video} can't be heard: {level}");
    }

    /// Waits until nothing is to be heard of a video element's stream for two seconds. (The tone of fake
    /// microphones comes and goes within one.)
    ///
    /// # Panics
    /// It never is as silent for a minute, or it has no audio track.
    pub async fn wait_for_silence(&self, video: &str) {
        let level = self.listen(video, "(_, silence) => silence > 2000").await;
        assert!(level < AUDIBLE / 10.0, "{video} can still be heard: {level}");
    }

    /// Listens to a video element's stream until a function of the level, from 0 to 1, and of the
    /// milliseconds since something was heard last, is true; for a minute at most. Says the level that was
    /// heard last.
    async fn listen(&self, video: &str, enough: &str) -> f64 {
        let listen = format!(
            "(async () => {{
                const context = new AudioContext();
                await context.resume();
                const analyser = context.createAnalyser();
                context.createMediaStreamSource(document.getElementById('{video}').srcObject).connect(analyser);
                const samples = new Float32Array(analyser.fftSize);
                const begun = performance.now();
                let [level, heard] = [0, begun];
                const enough = {enough};
                const patience = {};
                do {{
                    await new Promise(next => setTimeout(next, 20));
                    analyser.getFloatTimeDomainData(samples);
                    level = Math.max(...samples.map(Math.abs));
                    if (level >= {AUDIBLE} / 10) heard = performance.now();
                }} while (!enough(level, performance.now() - heard) && performance.now() < begun + patience);
                await context.close();
                return level;
            }})()",
            PATIENCE.as_millis()
        );
        self.resolve(&listen).await.as_f64().expect("a level is a number")
    }
}
