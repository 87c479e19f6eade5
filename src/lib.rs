//! The browser client of visavis.
//!
//! ```text
//! ui ──► driver ──► browser, signaling
//!           └─────► visavis-call (every decision)
//! ```
//!
//! A click becomes a command to the [`driver`], which hands it to the state machine of `visavis-call`, carries
//! out what that asks for, and publishes what there is to see. Callbacks of the browser only enqueue.

/// The memory allocator: a third as large as that of the standard library.
#[cfg(target_arch = "wasm32")]
mod allocator {
    use rlsf::{GlobalTlsf, GlobalTlsfOptions};

    struct Small;

    impl GlobalTlsfOptions for Small {
        // What grows is copied.
        const ENABLE_REALLOCATION: bool = false;
        // Without this, memory that is obtained later is never joined with what there is: messages are as large as a
        // page of it.
        const COALESCE_POOLS: bool = true;
    }

    #[global_allocator]
    static ALLOCATOR: GlobalTlsf<Small> = GlobalTlsf::new();
}

pub mod app;
pub mod browser;
pub mod check;
pub mod config;
pub mod driver;
mod fault;
pub mod signaling;
pub mod ui;
mod written;
