//! Pages of those who work on datasets: signing in, importing, editing, reviewing, publishing, tokens, webhooks.

mod columns;
mod pages;
mod told;
mod words;

pub(crate) use columns::{Cell, cells_of};
pub(crate) use pages::*;
pub(crate) use told::{Found, Refusal, Told};
pub(crate) use words::{role_words, state_words};
