//! Tautband.
fn main() {}
