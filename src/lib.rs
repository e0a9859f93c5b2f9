//! Tanyin (碳因): a database server for emission factors and product carbon footprint factors.
//!
//! A factor that it has released never changes, can be found, can be explained,
//! and can be proved. Data flow one way, and each room below uses only those
//! that stand before it: a steward's file is read ([`import`]), judged
//! ([`validate`]), prepared ([`draft`]), agreed upon ([`review`]) and made
//! immutable ([`release`]); what is released is looked up ([`lookup`]), found
//! ([`search`]), asked about goods and products ([`product`]), given in another service's shapes ([`compat`]), taken whole
//! ([`bulk`]), announced ([`feed`]), verified ([`audit`]), shown ([`web`]) and served ([`http`]), from its own bytes.
//! [`store`] keeps rows and files, [`fetch`] asks other servers, [`witness`] signs for
//! other people's logs, [`desk`] is where people act, and at the
//! bottom lie bytes that may be hashed ([`canon`]), what a factor is
//! ([`factor`]), what a dataset promises ([`dataset`]), the mathematics of
//! the log ([`tlog`]) and work shared among threads ([`flow`]).

pub mod canon;
pub mod factor;
pub mod dataset;
pub mod tlog;
pub mod flow;
pub mod import;
pub mod validate;
pub mod quality;
pub mod draft;
pub mod review;
pub mod store;
pub mod fetch;
pub mod witness;
pub mod release;
pub mod desk;
pub mod lookup;
pub mod search;
pub mod compat;
pub mod product;
pub mod bulk;
pub mod feed;
pub mod audit;
pub mod web;
pub mod http;
pub mod cli;
