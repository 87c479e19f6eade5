//! What the page says before the app has loaded.

use super::*;

/// The page before the app is there.
const EARLY: &str = concat!(
    include_str!("../../../../index.html"),
    include_str!("../../../early.js")
);

#[test]
fn before_the_app_is_there_the_page_says_the_same() {
    fn says(text: &str) {
        // What the script fills in.
        let text = text.replace("NAME", "${name}");
        assert!(EARLY.contains(&text), "nothing says {text:?}");
    }
    let mut screen = screen();
    screen.view.signaling_route = SignalingView::Off;
    let mut shows = |media, seat| {
        screen.view.media = media;
        screen.view.seat = seat;
        says(headline(&screen.view));
        says(&status(&screen));
        says(&own_caption(&screen.view));
        says(get_video(screen.view.stage()));
    };
    shows(LocalMediaView::Off, SeatView::None);
    shows(LocalMediaView::Asking, SeatView::None);
    shows(devices(DeviceView::On, DeviceView::On, None), SeatView::Joining);
    shows(
        devices(DeviceView::Absent, DeviceView::Absent, None),
        SeatView::Joining,
    );
    // Which device it is, and why, the app finds out.
    for error in [
        MediaError::Refused,
        MediaError::Busy,
        MediaError::Insecure,
        MediaError::Unsupported,
        MediaError::Other("NAME".into()),
    ] {
        shows(LocalMediaView::Failed(DeviceErrors::both(error)), SeatView::None);
    }
    for text in [
        "Try again",
        "Continue without",
        "Your name",
        "Invite link",
        "Copy link",
    ] {
        says(&format!(">{text}</"));
    }
    for text in ["Copied", "Press Ctrl+C"] {
        says(&format!("\"{text}\""));
    }
    says(CHECK);
}
