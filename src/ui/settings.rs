//! Choices that are kept: whether browsers connect before a call, and who may see our network address.

use leptos::prelude::*;
use visavis_call::{Command, IceTransportPolicy, PreConnection};

use super::call_handle::CallHandle;
use super::components::{Build, Fetched, Lazy, Place};
use super::context::{use_call, use_page};
use super::devices::Devices;
use super::locale;
use super::reactive::memo;
use super::sight::Sights;
use super::state::Addresses;
use crate::browser::memory;
use crate::chunk::chunk;

chunk!(
    /// The choices themselves, with what they mean; who can see what; and all about devices.
    fn chunk: settings -> Build = build
);

fn build(place: Place) -> AnyView {
    match place {
        Place::Top => view! {
            <Sights />
            <Devices />
        }
        .into_any(),
        _ => both(),
    }
}

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

/// Where a browser keeps the choices.
const KEPT: &str = "visavis.preparation";
const KEPT_POLICY: &str = "visavis.iceTransportPolicy";

/// The choices about instant calls and network addresses. Folded up it says what is chosen.
#[component]
pub(super) fn Choices() -> impl IntoView {
    let call = use_call();
    let chunk = use_page().chunks.settings;
    view! {
        <details
            class="preparation"
            on:toggle=move |_| chunk.load()
        >
            <summary prop:textContent=call.page(locale::choices)></summary>
            <Lazy chunk place=Place::AboutRoom awaited=true what="this choice" />
        </details>
    }
}

/// Both choices, with what they mean.
fn both() -> AnyView {
    let call = use_call();
    let preparations = PreConnection::ALL.map(|choice| (choice.name(), locale::preparation(choice)));
    let policies = [IceTransportPolicy::All, IceTransportPolicy::Relay];
    let addresses = policies.map(|policy| (policy.name(), locale::addresses(policy)));
    view! {
        <Choice
            id="preparation"
            label="Instant calls"
            options=preparations.to_vec()
            chosen=call.page(|page| page.instant_calls.name())
            means=call.page(|page| locale::preparation_means(page).to_owned())
            choose=choose_preparation
        />
        <Choice
            id="addresses"
            label="Network address"
            options=addresses.to_vec()
            chosen=call.page(|page| page.addresses.policy().name())
            means=call.page(|page| locale::addresses_mean(page).to_owned())
            choose=choose_policy
        />
    }
    .into_any()
}

/// One choice: its options by name, and the name of the chosen one.
#[component]
fn Choice(
    id: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: Signal<&'static str>,
    means: Signal<String>,
    choose: fn(CallHandle, &str),
) -> impl IntoView {
    let call = use_call();
    let option = move |(name, text)| {
        view! {
            <option value=name prop:selected=memo(move || chosen.get() == name)>
                {text}
            </option>
        }
    };
    // The site's choice is not the person's.
    let by_site = call.state.page.with_untracked(|page| page.addresses) == Addresses::HiddenBySite;
    let meaning = [id, "-means"].concat();
    view! {
        <select
            id=id
            aria-label=label
            aria-describedby=meaning.clone()
            disabled=by_site && id == "addresses"
            on:change=move |event| choose(call, &event_target_value(&event))
        >
            {options.into_iter().map(option).collect_view()}
        </select>
        <p id=meaning class="quiet" prop:textContent=means></p>
    }
}

fn choose_preparation(call: CallHandle, name: &str) {
    if let Some(preparation) = PreConnection::named(name) {
        memory::remember(KEPT, name);
        call.state.change(|page| page.instant_calls = preparation);
        call.send(Command::PreConnect(preparation));
    }
}

fn choose_policy(call: CallHandle, name: &str) {
    if let Some(policy) = IceTransportPolicy::named(name) {
        memory::remember(KEPT_POLICY, name);
        call.state
            .change(|page| page.addresses = Addresses::by(policy, IceTransportPolicy::All));
        call.send(Command::SetIceTransportPolicy(policy));
    }
}

/// What was chosen in this browser before.
#[must_use]
pub fn chosen_before() -> Option<PreConnection> {
    PreConnection::named(&memory::remembered(KEPT)?)
}

/// Which paths calls may take: what was chosen in this browser before, if the site leaves that to visitors.
#[must_use]
pub fn policy_chosen_before(site: IceTransportPolicy) -> IceTransportPolicy {
    match site {
        IceTransportPolicy::Relay => site,
        IceTransportPolicy::All => memory::remembered(KEPT_POLICY)
            .and_then(|name| IceTransportPolicy::named(&name))
            .unwrap_or_default(),
    }
}
