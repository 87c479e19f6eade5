//! The stage: all pictures, and the bar of controls. All but our own picture is a chunk, which is fetched as
//! soon as the page is there. A call does not wait for it: the pictures show when it has come.

mod controls;
mod header;
mod self_view;
mod tile;

use leptos::prelude::*;
use visavis_call::CallView;

use super::attention;
use super::components::{Build, Button, Fetched, Kind, Lazy, Place};
use super::context::{PageContext, use_call, use_page};
use super::state::SelfView;
use crate::chunk::chunk;
use controls::Controls;
pub(super) use controls::start_devices;
use header::Header;
use self_view::{LocalTile, OnOwnPicture};
use tile::{EmptyTile, RemoteTile};

chunk!(
    /// What a call shows, and what can be done in it.
    fn chunk: stage -> Build = build
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

fn build(place: Place) -> AnyView {
    match place {
        Place::Header => view! { <Header /> }.into_any(),
        Place::Others => view! { <Others /> }.into_any(),
        Place::OwnPicture => view! { <OnOwnPicture /> }.into_any(),
        Place::Bar => view! { <Controls /> }.into_any(),
        _ => ().into_any(),
    }
}

/// All pictures: the others' and our own.
#[component]
pub(super) fn Tiles() -> impl IntoView {
    let PageContext { call, chunks, .. } = use_page();
    let chunk = chunks.stage;
    view! {
        <Lazy chunk place=Place::Others />
        // Before a call, the buttons of the devices are on our own picture.
        <div class="self" data-self=call.page(|page| place(page.self_view))>
            <LocalTile />
            <Lazy
                chunk
                place=Place::Bar
                awaited=call.select(|call| call.media.is_open())
                what="the others' pictures and the buttons of a call"
                class="no-controls"
            />
        </div>
    }
}

/// The others' pictures, with the sound of somebody who calls.
#[component]
fn Others() -> impl IntoView {
    let call = use_call();
    let state = call.state;
    attention::ring(call);
    view! {
        <style>{include_str!("stage/stage.css")}</style>
        <div class="remotes" data-people=call.select(people)>
            <For each=move || state.tiles.get() key=|person| person.id.clone() let:person>
                <RemoteTile person />
            </For>
            {move || state.tiles.with(Vec::is_empty).then(|| view! { <EmptyTile /> })}
            <div class="unmute">
                <Button
                    id="turn-on-sound"
                    kind=Kind::Primary
                    label="Turn on sound"
                    hidden=call.page(|page| !page.silenced)
                    on_click=move || tile::play_all(state)
                />
            </div>
        </div>
    }
}

/// For stage.css: how many tiles are seen. There is one even when nobody else is there.
fn people(call: &CallView) -> String {
    let others = call.people.iter().filter(|person| person.takes_part());
    others.count().clamp(1, super::state::MOST_TILES).to_string()
}

/// For stage.css: the words that hold.
fn place(SelfView { corner, hidden }: SelfView) -> String {
    [
        if corner.top { "top" } else { "bottom" },
        if corner.left { " left" } else { " right" },
        if hidden { " hidden" } else { "" },
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::state::Corner;

    #[test]
    fn the_style_sheet_hears_where_our_own_picture_is() {
        assert_eq!(place(SelfView::default()), "bottom right");
        let corner = Corner {
            top: true,
            left: true,
        };
        assert_eq!(place(SelfView { corner, hidden: true }), "top left hidden");
    }
}
