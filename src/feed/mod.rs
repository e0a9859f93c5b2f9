//! Staying current: the public facts of the log as events, as an Atom feed, and as notices sent to whoever wants them.
//!
//! What is told here is the same for everybody: of a release that not everybody may read, its name, its version and its
//! standing, as the log has them.

mod atom;
mod deliver;
mod event;
mod guard;
mod send;
mod sign;
mod webhook;

pub use atom::{FEED_TYPE, FeedPage, write_feed};
pub use deliver::{BACK_OFF, Courier, KEPT_DELIVERIES};
pub use event::{EVENT_TYPES, EventFilter, EventPage, PublicEvent, event_type, events_page};
pub use guard::{AllowRule, AllowRuleError, Allowed, MAX_URL_BYTES, UrlRefusal, is_public, receiver_url};
pub use sign::{SECRET_PREFIX, signature};
pub use webhook::{
    MAX_WEBHOOKS, NewWebhook, WebhookChange, WebhookError, change_webhook, create_webhook, delete_webhook, delivery_members, list_webhooks,
    show_webhook, webhook_deliveries, webhook_members,
};
