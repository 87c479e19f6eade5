//! What people see and click, without a call behind it: the page shows what it is told, and says what is
//! asked for.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    reason = "a test may, and clippy knows no tests in a browser"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use visavis::browser::full_screen::FullScreen;
use visavis::browser::page;
use visavis::ui::{Addresses, CallHandle, Page, PageState, State};
use visavis_call::{
    AccessPolicy, AccessView, CallKind, CallPhase, CallView, ChatMessage, ChatText, Command, DeviceErrors,
    DeviceView, KnockerView, LocalMediaView, MediaWish, PersonState, PersonView, Place, PreConnection,
    Quality, Safety, SafetyCode, SeatView, SignalingView, Time, Verdict,
};
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::name::PersonName;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    CanvasRenderingContext2d, Document, Element, Event, HtmlCanvasElement, HtmlElement, HtmlIFrameElement,
    HtmlVideoElement,
};

mod support;

use support::{expect_equal, sleep, until};

wasm_bindgen_test_configure!(run_in_browser);

/// How many bytes are allocated.
static ALLOCATED: AtomicIsize = AtomicIsize::new(0);

struct Counting;

#[allow(unsafe_code, reason = "an allocator is unsafe; this one only counts")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size().cast_signed(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size().cast_signed(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// As long as a name may be, and one word.
const LONG: &str = "Wolfeschlegelsteinhausenbergerdorffwelch";

fn person(id: &str, state: PersonState) -> PersonView {
    PersonView {
        name: PersonName::new(id),
        state,
        ..PersonView::new(PeerId::new(id).unwrap())
    }
}

fn open(camera: DeviceView, screen: DeviceView) -> LocalMediaView {
    LocalMediaView::Open {
        camera,
        microphone: DeviceView::On,
        screen,
        errors: DeviceErrors::default(),
    }
}

/// In a room with these people, whose host we are.
fn room_with(people: Vec<PersonView>) -> CallView {
    CallView {
        media: open(DeviceView::On, DeviceView::Absent),
        signaling_route: SignalingView::Relay,
        seat: SeatView::Seated,
        access: AccessView {
            is_reopened: false,
            policy: AccessPolicy::Knock,
            is_ours: true,
            knocking: Vec::new(),
        },
        people,
        ..CallView::new(RoomId::new("test").unwrap().into())
    }
}

/// The same, in a call with all of them.
fn call_with(people: Vec<PersonView>) -> CallView {
    CallView {
        call: CallPhase::InCall { since: page::now() },
        kind: Some(CallKind::Open),
        ..room_with(people)
    }
}

fn knocking(names: &[&str]) -> Vec<KnockerView> {
    let knocker = |name: &&str| KnockerView {
        id: PeerId::new(*name).unwrap(),
        name: PersonName::new(name),
        name_number: 1,
    };
    names.iter().map(knocker).collect()
}

/// A page that shows what it is told. Dropped, it is gone.
struct Shown {
    state: State,
    commands: Rc<RefCell<Vec<Command>>>,
    document: Document,
    /// What it is in, if that is not the page of the tests.
    frame: Option<HtmlIFrameElement>,
    owner: Owner,
    mounted: Option<Box<dyn FnOnce()>>,
}

impl Shown {
    fn here(view: CallView) -> Self {
        Self::within(view, None)
    }

    /// In a window of this size.
    async fn sized(view: CallView, (width, height): (u32, u32)) -> Self {
        let document = page::document();
        let frame: HtmlIFrameElement = document.create_element("iframe").unwrap().unchecked_into();
        let style =
            format!("position: fixed; inset: 0 auto auto 0; border: 0; width: {width}px; height: {height}px");
        frame.set_attribute("style", &style).unwrap();
        frame.set_attribute("srcdoc", "<!doctype html>").unwrap();
        document.body().unwrap().append_child(&frame).unwrap();
        until("the window is there", || {
            let document = frame.content_document();
            document.is_some_and(|it| it.compat_mode() == "CSS1Compat" && it.body().is_some())
        })
        .await;
        Self::within(view, Some(frame))
    }

