//! Where sound is played (W3C audio-output).

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, HtmlMediaElement, MediaStreamAudioDestinationNode};

use crate::browser::{device_list, page, property};

/// Whether this browser lets a page choose.
#[must_use]
pub fn can_be_chosen() -> bool {
    let constructor = property::get(&page::window(), "HTMLMediaElement");
    property::get(&property::get(&constructor, "prototype"), "setSinkId").is_function()
}

/// Whether the browser lists speakers only after its own question (Firefox, Safari).
#[must_use]
pub fn can_be_asked_for() -> bool {
    device_list::media_devices()
        .is_some_and(|devices| property::get(&devices, "selectAudioOutput").is_function())
}

/// Plays an element through a speaker; an empty id is the system's choice.
pub async fn play_through(element: &HtmlMediaElement, id: &str) {
    if property::string(element, "sinkId").unwrap_or_default() == id {
        return;
    }
    if let Ok(set) = property::get(element, "setSinkId").dyn_into::<Function>()
        && let Ok(promise) = set.call1(element, &JsValue::from_str(id))
    {
        // One that is gone by now: it goes on where it was.
        let _ = JsFuture::from(promise.unchecked_into::<Promise>()).await;
    }
}

/// Lets the browser ask which speaker it shall be; its id and label.
pub async fn ask() -> Option<(String, String)> {
    let devices = device_list::media_devices()?;
    let select = property::get(&devices, "selectAudioOutput")
        .dyn_into::<Function>()
        .ok()?;
    let promise = select.call0(&devices).ok()?.unchecked_into::<Promise>();
    let device = JsFuture::from(promise).await.ok()?;
    let label = property::string(&device, "label").unwrap_or_default();
    Some((property::string(&device, "deviceId")?, label))
}

/// How long the sound is, in milliseconds, how high, in hertz, and how loud, from 0 to 1.
const SOUND_MS: i32 = 700;
const TONES: [f32; 2] = [523.25, 659.25];
const VOLUME: f32 = 0.2;

/// Plays two tones through a speaker, to hear whether it is the right one.
///
/// # Errors
/// What the browser throws.
pub async fn play_sound(id: &str) -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    let played = play_in(&context, id).await;
    // Fails only if it is closed already.
    let _ = context.close();
    played
}

async fn play_in(context: &AudioContext, id: &str) -> Result<(), JsValue> {
    let through: MediaStreamAudioDestinationNode = context.create_media_stream_destination()?;
    let element: HtmlMediaElement = page::document().create_element("audio")?.unchecked_into();
    element.set_src_object(Some(&through.stream()));
    play_through(&element, id).await;
    let volume = context.create_gain()?;
    volume.gain().set_value(VOLUME);
    volume.connect_with_audio_node(&through)?;
    let start = context.current_time();
    let each = f64::from(SOUND_MS) / 1000.0 / 2.0;
    for (index, tone) in (0_u8..).zip(TONES) {
        let oscillator = context.create_oscillator()?;
        oscillator.frequency().set_value(tone);
        oscillator.connect_with_audio_node(&volume)?;
        let begin = start + each * f64::from(index);
        oscillator.start_with_when(begin)?;
        oscillator.stop_with_when(begin + each)?;
    }
    JsFuture::from(element.play()?.unchecked_into::<Promise>()).await?;
    page::sleep(SOUND_MS).await;
    element.set_src_object(None);
    Ok(())
}
