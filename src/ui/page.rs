//! The page: before, during and after a call, in one layout that changes with the stage.

use leptos::prelude::*;
use visavis_call::{CallView, Stage};

use super::banner::Banner;
use super::by_hand::LettersView;
use super::call_handle::CallHandle;
use super::chunks::Chunks;
use super::components::{Chunk, Lazy, Place};
use super::context::PageContext;
use super::lobby::Panel;
use super::locale;
use super::reactive::memo;
use super::stage::Tiles;
use super::state::SidePanel;
use super::{attention, chat, people, report, settings, stage};

/// The page of a room, with all that goes on behind it.
#[component]
pub fn Page(
    /// The call that it shows.
    call: CallHandle,
    /// What people carry to each other, where no server brings them together.
    letters: Option<LettersView>,
) -> impl IntoView {
    let chunks = Chunks {
        stage: Chunk::new(stage::fetch),
        chat: Chunk::new(chat::fetch),
        people: Chunk::new(people::fetch),
        settings: Chunk::new(settings::fetch),
        report: Chunk::new(report::fetch),
    };
    let PageContext { focus, .. } = PageContext::provide(call, chunks);
    focus.follow(call);
    chunks.load_ahead(call);
    attention::keep_time(call);

    // While there is nothing that could show a call, the page says how it goes.
    let is_going_on = call.select(CallView::is_going_on);
    let layout = memo(move || {
        if is_going_on.get() && chunks.stage.is_here() {
            "call"
        } else {
            "lobby"
        }
        .to_owned()
    });
    let chats = call.page(|page| page.shows(SidePanel::Chat));
    view! {
        <div
            class="page"
            class:talks=chats
            data-layout=layout
            data-stage=call.select(stage_name)
            on:focusin=move |event| focus.note(&event)
        >
            <header>
                <span class="wordmark">{locale::APP}</span>
                <Lazy chunk=chunks.stage place=Place::Header />
            </header>
            <Banner />
            <Lazy
                chunk=chunks.people
                place=Place::Top
                awaited=call.select(|call| !call.access.knocking.is_empty())
                what="who wants to come in"
                class="knock"
            />
            <main>
                <Tiles />
                <Panel letters />
                <Lazy chunk=chunks.chat place=Place::Side awaited=chats what="the messages" class="talk" />
            </main>
            <Lazy chunk=chunks.report place=Place::Top />
            <Lazy
                chunk=chunks.settings
                place=Place::Top
                awaited=call.page(|page| page.shows_sights || page.settings.is_some())
                what="the settings"
                class="knock"
            />
        </div>
    }
}

/// For tests, and for style.css.
fn stage_name(call: &CallView) -> String {
    match call.stage() {
        Stage::Start => "start",
        Stage::Asking => "asking",
        Stage::Blocked => "blocked",
        Stage::Joining => "joining",
        Stage::Queued => "in-line",
        Stage::InLobby => "at-door",
        Stage::Removed => "barred",
        Stage::Alone => "alone",
        Stage::Ready => "ready",
        Stage::Ringing => "ringing",
        Stage::Connecting => "connecting",
        Stage::InCall => "in-call",
        Stage::Ended => "ended",
    }
    .to_owned()
}
