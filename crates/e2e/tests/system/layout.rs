//! Where the videos of a call are.

use serde_json::Value;
use visavis_e2e::{Engine, Group, Launch, Page, Pair, Screen, alone};

/// The screens that are tried: the narrowest, phones, a tablet, a laptop, the largest.
const SIZES: [(u32, u32); 6] = [
    (320, 640),
    (390, 844),
    (844, 390),
    (768, 1024),
    (1280, 720),
    (3840, 2160),
];

/// A function of JavaScript: what is wrong with the layout, in words, or nothing.
const FAULTS: &str = "(() => {
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) faults.push('the page scrolls');
    const box = element => element.getBoundingClientRect();
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const tiles = [...document.querySelectorAll('.tile.remote:not([hidden])')];
    const bar = box(document.querySelector('.controls'));
    const all = [...tiles, document.querySelector('.tile.local'), document.querySelector('.controls')];
    for (const element of all) {
        const { left, top, right, bottom } = box(element);
        if (left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5) {
            faults.push(`${element.className} is not all on the screen: ${[left, top, right, bottom]}`);
        }
    }
    for (const [index, tile] of tiles.entries()) {
        const { width, height } = box(tile);
        if (width < 64 || height < 36) faults.push(`tile ${index} is ${width} x ${height}`);
        if (meet(box(tile), bar)) faults.push(`the bar covers tile ${index}`);
        for (const other of tiles.slice(index + 1)) {
            if (meet(box(tile), box(other))) faults.push(`tile ${index} covers another`);
        }
        for (const child of tile.querySelectorAll('.badges, .round')) {
            if (box(child).right > box(tile).right + 7) faults.push(`tile ${index} is too small for ${child.className}`);
        }
    }
    return faults.join('; ');
})()";

/// Gives the page a screen, and waits until everything that moves has stopped.
async fn show_on(page: &Page, screen: Screen) {
    page.show_on(screen).await;
    page.wait_until("document.getAnimations().every(animation => !(animation instanceof CSSTransition))")
        .await;
}

async fn assert_fits_everywhere(page: &Page, what: &str) {
    for (width, height) in SIZES {
        for dark in [false, true] {
            show_on(page, Screen { width, height, dark }).await;
            let faults = page.evaluate(FAULTS).await;
            assert_eq!(faults, "", "{what}, {width} x {height}");
        }
    }
}

/// One person's video is the large one, and the others' are beside it, until it is unpinned or that person
/// leaves.
#[test]
fn somebody_is_pinned_until_they_leave() {
    alone(async {
        let group = Group::in_room(4).await.in_call().await;
        let page = &group.pages[0];
        page.wait_until("document.querySelector('.remotes').dataset.people === '3'")
            .await;
        assert_fits_everywhere(page, "three others").await;

        const LARGEST: &str = "(tiles => tiles.indexOf(tiles.toSorted((a, b) => b.offsetWidth - a.offsetWidth)[0]))\
        ([...document.querySelectorAll('.tile.remote:not([hidden])')])";
        page.click("pin-3").await;
        page.wait_until(&format!("{LARGEST} === 2")).await;
        assert_eq!(
            page.evaluate("document.getElementById('pin-3').innerText.trim()")
                .await,
            "Unpin this person"
        );
        assert_fits_everywhere(page, "three others, the third pinned").await;
        page.click("pin-2").await;
        page.wait_until(&format!("{LARGEST} === 1")).await;
        page.click("pin-2").await;
        page.wait_until("!document.querySelector('.pinned')").await;

        // The second goes, and the third stays in their tile, which is not moved and goes on playing.
        page.click("pin-2").await;
        page.wait_until("document.querySelectorAll('.tile.remote')[1].classList.contains('pinned')")
            .await;
        page.run(
            "window.third = document.getElementById('remote-video-3');
             window.pauses = 0;
             window.third.addEventListener('pause', () => window.pauses++);",
        )
        .await;
        let gone = second_of(page, &group.pages[1..]).await;
        group.pages[gone].click("hang-up").await;
        page.wait_until("document.querySelector('.remotes').dataset.people === '2'")
            .await;
        assert_eq!(
            page.evaluate("document.querySelector('.pinned')").await,
            Value::Null
        );
        page.wait_until("document.getElementById('remote-video-2') === window.third")
            .await;
        page.wait_for_moving_video("remote-video-2").await;
        assert_eq!(page.evaluate("window.pauses").await, 0);
        assert_fits_everywhere(page, "two others").await;
        group.close().await;
    });
}

/// Names that stand for somebody else, or for the page's words, with more marks than letters, or wide.
#[test]
fn row_52_names_are_told_apart_and_push_nothing_out_of_the_window() {
    alone(async {
        let row = visavis_rows::row(52, "Chromium");
        let group = Group::in_room(4).await;
        let pretender = format!("Y\u{301}{}ou", "\u{336}".repeat(30));
        let names = [
            "Ada".to_owned(),
            "\u{410}d\u{430}".to_owned(),
            pretender,
            "W".repeat(40),
        ];
        for (page, name) in group.pages.iter().zip(&names) {
            page.run(&format!(
                "const field = document.getElementById('name'); field.value = {};
                 field.dispatchEvent(new Event('change', {{ bubbles: true }}));",
                serde_json::json!(name)
            ))
            .await;
        }
        let page = &group.pages[0];
        let listed = "[...document.querySelectorAll('.people .who .name')].map(it => it.textContent.replace(/[\u{2068}\u{2069}]/gu, '')).sort().join()";
        let expected = "W{40},Y\\p{M}{1,4}ou \\(2\\),\u{410}d\u{430} \\(2\\)";
        page.wait_until(&format!("/^{expected}$/u.test({listed})")).await;
        nothing_is_outside(page).await;
        let group = group.in_call().await;
        let page = &group.pages[0];
        page.click("people").await;
        let shown = "[...document.querySelectorAll('.tile.remote:not([hidden]) .badge')].map(it => it.innerText).join()";
        page.wait_until(&format!(
            "/ou \\(2\\)/.test({shown}) && /\u{430} \\(2\\)/.test({shown})"
        ))
        .await;
        nothing_is_outside(page).await;
        group.close().await;
        row.passed();
    });
}

