//! The text index of a release, and questions to it.

mod any;
pub(super) mod ask;
pub(super) mod fold;
pub(super) mod index;
mod pack;
pub(super) mod question;
mod vocabulary;
mod words;
