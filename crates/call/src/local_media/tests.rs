use super::*;

const OPENED: MediaEvent = MediaEvent::Opened {
    camera: Outcome::Open,
    microphone: Outcome::Open,
};

fn open() -> LocalMedia {
    let mut media = LocalMedia::default();
    media.get(MediaWish::CameraAndMicrophone);
    media.event(OPENED);
    media
}

fn shown(media: &LocalMedia) -> (DeviceView, DeviceView) {
    match media.view() {
        LocalMediaView::Open {
            camera, microphone, ..
        } => (camera, microphone),
        other => panic!("not open: {other:?}"),
    }
}

fn errors(media: &LocalMedia) -> DeviceErrors {
    match media.view() {
        LocalMediaView::Open { errors, .. } => errors,
        other => panic!("not open: {other:?}"),
    }
}

/// Video, audio, a screen.
fn sent(media: &LocalMedia) -> (bool, bool, bool) {
    let sends = media.sends();
    (sends.camera, sends.microphone, sends.screen)
}

#[test]
fn a_screen_takes_the_place_of_the_camera_which_stays_as_it_is() {
    let mut media = open();
    media.switch(Device::Camera, false);
    assert_eq!(media.switch(Device::Screen, true), [MediaOp::Add(Device::Screen)]);
    assert_eq!(sent(&media), (false, true, false));
    media.event(MediaEvent::Added(Device::Screen));
    assert_eq!(sent(&media), (true, true, true));
    assert_eq!(
        media.switch(Device::Screen, false),
        [MediaOp::Remove(Device::Screen)]
    );
    assert_eq!(sent(&media), (false, true, false));
    assert_eq!(shown(&media), (DeviceView::Off, DeviceView::On));
}

#[test]
fn a_screen_that_is_shown_no_longer_is_no_trouble() {
    for end in [
        MediaEvent::Lost(Device::Screen),
        MediaEvent::NotAdded(Device::Screen, MediaError::Refused),
    ] {
        let mut media = open();
        media.switch(Device::Screen, true);
        if matches!(end, MediaEvent::Lost(_)) {
            media.event(MediaEvent::Added(Device::Screen));
        }
        media.event(end);
        assert!(matches!(
            media.view(),
            LocalMediaView::Open {
                screen: DeviceView::Absent,
                errors: DeviceErrors { screen: None, .. },
                ..
            }
        ));
    }
}

#[test]
fn a_screen_that_comes_when_it_is_not_wanted_any_more_is_closed() {
    let mut media = open();
    media.switch(Device::Screen, true);
    assert_eq!(media.switch(Device::Screen, false), []);
    assert_eq!(
        media.event(MediaEvent::Added(Device::Screen)),
        [MediaOp::Remove(Device::Screen)]
    );
    assert_eq!(sent(&media), (true, true, false));
}

#[test]
fn refused_then_granted() {
    let mut media = LocalMedia::default();
    let wish = MediaWish::CameraAndMicrophone;
    assert_eq!(media.get(wish), [MediaOp::Open(wish)]);
    assert_eq!(media.get(wish), [], "one question at a time");
    media.event(MediaEvent::failed(wish, &MediaError::Refused));
    let errors = DeviceErrors::both(MediaError::Refused);
    assert_eq!(media.view(), LocalMediaView::Failed(errors));
    assert_eq!(media.get(wish), [MediaOp::Open(wish)]);
    assert_eq!(media.event(OPENED), []);
    assert_eq!(shown(&media), (DeviceView::On, DeviceView::On));
}

#[test]
fn a_stream_that_comes_too_late_is_closed() {
    let mut media = LocalMedia::default();
    media.get(MediaWish::CameraAndMicrophone);
    media.close();
    assert_eq!(media.event(OPENED), [MediaOp::Close]);
    assert_eq!(media.view(), LocalMediaView::Off);
}

