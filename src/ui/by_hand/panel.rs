//! The letter to be carried to the other one, and the field for what was carried here.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallView, Command, DeviceView, LocalMediaView, Stage};
use visavis_letters::Fault;

use gloo_events::EventListener;

use super::code::Code;
use super::scan::{Eye, LOOK_MS};
use crate::browser::broadcast::Broadcast;
use crate::browser::{page, share};
use crate::config::BY_HAND;
use crate::signaling::by_hand::{ByHand, Obstacle, Progress};
use crate::ui::call_handle::CallHandle;
use crate::ui::components::{Button, CopyField, Icon, Kind};
use crate::ui::context::{PageContext, use_page};
use crate::ui::locale::by_hand as words;
use crate::ui::reactive::{effect, memo, not};

/// How the tabs of this browser hand letters to each other, and what is said when one was taken.
const TABS: &str = "visavis letters";
const TAKEN: &str = "taken";

/// Whether the camera is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scan {
    Off,
    On,
    /// It was to be, and what reads codes has not arrived.
    NoReader,
}

/// What can be done about letters.
#[derive(Clone, Copy)]
struct Desk {
    by_hand: StoredValue<ByHand, LocalStorage>,
    progress: RwSignal<Progress>,
    /// What is wrong with what was carried here last.
    fault: RwSignal<Option<Fault>>,
    scan: RwSignal<Scan>,
    /// Whether another tab of this browser has taken what the address has.
    handed: RwSignal<bool>,
}

/// The letters of the two.
#[component]
pub(super) fn Letters(by_hand: ByHand, fault: Option<Fault>) -> impl IntoView {
    let PageContext {
        call, focus, chunks, ..
    } = use_page();
    // Once the page is loaded, it needs no server: there may be no network any more when a call begins.
    for chunk in [chunks.chat, chunks.people, chunks.report, chunks.settings] {
        chunk.load_ahead();
    }
    spawn_local(Eye::load_ahead());
    let progress = RwSignal::new(by_hand.progress());
    by_hand.on_change(move |now| {
        // The app may have ended meanwhile.
        let _ = progress.try_set(now.clone());
    });
    let desk = Desk {
        by_hand: StoredValue::new_local(by_hand),
        progress,
        fault: RwSignal::new(fault),
        scan: RwSignal::new(Scan::Off),
        handed: RwSignal::new(false),
    };
    call_when_ready(desk);
    hide_when_asked_to(desk);
    share_with_tabs(desk);

    let link = memo(move || {
        let text = progress.with(|progress| progress.letter().unwrap_or_default().to_owned());
        page::address_with_hash(&["#", &text].concat())
    });
    let has_letter = memo(move || progress.with(|progress| progress.letter().is_some()));
    let awaits = memo(move || {
        let is_invited = desk.by_hand.with_value(ByHand::is_invited);
        progress.with(|progress| awaits_letter(progress, is_invited)) && !desk.handed.get()
    });
    let obstacle = memo(move || progress.with(|progress| progress.obstacle()));
    let is_seated = call.select(|call| matches!(call.stage(), Stage::Joining | Stage::Alone | Stage::Ready));
    let step = memo(move || {
        let is_invited = desk.by_hand.with_value(ByHand::is_invited);
        let step = progress.with(|progress| words::step(progress, is_invited, is_seated.get()));
        if desk.handed.get() { words::HANDED } else { step }.to_owned()
    });
    view! {
        <style>{include_str!("by_hand.css")}</style>
        <div id="letters" class="field letters" data-progress=memo(move || progress.with(words::code).to_owned())>
            <p role="status" id="letter-step" prop:textContent=step></p>
            <div class="letter" hidden=not(has_letter)>
                <Code text=link label=words::CODE />
                <label for="letter" prop:textContent=memo(move || progress.with(words::letter).to_owned())></label>
                <div class="row">
                    <CopyField
                        id="letter"
                        text=link
                        button="copy-letter"
                        label=words::COPY
                        said=words::COPIED
                        node_ref=focus.next
                    />
                    <Button
                        id="share-letter"
                        label=words::SHARE
                        hidden=!share::is_possible()
                        on_click=move || share::text(&link.get_untracked())
                    />
                </div>
            </div>
            <div class="actions" hidden=memo(move || obstacle.get().is_none())>
                <Button
                    id="new-letter"
                    kind=Kind::Primary
                    label=memo(move || words::renew(obstacle.get()).to_owned())
                    on_click=move || desk.by_hand.with_value(ByHand::renew)
                />
            </div>
            <div hidden=not(awaits)>
                <Taking desk />
            </div>
        </div>
    }
}

fn shows_camera(call: &CallView) -> bool {
    matches!(
        call.media,
        LocalMediaView::Open {
            camera: DeviceView::On,
            ..
        }
    )
}

/// Whether something that was carried here could be used. Whoever was invited has what they need.
fn awaits_letter(progress: &Progress, is_invited: bool) -> bool {
    match progress {
        Progress::Idle | Progress::Writing => !is_invited,
        Progress::Invites(_) | Progress::Over(_) => true,
        Progress::Replies(_) | Progress::Connecting | Progress::Connected => false,
    }
}

