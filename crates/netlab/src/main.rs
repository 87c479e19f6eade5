//! The network laboratory by hand.
fn main() {}
