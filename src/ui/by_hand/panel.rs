//! The letter to be carried to the other one, and the field for what was carried here.

use gloo_events::EventListener;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use visavis_call::{CallView, Command, Device, DeviceView, Stage};
use visavis_letters::{Age, Fault, MARK};

use super::code::Code;
use super::scan::{Eye, LOOK_MS, Look};
use crate::browser::broadcast::Broadcast;
use crate::browser::{page, share};
use crate::config::BY_HAND;
use crate::signaling::by_hand::{ByHand, Part, Progress};
use crate::ui::call_handle::CallHandle;
use crate::ui::components::{Button, CopyField, Icon, Kind};
use crate::ui::context::{PageContext, use_page};
use crate::ui::locale::by_hand as words;
use crate::ui::reactive::{effect, memo, not};

/// How the tabs of this browser hand letters to each other, and what stands before a letter that one has
/// taken.
const TABS: &str = "visavis letters";
const TAKEN: &str = "taken ";

/// What can be done about letters.
#[derive(Clone, Copy)]
struct LettersHandle {
    call: CallHandle,
    by_hand: StoredValue<ByHand, LocalStorage>,
    progress: RwSignal<Progress>,
    /// What is wrong with what was carried here last.
    fault: RwSignal<Option<Fault>>,
    /// What that was.
    carried: StoredValue<String>,
    scan: RwSignal<Scan>,
    /// How often the camera was looked at.
    scans: StoredValue<u32>,
    /// Whether another tab of this browser has taken what the address has.
    handed: RwSignal<bool>,
    /// What there is to do. It gets the focus when what had it is gone.
    step: NodeRef<html::P>,
    /// The field for what was carried here.
    field: NodeRef<html::Textarea>,
}

/// Whether the camera is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scan {
    Off,
    /// It is, for the time of this number.
    On(u32),
    /// It was to be, and what reads codes has not arrived.
    NoReader,
    /// What reads codes has failed over a picture.
    Failed,
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
    let letters = LettersHandle {
        call,
        by_hand: StoredValue::new_local(by_hand),
        progress,
        fault: RwSignal::new(fault),
        carried: StoredValue::new(page::hash()),
        scan: RwSignal::new(Scan::Off),
        scans: StoredValue::new(0),
        handed: RwSignal::new(false),
        step: NodeRef::new(),
        field: NodeRef::new(),
    };
    call_when_ready(letters);
    follow_policy(letters);
    share_with_tabs(letters);

    let link = memo(move || {
        let text = progress.with(|progress| progress.letter().unwrap_or_default().to_owned());
        page::address_with_hash(&["#", &text].concat())
    });
    let has_letter = memo(move || progress.with(|progress| progress.letter().is_some()));
    let is_seated = call.select(|call| matches!(call.stage(), Stage::Joining | Stage::Alone | Stage::Ready));
    let step = memo(move || {
        let step = progress.with(|progress| words::step(progress, is_seated.get()));
        if letters.handed.get() { words::HANDED } else { step }.to_owned()
    });
    let code = memo(move || {
        let code = progress.with(words::code);
        if letters.handed.get() { "handed" } else { code }.to_owned()
    });
    let renews = memo(move || match letters.fault.get() {
        Some(Fault::CrossedReply) => Some(words::INVITE_INSTEAD),
        _ => progress.with(words::renew),
    });
    view! {
        <style>{include_str!("by_hand.css")}</style>
        <div id="letters" class="field letters" data-progress=code>
            <p role="status" id="letter-step" tabindex="-1" prop:textContent=step node_ref=letters.step></p>
            <div class="letter" hidden=not(has_letter)>
                <Code text=link label=memo(move || progress.with(words::as_code).to_owned()) />
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
            <div class="actions" hidden=memo(move || renews.get().is_none())>
                <Button
                    id="new-letter"
                    kind=Kind::Primary
                    label=memo(move || renews.get().unwrap_or_default().to_owned())
                    on_click=move || {
                        letters.by_hand.with_value(ByHand::renew);
                        letters.go_on();
                    }
                />
            </div>
            <div hidden=memo(move || !progress.with(awaits_letter) || letters.handed.get())>
                <Taking letters />
            </div>
        </div>
    }
}

