//! What a person has chosen about camera, microphone and speaker, as this browser keeps it.

use js_sys::{JSON, Object};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::{dictionary, memory, property};

/// Where it is kept, as JSON. `src/early.js` reads it as well.
const KEPT: &str = "visavis.devices";

/// What was chosen, in the browser's terms: nothing but what opens a device reads it. See [`Preferences`].
#[derive(Debug, Clone)]
pub struct Chosen(JsValue);

impl Chosen {
    /// In this browser, before.
    #[must_use]
    pub fn kept() -> Self {
        Self(
            memory::remembered(KEPT)
                .and_then(|json| JSON::parse(&json).ok())
                .unwrap_or_default(),
        )
    }

    /// Puts constraints of one device (W3C mediacapture-main) into those of all, with what was chosen. What
    /// is no constraint is ignored by the browser.
    pub(super) fn add_to(&self, constraints: Option<JsValue>, device: &str, all: &Object, kind: &str) {
        let constraints = constraints.unwrap_or_default().unchecked_into::<Object>();
        if let Some(chosen) = self.0.dyn_ref::<Object>() {
            Object::assign(&constraints, chosen);
            let id = property::get(chosen, device);
            if id.is_truthy() {
                // As a mere wish, it would count less than the size of the picture.
                let exact = Object::new();
                property::set(&exact, "exact", &id);
                property::set(&constraints, "deviceId", &exact);
            }
        }
        property::set(all, kind, &constraints);
    }

    /// The same, but for the devices themselves: those that were chosen are not there.
    pub(super) fn without_devices(&self) -> Self {
        let chosen = Object::new();
        if let Some(all) = self.0.dyn_ref::<Object>() {
            Object::assign(&chosen, all);
        }
        for device in ["camera", "microphone"] {
            property::set(&chosen, device, &JsValue::UNDEFINED);
        }
        Self(chosen.into())
    }

    /// Whether any device was chosen.
    pub(super) fn has_devices(&self) -> bool {
        ["camera", "microphone"]
            .iter()
            .any(|device| property::get(&self.0, device).is_truthy())
    }
}

/// What is preferred; `None`: what the browser, or the site, prefers. Devices are known by the ids that the
/// browser has given them for this site, and by their labels where those have changed. The names are those of
/// constraints, where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each says what it is")]
pub struct Preferences {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker_label: Option<String>,
    /// Of a phone's cameras that in front (`user`), or at the back (`environment`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facing_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_cancellation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_suppression: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_gain_control: Option<bool>,
}

impl Preferences {
    /// What was chosen in this browser before.
    #[must_use]
    pub fn kept() -> Self {
        let Chosen(kept) = Chosen::kept();
        let text = |name| property::string(&kept, name);
        let flag = |name| property::get(&kept, name).as_bool();
        Self {
            camera: text("camera"),
            camera_label: text("cameraLabel"),
            microphone: text("microphone"),
            microphone_label: text("microphoneLabel"),
            speaker: text("speaker"),
            speaker_label: text("speakerLabel"),
            facing_mode: text("facingMode"),
            echo_cancellation: flag("echoCancellation"),
            noise_suppression: flag("noiseSuppression"),
            auto_gain_control: flag("autoGainControl"),
        }
    }

    /// In the browser's terms.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        // Texts and flags have a form in JavaScript.
        Chosen(dictionary::write(self).unwrap_or_default())
    }

    /// Keeps it, if the browser lets us.
    pub fn keep(&self) {
        let json = JSON::stringify(&self.chosen().0)
            .ok()
            .and_then(|json| json.as_string());
        if let Some(json) = json {
            memory::remember(KEPT, &json);
        }
    }
}
