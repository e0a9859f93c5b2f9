//! Lookups: one, or up to a thousand at once.

use actix_web::web::{Data, Json, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::Value;

use super::access::Asker;
use super::caching::Representation;
use super::datasets::{NoParameters, freshness, of_factor, of_release};
use super::{App, Problem};
use crate::dataset::Principal;
use crate::lookup::{LookupQuery, answer};
use crate::release::Catalogue;

/// What may be another thing for the holder of a token.
const DENIALS: [&str; 2] = ["unauthorized", "not-redistributable"];

/// The most lookups of one batch.
const BATCH: usize = 1000;

/// One factor for one question
#[utoipa::path(get, path = "/v1/lookup", tag = "lookup", params(LookupQuery),
    responses((status = 200, description = "The factor, how it matches, and the answer in the caller's terms", body = Object),
        (status = 304, description = "Unchanged"), (status = 400, description = "`missing-parameter`, `unknown-parameter`"),
        (status = 404, description = "`no-dataset`, `no-release`, `no-match`"), (status = 409, description = "`ambiguous`, `flagged`"),
        (status = 422, description = "`invalid-parameter`, `unit-mismatch`, `gwp-unavailable`")))]
pub(super) async fn lookup(request: HttpRequest, app: Data<App>, asker: Asker, query: Query<LookupQuery>) -> Result<HttpResponse, Problem> {
    let asked = query.understand()?;
    let catalogue = app.catalogue();
    let sight = asker.look(&app, &catalogue.resolve(&asked.dataset)?.release).await?;
    let found = answer(&catalogue, &asked, &sight.who)?;
    let representation = Representation::json(found.body.clone(), freshness(&found.resolved)).to(sight.audience);
    let representation = of_factor(representation, &found.resolved.release, &found.body);
    of_release(representation, &found.resolved, None).respond(&request)
}

/// A batch of lookups.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    /// At most a thousand; each as the parameters of a lookup.
    #[schema(value_type = Vec<LookupQuery>)]
    lookups: Vec<Value>,
}

/// Up to a thousand lookups; the order is kept and each has its own status
#[utoipa::path(post, path = "/v1/lookup/batch", tag = "lookup", request_body = Batch,
    responses((status = 200, description = "`{\"results\":[{\"status\":200,\"answer\":{…}},{\"status\":404,\"problem\":{…}}]}`", body = Object),
        (status = 400, description = "`bad-request`"), (status = 413, description = "`body-too-large`")))]
pub(super) async fn lookup_batch(
    app: Data<App>,
    asker: Asker,
    _: Query<NoParameters>,
    batch: Json<Batch>,
) -> Result<HttpResponse, Problem> {
    if batch.lookups.len() > BATCH {
        return Err(Problem::new("body-too-large", format!("{} lookups are more than {BATCH}", batch.lookups.len())));
    }
    let catalogue = app.catalogue();
    let mut holder: Option<Principal> = None;
    let mut body = b"{\"results\":[".to_vec();
    for (position, lookup) in batch.lookups.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        let mut found = one(&catalogue, lookup, holder.as_ref().unwrap_or(&Principal::Anonymous));
        // whoever shows a token is looked up at the first lookup that is not everybody's
        if holder.is_none() && asker.shows_token() && found.as_ref().is_err_and(|problem| DENIALS.contains(&problem.code())) {
            found = match asker.principal(&app).await {
                Ok(who) => one(&catalogue, lookup, holder.insert(who)),
                Err(problem) => Err(problem),
            };
        }
        match found {
            Ok(answer) => {
                body.extend_from_slice(b"{\"status\":200,\"answer\":");
                body.extend(answer);
            }
            Err(problem) => {
                body.extend(format!("{{\"status\":{},\"problem\":{}", problem.status().as_u16(), problem.to_json()).into_bytes());
            }
        }
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    Ok(HttpResponse::Ok().content_type("application/json").insert_header(("Cache-Control", "no-store")).body(body))
}

/// Members of a batch item may be JSON numbers where a parameter is a number.
fn one(catalogue: &Catalogue, lookup: &Value, who: &Principal) -> Result<Vec<u8>, Problem> {
    let unreadable = |why: String| Problem::new("bad-request", format!("a lookup is an object of parameters: {why}"));
    let members = lookup.as_object().ok_or_else(|| unreadable("this is none".to_owned()))?;
    let texts = members.iter().map(|(name, value)| {
        let text = match value {
            Value::Number(number) => Value::String(number.to_string()),
            other => other.clone(),
        };
        (name.clone(), text)
    });
    let query: LookupQuery =
        serde_json::from_value(Value::Object(texts.collect())).map_err(|error| match Problem::unknown_parameter(&error) {
            Some(problem) => problem,
            None => unreadable(error.to_string()),
        })?;
    Ok(answer(catalogue, &query.understand()?, who)?.body)
}