#[test]
fn the_answer_to_an_earlier_question_is_not_taken_for_that_to_a_later_one() {
    let mut media = LocalMedia::default();
    media.get(MediaWish::CameraAndMicrophone);
    media.close();
    assert_eq!(media.get(MediaWish::Microphone), [], "one question at a time");
    assert_eq!(
        media.event(OPENED),
        [MediaOp::Close, MediaOp::Open(MediaWish::Microphone)]
    );
    assert_eq!(media.view(), LocalMediaView::Asking);
    assert_eq!(media.event(MediaEvent::opened(MediaWish::Microphone)), []);
    assert_eq!(shown(&media), (DeviceView::Absent, DeviceView::On));
}

#[test]
fn a_camera_that_is_off_is_closed_and_a_microphone_only_silent() {
    let mut media = open();
    assert_eq!(
        media.switch(Device::Camera, false),
        [MediaOp::Remove(Device::Camera)]
    );
    assert_eq!(
        media.switch(Device::Microphone, false),
        [MediaOp::EnableMicrophone(false)]
    );
    assert_eq!(sent(&media), (false, false, false));
    assert_eq!(media.switch(Device::Camera, true), [MediaOp::Add(Device::Camera)]);
    assert_eq!(shown(&media), (DeviceView::Opening, DeviceView::Off));
    assert_eq!(media.event(MediaEvent::Added(Device::Camera)), []);
    assert_eq!(sent(&media), (true, false, false));
}

#[test]
fn a_camera_that_is_switched_off_while_it_opens_is_closed_when_it_comes() {
    let mut media = open();
    media.switch(Device::Camera, false);
    media.switch(Device::Camera, true);
    assert_eq!(media.switch(Device::Camera, false), []);
    assert_eq!(
        media.event(MediaEvent::Added(Device::Camera)),
        [MediaOp::Remove(Device::Camera)]
    );
    assert_eq!(shown(&media).0, DeviceView::Off);
}

#[test]
fn a_microphone_that_is_switched_off_while_it_opens_is_asked_for_again() {
    for answers_before in [true, false] {
        let mut media = open();
        media.event(MediaEvent::Lost(Device::Microphone));
        media.switch(Device::Microphone, true);
        assert_eq!(media.switch(Device::Microphone, false), []);
        let add = MediaOp::Add(Device::Microphone);
        if answers_before {
            assert_eq!(
                media.event(MediaEvent::Added(Device::Microphone)),
                [MediaOp::Remove(Device::Microphone)]
            );
            assert_eq!(media.switch(Device::Microphone, true), [add]);
        } else {
            assert_eq!(
                media.switch(Device::Microphone, true),
                [],
                "one question at a time"
            );
        }
        assert_eq!(media.event(MediaEvent::Added(Device::Microphone)), []);
        assert_eq!(sent(&media), (true, true, false));
    }
}

#[test]
fn two_devices_are_opened_one_after_the_other() {
    let mut media = open();
    media.event(MediaEvent::Lost(Device::Camera));
    media.event(MediaEvent::Lost(Device::Microphone));
    assert_eq!(
        media.switch(Device::Microphone, true),
        [MediaOp::Add(Device::Microphone)]
    );
    assert_eq!(media.switch(Device::Camera, true), []);
    assert_eq!(
        media.event(MediaEvent::Added(Device::Microphone)),
        [MediaOp::Add(Device::Camera)]
    );
    media.event(MediaEvent::Added(Device::Camera));
    assert_eq!(shown(&media), (DeviceView::On, DeviceView::On));
}

#[test]
fn a_camera_that_is_unplugged_is_told_and_can_be_had_again() {
    let mut media = open();
    assert_eq!(
        media.event(MediaEvent::Lost(Device::Camera)),
        [MediaOp::Remove(Device::Camera)]
    );
    assert_eq!(shown(&media), (DeviceView::Lost, DeviceView::On));
    media.switch(Device::Camera, true);
    media.event(MediaEvent::NotAdded(Device::Camera, MediaError::Busy));
    assert_eq!(shown(&media).0, DeviceView::Lost);
    assert_eq!(errors(&media).camera, Some(MediaError::Busy));
    media.switch(Device::Camera, true);
    assert_eq!(errors(&media).camera, None);
    media.event(MediaEvent::Added(Device::Camera));
    assert_eq!(shown(&media).0, DeviceView::On);
}

