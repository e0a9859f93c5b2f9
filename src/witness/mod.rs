//! A witness: it watches other people's logs grow, and signs that they never changed (C2SP tlog-witness v1.0.0).
//!
//! For each log it keeps the latest checkpoint that it cosigned, on disk before it answers. Whoever sees the cosignatures of
//! several witnesses sees the same history as everybody else, whatever the log's operator does.

mod server;
mod state;

pub use server::{WitnessServeError, serve};
pub use state::{AddError, Witness, WitnessError};
