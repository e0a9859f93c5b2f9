//! `/work`: what waits; `/work/datasets/{id}`: one dataset's draft, imports, policy and releases.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::super::visitor::Visitor;
use super::form::{self, see};
use super::{Done, Wrong, answered, name, offers, refused, under};
use crate::dataset::{Act, DatasetId};
use crate::desk;
use crate::http::body::Arriving;
use crate::http::draft::dataset_id;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::store;
use crate::web::work::{Dataset, Home, Told};

/// What waits for whoever looks.
pub(in crate::http::console) async fn home(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    show_home(&app, &visitor, Done::of(&visitor)?).await
}

async fn show_home(app: &Data<App>, visitor: &Visitor, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may_anywhere(Act::ReadDraft)?;
    let waiting = at_the_desk(app, |app| desk::waiting(app.ground(), None)).await?;
    let mut datasets: Vec<String> = app.catalogue().datasets().map(|(id, _)| id.to_owned()).collect();
    datasets.extend(waiting.drafts.iter().map(|one| one.draft.dataset.clone()));
    datasets.sort();
    datasets.dedup();
    let page = Home { frame: visitor.frame(), waiting, offers: offers(visitor), name: name(visitor), datasets, told };
    visitor.page(page.render())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Into {
    dataset: String,
}

/// From the name of a dataset to where files are imported into it.
pub(in crate::http::console) async fn to_import(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.may_anywhere(Act::Prepare)?;
    let Into { dataset } = visitor.read()?;
    match dataset.trim().parse::<DatasetId>() {
        Ok(id) => Ok(see(&format!("/work/datasets/{id}/import"))),
        Err(error) => {
            let problem = Problem::new("invalid-body", error.to_string());
            let told = refused("dataset", &problem, &visitor, vec![("dataset".to_owned(), dataset)]);
            Ok(under(problem.status(), show_home(&app, &visitor, told).await?))
        }
    }
}

/// One dataset.
pub(in crate::http::console) async fn dataset_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show_dataset(&app, &visitor, &dataset_id(&id)?, told).await
}

async fn show_dataset(app: &Data<App>, visitor: &Visitor, id: &DatasetId, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::ReadDraft, id)?;
    let dataset = id.clone();
    let (waiting, known) = at_the_desk(app, move |app| {
        let known = app.ground().database()?.read(|connection| store::dataset_get(connection, dataset.as_str()))?;
        Ok::<_, desk::DeskError>((desk::waiting(app.ground(), Some(&dataset))?, known))
    })
    .await?;
    let catalogue = app.catalogue();
    let releases = catalogue.datasets().find(|(own, _)| *own == id.as_str()).map(|(_, releases)| {
        releases.all().map(|one| (one.version.clone(), one.published_at.chars().take(10).collect(), one.withdrawn.is_some())).collect()
    });
    let mut releases: Vec<_> = releases.unwrap_or_default();
    releases.sort_by(|one: &(semver::Version, String, bool), other| other.0.cmp(&one.0));
    let page = Dataset {
        frame: visitor.frame(),
        dataset: id.to_string(),
        waiting,
        offers: offers(visitor),
        releases,
        policy: known.map(|known| (known.approvals_required, known.reviewers, known.restricted != 0)),
        told,
    };
    visitor.page(page.render())
}

/// Changes the policy.
pub(in crate::http::console) async fn act_on_dataset(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    let actor = visitor.may(Act::Administer, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let approvals = form.number("approvals").and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= 20);
    let done = match approvals {
        None => Err(Problem::new("invalid-body", "how many approvals: a whole number from 0 to 20")),
        Some(approvals) => {
            let dataset = id.clone();
            at_the_desk(&app, move |app| desk::set_policy(app.ground(), &dataset, approvals, None, &actor)).await.map(drop)
        }
    };
    let done = done.map(|()| format!("/work/datasets/{id}?done=policy")).map_err(Wrong::at("policy"));
    answered(&visitor, &form, done, async |told| show_dataset(&app, &visitor, &id, told).await).await
}