    fn within(view: CallView, frame: Option<HtmlIFrameElement>) -> Self {
        let document = match &frame {
            Some(frame) => frame.content_document().unwrap(),
            None => page::document(),
        };
        let style = page::document().create_element("style").unwrap();
        style.set_text_content(Some(include_str!("../style.css")));
        let parent: HtmlElement = page::document().create_element("div").unwrap().unchecked_into();
        parent.set_attribute("style", "height: 100%").unwrap();
        parent.append_child(&style).unwrap();
        // Another window has an HTMLElement of its own.
        let body: HtmlElement = document.body().unwrap().unchecked_into();
        body.append_child(&parent).unwrap();

        let owner = Owner::new();
        let commands = Rc::new(RefCell::new(Vec::new()));
        let (state, call) = owner.with(|| {
            let page = PageState::new(PreConnection::On, Addresses::Shown, FullScreen::Off, true);
            let state = State::new(view.room.clone(), page);
            let commands = Rc::clone(&commands);
            let call = CallHandle::new(state, move |command| commands.borrow_mut().push(command));
            (state, call)
        });
        state.follow(view);
        let handle = mount_to(parent.clone(), move || view! { <Page call letters=None /> });
        Self {
            state,
            commands,
            document,
            frame,
            owner,
            mounted: Some(Box::new(move || {
                drop_handle(handle);
                parent.remove();
            })),
        }
    }

    /// Shows something else.
    async fn shows(&self, view: CallView) {
        self.state.follow(view);
        frames().await;
    }

    fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.document.query_selector_all(selector).unwrap();
        (0..found.length())
            .filter_map(|index| found.item(index))
            .map(JsCast::unchecked_into)
            .collect()
    }

    /// The one that a selector means.
    async fn one(&self, selector: &str) -> HtmlElement {
        until(selector, || self.all(selector).len() == 1).await;
        self.all(selector).remove(0)
    }

    async fn click(&self, selector: &str) {
        self.one(selector).await.click();
        frames().await;
    }

    fn commands(&self) -> Vec<Command> {
        self.commands.take()
    }
}

fn drop_handle<M: leptos::tachys::view::Mountable>(handle: UnmountHandle<M>) {
    drop(handle);
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(unmount) = self.mounted.take() {
            unmount();
        }
        self.owner.cleanup();
        if let Some(frame) = &self.frame {
            frame.remove();
        }
    }
}

/// Until what was changed is shown, and what follows from that as well.
async fn frames() {
    for _ in 0..3 {
        let frame = js_sys::Promise::new(&mut |resolve, _| {
            page::window().request_animation_frame(&resolve).unwrap();
        });
        wasm_bindgen_futures::JsFuture::from(frame).await.unwrap();
    }
    sleep(0).await;
}

fn is_shown(element: &HtmlElement) -> bool {
    element.get_client_rects().length() > 0
}

fn text(element: &HtmlElement) -> String {
    element.text_content().unwrap_or_default()
}

