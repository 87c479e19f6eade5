//! Why a device can't be had, and which of two is to blame; what can be had nevertheless.

use js_sys::{Function, Object, Promise};
use visavis_call::{Device, MediaError, MediaEvent, MediaWish, Outcome};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::LocalStream;
use super::request::{Opened, Request};
use crate::browser::device_list::{self, DeviceKind, media_devices};
use crate::browser::{exception, page, property};

/// What the name of an exception of `getUserMedia` tells. `src/early.js` knows the same names.
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
    if media_devices().is_none() {
        return Opened::failed(wish, &MediaError::Unsupported);
    }
    let mut stream = None;
    let event = match wish {
        MediaWish::CameraAndMicrophone => {
            let [camera, microphone] = of_each(&thrown).await;
            let microphone = match microphone {
                Some(error) => Outcome::Failed(error),
                None => open_alone(Device::Microphone, None, &request, &mut stream).await,
            };
            let camera = match camera {
                Some(error) => Outcome::Failed(error),
                None => open_alone(Device::Camera, None, &request, &mut stream).await,
            };
            MediaEvent::Opened { camera, microphone }
        }
        MediaWish::Microphone => MediaEvent::Opened {
            camera: Outcome::NotAsked,
            microphone: open_alone(Device::Microphone, Some(thrown), &request, &mut stream).await,
        },
        MediaWish::Camera => MediaEvent::Opened {
            camera: open_alone(Device::Camera, Some(thrown), &request, &mut stream).await,
            microphone: Outcome::NotAsked,
        },
        MediaWish::Nothing => MediaEvent::opened(wish),
    };
    Opened { stream, event }
}

/// Opens one device in addition, with less and less of what was wanted of it; `thrown`: what the browser has
/// said to that already.
async fn open_alone(
    device: Device,
    mut thrown: Option<JsValue>,
    request: &Request,
    all: &mut Option<LocalStream>,
) -> Outcome {
    let mut request = Request {
        wish: MediaWish::only(device),
        ..request.clone()
    };
    loop {
        let answer = match thrown.take() {
            Some(thrown) => Err(thrown),
            None => request.ask().await,
        };
        let thrown = match answer {
            Ok(stream) => {
                let mut opened = LocalStream::new(stream.unchecked_into());
                match all {
                    Some(all) => all.take(device, &mut opened),
                    None => *all = Some(opened),
                }
                return Outcome::Open;
            }
            Err(thrown) => thrown,
        };
        match of_one(&thrown, device).await {
            // What was chosen is not there.
            MediaError::Unsatisfiable { .. } if request.person.has_devices() => {
                request.person = request.person.without_devices();
            }
            // Many a phone has one camera open at a time only.
            MediaError::Busy if request.instead_of.is_some() => {
                if let Some(present) = request.instead_of.take() {
                    present.stop();
                }
            }
            error => return Outcome::Failed(error),
        }
    }
}

/// Why one device could not be had.
async fn of_one(thrown: &JsValue, device: Device) -> MediaError {
    let index = usize::from(device == Device::Microphone);
    let name = exception::name_of(thrown);
    match Failure::named(&name) {
        Failure::Refused => denied(thrown, NAMES[index]).await,
        // There are devices of that kind, and yet none is found: the system hides them.
        Failure::Missing if kinds_there().await[index] => MediaError::BlockedBySystem,
        Failure::Missing => MediaError::NotFound,
        Failure::Busy => MediaError::Busy,
        Failure::Unsatisfiable => MediaError::Unsatisfiable {
            constraint: property::string(thrown, "constraint").unwrap_or_default(),
        },
        Failure::Other => MediaError::Other(name),
    }
}

/// Why camera and microphone could not be had together; `None` of one that may not be to blame.
async fn of_each(thrown: &JsValue) -> [Option<MediaError>; 2] {
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
            let there = kinds_there().await;
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
async fn kinds_there() -> [bool; 2] {
    let all = device_list::all().await;
    [DeviceKind::Camera, DeviceKind::Microphone].map(|kind| all.iter().any(|device| device.kind == kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page before the app is there.
    const EARLY: &str = include_str!("../../early.js");

    #[test]
    fn before_the_app_is_there_failures_mean_the_same() {
        for name in [
            "NotAllowedError",
            "SecurityError",
            "NotFoundError",
            "NotReadableError",
            "AbortError",
            "OverconstrainedError",
            "InvalidStateError",
            "TypeError",
        ] {
            let says = |text: String| EARLY.contains(&text);
            assert!(
                match Failure::named(name) {
                    Failure::Refused => says(format!("{name}: REFUSED,")),
                    Failure::Busy => says(format!("{name}: BUSY,")),
                    Failure::Unsatisfiable => says(format!("name !== \"{name}\"")),
                    // Which device is missing, the app finds out.
                    Failure::Missing | Failure::Other => !EARLY.contains(name),
                },
                "{name} is {:?} here",
                Failure::named(name)
            );
        }
    }
}