/// Whether something that was carried here could be used.
fn awaits_letter(progress: &Progress) -> bool {
    !matches!(progress, Progress::Connecting | Progress::Connected(_))
}

fn shows_camera(call: &CallView) -> bool {
    call.media.device(Device::Camera) == DeviceView::On
}

/// The field for what was carried here, and the camera for what is held in front of it.
#[component]
fn Taking(letters: LettersHandle) -> impl IntoView {
    let take_typed = move || {
        if let Some(field) = letters.field.get_untracked() {
            letters.take(&field.value(), Age::Counts);
        }
    };
    let scans = memo(move || matches!(letters.scan.get(), Scan::On(_)));
    let sees = letters.call.select(shows_camera);
    effect(move || {
        if !sees.get() && scans.get_untracked() {
            letters.scan.set(Scan::Off);
        }
    });
    let is_stale = memo(move || {
        matches!(
            letters.fault.get(),
            Some(Fault::StaleInvitation | Fault::StaleReply)
        )
    });
    view! {
        <label for="carried" prop:textContent=memo(move || letters.progress.with(words::carried).to_owned())></label>
        <textarea
            id="carried"
            rows="2"
            aria-describedby="letter-fault"
            spellcheck="false"
            autocomplete="off"
            node_ref=letters.field
            on:input=move |event| {
                let text = event_target_value(&event);
                // What is only begun is not judged yet.
                if text.contains(MARK) {
                    letters.take(&text, Age::Counts);
                }
            }
        ></textarea>
        <p
            id="letter-fault"
            class="fault"
            role="alert"
            data-fault=memo(move || letters.fault.get().map(words::fault_code))
            prop:textContent=memo(move || letters.fault.get().map_or("", words::fault).to_owned())
        ></p>
        <div class="row">
            <Button id="use-letter" label=words::USE on_click=take_typed />
            <Button
                id="use-anyway"
                label=words::USE_ANYWAY
                hidden=not(is_stale)
                on_click=move || {
                    let text = letters.carried.get_value();
                    letters.take(&text, Age::Ignored);
                }
            />
            <Button
                id="scan"
                icon=Icon::CAMERA
                label=memo(move || words::scan(scans.get()).to_owned())
                disabled=not(sees)
                on_click=move || {
                    if scans.get_untracked() {
                        letters.scan.set(Scan::Off);
                    } else {
                        letters.start_scan();
                    }
                }
            />
        </div>
        <p
            class="quiet"
            role="status"
            prop:textContent=memo(move || {
                match letters.scan.get() {
                    Scan::Off if sees.get() => String::new(),
                    Scan::Off => words::NO_CAMERA.to_owned(),
                    Scan::On(_) => words::HOLD.to_owned(),
                    Scan::NoReader => words::no_reader(),
                    Scan::Failed => words::READER_FAILED.to_owned(),
                }
            })
        ></p>
    }
}

impl LettersHandle {
    /// Uses a text that was carried here. Says whether it was a letter that leads on.
    fn take(self, text: &str, age: Age) -> bool {
        let taken = self.by_hand.with_value(|by_hand| by_hand.take(text, age));
        self.handed.set(false);
        self.fault.set(taken.err());
        self.carried.set_value(text.to_owned());
        if taken.is_ok() {
            self.go_on();
        }
        taken.is_ok()
    }

    /// What was carried here, and what was said of it, is over.
    fn clear(self) {
        self.scan.set(Scan::Off);
        self.fault.set(None);
        if let Some(field) = self.field.get_untracked() {
            field.set_value("");
        }
    }

