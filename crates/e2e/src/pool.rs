//! Browsers that are kept from test to test: starting one takes longer than what many tests do with it.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use crate::browser::{Browser, Program};
use crate::gate;

/// How many that are alike wait at most.
const MOST_ALIKE: usize = 4;

static POOL: Mutex<Vec<Program>> = Mutex::new(Vec::new());

/// One that waits, if there is one that is like this and still lives.
pub(crate) async fn take(key: &str) -> Option<Browser> {
    loop {
        let program = {
            let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
            let index = pool.iter().position(|program| program.key() == Some(key))?;
            pool.remove(index)
        };
        if let Ok(browser) = program.give().await {
            return Some(browser);
        }
    }
}

/// Puts one back once it is clean; one that can't be cleaned ends. The test does not end before.
pub(crate) fn put_back(clean: impl Future<Output = Result<Program, String>> + Send + 'static) {
    gate::before_the_end(async {
        let Ok(program) = clean.await else { return };
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = pool.iter().filter(|other| other.key() == program.key()).count();
        if alike < MOST_ALIKE {
            pool.push(program);
        }
    });
}
