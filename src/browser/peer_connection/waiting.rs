//! What waits for the promises of a connection, which are never settled once it is closed (W3C webrtc-pc,
//! section 4.4.1.2). A task that went on waiting would leak, and so would the callbacks on the promise.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::{AbortHandle, Aborted, abortable};
use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// All that waits for one connection.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Rc<RefCell<List>>);

#[derive(Debug, Default)]
struct List {
    begun: u32,
    ends: Vec<(u32, End)>,
}

/// How something that waits is ended.
#[derive(Debug)]
enum End {
    /// It is not continued.
    Future(AbortHandle),
    /// Its callbacks are called, which frees them.
    Callbacks(Function),
}

impl Waiting {
    /// Waits for something that leads to promises of the connection.
    ///
    /// # Errors
    /// The connection was closed meanwhile.
    pub fn while_open<F: Future>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Aborted>> + use<F> {
        let (future, handle) = abortable(future);
        let number = self.begin(End::Future(handle));
        let waiting = self.clone();
        async move {
            let done = future.await;
            waiting.end(number);
            done
        }
    }

    /// Waits for a promise of the connection.
    ///
    /// # Errors
    /// It was rejected, with this, or the connection was closed meanwhile.
    pub async fn settled(&self, promise: impl JsCast) -> Result<JsValue, JsValue> {
        let mut end = None;
        let closed = Promise::new(&mut |_, reject| end = Some(reject));
        let number = end.map(|end| self.begin(End::Callbacks(end)));
        let first = Promise::race(&Array::of2(promise.as_ref(), &closed));
        let settled = JsFuture::from(first).await;
        if let Some(number) = number {
            self.end(number);
        }
        settled
    }

    /// The connection is closed.
    pub fn end_all(&self) {
        let ends = std::mem::take(&mut self.0.borrow_mut().ends);
        for (_, end) in ends {
            match end {
                End::Future(handle) => handle.abort(),
                End::Callbacks(reject) => {
                    // It throws nothing.
                    let _ = reject.call0(&JsValue::UNDEFINED);
                }
            }
        }
    }

    fn begin(&self, end: End) -> u32 {
        let mut list = self.0.borrow_mut();
        list.begun += 1;
        let number = list.begun;
        list.ends.push((number, end));
        number
    }

    fn end(&self, number: u32) {
        self.0.borrow_mut().ends.retain(|(begun, _)| *begun != number);
    }
}