fn focused() -> String {
    let active = page::document().active_element();
    active.map(|element| element.id()).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn the_host_lets_in_the_person_whose_name_he_saw() {
    let waiting = |names: &[&str]| {
        let mut view = room_with(Vec::new());
        view.access.knocking = knocking(names);
        view
    };
    let shown = Shown::here(waiting(&["Ada", "Bob", "Eve"]));
    let admit = shown.one("#admit").await;
    assert!(text(&shown.one("#knocking").await).contains("Ada"));

    // The first of the list leaves under the pointer.
    shown.shows(waiting(&["Bob", "Eve"])).await;
    assert!(
        !admit.is_connected(),
        "a press on the button of one is no click on another's"
    );
    shown.click("#admit").await;
    assert_eq!(shown.commands(), [], "nobody has read the next name yet");
    sleep(700).await;
    shown.click("#admit").await;
    assert_eq!(shown.commands(), [Command::Admit(PeerId::new("Bob").unwrap())]);
    shown.shows(waiting(&["Eve"])).await;
    sleep(700).await;
    shown.click("#refuse").await;
    assert_eq!(shown.commands(), [Command::Refuse(PeerId::new("Eve").unwrap())]);
}

#[wasm_bindgen_test]
async fn call_and_more_are_about_whom_they_name() {
    let names = ["Ada", "Bob", "Eve"];
    let here = |names: &[&str]| room_with(names.iter().map(|name| person(name, PersonState::Here)).collect());
    let shown = Shown::here(here(&names));
    until("all are listed", || shown.all(".people li").len() == 3).await;
    let buttons = shown.all(".people li:nth-child(2) button");
    let [call, more] = [&buttons[0], &buttons[1]];
    assert_eq!(
        call.get_attribute("aria-label").unwrap(),
        "Call \u{2068}Bob\u{2069} alone"
    );

    // Ada leaves, and what was the second row is the first now.
    shown.shows(here(&names[1..])).await;
    call.click();
    more.click();
    frames().await;
    let bob = PeerId::new("Bob").unwrap();
    assert_eq!(shown.commands(), [Command::CallPerson(bob.clone())]);
    assert!(text(&shown.one("#remove").await).contains("Bob"));

    shown.shows(here(&names[2..])).await;
    until("nothing is to be decided about who has left", || {
        shown.all("#remove").is_empty()
    })
    .await;
    shown.shows(here(&["Eve", "Bob"])).await;
    assert!(shown.all("#remove").is_empty());
    assert_eq!(shown.commands(), []);
}

#[wasm_bindgen_test]
async fn a_safety_code_is_compared_and_its_mark_is_shown() {
    let code = SafetyCode::new([0, 9, 18, 27, 36, 45, 63]).unwrap();
    let with = |safety: Safety| {
        call_with(vec![PersonView {
            safety,
            ..person("Ada", PersonState::Connected)
        }])
    };
    let shown = Shown::here(with(Safety::Unknown));
    shown.click("#people").await;
    let opener = shown.one(".safety button").await;
    let is_seen = |selector: &str| {
        shown
            .all(selector)
            .iter()
            .any(|element| element.offset_width() > 0)
    };
    frames().await;
    assert!(!is_seen(".safety button"), "there is nothing to compare");

    shown.shows(with(Safety::Code(code))).await;
    assert_eq!(
        opener.get_attribute("aria-label").unwrap(),
        "Safety code with \u{2068}Ada\u{2069}"
    );
    assert_eq!(opener.get_attribute("aria-expanded").unwrap(), "false");
    assert!(is_seen(".safety button") && !is_seen(".signs") && !is_seen(".who .verified"));
    opener.click();
    frames().await;
    assert_eq!(opener.get_attribute("aria-expanded").unwrap(), "true");
    let names: Vec<_> = shown.all(".signs .sign + span").iter().map(text).collect();
    assert_eq!(
        names,
        ["dog", "penguin", "snake", "moon", "carrot", "gift", "boat"]
    );

    // It is about the code that is shown.
    let ada = PeerId::new("Ada").unwrap();
    let verify = |verdict| Command::Verify(ada.clone(), verdict);
    shown.click(".matches button").await;
    assert_eq!(shown.commands(), [verify(Verdict::Match(code))]);
    shown.shows(with(Safety::Verified(code))).await;
    assert!(is_seen(".who .verified"));
    shown.click(".matches button").await;
    assert_eq!(shown.commands(), [verify(Verdict::TakeBack)]);
    shown.click(".differs button").await;
    assert_eq!(shown.commands(), [verify(Verdict::Differ)]);

    shown.shows(with(Safety::Changed(None))).await;
    assert!(is_seen(".comparison .warning") && !is_seen(".who .verified") && !is_seen(".signs"));
}

#[wasm_bindgen_test]
async fn a_page_that_was_translated_still_updates_its_words() {
    let shown = Shown::here(room_with(vec![
        person("Ada", PersonState::Here),
        person("Bob", PersonState::Here),
    ]));
    shown.one("#door").await;
    frames().await;
    translate(&shown.document.query_selector(".page").unwrap().unwrap());
    assert!(text(&shown.one("#status").await).contains("<translated>"));

    shown
        .shows(room_with(vec![person("Eve", PersonState::Here)]))
        .await;
    assert_eq!(text(&shown.one("#status").await), "\u{2068}Eve\u{2069} is here.");
    assert_eq!(text(&shown.one("#call .words").await), "Call");
    assert_eq!(
        text(&shown.one(".people .who .name").await),
        "\u{2068}Eve\u{2069}"
    );
    let mut talking = call_with(vec![person("Eve", PersonState::Connected)]);
    talking.call = CallPhase::InCall { since: Time(0) };
    shown.shows(talking).await;
    assert_eq!(text(&shown.one("h1").await), "In a call");
    until("the clock runs", || {
        !text(&shown.all(".call-clock")[0]).contains("<translated>")
    })
    .await;

    // The choice is a value, in every language that it is shown in.
    let door = shown.one("#door").await;
    js_sys::Reflect::set(&door, &"selectedIndex".into(), &JsValue::from(2)).unwrap();
    door.dispatch_event(&Event::new("change").unwrap()).unwrap();
    assert_eq!(shown.commands(), [Command::SetAccess(AccessPolicy::Locked)]);
}

/// Does to each text what a browser's translator does.
fn translate(element: &Element) {
    let children = element.child_nodes();
    let children: Vec<_> = (0..children.length())
        .filter_map(|index| children.item(index))
        .collect();
    for child in children {
        match child.dyn_ref::<Element>() {
            Some(child) => translate(child),
            None if child.node_type() == web_sys::Node::TEXT_NODE => {
                let font = page::document().create_element("font").unwrap();
                let words = child.text_content().unwrap_or_default();
                font.set_text_content(Some(&format!("<translated> {words}")));
                element.replace_child(&font, &child).unwrap();
            }
            None => {}
        }
    }
}

#[wasm_bindgen_test]
async fn a_long_name_pushes_nothing_out_of_its_row_nor_the_page_sideways() {
    let long = |id: &str, state| PersonView {
        name: PersonName::new(LONG),
        host: id == "Ada",
        call: Some(CallKind::Private),
        ..person(id, state)
    };
    assert_eq!(PersonName::new(LONG).as_str(), LONG);
    for width in [320, 1280] {
        let mut view = room_with(vec![
            long("Ada", PersonState::Here),
            PersonView {
                call: None,
                ..long("Bob", PersonState::Here)
            },
        ]);
        view.access.knocking = vec![KnockerView {
            id: PeerId::new("Eve").unwrap(),
            name: PersonName::new(LONG),
            name_number: 1,
        }];
        let shown = Shown::sized(view, (width, 640)).await;
        shown.one("#admit").await;
        shown.all(".people li:nth-child(2) button")[1].click();
        shown.one("#remove").await;
        fits(&shown, width, "before a call");
        shown
            .shows(call_with(vec![
                long("Ada", PersonState::Interrupted),
                long("Bob", PersonState::Connected),
            ]))
            .await;
        shown.click("#people").await;
        fits(&shown, width, "in a call");
    }
}

/// Whether all that can be clicked, and all that is written, is within the window, and what is in a row
/// within the row.
fn fits(shown: &Shown, width: u32, what: &str) {
    let root = shown.document.document_element().unwrap();
    assert!(
        root.scroll_width().unsigned_abs() <= width,
        "{what}: the page is {} wide, its window {width}",
        root.scroll_width()
    );
    for element in shown.all("button, p, h1, li, input, select, .badge") {
        let [left, right] = edges(&element);
        if !is_shown(&element) || right - left <= 1.0 {
            continue;
        }
        assert!(
            left >= -0.5 && right <= f64::from(width) + 0.5,
            "{what}, {width}: {} is from {left} to {right}",
            element.outer_html()
        );
        let row = element.closest("li, .knock, .actions, .banner").unwrap();
        if let Some(row) = row {
            let [row_left, row_right] = edges(&row);
            assert!(
                left >= row_left - 0.5 && right <= row_right + 0.5,
                "{what}, {width}: {} is not in its row",
                element.outer_html()
            );
        }
    }
}

fn edges(element: &Element) -> [f64; 2] {
    let area = element.get_bounding_client_rect();
    [area.left(), area.right()]
}

#[wasm_bindgen_test]
async fn people_are_seen_when_they_are_opened_while_messages_are_open() {
    let shown = Shown::sized(
        call_with(vec![
            person("Ada", PersonState::Connected),
            person("Bob", PersonState::Connected),
        ]),
        (390, 844),
    )
    .await;
    shown.click("#talk").await;
    until("messages are seen", || {
        shown.all("section.talk").iter().any(is_shown)
    })
    .await;
    shown.click("#people").await;
    let list = shown.one(".in-room:has(ul)").await;
    assert!(is_shown(&list) && !is_shown(&shown.one("section.talk").await));
    let area = list.get_bounding_client_rect();
    let top = shown.document.element_from_point(
        (area.left() + area.width() / 2.0) as f32,
        (area.top() + area.height() / 2.0) as f32,
    );
    assert!(
        top.is_some_and(|top| list.contains(Some(&top))),
        "nothing is before it"
    );
    shown.click("#talk").await;
    assert!(!is_shown(&list) && is_shown(&shown.one("section.talk").await));
}

#[wasm_bindgen_test]
async fn above_a_phones_keyboard_the_field_and_the_last_message_are_seen() {
    let mut view = call_with(vec![person("Ada", PersonState::Connected)]);
    view.chat.messages = Arc::new((0..20).map(message).map(Arc::new).collect());
    let shown = Shown::sized(view, (360, 320)).await;
    shown.click("#talk").await;
    let field = shown.one("#words").await.get_bounding_client_rect();
    let panel = shown.one("section.talk").await.get_bounding_client_rect();
    assert!(panel.top() >= 0.0 && panel.bottom() <= 320.0);
    assert!(field.bottom() <= panel.bottom() && field.height() > 30.0);
    let areas = || {
        let list = shown.all("#remarks").pop()?.get_bounding_client_rect();
        let last = shown.all("#remarks li").pop()?.get_bounding_client_rect();
        Some([list.top(), last.top(), last.bottom(), list.bottom()])
    };
    expect_equal("the last message is within the list", true, || {
        areas().is_some_and(|areas| areas.is_sorted())
    })
    .await;
    let list = shown.one("#remarks").await.get_bounding_client_rect();
    assert!(list.bottom() <= field.top());
}

#[wasm_bindgen_test]
async fn unread_messages_are_counted_only_where_they_can_be_read() {
    let mut view = call_with(vec![person("Ada", PersonState::Connected)]);
    let from = Some(PeerId::new("Ada").unwrap());
    view.chat.messages = Arc::new(vec![Arc::new(ChatMessage { from, ..message(1) })]);
    let chat = view.chat.clone();
    let shown = Shown::sized(view, (390, 844)).await;
    let count = shown.one(".counted").await;
    expect_equal("one is unread", Some("1".to_owned()), || {
        count.get_attribute("data-count")
    })
    .await;
    assert!(is_shown(&count));
    let ended = CallView {
        chat,
        ..room_with(vec![person("Ada", PersonState::Here)])
    };
    shown.shows(ended).await;
    assert!(!is_shown(&count));
}

fn message(id: u64) -> ChatMessage {
    ChatMessage {
        id,
        from: None,
        name: PersonName::default(),
        private: false,
        at: Time(id),
        place: Place { position: id, tie: 0 },
        number: id,
        name_number: 1,
        text: ChatText::new("Is anybody there?").unwrap(),
    }
}

#[wasm_bindgen_test]
async fn a_wide_video_is_seen_whole_in_an_upright_tile_until_somebody_taps_it() {
    let shown = Shown::sized(call_with(vec![person("Ada", PersonState::Connected)]), (390, 844)).await;
    let video: HtmlVideoElement = shown.one("#remote-video").await.unchecked_into();
    video.set_src_object(Some(&wide_stream()));
    until("the shape is known", || {
        video.parent_element().unwrap().class_list().contains("wide")
    })
    .await;
    let fit = || {
        let style = web_sys::window()
            .unwrap()
            .get_computed_style(&video)
            .unwrap()
            .unwrap();
        style.get_property_value("object-fit").unwrap()
    };
    assert_eq!(fit(), "contain");
    let area = video.get_bounding_client_rect();
    assert!(area.left() >= 0.0 && area.right() <= 390.0);
    shown.click("#remote-video").await;
    assert!(
        video.get_bounding_client_rect().width() > 390.0,
        "it fills its tile"
    );
    shown.click("#remote-video").await;
    assert_eq!(fit(), "contain");
}

/// Of a canvas, twice as wide as high.
fn wide_stream() -> web_sys::MediaStream {
    let document = web_sys::window().unwrap().document().unwrap();
    let canvas: HtmlCanvasElement = document.create_element("canvas").unwrap().unchecked_into();
    canvas.set_width(320);
    canvas.set_height(160);
    let context = canvas.get_context("2d").unwrap().unwrap();
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.fill_rect(0.0, 0.0, 320.0, 160.0);
    let capture = js_sys::Reflect::get(&canvas, &"captureStream".into()).unwrap();
    let capture: js_sys::Function = capture.unchecked_into();
    capture.call0(&canvas).unwrap().unchecked_into()
}

#[wasm_bindgen_test]
async fn the_focus_goes_where_the_next_thing_is_to_be_done() {
    let nothing_yet = CallView {
        media: LocalMediaView::Off,
        seat: SeatView::None,
        ..room_with(Vec::new())
    };
    let shown = Shown::here(nothing_yet.clone());
    let get_video = shown.one("#get-video").await;
    get_video.focus().unwrap();
    get_video.click();
    let both = Command::GetMedia(MediaWish::CameraAndMicrophone);
    assert_eq!(shown.commands(), [both]);
    shown
        .shows(CallView {
            media: LocalMediaView::Asking,
            ..nothing_yet
        })
        .await;
    shown
        .shows(room_with(vec![person("Ada", PersonState::Here)]))
        .await;
    until("after Get Video: Call", || focused() == "call").await;

    let mut calling = call_with(vec![person("Ada", PersonState::Ringing)]);
    calling.call = CallPhase::Connecting { since: page::now() };
    shown.shows(calling).await;
    until("after Call: the bar, and not what hangs up", || {
        focused() == "microphone"
    })
    .await;

    let talking = call_with(vec![person("Ada", PersonState::Connected)]);
    shown.shows(talking).await;
    for (opener, closer) in [("people", "people"), ("talk", "close-talk")] {
        let button = shown.one(&format!("#{opener}")).await;
        button.focus().unwrap();
        button.click();
        frames().await;
        shown.click(&format!("#{closer}")).await;
        until("after a panel: what has opened it", || focused() == opener).await;
    }
    shown.one("#hang-up").await.focus().unwrap();
    shown
        .shows(room_with(vec![person("Ada", PersonState::Here)]))
        .await;
    until("after Hang up: Call", || focused() == "call").await;
}

#[wasm_bindgen_test]
async fn sharing_can_be_stopped_at_every_width() {
    for size in [(320, 640), (390, 844), (844, 390), (568, 320), (1280, 720)] {
        let view = CallView {
            media: open(DeviceView::On, DeviceView::On),
            ..call_with(vec![person("Ada", PersonState::Connected)])
        };
        let shown = Shown::sized(view, size).await;
        until("all is there", || !shown.all("#react").is_empty()).await;
        frames().await;
        let bar = shown.one(".controls").await.get_bounding_client_rect();
        assert!(
            bar.left() >= 0.0
                && bar.right() <= f64::from(size.0)
                && bar.top() >= 0.0
                && bar.bottom() <= f64::from(size.1),
            "{size:?}: the bar is from {} to {}, and {} to {}",
            bar.left(),
            bar.right(),
            bar.top(),
            bar.bottom()
        );
        assert!(is_shown(&shown.one("#share").await), "{size:?}");
        shown.click("#share").await;
        assert_eq!(shown.commands(), [Command::ShareScreen(false)]);
    }
}

#[wasm_bindgen_test]
async fn on_a_phone_held_sideways_nothing_stands_before_the_clock_or_the_quality() {
    let poor = PersonView {
        quality: Some(Quality::Poor),
        ..person("Ada", PersonState::Connected)
    };
    let shown = Shown::sized(call_with(vec![poor]), (844, 390)).await;
    until("all is there", || !shown.all("#react").is_empty()).await;
    frames().await;
    let area = |element: HtmlElement| element.get_bounding_client_rect();
    let clock = area(shown.one(".call-clock").await);
    let bar = area(shown.one(".controls").await);
    assert!(
        clock.height() > 0.0 && clock.bottom() <= bar.top() + 0.5,
        "{} {}",
        clock.bottom(),
        bar.top()
    );
    let people = area(shown.one("#people").await);
    assert!(people.bottom() <= clock.top() + 0.5 && people.right() <= 844.0);
    let (mark, tile) = (
        area(shown.one(".quality").await),
        area(shown.one(".tile.remote").await),
    );
    assert!(mark.left() - tile.left() < 16.0 && mark.top() - tile.top() < 16.0);
}

#[wasm_bindgen_test]
async fn a_level_changes_one_attribute_of_one_tile() {
    let (ada, bob) = (
        person("Ada", PersonState::Connected),
        person("Bob", PersonState::Connected),
    );
    let view = CallView {
        // The clock stands still for a test.
        call: CallPhase::InCall {
            since: Time(u64::MAX / 2),
        },
        ..call_with(vec![ada.clone(), bob.clone()])
    };
    let shown = Shown::here(view.clone());
    until("all is there", || !shown.all("#react").is_empty()).await;
    frames().await;
    let changes = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&changes);
    let callback =
        wasm_bindgen::closure::Closure::<dyn FnMut(js_sys::Array)>::new(move |records: js_sys::Array| {
            for record in records.iter() {
                let record: web_sys::MutationRecord = record.unchecked_into();
                let target: Element = record.target().unwrap().unchecked_into();
                seen.borrow_mut()
                    .push((record.attribute_name(), target.class_name()));
            }
        });
    let observer = web_sys::MutationObserver::new(callback.as_ref().unchecked_ref()).unwrap();
    let options = web_sys::MutationObserverInit::new();
    options.set_subtree(true);
    options.set_attributes(true);
    options.set_child_list(true);
    options.set_character_data(true);
    let page = shown.one(".page").await;
    observer.observe_with_options(&page, &options).unwrap();
    let louder = PersonView { speaks: true, ..bob };
    shown
        .shows(CallView {
            people: vec![ada, louder],
            ..view
        })
        .await;
    observer.disconnect();
    assert_eq!(
        *changes.borrow(),
        [(Some("class".to_owned()), "tile remote speaking".to_owned())]
    );
}

/// A component that is gone stays in the list of its owner's children for as long as the owner; so much at
/// most.
const BYTES_EACH: isize = 256;

#[wasm_bindgen_test]
async fn people_who_come_and_go_leave_no_memory_behind() {
    let shown = Shown::here(room_with(Vec::new()));
    let come_and_go = async |times: u32| {
        for _ in 0..times {
            for count in [7, 0] {
                let people = (0..count).map(|index| person(&format!("p{index}"), PersonState::Here));
                shown.shows(room_with(people.collect())).await;
            }
        }
        ALLOCATED.load(Ordering::Relaxed)
    };
    let before = come_and_go(5).await;
    let after = come_and_go(20).await;
    let each = (after - before) / (7 * 20);
    assert!(each < BYTES_EACH, "{each} bytes stay of each");
}
