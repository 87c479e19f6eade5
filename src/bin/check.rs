//! Starts the check before a call. Its own binary, so that nobody loads it who does not ask for it.

fn main() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(visavis::check::run());
}
