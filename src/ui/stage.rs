//! The stage: all pictures, and the bar of controls.

mod controls;
mod self_view;
mod tile;

use leptos::prelude::*;
use visavis_call::CallView;

use super::components::{Button, Kind};
use super::context::use_call;
use super::state::SelfView;
use controls::Controls;
pub(super) use controls::start_devices;
use self_view::LocalTile;
use tile::{EmptyTile, RemoteTile};

/// All pictures: the others' and our own.
#[component]
pub(super) fn Tiles() -> impl IntoView {
    let call = use_call();
    let state = call.state;
    view! {
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
        // Before a call, the buttons of the devices are on our own picture.
        <div class="self" data-self=call.page(|page| place(page.self_view))>
            <LocalTile />
            <Controls />
        </div>
    }
}

/// For style.css: how many tiles are seen. There is one even when nobody else is there.
fn people(call: &CallView) -> String {
    let others = call.people.iter().filter(|person| person.takes_part());
    others.count().clamp(1, super::state::MOST_TILES).to_string()
}

/// For style.css: the words that hold.
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
