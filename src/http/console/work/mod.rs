//! Pages of those who work on datasets, and what their forms are sent to.
//!
//! A form that is refused is shown again with what was typed and what is wrong; what a role may not do is a page that says so.

mod draft;
mod events;
mod factor;
mod flags;
mod form;
mod home;
mod import;
mod job;
mod publish;
mod release;
mod review;
mod session;
mod tokens;
mod upload;
mod webhooks;

pub(super) use draft::{act_on_draft, draft_page};
pub(super) use events::events_page;
pub(super) use factor::{act_on_factor, add_factor, check_cells, factor_page, new_factor};
pub(super) use flags::{decide_flags, flags_page};
pub(super) use home::{act_on_dataset, dataset_page, home, to_import};
pub(super) use import::{confirm_import, import_page, preview_page, receive};
pub(super) use job::{job_events, job_page};
pub(super) use publish::{act_to_publish, publish_page};
pub(super) use release::{act_on_release, release_page};
pub(super) use review::{act_on_review, review_page};
pub(super) use session::{shown, sign_in, sign_out, signed_in};
pub(super) use tokens::{act_on_tokens, tokens_page};
pub(super) use webhooks::{act_on_webhook, act_on_webhooks, webhook_page, webhooks_page};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::visitor::Visitor;
use crate::dataset::{Act, Principal};
use crate::http::Problem;
use crate::web::work::{Found, Offers, Refusal, Told};

/// A form that was refused.
struct Wrong {
    form: &'static str,
    problem: Problem,
    items: Vec<Found>,
}

impl Wrong {
    fn at(form: &'static str) -> impl Fn(Problem) -> Self {
        move |problem| Self { form, problem, items: Vec::new() }
    }

    /// What the page tells of it.
    ///
    /// # Errors
    /// The problem itself where it is no matter of the form: somebody who may not, something that is not there, a fault.
    fn told(self, visitor: &Visitor, typed: Vec<(String, String)>) -> Result<(Told, StatusCode), Problem> {
        let status = self.problem.status();
        let of_form = [StatusCode::BAD_REQUEST, StatusCode::CONFLICT, StatusCode::PRECONDITION_FAILED, StatusCode::UNPROCESSABLE_ENTITY];
        if !of_form.contains(&status) {
            return Err(self.problem);
        }
        Ok((refused(self.form, &self.problem, visitor, typed).with_items(self.items), status))
    }
}

fn refused(form: &'static str, problem: &Problem, visitor: &Visitor, typed: Vec<(String, String)>) -> Told {
    let told = problem.to_json();
    let title = told.get("title").and_then(Value::as_str).unwrap_or_default();
    let refusal = Refusal { code: problem.code(), title, about: problem.about(), detail: problem.detail() };
    Told::refusal(form, &refusal, visitor.lang, typed)
}

/// The answer to a form: the page that it leads to, or its own page again with what is wrong and what was typed.
async fn answered(
    visitor: &Visitor,
    form: &form::Form,
    done: Result<String, Wrong>,
    again: impl AsyncFnOnce(Told) -> Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    match done {
        Ok(address) => Ok(form::see(&address)),
        Err(wrong) => {
            let (told, status) = wrong.told(visitor, form.typed())?;
            Ok(under(status, again(told).await?))
        }
    }
}

/// The page under another status.
fn under(status: StatusCode, page: HttpResponse) -> HttpResponse {
    let mut page = page;
    *page.status_mut() = status;
    page
}

/// What the pages offer whoever looks.
fn offers(visitor: &Visitor) -> Offers {
    Offers {
        prepare: visitor.offers(Act::Prepare),
        decide: visitor.offers(Act::Decide),
        publish: visitor.offers(Act::Publish),
        administer: visitor.offers(Act::Administer),
    }
}

/// The name of whoever looks.
fn name(visitor: &Visitor) -> String {
    match &visitor.who {
        Principal::Holder { name, .. } => name.clone(),
        _ => String::new(),
    }
}

/// The parameters of a page that tells what was done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    done: Option<String>,
}

impl Done {
    fn of(visitor: &Visitor) -> Result<Told, Problem> {
        Ok(Told::done(visitor.read::<Self>()?.done.as_deref()))
    }
}
