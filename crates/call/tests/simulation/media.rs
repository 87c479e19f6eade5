//! Camera and microphone, on the way into a room and out of it.

use visavis_call::{
    Command, DeviceErrors, DeviceView, LocalMediaView, MediaError, MediaEvent, MediaWish, Stage,
};

use crate::support::{ClientOptions, Options, World, ms, room, seconds};

const BOTH: MediaWish = MediaWish::CameraAndMicrophone;

fn open(camera: DeviceView, microphone: DeviceView) -> LocalMediaView {
    LocalMediaView::Open {
        camera,
        microphone,
        screen: DeviceView::Absent,
        errors: DeviceErrors::default(),
    }
}

fn pair_that_sends(caller: MediaWish, callee: MediaWish) -> World {
    let mut world = World::new(Options::default());
    for wish in [caller, callee] {
        let client = world.add(ClientOptions::default());
        world.command(client, Command::GetMedia(wish));
    }
    world.run_for(seconds(1));
    world
}

#[test]
fn nothing_is_asked_for_before_the_click() {
    let mut world = World::new(Options::default());
    world.add(ClientOptions::default());
    world.run_for(seconds(60));
    assert_eq!(world.stages(), [Stage::Start]);
    assert!(world.clients[0].attempts.is_empty());
}

#[test]
fn who_is_refused_can_try_again_and_joins_then() {
    let mut world = World::new(Options::default());
    let client = world.add(ClientOptions::default());
    world.clients[client]
        .answers
        .push_back(MediaEvent::failed(BOTH, &MediaError::Refused));
    world.command(client, Command::GetMedia(BOTH));
    assert_eq!(world.stages(), [Stage::Asking]);
    world.run_for(seconds(10));
    assert_eq!(world.stages(), [Stage::Blocked]);
    assert_eq!(
        world.clients[0].view().media,
        LocalMediaView::Failed(DeviceErrors::both(MediaError::Refused))
    );
    world.command(client, Command::GetMedia(BOTH));
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Alone]);
}

#[test]
fn every_mix_of_devices_can_call_every_other() {
    let wishes = [BOTH, MediaWish::Microphone, MediaWish::Camera, MediaWish::Nothing];
    for caller in wishes {
        for callee in wishes {
            let mut world = pair_that_sends(caller, callee);
            world.call_works(0, 1);
            world.run_for(seconds(5));
            assert!(world.are_in_call(0, 1), "{caller:?} {callee:?}");
            let sends_video = |wish| matches!(wish, MediaWish::CameraAndMicrophone | MediaWish::Camera);
            assert_eq!(
                world.clients[1].view().people[0].video,
                sends_video(caller),
                "{caller:?} {callee:?}"
            );
            assert_eq!(
                world.clients[0].view().people[0].video,
                sends_video(callee),
                "{caller:?} {callee:?}"
            );
            world.expect_no_refusals();
            world.hang_up_works(1);
            world.call_works(1, 0);
        }
    }
}

#[test]
fn a_stream_that_comes_after_leaving_is_closed() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.command(0, Command::Leave);
    world.run_for(seconds(1));
    assert_eq!(world.stages(), [Stage::Start]);
    assert!(!world.clients[0].devices_open);
}

/// The first question is still open when the second is put.
#[test]
fn leaving_and_coming_back_before_the_browser_has_answered_keeps_the_camera_on() {
    for pause in [ms(0), ms(10), ms(49), ms(51)] {
        let mut world = World::new(Options::default());
        world.join(ClientOptions::default());
        world.command(0, Command::Leave);
        world.run_for(pause);
        world.command(0, Command::GetMedia(BOTH));
        world.run_for(seconds(1));
        assert_eq!(world.stages(), [Stage::Alone], "{pause:?}");
        assert!(world.clients[0].devices_open, "{pause:?}");
    }
}

#[test]
fn who_wants_less_than_they_asked_for_first_gets_only_that() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.command(0, Command::Leave);
    world.command(0, Command::GetMedia(MediaWish::Microphone));
    world.run_for(seconds(1));
    assert_eq!(
        world.clients[0].view().media,
        open(DeviceView::Absent, DeviceView::On)
    );
    assert!(world.clients[0].devices_open);
}