    /// What was to be done is done: somebody invited meets the other one in their room, and somebody who
    /// invites anew in another one.
    fn go_on(self) {
        self.clear();
        if let Some(step) = self.step.get_untracked() {
            // It can have the focus, also without a key that leads there.
            let _ = step.focus();
        }
        self.call.enter(self.by_hand.with_value(ByHand::room));
    }

    fn start_scan(self) {
        let time = self.scans.get_value() + 1;
        self.scans.set_value(time);
        self.scan.set(Scan::On(time));
        spawn_local(scan(self, time));
    }
}

/// Looks for letters in front of the camera until one is found, or for as long as it is wanted.
async fn scan(letters: LettersHandle, time: u32) {
    let is_wanted = || letters.scan.try_get_untracked() == Some(Scan::On(time));
    let Some(eye) = Eye::open().await else {
        if is_wanted() {
            letters.scan.set(Scan::NoReader);
        }
        return;
    };
    while is_wanted() {
        let looked = letters
            .call
            .local_video
            .get_untracked()
            .map(|video| eye.look(&video));
        match looked {
            Some(Look::Failed) => return letters.scan.set(Scan::Failed),
            // What is no letter is somebody else's code.
            Some(Look::Saw(texts)) => {
                let letter = texts.iter().find(|text| text.contains(MARK));
                if letter.is_some_and(|letter| letters.take(letter, Age::Counts)) {
                    return;
                }
            }
            None => {}
        }
        page::sleep(LOOK_MS).await;
    }
}

/// Whoever has invited calls as soon as the other one is there. Once for each reply.
fn call_when_ready(letters: LettersHandle) {
    let is_ready = letters
        .call
        .select(|call| matches!(call.stage(), Stage::Ready | Stage::Ended) && call.can_call());
    let part = memo(move || match letters.progress.get() {
        Progress::Connected(part) => Some(part),
        _ => None,
    });
    let called = StoredValue::new_local(false);
    effect(move || match (part.get(), is_ready.get()) {
        (None, _) => called.set_value(false),
        (Some(part), true) if !called.get_value() => {
            called.set_value(true);
            if part == Part::Inviting {
                letters.call.send(Command::Call);
            }
        }
        _ => {}
    });
    // What was said of an earlier letter is over.
    effect(move || {
        if part.get().is_some() {
            letters.clear();
        }
    });
}

/// A letter says how we can be reached: with another choice about that, it is another one.
fn follow_policy(letters: LettersHandle) {
    let policy = letters.call.page(|page| page.addresses.policy());
    effect(move || {
        let policy = policy.get();
        letters.by_hand.with_value(|by_hand| by_hand.set_policy(policy));
    });
}

/// A reply that was opened as a link is in a new tab. The tab that waits for it takes it.
fn share_with_tabs(letters: LettersHandle) {
    // Broadcasts come later, to no owner.
    let channel = StoredValue::new_local(None::<Broadcast>);
    let tabs = Broadcast::open(TABS, move |text| {
        if let Some(letter) = text.strip_prefix(TAKEN) {
            if letter == letters.carried.get_value()
                && letters.fault.get_untracked() == Some(Fault::ForeignReply)
            {
                letters.handed.set(true);
                letters.fault.set(None);
            }
        } else if letters
            .by_hand
            .with_value(|by_hand| by_hand.take(&text, Age::Counts))
            .is_ok()
        {
            let taken = [TAKEN, &text].concat();
            channel.with_value(|channel| channel.as_ref().map(|channel| channel.post(&taken)));
        }
    });
    if let Some(tabs) = &tabs
        && letters.fault.get_untracked() == Some(Fault::ForeignReply)
    {
        tabs.post(&page::hash());
    }
    channel.set_value(tabs);
    // A letter may be put into the address of this tab as well.
    let on_address = EventListener::new(&page::window(), "hashchange", move |_| {
        let hash = page::hash();
        if hash.starts_with(BY_HAND) {
            letters.take(&hash, Age::Counts);
        }
    });
    StoredValue::new_local(on_address);
}
