use super::*;

const CAMERA: DeviceKind = DeviceKind::Camera;
const MICROPHONE: DeviceKind = DeviceKind::Microphone;
const SPEAKER: DeviceKind = DeviceKind::Speaker;

fn device(kind: DeviceKind, id: &str) -> Listed {
    Listed {
        kind,
        id: id.to_owned(),
        label: ["The ", id].concat(),
        group: id.trim_end_matches(char::is_numeric).to_owned(),
    }
}

fn on(id: &str) -> Usage {
    Usage {
        open: Some(id.to_owned()),
        view: Some(DeviceView::On),
    }
}

fn is(view: DeviceView) -> Usage {
    Usage {
        open: None,
        view: Some(view),
    }
}

fn chosen(microphone: &str) -> Preferences {
    Preferences {
        microphone: Some(microphone.to_owned()),
        microphone_label: Some(["The ", microphone].concat()),
        ..Preferences::default()
    }
}

/// Somebody with a laptop's devices in use.
struct Person {
    plugging: Plugging,
    list: Vec<Listed>,
    microphone: Usage,
    chosen: Preferences,
}

impl Person {
    fn new() -> Self {
        let mut person = Self {
            plugging: Plugging::default(),
            list: vec![
                device(CAMERA, "lid1"),
                device(MICROPHONE, "laptop1"),
                device(SPEAKER, "laptop2"),
            ],
            microphone: on("laptop1"),
            chosen: Preferences::default(),
        };
        assert_eq!(person.follow(), []);
        person
    }

    fn follow(&mut self) -> Vec<Step> {
        self.plugging
            .follow(&self.list, &on("lid1"), &self.microphone, &self.chosen)
    }

    fn plugs_in(&mut self, kind: DeviceKind, id: &str) {
        self.list.push(device(kind, id));
    }

    fn unplugs(&mut self, id: &str) {
        self.list.retain(|device| device.id != id);
    }
}

fn fell_over(from: &str, to: &str) -> Step {
    Step::Tell(Notice::FellOver {
        kind: MICROPHONE,
        from: ["The ", from].concat(),
        to: ["The ", to].concat(),
    })
}

fn back(id: &str) -> Step {
    Step::Tell(Notice::Back {
        kind: MICROPHONE,
        label: ["The ", id].concat(),
    })
}

#[test]
fn what_is_plugged_in_is_offered_once_with_all_that_belongs_to_it() {
    let mut person = Person::new();
    person.plugs_in(MICROPHONE, "headset1");
    person.plugs_in(SPEAKER, "headset2");
    // As Chromium lists them once more.
    person.list.insert(0, device(MICROPHONE, "default"));
    let headset = vec![device(MICROPHONE, "headset1"), device(SPEAKER, "headset2")];
    assert_eq!(person.follow(), [Step::Tell(Notice::Plugged(headset))]);
    assert_eq!(person.follow(), []);
}

#[test]
fn what_has_no_label_yet_is_not_taken_for_plugged_in_later() {
    let mut person = Person {
        plugging: Plugging::default(),
        list: vec![Listed {
            label: String::new(),
            ..device(CAMERA, "lid1")
        }],
        microphone: is(DeviceView::Absent),
        chosen: Preferences::default(),
    };
    assert_eq!(person.follow(), []);
    person.list = vec![device(CAMERA, "lid1"), device(MICROPHONE, "laptop1")];
    assert_eq!(person.follow(), []);
}

#[test]
fn what_is_unplugged_in_use_is_replaced_and_taken_again_when_it_is_back() {
    let mut person = Person::new();
    person.plugs_in(MICROPHONE, "headset1");
    person.follow();
    person.microphone = on("headset1");
    assert_eq!(person.follow(), []);
    // The track may end before the list changes, or after.
    person.microphone = is(DeviceView::Lost);
    assert_eq!(person.follow(), []);
    person.unplugs("headset1");
    assert_eq!(person.follow(), [Step::Start(MICROPHONE)]);
    assert_eq!(person.follow(), [], "once");
    person.microphone = is(DeviceView::Opening);
    assert_eq!(person.follow(), []);
    person.microphone = on("laptop1");
    assert_eq!(person.follow(), [fell_over("headset1", "laptop1")]);
    assert_eq!(person.follow(), []);
    person.plugs_in(MICROPHONE, "headset1");
    let headset = device(MICROPHONE, "headset1");
    assert_eq!(person.follow(), [Step::Use(headset), back("headset1")]);
    person.microphone = on("headset1");
    assert_eq!(person.follow(), []);
}

#[test]
fn what_is_taken_away_by_the_person_is_not_opened_again() {
    let mut person = Person::new();
    person.microphone = is(DeviceView::Lost);
    assert_eq!(person.follow(), [], "it is still there: permission was withdrawn");
}

