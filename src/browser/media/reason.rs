//! Why a device can't be had, and which of two is to blame; what can be had nevertheless.

use js_sys::{Array, Function, Object, Promise};
use visavis_call::{Device, MediaError, MediaEvent, MediaWish, Outcome};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDeviceInfo, MediaDeviceKind, MediaDevices};

use super::opening::{Opened, Request, open};
use super::{LocalStream, devices, typed};
use crate::browser::{exception, page, property};

/// What the name of an exception of `getUserMedia` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Refused,
    Missing,
    Busy,
    Unsatisfiable,
    Other,
}

impl Failure {
    fn named(name: &str) -> Self {
        match name {
            "NotAllowedError" | "SecurityError" => Self::Refused,
            "NotFoundError" => Self::Missing,
            "NotReadableError" | "AbortError" => Self::Busy,
            "OverconstrainedError" => Self::Unsatisfiable,
            _ => Self::Other,
        }
    }
}

/// Whether the page may use a device (W3C permissions, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permission {
    Granted,
    Denied,
    Prompt,
    /// The browser does not tell.
    Unknown,
}

/// The camera and the microphone, as the standards call them.
const NAMES: [&str; 2] = ["camera", "microphone"];

/// Opens what can be opened after all, and tells why the rest can't.
///
/// A browser that is asked for camera and microphone gives both or none. So whichever of them is not to blame
/// is asked for again, alone, unless a person who has just said no would be asked once more.
pub(super) async fn open_the_rest(thrown: JsValue, request: Request) -> Opened {
    let wish = request.wish;
    if !page::window().is_secure_context() {
        return Opened::failed(wish, &MediaError::Insecure);
    }
    let Some(devices) = devices() else {
        return Opened::failed(wish, &MediaError::Unsupported);
    };
    if wish != MediaWish::CameraAndMicrophone {
        // What was chosen is not there.
        let is_unsatisfiable = Failure::named(&exception::name_of(&thrown)) == Failure::Unsatisfiable;
        if is_unsatisfiable && request.person.has_devices() {
            let person = request.person.without_devices();
            return Box::pin(open(Request { person, ..request })).await;
        }
        let error = of_one(&thrown, wish, &devices).await;
        // Many a phone has one camera open at a time only.
        if let (MediaError::Busy, Some(present)) = (&error, &request.instead_of) {
            present.stop();
            let again = Request {
                instead_of: None,
                ..request
            };
            return Box::pin(open(again)).await;
        }
        return Opened::failed(wish, &error);
    }
    let [camera, microphone] = of_each(&thrown, &devices).await;
    let mut stream = None;
    let microphone = open_alone(Device::Microphone, microphone, &request, &mut stream).await;
    let camera = open_alone(Device::Camera, camera, &request, &mut stream).await;
    Opened {
        stream,
        event: MediaEvent::Opened { camera, microphone },
    }
}

/// Opens one device in addition, unless it is to blame.
async fn open_alone(
    device: Device,
    error: Option<MediaError>,
    request: &Request,
    all: &mut Option<LocalStream>,
) -> Outcome {
    if let Some(error) = error {
        return Outcome::Failed(error);
    }
    let request = Request {
        wish: if device == Device::Camera {
            MediaWish::Camera
        } else {
            MediaWish::Microphone
        },
        ..request.clone()
    };
    // It is of itself that this asks for less each time.
    match Box::pin(open(request)).await.into_stream() {
        Ok(mut opened) => {
            match all {
                Some(all) => all.take(device, &mut opened),
                None => *all = Some(opened),
            }
            Outcome::Open
        }
        Err(error) => Outcome::Failed(error),
    }
}

/// Why one device could not be had.
async fn of_one(thrown: &JsValue, wish: MediaWish, devices: &MediaDevices) -> MediaError {
    let index = usize::from(wish == MediaWish::Microphone);
    let name = exception::name_of(thrown);
    match Failure::named(&name) {
        Failure::Refused => denied(thrown, NAMES[index]).await,
        // There are devices of that kind, and yet none is found: the system hides them.
        Failure::Missing if kinds_there(devices).await[index] => MediaError::BlockedBySystem,
        Failure::Missing => MediaError::NotFound,
        Failure::Busy => MediaError::Busy,
        Failure::Unsatisfiable => MediaError::Unsatisfiable {
            constraint: property::string(thrown, "constraint").unwrap_or_default(),
        },
        Failure::Other => MediaError::Other(name),
    }
}