/// Fails if something is pushed out of a narrow or a wide window.
async fn nothing_is_outside(page: &Page) {
    for width in [320, 1280] {
        let screen = Screen {
            width,
            height: 640,
            dark: false,
        };
        show_on(page, screen).await;
        assert_eq!(page.evaluate(OUTSIDE).await, "", "{width} pixels wide");
    }
}

/// The buttons and fields that are shown and not all within the window; and whether it scrolls sideways.
const OUTSIDE: &str = "[...document.querySelectorAll('button, input, select')]
    .filter(it => it.checkVisibility() && (b => b.left < 0 || b.right > innerWidth + 0.5)(it.getBoundingClientRect()))
    .map(it => [it.id || it.innerText, ...(b => [b.left, b.right])(it.getBoundingClientRect())].join(' '))
    .concat(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls'] : []).join()";

/// Who is in the second tile: the one who switches their camera off there.
async fn second_of(page: &Page, others: &[Page]) -> usize {
    const IS_OFF: &str = "document.querySelectorAll('.tile.remote')[1].classList.contains('off')";
    const SOMEBODY_IS_OFF: &str = "!!document.querySelector('.tile.remote.off:not([hidden])')";
    for (index, other) in others.iter().enumerate() {
        other.click("camera").await;
        page.wait_until(SOMEBODY_IS_OFF).await;
        if page.evaluate(IS_OFF).await == Value::Bool(true) {
            return index + 1;
        }
        other.click("camera").await;
        page.wait_until(&format!("!{SOMEBODY_IS_OFF}")).await;
    }
    panic!("nobody is in the second tile");
}

#[test]
fn the_self_view_goes_from_corner_to_corner_and_can_be_hidden() {
    alone(async {
        let pair = Pair::in_room().await.in_call().await;
        let page = &pair.alice;
        page.show_on(Screen {
            width: 1280,
            height: 720,
            dark: false,
        })
        .await;
        let is_at = |corner: &str| {
            let (vertical, horizontal) = corner.split_once(' ').expect("a corner has two words");
            let y = if vertical == "top" { "<" } else { ">" };
            let x = if horizontal == "left" { "<" } else { ">" };
            format!(
                "(b => b.top + b.bottom {y} innerHeight && b.left + b.right {x} innerWidth && \
              document.querySelector('.self').dataset.self === '{corner}')\
             (document.querySelector('.tile.local').getBoundingClientRect())"
            )
        };
        page.wait_until(&is_at("bottom right")).await;

        // By keyboard.
        page.run("document.getElementById('move-self').focus()").await;
        for corner in ["bottom left", "top left", "top right", "bottom right"] {
            page.press('\u{e007}').await;
            page.wait_until(&is_at(corner)).await;
        }
        page.run("document.getElementById('hide-self').focus()").await;
        page.press(' ').await;
        page.wait_until("!document.getElementById('local-video').checkVisibility()")
            .await;
        page.wait_until("document.activeElement.innerText.trim() === 'Show self view'")
            .await;
        // The choice is about the call: before and after, we see ourselves.
        page.click("hang-up").await;
        page.wait_for_stage("ended").await;
        page.wait_for_moving_video("local-video").await;
        page.wait_until("document.getElementById('local-video').checkVisibility()")
            .await;
        page.click("call").await;
        page.wait_for_stage("in-call").await;
        page.wait_until("!document.getElementById('local-video').checkVisibility()")
            .await;
        page.run("document.getElementById('hide-self').focus()").await;
        page.press(' ').await;
        page.wait_until("document.getElementById('local-video').checkVisibility()")
            .await;

        // By mouse, pen or touch.
        page.drag("document.querySelector('.tile.local')", (200.0, 150.0))
            .await;
        page.wait_until(&is_at("top left")).await;
        // The choice outlives the call.
        page.click("hang-up").await;
        page.wait_for_stage("ended").await;
        page.click("call").await;
        page.wait_for_stage("in-call").await;
        page.wait_until(&is_at("top left")).await;
        assert_fits_everywhere(page, "one other").await;
        pair.close().await;
    });
}

#[test]
fn the_page_takes_the_whole_screen_and_gives_it_back() {
    alone(async {
        // A window in a context that a tool has made can't take the screen.
        let fresh = || Launch::new(Engine::Chromium).fresh();
        let pair = Pair::between(fresh(), fresh()).await.in_call().await;
        let words =
            |words: &str| format!("document.getElementById('full-screen').innerText.trim() === '{words}'");
        pair.alice.wait_until(&words("Full screen")).await;
        pair.alice.click("full-screen").await;
        pair.alice.wait_until(&words("Leave full screen")).await;
        pair.alice.wait_until("!!document.fullscreenElement").await;
        pair.alice.click("full-screen").await;
        pair.alice.wait_until(&words("Full screen")).await;
        pair.alice.wait_until("!document.fullscreenElement").await;
        pair.close().await;
    });
}
