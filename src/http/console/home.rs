//! `/`: a question, and what is here.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::visitor::Visitor;
use crate::dataset::Act;
use crate::http::{App, Problem};
use crate::web::{Holdings, home_page};

/// The first page.
pub(super) async fn home(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let catalogue = app.catalogue();
    let latest = || catalogue.datasets().filter_map(|(_, releases)| releases.latest()).map(AsRef::as_ref);
    let sight = visitor.sight(latest())?;
    let holds = Holdings {
        datasets: catalogue.datasets().count(),
        releases: catalogue.releases().count(),
        factors: latest().filter(|release| release.may(&sight.who, Act::ReadNames).is_ok()).map(|release| release.manifest.factors).sum(),
    };
    visitor.page(home_page(visitor.frame().with_data("/v1/datasets"), holds))
}
