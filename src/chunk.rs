//! Features that are loaded when they are used: each is a WebAssembly file of its own, a *chunk*.
//!
//! `cargo xtask build` cuts the program by Leptos's splitter (`wasm_split`). What is only reachable from a
//! function that [`chunk!`] declares goes into the chunk; what others use as well stays where it is.
//! Everywhere else, as under `trunk serve` and in tests, the program is in one piece, and such a function has
//! nothing to wait for.

/// A chunk did not load: the network failed, or the server has another build by now. The next try asks for it
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotLoaded;

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for NotLoaded {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// Declares an asynchronous function whose value is in a chunk: `chunk!(/// What it is. fn messages: chat ->
/// Build = build)`.
///
/// What it makes is a function pointer or as simple: it crosses the border between two WebAssembly files.
macro_rules! chunk {
    ($(#[$about:meta])* fn $name:ident : $chunk:ident -> $made:ty = $value:expr) => {
        $(#[$about])*
        #[cfg(feature = "split")]
        #[allow(unsafe_code, reason = "the splitter's macro names functions of another file")]
        #[::leptos::wasm_split::wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, fallible)]
        fn $name() -> Result<$made, $crate::chunk::NotLoaded> {
            Ok($value)
        }

        $(#[$about])*
        #[cfg(not(feature = "split"))]
        async fn $name() -> Result<$made, $crate::chunk::NotLoaded> {
            Ok($value)
        }
    };
}

pub(crate) use chunk;