/// Why camera and microphone could not be had together; `None` of one that may not be to blame.
async fn of_each(thrown: &JsValue, devices: &MediaDevices) -> [Option<MediaError>; 2] {
    match Failure::named(&exception::name_of(thrown)) {
        Failure::Refused => {
            let permissions = [permission(NAMES[0]).await, permission(NAMES[1]).await];
            let is_blocked = |permission| permission == Permission::Denied;
            let one_is_blocked =
                permissions.map(is_blocked) != [false, false] || NAMES.map(is_allowed_here) != [true, true];
            let mut errors = [None, None];
            for (index, error) in errors.iter_mut().enumerate() {
                let asks = matches!(permissions[index], Permission::Prompt | Permission::Unknown);
                let is_innocent = permissions[index] == Permission::Granted || asks && one_is_blocked;
                if !is_innocent || !is_allowed_here(NAMES[index]) {
                    *error = Some(denied(thrown, NAMES[index]).await);
                }
            }
            errors
        }
        Failure::Missing => {
            let there = kinds_there(devices).await;
            there.map(|is_there| (!is_there).then_some(MediaError::NotFound))
        }
        Failure::Busy | Failure::Unsatisfiable | Failure::Other => [None, None],
    }
}

/// Why a device is not allowed.
async fn denied(thrown: &JsValue, name: &str) -> MediaError {
    if !is_allowed_here(name) {
        return MediaError::NotDelegated;
    }
    match (refusal(thrown), permission(name).await) {
        (MediaError::Refused, Permission::Prompt) => MediaError::Dismissed,
        // Firefox says no more than that.
        (MediaError::Refused, Permission::Denied) if page::is_framed_by_another_site() => {
            MediaError::NotDelegated
        }
        (error, _) => error,
    }
}

/// Who has refused, as far as the exception tells: Chromium's names the system.
pub(super) fn refusal(thrown: &JsValue) -> MediaError {
    let message = property::string(thrown, "message").unwrap_or_default();
    if message.contains("system") {
        MediaError::BlockedBySystem
    } else {
        MediaError::Refused
    }
}

/// Whether the page around this one, if there is one, lets it use a device (W3C permissions-policy). Where
/// the browser does not tell, it may.
fn is_allowed_here(name: &str) -> bool {
    let policy = property::get(&page::document(), "featurePolicy");
    let Ok(allows) = property::get(&policy, "allowsFeature").dyn_into::<Function>() else {
        return true;
    };
    let answer = allows.call1(&policy, &JsValue::from_str(name));
    answer.is_ok_and(|answer| answer.is_truthy())
}

async fn permission(name: &str) -> Permission {
    let state = async {
        let permissions = property::get(&page::window().navigator(), "permissions");
        let query = property::get(&permissions, "query").dyn_into::<Function>().ok()?;
        let question = Object::new();
        property::set(&question, "name", &JsValue::from_str(name));
        let answer = query
            .call1(&permissions, &question)
            .ok()?
            .dyn_into::<Promise>()
            .ok()?;
        let status = JsFuture::from(answer).await.ok()?;
        property::string(&status, "state")
    };
    match state.await.as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some("prompt") => Permission::Prompt,
        _ => Permission::Unknown,
    }
}

/// Whether there is any camera, and any microphone.
async fn kinds_there(devices: &MediaDevices) -> [bool; 2] {
    let mut there = [false, false];
    let listing = match devices.enumerate_devices() {
        Ok(promise) => JsFuture::from(promise.unchecked_into::<Promise>()).await,
        Err(thrown) => Err(thrown),
    };
    if let Ok(list) = listing {
        for device in typed::<MediaDeviceInfo>(list.unchecked_into::<Array>()) {
            match device.kind() {
                MediaDeviceKind::Videoinput => there[0] = true,
                MediaDeviceKind::Audioinput => there[1] = true,
                _ => {}
            }
        }
    }
    there
}
