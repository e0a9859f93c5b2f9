//! One integration binary: its folders mirror the pipeline and the routes.
//!
//! Every test that touches the ground runs on SQLite and on PostgreSQL; `scripts/test` starts the latter.

#![allow(missing_docs, reason = "tests are read, not rendered")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod site;

mod audit;
mod bulk;
mod bundled;
mod clients;
mod http;
mod cli;
mod datasets;
mod docs;
mod import;
mod lock;
mod profiles;
mod release;
mod schema;
mod search;
mod tidy;
mod tlog;
mod witness;
