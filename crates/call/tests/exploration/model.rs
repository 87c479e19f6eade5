//! What must hold, for stateright to look for the opposite.

use std::fmt;
use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model, Property};
use visavis_call::{SignalingState, Stage};

use crate::side::{Browser, Settings, Trouble};
use crate::world::{Action, BOTH, Bounds, Who, Wish, World};

/// Two people who are in a room, and what they, their browsers and the network may do.
#[derive(Clone, Copy, Default)]
pub(crate) struct Exploration {
    pub(crate) bounds: Bounds,
    pub(crate) settings: Settings,
}

impl Model for Exploration {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.bounds, self.settings)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.actions(actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        Some(world.after(action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("the contract with the browser is kept", |_, world: &World| {
                !matches!(world.trouble, Some(Trouble::Contract(_)))
            }),
            Property::always(
                "the browser is asked for nothing that it refuses",
                |_, world: &World| !matches!(world.trouble, Some(Trouble::Refused(_))),
            ),
            Property::always("nobody is stuck", |_, world: &World| {
                !world.quiet || BOTH.iter().all(|who| world.seen(*who).stage != Stage::Connecting)
            }),
            Property::always("both agree on whether they are in a call", |_, world: &World| {
                !world.quiet || both_agree(world)
            }),
            Property::always("hanging up wins", |_, world: &World| {
                !world.quiet || world.wish != Wish::NoCall || !is_in_call(world)
            }),
            Property::always(
                "a call that nobody hangs up is connected",
                |model: &Self, world: &World| {
                    let disturbed =
                        model.bounds.losses + model.bounds.strays + model.bounds.cuts + model.bounds.lies > 0;
                    disturbed || !world.quiet || world.wish != Wish::Call || is_in_call(world)
                },
            ),
            Property::always(
                "both are stable, with the same m-lines and nothing left to negotiate",
                |_, world: &World| !world.quiet || !is_in_call(world) || is_settled(world),
            ),
            Property::always(
                "nothing is left of a call that is over",
                |model: &Self, world: &World| {
                    let Settings {
                        pre_connected, off, ..
                    } = model.settings;
                    !world.quiet || is_in_call(world) || is_idle(pre_connected | off == 3, world)
                },
            ),
            Property::always(
                "whoever pre-connects is connected when there is no call",
                |model: &Self, world: &World| {
                    let Bounds {
                        losses,
                        strays,
                        cuts,
                        refusals,
                        lies,
                        ..
                    } = model.bounds;
                    let disturbed = losses + strays + cuts + refusals + lies > 0;
                    let pre_connected = model.settings.pre_connected == 3;
                    disturbed || !pre_connected || !world.quiet || is_in_call(world) || is_settled(world)
                },
            ),
            Property::always("nothing is sent without a call", |_, world: &World| {
                BOTH.iter().all(|who| sends_only_in_calls(world, *who))
            }),
            Property::always(
                "whoever has it off tries no address without a call",
                |model: &Self, world: &World| {
                    let off = |who: &Who| model.settings.off & (1 << *who) != 0;
                    BOTH.iter()
                        .filter(|who| off(who))
                        .all(|who| tries_no_address(world, *who))
                },
            ),
            Property::sometimes("a call is connected", |_, world: &World| is_in_call(world)),
        ]
    }
}

/// There is no connection, or one that sends nothing.
fn is_idle(pre_connected: bool, world: &World) -> bool {
    let idle = |browser: &Browser| pre_connected && !browser.sending;
    BOTH.iter()
        .all(|who| world.side(*who).browser.as_ref().is_none_or(idle))
}

fn sends_only_in_calls(world: &World, who: Who) -> bool {
    let side = world.side(who);
    let sends = side.browser.as_ref().is_some_and(|browser| browser.sending);
    !sends || matches!(world.seen(who).stage, Stage::Connecting | Stage::InCall)
}

/// Nothing is sent to an address of the other side.
fn tries_no_address(world: &World, who: Who) -> bool {
    let browser = world.side(who).browser.as_ref();
    browser.is_none_or(|browser| browser.sending || !browser.connection.has_their_candidate())
}

fn both_agree(world: &World) -> bool {
    let [one, other] = BOTH.map(|who| {
        (
            world.seen(who).stage == Stage::InCall,
            world.seen(who).is_connected,
        )
    });
    one == other && one.0 == one.1
}

fn is_in_call(world: &World) -> bool {
    BOTH.iter().any(|who| world.seen(*who).stage == Stage::InCall)
}

