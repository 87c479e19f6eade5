use super::*;

const OPENED: MediaEvent = MediaEvent::Opened {
    camera: true,
    microphone: true,
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
                trouble: None,
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
    media.event(MediaEvent::Failed(MediaError::Refused));
    assert_eq!(media.view(), LocalMediaView::Failed(MediaError::Refused));
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
    let answer = MediaEvent::Opened {
        camera: false,
        microphone: true,
    };
    assert_eq!(media.event(answer), []);
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
    let LocalMediaView::Open { camera, trouble, .. } = media.view() else {
        panic!("it is open");
    };
    assert_eq!((camera, trouble), (DeviceView::Lost, Some(MediaError::Busy)));
}