/// The field for what was carried here, and the camera for what is held in front of it.
#[component]
fn Taking(desk: Desk) -> impl IntoView {
    let PageContext { call, .. } = use_page();
    let field = NodeRef::<html::Textarea>::new();
    let take = move |text: &str| {
        if take(desk, call, text)
            && let Some(field) = field.get_untracked()
        {
            field.set_value("");
        }
    };
    let take_typed = move || {
        if let Some(field) = field.get_untracked() {
            take(&field.value());
        }
    };
    let scans = memo(move || desk.scan.get() == Scan::On);
    let sees = call.select(shows_camera);
    view! {
        <label for="carried" prop:textContent=memo(move || desk.progress.with(words::carried).to_owned())></label>
        <textarea
            id="carried"
            rows="2"
            aria-describedby="letter-fault"
            spellcheck="false"
            autocomplete="off"
            node_ref=field
            on:input=move |event| {
                let text = event_target_value(&event);
                // What is only begun is not judged yet.
                if text.contains(visavis_letters::MARK) {
                    take(&text);
                }
            }
        ></textarea>
        <p
            id="letter-fault"
            class="fault"
            role="alert"
            data-fault=memo(move || desk.fault.get().map(words::fault_code))
            prop:textContent=memo(move || desk.fault.get().map_or("", words::fault).to_owned())
        ></p>
        <div class="row">
            <Button id="use-letter" label=words::USE on_click=take_typed />
            <Button
                id="scan"
                icon=Icon::CAMERA
                label=memo(move || words::scan(scans.get()).to_owned())
                disabled=not(sees)
                on_click=move || {
                    if scans.get_untracked() {
                        desk.scan.set(Scan::Off);
                    } else {
                        desk.scan.set(Scan::On);
                        spawn_local(scan(desk, call));
                    }
                }
            />
        </div>
        <p
            class="quiet"
            role="status"
            hidden=memo(move || desk.scan.get() == Scan::Off)
            prop:textContent=memo(move || {
                if scans.get() { words::HOLD.to_owned() } else { words::no_reader() }
            })
        ></p>
    }
}

/// Uses a text that was carried here. Says whether it was a letter that leads on.
fn take(desk: Desk, call: CallHandle, text: &str) -> bool {
    let taken = desk.by_hand.with_value(|by_hand| by_hand.take(text));
    desk.fault.set(taken.err());
    if taken.is_ok() {
        desk.scan.set(Scan::Off);
        // Somebody invited meets them in their room.
        call.enter(desk.by_hand.with_value(ByHand::room));
    }
    taken.is_ok()
}

/// Looks for letters in front of the camera until one is found, or for as long as it is wanted.
async fn scan(desk: Desk, call: CallHandle) {
    let Some(eye) = Eye::open().await else {
        let _ = desk.scan.try_set(Scan::NoReader);
        return;
    };
    while desk.scan.try_get_untracked() == Some(Scan::On) {
        if let Some(video) = call.local_video.get_untracked() {
            for text in eye.look(&video) {
                take(desk, call, &text);
            }
        }
        page::sleep(LOOK_MS).await;
    }
}

/// Whoever has invited calls as soon as the other one is there. Once for each reply.
fn call_when_ready(desk: Desk) {
    let call = use_page().call;
    let is_ready = call.select(|call| call.stage() == Stage::Ready && call.can_call());
    let connected = memo(move || desk.progress.get() == Progress::Connected);
    let called = StoredValue::new_local(false);
    effect(move || {
        let (is_ready, connected) = (is_ready.get(), connected.get());
        if !connected {
            called.set_value(false);
        } else if is_ready && !called.get_value() {
            called.set_value(true);
            if !desk.by_hand.with_value(ByHand::is_invited) {
                call.send(Command::Call);
            }
        }
    });
}

/// A reply that was opened as a link is in a new tab. The tab that waits for it takes it.
fn share_with_tabs(desk: Desk) {
    let call = use_page().call;
    // Broadcasts come later, to no owner.
    let channel = StoredValue::new_local(None::<Broadcast>);
    let tabs = Broadcast::open(TABS, move |text| {
        if text == TAKEN {
            if desk.fault.get_untracked() == Some(Fault::ForeignReply) {
                desk.handed.set(true);
                desk.fault.set(None);
            }
        } else if desk.by_hand.with_value(|by_hand| by_hand.take(&text)).is_ok() {
            channel.with_value(|channel| channel.as_ref().map(|channel| channel.post(TAKEN)));
        }
    });
    if let Some(tabs) = &tabs
        && desk.fault.get_untracked() == Some(Fault::ForeignReply)
    {
        tabs.post(&page::hash());
    }
    channel.set_value(tabs);
    // A letter may be put into the address of this tab as well.
    let on_address = EventListener::new(&page::window(), "hashchange", move |_| {
        let hash = page::hash();
        if hash.starts_with(BY_HAND) {
            take(desk, call, &hash);
        }
    });
    StoredValue::new_local(on_address);
}

/// A letter says how we can be reached: with another choice about that, it is another one.
fn hide_when_asked_to(desk: Desk) {
    let addresses = use_page().call.page(|page| page.addresses);
    let before = StoredValue::new_local(addresses.get_untracked());
    effect(move || {
        let addresses = addresses.get();
        let has_letter = desk.progress.with_untracked(|progress| {
            progress.letter().is_some() || progress.obstacle() == Some(Obstacle::NoTurn)
        });
        if before.get_value() != addresses && has_letter {
            desk.by_hand.with_value(ByHand::renew);
        }
        before.set_value(addresses);
    });
}
