//! Tests that are about two browsers of any engines: each pair of engines has a test of its own, so that the
//! failure of one hides no other.

use visavis_e2e::{Engine, Pair};

/// Who calls whom, as rows of the fault matrix call it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engines {
    pub(crate) variant: &'static str,
    pub(crate) caller: Engine,
    pub(crate) callee: Engine,
}

impl Engines {
    pub(crate) const CHROMIUM: Self = Self {
        variant: "Chromium",
        caller: Engine::Chromium,
        callee: Engine::Chromium,
    };
    pub(crate) const CHROMIUM_CALLS_FIREFOX: Self = Self {
        variant: "Chromium calls Firefox",
        caller: Engine::Chromium,
        callee: Engine::Firefox,
    };
    pub(crate) const FIREFOX_CALLS_CHROMIUM: Self = Self {
        variant: "Firefox calls Chromium",
        caller: Engine::Firefox,
        callee: Engine::Chromium,
    };

    /// Two people in a room, a browser each.
    pub(crate) async fn pair(self) -> Pair {
        Pair::between(self.caller, self.callee).await
    }
}

/// Tests with this name, one for each pair of engines, which run a function of [`Engines`].
macro_rules! with_each_engine {
    ($name:ident, $test:ident) => {
        mod $name {
            use crate::engines::Engines;

            #[test]
            fn chromium_calls_chromium() {
                visavis_e2e::alone(super::$test(Engines::CHROMIUM));
            }

            #[test]
            fn chromium_calls_firefox() {
                visavis_e2e::alone(super::$test(Engines::CHROMIUM_CALLS_FIREFOX));
            }

            #[test]
            fn firefox_calls_chromium() {
                visavis_e2e::alone(super::$test(Engines::FIREFOX_CALLS_CHROMIUM));
            }
        }
    };
}