#[test]
fn what_can_be_opened_is_opened_and_what_can_not_is_told() {
    let mut media = LocalMedia::default();
    media.get(MediaWish::CameraAndMicrophone);
    media.event(MediaEvent::Opened {
        camera: Outcome::Failed(MediaError::Busy),
        microphone: Outcome::Open,
    });
    assert_eq!(shown(&media), (DeviceView::Lost, DeviceView::On));
    let busy = DeviceErrors {
        camera: Some(MediaError::Busy),
        ..DeviceErrors::default()
    };
    assert_eq!(errors(&media), busy);
    assert_eq!(sent(&media), (false, true, false));
    assert_eq!(media.switch(Device::Camera, true), [MediaOp::Add(Device::Camera)]);
    media.event(MediaEvent::Added(Device::Camera));
    assert_eq!(sent(&media), (true, true, false));
}

#[test]
fn each_device_has_its_own_reason() {
    let mut media = LocalMedia::default();
    media.get(MediaWish::CameraAndMicrophone);
    media.event(MediaEvent::Opened {
        camera: Outcome::Failed(MediaError::Refused),
        microphone: Outcome::Failed(MediaError::NotFound),
    });
    let failed = DeviceErrors {
        camera: Some(MediaError::Refused),
        microphone: Some(MediaError::NotFound),
        screen: None,
    };
    assert_eq!(media.view(), LocalMediaView::Failed(failed));
}

#[test]
fn another_camera_takes_the_place_of_the_one_that_is_open() {
    let mut media = open();
    assert_eq!(media.reopen(Device::Camera), [MediaOp::Add(Device::Camera)]);
    assert_eq!(
        sent(&media),
        (true, true, false),
        "until then, the present one is sent"
    );
    // A choice that is made before that is there comes after it, however often it is changed.
    assert_eq!(media.reopen(Device::Camera), []);
    assert_eq!(media.reopen(Device::Camera), []);
    let again = [MediaOp::Add(Device::Camera)];
    assert_eq!(media.event(MediaEvent::Added(Device::Camera)), again);
    assert_eq!(media.event(MediaEvent::Added(Device::Camera)), []);
    assert_eq!(sent(&media), (true, true, false));
}

#[test]
fn another_camera_that_can_not_be_had_leaves_the_one_that_is_open() {
    let mut media = open();
    media.reopen(Device::Camera);
    media.event(MediaEvent::NotAdded(Device::Camera, MediaError::Busy));
    assert_eq!(shown(&media), (DeviceView::On, DeviceView::On));
    assert_eq!(errors(&media).camera, Some(MediaError::Busy));
    // Unless that had to be closed for it.
    assert_eq!(
        media.event(MediaEvent::Lost(Device::Camera)),
        [MediaOp::Remove(Device::Camera)]
    );
    assert_eq!(shown(&media), (DeviceView::Lost, DeviceView::On));
}

#[test]
fn a_muted_microphone_stays_muted_when_another_is_chosen() {
    let mut media = open();
    media.switch(Device::Microphone, false);
    assert_eq!(
        media.reopen(Device::Microphone),
        [MediaOp::Add(Device::Microphone)]
    );
    assert_eq!(media.event(MediaEvent::Added(Device::Microphone)), []);
    assert_eq!(shown(&media), (DeviceView::On, DeviceView::Off));
}

#[test]
fn a_choice_opens_nothing_that_is_off() {
    let mut media = LocalMedia::default();
    assert_eq!(media.reopen(Device::Camera), []);
    let mut media = open();
    media.switch(Device::Camera, false);
    assert_eq!(media.reopen(Device::Camera), []);
    // Switched off while the other one is opened, neither stays.
    media.switch(Device::Camera, true);
    media.event(MediaEvent::Added(Device::Camera));
    media.reopen(Device::Camera);
    media.switch(Device::Camera, false);
    assert_eq!(
        media.event(MediaEvent::Added(Device::Camera)),
        [MediaOp::Remove(Device::Camera)]
    );
    assert_eq!(shown(&media).0, DeviceView::Off);
}