#[test]
fn nothing_opens_by_itself_that_was_muted() {
    let mut person = Person::new();
    person.plugs_in(MICROPHONE, "headset1");
    person.follow();
    person.microphone = on("headset1");
    person.follow();
    person.microphone.view = Some(DeviceView::Off);
    person.follow();
    person.microphone = is(DeviceView::Lost);
    person.unplugs("headset1");
    assert_eq!(person.follow(), []);
}

#[test]
fn the_last_of_its_kind_leaves_nothing_to_fall_over_to() {
    let mut person = Person::new();
    person.unplugs("laptop1");
    person.microphone = is(DeviceView::Lost);
    assert_eq!(person.follow(), []);
    person.plugs_in(MICROPHONE, "laptop1");
    assert_eq!(person.follow(), [], "the banner has the way to open it");
}

#[test]
fn what_was_chosen_and_is_not_there_is_taken_when_it_comes() {
    let mut person = Person::new();
    person.chosen = chosen("headset1");
    assert_eq!(person.follow(), []);
    person.plugs_in(MICROPHONE, "headset1");
    let headset = device(MICROPHONE, "headset1");
    assert_eq!(person.follow(), [Step::Use(headset), back("headset1")]);
}

#[test]
fn what_was_chosen_is_known_by_its_label_when_ids_have_changed() {
    let mut person = Person::new();
    person.chosen = Preferences {
        microphone: Some("an-id-of-yesterday".to_owned()),
        microphone_label: Some("The laptop1".to_owned()),
        ..Preferences::default()
    };
    assert_eq!(person.follow(), [Step::Rename(device(MICROPHONE, "laptop1"))]);
}

#[test]
fn what_was_chosen_is_taken_if_the_page_has_opened_another_one() {
    let mut person = Person {
        plugging: Plugging::default(),
        list: vec![
            device(CAMERA, "lid1"),
            device(MICROPHONE, "laptop1"),
            device(MICROPHONE, "headset1"),
        ],
        microphone: on("laptop1"),
        chosen: chosen("headset1"),
    };
    let headset = device(MICROPHONE, "headset1");
    assert_eq!(person.follow(), [Step::Use(headset)]);
    assert_eq!(person.follow(), [], "once");
}

#[test]
fn the_systems_microphone_is_another_one_when_its_name_is() {
    let default = |label: &str| Listed {
        label: label.to_owned(),
        ..device(MICROPHONE, "default")
    };
    let mut person = Person::new();
    person.list.insert(0, default("Default - Headset"));
    person.microphone = on("default");
    assert_eq!(person.follow(), []);
    person.list[0] = default("Default - Laptop");
    assert_eq!(person.follow(), [], "the browser follows the system by itself");
    person.list[0] = default("Default - Headset");
    person.follow();
    person.list[0] = default("Default - Laptop");
    person.microphone = is(DeviceView::Lost);
    assert_eq!(person.follow(), [Step::Start(MICROPHONE)]);
}

#[test]
fn what_the_page_may_use_only_now_was_not_plugged_in() {
    let mut person = Person::new();
    person.plugging = Plugging::default();
    person.list = vec![device(MICROPHONE, "laptop1")];
    person.follow();
    person.plugs_in(CAMERA, "lid1");
    person.plugs_in(CAMERA, "back1");
    assert_eq!(person.follow(), []);
}

#[test]
fn a_choice_ends_the_wait_for_what_is_away() {
    let mut person = Person::new();
    person.plugs_in(MICROPHONE, "headset1");
    person.follow();
    person.microphone = on("headset1");
    person.follow();
    person.unplugs("headset1");
    person.microphone = is(DeviceView::Lost);
    person.follow();
    person.microphone = on("laptop1");
    person.follow();
    person.plugging.choose(MICROPHONE);
    person.chosen = chosen("laptop1");
    person.plugs_in(MICROPHONE, "headset1");
    let headset = vec![device(MICROPHONE, "headset1")];
    assert_eq!(person.follow(), [Step::Tell(Notice::Plugged(headset))]);
}

#[test]
fn a_speaker_that_is_gone_and_back_is_told() {
    let mut person = Person::new();
    person.plugs_in(SPEAKER, "desk1");
    person.chosen = Preferences {
        speaker: Some("desk1".to_owned()),
        ..Preferences::default()
    };
    assert_eq!(person.follow(), []);
    person.unplugs("desk1");
    let gone = Notice::FellOver {
        kind: SPEAKER,
        from: "The desk1".to_owned(),
        to: "The laptop2".to_owned(),
    };
    assert_eq!(person.follow(), [Step::Tell(gone)]);
    person.plugs_in(SPEAKER, "desk1");
    let back = Notice::Back {
        kind: SPEAKER,
        label: "The desk1".to_owned(),
    };
    assert_eq!(person.follow(), [Step::Tell(back)]);
}
