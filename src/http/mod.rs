//! Released data and the desk over HTTP: routes in one table, one file a resource.
//!
//! A handler parses, calls one function, and answers. What is released is read
//! from the catalogue, so reading goes on with the database down; a token, a
//! draft, an import and every act need it.

mod access;
mod address;
mod auth;
mod body;
mod caching;
mod certificate;
mod codes;
mod coding;
mod compat;
mod console;
mod datasets;
mod deltas;
mod denial;
mod draft;
mod dependents;
mod documented;
mod differences;
mod events;
mod downloads;
mod factors;
mod files;
mod footprints;
mod health;
mod imports;
mod lane;
mod log;
mod lookups;
mod listening;
mod notices;
mod openapi;
mod problem;
mod products;
mod progress;
mod provenance;
mod quality;
mod routes;
mod server;
mod state;
mod stop;
mod tokens;
mod turns;
mod upload;
mod webhooks;

pub use address::{PublicUrl, PublicUrlError};
pub use console::PAGES;
pub use openapi::openapi;
pub use problem::{PROBLEMS, Problem};
pub use routes::{ROUTES, Route, configure};
pub use server::{ServeError, Serving, serve};
pub use state::{App, MAX_UPLOAD_BYTES};
pub use stop::Stop;
