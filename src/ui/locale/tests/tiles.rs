//! What tiles and buttons say.

use super::*;

#[test]
fn video_that_is_not_there_says_why() {
    let mut off = person(PersonState::Connected);
    off.video = false;
    let mut screen = in_call(off);
    assert_eq!(
        caption(screen.view.people.first(), &screen),
        "No video is arriving"
    );
    screen.view.people[0].camera = false;
    assert_eq!(caption(screen.view.people.first(), &screen), "Camera is off");
    screen.view.people[0].blocked = true;
    assert_eq!(caption(screen.view.people.first(), &screen), "Blocked");
}

#[test]
fn buttons_say_what_a_click_does() {
    for (state, of_camera, of_microphone) in [
        (DeviceView::On, "Stop camera", "Mute"),
        (DeviceView::Off, "Start camera", "Unmute"),
        (DeviceView::Opening, "Starting …", "Starting …"),
        (DeviceView::Lost, "Start camera", "Start microphone"),
        (DeviceView::Absent, "Start camera", "Start microphone"),
    ] {
        assert_eq!(
            (camera(state), microphone(state)),
            (of_camera, of_microphone),
            "{state:?}"
        );
    }
}

#[test]
fn our_own_tile_says_why_it_is_empty() {
    let mut screen = screen();
    for (state, text) in [
        (DeviceView::On, ""),
        (DeviceView::Opening, "Starting …"),
        (DeviceView::Off, "Your camera is off"),
        (DeviceView::Lost, "No picture of your camera"),
    ] {
        screen.view.media = devices(state, DeviceView::On, None);
        assert_eq!(own_caption(&screen.view), text);
    }
}
