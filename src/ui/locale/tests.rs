use visavis_call::{
    AccessPolicy, Danger, DeviceErrors, DeviceView, FailureCause, KnockerView, LocalMediaView, MediaError,
    Obstacle, PreConnection, RemovalReason,
};
use visavis_protocol::id::{PeerId, RoomId};

use super::ending::{failure, spoken_duration};
use super::trouble::Trouble;
use visavis_call::Unopened;

use super::*;
use crate::browser::full_screen::FullScreen;
use crate::ui::state::{Addresses, PageState};

mod access;
mod codes;
mod early;
mod people;
mod safety;
mod settings;
mod sight;
mod status;
mod tiles;
mod trouble;

/// What there is to see.
pub(super) struct Screen {
    pub(super) view: CallView,
    pub(super) page: PageState,
    now: Time,
}

pub(super) fn screen() -> Screen {
    Screen {
        view: CallView {
            media: devices(DeviceView::On, DeviceView::On, None),
            signaling_route: SignalingView::Relay,
            seat: SeatView::Seated,
            ..CallView::new(RoomId::new("test").unwrap().into())
        },
        page: PageState::new(PreConnection::On, Addresses::Shown, FullScreen::Off, true),
        now: Time(0),
    }
}

/// All chunks are there.
const WORDS: Words = Words {
    of_call: Some(OF_CALL),
    of_devices: Some(OF_DEVICES),
};

fn status(screen: &Screen) -> String {
    super::status(&screen.view, &|| screen.now, WORDS)
}

fn trouble(screen: &Screen) -> Option<Trouble> {
    super::trouble(&screen.view, &screen.page, || screen.now, WORDS.of_devices)
}

fn caption(person: Option<&PersonView>, screen: &Screen) -> String {
    super::caption(person, &screen.view, || screen.now)
}

fn devices(camera: DeviceView, microphone: DeviceView, error: Option<MediaError>) -> LocalMediaView {
    LocalMediaView::Open {
        camera,
        microphone,
        screen: DeviceView::Absent,
        errors: DeviceErrors {
            camera: error,
            ..DeviceErrors::default()
        },
    }
}

pub(super) fn person(state: PersonState) -> PersonView {
    PersonView {
        state,
        ..PersonView::new(PeerId::new("bob").unwrap())
    }
}

/// In a call with somebody.
fn in_call(person: PersonView) -> Screen {
    let mut screen = screen();
    screen.view.people = vec![person];
    screen.view.call = CallPhase::InCall { since: Time(0) };
    screen
}

fn named(name: &str, state: PersonState, call: Option<CallKind>) -> PersonView {
    PersonView {
        name: PersonName::new(name),
        call,
        ..person(state)
    }
}

#[track_caller]
fn trouble_says(screen: &Screen, text: &str, remedy: Remedy) {
    let trouble = trouble(screen).expect("there is trouble");
    assert!(trouble.sentence.contains(text), "{}", trouble.sentence);
    assert_eq!(trouble.remedy, remedy);
}
