//! Released data over HTTP: routes in one table, one file a resource.
//!
//! A handler parses, calls one function, and answers. Nothing here touches the
//! database: what is released is read from the catalogue, so reading goes on
//! with the database down.

mod address;
mod caching;
mod certificate;
mod coding;
mod datasets;
mod dependents;
mod differences;
mod factors;
mod files;
mod health;
mod log;
mod lookups;
mod openapi;
mod problem;
mod provenance;
mod quality;
mod routes;
mod server;
mod state;

pub use address::{PublicUrl, PublicUrlError};
pub use openapi::openapi;
pub use problem::{PROBLEMS, Problem};
pub use routes::{ROUTES, Route, configure};
pub use server::{ServeError, Serving, serve};
pub use state::App;