#[test]
fn who_does_not_wait_for_the_browser_goes_on_without_a_camera() {
    let mut world = World::new(Options::default());
    world.join(ClientOptions::default());
    world.command(0, Command::GetMedia(MediaWish::Nothing));
    world.run_for(seconds(1));
    assert_eq!(
        world.clients[0].view().media,
        open(DeviceView::Absent, DeviceView::Absent)
    );
    assert!(
        !world.clients[0].devices_open,
        "the stream that comes after all is closed"
    );
    assert_eq!(world.stages(), [Stage::Alone]);
}

#[test]
fn another_room_keeps_the_media_and_leaving_closes_it() {
    let mut world = World::pair();
    world.command(0, Command::SetMicrophone(false));
    world.command(0, Command::Enter(room("elsewhere")));
    world.run_for(seconds(1));
    assert_eq!(
        world.clients[0].view().media,
        open(DeviceView::On, DeviceView::Off)
    );
    assert!(world.clients[0].devices_open);
    world.command(0, Command::Leave);
    world.run_for(seconds(1));
    assert!(!world.clients[0].devices_open);
    assert_eq!(world.clients[0].view().media, LocalMediaView::Off);
}

#[test]
fn muting_neither_disturbs_a_call_nor_is_forgotten_by_it() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.run_for(seconds(1));
    let operations = world.operations;
    world.command(0, Command::SetMicrophone(false));
    world.command(0, Command::SetCamera(false));
    world.run_for(seconds(5));
    assert_eq!(world.operations, operations, "nothing is negotiated");
    world.hang_up_works(0);
    world.call_works(0, 1);
    assert_eq!(
        world.clients[0].view().media,
        open(DeviceView::Off, DeviceView::Off)
    );
}

/// Whether the second person is shown a screen by the first, and whether the first shows one.
fn shares(world: &World) -> (bool, bool) {
    let shown = world.clients[1].view().people[0].screen;
    let media = world.clients[0].view().media;
    let shows = matches!(
        media,
        LocalMediaView::Open {
            screen: DeviceView::On,
            ..
        }
    );
    (shown, shows)
}

#[test]
fn a_screen_is_shown_in_a_call_and_no_longer_than_that() {
    let mut world = World::pair();
    world.command(0, Command::ShareScreen(true));
    world.run_for(seconds(1));
    assert_eq!(shares(&world), (false, false), "there is nobody to show it to");

    world.call_works(0, 1);
    world.run_for(seconds(1));
    let operations = world.operations;
    world.command(0, Command::ShareScreen(true));
    world.run_for(seconds(1));
    assert_eq!(shares(&world), (true, true));
    assert!(world.clients[1].view().people[0].camera, "there is a picture");
    world.command(0, Command::ShareScreen(false));
    world.run_for(seconds(1));
    assert_eq!(shares(&world), (false, false));
    assert_eq!(world.operations, operations, "nothing is negotiated");

    world.command(0, Command::ShareScreen(true));
    world.run_for(seconds(1));
    world.hang_up_works(1);
    assert_eq!(shares(&world), (false, false));
    world.call_works(0, 1);
    world.run_for(seconds(1));
    assert_eq!(shares(&world), (false, false));
}

#[test]
fn a_screen_that_is_chosen_after_the_call_is_not_shown() {
    let mut world = World::pair();
    world.call_works(0, 1);
    world.clients[0].asking_takes = seconds(5);
    world.command(0, Command::ShareScreen(true));
    world.run_for(seconds(1));
    world.hang_up_works(0);
    world.run_for(seconds(10));
    assert_eq!(shares(&world), (false, false));
}

#[test]
fn a_camera_that_is_asked_for_during_a_call_is_not_opened() {
    let mut world = World::pair();
    world.call_works(0, 1);
    let before = world.clients[0].view();
    world.command(0, Command::GetMedia(MediaWish::Nothing));
    world.run_for(seconds(1));
    assert_eq!(world.clients[0].view().media, before.media);
    assert!(world.are_in_call(0, 1));
}
