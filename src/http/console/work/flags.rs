//! `/work/datasets/{id}/flags`: what rules propose, accepted or dismissed, one by one or many at once.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::super::visitor::Visitor;
use super::form::{self, Form};
use super::{Wrong, answered};
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, DeskError, ProposalState, Proposals};
use crate::http::body::Arriving;
use crate::http::draft::dataset_id;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::quality::QUALITY_RULES;
use crate::web::work::{Flags, Told};

/// Proposals on a page.
const LISTED: usize = 200;

/// Decisions that are shown.
const DECIDED: usize = 50;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Query {
    rule: Option<String>,
    flag: Option<String>,
    done: Option<String>,
}

/// The queue.
pub(in crate::http::console) async fn flags_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let query: Query = visitor.read()?;
    let told = Told::done(query.done.as_deref());
    show(&app, &visitor, &dataset_id(&id)?, (query.rule.unwrap_or_default(), query.flag.unwrap_or_default()), told).await
}

async fn show(
    app: &Data<App>,
    visitor: &Visitor,
    id: &DatasetId,
    (rule, flag): (String, String),
    told: Told,
) -> Result<HttpResponse, Problem> {
    visitor.may(Act::ReadDraft, id)?;
    let (dataset, by_rule, by_flag) = (id.clone(), rule.clone(), flag.clone());
    let (groups, open, total, decided, state) = at_the_desk(app, move |app| {
        let mut groups: BTreeMap<(String, String), usize> = BTreeMap::new();
        let (mut open, mut total, mut decided) = (Vec::new(), 0, Vec::new());
        let filter = chosen(&by_rule, &by_flag);
        desk::each_proposed_flag(app.ground(), &dataset, |proposal| {
            if proposal.state != ProposalState::Open {
                if decided.len() < DECIDED {
                    decided.push(proposal);
                }
                return Ok(());
            }
            *groups.entry((proposal.raised.rule.clone(), proposal.raised.flag.clone())).or_default() += 1;
            if filter.take_in(&proposal) {
                total += 1;
                if open.len() < LISTED {
                    open.push(proposal);
                }
            }
            Ok(())
        })?;
        let waiting = desk::waiting(app.ground(), Some(&dataset))?;
        let state = waiting.drafts.first().map(|one| one.draft.state.as_str());
        Ok::<_, DeskError>((groups, open, total, decided, state))
    })
    .await?;
    let about = |rule: &str| QUALITY_RULES.iter().find(|own| own.id == rule).map_or_else(String::new, |own| own.about.to_owned());
    let page = Flags {
        frame: visitor.frame(),
        dataset: id.to_string(),
        groups: groups.into_iter().map(|((rule, flag), count)| (rule.clone(), flag, about(&rule), count)).collect(),
        rule,
        flag,
        open,
        total,
        decided,
        editable: visitor.offers(Act::Prepare) && state.is_some_and(|state| ["draft", "rejected"].contains(&state)),
        told,
    };
    visitor.page(page.render())
}

fn chosen<'a>(rule: &'a str, flag: &'a str) -> Proposals<'a> {
    Proposals { rule: Some(rule).filter(|rule| !rule.is_empty()), flag: Some(flag).filter(|flag| !flag.is_empty()), ..Proposals::default() }
}

/// Accepts or dismisses.
pub(in crate::http::console) async fn decide_flags(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    let actor = visitor.may(Act::Prepare, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let done = act(&app, &id, actor, &form).await.map_err(Wrong::at("flags"));
    let done = done.map(|done| format!("/work/datasets/{id}/flags?done={done}"));
    let chosen = (form.text("rule").to_owned(), form.text("flag").to_owned());
    answered(&visitor, &form, done, async |told| show(&app, &visitor, &id, chosen, told).await).await
}

async fn act(app: &Data<App>, id: &DatasetId, actor: String, form: &Form) -> Result<&'static str, Problem> {
    let (dataset, rule, flag) = (id.clone(), form.text("rule").to_owned(), form.text("flag").to_owned());
    let reason = form.filled("reason").map(str::to_owned);
    let picked: BTreeSet<String> = form.all("pick").map(str::to_owned).collect();
    let all = form.text("which") == "all";
    if !all && picked.is_empty() {
        return Err(Problem::new("invalid-body", "nothing is picked: pick proposals, or decide on all that the filter leaves"));
    }
    let accept = match form.text("act") {
        "accept" => true,
        "dismiss" if reason.is_none() => return Err(Problem::new("invalid-body", "a dismissal says why")),
        "dismiss" => false,
        _ => return Err(Problem::new("bad-request", "accept or dismiss")),
    };
    at_the_desk(app, move |app| {
        let which = Proposals { picked: (!all).then_some(&picked), ..chosen(&rule, &flag) };
        if accept {
            desk::accept_flags(app.ground(), &dataset, &which, reason.as_deref(), &actor)
        } else {
            desk::dismiss_flags(app.ground(), &dataset, &which, reason.as_deref().unwrap_or_default(), &actor)
        }
    })
    .await?;
    Ok(if accept { "accepted" } else { "dismissed" })
}
