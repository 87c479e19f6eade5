//! Stands in for the crate `send_wrapper` (see `[patch.crates-io]` in the workspace's Cargo.toml), with the same names
//! and the same contract: a value that may travel to other threads, and may be used on its own thread only.
//!
//! The original asks the standard library for the present thread at every use. In WebAssembly without threads there is
//! only one, and the question brings a second memory allocator and the names of threads into the bundle: two
//! kilobytes after brotli. Here it is asked only where there can be another answer.

#![expect(
    unsafe_code,
    reason = "that is what this crate is for: every access is preceded by a check"
)]

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
#[cfg(feature = "futures")]
use std::pin::Pin;
#[cfg(feature = "futures")]
use std::task::{Context, Poll};

/// A thread, as far as it has to be told from others.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Thread {
    #[cfg(not(all(target_family = "wasm", not(target_feature = "atomics"))))]
    id: std::thread::ThreadId,
}

impl Thread {
    fn current() -> Self {
        Self {
            #[cfg(not(all(target_family = "wasm", not(target_feature = "atomics"))))]
            id: std::thread::current().id(),
        }
    }
}

/// A value of one thread.
pub struct SendWrapper<T> {
    value: ManuallyDrop<T>,
    owner: Thread,
}

// Safety: the value is reached and dropped on its own thread only.
unsafe impl<T> Send for SendWrapper<T> {}
unsafe impl<T> Sync for SendWrapper<T> {}

impl<T> SendWrapper<T> {
    /// Wraps a value of the present thread.
    pub fn new(value: T) -> Self {
        Self {
            value: ManuallyDrop::new(value),
            owner: Thread::current(),
        }
    }

    /// Whether this is the value's thread.
    #[must_use]
    pub fn valid(&self) -> bool {
        self.owner == Thread::current()
    }

    /// Takes the value out.
    ///
    /// # Panics
    /// This is not the value's thread.
    #[must_use]
    pub fn take(self) -> T {
        self.check();
        let mut wrapper = ManuallyDrop::new(self);
        // Safety: it is taken once, because what held it is not dropped any more.
        unsafe { ManuallyDrop::take(&mut wrapper.value) }
    }

    #[track_caller]
    fn check(&self) {
        assert!(self.valid(), "a value is used on another thread than its own");
    }
}

impl<T> Deref for SendWrapper<T> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        self.check();
        &self.value
    }
}

impl<T> DerefMut for SendWrapper<T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        self.check();
        &mut self.value
    }
}

impl<T> Drop for SendWrapper<T> {
    #[track_caller]
    fn drop(&mut self) {
        // A value that needs no dropping may be forgotten anywhere.
        if std::mem::needs_drop::<T>() {
            // In the midst of another panic, a leak is better than an abort.
            if !self.valid() && std::thread::panicking() {
                return;
            }
            self.check();
            // Safety: nobody uses it after this.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for SendWrapper<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendWrapper").field(&**self).finish()
    }
}

impl<T: Clone> Clone for SendWrapper<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self::new((**self).clone())
    }
}

#[cfg(feature = "futures")]
impl<T> SendWrapper<T> {
    #[track_caller]
    fn project(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.check();
        // Safety: the value is never moved while it is pinned: `take` wants the wrapper itself.
        unsafe { self.map_unchecked_mut(|wrapper| &mut *wrapper.value) }
    }
}

#[cfg(feature = "futures")]
impl<F: Future> Future for SendWrapper<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.project().poll(context)
    }
}

#[cfg(feature = "futures")]
impl<S: futures_core::Stream> futures_core::Stream for SendWrapper<S> {
    type Item = S::Item;

    #[track_caller]
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;
    use std::thread;

    use super::*;

    #[test]
    fn a_value_is_used_and_dropped_on_its_own_thread() {
        let value = Rc::new(7);
        let wrapper = SendWrapper::new(Rc::clone(&value));
        assert!(wrapper.valid());
        assert_eq!(**wrapper.clone(), 7);
        assert_eq!(Rc::strong_count(&value), 2);
        assert_eq!(*wrapper.take(), 7);
        drop(SendWrapper::new(Rc::clone(&value)));
        assert_eq!(Rc::strong_count(&value), 1);
    }

    #[cfg(feature = "futures")]
    #[test]
    fn a_future_is_polled_where_it_lives() {
        let mut future = SendWrapper::new(std::future::ready(7));
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert_eq!(Pin::new(&mut future).poll(&mut context), Poll::Ready(7));
    }

    #[test]
    fn another_thread_may_carry_it_and_nothing_else() {
        let wrapper = SendWrapper::new(Rc::new(7));
        let wrapper = thread::spawn(move || {
            assert!(!wrapper.valid());
            let used = catch_unwind(AssertUnwindSafe(|| **wrapper));
            assert!(used.is_err());
            wrapper
        })
        .join()
        .expect("the thread only looks");
        assert_eq!(**wrapper, 7);

        let dropped = thread::spawn(move || drop(wrapper)).join();
        assert!(dropped.is_err());
        // What needs no dropping may end anywhere.
        let number = SendWrapper::new(7);
        thread::spawn(move || drop(number))
            .join()
            .expect("nothing is dropped");
    }
}
