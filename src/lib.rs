//! Tanyin (碳因): a database server for emission factors and product carbon footprint factors.
//!
//! A factor that it has released never changes, can be found, can be explained
//! and can be proved. Data flow one way through the rooms below, and each room
//! uses only those that stand before it in this list.

pub mod bulk;
pub mod canon;
pub mod dataset;
pub mod desk;
pub mod draft;
pub mod factor;
pub mod http;
pub mod import;
pub mod lookup;
pub mod release;
pub mod review;
pub mod search;
pub mod store;
pub mod tlog;
pub mod validate;
