//! The console: pages for people, one file a page.
//!
//! The page of an API address is the same address without `/v1`. A handler parses, calls one function of the house, and hands the
//! result to [`crate::web`]; a [`Problem`](super::Problem) that it returns becomes a page too. Language, who is signed in and
//! everything else about whoever looks is in the [`Visitor`](visitor::Visitor).

mod around;
mod assets;
mod compare;
mod datasets;
mod drawn;
mod factor;
mod grids;
mod differences;
mod home;
mod log;
mod proof;
mod quality;
mod rows;
mod search;
pub(super) mod visitor;
mod work;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

use super::routes::{Route, resource};

macro_rules! pages {
    ($($method:ident $path:literal $pattern:literal $handler:path;)+) => {
        /// Every page, and what its forms are sent to.
        pub const PAGES: &[Route] = &[$(Route { method: stringify!($method), path: $path }),+];

        /// Puts every page into a server.
        pub(super) fn add_pages(config: &mut ServiceConfig) {
            let mut handlers = vec![$((stringify!($method), $pattern, web::to($handler))),+].into_iter().peekable();
            while let Some((method, pattern, handler)) = handlers.next() {
                let mut methods = vec![(method, handler)];
                while let Some((method, _, handler)) = handlers.next_if(|(_, other, _)| *other == pattern) {
                    methods.push((method, handler));
                }
                config.service(resource(pattern, methods).wrap(from_fn(around::around)));
            }
        }
    };
}

// Methods of one address stand below one another.
pages! {
    GET "/" "/" home::home;
    GET "/datasets/{id}/releases/{version}/proof/{key}" "/datasets/{id}/releases/{version}/proof/{key:.+}" proof::proof;
    GET "/search" "/search" search::search;
    GET "/datasets" "/datasets" datasets::catalogue;
    GET "/datasets/{id}" "/datasets/{id}" datasets::dataset;
    GET "/datasets/{id}/releases/{version}" "/datasets/{id}/releases/{version}" datasets::release;
    GET "/datasets/{id}/releases/{version}/quality" "/datasets/{id}/releases/{version}/quality" quality::quality;
    GET "/datasets/{id}/diff" "/datasets/{id}/diff" differences::chosen;
    GET "/datasets/{id}/diff/{range}" "/datasets/{id}/diff/{range}" differences::difference;
    GET "/log" "/log" log::log;
    GET "/datasets/{id}/releases/{version}/factors" "/datasets/{id}/releases/{version}/factors" search::factors;
    GET "/datasets/{id}/releases/{version}/factors/{key}" "/datasets/{id}/releases/{version}/factors/{key:.+}" factor::factor;
    GET "/compare" "/compare" compare::comparison;
    GET "/charts/grid" "/charts/grid" grids::grid;
    GET "/sign-in" "/sign-in" work::sign_in;
    POST "/sign-in" "/sign-in" work::signed_in;
    POST "/sign-out" "/sign-out" work::sign_out;
    GET "/work" "/work" work::home;
    GET "/work/import" "/work/import" work::to_import;
    GET "/work/datasets/{id}" "/work/datasets/{id}" work::dataset_page;
    POST "/work/datasets/{id}" "/work/datasets/{id}" work::act_on_dataset;
    GET "/work/datasets/{id}/import" "/work/datasets/{id}/import" work::import_page;
    POST "/work/datasets/{id}/import" "/work/datasets/{id}/import" work::receive;
    GET "/work/datasets/{id}/import/{upload}" "/work/datasets/{id}/import/{upload}" work::preview_page;
    POST "/work/datasets/{id}/import/{upload}" "/work/datasets/{id}/import/{upload}" work::confirm_import;
    GET "/work/imports/{number}" "/work/imports/{number}" work::job_page;
    GET "/work/imports/{number}/events" "/work/imports/{number}/events" work::job_events;
    GET "/work/datasets/{id}/draft" "/work/datasets/{id}/draft" work::draft_page;
    POST "/work/datasets/{id}/draft" "/work/datasets/{id}/draft" work::act_on_draft;
    GET "/work/datasets/{id}/draft/new" "/work/datasets/{id}/draft/new" work::new_factor;
    POST "/work/datasets/{id}/draft/new" "/work/datasets/{id}/draft/new" work::add_factor;
    POST "/work/datasets/{id}/draft/check" "/work/datasets/{id}/draft/check" work::check_cells;
    GET "/work/datasets/{id}/draft/factors/{key}" "/work/datasets/{id}/draft/factors/{key:.+}" work::factor_page;
    POST "/work/datasets/{id}/draft/factors/{key}" "/work/datasets/{id}/draft/factors/{key:.+}" work::act_on_factor;
    GET "/work/datasets/{id}/flags" "/work/datasets/{id}/flags" work::flags_page;
    POST "/work/datasets/{id}/flags" "/work/datasets/{id}/flags" work::decide_flags;
    GET "/work/datasets/{id}/review" "/work/datasets/{id}/review" work::review_page;
    POST "/work/datasets/{id}/review" "/work/datasets/{id}/review" work::act_on_review;
    GET "/work/datasets/{id}/publish" "/work/datasets/{id}/publish" work::publish_page;
    POST "/work/datasets/{id}/publish" "/work/datasets/{id}/publish" work::act_to_publish;
    GET "/work/datasets/{id}/releases/{version}" "/work/datasets/{id}/releases/{version}" work::release_page;
    POST "/work/datasets/{id}/releases/{version}" "/work/datasets/{id}/releases/{version}" work::act_on_release;
    GET "/work/tokens" "/work/tokens" work::tokens_page;
    POST "/work/tokens" "/work/tokens" work::act_on_tokens;
    GET "/work/webhooks" "/work/webhooks" work::webhooks_page;
    POST "/work/webhooks" "/work/webhooks" work::act_on_webhooks;
    GET "/work/webhooks/{id}" "/work/webhooks/{id}" work::webhook_page;
    POST "/work/webhooks/{id}" "/work/webhooks/{id}" work::act_on_webhook;
    GET "/work/events" "/work/events" work::events_page;
    GET "/assets/{file}" "/assets/{file}" assets::asset;
}

/// A page for an address where nothing is, for those who look with a browser.
pub(super) use around::nowhere;
