//! Tanyin.

fn main() {}
