//! `/`: a question, and what is here.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::rows::titles;
use super::visitor::Visitor;
use crate::dataset::Act;
use crate::http::{App, Problem};
use crate::product::grids;
use crate::web::{Holdings, grid_address, home_page};

/// Facts on the first page.
const FACTS: usize = 7;

/// The first page.
pub(super) async fn home(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let catalogue = app.catalogue();
    let described =
        || catalogue.datasets().filter_map(|(id, releases)| Some((id, releases.latest().or_else(|| releases.all().next_back())?)));
    let sight = visitor.sight(described().map(|(_, release)| release.as_ref()))?;
    let titles = titles(&catalogue, &sight.who, visitor.lang);
    let entry = |(id, release): (&str, &std::sync::Arc<crate::release::PublishedRelease>)| {
        let readable = release.may(&sight.who, Act::ReadNames).is_ok();
        let title = titles.get(id).cloned().unwrap_or_else(|| id.to_owned());
        (id.to_owned(), title, if readable { release.manifest.factors } else { 0 })
    };
    let holds = Holdings {
        datasets: described().map(entry).collect(),
        releases: catalogue.releases().count(),
        facts: catalogue.public_facts().iter().cloned().enumerate().rev().take(FACTS).collect(),
        checkpoint: catalogue.checkpoint().map(|own| (own.checkpoint.origin.clone(), own.checkpoint.size, own.checkpoint.root)),
        grid: grids(&catalogue, &sight.who).first().map(grid_address),
        titles,
    };
    visitor.page(home_page(visitor.frame().with_data("/v1/datasets"), &holds))
}