#[test]
fn what_the_system_keeps_silent_is_not_sent_until_it_is_let_go() {
    for device in [Device::Camera, Device::Microphone] {
        let mut media = open();
        media.event(MediaEvent::Held(device, true));
        let on = |it| {
            if it == device {
                DeviceView::Held
            } else {
                DeviceView::On
            }
        };
        assert_eq!(shown(&media), (on(Device::Camera), on(Device::Microphone)));
        assert_ne!(sent(&media), (true, true, false));
        media.event(MediaEvent::Held(device, false));
        assert_eq!(sent(&media), (true, true, false));
        // Whoever switches it off meanwhile does not get it back by that.
        media.event(MediaEvent::Held(device, true));
        media.switch(device, false);
        media.event(MediaEvent::Held(device, false));
        assert_ne!(sent(&media), (true, true, false));
    }
}

#[test]
fn a_choice_does_not_open_what_was_switched_off_before_its_turn() {
    let mut media = open();
    assert_eq!(
        media.reopen(Device::Microphone),
        [MediaOp::Add(Device::Microphone)]
    );
    assert_eq!(media.reopen(Device::Camera), []);
    assert_eq!(media.reopen(Device::Microphone), []);
    media.switch(Device::Camera, false);
    let again = [MediaOp::Add(Device::Microphone)];
    assert_eq!(media.event(MediaEvent::Added(Device::Microphone)), again);
    assert_eq!(media.event(MediaEvent::Added(Device::Microphone)), []);
    // Switched on again, it is opened once: as it was chosen.
    assert_eq!(media.switch(Device::Camera, true), [MediaOp::Add(Device::Camera)]);
    assert_eq!(media.event(MediaEvent::Added(Device::Camera)), []);
}

#[test]
fn a_choice_of_a_microphone_waits_through_mute_and_unmute() {
    let mut media = open();
    media.reopen(Device::Camera);
    media.reopen(Device::Microphone);
    media.switch(Device::Microphone, false);
    media.switch(Device::Microphone, true);
    let microphone = [MediaOp::Add(Device::Microphone)];
    assert_eq!(media.event(MediaEvent::Added(Device::Camera)), microphone);
}

#[test]
fn a_choice_that_is_made_while_another_one_fails_is_tried() {
    let mut media = open();
    media.switch(Device::Camera, false);
    media.switch(Device::Camera, true);
    assert_eq!(media.reopen(Device::Camera), []);
    assert_eq!(
        media.event(MediaEvent::NotAdded(Device::Camera, MediaError::Busy)),
        [MediaOp::Add(Device::Camera)]
    );
    media.event(MediaEvent::Added(Device::Camera));
    assert_eq!(sent(&media), (true, true, false));
    assert_eq!(errors(&media), DeviceErrors::default());
}

#[test]
fn what_is_closed_to_make_room_for_another_one_is_not_lost() {
    let mut media = open();
    media.reopen(Device::Camera);
    assert_eq!(media.event(MediaEvent::Lost(Device::Camera)), []);
    assert_eq!(media.event(MediaEvent::Added(Device::Camera)), []);
    assert_eq!(sent(&media), (true, true, false));
}

#[test]
fn a_camera_that_is_off_is_not_lost() {
    let mut media = open();
    media.switch(Device::Camera, false);
    assert_eq!(media.event(MediaEvent::Lost(Device::Camera)), []);
    assert_eq!(shown(&media).0, DeviceView::Off);
}

#[test]
fn a_second_choice_that_fails_is_told_as_the_first() {
    let mut media = open();
    for _ in 0..2 {
        media.reopen(Device::Camera);
        assert_eq!(errors(&media).camera, None);
        media.event(MediaEvent::NotAdded(Device::Camera, MediaError::Busy));
        assert_eq!(errors(&media).camera, Some(MediaError::Busy));
    }
}