fn is_settled(world: &World) -> bool {
    let [one, other] = BOTH.map(|who| world.side(who).browser.as_ref());
    let Some((one, other)) = one.zip(other) else {
        return false;
    };
    let (one, other) = (&one.connection, &other.connection);
    let stable = [one, other].iter().all(|connection| {
        connection.state == SignalingState::Stable && connection.is_settled() && !connection.is_busy()
    });
    let sections = |connection: &crate::connection::FakeConnection| {
        let description = |description: &Option<crate::description::Description>| {
            description.as_ref().map(|description| description.sections)
        };
        [description(&connection.local), description(&connection.remote)]
    };
    let [ours, theirs] = sections(one);
    stable && one.matches(other) && ours == theirs && sections(other) == [ours, ours]
}

/// What an exploration has found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) states: usize,
    steps: usize,
    depth: usize,
    took: Duration,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            steps,
            depth,
            took,
        } = self;
        write!(
            f,
            "{states} states, {steps} steps, at most {depth} in a row, {:.1} s",
            took.as_secs_f64()
        )
    }
}

impl Exploration {
    /// Bounds by their names, such as `calls=2 strays=1`. Further settings: `candidates` of each
    /// connection_id (one, or two with their end), for how many seconds ICE servers are good, `token_lasts`,
    /// and who pre-connects: the first one (1), the second one (2), or both, `pre_connected=3`; who does so
    /// without candidates, `off`. In a `sealed` room, both are strangers at first, and nobody can tell a
    /// hang-up: don't let them.
    pub(crate) fn within(text: &str) -> Self {
        let mut bounds = Bounds::default();
        let mut settings = Settings {
            candidates: 1,
            ..Settings::default()
        };
        for setting in text.split_ascii_whitespace() {
            let (name, value) = setting.split_once('=').expect("name=value");
            let value: u8 = value.parse().expect("a small number");
            match name {
                "calls" => bounds.calls = value,
                "hang_ups" => bounds.hang_ups = value,
                "tracks" => bounds.tracks = value,
                "restarts" => bounds.restarts = value,
                "refusals" => bounds.refusals = value,
                "cuts" => bounds.cuts = value,
                "losses" => bounds.losses = value,
                "duplicates" => bounds.duplicates = value,
                "strays" => bounds.strays = value,
                "lies" => bounds.lies = value,
                "candidates" => settings.candidates = value.into(),
                "token_lasts" => settings.token_lasts = Some(value.into()),
                "pre_connected" => settings.pre_connected = value,
                "off" => settings.off = value,
                "impatient" => settings.impatient = value != 0,
                "strangers" => settings.strangers = value != 0,
                "sealed" => (settings.sealed, settings.strangers) = (value != 0, true),
                _ => panic!("there is no bound {name}"),
            }
        }
        Self { bounds, settings }
    }

    /// Goes through all states, on so many threads. Panics with the shortest way to one in which a property
    /// does not hold.
    pub(crate) fn explore(self, threads: usize) -> Found {
        let start = Instant::now();
        let found = self
            .checker()
            .threads(threads)
            .finish_when(HasDiscoveries::AnyFailures)
            .spawn_dfs()
            .join();
        if let Some(depth) = failure(&found).map(|(_, path)| path.len()) {
            self.fail(depth);
        }
        found.assert_any_discovery("a call is connected");
        Found {
            states: found.unique_state_count(),
            steps: found.state_count(),
            depth: found.max_depth(),
            took: start.elapsed(),
        }
    }

    /// The depth-first way was any one; the breadth-first one is the shortest.
    fn fail(self, depth: usize) -> ! {
        let found = self
            .checker()
            .target_max_depth(depth + 2)
            .finish_when(HasDiscoveries::AnyFailures)
            .spawn_bfs()
            .join();
        let (property, path) = failure(&found).expect("it fails again");
        for line in path {
            eprintln!("{line}");
        }
        panic!("it does not hold that {property}");
    }
}

/// A property that does not hold, and what leads there.
fn failure(checker: &impl Checker<Exploration>) -> Option<(&'static str, Vec<String>)> {
    let discoveries = checker.discoveries();
    let failed = |name: &&'static str| *name != "a call is connected";
    let property = discoveries.keys().copied().filter(failed).min()?;
    let path = discoveries.get(property)?.clone().into_vec();
    let line = |(number, (world, action)): (usize, &(World, Option<Action>))| {
        let stages = BOTH.map(|who| world.seen(who).stage);
        let states = BOTH.map(|who| {
            let browser = world.side(who).browser.as_ref();
            browser.map(|browser| {
                (
                    browser.connection_id.0,
                    browser.connection.state,
                    browser.connection.ice,
                )
            })
        });
        format!(
            "{number:>3} {stages:?} {states:?} {:?} {:?}\n      {action:?}",
            world.wish, world.trouble
        )
    };
    let lines = path.iter().enumerate().map(line).collect();
    Some((property, lines))
}
