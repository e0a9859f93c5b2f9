//! Staying current: the public facts of the log as events, as an Atom feed, and as notices sent to whoever wants them.
//!
//! What is told here is the same for everybody: of a release that not everybody may read, its name, its version and its
//! standing, as the log has them.

mod atom;
mod event;

pub use atom::{FEED_TYPE, FeedPage, write_feed};
pub use event::{EVENT_TYPES, EventFilter, EventPage, PublicEvent, event_type, events_page};
