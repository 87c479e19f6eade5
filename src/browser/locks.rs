//! The Web Locks API: names that one tab of a browser holds at a time, and that are free again when it is
//! gone, however it went.

use futures_channel::oneshot;
use futures_util::future::{Either, LocalBoxFuture, select};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::browser::page;

#[wasm_bindgen]
extern "C" {
    // web-sys has this behind an unstable flag; it is in every browser since 2022.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, options: &Object, callback: &Function) -> Result<Promise, JsValue>;
}

/// How long a request waits.
#[derive(Debug, Clone)]
pub enum Patience {
    /// Not at all.
    Now,
    /// Until the name is free, or the signal withdraws the request.
    UntilFree(AbortSignal),
}

/// A name, held for as long as this lives.
#[derive(Debug)]
pub struct Lock {
    release: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Calling a promise's `resolve` can't throw.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Whether the browser knows locks. Not in pages without a secure address.
#[must_use]
pub fn are_supported() -> bool {
    Reflect::has(&page::window().navigator(), &JsValue::from_str("locks")).unwrap_or(false)
}

/// Takes a name. `None`: somebody else has it, the request was withdrawn, or the browser knows no locks.
pub fn acquire(name: String, patience: Patience) -> LocalBoxFuture<'static, Option<Lock>> {
    // Boxed, so that its code is in the bundle once, and not in each of its callers.
    Box::pin(request_lock(name, patience))
}

async fn request_lock(name: String, patience: Patience) -> Option<Lock> {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let granted = Closure::new(move |lock: JsValue| {
        let Some(sender) = sender.take() else {
            return JsValue::UNDEFINED;
        };
        let (held, lock) = if lock.is_null() {
            (JsValue::UNDEFINED, None)
        } else {
            hold()
        };
        // If nobody waits any more, the lock comes back, is dropped, and so is released.
        let _ = sender.send(lock);
        held
    });
    let options = Object::new();
    // The two options exclude one another.
    match patience {
        Patience::Now => set(&options, "ifAvailable", &JsValue::TRUE),
        Patience::UntilFree(signal) => set(&options, "signal", &signal),
    }
    let promise = request(&name, &options, closure_function(&granted)).ok()?;
    // The promise settles first only if the request fails: else not before the lock is released.
    match select(receiver, JsFuture::from(promise)).await {
        Either::Left((answer, _)) => answer.ok().flatten(),
        Either::Right((_, mut receiver)) => receiver.try_recv().ok().flatten().flatten(),
    }
}

fn closure_function(closure: &Closure<dyn FnMut(JsValue) -> JsValue>) -> &Function {
    closure.as_ref().unchecked_ref()
}

/// The promise for as long as which the browser keeps a lock, and its owner.
fn hold() -> (JsValue, Option<Lock>) {
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    (held.into(), release.map(|release| Lock { release }))
}

fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &JsValue::from_str(key), value).expect_throw("a plain object takes any property");
}
